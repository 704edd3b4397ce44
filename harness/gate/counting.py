"""One hypothesis with every number that a verdict needs, and no decision yet: how samples are counted into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from harness.gate.bounds import binary_bounds, lower_by_clusters, mean_bounds
from harness.gate.policy import Applied, Policy
from harness.gate.verdict import Measure, Scope
from harness.records import Estimate
from harness.stats import effective_n_of, mcnemar, sign_flip, wilson
from harness.store.frame import QUANTITIES

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
SIDES = ("base", "cand")


@dataclass(frozen=True, slots=True)
class Place:
    """What a row speaks of.

    Attributes:
        part: the slice as `axis=value`, the pattern of failure modes, or the name of a quantity; else empty.
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
        unknown: samples that do not say what is counted here.
        upper: one-sided upper bound of the drop at 1 - alpha.
        p_harm: one-sided p of "no harm".
        estimate: the drop as estimated, infinite where something grew from nothing.
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
    estimate: float
    chance: float
    whole: bool
    unknown: int = 0


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


def mean_of_replicates(pairs: pd.DataFrame, measure: Measure = "right") -> pd.DataFrame:
    """Average a sample's replies first: replies to one sample are no samples of their own."""
    column = "correct" if measure == "right" else "value"
    keys = ["task", "length", "context_id", "sample_id"]
    axes = [name for name in pairs.columns if name.startswith("axis.")]
    lengths = [f"{side}_{name}" for side in SIDES for name in QUANTITIES if f"{side}_{name}" in pairs]
    values = pairs.assign(
        base=pairs[f"base_{column}"].astype(float),
        cand=pairs[f"cand_{column}"].astype(float),
        base_modes=pairs["base_mode"].fillna("").astype(str).map(lambda mode: (mode,)),
        cand_modes=pairs["cand_mode"].fillna("").astype(str).map(lambda mode: (mode,)),
    )[[*keys, "base", "cand", "base_modes", "cand_modes", *lengths, *axes]]
    if not values.duplicated(keys).any():
        return values.sort_values(keys, ignore_index=True)
    how = {"base": "mean", "cand": "mean", "base_modes": "sum", "cand_modes": "sum", **dict.fromkeys(axes, "first")}
    values = values.astype(dict.fromkeys(lengths, float))
    return values.groupby(keys, as_index=False, sort=True).agg(how | dict.fromkeys(lengths, "mean"))


@dataclass(frozen=True, slots=True)
class Paired:
    """What is counted into a row, sample by sample; positive `drops` are worse.

    Attributes:
        whole: whether each drop is -1, 0 or 1: one reply a sample, right or wrong.
        chance: see `Row`.
    """

    drops: np.ndarray
    base: np.ndarray
    cand: np.ndarray
    clusters: np.ndarray
    whole: bool
    chance: float


def counted(paired: Paired, place: Place, applied: Applied, terms: Terms) -> Row:
    """Return the row of some paired samples: counts, estimates, bounds and the test of harm."""
    drops, defaults = paired.drops, terms.policy.defaults
    fixed = defaults.population == "fixed"
    n = len(drops)
    names, cluster = np.unique(paired.clusters.astype(str), return_inverse=True)
    contexts = n if fixed else len(names)
    worth = float(n) if fixed else effective_n_of(np.bincount(cluster).tolist(), terms.icc)
    losses, gains = int((drops > 0).sum()), int((drops < 0).sum())
    sums = drops if fixed else np.bincount(cluster, weights=drops)
    if paired.whole:
        low, upper, method = binary_bounds(losses, gains, n, worth, defaults.alpha)
        if not fixed and contexts < n:
            low, method = lower_by_clusters(drops, paired.clusters, defaults.alpha, (low, method))
    else:
        clusters = np.arange(n) if fixed else paired.clusters
        low, upper, method = mean_bounds(drops, clusters, worth, defaults.alpha)
    p_harm = mcnemar(losses, gains) if fixed and paired.whole else sign_flip(list(sums))
    if p_harm > defaults.alpha:
        low = min(low, 0.0)  # an interval that leaves "no harm" out would contradict the test
    return Row(
        place=place,
        applied=applied,
        baseline=_share(paired.base, worth),
        candidate=_share(paired.cand, worth),
        drop=Estimate(value=float(drops.mean()), low=low, high=upper, n=n, level=1 - 2 * defaults.alpha, method=method),
        losses=losses,
        gains=gains,
        contexts=contexts,
        effective_n=worth,
        upper=upper,
        p_harm=p_harm,
        estimate=float(drops.mean()),
        chance=paired.chance,
        whole=paired.whole,
    )


def _share(values: np.ndarray, worth: float) -> Estimate:
    value = float(values.mean())
    low, high = wilson(value * worth, worth, LEVEL)
    return Estimate(value=value, low=low, high=high, n=len(values), level=LEVEL, method="Wilson")
