"""`tracing.list`: keep track of a list that changes step by step over a long text.

Read the text below. It holds numbered steps that change lists. …

… Step 4: 58 is added at the end of the list Velmar. …
… Step 9: the list Velmar is turned round. …

Question: What is the sum of the numbers in the list Velmar after the last step?
Answer in one line: write "ANSWER: " and then the number, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from harness.contexts import Stream
from harness.reading import Answer, Rule

from .puzzle import HIGHEST, LOWEST, Ask, Puzzle, TracingParams, TracingTask, invented, numbers

FRAMES: Mapping[str, str] = {
    "start": "Step {number}: the list {name} starts as {values}.",
    "append": "Step {number}: {values} is added at the end of the list {name}.",
    "prepend": "Step {number}: {values} is put in front of the list {name}.",
    "remove": "Step {number}: {values} is struck from the list {name}.",
    "pop": "Step {number}: the last number of the list {name} is dropped.",
    "reverse": "Step {number}: the list {name} is turned round.",
    "sort": "Step {number}: the list {name} is sorted from low to high.",
}
VIEWS: Mapping[str, tuple[str, str]] = {
    "length": ("How many numbers are in the list {name} after the last step?", "the number"),
    "sum": ("What is the sum of the numbers in the list {name} after the last step?", "the number"),
    "first": ("Which number stands first in the list {name} after the last step?", "the number"),
    "whole": (
        "Which numbers are in the list {name} after the last step, in their order?",
        "the numbers with commas between them",
    ),
}
SLIP = 1


class ListParams(TracingParams):
    """Parameters of `tracing.list`."""

    lists: int = Field(default=4, ge=2, le=32, description="lists, each asked about once")
    operations: int = Field(default=5, ge=1, le=40, description="changes of each list")


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a list."""

    at: int
    kind: str
    values: tuple[int, ...] = ()


def run(steps: Sequence[Step]) -> tuple[int, ...]:
    """Carry out the steps of one list; what cannot be done is left undone."""
    held: list[int] = []
    for step in steps:
        match step.kind:
            case "start" | "append":
                held += step.values
            case "prepend":
                held = [*step.values, *held]
            case "remove":
                held = [value for value in held if value not in step.values]
            case "pop":
                held = held[:-1]
            case "reverse":
                held.reverse()
            case _:
                held.sort()
    return tuple(held)


def view(kind: str, held: Sequence[int]) -> tuple[str, ...]:
    """Return what a view shows of a list; nothing of an empty one, but for its length and sum."""
    shown: dict[str, Callable[[], Sequence[int]]] = {
        "length": lambda: [len(held)],
        "sum": lambda: [sum(held)],
        "first": lambda: held[:1],
        "whole": lambda: held,
    }
    return tuple(map(str, shown[kind]()))


class Lists(TracingTask):
    """Keep track of a list."""

    name = "tracing.list"
    version = "1"
    summary = "keep track of a list that scattered steps change, among other lists"
    head = (
        "Read the text below. It holds numbered steps that change lists of numbers. The steps are carried out in the "
        "order of their numbers. A question follows at the end."
    )
    Params: ClassVar[type[TracingParams]] = ListParams
    sliced_by = ("lists", "operations")
    floor = 0.13

    def draw(self, stream: Stream) -> Puzzle:
        """Draw lists, mix their steps, and ask each list for another view."""
        params: ListParams = self.params
        names = invented(stream, params.lists)
        per_list = [_steps(at, params.operations, stream) for at in range(params.lists)]
        turns = stream.shuffled([at for at, steps in enumerate(per_list) for _ in steps])
        queues = [iter(steps) for steps in per_list]
        mixed = [next(queues[at]) for at in turns]
        views = tuple(VIEWS)
        first = stream.below(len(views))
        asks = tuple(
            _ask(names[at], views[(first + at) % len(views)], at, per_list, mixed) for at in range(params.lists)
        )
        return Puzzle(tuple(_sentence(step, n, names) for n, step in enumerate(mixed, 1)), tuple(names), asks)

    def rules(self, puzzle: Puzzle, ask: Ask) -> Sequence[Rule[Answer]]:
        """Return what is tried on an answer that no foreseen mistake explains."""
        known = {word for text in puzzle.statements for word in re.findall("[0-9]+", text.partition(":")[2])}

        def off_by_one(answer: Answer) -> str:
            single = len(answer.given) == len(answer.gold) == 1 and answer.given[0].isdecimal()
            if not single or abs(int(answer.given[0]) - int(answer.gold[0])) > SLIP:
                return ""
            return f"{answer.given[0]} is next to {answer.gold[0]}"

        def other_step(answer: Answer) -> str:
            wrong = [value for value in answer.given if value not in answer.gold]
            return f"{wrong[0]} stands in a step" if wrong and wrong[0] in known else ""

        return (Rule("trace.off_by_one", off_by_one), Rule("trace.other_step", other_step))

    def solve(self, text: str, question: str) -> tuple[str, ...]:
        """Carry out the steps of a text that speak of the list asked for."""
        name = re.findall(r"the list (\w+)", question)[-1]
        held: list[str] = []
        for number in sorted(re.findall(r"Step ([0-9]+): ", text), key=int):
            step = re.findall(rf"Step {number}: ([^.]*)\.", text)[0]
            if name in step:
                held = _carried_out(held, step)
        if question.startswith("How many"):
            return (str(len(held)),)
        if "sum" in question:
            return (str(sum(map(int, held))),)
        return tuple(held[:1] if "first" in question else held)


def _carried_out(held: list[str], step: str) -> list[str]:
    """Return a list after one step, read from its words."""
    values = re.findall("[0-9]+", step)
    if "starts as" in step or "at the end" in step:
        return held + values
    if "in front" in step:
        return values + held
    if "struck" in step:
        return [value for value in held if value not in values]
    if "dropped" in step:
        return held[:-1]
    return held[::-1] if "turned" in step else sorted(held, key=int)


def _steps(at: int, operations: int, stream: Stream) -> list[Step]:
    """Draw a start of three numbers and changes, each of which changes something."""
    fresh = iter(numbers(stream, HIGHEST - LOWEST + 1))
    steps = [Step(at, "start", (next(fresh), next(fresh), next(fresh)))]
    while len(steps) <= operations:
        held = run(steps)
        kind = stream.choice(("append", "prepend", "append", "remove", "pop", "reverse", "sort"))
        if kind in ("remove", "pop") and len(held) < 3:
            continue
        values = (stream.choice(held),) if kind == "remove" else (next(fresh),) if kind in ("append", "prepend") else ()
        step = Step(at, kind, values)
        if run([*steps, step]) != held and not set(values) & (set(held) if kind != "remove" else set()):
            steps.append(step)
    return steps


def _ask(name: str, shown: str, at: int, per_list: Sequence[Sequence[Step]], mixed: Sequence[Step]) -> Ask:
    steps = per_list[at]
    wrong = [
        ("trace.skipped_operation", view(shown, run([s for s in steps if s is not step])), f"without {step.kind}")
        for step in steps[1:]
    ]
    wrong += [
        ("trace.other_list", view(shown, run(other)), "the answer for another list")
        for place, other in enumerate(per_list)
        if place != at
    ]
    half = len(steps) // 2 + 1
    wrong.append(("trace.start_only", view(shown, run(steps[:1])), "as the list starts, without any change"))
    wrong.append(("trace.prefix_only", view(shown, run(steps[:half])), f"after the first {half - 1} changes"))
    question, how = VIEWS[shown]
    return Ask(
        question.format(name=name),
        how,
        view(shown, run(steps)),
        tuple(wrong),
        tuple(place for place, step in enumerate(mixed) if step.at == at),
        ordered=shown == "whole",
        axes={"view": shown, "steps": len(steps)},
    )


def _sentence(step: Step, number: int, names: Sequence[str]) -> str:
    values = ", ".join(map(str, step.values))
    return FRAMES[step.kind].format(number=number, name=names[step.at], values=values)
