"""A task whose questions share long contexts: what all such tasks have in common.

A family says how one context is built, with its questions, and how a reply is scored; identities, axes, recipes, the
cache of built contexts and the controls are the same for all of them and live here. Facts and questions come from
streams that know the seed and the index of the context and never its length; the length decides about filler alone.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import Field

from harness.contexts.tokens import counter_named
from harness.contracts import Cell, Counter, Params, Task
from harness.errors import ConfigError
from harness.reading.text import fold
from harness.records import Axis, Message, Recipe, Sample, Span
from harness.sizes import format_size

GAP = "\n\n"
CACHED_CONTEXTS = 16
"""Contexts kept: more than are answered at once, and at 1M tokens still under half a gigabyte."""

Shown = Literal["all", "evidence", "nothing"]
"""How much of the context a prompt shows; the last two are controls."""


class ContextParams(Params):
    """Parameters that every task with contexts has.

    Attributes:
        shown: `all` of the context; only the `evidence` that the question needs (oracle context: what is lost here is
            not lost by searching); or `nothing` (closed book: what is right here was known or guessed).
    """

    shown: Shown = Field(default="all", description="how much of the context is shown; the rest are controls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a context belongs.

    Attributes:
        key: names the streams of the context: seed, task, version and index, never the length.
        index: index of the context.
        length: tokens of prompt and answer together; a built context may take fewer, never more.
        counter: what counts them.
    """

    key: tuple[str | int, ...]
    index: int
    length: int
    counter: Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question on a context.

    Attributes:
        text: the question alone, for people.
        gold: the right answer; empty where there is none.
        tail: what stands below the context in the prompt: the question, and how to answer.
        evidence: the least text from which the answer follows: the context of the control `oracle_context`.
        spans: what is planted as this question sees it, as offsets into the message of the whole prompt.
        axes: what the sample can be sliced by, beside the length and the parameters.
        data: what scoring needs beside the context. Plain JSON values only.
    """

    text: str
    gold: tuple[str, ...]
    tail: str
    evidence: str
    spans: tuple[Span, ...] = ()
    axes: Mapping[str, Axis] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Context:
    """A built context: `head`, `body`, and a question's tail make its prompt.

    Attributes:
        head: the instruction, with the white space that parts it from the body.
        body: the long text.
        tokens: of head and body.
        questions: as many as the task's parameters allow, asked from the first on.
    """

    head: str
    body: str
    tokens: int
    questions: tuple[Question, ...]

    @cached_property
    def folded(self) -> str:
        """The body in one folded line: what a copied reply is recognised by."""
        return " ".join(fold(self.body).split())

    def messages(self, question: int, shown: Shown = "all") -> list[Message]:
        """Render the prompt of a question."""
        asked = self.questions[question]
        body = {"all": self.body, "evidence": asked.evidence, "nothing": ""}[shown]
        return [Message("user", f"{self.head}{body}{GAP}{asked.tail}" if body else f"{self.head}{asked.tail}")]


Built = TypeVar("Built", bound=Context)


class ContextTask(Task, Generic[Built]):
    """A task whose questions share contexts. A family implements `build`, `score`, `oracle` and `ideal_reply`.

    `ContextTask[MyContext]` says what `build` returns.

    Attributes:
        sliced_by: parameters that are axes of every sample.
    """

    sliced_by: ClassVar[tuple[str, ...]] = ()
    Params: ClassVar[type[Params]] = ContextParams

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(params)
        self._counters: dict[str, Counter] = {}
        self._built = lru_cache(CACHED_CONTEXTS)(self._build)

    @abstractmethod
    def build(self, place: Place) -> Built:
        """Build one context.

        Raises:
            InfeasibleLength: what must be planted does not fit.
        """

    def context(self, sample: Sample) -> Built:
        """Return the context of a sample, built again where it is not at hand."""
        recipe = sample.recipe
        return self._built(recipe.seed, recipe.context, recipe.length, recipe.counter)

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        """Yield the samples of a cell, context by context."""
        self._counters[cell.counter.name] = cell.counter
        for index in cell.contexts:
            context = self._built(seed, index, cell.length, cell.counter.name)
            self._check_questions(len(context.questions), cell.questions)
            for question in range(cell.questions):
                yield self._sample(cell, seed, index, question)

    def prompt(self, sample: Sample) -> list[Message]:
        """Render a sample."""
        return self.context(sample).messages(sample.recipe.question, self.params.shown)

    def _build(self, seed: int, index: int, length: int, counter_name: str) -> Built:
        counter = self._counters.get(counter_name) or counter_named(counter_name)
        return self.build(
            Place(key=(seed, self.name, self.version, index), index=index, length=length, counter=counter)
        )

    def _sample(self, cell: Cell, seed: int, index: int, question: int) -> Sample:
        context = self._built(seed, index, cell.length, cell.counter.name)
        asked = context.questions[question]
        whole = self.params.shown == "all"
        size = format_size(cell.length) if whole else f"{format_size(cell.length)}-{self.params.shown}"
        return Sample(
            id=f"{self.name}/{size}/c{index:04d}/q{question}",
            task=self.name,
            version=self.version,
            context_id=f"{self.name}/c{index:04d}",
            gold=asked.gold,
            question=asked.text,
            spans=asked.spans if whole else (),
            axes={
                "length_tokens": cell.length,
                **{name: getattr(self.params, name) for name in self.sliced_by},
                **asked.axes,
            },
            recipe=Recipe(
                task=self.name,
                seed=seed,
                params=self.params.model_dump(mode="json"),
                length=cell.length,
                counter=cell.counter.name,
                context=index,
                question=question,
                questions=cell.questions,
            ),
            prompt_tokens=self._tokens(context, question, cell.counter),
            answer_budget=self.params.answer_budget,
            data={"head": context.head, "tail": asked.tail, **asked.data},
        )

    def _tokens(self, context: Context, question: int, counter: Counter) -> int:
        if self.params.shown == "all":
            return context.tokens + counter.count(GAP + context.questions[question].tail)
        messages: Sequence[Message] = context.messages(question, self.params.shown)
        return sum(counter.count(message.content) for message in messages)

    def _check_questions(self, most: int, asked: int) -> None:
        if asked > most:
            raise ConfigError(
                f"{asked} questions per context are asked, and the parameters of {self.name} make {most}",
                where="questions",
                found=str(asked),
                allowed=f"1 to {most}",
                fix="ask fewer questions per context and more contexts, or change the task's parameters",
            )


DEPTH_BINS = 5
"""Needles are spread evenly, so equal bins hold equally many."""


def depth_bin(depth: float) -> str:
    """Return the fifth of the context that a depth lies in: `40-60%`."""
    index = min(int(depth * DEPTH_BINS), DEPTH_BINS - 1)
    step = 100 // DEPTH_BINS
    return f"{index * step:02d}-{(index + 1) * step:02d}%"
