"""What a context of `retrieval.latent` states about whom, so that each question has one answer and known wrong ones.

Everything is a function of the seed, the context's index and the parameters, never of the length. A person is planted
in one of four parts: the answer of a question (`gold`); somebody whose sentence names the concept asked for and says
something else of it (`surface`); somebody who fits one hop too far, into the next wider concept (`wider`); and people
whom no question is about (`other`). Nobody but the answer fits a question's concept, by whatever kind of association.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal, get_args

from pydantic import Field

from harness.contexts import ContextParams, Place, Stream, names
from harness.errors import ConfigError

from .associations import Association, associations, reaching, stated
from .placement import spread, strata

KindName = Literal[
    "landmark",
    "book",
    "music",
    "painting",
    "dish",
    "food",
    "animal",
    "symbol",
    "tool",
    "instrument",
    "fabric",
    "sport",
    "currency",
]
Overlap = Literal["latent", "lexical"]
Part = Literal["gold", "surface", "wider", "other"]


class AssociationParams(ContextParams):
    """Parameters that all tasks about associations have."""

    hops: int = Field(default=1, ge=1, le=2, description="steps from what is named to what is asked: 1 or 2")
    kinds: tuple[KindName, ...] = Field(default=get_args(KindName), min_length=1, description="kinds of association")

    @property
    def pool(self) -> tuple[Association, ...]:
        """The associations that can be asked about."""
        return reaching(self.hops, self.kinds)


class LatentParams(AssociationParams):
    """Parameters of `retrieval.latent`."""

    answer_budget: int = Field(default=64, ge=16, description="tokens that the visible answer may take")
    overlap: Literal["both", "latent", "lexical"] = Field(
        default="both", description="questions by the concept, in the words of the text, or each fact asked both ways"
    )
    items: int = Field(default=4, ge=1, le=16, description="facts asked about; with overlap = both, two questions each")
    others: int = Field(default=4, ge=0, le=64, description="people with other facts whom no question is about")
    decoys: bool = Field(default=True, description="plant the two people whom a shallow reading answers")
    absent_rate: float = Field(default=0.1, ge=0, le=1, description="share of facts that the text does not state")

    @property
    def overlaps(self) -> tuple[Overlap, ...]:
        """How each fact is asked, in this order."""
        return ("latent", "lexical") if self.overlap == "both" else (self.overlap,)


@dataclass(frozen=True, slots=True)
class Planted:
    """One person with one sentence.

    Attributes:
        part: what the person is to question `item`.
        person: the name.
        sentence: what is said.
        item: index of the fact asked about; -1 for `other`.
        depth: where it should stand, from 0 to 1.
    """

    part: Part
    person: str
    sentence: str
    item: int
    depth: float


@dataclass(frozen=True, slots=True)
class Item:
    """A fact asked about.

    Attributes:
        fact: the association.
        form: which sentence of the kind states it.
        absent: whether the text does not state it.
    """

    fact: Association
    form: int
    absent: bool


@dataclass(frozen=True, slots=True)
class LatentFacts:
    """What a context states, and what is asked."""

    items: tuple[Item, ...]
    planted: tuple[Planted, ...]

    def person(self, item: int, part: Part) -> str:
        """Return who has a part in an item, or ""."""
        return next((each.person for each in self.planted if (each.item, each.part) == (item, part)), "")


def draw_latent_facts(params: LatentParams, place: Place) -> LatentFacts:
    """Draw the facts of a context.

    Raises:
        ConfigError: the kinds hold too few different concepts for so many items.
    """
    stream = Stream(*place.key, "facts")
    chosen = _choose(params, stream)
    absent = spread(params.absent_rate, params.items, place.key[:-1], place.index)
    items = tuple(
        Item(fact, stream.below(len(fact.kind.stated)), gone) for fact, gone in zip(chosen, absent, strict=True)
    )
    drawn = list(_sentences(params, items, Stream(*place.key, "people")))
    people = names(Stream(*place.key, "names"), len(drawn))
    depths = strata(len(drawn), place.key[:-1], place.index, "people")
    planted = tuple(
        Planted(part, person, _capital(sentence.replace("{person}", person)), item, depth)
        for (part, item, sentence), person, depth in zip(drawn, people, depths, strict=True)
    )
    return LatentFacts(items, planted)


def _choose(params: LatentParams, stream: Stream) -> list[Association]:
    """Choose facts whose concepts tell them apart, of as many kinds as there are."""
    pool = stream.shuffled(params.pool)
    most = ceil(params.items / len({each.kind.name for each in pool})) if pool else 0
    for limit in (most, len(pool)):
        chosen: list[Association] = []
        for each in pool:
            same_kind = sum(other.kind is each.kind for other in chosen)
            if same_kind < limit and all(_apart(each, other, params.hops) for other in chosen):
                chosen.append(each)
            if len(chosen) == params.items:
                return chosen
    raise ConfigError(
        "the kinds of association hold too few different concepts",
        where="kinds",
        found=f"{len(chosen)} that differ, and items = {params.items}",
        fix="name more kinds, or ask fewer items",
    )


def _apart(one: Association, other: Association, hops: int) -> bool:
    """Tell whether neither of two facts answers a question about the other."""
    return one.concept(hops) not in other.chain and other.concept(hops) not in one.chain


def _sentences(params: LatentParams, items: Sequence[Item], stream: Stream) -> Iterator[tuple[Part, int, str]]:
    """Yield each sentence to plant, with a slot for the person: its part, its item, the text."""
    asked = {item.fact.concept(params.hops) for item in items}
    used = {item.fact.object for item in items}
    free = [each for each in stream.shuffled(associations()) if each.object not in used and not asked & {*each.chain}]
    for index, item in enumerate(items):
        if not item.absent:
            yield "gold", index, _stated(item.fact, item.form)
        if params.decoys:
            passing = item.fact.kind.passing[params.hops - 1]
            yield "surface", index, passing.replace("{concept}", item.fact.concept(params.hops))
            if wider := _one_hop_wider(item.fact, params.hops, free):
                free.remove(wider)
                yield "wider", index, _stated(wider, stream.below(len(wider.kind.stated)))
    for each in free[: params.others]:
        yield "other", -1, _stated(each, stream.below(len(each.kind.stated)))


def _one_hop_wider(fact: Association, hops: int, free: Sequence[Association]) -> Association | None:
    """Return a fact of the same kind that leads to the same wider concept, if there is one."""
    if not fact.wider(hops):
        return None
    return next((each for each in free if each.kind is fact.kind and each.wider(hops) == fact.wider(hops)), None)


def _stated(fact: Association, form: int) -> str:
    return stated(fact.kind, form, "{person}", fact.object)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
