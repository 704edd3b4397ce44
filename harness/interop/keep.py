"""An imported log put where runs live; the same log again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.errors import WrongRun
from harness.records import Result
from harness.store import RunInfo, RunWriter, load_info, load_run
from harness.store.run_dir import RUN_FILE, differences


def role_in(folder: Path, model: str) -> str:
    """Return the role of a run where nobody names it: the one it has, else the first of a sweep is its baseline."""
    roles = {file.parent.name: load_info(file.parent).role for file in sorted(folder.glob(f"*/{RUN_FILE}"))}
    return roles.get(model) or ("candidate" if "baseline" in roles.values() else "baseline")


def keep(info: RunInfo, results: Sequence[Result], path: Path) -> bool:
    """Write an imported run; return whether anything was written.

    Raises:
        WrongRun: another run is there.
        StoreError: it cannot be written.
    """
    info = replace(info, path=path)
    if (path / RUN_FILE).exists():
        before = load_info(path)
        changes = differences(before.config, info.config)
        if changes:
            raise WrongRun(
                "another run is there",
                where=str(path),
                found="; ".join(change[:200] for change in changes[:3]),
                fix=f"give this one a name of its own: --name {info.sweep}/OTHER",
            )
        if len(load_run(path).results) == len(results):
            return False
    with RunWriter(info) as writer:
        writer.replace_all(results)
        writer.describe(info)
    return True
