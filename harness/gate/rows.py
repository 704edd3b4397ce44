"""From paired samples to rows: each task at each length, and all of it together, with every number a verdict needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from harness.gate.policy import Applied, Policy
from harness.records import Estimate
from harness.stats import (
    STRICT_BELOW,
    cluster_t,
    effective_n,
    fay_lumbard_lower,
    mcnemar,
    sign_flip,
    tango_interval,
    upper_bound,
    wilson,
)

if TYPE_CHECKING:
    import pandas as pd

FEWEST_CONTEXTS = 6
"""With fewer independent contexts no test of harm can reach 5 % (2 ** -5 = 3 % needs five that all lose)."""

LEVEL = 0.95
CLUSTER_T = "cluster-t"


@dataclass(frozen=True, slots=True)
class Row:
    """One hypothesis, counted and estimated, before any decision.

    Attributes:
        whole: whether each sample's drop is -1, 0 or 1 (one reply a sample); means of several replies are not.
        upper: one-sided upper bound of the drop at 1 - alpha.
        p_harm: one-sided p of "no harm".
        chance: what guessing earns; a baseline within the margin of it can lose no more than that.
    """

    scope: Literal["cell", "overall"]
    task: str
    length: int | None
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


def make_rows(pairs: pd.DataFrame, policy: Policy, icc: float, floors: Mapping[str, float]) -> list[Row]:
    """Return a row for each task and length that the policy does not leave out, and one over all if there are several.

    Args:
        pairs: paired samples, as `harness.store.pair` makes them.
        policy: gives margins and levels.
        icc: correlation of the paired differences within a context.
        floors: what guessing earns, by task; 0 where not given.
    """
    samples = _mean_of_replicates(pairs)
    rows: list[Row] = []
    kept: list[tuple[str, int]] = []
    for task, length in cells_of(samples):
        applied = policy.applied(task, length)
        if applied.level == "off":
            continue
        cell = samples[(samples["task"] == task) & (samples["length"] == length)]
        rows.append(_row(cell, ("cell", task, length), applied, (policy, icc, floors.get(task, 0.0))))
        if applied.level == "error":
            kept.append((task, length))
    if len(kept) > 1:
        inside = samples[[pair in kept for pair in zip(samples["task"], samples["length"], strict=True)]]
        margin = policy.defaults.overall_margin or policy.defaults.margin
        applied = Applied(margin, "error", "defaults")
        rows.append(_row(inside, ("overall", "", None), applied, (policy, icc, 0.0)))
    return rows


def cells_of(pairs: pd.DataFrame) -> list[tuple[str, int]]:
    """Return each task at each length that there are pairs for."""
    return sorted({(str(task), int(n)) for task, n in zip(pairs["task"], pairs["length"], strict=True)})


def _mean_of_replicates(pairs: pd.DataFrame) -> pd.DataFrame:
    """Average a sample's replies first: replies to one sample are no samples of their own."""
    keys = ["task", "length", "context_id", "sample_id"]
    numbers = pairs[[*keys, "base_correct", "cand_correct"]].astype({"base_correct": float, "cand_correct": float})
    return numbers.groupby(keys, as_index=False, sort=True).mean()


def _row(
    cell: pd.DataFrame,
    place: tuple[Literal["cell", "overall"], str, int | None],
    applied: Applied,
    terms: tuple[Policy, float, float],
) -> Row:
    policy, icc, floor = terms
    alpha = policy.defaults.alpha
    drops = (cell["base_correct"] - cell["cand_correct"]).to_numpy()
    clusters = cell["context_id"].to_numpy()
    fixed = policy.defaults.population == "fixed"
    contexts = len(cell) if fixed else len(set(clusters))
    n = len(cell)
    worth = float(n) if fixed else effective_n(n, contexts, icc)
    losses, gains = int((drops > 0).sum()), int((drops < 0).sum())
    whole = bool(np.isin(drops, (-1.0, 0.0, 1.0)).all())
    sums = drops if fixed else np.bincount(np.unique(clusters, return_inverse=True)[1], weights=drops)
    p_harm = mcnemar(losses, gains) if fixed and whole else sign_flip(list(sums))
    if whole:
        low, upper, method = _binary_bounds(losses, gains, n, worth, alpha)
        if not fixed and contexts < n:
            low, method = _lower_by_clusters(drops, clusters, alpha, (low, method))
    else:
        low, upper, method = _mean_bounds(drops, np.arange(n) if fixed else clusters, worth, alpha)
    scope, task, length = place
    return Row(
        scope=scope,
        task=task,
        length=length,
        applied=applied,
        baseline=_share(cell["base_correct"].to_numpy(), worth),
        candidate=_share(cell["cand_correct"].to_numpy(), worth),
        drop=Estimate(value=float(drops.mean()), low=low, high=upper, n=n, level=1 - 2 * alpha, method=method),
        losses=losses,
        gains=gains,
        contexts=contexts,
        effective_n=worth,
        upper=upper,
        p_harm=p_harm,
        chance=floor,
        whole=whole,
    )


def _binary_bounds(losses: float, gains: float, n: int, worth: float, alpha: float) -> tuple[float, float, str]:
    """Bounds of the drop at the effective n: losses and gains shrink as n does."""
    share = worth / n
    upper = upper_bound(losses * share, gains * share, worth, alpha)
    if worth < STRICT_BELOW or min(losses, gains) == 0:
        return fay_lumbard_lower(losses * share, gains * share, worth, 1 - alpha), upper, "Fay-Lumbard"
    return tango_interval(losses * share, gains * share, worth, 1 - 2 * alpha)[0], upper, "Tango"


def _mean_bounds(drops: np.ndarray, clusters: np.ndarray, worth: float, alpha: float) -> tuple[float, float, str]:
    """Bounds for means of several replies: the wider of the bounds at the effective n and of those by cluster-t.

    Summed partial losses and gains stand for counts, so that one lost reply can never make a bound smaller.
    """
    losses, gains = float(drops.clip(min=0).sum()), float((-drops).clip(min=0).sum())
    low, upper, method = _binary_bounds(losses, gains, len(drops), worth, alpha)
    t_low, t_upper, t_method = _t_bounds(drops, clusters, alpha)
    if t_method != CLUSTER_T:
        return low, upper, method
    return min(low, t_low), max(upper, t_upper), f"{method} or {CLUSTER_T}, the wider"


def _lower_by_clusters(
    drops: np.ndarray, clusters: np.ndarray, alpha: float, otherwise: tuple[float, str]
) -> tuple[float, str]:
    """Take the lower bound from the spread between contexts, as the test of harm does.

    The upper bound cannot come from there: contexts that all agree would make it as small as one likes.
    """
    low, _, method = _t_bounds(drops, clusters, alpha)
    return (low, f"{method} below, {otherwise[1]} above") if method == CLUSTER_T else otherwise


def _t_bounds(drops: np.ndarray, clusters: np.ndarray, alpha: float) -> tuple[float, float, str]:
    """Cluster-robust t bounds for means of several replies; without spread between contexts nothing is proven."""
    from scipy.stats import t

    found = cluster_t(list(drops), list(clusters))
    if found.df + 1 < FEWEST_CONTEXTS or not found.se:
        return -1.0, 1.0, "none: too few contexts, or no spread between them"
    half = float(t.ppf(1 - alpha, found.df)) * found.se
    return max(-1.0, found.mean - half), min(1.0, found.mean + half), CLUSTER_T


def _share(correct: np.ndarray, worth: float) -> Estimate:
    value = float(correct.mean())
    low, high = wilson(value * worth, worth, LEVEL)
    return Estimate(value=value, low=low, high=high, n=len(correct), level=LEVEL, method="Wilson")
