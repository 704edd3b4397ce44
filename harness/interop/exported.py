"""What every export needs of a run: its replies with the prompts that can be built again, and its names elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.engine.rebuild import rebuild_prompt
from harness.errors import HarnessError, StoreError, UsageError
from harness.interop.imported import name_of, question_of
from harness.records import Message, Result
from harness.store import Run
from harness.store.imported import source_of


@dataclass(frozen=True, slots=True)
class Asked:
    """A result with what was asked.

    Attributes:
        messages: the prompt, built again; empty where it cannot be.
        question: the question alone, for people.
    """

    result: Result
    messages: tuple[Message, ...]
    question: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A run, ready to be written in another form.

    Attributes:
        asked: its replies, by task.
        without_prompt: how many prompts could not be built again.
        now: the time of the export.
    """

    run: Run
    asked: Mapping[str, Sequence[Asked]]
    without_prompt: int
    now: datetime

    @property
    def source(self) -> str:
        """The harness that the run was imported from; empty for our own."""
        return source_of(self.run.info)

    @property
    def model(self) -> str:
        """The model's name as whoever asked it wrote it."""
        info = self.run.info
        return str(
            info.identity.get("model") if self.source else info.config.get("model", {}).get("model") or info.model
        )

    def field(self, task: str, key: str) -> Any:
        """Return a field of an imported log, of a task or of all; None where it is not known."""
        fields = self.run.info.config.get("imported", {}).get("fields", {})
        return fields.get(f"{task}: {key}", fields.get(key))


def gather(run: Run, task_dirs: Sequence[Path], now: datetime) -> Exported:
    """Build the prompts of a run again, as far as they can be.

    Raises:
        UsageError: the run is a baseline's file, which keeps no replies, or has none yet.
    """
    if run.info.accepted:
        raise UsageError("a baseline's file keeps no replies", where=str(run.info.path), fix="export the run itself")
    if not run.results:
        raise UsageError("the run has no replies yet", where=str(run.info.path))
    tasks: dict[str, list[Asked]] = {}
    for result in run.results:
        tasks.setdefault(result.task, []).append(_asked(run, result, task_dirs))
    missing = sum(not each.messages for found in tasks.values() for each in found)
    return Exported(run, tasks, missing, now)


def _asked(run: Run, result: Result, task_dirs: Sequence[Path]) -> Asked:
    if source_of(run.info):
        return Asked(result, (), question_of(result))
    try:
        sample, messages = rebuild_prompt(run, result, task_dirs)
    except HarnessError:  # a task that has changed since, or is not here
        return Asked(result, (), "")
    return Asked(result, tuple(messages), sample.question)


def file_names(tasks: Iterable[str]) -> dict[str, str]:
    """Return for each task a name that a file may have, no two alike."""
    names: dict[str, str] = {}
    for task in tasks:
        name, number = name_of(task), 1
        while name in names.values():
            number += 1
            name = f"{name_of(task)}-{number}"
        names[task] = name
    return names


def mean_value(asked: Sequence[Asked]) -> float | None:
    """Return the mean score of those that have one."""
    values = [each.result.score.value for each in asked if each.result.score]
    return sum(values) / len(values) if values else None


def cannot_write(path: Path, error: OSError) -> StoreError:
    """Return the error of a file that cannot be written."""
    return StoreError(f"cannot be written: {error.strerror or error}", where=str(path))
