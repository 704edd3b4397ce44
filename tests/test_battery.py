"""The battery passes for the built-in tasks, and fails for a task that breaks a rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.battery import check_task
from harness.registry import built_in_tasks_dir, task_classes

BROKEN = """
from harness.contracts import Task
from harness.registry import make_task

Good = type(make_task("retrieval.exact", {}))


class Broken(Good):
    name = "broken.task"
    BODY


TASKS = (Broken,)
"""

GENEROUS = """def score(self, sample, reply):
        from dataclasses import replace
        return replace(super().score(sample, reply), value=1.0, correct=True, mode=None)"""
BLIND = """def oracle(self, prompt):
        return ("0000000",)"""
RESTLESS = """def prompt(self, sample):
        import os
        from harness.records import Message
        return [Message(m.role, m.content + f" {os.getpid()}") for m in super().prompt(sample)]"""
TALL = """def prompt(self, sample):
        from harness.records import Message
        return [Message(m.role, m.content + " and so on" * 100) for m in super().prompt(sample)]"""
MODELESS = """def score(self, sample, reply):
        from dataclasses import replace
        return replace(super().score(sample, reply), mode=None)"""


@pytest.mark.parametrize("name", sorted(task_classes()))
def test_built_in_tasks_pass(name: str) -> None:
    assert built_in_tasks_dir().is_dir()
    failed = [finding for finding in check_task(name, {}, lengths=(1024, 4096)) if not finding.passed]
    assert failed == []


@pytest.mark.parametrize(
    ("body", "check"),
    [
        (GENEROUS, "an empty reply earns no more than the floor at 1k"),
        (BLIND, "the oracle scores 1 at 1k"),
        (RESTLESS, "the same bytes in a new process"),
        (TALL, "never longer than asked at 1k"),
        (MODELESS, "a refusal earns no more than the floor at 1k"),
    ],
)
def test_a_broken_task_fails(tmp_path: Path, body: str, check: str) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "task.py").write_text(BROKEN.replace("BODY", body))
    failed = {f.check for f in check_task("broken.task", {}, [folder], lengths=(1024,)) if not f.passed}
    assert check in failed
