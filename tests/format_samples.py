"""Samples of the format family that several tests look at."""

from functools import cache

from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.records import Reply
from tasks.format.task import TASKS

RICH = {"amended": True, "competing_example": True, "corrections": 2}
WIDE = {**RICH, "fields": 9, "answer_budget": 450}
VARIANTS = [
    ("format.json", {}),
    ("format.json", {**WIDE, "fields": 10, "depth": 3}),
    ("format.json", {**RICH, "spec_at": "middle", "depth": 5, "fields": 6}),
    ("format.json", {"asked": 1, "entries": 1, "fields": 2, "depth": 1, "spec_at": "start"}),
    ("format.records", {**WIDE, "syntax": "csv", "spec_at": "middle"}),
    ("format.records", {**WIDE, "syntax": "jsonl", "spec_at": "split"}),
    ("format.records", {**RICH, "syntax": "tsv"}),
    ("format.records", {**WIDE, "syntax": "yaml", "spec_at": "start"}),
    ("format.records", {**WIDE, "syntax": "xml"}),
    ("format.records", {**WIDE, "syntax": "markdown", "spec_at": "split"}),
    ("format.template", {**WIDE, "kind": "template", "spec_at": "split"}),
    ("format.template", {**WIDE, "kind": "lines", "spec_at": "middle"}),
    ("format.template", {**RICH, "kind": "bullets"}),
    ("format.template", {"kind": "verbatim", "spec_at": "split"}),
    ("format.constraints", {**RICH, "level": 5, "fields": 4, "asked": 3}),
    ("format.constraints", {"level": 1, "asked": 1, "spec_at": "split"}),
    ("format.constraints", {**RICH, "level": 3, "spec_at": "middle"}),
]


@cache
def _task(name, params):
    return next(cls for cls in TASKS if cls.name == name)(dict(params))


def task_of(name, params):
    return _task(name, tuple(sorted(params.items())))


def samples(name, params, *, length=3072, contexts=3, seed=5):
    task = task_of(name, params)
    cell = Cell(length=length, contexts=range(contexts), questions=1, counter=reference_counter())
    return task, list(task.samples(cell, seed))


def score(task, sample, text, finish_reason="stop"):
    return task.score(sample, Reply(text=text, finish_reason=finish_reason))
