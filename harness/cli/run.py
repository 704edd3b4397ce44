"""`harness run`: ask every model of a sweep."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.options import (
    limit_option,
    lock,
    policy_of,
    progress,
    results_option,
    say,
    set_option,
    sweep_argument,
    task_dir_option,
)

FLIP_RATE = 0.04
"""Share of answers taken to differ between equal models where nobody has measured it: `harness plan --flip-rate`."""


@click.command("run")
@sweep_argument
@click.option("--model", "names", multiple=True, help="Only this model of the sweep; may be repeated.")
@limit_option
@click.option(
    "--allow-underpowered", is_flag=True, help="Run although an unchanged candidate could hardly pass the policy."
)
@click.option("--retry-errors", is_flag=True, help="Ask every sample without a score again.")
@set_option
@task_dir_option
@results_option
def command(
    sweep_file: Path,
    names: tuple[str, ...],
    limit: int | None,
    allow_underpowered: bool,
    retry_errors: bool,
    sets: tuple[str, ...],
    task_dirs: tuple[Path, ...],
    results: Path,
) -> int:
    """Ask every model of a sweep. The same command continues an interrupted run.

    Exit code 4 when more replies lack a score than the policy allows (max_invalid).
    """
    from harness.engine.run_model import Options, run_model
    from harness.errors import ExitCode
    from harness.gate.power import check_power, powers
    from harness.plan import check_feasible, make_plan
    from harness.store import load_run
    from harness.sweep import chosen_models, load_sweep

    sweep = load_sweep(sweep_file, sets=sets, task_dirs=task_dirs)
    plan = make_plan(sweep, limit)
    check_feasible(plan, sweep.file)
    if sweep.resolved.sweep.policy:
        rows = powers(plan, policy_of(sweep), FLIP_RATE)
        if not (plan.limited or allow_underpowered):
            check_power(rows, FLIP_RATE, f"{sweep_file}: [sweep] policy")
    if plan.limited:
        say(f"--limit: {plan.samples} of {plan.planned} samples; a verdict needs all of them")
    tables = chosen_models(sweep, names)
    lock(sweep, tables, results)
    options = Options(results=results, start=progress, say=say, retry_errors=retry_errors)
    spoilt = False
    for table in tables:
        path = run_model(sweep, table, plan, options)
        click.echo(path)
        spoilt |= load_run(path).invalid > policy_of(sweep).defaults.max_invalid * plan.samples * table.runs
    return ExitCode.INVALID if spoilt else ExitCode.PASS
