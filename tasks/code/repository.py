"""Builds the text of a context: planted files, filler that is made of the same idioms, one order for all of them.

`build_repository` is what every task of the family builds its contexts with: it takes groups of planted files and the
questions about them, and fills up to the length with chains that nobody asks about. What is planted never depends on
the length; the names that it uses are kept out of the filler.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from harness.contexts import Context, InfeasibleLength, Place, Question, Stream
from harness.contracts import Counter
from harness.reading import fold
from harness.records import Span

from .chains import draw_chain
from .draw import Draw
from .idioms import IDIOMS
from .links import LINKS
from .program import File, Program, path_of, read_files, show

GAP = "\n\n"
Order = Literal["shuffled", "topological"]
FILLER_HOPS = (1, 2, 3, 3, 4, 5)
SHORT_TRIES = 12
TOKENS_A_PACKAGE = 3000
TRIMS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the planted files that it is about.

    Attributes:
        question: without spans: they are added here.
        files: those that the answer rests on, and those that mislead.
    """

    question: Question
    files: tuple[File, ...]


@dataclass(frozen=True, kw_only=True)
class CodeContext(Context):
    """A built repository."""

    @cached_property
    def program(self) -> Program:
        """Its files."""
        return Program(read_files(self.body))

    @cached_property
    def functions(self) -> frozenset[str]:
        """The dotted names of all functions and methods that stand in a module or a class."""
        return frozenset(name for module in self.program.sources for name in functions_of(self.program, module))

    @cached_property
    def folded_functions(self) -> frozenset[str]:
        """The same in lower case, as replies are read."""
        return frozenset(fold(name) for name in self.functions)


_DEFINITION = re.compile(r"^( {4})?(def|class) (\w+)", re.MULTILINE)


def functions_of(program: Program, module: str) -> Iterator[str]:
    """Yield the dotted names of the functions and methods of a module, read without parsing it: there may be many."""
    owner = ""
    for indent, kind, name in _DEFINITION.findall(program.sources[module]):
        if kind == "class":
            owner = name
        elif not indent:
            owner = ""
            yield f"{module}.{name}"
        elif owner:
            yield f"{module}.{owner}.{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is planted in a repository.

    Attributes:
        head: the instruction, with the white space that parts it from the files.
        groups: planted files; in each group those that come first in the order of imports first.
        asked: the questions.
        names: identifiers that the filler must not use.
        packages: names of packages that the filler adds modules to.
        beside: unrelated definitions that each file of the filler may hold, as the planted ones do.
    """

    head: str
    groups: tuple[tuple[File, ...], ...]
    asked: tuple[Asked, ...]
    names: Collection[str]
    packages: tuple[str, ...]
    beside: int = 0


def build_repository(plan: Plan, place: Place, order: Order, answer_budget: int) -> CodeContext:
    """Build a context: what is planted, and as much filler as the length leaves room for.

    Args:
        plan: what is planted.
        place: where the context belongs.
        order: `shuffled`, or `topological`: no file before those that it imports from.
        answer_budget: tokens kept free for the answer.

    Raises:
        InfeasibleLength: the planted files do not fit.
    """
    count = place.counter.count
    around = count(plan.head) + max(count(GAP + each.question.tail) for each in plan.asked)
    budget = place.length - answer_budget - around
    planted = count("".join(show(file) for group in plan.groups for file in group))
    if planted > budget:
        raise InfeasibleLength(planted, budget)
    filler = _filler(plan, place, budget - planted)
    for _ in range(TRIMS):
        files = _ordered([*plan.groups, *filler], order, Stream(*place.key, "order"))
        body = "".join(map(show, files)).rstrip()
        tokens = count(body)
        if tokens <= budget:
            break
        over = tokens - budget
        while filler and over > 0:
            over -= count("".join(map(show, filler.pop())))
    else:
        raise InfeasibleLength(tokens, budget)
    starts = _starts(files, len(plan.head))
    return CodeContext(
        head=plan.head,
        body=body,
        tokens=count(plan.head) + tokens,
        questions=tuple(_placed(each, starts, len(body)) for each in plan.asked),
    )


def _starts(files: Sequence[File], at: int) -> dict[str, int]:
    starts = {}
    for file in files:
        starts[file.path] = at
        at += len(show(file))
    return starts


def _placed(asked: Asked, starts: dict[str, int], length: int) -> Question:
    """Add the spans of a question's files, how many files there are, and which share of the text they spread over."""
    spans = tuple(
        Span(
            role="evidence" if file.needed else "decoy",
            kind=file.misleads,
            value=file.path,
            start=starts[file.path],
            end=starts[file.path] + len(show(file).rstrip()),
        )
        for file in asked.files
    )
    needed = [span.start for span in spans if span.role == "evidence"]
    spread = (max(needed) - min(needed)) / length
    return replace(
        asked.question, spans=spans, axes={**asked.question.axes, "files": len(starts), "spread": round(spread, 2)}
    )


def _ordered(groups: Sequence[Sequence[File]], order: Order, stream: Stream) -> list[File]:
    """Shuffle all files; or merge the groups at random, each in its own order, which is that of imports."""
    if order == "shuffled":
        return stream.shuffled([file for group in groups for file in group])
    queues = [iter(group) for group in groups]
    turns = stream.shuffled([index for index, group in enumerate(groups) for _ in group])
    return [next(queues[index]) for index in turns]


def _filler(plan: Plan, place: Place, budget: int) -> list[tuple[File, ...]]:
    """Draw chains while they fit, then short ones, then constants for what is left."""
    stream = Stream(*place.key, "filler")
    draw = Draw(stream, plan.packages, tuple(plan.names))
    draw.packages += [draw.word() for _ in range(place.length // TOKENS_A_PACKAGE)]
    count = place.counter.count
    groups: list[tuple[File, ...]] = []
    short = 0
    while short < SHORT_TRIES:
        hops = 1 if short else stream.choice(FILLER_HOPS)
        files = _chain(hops, draw, plan.beside)
        cost = count("".join(map(show, files)))
        if cost > budget:
            short += 1
            continue
        groups.append(files)
        budget -= cost
    constants = _constants(draw, budget, place.counter)
    return [*groups, (constants,)] if constants else groups


def _chain(hops: int, draw: Draw, beside: int) -> tuple[File, ...]:
    idioms = draw.stream.sample(_IDIOMS, hops)
    return draw_chain(idioms, [draw.stream.choice(LINKS) for _ in range(hops - 1)], draw, beside).files


_IDIOMS = tuple(IDIOMS)


def _constants(draw: Draw, budget: int, counter: Counter) -> File | None:
    """Return a file of as many constants as fit, or None where not one does."""
    path, lines = path_of(draw.module()), ""
    while True:
        line = f"{draw.word().upper()} = {draw.number()}"
        longer = f"{lines}\n{line}" if lines else line
        if counter.count(show(File(path, longer))) > budget:
            return File(path, lines) if lines else None
        lines = longer
