"""What a context states: deliveries to places, some told twice, some called off, and what each question asks of them.

Everything here is a function of the seed, the context's index and the parameters, never of the length. Statements of
all kinds are shuffled and stand at even distances, so that the matching ones are scattered over the whole context.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from harness.contexts import ContextParams, Kind, Stream
from harness.contexts.names import place_name

Operation = Literal["count", "distinct", "sum", "median", "percent", "top", "argmax", "count_by", "sum_by"]

GOODS = (
    "apples bricks candles carpets drums flutes gloves hammers kettles ladders lamps mirrors nails onions pears "
    "pillows ropes saddles spades tiles umbrellas violins wheels whistles"
).split()
"""Regular plurals, none a part of another."""

FEWEST_CRATES, MOST_CRATES = 2, 98
WORDINGS = 3
EVEN_KINDS = 4
"""Kinds of goods with equally many deliveries, where the crates decide."""


FEW = 2_000
SHORT_NUMBERS, LONG_NUMBERS = (1_000, 9_999), (100_000, 999_999)
"""Numbers of deliveries, where there are few and where there are many."""


class AggregationParams(ContextParams):
    """Parameters that every task of the family has."""

    answer_budget: int = Field(default=64, ge=1, description="tokens that the visible answer may take")
    records: int = Field(default=12, ge=1, le=4096, description="matching records of each question")
    places: int = Field(default=2, ge=1, le=8, description="places that are asked about, each with its own records")
    others: int = Field(default=3, ge=0, le=4096, description="records of a place that nothing asks about")
    repeats: int = Field(default=2, ge=0, le=4096, description="matching records told twice, to be counted once")
    called_off: int = Field(default=3, ge=0, le=4096, description="records of each place that do not count")
    kinds: int = Field(default=8, ge=2, le=12, description="kinds of goods in a context")
    haystack: Kind = Field(default="prose", description="kind of filler and form of the records")


@dataclass(frozen=True, slots=True)
class Record:
    """One delivery.

    Attributes:
        number: names the delivery.
        crates: how many.
        good: of what.
        place: where to.
        arrived: False where it was called off.
    """

    number: int
    crates: int
    good: str
    place: str
    arrived: bool = True


@dataclass(frozen=True, slots=True)
class Statement:
    """A record as it is told once.

    Attributes:
        record: what is told.
        wording: which sentence tells it.
        depth: where it should stand, from 0 to 1.
    """

    record: Record
    wording: int
    depth: float


@dataclass(frozen=True, slots=True)
class Ask:
    """What a question asks.

    Attributes:
        operation: what to work out of the deliveries to a place.
        place: the place.
        good: the goods whose share is asked for; used by `percent` alone.
        top: how many goods are asked for; used by `top` alone.
    """

    operation: Operation
    place: str
    good: str = ""
    top: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What a context states, in the order in which it states it, and what is asked."""

    statements: tuple[Statement, ...]
    asks: tuple[Ask, ...]

    def told(self, ask: Ask) -> list[Statement]:
        """Return every statement of a delivery that the question needs, repeated ones included."""
        return [each for each in self.statements if each.record.arrived and each.record.place == ask.place]


def draw_facts(
    params: AggregationParams, operations: Sequence[Operation], top: int, key: tuple[str | int, ...], attempt: int
) -> Facts:
    """Draw the facts of a context.

    How many records, kinds or shares are right comes from a stream without the attempt: choosing among attempts must
    not make one answer likelier than another.

    Args:
        params: the task's parameters.
        operations: the operation that each place is asked about.
        top: how many goods a ranking asks for.
        key: names the streams.
        attempt: number of the draw.
    """
    sizes, stream = Stream(*key, "sizes"), Stream(*key, "facts", attempt)
    names = _places(stream, params.places + 1)
    goods = stream.sample(GOODS, params.kinds)
    numbers = iter(_numbers(stream, params))
    records: list[Record] = []
    asks = []
    for place, operation in zip(names, operations, strict=False):
        drawn = _goods(operation, params, stream.shuffled(goods), (sizes, stream))
        own = [Record(next(numbers), _crates(stream), good, place) for good in drawn]
        ask = _ask(operation, place, drawn, top)
        asks.append(ask)
        lifted, doubled = _misleading(ask, own)
        records += own
        records += _first_of(doubled, stream.shuffled(own))[: params.repeats]
        records += [
            Record(next(numbers), _crates(stream), lifted or stream.choice(goods), place, arrived=False)
            for _ in range(params.called_off)
        ]
    for _ in range(params.others):
        records.append(Record(next(numbers), _crates(stream), stream.choice(goods), names[-1]))
    return Facts(_scattered(records, Stream(*key, "placement", attempt)), tuple(asks))


def count_range(records: int) -> tuple[int, int]:
    """Return the fewest and the most matching records where their number is what is asked for."""
    slack = records // 4 + 1
    return max(2, records - slack), records + slack


def _places(stream: Stream, n: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < n:
        names[place_name(stream)] = None
    return list(names)


def _numbers(stream: Stream, params: AggregationParams) -> list[int]:
    most = (count_range(params.records)[1] + params.called_off) * params.places + params.others
    lowest, highest = SHORT_NUMBERS if most <= FEW else LONG_NUMBERS
    numbers: dict[int, None] = {}
    while len(numbers) < most:
        numbers[stream.between(lowest, highest)] = None
    return list(numbers)


def _crates(stream: Stream) -> int:
    return stream.between(FEWEST_CRATES, MOST_CRATES)


def _goods(
    operation: Operation, params: AggregationParams, goods: Sequence[str], streams: tuple[Stream, Stream]
) -> list[str]:
    """Return the goods of each matching record, so that the operation has one answer and no likely one."""
    sizes, stream = streams
    n = params.records
    if operation == "count":
        return [stream.choice(goods) for _ in range(sizes.between(*count_range(n)))]
    if operation == "distinct":
        kinds = sizes.between(min(2, n), min(len(goods), n))
        common = goods[: max(1, kinds // 2)]
        return [*goods[:kinds], *(stream.choice(common) for _ in range(n - kinds))]
    if operation == "percent":
        share = sizes.between(1, max(1, n - 1))
        return [*[goods[0]] * share, *(stream.choice(goods[1:]) for _ in range(n - share))]
    if operation == "argmax":
        return [goods[i % min(EVEN_KINDS, len(goods))] for i in range(n)]
    counts = close_counts(n, len(goods)) if operation == "top" else uneven_counts(n, len(goods), stream)
    return [good for good, count in zip(goods, counts, strict=False) for _ in range(count)]


def close_counts(n: int, most: int) -> list[int]:
    """Split n into at most `most` parts, each at least 1 and larger than the next, by one as a rule.

    Missing a few records then changes the ranking, however many there are.
    """
    parts = _steps(n, most)
    steps = range(parts - 1, -1, -1)
    each, left = divmod(n - sum(steps), parts)
    return [each + step + (left if step == parts - 1 else 0) for step in steps]


def uneven_counts(n: int, most: int, stream: Stream) -> list[int]:
    """Split n into at most `most` parts, each at least 1 and larger than the next by any number."""
    parts = _steps(n, most)
    counts = list(range(parts, 0, -1)) if parts > 1 else [1]
    left = n - sum(counts)
    while left:
        step = stream.between(1, min(parts, left))
        for i in range(step):
            counts[i] += 1
        left -= step
    return counts


def _steps(n: int, most: int) -> int:
    """Return the most steps that a staircase of n squares has."""
    return max(k for k in range(1, most + 1) if k == 1 or k * (k + 1) // 2 <= n)


def _misleading(ask: Ask, own: Sequence[Record]) -> tuple[str, str]:
    """Return of which goods deliveries are best called off, and told twice, so that to count them changes a ranking."""
    if ask.operation not in ("top", "argmax"):
        return "", ""
    totals: dict[str, int] = {}
    for record in own:
        totals[record.good] = totals.get(record.good, 0) + (record.crates if ask.operation == "argmax" else 1)
    order = sorted(totals, key=lambda good: -totals[good])
    last, top = len(order) - 1, max(1, ask.top)
    return order[min(top, last)], order[min(2, last)]


def _first_of(good: str, records: Sequence[Record]) -> list[Record]:
    return sorted(records, key=lambda record: record.good != good)


def _ask(operation: Operation, place: str, goods: Sequence[str], top: int) -> Ask:
    if operation == "percent":
        return Ask(operation, place, good=goods[0])
    return Ask(operation, place, top=min(top, len(set(goods))) if operation == "top" else 0)


def _scattered(records: Sequence[Record], stream: Stream) -> tuple[Statement, ...]:
    """Tell the records in random order at even distances; one told twice is told in two wordings."""
    shift = stream.fraction()
    wordings: dict[int, int] = {}
    statements = []
    for at, record in enumerate(stream.shuffled(records)):
        told = wordings.get(record.number)
        wording = stream.below(WORDINGS) if told is None else (told + 1) % WORDINGS
        wordings[record.number] = wording
        statements.append(Statement(record, wording, (at + shift) / len(records)))
    return tuple(statements)
