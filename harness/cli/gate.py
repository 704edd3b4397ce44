"""`harness gate`: the verdict, as an exit code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import results_option, run_path, say

if TYPE_CHECKING:
    from harness.gate import Policy
    from harness.store import Run

FORMATS = ("text", "json", "markdown", "junit", "github")


@click.command("gate")
@click.argument("baseline", metavar="BASELINE")
@click.argument("candidate", metavar="CANDIDATE")
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path),
    help="The policy; without it, the one locked before the candidate's replies were seen, or the default one.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--explain", is_flag=True, help="Show every row, slices too, and the rule that gave it its margin.")
@click.option("--prove", "proven", is_flag=True, help="Also make the candidate worse on purpose: it must not pass.")
@results_option
def command(
    baseline: str, candidate: str, policy_file: Path | None, form: str, explain: bool, proven: bool, results: Path
) -> int:
    """Decide whether CANDIDATE may replace BASELINE.

    Exit codes: 0 pass, 1 regressed, 3 inconclusive, 4 the runs are incomplete or cannot be compared.
    Both are run directories or SWEEP/MODEL.
    """
    from harness.gate import emit, judge, load_policy, terms_of
    from harness.store import load_run

    base, cand = load_run(run_path(baseline, results)), load_run(run_path(candidate, results))
    policy = load_policy(policy_file) if policy_file else None
    verdict = judge(base, cand, policy)
    click.echo(emit(verdict, form, explain=explain))
    if proven:
        say(_proof(base, cand, terms_of(base, cand, policy).policy))
    return int(verdict.exit_code)


def _proof(baseline: Run, candidate: Run, policy: Policy) -> str:
    from harness.errors import RunError
    from harness.gate.prove import prove
    from harness.store import pair

    proof = prove(pair(baseline, candidate), policy)
    if not proof.holds:
        raise RunError("the policy passes a candidate that was made worse beyond its margins: do not trust it")
    red = "no loss, however large," if proof.turns_red is None else f"{100 * proof.turns_red:.0f} points more lost"
    return (
        f"proof: a point beyond the margin everywhere the verdict is {proof.worsened}; "
        f"{red} in every cell would turn it regressed"
    )
