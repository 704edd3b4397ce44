"""How much changed beyond noise, and where: the numbers that the page begins with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from harness.diff.pairing import Item
from harness.diff.replies import LEVELS, Level
from harness.gate.explore.classes import edge_texts
from harness.records import Axis, Estimate
from harness.sizes import format_size
from harness.stats import (
    benjamini_hochberg,
    clopper_pearson,
    cluster_t,
    effective_n_of,
    excess_by_sample,
    excess_flips,
    icc,
)

LEVEL = 0.95
COARSER: tuple[Level, ...] = ("label", "json")
BY_CONTEXT = "t between contexts"
FEW_CONTEXTS = 20
"""With fewer, what requests of a context have in common cannot be told."""

NOISY = 0.5
"""Share of pairs in which the baseline differs from itself beyond which little can be seen at a level."""

FEWEST_REQUESTS = 10
"""A smaller class of requests is not looked at: nothing could be shown in it."""

MOST_VALUES = 20
"""A column with more values than this is no class of requests; one of numbers is cut at its quartiles."""

MOST_BINS = 4
SHUFFLES = 2_000


@dataclass(frozen=True, slots=True)
class Change:
    """How often replies differ, at one level of sameness.

    Attributes:
        between: share of pairs of a baseline's and a candidate's reply that differ.
        within_baseline: share of pairs of the baseline's own replies that differ: its noise; likewise the candidate's.
        excess: between less the mean of the two; with its interval.
        p: one-sided, of "no more than noise", by permuting replies between the models, contexts whole.
        stable: requests to which the baseline gives one reply only, and `moved`, those of them to which no reply of
            the candidate is that one.
    """

    level: Level
    n: int
    contexts: int
    between: float
    within_baseline: float
    within_candidate: float
    excess: Estimate
    p: float
    stable: int
    moved: int


@dataclass(frozen=True, slots=True)
class Place:
    """A class of requests and how much changed in it.

    Attributes:
        column: the column, and `value`, its value or a stretch of it.
        excess: in the class, with its interval; `elsewhere`, in all other requests.
        p: two-sided, of "as much as elsewhere", by shuffling the requests' values; `p_adjusted`, over all classes that
            are looked at (Benjamini and Hochberg 1995).
    """

    column: str
    value: str
    n: int
    contexts: int
    excess: Estimate
    elsewhere: float
    p: float
    p_adjusted: float


def changes_of(items: Sequence[Item]) -> tuple[Change, ...]:
    """Return the changes at every level that applies to some request."""
    found = [(level, [item for item in items if applies(item, level)]) for level in LEVELS]
    return tuple(_change(level, chosen) for level, chosen in found if chosen)


def headline_level(changes: Sequence[Change], n: int) -> Level:
    """Return the level that the first sentence and the classes of requests are about; candidates have no say in it.

    It is `normalised`; where the baseline mostly differs from itself there, labels, or else JSON values, if they apply
    to half of all `n` requests and the baseline mostly agrees with itself on them.
    """
    found = {change.level: change for change in changes}
    if "normalised" in found and found["normalised"].within_baseline > NOISY:
        for level in COARSER:
            if level in found and 2 * found[level].n >= n and found[level].within_baseline <= NOISY:
                return level
    return "normalised"


def applies(item: Item, level: Level) -> bool:
    """Tell whether a level says anything of a request: whether all replies of the baseline have what it reads."""
    if level == "json":
        return all(read.is_json for read in item.baseline)
    if level == "label":
        return all(read.label is not None for read in item.baseline)
    return True


def _change(level: Level, items: Sequence[Item]) -> Change:
    sides = keys_of(items, level)
    contexts = [item.context_id for item in items]
    found = excess_flips(*sides, contexts)
    assert found is not None  # both models have two replies or more to every request
    stable = [(set(a), set(b)) for a, b in zip(*sides, strict=True) if len(set(a)) == 1]
    return Change(
        level=level,
        n=len(items),
        contexts=len(set(contexts)),
        between=found.between,
        within_baseline=found.within_baseline,
        within_candidate=found.within_candidate,
        excess=share_estimate(excesses(items, level), contexts),
        p=found.p,
        stable=len(stable),
        moved=sum(not a & b for a, b in stable),
    )


def keys_of(items: Sequence[Item], level: Level) -> tuple[list[list[str]], list[list[str]]]:
    """Return what is equal in equal answers: of the baseline's replies, and of the candidate's, by request."""
    return (
        [[read.key(level) for read in item.baseline] for item in items],
        [[read.key(level) for read in item.candidate] for item in items],
    )


def excesses(items: Sequence[Item], level: Level = "normalised") -> np.ndarray:
    """Return the excess of each request: between less the mean of within."""
    found = excess_by_sample(*keys_of(items, level))
    excess: np.ndarray = found[:, 0] - found[:, 1:].mean(axis=1)
    return excess


def share_estimate(values: np.ndarray, contexts: Sequence[str]) -> Estimate:
    """Return a mean share with its interval.

    Where every value is 0 or 1, as without noise, it is Clopper and Pearson's at the effective n, requests of one
    context taken as alike where contexts are too few to say how alike they are; else a cluster-robust t interval.
    """
    mean = cluster_t(values, contexts)
    if np.isin(values, (0.0, 1.0)).all():
        sizes = [float(size) for size in np.unique(list(contexts), return_counts=True)[1]]
        shared = icc(values, contexts) if len(sizes) >= FEW_CONTEXTS else None
        alone = len(sizes) == len(values)
        correlation = 0.0 if alone else 1.0 if shared is None else min(max(shared, 0.0), 1.0)
        n = effective_n_of(sizes, correlation)
        ends = clopper_pearson(mean.mean * n, n, LEVEL)
        return estimate(mean.mean, ends, len(values), "Clopper-Pearson at the effective n")
    return estimate(mean.mean, mean.interval(LEVEL), len(values), BY_CONTEXT)


def estimate(value: float, ends: tuple[float, float] | None, n: int, method: str) -> Estimate:
    """Return an estimate at the level of this page; its interval is unknown where `ends` are."""
    low, high = ends or (None, None)
    return Estimate(value=value, low=low, high=high, n=n, level=LEVEL, method=method)


def places_of(items: Sequence[Item], seed: int, level: Level = "normalised") -> tuple[Place, ...]:
    """Return every class of requests that is large enough, those that changed most unlike the rest first."""
    if len(items) < 2 * FEWEST_REQUESTS:
        return ()
    values = excesses(items, level)
    contexts = np.array([item.context_id for item in items])
    classes = _classes(items)
    found = [_place(name, mask, values, contexts, seed) for name, mask in classes]
    adjusted = benjamini_hochberg([place[-1] for place in found])
    places = [Place(*each, p) for each, p in zip(found, adjusted, strict=True)]
    return tuple(sorted(places, key=lambda place: (place.p, place.column, place.value)))


def _place(
    name: tuple[str, str], mask: np.ndarray, values: np.ndarray, contexts: np.ndarray, seed: int
) -> tuple[str, str, int, int, Estimate, float, float]:
    inside = share_estimate(values[mask], list(contexts[mask]))
    p = _p_unlike(mask, values, contexts, seed)
    return (*name, int(mask.sum()), len(set(contexts[mask])), inside, float(values[~mask].mean()), p)


def _p_unlike(mask: np.ndarray, values: np.ndarray, contexts: np.ndarray, seed: int) -> float:
    """Return the two-sided permutation p of "the same mean in the class and outside it".

    What is shuffled are contexts, or the part of a context that is in the class and the part that is not.
    """
    units, at = np.unique(np.char.add(contexts.astype(str), np.where(mask, "\0in", "\0out")), return_inverse=True)
    means = np.bincount(at, weights=values) / np.bincount(at)
    inside = np.array([unit.endswith("\0in") for unit in units])
    if not np.ptp(means):
        return 1.0
    rng = np.random.default_rng(seed)
    count, total = int(inside.sum()), float(means.sum())

    def contrast(chosen: float) -> float:
        return abs(chosen / count - (total - chosen) / (len(means) - count))

    observed = contrast(float(means[inside].sum()))
    drawn = (contrast(float(rng.permutation(means)[:count].sum())) for _ in range(SHUFFLES))
    return (1 + sum(each >= observed - 1e-12 for each in drawn)) / (SHUFFLES + 1)


def _classes(items: Sequence[Item]) -> list[tuple[tuple[str, str], np.ndarray]]:
    columns = sorted({name for item in items for name in item.axes})
    found = [each for name in columns for each in _of_column(name, [item.axes.get(name) for item in items])]
    return [(name, mask) for name, mask in found if FEWEST_REQUESTS <= mask.sum() <= len(items) - FEWEST_REQUESTS]


def _of_column(name: str, values: Sequence[Axis | None]) -> list[tuple[tuple[str, str], np.ndarray]]:
    known = {value for value in values if value is not None}
    if name == "length_tokens":
        return _each("length", values, lambda value: f"up to {format_size(int(value))}")
    if len(known) > MOST_BINS and all(isinstance(v, int | float) and not isinstance(v, bool) for v in known):
        return _bins(name, np.array([float("nan") if value is None else float(value) for value in values]))
    return _each(name, values, str) if len(known) <= MOST_VALUES else []


def _each(
    name: str, values: Sequence[Axis | None], text: Callable[[Axis], str]
) -> list[tuple[tuple[str, str], np.ndarray]]:
    known = sorted({value for value in values if value is not None}, key=lambda value: (str(type(value)), value))
    return [((name, text(each)), np.array([value == each for value in values])) for each in known]


def _bins(name: str, values: np.ndarray) -> list[tuple[tuple[str, str], np.ndarray]]:
    """Cut a column of numbers at its quartiles."""
    there = ~np.isnan(values)
    edges = np.unique(np.quantile(values[there], np.arange(1, MOST_BINS) / MOST_BINS))
    codes = np.searchsorted(edges, values, side="right")
    ends = ["", *edge_texts(edges), ""]
    names = [
        f"below {ends[1]}" if not low else f"from {low}" if not high else f"{low} to {high}"
        for low, high in pairwise(ends)
    ]
    return [((name, text), (codes == code) & there) for code, text in enumerate(names)]
