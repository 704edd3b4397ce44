"""Samples that share a context are not independent: cluster-robust errors, their correlation, what n is worth."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np


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


def cluster_t(drops: Sequence[float], clusters: Sequence[Hashable]) -> ClusterMean:
    """Return the mean drop with its cluster-robust standard error.

    se = sqrt(K / (K - 1) * sum over clusters of (sum of drop - mean) ** 2) / n, for t with K - 1 degrees of freedom:
    what a least-squares fit of a constant with cluster-robust covariance gives (Liang and Zeger 1986; Miller 2024,
    appendix A, without its omission of K / (K - 1)).
    """
    values, sums, sizes = _sums(drops, clusters)
    k, n = len(sums), len(values)
    mean = float(values.mean())
    if k < 2:
        return ClusterMean(mean, None, 0)
    residual = sums - sizes * mean
    return ClusterMean(mean, sqrt(k / (k - 1) * float(residual @ residual)) / n, k - 1)


def icc(values: Sequence[float], clusters: Sequence[Hashable]) -> float | None:
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


def effective_n(n: float, clusters: int, correlation: float) -> float:
    """Return what n samples in so many clusters are worth: n / (1 + (n / clusters - 1) * correlation) (Kish 1965)."""
    return n / (1 + (n / clusters - 1) * correlation)


def obuchowski(losses: Sequence[int], gains: Sequence[int]) -> float:
    """Return Obuchowski's (1998) chi-square on one degree of freedom from losses and gains by cluster."""
    d = np.asarray(losses, dtype=float) - np.asarray(gains, dtype=float)
    k = len(d)
    return float((k - 1) / k * d.sum() ** 2 / (d @ d))


def durkalski(losses: Sequence[int], gains: Sequence[int], sizes: Sequence[int]) -> float:
    """Return the chi-square of Durkalski and others (2003) on one degree of freedom; clusters weigh alike."""
    d = (np.asarray(losses, dtype=float) - np.asarray(gains, dtype=float)) / np.asarray(sizes, dtype=float)
    return float(d.sum() ** 2 / (d @ d))


def _sums(values: Sequence[float], clusters: Sequence[Hashable]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the values, and for each cluster their sum and number."""
    data = np.asarray(values, dtype=float)
    index = {cluster: i for i, cluster in enumerate(dict.fromkeys(clusters))}
    at = np.fromiter((index[cluster] for cluster in clusters), dtype=int, count=len(data))
    return data, np.bincount(at, weights=data), np.bincount(at).astype(float)
