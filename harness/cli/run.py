"""`harness run`: ask every model of a sweep."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.adhoc import AdHoc, adhoc_options, adhoc_sweep
from harness.cli.options import (
    limit_option,
    lock,
    policy_of,
    progress,
    results_option,
    run_path,
    say,
    set_option,
    task_dir_option,
)

if TYPE_CHECKING:
    from harness.gate import Policy
    from harness.gate.early.steering import EarlyStop
    from harness.plan import Plan
    from harness.store import Run
    from harness.sweep import LoadedSweep, ModelTable

FLIP_RATE = 0.04
"""Share of answers taken to differ between equal models where nobody has measured it: `harness plan --flip-rate`."""

IN_FULL = ("baseline", "repeat")
"""Roles that are asked everything, whatever the candidates need."""


@click.command("run")
@click.argument("sweep_file", metavar="[SWEEP.toml]", type=click.Path(path_type=Path), required=False)
@click.option(
    "--model", "names", multiple=True, help="Only this model of the sweep; may be repeated. Without a file: its name."
)
@adhoc_options
@limit_option
@click.option(
    "--allow-underpowered", is_flag=True, help="Run although an unchanged candidate could hardly pass the policy."
)
@click.option(
    "--until-decided",
    is_flag=True,
    help="Ask a candidate, in random order, only until the policy can decide on it against the recorded baseline.",
)
@click.option(
    "--baseline",
    metavar="RUN",
    help="With --until-decided: a recorded run, or a baseline's file. Unset, the sweep's own baseline, asked first.",
)
@click.option("--retry-errors", is_flag=True, help="Ask every sample without a score again.")
@set_option
@task_dir_option
@results_option
def command(
    sweep_file: Path | None,
    names: tuple[str, ...],
    limit: int | None,
    allow_underpowered: bool,
    until_decided: bool,
    baseline: str | None,
    retry_errors: bool,
    sets: tuple[str, ...],
    task_dirs: tuple[Path, ...],
    results: Path,
    **described: Any,
) -> int:
    """Ask every model of a sweep. The same command continues an interrupted run.

    Without a file, --model, --task and --lengths (and --base-url) describe a first look at one model.
    With --until-decided the baseline is asked in full, and each candidate only until 'harness gate' can decide.
    Exit code 4 when more replies lack a score than the policy allows (max_invalid).
    """
    from harness.engine.run_model import Options, run_model
    from harness.errors import ExitCode
    from harness.gate.early.rule import check_fixed
    from harness.plan import check_feasible, make_plan
    from harness.store import load_run
    from harness.sweep import chosen_models

    sweep = _sweep(sweep_file, names, AdHoc(**described), sets=sets, task_dirs=task_dirs)
    names = names if sweep_file else ()
    plan = make_plan(sweep, limit)
    check_feasible(plan, sweep.file)
    policy = policy_of(sweep)
    if sweep.resolved.sweep.policy and not until_decided:
        _check_power(sweep, plan, policy, allowed=allow_underpowered)
    for note in plan.notes:
        say(note)
    if plan.limited:
        say(f"--limit: {plan.samples} of {plan.planned} samples; a verdict needs all of them")
    tables = chosen_models(sweep, names)
    if until_decided:
        tables = _in_turn(tables, policy, plan, checked=not allow_underpowered)
    elif baseline:
        raise click.UsageError("--baseline belongs to --until-decided")
    lock(sweep, tables, results)
    options = Options(results=results, start=progress, say=say, retry_errors=retry_errors)
    spoilt = False
    for table in tables:
        guide = None
        if until_decided and table.role not in IN_FULL:
            recorded = load_run(_baseline_path(sweep, baseline, results))
            guide = _guide(recorded, policy, plan, checked=not allow_underpowered)
        else:
            check_fixed(results / sweep.resolved.sweep.name / table.name)
        path = run_model(sweep, table, plan, replace(options, guide=guide))
        if guide:
            _tell(guide.summary())
        click.echo(path)
        spoilt |= load_run(path).invalid > policy.defaults.max_invalid * plan.samples * table.runs
    return ExitCode.INVALID if spoilt else ExitCode.PASS


def _sweep(
    file: Path | None, names: Sequence[str], described: AdHoc, *, sets: Sequence[str], task_dirs: Sequence[Path]
) -> LoadedSweep:
    from harness.sweep import load_sweep

    if file is None:
        return adhoc_sweep(names, described, sets=sets, task_dirs=task_dirs)
    if described.given:
        raise click.UsageError("--base-url, --key-env, --task and --lengths stand for a SWEEP.toml, and one is given")
    return load_sweep(file, sets=sets, task_dirs=task_dirs)


def _check_power(sweep: LoadedSweep, plan: Plan, policy: Policy, *, allowed: bool) -> None:
    """Refuse a plan that an unchanged candidate could hardly pass; a rule that fits nothing is refused in any case."""
    from harness.gate.planning.power import check_power, powers

    rows = powers(plan, policy, FLIP_RATE, sweep.runs)
    if not (plan.limited or allowed):
        check_power(rows, FLIP_RATE, f"{sweep.file}: [sweep] policy")


def _in_turn(tables: Sequence[ModelTable], policy: Policy, plan: Plan, *, checked: bool) -> list[ModelTable]:
    """Check what can be checked before any call, and put the baseline first: the others are compared with it."""
    from harness.gate.early.rule import check_policy
    from harness.gate.early.steering import check_margins

    if plan.limited:
        raise click.UsageError(
            "--limit and --until-decided exclude each other: the second says itself when it is enough"
        )
    check_policy(policy)
    if checked:
        cells = {(cell.label, cell.length): len(cell.wanted) for cell in plan.cells if not cell.control}
        check_margins(policy, cells)
    return sorted(tables, key=lambda table: table.role not in IN_FULL)


def _baseline_path(sweep: LoadedSweep, named: str | None, results: Path) -> Path:
    """Return where the recorded run is that candidates are compared with."""
    from harness.errors import ConfigError

    if named:
        return run_path(named, results)
    own = [table.name for table in sweep.resolved.model if table.role == "baseline"]
    if not own:
        raise ConfigError(
            "no model of the sweep has the role baseline, so there is nothing to compare a candidate with",
            where=str(sweep.file),
            fix='give one role = "baseline", or name a recorded run with --baseline',
        )
    path = results / sweep.resolved.sweep.name / own[0]
    if not (path / "run.json").is_file():
        raise ConfigError(
            f"the baseline {own[0]} was not run yet",
            where=str(path),
            fix="leave --model out: the same command then asks the baseline first",
        )
    return path


def _guide(baseline: Run, policy: Policy, plan: Plan, *, checked: bool) -> EarlyStop:
    from harness.gate.early.rule import make_rule
    from harness.gate.early.steering import EarlyStop, check_reach

    guide = EarlyStop(baseline, make_rule(baseline, policy, plan.seed), _tell)
    if checked:
        check_reach(guide.design, baseline)
    return guide


def _tell(line: str) -> None:
    """Print a line for people while a progress bar may be on the terminal."""
    if not sys.stderr.isatty():
        say(line)
        return
    from tqdm import tqdm

    tqdm.write(line, file=sys.stderr)
