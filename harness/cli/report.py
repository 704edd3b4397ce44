"""`harness report`: one HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import results_option, run_path, task_dir_option

if TYPE_CHECKING:
    from harness.declared import Declared
    from harness.gate import Policy, Verdict
    from harness.records import Result
    from harness.render import Excerpt
    from harness.store import Run


@click.command("report")
@click.argument("names", metavar="RUN...", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("reports/report.html"), show_default=True)
@click.option("--policy", "policy_file", type=click.Path(path_type=Path), help="The gate's policy.")
@click.option(
    "--sweep",
    "sweep_file",
    type=click.Path(path_type=Path),
    help="The sweep's file: prices, machines, claims, decision.",
)
@click.option(
    "--load-curve", "curves", multiple=True, type=click.Path(path_type=Path), help="A measured load curve, JSON or CSV."
)
@click.option("--no-verdict", is_flag=True, help="Show the runs without deciding anything.")
@task_dir_option
@results_option
def command(
    names: tuple[str, ...],
    output: Path,
    policy_file: Path | None,
    sweep_file: Path | None,
    curves: tuple[Path, ...],
    no_verdict: bool,
    task_dirs: tuple[Path, ...],
    results: Path,
) -> None:
    """Write one HTML page about runs: run directories, baselines' files, SWEEP/MODEL, or a SWEEP for all of its models.

    The run whose role is baseline is compared with each of the others; without one there is no verdict.
    """
    from dataclasses import replace

    from harness.declared import Declared, load_declared
    from harness.gate import load_policy
    from harness.load_curve import read_load_curve
    from harness.store import load_run

    declared = load_declared(sweep_file) if sweep_file else Declared()
    declared = replace(declared, curve=tuple(point for file in curves for point in read_load_curve(file)))
    runs = [load_run(path) for name in names for path in _paths(name, results)]
    verdicts = [] if no_verdict else verdicts_of(runs, load_policy(policy_file) if policy_file else None)
    write_report(runs, verdicts, output, task_dirs=task_dirs, declared=declared)
    click.echo(output)


def _paths(name: str, results: Path) -> list[Path]:
    """Return the run of that name, or all runs of the sweep of that name."""
    from harness.store import load_info
    from harness.store.load import is_run

    path = run_path(name, results)
    if is_run(path):
        return [path]
    found = sorted(file.parent for file in path.glob("*/run.json"))
    return [run for run in found if load_info(run).role != "repeat"] or [path]


def verdicts_of(runs: Sequence[Run], policy: Policy | None) -> list[Verdict]:
    """Decide on every run of a sweep against the sweep's baseline; without a policy, by the locked one.

    Candidates of a sweep are corrected together, as `harness gate` does; a positive control is judged by itself.
    """
    from datetime import UTC, datetime

    from harness.gate import judge_several

    now = datetime.now(UTC)
    verdicts: list[Verdict] = []
    for baseline in (run for run in runs if run.info.role == "baseline"):
        others = [run for run in runs if run.info.sweep == baseline.info.sweep and run is not baseline]
        proper = [run for run in others if run.info.role == "candidate"]
        controls = [[run] for run in others if run.info.role == "positive-control"]
        for group in [proper, *controls]:
            if group:
                verdicts += judge_several(baseline, group, policy, now).verdicts
    return verdicts


def write_report(
    runs: Sequence[Run],
    verdicts: Sequence[Verdict],
    output: Path,
    *,
    caveats: Sequence[str] = (),
    task_dirs: Sequence[Path] = (),
    declared: Declared | None = None,
) -> None:
    """Render a report and put it in its place whole.

    Raises:
        StoreError: the file cannot be written.
    """
    from harness.engine.rebuild import rebuild_prompt
    from harness.errors import HarnessError, StoreError
    from harness.render import excerpt_of, render_report
    from harness.store.run_dir import write_atomically

    def excerpts(run: Run, result: Result) -> Excerpt | None:
        try:
            return excerpt_of(*rebuild_prompt(run, result, task_dirs))
        except HarnessError:
            return None

    page = render_report(runs, verdicts, excerpts=excerpts, caveats=caveats, declared=declared)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(output, page)
    except OSError as error:
        raise StoreError(f"the report cannot be written: {error.strerror}", where=str(output)) from None
