"""`harness gate`: the verdict, as an exit code."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.options import results_option, run_path

FORMATS = ("text", "json", "markdown", "junit", "github")


@click.command("gate")
@click.argument("baseline", metavar="BASELINE")
@click.argument("candidate", metavar="CANDIDATE")
@click.option(
    "--policy", "policy_file", type=click.Path(path_type=Path), help="The policy; without it, the default one."
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@results_option
def command(baseline: str, candidate: str, policy_file: Path | None, form: str, results: Path) -> int:
    """Decide whether CANDIDATE may replace BASELINE.

    Exit codes: 0 pass, 1 regressed, 3 inconclusive, 4 the runs are incomplete or cannot be compared.
    Both are run directories or SWEEP/MODEL.
    """
    from harness.gate import decide, emit, load_policy
    from harness.store import load_run, pair

    comparison = pair(load_run(run_path(baseline, results)), load_run(run_path(candidate, results)))
    verdict = decide(comparison, load_policy(policy_file))
    click.echo(emit(verdict, form))
    return int(verdict.exit_code)
