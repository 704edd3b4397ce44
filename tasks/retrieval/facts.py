"""What a context states: keys with their right values, decoys, and which keys each question asks about.

Everything here is a function of the seed, the context's index and the parameters: never of the length, the depth or the
model, so that the same facts are seen at 4k and at 512k. Each component draws from a stream of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from harness.contexts import ContextParams, Kind, Stream, names
from harness.reading import ADJECTIVES, NOUNS
from harness.reading.values import CURRENCIES, MONTHS

from .placement import spread, strata
from .statements import ATTRIBUTES, ReplyForm, Wording

DecoyKind = Literal["lookalike_key", "other_attribute", "stale_value", "negated", "hypothetical", "other_scope"]
DECOY_KINDS: tuple[DecoyKind, ...] = (
    "lookalike_key",
    "other_attribute",
    "stale_value",
    "negated",
    "hypothetical",
    "other_scope",
)


class ExactParams(ContextParams):
    """Parameters of `retrieval.exact`."""

    keys: int = Field(default=8, ge=1, le=64, description="entities whose attribute the context states")
    values_per_key: int = Field(default=1, ge=1, le=8, description="right values of each key")
    queries: int = Field(default=1, ge=1, le=8, description="keys asked about in one question")
    decoys: int = Field(default=8, ge=0, le=32, description="statements planted to mislead")
    decoy_kinds: tuple[DecoyKind, ...] = Field(default=DECOY_KINDS, min_length=1, description="kinds of decoys")
    value_type: Literal["number7", "number10", "uuid4", "date", "adjective_noun", "money"] = Field(
        default="number7", description="type of the values"
    )
    absent_rate: float = Field(default=0.1, ge=0, le=1, description="share of questions whose right answer is NONE")
    haystack: Kind = Field(default="prose", description="kind of filler")
    wording: Wording = Field(default="varied", description="one fixed sentence for every fact, or paraphrases")
    reply_form: ReplyForm = Field(default="tagged", description="one `ANSWER:` line, or a short sentence")

    @model_validator(mode="after")
    def _enough_keys(self) -> ExactParams:
        if self.queries > self.keys:
            raise ValueError(f"queries = {self.queries} asks about more keys than there are: keys = {self.keys}")
        return self

    @property
    def most_questions(self) -> int:
        """How many questions a context can have, each about keys of its own."""
        return self.keys // self.queries


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement to plant.

    Attributes:
        kind: `gold`, or the kind of decoy.
        name: the entity it speaks of.
        attribute: the attribute it speaks of.
        value: the value it states.
        question: index of the question that it answers or means to mislead; None where no question asks about it.
        depth: where it should stand, from 0 to 1.
    """

    kind: Literal["gold"] | DecoyKind
    name: str
    attribute: str
    value: str
    question: int | None
    depth: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What a context states, and what is asked.

    Attributes:
        attribute: the attribute that every question asks for.
        asked: for each question the names that it asks about.
        absent: for each question whether the context says nothing that answers it.
        planted: all statements, the right ones first.
    """

    attribute: str
    asked: tuple[tuple[str, ...], ...]
    absent: tuple[bool, ...]
    planted: tuple[Fact, ...]

    def gold(self, question: int) -> tuple[str, ...]:
        """Return the right values: by key in the order asked, and sorted within a key."""
        right = [fact for fact in self.planted if fact.kind == "gold" and fact.question == question]
        return tuple(
            value for name in self.asked[question] for value in sorted(f.value for f in right if f.name == name)
        )


def draw_facts(params: ExactParams, key: tuple[str | int, ...], context: int) -> Facts:
    """Draw the facts of a context.

    Args:
        params: the task's parameters.
        key: names the task's streams.
        context: index of the context.
    """
    absent = spread(params.absent_rate, params.most_questions, key, context)
    strangers = sum(absent) * params.queries
    people = names(Stream(*key, context, "names"), params.keys + strangers)
    present, missing = people[: params.keys], iter(people[params.keys :])
    asked = [
        tuple(next(missing) for _ in range(params.queries))
        if gone
        else tuple(present[q * params.queries : (q + 1) * params.queries])
        for q, gone in enumerate(absent)
    ]
    attributes = Stream(*key, context, "attributes").shuffled(ATTRIBUTES[params.value_type])
    golds = _golds(params, key, context, (present, asked, attributes[0]))
    decoys = _decoys(params, key, context, (golds, asked, attributes))
    return Facts(attributes[0], tuple(asked), tuple(absent), (*golds, *decoys))


def _golds(
    params: ExactParams,
    key: tuple[str | int, ...],
    context: int,
    drawn: tuple[Sequence[str], Sequence[tuple[str, ...]], str],
) -> list[Fact]:
    present, asked, attribute = drawn
    question_of = {name: q for q, group in enumerate(asked) for name in group}
    count = params.keys * params.values_per_key
    values = draw_values(params.value_type, count, Stream(*key, context, "values"))
    depths = strata(count, key, context, "gold")
    return [
        Fact("gold", name, attribute, values[i], question_of.get(name), depths[i])
        for i, name in enumerate(name for name in present for _ in range(params.values_per_key))
    ]


def _decoys(
    params: ExactParams,
    key: tuple[str | int, ...],
    context: int,
    drawn: tuple[Sequence[Fact], Sequence[tuple[str, ...]], Sequence[str]],
) -> list[Fact]:
    """Aim the decoys at the questions in turn, so that each gets as many as the next, and of different kinds."""
    golds, asked, attributes = drawn
    stream = Stream(*key, context, "decoys")
    kinds = stream.shuffled(params.decoy_kinds)
    taken = [fact.value for fact in golds]
    values = draw_values(params.value_type, params.decoys, stream, taken)
    depths = strata(params.decoys, key, context, "decoys")
    used = {name for group in asked for name in group} | {fact.name for fact in golds}
    decoys = []
    for i in range(params.decoys):
        round_, question = divmod(i, len(asked))
        name = asked[question][round_ % params.queries]
        kind = kinds[(question + round_) % len(kinds)]
        attribute = attributes[0]
        if kind == "lookalike_key":
            name = lookalike(name, used, stream)
            used.add(name)
        elif kind == "other_attribute":
            attribute = attributes[1 + round_ % (len(attributes) - 1)]
        decoys.append(Fact(kind, name, attribute, values[i], question, depths[i]))
    return decoys


def lookalike(name: str, used: set[str], stream: Stream) -> str:
    """Return a name that differs from `name` in one letter, a vowel for a vowel or a consonant for a consonant."""
    options = []
    for i, letter in enumerate(name):
        for letters in ("aeiou", "bdfgklmnprstvz"):
            if letter in letters:
                options += [name[:i] + other + name[i + 1 :] for other in letters if other != letter]
    return stream.choice([option for option in options if option not in used])


def draw_values(value_type: str, count: int, stream: Stream, taken: Sequence[str] = ()) -> list[str]:
    """Draw different values of a type, none of them in `taken`.

    Every type has over six thousand values and a context needs at most 544, so each draw is new with a probability
    above 0.9 and the bound is never met.
    """
    draw = _DRAW[value_type]
    values: dict[str, None] = {}
    for _ in range(10 * count + 100):
        if len(values) == count:
            break
        value = draw(stream)
        if value not in taken:
            values[value] = None
    return list(values)


def _uuid4(stream: Stream) -> str:
    digits = f"{stream.bits(64):016x}{stream.bits(64):016x}"
    variant = "89ab"[stream.below(4)]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _money(stream: Stream) -> str:
    whole, cents = stream.between(1_000, 99_999), stream.between(1, 99)
    return f"{whole:,}.{cents:02d} {stream.choice(tuple(CURRENCIES))}"


_DRAW: dict[str, Callable[[Stream], str]] = {
    "number7": lambda stream: str(stream.between(1_000_000, 9_999_999)),
    "number10": lambda stream: str(stream.between(1_000_000_000, 9_999_999_999)),
    "uuid4": _uuid4,
    "date": lambda stream: f"{stream.between(1, 28)} {stream.choice(MONTHS)} {stream.between(1950, 2099)}",
    "adjective_noun": lambda stream: f"{stream.choice(ADJECTIVES)}-{stream.choice(NOUNS)}",
    "money": _money,
}
