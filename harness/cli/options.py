"""What several commands share: the arguments that name runs and sweeps, and how progress is shown."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from harness.gate import Policy
    from harness.records import Result
    from harness.sweep import LoadedSweep, ModelTable

results_option = click.option(
    "--results",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
    envvar="HARNESS_RESULTS",
    help="Folder that runs live in.",
)
task_dir_option = click.option(
    "--task-dir",
    "task_dirs",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder with further task families, or one family.",
)
set_option = click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="Change a key of the sweep.")
limit_option = click.option(
    "--limit",
    type=click.IntRange(min=1),
    help="At most this many samples per task and length, spread over contexts and depths.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
sweep_argument = click.argument("sweep_file", metavar="SWEEP.toml", type=click.Path(path_type=Path))


def run_path(name: str, results: Path) -> Path:
    """Return where a run is that is named by its directory, the file of a baseline, or `SWEEP/MODEL`."""
    from harness.store.load import is_run

    return path if is_run(path := Path(name)) else results / name


def print_json(value: Any) -> None:
    """Print a plain value as JSON on stdout."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    click.echo(text.encode("utf-8", "backslashreplace").decode())  # a lone surrogate is written as its JSON escape


def say(line: str) -> None:
    """Print a line for people on stderr."""
    click.echo(line, err=True)


def progress(table: ModelTable, total: int) -> Callable[[Result], None]:
    """Show progress on stderr: a bar on a terminal, elsewhere a plain line every ten seconds."""
    tally = {"right": 0, "invalid": 0, "done": 0}

    def count(result: Result) -> str:
        tally["done"] += 1
        tally["invalid"] += result.outcome == "invalid"
        tally["right"] += bool(result.score and result.score.correct)
        invalid = f", {tally['invalid']} invalid" if tally["invalid"] else ""
        return f"{tally['right']} right{invalid}"

    if sys.stderr.isatty():
        return _bar(table.name, total, count)
    return _lines(table.name, total, tally, count)


def _bar(name: str, total: int, count: Callable[[Result], str]) -> Callable[[Result], None]:
    from tqdm import tqdm

    bar = tqdm(total=total, desc=name, unit="reply", file=sys.stderr, dynamic_ncols=True)

    def advance(result: Result) -> None:
        bar.set_postfix_str(count(result), refresh=False)
        bar.update()
        if bar.n >= total:
            bar.close()

    return advance


def _lines(
    name: str, total: int, tally: dict[str, int], count: Callable[[Result], str], every_s: float = 10.0
) -> Callable[[Result], None]:
    last = time.monotonic()

    def advance(result: Result) -> None:
        nonlocal last
        text = count(result)
        if tally["done"] == total or time.monotonic() - last >= every_s:
            last = time.monotonic()
            say(f"{name}: {tally['done']} of {total} replies, {text}")

    return advance


def lock(sweep: LoadedSweep, tables: Sequence[ModelTable], results: Path) -> None:
    """Lock a sweep's plan before it is run, and say so where it was changed too late.

    A run that would be refused for its configuration is refused here, before it could change the lock.
    """
    from datetime import UTC, datetime

    from harness.gate.planning.lock import lock_plan
    from harness.store.run_dir import check_config

    for table in tables:
        check_config(results / sweep.resolved.sweep.name / table.name, sweep.config_of(table.name))
    if notice := lock_plan(sweep, results, datetime.now(UTC).isoformat(timespec="seconds")):
        say(notice)


def policy_of(sweep: LoadedSweep) -> Policy:
    """Return the policy that a sweep names, or the default one."""
    from harness.gate import load_policy

    named = sweep.resolved.sweep.policy
    return load_policy(sweep.folder / named if named else None)


def columns(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Align rows of text in columns two spaces apart; the columns numbered in `right` are flush right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
