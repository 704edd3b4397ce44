"""Several replies to one sample: what they are worth, and how often at least one or all are right.

Replies to one sample are not independent samples: work with one number for each sample, then `cluster_t`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np


@dataclass(frozen=True, slots=True)
class Variances:
    """Where the variance of scores comes from.

    Attributes:
        between: variance of the samples' true means (omega squared), not below 0.
        within: mean variance of replies to one sample (sigma squared).
    """

    between: float
    within: float


def pass_at_k(right: int, replies: int, k: int) -> float | None:
    """Return the unbiased estimate that at least one of k replies is right: 1 - C(n - c, k) / C(n, k).

    Chen and others (2021), equation 1. None where there are fewer than k replies. Its mean over samples has the
    interval of `cluster_t`; replies of all samples are never pooled.
    """
    return None if not 0 < k <= replies else 1.0 - comb(replies - right, k) / comb(replies, k)


def pass_hat_k(right: int, replies: int, k: int) -> float | None:
    """Return the unbiased estimate that all of k replies are right ("pass^k"): C(c, k) / C(n, k).

    Yao and others (2024). None where there are fewer than k replies.
    """
    return None if not 0 < k <= replies else comb(right, k) / comb(replies, k)


def variances(scores: Sequence[Sequence[float]]) -> Variances | None:
    """Return the variance between samples and within them (Miller 2024).

    Between: the variance of the samples' means less what their replies' scatter adds to it. None with fewer than two
    samples, or where a sample has fewer than two replies.

    Args:
        scores: for each sample the scores of its replies; their number may differ.
    """
    if len(scores) < 2 or min(len(replies) for replies in scores) < 2:
        return None
    scatter = np.array([np.var(replies, ddof=1) for replies in scores])
    counts = np.array([len(replies) for replies in scores])
    observed = float(np.var([np.mean(replies) for replies in scores], ddof=1))
    return Variances(max(0.0, observed - float((scatter / counts).mean())), float(scatter.mean()))
