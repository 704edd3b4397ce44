"""`harness score`: saved replies scored again."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import columns, json_option, print_json, results_option, run_path, say, task_dir_option

if TYPE_CHECKING:
    from harness.engine.rescore import Change
    from harness.records import Result

SHOWN = 20


@click.command("score")
@click.argument("run", metavar="RUN")
@click.option("--write", is_flag=True, help="Replace the scores on disk. Without it nothing is changed.")
@task_dir_option
@results_option
@json_option
def command(run: str, write: bool, task_dirs: tuple[Path, ...], results: Path, as_json: bool) -> None:
    """Score a run's saved replies with the tasks as they are now, and show what changes. No model is called.

    RUN is a run's directory or SWEEP/MODEL.
    """
    from tqdm import tqdm

    from harness.engine.rescore import noted, rescore
    from harness.store import RunWriter, load_info, load_run

    path = run_path(run, results)

    def again() -> tuple[list[Result], list[Change]]:
        loaded = load_run(path)
        with tqdm(total=len(loaded.results), desc="scoring", unit="reply", disable=None, file=sys.stderr) as bar:
            return rescore(loaded, task_dirs, bar.update)

    if write:
        with RunWriter(load_info(path)) as writer:  # locked before it is read, so that no reply is lost
            scored, changes = again()
            writer.replace_all(scored)
            writer.describe(noted(writer.info, datetime.now(UTC).isoformat(timespec="seconds"), len(changes)))
    else:
        scored, changes = again()
    if as_json:
        print_json(_plain(len(scored), changes, written=write))
        return
    click.echo(_text(len(scored), changes))
    if changes and not write:
        say("nothing was written; --write replaces the scores on disk")


def _plain(replies: int, changes: list[Change], *, written: bool) -> dict[str, Any]:
    return {"replies": replies, "written": written, "changes": [asdict(change) for change in changes]}


def _text(replies: int, changes: list[Change]) -> str:
    lines = [f"{replies} replies, {len(changes)} with another score"]
    kinds = Counter((change.before, change.after) for change in changes)
    if kinds:
        rows = [("was", "is now", "replies")]
        rows += [(before, after, str(count)) for (before, after), count in kinds.most_common()]
        lines += ["", columns(rows, right=(2,)), ""]
        lines += [f"{c.sample_id}: {c.before} -> {c.after}" for c in changes[:SHOWN]]
        lines += [f"… and {len(changes) - SHOWN} more; --json lists all"] if len(changes) > SHOWN else []
    return "\n".join(lines)
