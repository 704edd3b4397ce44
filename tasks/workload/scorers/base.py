"""What a scorer is, and how what it finds in a reply becomes a score.

A scorer reads the visible reply alone: reasoning is taken off before, and the modes that any reply can have (empty,
truncated, a refusal, an echo) are found by `harness.reading` and come first. A scorer adds how an answer of its kind is
wrong.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from harness.reading import GENERIC, UNATTRIBUTED, Extraction, Reading, cap, fold, matches, split_reasoning
from harness.reading import Found as FoundValue
from harness.reading.values import ADJECTIVE_NOUN
from harness.records import Reply, Score

CLOSE = 1e-9
"""Values this near to the threshold reach it: sums of shares are not exact."""

SHOWN_CHARS = 200
SHOWN_ITEMS = 20

EARNS_NOTHING = frozenset({"empty", "degenerate", "refusal", "prompt_echo", "context_parrot", "placeholder"})
"""Families of modes whose replies earn nothing: some of what they repeat may be right by chance."""

_RULES = tuple(rule for rule in GENERIC if rule.mode not in ("hedged_multi", "truncated.answer"))


class BadAnswer(ValueError):
    """The answer of a row is not of the kind that the scorer compares."""


class Options(BaseModel):
    """Options that every scorer has.

    Attributes:
        name: the scorer.
        threshold: value from which a reply is right.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str
    threshold: float = Field(default=1.0, gt=0, le=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reply is held against.

    Attributes:
        gold: the right answer as the sample keeps it.
        answer: the same as it stands in the row.
        row: the whole row.
        known: right answers of all rows, in the form in which the scorer compares them.
        prompt: what stands before the document in the prompt, and behind it.
        context: gives the document in one folded line.
    """

    gold: tuple[str, ...]
    answer: Any
    row: Mapping[str, Any]
    known: frozenset[str]
    prompt: tuple[str, str]
    context: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which an answer is wrong: a failure mode, and a sentence for people."""

    mode: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a scorer found in a reply.

    Attributes:
        value: what it earns, 0 to 1.
        answer: what was read, for people.
        faults: how it is wrong, what names it first.
        rung: where it was read.
        flags: what else was noticed.
        metrics: auxiliary scores, each named `metric@version`.
        known: whether it is an answer to such a question, if a wrong one: what a question lists is then no echo of it.
    """

    value: float
    answer: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    rung: str = "whole"
    flags: tuple[str, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    known: bool = False


class Scorer(ABC):
    """Compares an answer with the right one.

    Attributes:
        Options: the keys of its table.
        searches: whether it looks for the answer inside the reply, so that a copy of the prompt would hold it.
        copies: whether a right reply is a copy of a part of the prompt, so that copying is no fault.
    """

    Options: ClassVar[type[Options]] = Options
    searches: ClassVar[bool] = False
    copies: ClassVar[bool] = False

    def __init__(self, options: Any, folders: Sequence[Path] = ()) -> None:
        self.options = options
        self.folders = tuple(folders)

    @abstractmethod
    def gold(self, answer: Any) -> tuple[str, ...]:
        """Bring the answer of a row into the form that a sample keeps. Raises `BadAnswer`."""

    @abstractmethod
    def read(self, visible: str, asked: Asked) -> Found:
        """Read the visible text of a reply and compare it."""

    def known(self, golds: Iterable[tuple[str, ...]]) -> frozenset[str]:
        """Return all right answers as they are compared, where a wrong one may be that of another row."""
        return frozenset()

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write a right answer as a reply."""
        return gold[0]

    def check(self) -> None:
        """Find out what is missing before anything is asked. Raises `ConfigError`."""
        return

    def files(self) -> Mapping[str, bytes]:
        """Return the files that a score depends on, by name."""
        return {}


def judge(scorer: Scorer, asked: Asked, reply: Reply) -> Score:
    """Score a reply: right from the threshold on, else with exactly one failure mode."""
    split = split_reasoning(reply)
    visible = cap(split.visible)
    found = scorer.read(visible, asked) if visible.strip() else Found(0.0)
    folded = fold(visible)
    own = (FoundValue(folded[:SHOWN_CHARS], folded[:SHOWN_CHARS]),) if found.value > 0 and not scorer.searches else ()
    reading = Reading(
        reply=reply,
        split=split,
        folded=folded,
        kind=ADJECTIVE_NOUN,
        extraction=Extraction(values=own, rung=found.rung, chunk=folded[:SHOWN_CHARS]),
        expected=0,
        asked=asked.prompt,
        context=asked.context,
    )
    generic = matches(_RULES, reading)
    if found.known and not scorer.searches:
        generic.pop("prompt_echo", None)
    if scorer.copies:
        generic = {mode: why for mode, why in generic.items() if mode not in ("prompt_echo", "context_parrot")}
    reached = found.value >= scorer.options.threshold - CLOSE and bool(visible.strip()) and not split.unclosed
    copied = scorer.searches and ("context_parrot" in generic or "prompt_echo" in generic)
    if reached and not copied:
        return _score(found, found.value, None, {})
    modes = dict(generic)
    if reply.finish_reason == "length" and folded and not split.unclosed:
        modes["truncated.answer"] = "the budget ran out in the middle of the answer"
    for fault in found.faults:
        modes.setdefault(fault.mode, fault.evidence)
    mode = next(iter(modes), UNATTRIBUTED)
    nothing = mode.partition(".")[0] in EARNS_NOTHING or mode == "truncated.reasoning"
    return _score(found, 0.0 if nothing else min(found.value, scorer.options.threshold), mode, modes)


def _score(found: Found, value: float, mode: str | None, modes: Mapping[str, str]) -> Score:
    flags = [name for name in (*modes, *found.flags) if name != mode]
    return Score(
        value=min(max(value, 0.0), 1.0),
        correct=mode is None,
        mode=mode,
        flags=tuple(dict.fromkeys(flags)),
        answer=tuple(text[:SHOWN_CHARS] for text in found.answer[:SHOWN_ITEMS]),
        rung=found.rung,
        evidence=modes.get(mode, "no rule says why it is wrong") if mode else "",
        metrics=found.metrics,
    )


def texts_of(answer: Any) -> tuple[str, ...]:
    """Return the acceptable answers of a row as texts: one, or those of a list. Raises `BadAnswer`."""
    values = answer if isinstance(answer, list) else [answer]
    if not values:
        raise BadAnswer("the answer is an empty list")
    texts = []
    for value in values:
        if isinstance(value, bool):
            texts.append("true" if value else "false")
        elif isinstance(value, str | int | float):
            texts.append(str(value))
        else:
            raise BadAnswer(f"the answer is {'a list in a list' if isinstance(value, list) else 'an object'}, not text")
    if not all(text.strip() for text in texts):
        raise BadAnswer("the answer is empty, and could not be told from an empty reply")
    return tuple(dict.fromkeys(texts))
