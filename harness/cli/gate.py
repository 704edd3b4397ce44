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
@click.argument("candidates", metavar="CANDIDATE...", nargs=-1, required=True)
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(path_type=Path),
    help="The policy; without it, the one locked before the candidate's replies were seen, or the default one.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it there too, in the format of the suffix: .txt, .json, .md, .xml (JUnit). May be repeated.",
)
@click.option("--explain", is_flag=True, help="Show every row, slices too, and the rule that gave it its margin.")
@click.option("--prove", "proven", is_flag=True, help="Also make the candidate worse on purpose: it must not pass.")
@results_option
def command(
    baseline: str,
    candidates: tuple[str, ...],
    policy_file: Path | None,
    form: str,
    outputs: tuple[Path, ...],
    explain: bool,
    proven: bool,
    results: Path,
) -> int:
    """Decide whether each CANDIDATE may replace BASELINE; the tests of several are corrected together.

    Exit codes: 0 pass, 1 regressed, 3 inconclusive, 4 the runs are incomplete or cannot be compared; of several
    candidates the worst one, in the order 4, 1, 3, 0.
    Runs are named by their directory or as SWEEP/MODEL; a baseline may be its file, as 'harness baseline accept'
    writes it.
    """
    from datetime import UTC, datetime
    from functools import partial

    from harness.gate import emit, judge, judge_several, load_policy, terms_of
    from harness.gate.emit import form_of
    from harness.gate.emit.several import emit_several
    from harness.store import load_run

    forms = {file: form_of(file) for file in outputs}
    base, *others = [load_run(run_path(name, results)) for name in (baseline, *candidates)]
    policy = load_policy(policy_file) if policy_file else None
    now = datetime.now(UTC)
    if len(others) == 1:
        verdict = judge(base, others[0], policy, now)
        code, render = verdict.exit_code, partial(emit, verdict)
    else:
        several = judge_several(base, others, policy, now)
        code, render = several.exit_code, partial(emit_several, several)
    click.echo(render(form, explain=explain))
    for file, wanted in forms.items():
        _write(file, render(wanted, explain=explain))
    for candidate in others if proven else ():
        say(f"{candidate.info.name}: {_proof(base, candidate, terms_of(base, candidate, policy).policy)}")
    return int(code)


def _write(file: Path, text: str) -> None:
    from harness.errors import StoreError
    from harness.store.run_dir import write_atomically

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, text if text.endswith("\n") else f"{text}\n")
    except OSError as error:
        raise StoreError(f"cannot be written: {error.strerror}", where=str(file)) from None


def _proof(baseline: Run, candidate: Run, policy: Policy) -> str:
    from harness.errors import RunError
    from harness.gate.decide import count
    from harness.gate.early.verdict import decide_runs
    from harness.gate.planning.prove import prove
    from harness.store import pair

    runs = (baseline, candidate)
    proof = prove(pair(*runs), policy, lambda worse: decide_runs(runs, count(worse, policy)).state)
    if not proof.holds:
        raise RunError("the policy passes a candidate that was made worse beyond its margins: do not trust it")
    red = "no loss, however large," if proof.turns_red is None else f"{100 * proof.turns_red:.0f} points more lost"
    return (
        f"proof: a point beyond the margin everywhere the verdict is {proof.worsened}; "
        f"{red} in every cell would turn it regressed"
    )
