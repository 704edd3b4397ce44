"""Samples that share a context are not independent: cluster-robust errors, their correlation, what n is worth."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import t

from harness.stats.chi_square import ChiSquare


@dataclass(frozen=True, slots=True)
class ClusterMean:
    """A mean over clustered samples.

    Attributes:
        mean: the mean over samples.
        se: its cluster-robust standard error, None with fewer than two clusters.
        df: degrees of freedom for t: clusters less one.
    """

    mean: float
    se: float | None
    df: int

    def interval(self, level: float = 0.95) -> tuple[float, float] | None:
        """Return the two-sided t interval at `level`; None without spread between clusters, which proves nothing."""
        if not self.se:
            return None
        half = float(t.ppf(0.5 + level / 2, self.df)) * self.se
        return self.mean - half, self.mean + half

    def p_above(self, value: float = 0.0) -> float | None:
        """Return the one-sided p of "the mean is at most `value`": small means more; None without spread."""
        return float(t.sf((self.mean - value) / self.se, self.df)) if self.se else None

    def p_below(self, value: float) -> float | None:
        """Return the one-sided p of "the mean is at least `value`", a margin; None without spread."""
        return float(t.cdf((self.mean - value) / self.se, self.df)) if self.se else None


def cluster_t(drops: Sequence[float] | np.ndarray, clusters: Sequence[Hashable] | np.ndarray) -> ClusterMean:
    """Return the mean drop with its cluster-robust standard error.

    se = sqrt(K / (K - 1) * sum over clusters of (sum of drop - mean) ** 2) / n, for t with K - 1 degrees of freedom:
    what a least-squares fit of a constant with cluster-robust covariance gives (Liang and Zeger 1986; Miller 2024,
    appendix A, without its omission of K / (K - 1)).

    Args:
        drops: of each sample; at least one.
        clusters: the context of each, in the same order; arrays are much the faster for many samples.

    Raises:
        ValueError: without any drop there is no mean.
    """
    if not len(drops):
        raise ValueError("cluster_t needs at least one drop")
    values, sums, sizes = _sums(drops, clusters)
    k, n = len(sums), len(values)
    mean = float(values.mean())
    if k < 2:
        return ClusterMean(mean, None, 0)
    residual = sums - sizes * mean
    return ClusterMean(mean, sqrt(k / (k - 1) * float(residual @ residual)) / n, k - 1)


def icc(values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable] | np.ndarray) -> float | None:
    """Return the intraclass correlation by one-way analysis of variance; None where there is no variance to divide.

    (BMS - WMS) / (BMS + (n* - 1) WMS) with n* = (N ** 2 - sum of n_c ** 2) / ((K - 1) N) (Donner and Koval 1980).
    """
    data, sums, sizes = _sums(values, clusters)
    k, n = len(sums), len(data)
    if k < 2 or n <= k:
        return None
    between = float((sizes * (sums / sizes - data.mean()) ** 2).sum()) / (k - 1)
    within = (float((data**2).sum()) - float((sums**2 / sizes).sum())) / (n - k)
    typical = (n * n - float((sizes**2).sum())) / ((k - 1) * n)
    total = between + (typical - 1) * within
    return (between - within) / total if total > 0 else None


def design_effect(cluster_size: float, correlation: float) -> float:
    """Return by how much sharing clusters inflates a variance: 1 + (cluster size - 1) * correlation (Kish 1965)."""
    return 1 + (cluster_size - 1) * correlation


def effective_n(n: float, clusters: int, correlation: float) -> float:
    """Return what n samples in so many clusters of about the same size are worth: n over the design effect.

    Too much where sizes differ: use `effective_n_of`.
    """
    return n / design_effect(n / clusters, correlation)


def effective_n_of(sizes: Sequence[float], correlation: float) -> float:
    """Return what samples are worth that come in clusters of these sizes: n / (1 + (sum m ** 2 / n - 1) * correlation).

    Large clusters count for more, so the sizes' mean weighted by size takes the place of the mean (the variance
    inflation factor of Saha and others 2016). Never more than `effective_n` says; the same where all sizes are equal.
    """
    n = float(sum(sizes))
    if n == 0:
        return 0.0
    return n / design_effect(sum(size * size for size in sizes) / n, correlation)


def obuchowski(losses: Sequence[int], gains: Sequence[int]) -> ChiSquare | None:
    """Return Obuchowski's (1998) two-sided test of no drop, from losses and gains by cluster; None without any drop.

    (K - 1) / K * (sum of D) ** 2 / sum of D ** 2 on one degree of freedom, D a cluster's losses less its gains.
    """
    d = np.asarray(losses, dtype=float) - np.asarray(gains, dtype=float)
    k = len(d)
    return ChiSquare(float((k - 1) / k * d.sum() ** 2 / (d @ d)), 1) if d.any() else None


def durkalski(losses: Sequence[int], gains: Sequence[int], sizes: Sequence[int]) -> ChiSquare | None:
    """Return the two-sided test of no drop of Durkalski and others (2003); clusters weigh alike; None without any drop.

    (sum of D / m) ** 2 / sum of (D / m) ** 2 on one degree of freedom, D a cluster's losses less its gains, m its size.
    """
    d = (np.asarray(losses, dtype=float) - np.asarray(gains, dtype=float)) / np.asarray(sizes, dtype=float)
    return ChiSquare(float(d.sum() ** 2 / (d @ d)), 1) if d.any() else None


def _sums(
    values: Sequence[float] | np.ndarray, clusters: Sequence[Hashable] | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the values, and for each cluster their sum and number."""
    data = np.asarray(values, dtype=float)
    if isinstance(clusters, np.ndarray):
        at = np.unique(clusters, return_inverse=True)[1]
        return data, np.bincount(at, weights=data), np.bincount(at).astype(float)
    index = {cluster: i for i, cluster in enumerate(dict.fromkeys(clusters))}
    at = np.fromiter((index[cluster] for cluster in clusters), dtype=int, count=len(data))
    return data, np.bincount(at, weights=data), np.bincount(at).astype(float)
