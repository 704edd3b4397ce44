"""In which classes of requests, that nobody declared, does change concentrate? A search that accounts for itself.

Searched is every conjunction of up to three columns. A class is told only if it passes two tests at once, each adjusted
for the search: its replies changed beyond noise, and more than the replies to other requests. The first alone would
find every class where all requests changed alike; the second alone would take requests for changed that are only noisy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from harness.diff.changes import excesses, keys_of, share_estimate
from harness.diff.pairing import Item
from harness.diff.replies import Level
from harness.gate.explore.classes import AXIS, make_classes
from harness.gate.explore.scan import strongest
from harness.records import Estimate
from harness.sizes import format_size
from harness.stats import MaxStatistic, relabelled_excess

ALPHA = 0.05
SHUFFLES = 2_000
CLASSES_AT_ONCE = 2_000
"""Classes whose permuted statistics are held in memory at a time."""

MOST_COLUMNS = 25
"""Columns that are searched, those with the fewest values: their classes number with the third power."""

TINY, DIGITS = 1e-5, 3
"""A sum that varies by less does not vary, and digits of a statistic that mean anything: precision is single."""

NOT_A_FINDING = "searched for, not declared, so its excess is likely overestimated; ask new requests of it to be sure"


@dataclass(frozen=True, slots=True)
class FoundClass:
    """A class of requests in which more changed than elsewhere.

    Attributes:
        conditions: what its requests share; `same`, other conjunctions that the very same requests meet.
        n: its requests, and the `contexts` behind them.
        excess: in the class; its interval is not corrected for the search.
        elsewhere: in all other requests.
        p: adjusted for the search: the larger one of "no more than noise" and of "as much as elsewhere".
    """

    conditions: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]
    n: int
    contexts: int
    excess: Estimate
    elsewhere: Estimate
    p: float


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found, and how far it looked.

    Attributes:
        found: strongest first, refinements and overlaps left out.
        classes: how many were searched, over these `columns`; `unsearched`, how many columns were too many.
        alpha: the chance of finding anything where nothing changed, or all changed alike, is at most this.
    """

    found: tuple[FoundClass, ...]
    classes: int
    columns: tuple[str, ...]
    unsearched: int = 0
    alpha: float = ALPHA
    status: str = NOT_A_FINDING


def search(items: Sequence[Item], seed: int, level: Level = "normalised", *, permutations: int = SHUFFLES) -> Search:
    """Search all conjunctions of up to three columns for classes in which more changed than elsewhere.

    Args:
        items: the requests; of too few, no class is large enough.
        seed: of the permutations.
        level: of sameness.
        permutations: how many to draw, for each of the two tests.
    """
    contexts = np.array([item.context_id for item in items])
    units = np.unique(contexts, return_inverse=True)[1]
    table, unsearched = _table(items)
    classes, columns = make_classes(table, units) if items else ([], [])
    if not classes:
        return Search((), 0, tuple(columns), unsearched)
    members = [each.members for each in classes]
    values = excesses(items, level)
    noise = relabelled_excess(*keys_of(items, level), list(contexts), permutations=permutations, seed=seed)
    tests = [_Test(values, noise, members), _Test(values, _shuffled(values, units, permutations, seed), members)]

    def p_values(sets: Sequence[np.ndarray]) -> list[float]:
        return [max(pair) for pair in zip(*(test.p_values(sets) for test in tests), strict=True)]

    found = []
    for index in strongest(members, values, p_values, ALPHA):
        each, inside = classes[index], np.isin(np.arange(len(items)), members[index])
        found.append(
            FoundClass(
                conditions=each.conditions,
                same=each.same,
                n=len(each.members),
                contexts=len(np.unique(units[inside])),
                excess=share_estimate(values[inside], list(contexts[inside])),
                elsewhere=share_estimate(values[~inside], list(contexts[~inside])),
                p=p_values([each.members])[0],
            )
        )
    return Search(tuple(found), len(classes), tuple(columns), unsearched)


def _table(items: Sequence[Item]) -> tuple[pd.DataFrame, int]:
    """Return the columns as classes are made of, and how many are left out; a length is the power of two above it."""
    values: dict[str, set[object]] = {}
    for item in items:
        for name, value in item.axes.items():
            values.setdefault(name, set()).add(value)
    names = sorted(values.keys() - {"length_tokens"}, key=lambda name: (len(values[name]), name))
    kept = sorted(names[:MOST_COLUMNS])
    found: dict[str, list[object]] = {f"{AXIS}{name}": [item.axes.get(name) for item in items] for name in kept}
    found["task"] = found["length"] = [0] * len(items)
    if "length_tokens" in values:
        own = "length_tokens" if "length" in names else "length"
        sizes = [int(item.axes.get("length_tokens", 0)) for item in items]
        found[f"{AXIS}{own}"] = [f"up to {format_size(size)}" for size in sizes]
    return pd.DataFrame(found), len(names) - len(kept)


def _shuffled(values: np.ndarray, units: np.ndarray, permutations: int, seed: int) -> np.ndarray:
    """Return the values moved between requests, one column a permutation.

    Where columns mean nothing, contexts of equal size can be swapped, and so can the requests of a context.
    """
    rng = np.random.default_rng([seed, 1])
    order = np.argsort(units, kind="stable")
    sizes = np.bincount(units)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    found = np.empty((len(values), permutations), dtype=np.float32)
    for size in np.unique(sizes):
        blocks = order[starts[sizes == size][:, None] + np.arange(size)]
        for at in range(permutations):
            moved = rng.permuted(rng.permutation(blocks), axis=1)
            found[blocks.ravel(), at] = values[moved.ravel()]
    return found


class _Test:
    """The largest standardised sum over classes, observed and permuted (Westfall and Young 1993, single-step maxT).

    A sum is less its mean over the permutations, and divided by their standard deviation, the observed data counted in.
    """

    def __init__(self, values: np.ndarray, permuted: np.ndarray, classes: Sequence[np.ndarray]) -> None:
        self._all = np.column_stack([values.astype(np.float32), permuted])
        maxima = np.full(permuted.shape[1], -np.inf)
        for start in range(0, len(classes), CLASSES_AT_ONCE):
            block = self._standardised(classes[start : start + CLASSES_AT_ONCE])
            maxima = np.maximum(maxima, block[:, 1:].max(axis=0))
        self._largest = MaxStatistic(np.zeros(0), np.sort(maxima), exact=False)

    def p_values(self, classes: Sequence[np.ndarray]) -> list[float]:
        """Return the p of sets of requests, adjusted for the search over all classes."""
        found: list[float] = []
        for start in range(0, len(classes), CLASSES_AT_ONCE):
            block = self._standardised(classes[start : start + CLASSES_AT_ONCE])
            found += [self._largest.p(float(statistic)) for statistic in block[:, 0]]
        return found

    def _standardised(self, classes: Sequence[np.ndarray]) -> np.ndarray:
        ends = np.cumsum([0, *map(len, classes)])
        places = np.concatenate(classes)
        shape = (len(classes), len(self._all))
        sums = csr_array((np.ones(len(places), dtype=np.float32), places, ends), shape=shape) @ self._all
        sums -= sums.mean(axis=1, keepdims=True)
        spread = sums.std(axis=1, keepdims=True)
        found: np.ndarray = np.divide(sums, spread, out=np.zeros_like(sums), where=spread > TINY)
        return found.round(DIGITS)  # equal sums, added up in another order, must tie
