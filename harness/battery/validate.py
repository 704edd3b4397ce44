"""What a sweep's tasks will ask, looked at before it is asked: are rows, right answers and lengths what they seem?

The battery checks what makes samples; this checks samples. It needs no control of the task's and holds for a user's own
data as well: the right answer must score 1, written as the task would write it, and an empty reply must earn nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.contexts import reference_counter
from harness.contracts import Task
from harness.hashing import prompt_sha256
from harness.plan import CellPlan, Plan, samples_of
from harness.records import Axis, Message, Reply, Sample

SHOWN = 5
"""Complaints of one kind that are told; all are counted."""

FEW_CONTEXTS = 10
"""Fewer independent contexts than this prove no margin below 25 points, whatever the replies are."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with some samples.

    Attributes:
        what: one sentence.
        count: how many samples.
        first: the first of them, each with what was found.
        fails: whether scores would be wrong; if not, it is a warning.
    """

    what: str
    count: int
    first: tuple[str, ...]
    fails: bool


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """One task of a sweep, as it will be asked.

    Attributes:
        label: what results call it.
        looked_at: samples that were looked at: all where contexts are given, else those of one context a length.
        samples: how many are asked, by length.
        contexts: different contexts among those that were looked at.
        tokens: of each prompt that was looked at, in rising order.
        axes: by name, each value and how often it occurs; `length_tokens` is left out.
        floor: what guessing earns.
        messages: the first prompt.
        right: the right answer to it, as the task writes it.
        right_answers: how many samples have a right answer that scores 1.
        complaints: what is wrong, failures first.
    """

    label: str
    looked_at: int
    samples: dict[int, int]
    contexts: int
    tokens: tuple[int, ...]
    axes: dict[str, Counter[Axis]]
    floor: float
    messages: tuple[Message, ...]
    right: str
    right_answers: int
    complaints: tuple[Complaint, ...]


@dataclass
class _Looking:
    """What is gathered sample by sample."""

    tokens: list[int] = field(default_factory=list)
    contexts: set[str] = field(default_factory=set)
    axes: dict[str, Counter[Axis]] = field(default_factory=dict)
    asked: dict[str, Sample] = field(default_factory=dict)
    first: tuple[tuple[Message, ...], str] | None = None
    right_answers: int = 0
    found: dict[str, list[str]] = field(default_factory=dict)

    def note(self, kind: str, sample: Sample, told: str) -> None:
        self.found.setdefault(kind, []).append(f"{sample.id}: {told}")


WRONG = "the right answer, as the task writes it, is not scored as right"
EARNS = "an empty reply earns something"
UNKNOWN = "no right reply can be written, so that it is not known whether one would be scored as right"
FAILS = "the scorer fails"
CUT = "the right answer takes more tokens than the answer budget"
TWICE = "the same prompt is asked as before, with the same right answer"
CONTRADICTS = "the same prompt is asked as before, and another answer is right"
FAILING = (WRONG, EARNS, FAILS, CONTRADICTS)


def look_at(plan: Plan) -> list[TaskFacts]:
    """Look at every task of a plan.

    Raises:
        HarnessError: what a task says of its data.
    """
    cells = [cell for cell in plan.cells if not cell.control]
    labels = dict.fromkeys(cell.label for cell in cells)
    return [_facts([cell for cell in cells if cell.label == label], plan) for label in labels]


def _facts(cells: Sequence[CellPlan], plan: Plan) -> TaskFacts:
    looking = _Looking()
    for cell in cells:
        for sample in _samples(cell, plan):
            _look(sample, cell, looking)
    complaints = [
        Complaint(kind, len(found), tuple(found[:SHOWN]), kind in FAILING) for kind, found in looking.found.items()
    ]
    given = cells[0].task.given
    if given and len(looking.contexts) < FEW_CONTEXTS:
        told = f"only {len(looking.contexts)} different contexts: rows that share a document are not independent"
        complaints.append(Complaint(told, len(looking.tokens), (), fails=False))
    messages, right = looking.first or ((), "")
    return TaskFacts(
        label=cells[0].label,
        looked_at=len(looking.tokens),
        samples={cell.length: cell.samples for cell in cells},
        contexts=len(looking.contexts),
        tokens=tuple(sorted(looking.tokens)),
        axes=looking.axes,
        floor=cells[0].task.floor,
        messages=messages,
        right=right,
        right_answers=looking.right_answers,
        complaints=tuple(sorted(complaints, key=lambda each: not each.fails)),
    )


def _samples(cell: CellPlan, plan: Plan) -> Iterator[Sample]:
    contexts = list(cell.wanted) if cell.task.given else list(cell.wanted)[:1]
    for context in contexts:
        yield from samples_of(cell, context, plan)


def _right(task: Task, sample: Sample, looking: _Looking) -> str:
    """Return a right reply; nothing where the task cannot write one."""
    try:
        return task.ideal_reply(sample.gold)
    except LookupError as error:
        looking.note(UNKNOWN, sample, str(error))
        return ""


def _look(sample: Sample, cell: CellPlan, looking: _Looking) -> None:
    task = cell.task
    messages = tuple(task.prompt(sample))
    right = _right(task, sample, looking)
    looking.first = looking.first or (messages, right)
    looking.tokens.append(sample.prompt_tokens)
    looking.contexts.add(sample.context_id)
    for name, value in sample.axes.items():
        if name != "length_tokens":
            looking.axes.setdefault(name, Counter())[value] += 1
    try:
        score = task.score(sample, Reply(text=right, finish_reason="stop")) if right else None
        empty = task.score(sample, Reply(text="", finish_reason="stop"))
    except Exception as error:  # a user's own scorer may raise anything
        looking.note(FAILS, sample, f"{type(error).__name__}: {error}")
        return
    looking.right_answers += bool(score and score.correct)
    if score and not score.correct:
        looking.note(WRONG, sample, f"{score.mode}, {score.evidence}; it is {right[:80]!r}")
    if empty.correct or empty.value > 0:
        looking.note(EARNS, sample, f"{empty.value:g}")
    needed = reference_counter().count(right)
    if needed > sample.answer_budget:
        looking.note(CUT, sample, f"about {needed} of {sample.answer_budget}")
    twin = looking.asked.setdefault(prompt_sha256(messages), sample)
    if twin is not sample:
        looking.note(TWICE if twin.gold == sample.gold else CONTRADICTS, sample, f"as {twin.id}")
