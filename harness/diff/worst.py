"""The pairs to read: where the candidate is farthest from the baseline, those first where the baseline is sure.

Distance is one less the ratio of matching characters (Ratcliff and Obershelp 1988, as in Python's difflib) of the
normalised answers, the mean over pairs of replies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, product

from harness.diff.pairing import Item
from harness.diff.replies import Level

MOST = 40
COMPARED_CHARS = 2_000
"""Characters of an answer that its distance looks at: the time grows with their square."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One request and what was replied.

    Attributes:
        distance: between the models, 0 (the same) to 1; `noise`, between the baseline's own replies.
        stable: whether all replies of the baseline are the same, at the level looked at; `moved`, whether some reply of
            the candidate is none of them.
    """

    item: Item
    distance: float
    noise: float
    stable: bool
    moved: bool


def worst_of(items: Sequence[Item], level: Level = "normalised") -> tuple[Pair, ...]:
    """Return the requests whose replies differ between the models, in the order to read them, `MOST` at most."""
    found = [_pair(item, level) for item in items]
    apart = [pair for pair in found if pair.distance > pair.noise or (pair.stable and pair.moved)]
    return tuple(sorted(apart, key=_place)[:MOST])


def _place(pair: Pair) -> tuple[bool, float, str]:
    return not (pair.stable and pair.moved), -pair.distance, pair.item.sample_id


def _pair(item: Item, level: Level) -> Pair:
    a, b = ([read.normalised[:COMPARED_CHARS] for read in reads] for reads in (item.baseline, item.candidate))
    known: dict[tuple[str, str], float] = {}

    def distance(pair: tuple[str, str]) -> float:
        if pair not in known:
            known[pair] = 0.0 if pair[0] == pair[1] else 1.0 - SequenceMatcher(None, *pair, autojunk=False).ratio()
        return known[pair]

    usual = {read.key(level) for read in item.baseline}
    return Pair(
        item=item,
        distance=_mean([distance(pair) for pair in product(a, b)]),
        noise=_mean([distance(pair) for pair in combinations(a, 2)]),
        stable=len(usual) == 1,
        moved=any(read.key(level) not in usual for read in item.candidate),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
