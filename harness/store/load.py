"""A run by its path, whether it is a directory that was run here or the file of an accepted baseline."""

from __future__ import annotations

from pathlib import Path

from harness.store.baseline import load_baseline
from harness.store.run_dir import RUN_FILE, Run, load_directory


def is_run(path: Path) -> bool:
    """Tell whether something that looks like a run or like a baseline's file is at a path."""
    return path.is_file() or (path / RUN_FILE).is_file()


def load_run(path: Path) -> Run:
    """Read a run.

    Raises:
        UnknownName: there is no run at `path`.
        StoreError: it is damaged.
    """
    return load_baseline(path) if path.is_file() else load_directory(path)
