"""The data of the harness: frozen, serialisable, and free of behaviour.

A task makes `Sample`s, a model answers with a `Reply`, the task turns that into a `Score`, and one line of a run on
disk is a `Result`. Every number that leaves the statistics is an `Estimate`. This module imports nothing of ours, so
that everything may import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Axis = str | int | float | bool
"""The value of one axis of a sample: `length_tokens`, `depth`, `language`, `decoys` …"""

Outcome = Literal["scored", "ungraded", "invalid"]
Control = Literal["closed_book", "oracle_context", "short_base"]
"""A sample that says why points are lost and enters no verdict: its axis `control` names what is asked differently."""

FinishReason = Literal["stop", "length", "content_filter", "error", "unknown"]
ErrorKind = Literal[
    "timeout",
    "rate_limit",
    "server_error",
    "connection",
    "context_overflow",
    "content_filter",
    "bad_request",
    "auth",
    "not_found",
    "bad_reply",
    "adapter_failed",
    "scorer_failed",
]

RETRIED: frozenset[ErrorKind] = frozenset({"timeout", "rate_limit", "server_error", "connection"})
"""Errors that may go away by themselves. A 4xx (other than 408, 409 and 429) never does."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A planted piece of the prompt.

    Attributes:
        role: `gold` states a right answer, `decoy` states a wrong one on purpose.
        kind: what sort of decoy; empty for gold.
        value: the value stated there, as text.
        start: first character, as an offset into the content of message number `message`.
        end: one past the last character.
        message: index of the message.
    """

    role: Literal["gold", "decoy", "evidence", "instruction"]
    value: str
    start: int
    end: int
    kind: str = ""
    message: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All it takes to build a sample again, byte for byte: results keep this instead of the prompt.

    Attributes:
        task: name of the task.
        seed: seed of the sweep.
        params: the task's parameters, resolved (defaults included).
        length: target length in tokens: the rendered prompt plus the answer budget.
        counter: name of the token counter that the length was fitted with.
        context: index of the context in the cell.
        question: index of the question on that context.
        questions: how many questions the context has.
    """

    task: str
    seed: int
    params: Mapping[str, Any]
    length: int
    counter: str
    context: int
    question: int
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One question on one context.

    Attributes:
        id: unique in a sweep and readable: `retrieval.exact/32k/c0017/q3`.
        task: name of the task, and `version` of it: both enter the pairing of runs.
        context_id: the cluster. Samples that share a text, or the facts in it, are not independent and share this id.
        gold: the right answer as a tuple of values; empty where the right answer is "there is none".
        question: the question alone, for people.
        spans: what was planted, and where it ended up.
        axes: what the sample can be sliced by. Every sample has `length_tokens`; most have `depth` (0 to 1).
        recipe: how to build it again.
        prompt_tokens: tokens of the rendered prompt by the counter that fitted it.
        answer_budget: tokens that the visible answer may take.
        data: anything else that the task's own `prompt` and `score` need. Plain JSON values only. Its `sampling`, where
            there is one, is what this sample must be sent with: it goes before the model's own.
    """

    id: str
    task: str
    version: str
    context_id: str
    gold: tuple[str, ...]
    question: str
    spans: tuple[Span, ...]
    axes: Mapping[str, Axis]
    recipe: Recipe
    prompt_tokens: int
    answer_budget: int
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the provider counted them; None is "did not say", never zero."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyError:
    """Why there is no answer: infrastructure, never a wrong answer."""

    kind: ErrorKind
    message: str
    status: int | None = None
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back from a model: never a bare string.

    Attributes:
        text: the visible answer.
        reasoning: what the server handed over as reasoning, apart from the answer; empty if nothing.
        finish_reason: why generation stopped, in our words.
        usage: the provider's token counts.
        latency_s: wall seconds of the successful attempt.
        attempts: how many times the request was sent.
        served_model: the model name that the server says answered.
        error: set when there is no score: the call failed and `text` is empty, or scoring failed and `text` is kept.
    """

    text: str = ""
    reasoning: str = ""
    finish_reason: FinishReason = "unknown"
    usage: Usage = Usage()
    latency_s: float | None = None
    attempts: int = 1
    served_model: str = ""
    error: ReplyError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a reply earned, and why not more.

    Attributes:
        value: 0 to 1, the task's headline score.
        correct: whether the answer counts as right.
        mode: exactly one failure mode when not correct (`distractor.other_key`), None when correct.
        flags: everything else that was noticed, on right answers too.
        answer: what was read from the reply, as values.
        rung: which step of the extraction ladder found it (`tagged`, `last_line` …).
        evidence: one sentence for people: what the label rests on.
        metrics: auxiliary scores, each named `metric@version`.
    """

    value: float
    correct: bool
    mode: str | None = None
    flags: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()
    rung: str = ""
    evidence: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of a run: a sample, what the model replied, and the score (None when the reply is an error or ungraded).

    Attributes:
        sample_id: id of the sample; with `replicate` it is unique in the run.
        replicate: 0 for the first reply to a sample, 1 for the second …
        outcome: `scored`, `ungraded` (answered, and there is no right answer to hold it against), or `invalid`
            (infrastructure): never a zero, never dropped.
        prompt_sha256: hash of the rendered messages; with the gold and the task version it pairs two runs.
        expected_tokens: tokens that this model should have seen, and `expected_by`, the counter that says so.
    """

    sample_id: str
    task: str
    version: str
    context_id: str
    replicate: int
    axes: Mapping[str, Axis]
    recipe: Recipe
    gold: tuple[str, ...]
    prompt_sha256: str
    expected_tokens: int
    expected_by: str
    outcome: Outcome
    reply: Reply
    score: Score | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number that may be shown: it carries its interval, its n and its method. Unknown is None, never 0.

    Attributes:
        value: the estimate itself.
        low: lower end of its interval, likewise `high`; None where the data give none.
        n: samples behind it.
        level: confidence of the two-sided interval (0.9 is 90 %).
        method: how the interval was made.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    level: float
    method: str
