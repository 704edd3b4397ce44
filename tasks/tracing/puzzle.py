"""What the tasks of the family have in common: statements scattered in prose, questions, answers foreseen to be wrong.

A task draws a `Puzzle`: statements in the order in which they stand, and for each question the right answer with the
answers of single mistakes. An answer that two different mistakes explain is given to neither.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

from pydantic import Field

from harness.contexts import Context, ContextParams, ContextTask, Needle, Place, Question, Stream, build_haystack
from harness.contexts.names import place_name
from harness.contracts import Counter
from harness.errors import ConfigError
from harness.reading import Alternative, Answer, Rule, ValueType, grade, read_reply
from harness.records import Axis, Message, Reply, Sample, Score, Span

from .meanings import MEANINGS

GAP = "\n\n"
QUESTION_TAG, ANSWER_TAG, SEPARATOR = "Question: ", "ANSWER: ", ", "
HOW = 'Answer in one line: write "ANSWER: " and then {how}, nothing else.'
REDRAWS = 60
CACHED = 64
LOWEST, HIGHEST = 11, 98

INTEGER = ValueType(
    name="integer",
    exact=re.compile(r"(?<![0-9a-z.,-])[0-9]{1,9}(?![0-9a-z])(?![.,][0-9])", re.IGNORECASE),
    loose=re.compile(r"(?<![0-9a-z])-?[0-9]{1,9}(?:\.[0-9]+)?(?![0-9a-z])", re.IGNORECASE),
    canonical=lambda text: str(int(text)),
    near=0,
)


class TracingParams(ContextParams):
    """Parameters that all tasks of the family have."""

    answer_budget: int = Field(default=64, ge=1, description="tokens that the visible answer may take")


Wrong = tuple[str, tuple[str, ...], str]
"""The answer of a mistake: failure mode, values, evidence."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question.

    Attributes:
        question: as it stands in the prompt.
        how: what to write, after `write "ANSWER: " and then`.
        gold: the right answer, canonical.
        wrong: answers of single mistakes as (mode, answer, evidence), the likeliest first.
        evidence: places of the statements that the answer follows from.
        ordered: whether the order of the answer counts.
        axes: what the question can be sliced by.
    """

    question: str
    how: str
    gold: tuple[str, ...]
    wrong: tuple[Wrong, ...]
    evidence: tuple[int, ...]
    ordered: bool = False
    axes: Mapping[str, Axis] = field(default_factory=dict)

    def alternatives(self) -> tuple[Alternative, ...]:
        """Return the wrong answers that one mistake alone explains."""
        found: dict[tuple[str, ...], list[Alternative]] = {}
        for mode, answer, evidence in self.wrong:
            if answer:
                found.setdefault(self._key(answer), []).append(Alternative(mode, answer, evidence))
        found.pop(self._key(self.gold), None)
        return tuple(same[0] for same in found.values() if len({each.mode for each in same}) == 1)

    def _key(self, answer: tuple[str, ...]) -> tuple[str, ...]:
        return answer if self.ordered else tuple(sorted(answer))


@dataclass(frozen=True, slots=True)
class Puzzle:
    """What a context states, and what is asked about it.

    Attributes:
        statements: in the order in which they stand.
        names: every invented name in them.
        asks: the questions.
    """

    statements: tuple[str, ...]
    names: tuple[str, ...]
    asks: tuple[Ask, ...]

    @property
    def tails(self) -> list[str]:
        """What stands below the text, by question."""
        return [f"{QUESTION_TAG}{ask.question}\n{HOW.format(how=ask.how)}" for ask in self.asks]


@dataclass(frozen=True, kw_only=True)
class TracingContext(Context):
    """A built context with its puzzle."""

    puzzle: Puzzle


class TracingTask(ContextTask[TracingContext]):
    """Draw a puzzle, plant it, and grade answers by the mistakes that were foreseen.

    Attributes:
        head: the instruction above the text.
    """

    modes = MEANINGS
    head: ClassVar[str]
    Params: ClassVar[type[TracingParams]] = TracingParams

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(params)
        self._puzzle = lru_cache(CACHED)(self._drawn)
        self._wrong = lru_cache(CACHED)(lambda key, question: self._puzzle(key).asks[question].alternatives())

    @abstractmethod
    def draw(self, stream: Stream) -> Puzzle:
        """Draw a puzzle."""

    @abstractmethod
    def solve(self, text: str, question: str) -> tuple[str, ...]:
        """Answer a question from the text alone."""

    def kind(self, puzzle: Puzzle, ask: Ask) -> ValueType:
        """Return what an answer is made of: integers, unless a task asks for names."""
        return INTEGER

    def rules(self, puzzle: Puzzle, ask: Ask) -> Sequence[Rule[Answer]]:
        """Return what is tried on an answer that no foreseen mistake explains."""
        return ()

    def build(self, place: Place) -> TracingContext:
        """Build one context: the statements at even distances, in their order, the filler between them."""
        puzzle = self._puzzle(place.key)
        self._check_budget(puzzle, place.counter)
        head, count = self.head + GAP, place.counter.count
        spread, total = Stream(*place.key, "depths"), len(puzzle.statements)
        needles = [
            Needle(text=text, value=_a_name(text, puzzle.names), depth=(at + spread.fraction()) / total)
            for at, text in enumerate(puzzle.statements)
        ]
        around = count(head) + max(count(GAP + tail) for tail in puzzle.tails)
        budget = place.length - self.params.answer_budget - around
        haystack = build_haystack("prose", needles, budget, place.counter, (*place.key, "filler"), avoid=puzzle.names)
        shift = len(head)
        spans = [
            Span(role="evidence", value=span.value, start=span.start + shift, end=span.end + shift)
            for span in haystack.spans
        ]
        return TracingContext(
            head=head,
            body=haystack.text,
            tokens=count(head) + haystack.tokens,
            questions=tuple(
                Question(
                    text=ask.question,
                    gold=ask.gold,
                    tail=tail,
                    evidence="\n".join(puzzle.statements[at] for at in ask.evidence),
                    spans=tuple(spans[at] for at in ask.evidence),
                    axes=ask.axes,
                )
                for ask, tail in zip(puzzle.asks, puzzle.tails, strict=True)
            ),
            puzzle=puzzle,
        )

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Give 1 for exactly the right answer, and 0 for anything else."""
        key = self._key(sample)
        puzzle = self._puzzle(key)
        ask = puzzle.asks[sample.recipe.question]
        reading = read_reply(
            reply,
            self.kind(puzzle, ask),
            expected=len(sample.gold),
            asked=(sample.data["head"], sample.data["tail"]),
            context=lambda: self.context(sample).folded,
        )
        return grade(
            reading,
            sample.gold,
            ordered=ask.ordered,
            alternatives=lambda: self._wrong(key, sample.recipe.question),
            rules=self.rules(puzzle, ask),
            metrics={"prefix@1": _prefix(reading.extraction.canonical, sample.gold)} if ask.ordered else None,
        )

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Find the gold answer by reading the prompt."""
        text, _, asked = prompt[-1].content.rpartition(QUESTION_TAG)
        return self.solve(text, asked.partition("\n")[0])

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write a gold answer down the way the prompt asks for it."""
        return ANSWER_TAG + (SEPARATOR.join(gold) or "NONE")

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each mistake that has an answer of its own; several values for one are no answer."""
        found = self._wrong(self._key(sample), sample.recipe.question)
        single = len(sample.gold) == 1
        return {each.mode: self.ideal_reply(each.answer) for each in found if len(each.answer) == 1 or not single}

    def _key(self, sample: Sample) -> tuple[str | int, ...]:
        return (sample.recipe.seed, self.name, self.version, sample.recipe.context)

    def _drawn(self, key: tuple[str | int, ...]) -> Puzzle:
        """Draw until every question has an answer."""
        for attempt in range(REDRAWS):
            puzzle = self.draw(Stream(*key, "puzzle", attempt))
            if all(ask.gold for ask in puzzle.asks):
                return puzzle
        raise ConfigError(
            f"in {REDRAWS} attempts no question of every kind had an answer",
            where=self.name,
            fix="choose parameters nearer to the defaults",
        )

    def _check_budget(self, puzzle: Puzzle, counter: Counter) -> None:
        needed = max(counter.count(self.ideal_reply(ask.gold)) for ask in puzzle.asks)
        if needed > self.params.answer_budget:
            raise ConfigError(
                f"the right answer alone takes {needed} tokens",
                where=f"{self.name}: answer_budget",
                found=str(self.params.answer_budget),
                fix=f"set answer_budget = {2 * needed}, or ask for less",
            )


def invented(stream: Stream, count: int) -> list[str]:
    """Draw different names of one word that differ in their first four letters."""
    found: dict[str, str] = {}
    while len(found) < count:
        name = place_name(stream)
        found.setdefault(name[:4].casefold(), name)
    return list(found.values())


@lru_cache(maxsize=CACHED)
def names_kind(names: tuple[str, ...]) -> ValueType:
    """Return the type of values that are a context's names; any other word in an answer's place is an invented one."""
    return ValueType(
        name="name",
        exact=re.compile(rf"(?<![a-z])(?:{'|'.join(names)})(?![a-z])", re.IGNORECASE),
        loose=re.compile(
            r"(?<![a-z])(?!none|answer|the|and|then|from|road|name|place)[a-z]{4,16}(?![a-z])", re.IGNORECASE
        ),
        canonical=str,
        near=0,
    )


def folded(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as they are read from a reply."""
    return tuple(name.casefold() for name in names)


def numbers(stream: Stream, count: int) -> list[int]:
    """Draw different numbers of two digits."""
    return stream.sample(range(LOWEST, HIGHEST + 1), count)


def _a_name(text: str, names: Sequence[str]) -> str:
    return next(name for name in names if name in text)


def _prefix(given: Sequence[str], gold: Sequence[str]) -> float:
    """Return how much of the right sequence is given before the first wrong step."""
    right = next((at for at, (a, b) in enumerate(zip(given, gold, strict=False)) if a != b), min(len(given), len(gold)))
    return right / len(gold) if gold else 0.0
