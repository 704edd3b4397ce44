"""What a task is and what a model is. Everything that plugs into the harness is one of the two.

A task is data first: it yields `Sample`s for a `Cell`, renders each to messages, scores a `Reply`, and can solve its
own rendered prompt (`oracle`), which is how its own tests know that a question has the answer it claims. A model turns
a `Request` into a `Reply` and never raises for a failed call: a failure is a `Reply` with an error.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

from harness.records import Message, Reply, Sample, Score


class Counter(Protocol):
    """Counts tokens.

    Attributes:
        name: how results name it: `reference`, or `tokenizer:` and the first 12 digits of the file's SHA-256.
        exact: whether this is the served model's own tokenizer, or an estimate.
    """

    name: str
    exact: bool

    def count(self, text: str) -> int:
        """Tokens of `text`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A request for samples: one task at one length.

    Attributes:
        length: tokens of the rendered prompt plus the answer budget, by `counter`. A sample is never longer.
        contexts: which contexts, by index. A context's text, facts and questions depend on its index, not on how many
            others there are.
        questions: how many questions each context gets.
        counter: what counts.
    """

    length: int
    contexts: range
    questions: int
    counter: Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which samples there are of a task whose contexts are given, not made.

    Attributes:
        cells: for each length that holds any, by index of the context, the prompt tokens of each of its questions.
        notes: what a person must be told before anything is asked, such as how many rows are left out.
    """

    cells: Mapping[int, Mapping[int, Mapping[int, int]]]
    notes: tuple[str, ...] = ()


class Params(BaseModel):
    """A task's parameters: the keys that a `[[task]]` table of a sweep may hold besides `name`.

    Attributes:
        answer_budget: tokens that the visible answer may take; part of a sample's length.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    answer_budget: int = Field(default=128, ge=1)


class Task(ABC):
    """One kind of question, how to ask it, how to score it.

    Attributes:
        name: `family.task`.
        version: raised whenever a prompt, a gold answer or a score may change: runs of two versions never pair.
        summary: one line for `harness tasks list`.
        floor: what guessing earns; an object may set its own where its parameters decide.
        given: whether its contexts are given, such as the rows of a file, and not made: then it has a `layout`, and the
            sweep's numbers of contexts and questions do not apply to it.
        graded: whether there are right answers; without them replies are kept and not scored.
        selects: the parameter that a name such as `lm-eval:ifeval` sets to what stands behind the colon; empty for a
            task that has no such.
        modes: what a reply of a failure mode of its own does, in plain words, by the mode or its first parts (`agg`):
            the report shows them. Shared modes are in `harness.reading.meanings`.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    summary: ClassVar[str]
    floor: float = 0.0
    given: ClassVar[bool] = False
    graded: ClassVar[bool] = True
    selects: ClassVar[str] = ""
    modes: ClassVar[Mapping[str, str]] = {}
    Params: ClassVar[type[Params]] = Params

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        """Validate `params` against `Params`; pydantic's error is turned into a `ConfigError` by the caller."""
        self.params: Any = self.Params.model_validate(dict(params or {}))

    @abstractmethod
    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        """Yield the samples of a cell, context by context. Same arguments, same bytes, in every process."""

    @abstractmethod
    def prompt(self, sample: Sample) -> list[Message]:
        """Render a sample to what is sent."""

    @abstractmethod
    def score(self, sample: Sample, reply: Reply) -> Score:
        """Score a reply that has no error. Whatever the text is, this returns; it never raises."""

    @abstractmethod
    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Find the gold answer in the rendered prompt alone, without the sample."""

    @abstractmethod
    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write a gold answer down the way the prompt asks for it."""

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return, by failure mode, a reply that makes just this mistake on this sample, for those that it plants.

        They show that the labels hold what they promise: each of these replies must be given its own mode.
        """
        return {}

    def find_files(self, folders: Sequence[Path]) -> None:
        """Take the folders in which files that the parameters name are looked for, first to last."""
        return

    def pins(self) -> Mapping[str, Any]:
        """Return parameters that pin what others name, such as the hash of a file; a sweep adds them to its own.

        Raises:
            HarnessError: what they name cannot be read, or is not what a pin says.
        """
        return {}

    def layout(self, lengths: Sequence[int], counter: Counter, seed: int) -> Layout:
        """Say which questions of which contexts are asked at which of these lengths, for a task with `given` contexts.

        Raises:
            HarnessError: they do not fit these lengths.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call of a model.

    Attributes:
        messages: what is sent.
        answer_budget: tokens for the visible answer.
        reasoning_budget: tokens for reasoning on top of it; 0 for a model that does not reason.
        sampling: temperature, top_p, seed …, as the sweep has them.
        replicate: which reply to the same sample this is.
        sample: for controls and simulations, which must know what is asked. Never sent.
        task: likewise.
    """

    messages: Sequence[Message]
    answer_budget: int
    sample: Sample
    task: Task
    reasoning_budget: int = 0
    sampling: Mapping[str, Any] = field(default_factory=dict)
    replicate: int = 0


class Settings(BaseModel):
    """An adapter's own keys of a `[[model]]` table. Subclasses add fields; anything else in the table is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Model(ABC):
    """What answers. An async context manager: servers that it owns live inside `async with`.

    Attributes:
        Settings: the adapter's keys of a `[[model]]` table.
        kind: `model` for a language model; `control` (its answer is built from a rule) and `simulated` (its errors are
            drawn at random from declared rates) are shown beside every number they earn.
    """

    Settings: ClassVar[type[Settings]] = Settings
    kind: ClassVar[Literal["model", "control", "simulated"]] = "model"

    def __init__(self, settings: Any) -> None:
        """Keep the validated settings. Nothing is started, opened or imported here."""
        self.settings = settings

    async def __aenter__(self) -> Self:
        """Start what must run, and fail with a `ServerError` if it cannot."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop it."""
        return

    @abstractmethod
    async def generate(self, request: Request) -> Reply:
        """Answer. A failed call is a `Reply` with an error, not an exception."""

    async def identity(self) -> dict[str, Any]:
        """What answered, as far as it says: server, version, weights, context limit. Goes into `run.json`."""
        return {}

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:
        """Tokens of the prompt as this model will see it, or None where only an estimate is possible."""
        return None

    @property
    def context_limit(self) -> int | None:
        """Tokens of prompt plus answer that fit, where known."""
        return None
