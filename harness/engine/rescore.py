"""Scores saved replies again: the reply is what was paid for, the score is a function of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.engine.environment import environment
from harness.engine.execute import scored
from harness.engine.rebuild import folders_of, rebuild_prompt, task_of
from harness.records import Outcome, Result
from harness.store import Run, RunInfo


@dataclass(frozen=True, slots=True)
class Change:
    """A reply whose score is another one now."""

    sample_id: str
    replicate: int
    before: str
    after: str


def rescore(run: Run, task_dirs: Sequence[Path], advance: Callable[[], object]) -> tuple[list[Result], list[Change]]:
    """Return every result with the score that the tasks give it now, and what changed.

    Raises:
        StoreError: a prompt cannot be built again, so the reply answers another question.
    """
    results, changes = [], []
    for before in run.results:
        after = _again(run, before, task_dirs)
        results.append(after)
        if verdict_of(before) != verdict_of(after):
            changes.append(Change(before.sample_id, before.replicate, verdict_of(before), verdict_of(after)))
        advance()
    return results, changes


def noted(info: RunInfo, now: str, changed: int) -> RunInfo:
    """Return what `run.json` says with this scoring added: when, by which version, how many scores changed."""
    here = environment()
    entry = {"at": now, "harness": here["harness"], "git": here["git"], "changed": changed}
    before = info.environment.get("rescored", [])
    return replace(info, environment={**info.environment, "rescored": [*before, entry]})


def verdict_of(result: Result) -> str:
    """Return `right`, the failure mode, or what went wrong where there is no score."""
    if result.score is None:
        return f"invalid.{result.reply.error.kind}" if result.reply.error else "invalid"
    return "right" if result.score.correct else str(result.score.mode)


def _again(run: Run, result: Result, task_dirs: Sequence[Path]) -> Result:
    reply = result.reply
    if reply.error and reply.error.kind != "scorer_failed":
        return result
    sample, _ = rebuild_prompt(run, result, task_dirs)
    task = task_of(result, task_dirs, folders_of(run))
    score, reply = scored(sample, replace(reply, error=None), task)
    outcome: Outcome = "invalid" if reply.error else "scored"
    return replace(result, score=score, reply=reply, outcome=outcome, version=task.version)
