"""A run on disk: `run.json` says what was asked of which model, `samples.jsonl` holds one line a reply.

Lines are only ever appended, each flushed as soon as it is complete, so that a run can be read while it grows and a
crash costs at most the replies in flight. One writer at a time, guarded by a file lock that dies with its process.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import FileIO
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, Self

from harness.errors import StoreError, UnknownName, WrongRun
from harness.hashing import content_sha256
from harness.records import Result
from harness.store.columns import Table, tabulate
from harness.store.lines import to_line
from harness.store.stored import StoredResults, read_results

FORMAT = "longcontext-harness/run@1"
RUN_FILE, SAMPLES_FILE, LOCK_FILE = "run.json", "samples.jsonl", ".lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Who made a run the baseline of later comparisons, and why; it is kept in the baseline's file.

    Attributes:
        reason: why, in the words of who accepted it.
        by: who accepted it.
        at: when, as ISO 8601 in UTC.
        role: the run's role in its sweep.
        replaces: SHA-256 of the baseline that stood there before; empty for the first.
    """

    reason: str
    by: str
    at: str
    role: str
    replaces: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """What `run.json` says.

    Attributes:
        sweep: name of the sweep, `model` the model's name in it; together they name the run.
        kind: `model`, `control` or `simulated`.
        role: `baseline`, `candidate`, `positive-control` or `repeat`.
        path: the run's directory, or the baseline's file.
        config: the sweep with this model alone, placeholders and all: what a continued run must match.
        planned: how many results a complete run has, without those of controls.
        planned_controls: and how many of controls.
        identity: what answered, as far as the server says.
        environment: versions, platform, commit.
        floors: what guessing earns, by task.
        accepted: set where the run was read from a baseline's file, which keeps scores and no replies.
    """

    sweep: str
    model: str
    kind: str
    role: str
    path: Path
    config: Mapping[str, Any]
    planned: int
    identity: Mapping[str, Any]
    environment: Mapping[str, Any]
    floors: Mapping[str, float] = field(default_factory=dict)
    planned_controls: int = 0
    accepted: Acceptance | None = None

    @property
    def name(self) -> str:
        """`SWEEP/MODEL`."""
        return f"{self.sweep}/{self.model}"


@dataclass(frozen=True)
class Run:
    """Every reply of one model in one sweep, the latest for each sample and replicate.

    Attributes:
        results: of a run on disk they are read from there each time they are asked for: what a table holds is quicker.
        asked: hash of what was asked, by sample and replicate, where the results do not hold it themselves.
    """

    info: RunInfo
    results: Sequence[Result]
    asked: Mapping[tuple[str, int], str] = field(default_factory=dict)

    @cached_property
    def table(self) -> Table:
        """The short facts of the results as columns."""
        stored = self.results.table if isinstance(self.results, StoredResults) else None
        return stored or tabulate(self.results, self.pair_sha256)

    @cached_property
    def measured(self) -> Sequence[Result]:
        """The results that a verdict rests on: all but those of controls."""
        places = self.table.places
        return (
            self.results.part(places)
            if isinstance(self.results, StoredResults)
            else tuple(self.results[i] for i in places)
        )

    @property
    def invalid(self) -> int:
        """Number of measured results without a score."""
        return self.table.measured.outcomes["invalid"]

    def pair_sha256(self, result: Result) -> str:
        """Return the hash of what was asked (prompt, gold answer, version of the task): it pairs two runs."""
        return self.asked.get((result.sample_id, result.replicate)) or _pair_sha256(result)


def load_directory(path: Path) -> Run:
    """Read a run's directory.

    Raises:
        UnknownName: there is no run at `path`.
        StoreError: it is damaged.
    """
    info = load_info(path)
    samples = path / SAMPLES_FILE
    return Run(info, read_results(samples, _pair_sha256) if samples.exists() else ())


def has_replies(path: Path) -> bool:
    """Tell whether a run's directory holds any reply."""
    samples = path / SAMPLES_FILE
    return samples.is_file() and samples.stat().st_size > 0


def _pair_sha256(result: Result) -> str:
    return content_sha256([result.prompt_sha256, list(result.gold), result.version])


def load_info(path: Path) -> RunInfo:
    """Read `run.json` of the run at `path`. Raises like `load_directory`."""
    file = path / RUN_FILE
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UnknownName(
            "there is no run here", where=str(path), fix="'harness runs' lists the runs on disk"
        ) from None
    except ValueError as error:
        raise StoreError("not JSON", where=str(file), found=str(error)) from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise StoreError("not a run of this version", where=f"{file}: format", allowed=FORMAT)
    fields = ("sweep", "model", "kind", "role", "config", "planned", "identity", "environment", "floors")
    missing = [name for name in fields if name not in raw]
    if missing:
        raise StoreError(f"{', '.join(missing)} missing", where=str(file))
    return RunInfo(path=path, planned_controls=raw.get("planned_controls", 0), **{name: raw[name] for name in fields})


class RunWriter:
    """Appends results to a run; a context manager that holds the run's lock.

    Args:
        info: what this run is. An existing run at `info.path` must have the same config.

    Raises:
        WrongRun: the directory holds a run with another config; nothing was touched.
        StoreError: it cannot be written, or another process writes to it.
    """

    def __init__(self, info: RunInfo) -> None:
        self.info = info
        self._path = info.path / SAMPLES_FILE
        self._lock: IO[str] | None = None
        self._file: FileIO | None = None

    def __enter__(self) -> Self:
        try:
            self.info.path.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            check_config(self.info.path, self.info.config)
            if (self.info.path / RUN_FILE).exists():
                before = load_info(self.info.path)
                kept = {"rescored": before.environment["rescored"]} if "rescored" in before.environment else {}
                environment = {**self.info.environment, **kept}
                self.info = replace(self.info, identity=before.identity, environment=environment)
            write_atomically(self.info.path / RUN_FILE, _run_json(self.info))
            self._file = self._path.open("ab", buffering=0)
            _drop_torn_line(self._path)
        except OSError as error:
            self.__exit__()
            raise _cannot_write(self._path, error) from None
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        for handle in (self._file, self._lock):
            if handle is not None:
                handle.close()

    def append(self, result: Result) -> None:
        """Write one line and hand it to the operating system. On failure the file ends where it ended before."""
        assert self._file is not None
        rest = memoryview(to_line(result))
        before = os.fstat(self._file.fileno()).st_size
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            os.ftruncate(self._file.fileno(), before)
            raise _cannot_write(self._path, error) from None

    def replace_all(self, results: Iterable[Result]) -> None:
        """Write all lines anew, in one step: after a crash there are either the old ones or the new."""
        try:
            write_atomically(self._path, b"".join(map(to_line, results)).decode())
        except OSError as error:
            raise _cannot_write(self._path, error) from None

    def describe(self, info: RunInfo) -> None:
        """Replace `run.json`: what answered is known only once it runs."""
        self.info = info
        try:
            write_atomically(info.path / RUN_FILE, _run_json(info))
        except OSError as error:
            raise _cannot_write(info.path / RUN_FILE, error) from None

    def _take_lock(self) -> None:
        self._lock = (self.info.path / LOCK_FILE).open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(
                "another process is writing to this run",
                where=str(self.info.path),
                fix="wait for it, or stop it: nothing is lost",
            ) from None


def check_config(path: Path, config: Mapping[str, Any]) -> None:
    """Raise `WrongRun` where a directory holds a run with another configuration than the one to be run."""
    if not (path / RUN_FILE).exists():
        return
    changes = differences(load_info(path).config, config)
    if changes:
        raise WrongRun(
            "this directory holds a run with another configuration",
            where=str(path),
            found="; ".join(changes[:5]) + (f"; and {len(changes) - 5} more" if len(changes) > 5 else ""),
            fix="give the sweep another name, or remove the directory",
        )


def differences(before: Any, after: Any, path: str = "") -> list[str]:
    """Say where two plain values differ, as `key: before -> after`, in the order of the keys."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        out = []
        for key in sorted({*before, *after}):
            inner = f"{path}.{key}" if path else str(key)
            out += differences(before.get(key), after.get(key), inner)
        return out
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = enumerate(zip(before, after, strict=True))
        return [found for i, (a, b) in pairs for found in differences(a, b, f"{path}[{i}]")]
    return [] if before == after else [f"{path}: {json.dumps(before)} -> {json.dumps(after)}"]


def _run_json(info: RunInfo) -> str:
    fields = (
        "sweep", "model", "kind", "role", "planned", "planned_controls", "floors", "config", "identity", "environment"
    )  # fmt: skip
    plain = {"format": FORMAT, **{name: getattr(info, name) for name in fields}}
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def write_atomically(path: Path, text: str) -> None:
    """Put a whole file in its place, or leave the old one: after a crash, and with several writers at once, too."""
    temporary = path.with_name(f"{path.name}.{token_hex(4)}.new")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _drop_torn_line(path: Path) -> None:
    """Cut off what a crash left of a last line, so that the next line starts on its own."""
    with path.open("r+b") as file:
        raw = file.read()
        end = raw.rfind(b"\n") + 1
        if end < len(raw):
            file.truncate(end)


def _cannot_write(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"cannot write: {error.strerror or error}",
        where=str(path),
        fix="make room or mend the permissions, then give the same command again: what is complete is kept",
    )
