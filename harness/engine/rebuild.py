"""From a line of a run back to the exact prompt: built again from its recipe, and its hash checked."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from harness.contexts import counter_named
from harness.contracts import Counter, Task
from harness.errors import StoreError, UnknownName
from harness.hashing import canonical_json, prompt_sha256
from harness.plan import rebuild
from harness.records import Message, Result, Sample
from harness.registry import make_task
from harness.store import Run, RunInfo
from harness.store.baseline import NOT_KEPT
from harness.store.imported import source_of

LOGGED = "a request of a log, asked by 'harness diff', which stores no requests"


def find_result(run: Run, sample_id: str, replicate: int = 0) -> Result:
    """Return one result of a run.

    Raises:
        UnknownName: the run has no such sample.
    """
    for result in run.results:
        if (result.sample_id, result.replicate) == (sample_id, replicate):
            return result
    known = [result.sample_id for result in run.results]
    near = difflib.get_close_matches(sample_id, known, n=3) or known[:3]
    raise UnknownName(
        f"the run has no sample {sample_id!r}, reply {replicate}", where=str(run.info.path), allowed=", ".join(near)
    )


def rebuild_prompt(run: Run, result: Result, task_dirs: Sequence[Path] = ()) -> tuple[Sample, list[Message]]:
    """Build a result's sample and prompt again.

    Raises:
        StoreError: the task has changed since: the prompt is not the one that was sent. Or the run is a baseline's
            file, which keeps neither, or was imported from another harness, or its requests came from a log.
    """
    if run.info.accepted:
        raise StoreError(
            f"prompts and replies are {NOT_KEPT}", where=str(run.info.path), fix="name the directory of the run"
        )
    if source := source_of(run.info):
        raise StoreError(
            f"the run is a log of {source}: its prompts are not kept, and its tasks are not here to build them again",
            where=str(run.info.path),
            fix=f"score it with {source}, and import the log that it writes",
        )
    if asked_from_log(run.info):
        raise StoreError(
            f"the run has no right answers to score replies by: each sample is {LOGGED}",
            where=str(run.info.path),
            fix="compare them with 'harness diff'",
        )
    task = task_of(result, task_dirs, folders_of(run))
    sample = rebuild(result.recipe, task, counter_of(run))
    messages = task.prompt(sample)
    if prompt_sha256(messages) != result.prompt_sha256:
        raise StoreError(
            "the prompt that was sent cannot be built again",
            where=f"{run.info.path}: {result.sample_id}",
            found=f"{result.recipe.task} version {task.version}; the run was made with version {result.version}",
            fix="install the version of the task that the run was made with",
        )
    return sample, messages


def asked_from_log(info: RunInfo) -> bool:
    """Tell whether a run is one of `harness diff`: what was asked are logged requests, without right answers."""
    return any("log_sha256" in task for task in info.config.get("task", ()))


def task_of(result: Result, task_dirs: Sequence[Path] = (), folders: Sequence[Path] = ()) -> Task:
    """Return the task that made a result's sample, with its parameters; its files are looked for in `folders`."""
    return _task(result.recipe.task, canonical_json(result.recipe.params), tuple(task_dirs), tuple(folders))


def folders_of(run: Run) -> tuple[Path, ...]:
    """Return where files that a run's tasks name may be: here, and above the run.

    Their paths are kept as the sweep has them, and not its folder: a run is read on other machines too.
    """
    return (Path(), *run.info.path.resolve().parents)


@lru_cache(maxsize=32)
def _task(name: str, params: str, task_dirs: tuple[Path, ...], folders: tuple[Path, ...]) -> Task:
    """Keep the tasks that were made: each keeps the contexts it built last."""
    return make_task(name, json.loads(params), task_dirs=task_dirs, folders=folders)


def counter_of(run: Run) -> Counter:
    """Return the counter that a run's lengths were fitted with.

    A tokenizer's path is kept as the sweep has it, relative to the sweep: it is looked for here and above the run.
    """
    name = str(run.info.config["sweep"]["tokenizer"])
    found = (folder / name for folder in folders_of(run))
    return counter_named(next((str(path) for path in found if path.is_file()), name))
