"""What a file is, by its content; and the logs of one run, put together."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.errors import ConfigError
from harness.interop.foreign import MAX_LINE_BYTES, parse, read_json, shown
from harness.interop.imported import Choices, Log
from harness.interop.inspect_file import ZIP
from harness.interop.inspect_log import is_inspect, read_inspect
from harness.interop.lm_eval_log import is_results, is_samples_line, read_lm_eval, samples_beside
from harness.interop.nemo_log import is_nemo_line, read_nemo

KNOWN = "samples_*.jsonl of lm-eval, .eval or .json of Inspect, results.jsonl of NeMo Evaluator"


def read_logs(paths: Sequence[Path], choices: Choices) -> Log:
    """Read the logs of one run: files, or folders that hold them.

    Raises:
        ConfigError: a file is no log, or the files are not of one run.
    """
    files = [file for path in paths for file in (_in_folder(path) if path.is_dir() else [path])]
    logs = [log for file in dict.fromkeys(files) for log in _read(file, choices)]
    if choices.filter and logs[0].harness != "lm-eval":
        raise ConfigError("only lm-eval has filters", where=str(files[0]), found=f"--filter {choices.filter}")
    return together(logs)


def together(logs: Sequence[Log]) -> Log:
    """Return the logs of one run, one a task, as one.

    Raises:
        ConfigError: they are of several harnesses or models, hold a task twice, or were made with other settings.
    """
    first = logs[0]
    if len(logs) == 1:
        return first
    where = ", ".join(str(log.files[0]) for log in logs[:3]) + (" …" if len(logs) > 3 else "")
    for what, found in (
        ("several harnesses", {log.harness for log in logs}),
        ("several models", {log.model for log in logs}),
    ):
        if len(found) > 1:
            raise ConfigError(
                f"the logs are of {what}",
                where=where,
                found=", ".join(sorted(map(shown, found))),
                fix="import the log of each run by itself",
            )
    tasks = Tally(task for log in logs for task in log.taken)
    twice = sorted(task for task, count in tasks.items() if count > 1)
    if twice:
        raise ConfigError(
            f"{shown(twice[0])} is in several of the logs",
            where=where,
            fix="they are of several runs: import the files of each run by itself, under a name of its own",
        )
    return replace(
        first,
        entries=tuple(entry for log in logs for entry in log.entries),
        fields=_shared(logs, where),
        taken={task: told for log in logs for task, told in log.taken.items()},
        files=tuple(dict.fromkeys(file for log in logs for file in log.files)),
        planned=sum(log.planned for log in logs),
        floors={task: floor for log in logs for task, floor in log.floors.items()},
        notes=tuple(dict.fromkeys(note for log in logs for note in log.notes)),
    )


def _shared(logs: Iterable[Log], where: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for log in logs:
        for key, value in log.fields.items():
            if key in fields and fields[key] != value:
                raise ConfigError(
                    f"the logs are of several runs: {key} differs",
                    where=where,
                    found=f"{shown(fields[key])} and {shown(value)}",
                    fix="import the files of each run by itself",
                )
            fields[key] = value
    return fields


def _in_folder(folder: Path) -> list[Path]:
    """Return the logs below a folder, of the first kind that there is."""
    for pattern in ("samples_*.jsonl", "*.eval", "results.jsonl"):
        if found := sorted(folder.rglob(pattern)):
            return found
    found = [file for file in sorted(folder.glob("*.json")) if is_inspect(read_json(file))]
    if not found:
        raise ConfigError("the folder holds no log", where=str(folder), allowed=KNOWN)
    return found


def _read(file: Path, choices: Choices) -> list[Log]:
    try:
        with file.open("rb") as opened:
            head = opened.read(len(ZIP))
            opened.seek(0)
            line = b"" if head == ZIP else _first_line(opened)
    except FileNotFoundError:
        raise ConfigError("no such file", where=str(file)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", where=str(file)) from None
    if head == ZIP:
        return [read_inspect(file, choices)]
    row = _object(line)
    if is_samples_line(row):
        return [read_lm_eval(file, choices)]
    if is_nemo_line(row):
        return [read_nemo(file, choices)]
    return _document(file, row, choices)


def _document(file: Path, row: Mapping[str, Any], choices: Choices) -> list[Log]:
    """Read what is one JSON document, not lines of them."""
    if file.suffix == ".jsonl":
        raise _unknown(file, f"a line with the keys {', '.join(map(shown, list(row)[:8])) or '-'}")
    try:
        document = read_json(file)
    except ConfigError as error:
        raise _unknown(file, f"{error.what}: {error.found}") from None
    if is_inspect(document):
        return [read_inspect(file, choices)]
    if is_results(document):
        samples = samples_beside(file)
        if not samples:
            raise ConfigError(
                "the results of lm-eval hold no samples, and no samples_*.jsonl of the same date is beside them",
                where=str(file),
                fix="run lm_eval with --log_samples",
            )
        return [read_lm_eval(each, choices) for each in samples]
    keys = ", ".join(map(shown, list(document)[:8])) if isinstance(document, Mapping) else type(document).__name__
    raise _unknown(file, f"JSON with {keys}")


def _first_line(opened: Any) -> bytes:
    while line := opened.readline(MAX_LINE_BYTES):
        if line.strip():
            return bytes(line)
    return b""


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        value = parse(line, "")
    except ConfigError:
        return {}
    return value if isinstance(value, Mapping) else {}


def _unknown(file: Path, found: str) -> ConfigError:
    return ConfigError("not a log that can be imported", where=str(file), found=found, allowed=KNOWN)
