"""Bounds of a drop: which method serves which data."""

from __future__ import annotations

import numpy as np

from harness.stats import STRICT_BELOW, cluster_t, fay_lumbard_lower, tango_interval, upper_bound

FEWEST_CONTEXTS = 6
"""With fewer independent contexts no test of harm can reach 5 % (2 ** -5 = 3 % needs five that all lose)."""

CLUSTER_T = "cluster-t"


def binary_bounds(losses: float, gains: float, n: int, worth: float, alpha: float) -> tuple[float, float, str]:
    """Return lower bound, upper bound and method at the effective n: losses and gains shrink as n does."""
    share = worth / n
    upper = upper_bound(losses * share, gains * share, worth, alpha)
    if worth < STRICT_BELOW or min(losses, gains) == 0:
        return fay_lumbard_lower(losses * share, gains * share, worth, 1 - alpha), upper, "Fay-Lumbard"
    return tango_interval(losses * share, gains * share, worth, 1 - 2 * alpha)[0], upper, "Tango"


def mean_bounds(drops: np.ndarray, clusters: np.ndarray, worth: float, alpha: float) -> tuple[float, float, str]:
    """Return bounds for means of several replies, or of anything else between -1 and 1.

    Above, summed partial losses and gains stand for counts at the effective n: conservative, because a bounded variable
    spreads no wider than one that only takes its ends, and neither a loss nor a gain can move the bound the wrong way.
    Below, the spread between contexts counts, where there is any.
    """
    losses, gains = float(drops.clip(min=0).sum()), float((-drops).clip(min=0).sum())
    low, upper, method = binary_bounds(losses, gains, len(drops), worth, alpha)
    below, below_method = lower_by_clusters(drops, clusters, alpha, (low, method))
    return below, upper, below_method


def lower_by_clusters(
    drops: np.ndarray, clusters: np.ndarray, alpha: float, otherwise: tuple[float, str]
) -> tuple[float, str]:
    """Take the lower bound from the spread between contexts, as the test of harm does.

    The upper bound cannot come from there: contexts that all agree would make it as small as one likes.
    """
    low, _, method = _t_bounds(drops, clusters, alpha)
    return (low, f"{method} below, {otherwise[1]} above") if method == CLUSTER_T else otherwise


def _t_bounds(drops: np.ndarray, clusters: np.ndarray, alpha: float) -> tuple[float, float, str]:
    """Return cluster-robust t bounds; without spread between contexts nothing is proven."""
    from scipy.stats import t

    found = cluster_t(drops, clusters)
    if found.df + 1 < FEWEST_CONTEXTS or not found.se:
        return -1.0, 1.0, "none: too few contexts, or no spread between them"
    half = float(t.ppf(1 - alpha, found.df)) * found.se
    return max(-1.0, found.mean - half), min(1.0, found.mean + half), CLUSTER_T
