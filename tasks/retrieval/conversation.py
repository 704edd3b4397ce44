"""The conversation of `retrieval.ordinal`: what is asked for several times, what resembles it, and the rest.

Pieces, their order among each other, the questions and their prefixes are a function of the seed and the context's
index; the length decides only how many other exchanges stand between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from harness.contexts import ContextParams, InfeasibleLength, Place, Stream
from harness.contracts import Counter
from harness.reading import fold

from .pieces import FORMATS, STYLES, TOPICS, Order, draw_order, write
from .placement import strata

Layout = Literal["transcript", "turns"]
USER, ASSISTANT = "User: ", "Assistant: "
GAP = "\n\n"
GRAM = 3
"""Words in the n-grams that tell pieces apart: one wrong word in a piece of 60 still leaves nine tenths of them."""

MOST_ALIKE = 0.25
"""Similarity above which a piece is written again: far below what counts as a copy or as a blend."""

BATCH = 32
"""Exchanges that are counted at once while there is room."""

SMALL_TALK = (
    ("Thank you.", "You are welcome."),
    ("That was quick.", "I am glad to hear it."),
    ("Well done.", "I did my best."),
)
"""What fills the last few tokens."""


class OrdinalParams(ContextParams):
    """Parameters of `retrieval.ordinal`."""

    answer_budget: int = Field(default=128, ge=32, description="tokens of the visible answer: it must hold a piece")
    needles: Literal[2, 4, 8, 16] = Field(default=4, description="how often the same is asked for")
    words: int = Field(default=48, ge=30, le=400, description="words of a piece, up to a sentence more")
    lookalikes: int = Field(
        default=3, ge=0, le=12, description="exchanges that differ from it in style, format or topic alone, in turn"
    )
    layout: Layout = Field(default="transcript", description="one message with a transcript, or a message each turn")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the piece that answers it.

    Attributes:
        request: what the user says.
        piece: what the assistant says.
        order: what it is; None for small talk.
        place: which one of those asked for several times, from 0; -1 for all others.
    """

    request: str
    piece: str
    order: Order | None = None
    place: int = -1

    @property
    def text(self) -> str:
        """The exchange as a transcript has it."""
        return f"{USER}{self.request}{GAP}{ASSISTANT}{self.piece}"


def grams(text: str) -> frozenset[str]:
    """Return the word n-grams of a text, folded and without punctuation."""
    words = plain(text)
    return frozenset(" ".join(words[i : i + GRAM]) for i in range(len(words) - GRAM + 1))


def plain(text: str) -> list[str]:
    """Return the words of a text, folded and without punctuation."""
    return re.findall(r"\w+", fold(text))


def similarity(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the Jaccard similarity of two sets: shared over all."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if shared else 0.0


@dataclass(frozen=True, slots=True)
class Planted:
    """What every length of a context has in common.

    Attributes:
        target: what is asked for several times.
        exchanges: these and the lookalikes, in the order of the conversation.
        depths: where each should stand, from 0 to 1, rising.
        topics: topics for the rest.
    """

    target: Order
    exchanges: tuple[Exchange, ...]
    depths: tuple[float, ...]
    topics: tuple[str, ...]


def draw_planted(params: OrdinalParams, place: Place) -> Planted:
    """Draw what is asked for and what resembles it."""
    stream = Stream(*place.key, "facts")
    topics = stream.shuffled(TOPICS)
    target = draw_order(stream, tuple(topics[:1]))
    orders = [target] * params.needles + _lookalikes(target, params.lookalikes, topics[1:9], stream)
    pieces = _different_pieces(orders, params.words, Stream(*place.key, "pieces"))
    kinds = stream.shuffled(range(len(orders)))
    depths = sorted(strata(len(orders), place.key[:-1], place.index, "exchanges"))
    exchanges: list[Exchange] = []
    for index in kinds:
        order = orders[index]
        at = sum(each.order == target for each in exchanges) if order == target else -1
        exchanges.append(Exchange(order.request, pieces[index], order, at))
    return Planted(target, tuple(exchanges), tuple(depths), tuple(topics[9:]))


def _lookalikes(target: Order, count: int, topics: Sequence[str], stream: Stream) -> list[Order]:
    """Return orders that differ from the target in one respect each."""
    styles = [style for style in stream.shuffled(tuple(STYLES)) if style != target.style]
    forms = [form for form in stream.shuffled(FORMATS) if form != target.form]
    found = []
    for i in range(count):
        respect, nth = i % 3, i // 3
        found.append(
            Order(
                styles[nth] if respect == 0 else target.style,
                forms[nth] if respect == 1 else target.form,
                topics[nth] if respect == 2 else target.topic,
            )
        )
    return found


def _different_pieces(orders: Sequence[Order], words: int, stream: Stream) -> list[str]:
    """Write a piece for each order, none much like another; each is written again at most 20 times."""
    pieces: list[str] = []
    known: list[frozenset[str]] = []
    for order in orders:
        for _ in range(20):
            piece = write(order, words, stream)
            own = grams(piece)
            if all(similarity(own, other) < MOST_ALIKE for other in known):
                break
        pieces.append(piece)
        known.append(own)
    return pieces


def converse(planted: Planted, params: OrdinalParams, budget: int, place: Place) -> tuple[Exchange, ...]:
    """Return the whole conversation: as many other exchanges as the budget has room for, the planted ones between.

    Raises:
        InfeasibleLength: the planted exchanges alone do not fit.
    """
    cost = _Cost(place.counter, params.layout)
    needed = cost.of(planted.exchanges)
    if needed > budget:
        raise InfeasibleLength(needed, budget)
    stream = Stream(*place.key, "filler")
    rest = list(_rest(planted, params.words, stream, budget - needed, cost))
    while rest and cost.of([*planted.exchanges, *rest]) > budget:
        rest.pop()
    return tuple(_interleaved(planted, rest))


@dataclass(frozen=True, slots=True)
class _Cost:
    """Counts the tokens of exchanges as they are sent."""

    counter: Counter
    layout: Layout

    def of(self, exchanges: Sequence[Exchange]) -> int:
        if self.layout == "transcript":
            return self.counter.count(GAP.join(each.text for each in exchanges) + GAP)
        return sum(self.counter.count(text) for each in exchanges for text in (each.request, each.piece))


def _rest(planted: Planted, words: int, stream: Stream, left: int, cost: _Cost) -> Iterator[Exchange]:
    """Yield exchanges while they fit: many at a time, then one, then ever shorter ones, then small talk."""
    batch = [_other(planted, words, stream) for _ in range(BATCH)]
    while (taken := cost.of(batch)) <= left:
        yield from batch
        left -= taken
        batch = [_other(planted, words, stream) for _ in range(BATCH)]
    shorter = [_other(planted, fewer, stream) for fewer in range(words, 0, -4)]
    for each in (*batch, *shorter, *(Exchange(*talk) for talk in SMALL_TALK)):
        if (taken := cost.of([each])) <= left:
            yield each
            left -= taken


def _other(planted: Planted, words: int, stream: Stream) -> Exchange:
    order = draw_order(stream, planted.topics)
    return Exchange(order.request, write(order, words, stream), order)


def _interleaved(planted: Planted, rest: Sequence[Exchange]) -> Iterator[Exchange]:
    """Yield the planted exchanges at their depths among the others."""
    slots = [round(depth * len(rest)) for depth in planted.depths]
    at = 0
    for slot, exchange in zip(slots, planted.exchanges, strict=True):
        yield from rest[at:slot]
        yield exchange
        at = slot
    yield from rest[at:]
