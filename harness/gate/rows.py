"""From paired samples to rows: tasks at lengths, their slices, failure modes, and all of it together.

Every row is one hypothesis with every number that a verdict needs, and no decision yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from harness.gate.bounds import binary_bounds, lower_by_clusters, mean_bounds
from harness.gate.policy import Applied, CellKey, Policy
from harness.gate.verdict import Scope
from harness.records import Estimate
from harness.stats import effective_n_of, mcnemar, sign_flip, wilson

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
LEVELS = ("off", "warn", "error")
SIDES = ("base", "cand")
CUT = "truncated"


@dataclass(frozen=True, slots=True)
class Place:
    """What a row speaks of.

    Attributes:
        part: the slice as `axis=value`, or the pattern of failure modes; empty for whole cells and the overall row.
    """

    scope: Scope
    task: str = ""
    length: int | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One hypothesis, counted and estimated, before any decision.

    Attributes:
        whole: whether each sample's drop is -1, 0 or 1 (one reply a sample); means of several replies are not.
        upper: one-sided upper bound of the drop at 1 - alpha.
        p_harm: one-sided p of "no harm".
        chance: what guessing earns; a baseline within the margin of it can lose no more than that.
    """

    place: Place
    applied: Applied
    baseline: Estimate
    candidate: Estimate
    drop: Estimate
    losses: int
    gains: int
    contexts: int
    effective_n: float
    upper: float
    p_harm: float
    chance: float
    whole: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What the numbers of a row are computed with.

    Attributes:
        icc: correlation of the paired differences within a context.
        floors: what guessing earns, by task; 0 where not given.
        runs: replies to each sample. What decides between methods must be planned, never seen in the data, or a loss
            turned into a tie could change the method and worsen a verdict.
    """

    policy: Policy
    icc: float
    floors: Mapping[str, float] = field(default_factory=dict)
    runs: int = 1


def make_rows(pairs: pd.DataFrame, terms: Terms) -> list[Row]:
    """Return the rows that the policy does not leave out.

    One for each task and length, one for each slice of these, one over all required cells if there are several, and one
    for each guarded failure mode.

    Args:
        pairs: paired samples, as `harness.store.pair` makes them.
        terms: the policy and what else the numbers need.
    """
    policy = terms.policy
    samples = _mean_of_replicates(pairs)
    cells = dict(cell_groups(samples, policy.defaults.slices))
    applied = {key: _applied(policy, key) for key in cells}
    rows = [
        _row(cells[key], Place("slice" if key[2] else "cell", *key), applied[key], terms)
        for key in sorted(cells, key=lambda key: (bool(key[2]), key))
        if applied[key].level != "off"
    ]
    kept = [key for key in cells if not key[2] and applied[key].level == "error"]
    inside = _inside(samples, kept)
    if len(kept) > 1:
        margin = policy.defaults.overall_margin or policy.defaults.margin
        rows.append(_row(inside, Place("overall"), Applied(margin, "error", "defaults"), terms))
    return rows + [
        _mode_row(inside, mode.mode, Applied(mode.margin, mode.level, f"mode {mode.mode}"), terms)
        for mode in policy.file.mode
        if mode.level != "off" and len(inside)
    ]


def _applied(policy: Policy, key: CellKey) -> Applied:
    """Return margin and level of a cell or slice; a slice is never held stricter than its cell."""
    task, length, part = key
    own, cell = policy.applied(*key), policy.applied(task, length)
    if part and LEVELS.index(cell.level) < LEVELS.index(own.level):
        return Applied(own.margin, cell.level, cell.rule)
    return own


def drop_without_cut(pairs: pd.DataFrame, terms: Terms) -> Estimate | None:
    """Return the drop over the pairs in which no reply was cut by its budget; None where none or all of them were.

    A longer-winded model loses points to the budget alone; beside the drop over everything this says how many.
    """
    cut = pairs["base_mode"].fillna("").astype(str).str.startswith(CUT)
    cut |= pairs["cand_mode"].fillna("").astype(str).str.startswith(CUT)
    if not cut.any() or cut.all():
        return None
    whole = Place("overall", part="not truncated")
    return _row(_mean_of_replicates(pairs[~cut]), whole, Applied(1.0, "warn", ""), terms).drop


def cells_of(pairs: pd.DataFrame, slices: tuple[str, ...] = ()) -> list[CellKey]:
    """Return each task at each length that there are pairs for, and each slice of them."""
    return sorted(key for key, _ in cell_groups(pairs, slices))


def cell_groups(samples: pd.DataFrame, slices: tuple[str, ...] = ()) -> Iterator[tuple[CellKey, pd.DataFrame]]:
    """Yield the samples of each task at each length, and of each value of the slices' axes there. Unset is no value."""
    for axis in ("", *slices):
        by: list[Any] = ["task", "length"]
        if axis and f"axis.{axis}" not in samples:
            continue
        if axis:
            by.append(samples[f"axis.{axis}"].map(_plain, na_action="ignore"))
        for key, rows in samples.groupby(by, sort=True, observed=True, dropna=True):
            task, length, *value = cast("tuple[str, int, str]", key)
            yield (str(task), int(length), f"{axis}={value[0]}" if axis else ""), rows


def _plain(value: object) -> str:
    """Write a value of an axis; pandas makes floats of whole numbers where some are unset."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _inside(samples: pd.DataFrame, kept: list[CellKey]) -> pd.DataFrame:
    places = {(task, length) for task, length, _ in kept}
    return samples[[pair in places for pair in zip(samples["task"], samples["length"], strict=True)]]


def _mean_of_replicates(pairs: pd.DataFrame) -> pd.DataFrame:
    """Average a sample's replies first: replies to one sample are no samples of their own."""
    keys = ["task", "length", "context_id", "sample_id"]
    axes = [name for name in pairs.columns if name.startswith("axis.")]
    values = pairs.assign(
        base=pairs["base_correct"].astype(float),
        cand=pairs["cand_correct"].astype(float),
        base_modes=pairs["base_mode"].fillna("").astype(str).map(lambda mode: (mode,)),
        cand_modes=pairs["cand_mode"].fillna("").astype(str).map(lambda mode: (mode,)),
    )[[*keys, "base", "cand", "base_modes", "cand_modes", *axes]]
    if not values.duplicated(keys).any():
        return values.sort_values(keys, ignore_index=True)
    how = {"base": "mean", "cand": "mean", "base_modes": "sum", "cand_modes": "sum", **dict.fromkeys(axes, "first")}
    return values.groupby(keys, as_index=False, sort=True).agg(how)


def _row(cell: pd.DataFrame, place: Place, applied: Applied, terms: Terms) -> Row:
    base, cand = cell["base"].to_numpy(), cell["cand"].to_numpy()
    chance = float(np.mean([terms.floors.get(str(task), 0.0) for task in cell["task"]]))
    return _counted((base - cand, base, cand), cell["context_id"].to_numpy(), place, applied, (terms, chance))


def _mode_row(samples: pd.DataFrame, pattern: str, applied: Applied, terms: Terms) -> Row:
    """Count replies of some failure modes: their rise is what a drop is elsewhere."""
    base, cand = (
        samples[f"{side}_modes"].map(lambda modes: np.mean([fnmatchcase(m, pattern) for m in modes])).to_numpy(float)
        for side in SIDES
    )
    clusters = samples["context_id"].to_numpy()
    return _counted((cand - base, base, cand), clusters, Place("mode", part=pattern), applied, (terms, -1.0))


def _counted(
    values: tuple[np.ndarray, np.ndarray, np.ndarray],
    clusters: np.ndarray,
    place: Place,
    applied: Applied,
    terms: tuple[Terms, float],
) -> Row:
    (drops, base, cand), (given, chance) = values, terms
    defaults = given.policy.defaults
    fixed = defaults.population == "fixed"
    n = len(drops)
    names, cluster = np.unique(clusters.astype(str), return_inverse=True)
    contexts = n if fixed else len(names)
    worth = float(n) if fixed else effective_n_of(np.bincount(cluster).tolist(), given.icc)
    losses, gains = int((drops > 0).sum()), int((drops < 0).sum())
    whole = given.runs == 1
    sums = drops if fixed else np.bincount(cluster, weights=drops)
    if whole:
        low, upper, method = binary_bounds(losses, gains, n, worth, defaults.alpha)
        if not fixed and contexts < n:
            low, method = lower_by_clusters(drops, clusters, defaults.alpha, (low, method))
    else:
        low, upper, method = mean_bounds(drops, np.arange(n) if fixed else clusters, worth, defaults.alpha)
    return Row(
        place=place,
        applied=applied,
        baseline=_share(base, worth),
        candidate=_share(cand, worth),
        drop=Estimate(value=float(drops.mean()), low=low, high=upper, n=n, level=1 - 2 * defaults.alpha, method=method),
        losses=losses,
        gains=gains,
        contexts=contexts,
        effective_n=worth,
        upper=upper,
        p_harm=mcnemar(losses, gains) if fixed and whole else sign_flip(list(sums)),
        chance=chance,
        whole=whole,
    )


def _share(values: np.ndarray, worth: float) -> Estimate:
    value = float(values.mean())
    low, high = wilson(value * worth, worth, LEVEL)
    return Estimate(value=value, low=low, high=high, n=len(values), level=LEVEL, method="Wilson")
