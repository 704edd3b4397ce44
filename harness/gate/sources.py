"""The files that a verdict was given from, by their hashes: the same words from other replies are another verdict."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from hashlib import file_digest, sha256
from pathlib import Path

from harness.errors import StoreError
from harness.gate.early.rule import RULE_FILE
from harness.gate.planning.lock import LOCK_FILE
from harness.store import Run, load_info
from harness.store.run_dir import RUN_FILE, SAMPLES_FILE

WHOLE = ""
"""Stands for a run that is one file, a baseline's."""

Sources = tuple[tuple[str, str], ...]


def sources_of(baseline: Run, candidate: Run) -> Sources:
    """Return the files of two runs and those beside the candidate that have a say, each with its SHA-256.

    A file is named from the folder of results: `SWEEP/MODEL/samples.jsonl`.
    """
    found: dict[str, str] = {}
    for run in (baseline, candidate):
        hashes = file_hashes(run.info.path, beside=run is candidate)
        found |= {os.path.normpath(f"{run.info.name}/{name}"): sha for name, sha in hashes.items()}
    return tuple(sorted(found.items()))


def evidence_sha256(sources: Sequence[Sequence[str]]) -> str:
    """Return one hash for all of these files; empty where there are none."""
    return sha256("".join(f"{name}\0{sha}\n" for name, sha in sources).encode()).hexdigest() if sources else ""


def file_hashes(path: Path, *, beside: bool) -> dict[str, str]:
    """Return the SHA-256 of the files of a run, and where asked of those beside it that have a say in the verdicts.

    These are the locked plan, and the positive controls and repeats in the same folder.
    """
    if path.is_file():
        return {WHOLE: sha256_of(path)}
    own = [path / name for name in (RUN_FILE, SAMPLES_FILE, RULE_FILE)]
    others = _beside(path) if beside else []
    return {os.path.relpath(file, path): sha256_of(file) for file in (*own, *others) if file.is_file()}


def _beside(path: Path) -> list[Path]:
    found = [path.parent / LOCK_FILE]
    for file in sorted(path.parent.glob(f"*/{RUN_FILE}")):
        if file.parent != path and load_info(file.parent).role in ("positive-control", "repeat"):
            found += [file, file.parent / SAMPLES_FILE]
    return found


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file; of one that did not change since, the one found before.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        status = file.stat()
        return _sha256(file.resolve(), status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise StoreError(f"cannot be read: {error.strerror}", where=str(file)) from None


@lru_cache(maxsize=256)
def _sha256(file: Path, size: int, changed_ns: int) -> str:
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
