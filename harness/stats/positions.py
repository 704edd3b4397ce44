"""Where in the context must the evidence stand? Scores by its depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.stats.proportions import wilson


@dataclass(frozen=True, slots=True)
class Depth:
    """The samples whose evidence stands within one part of the context.

    Attributes:
        start: where the part begins, as a share of the context from 0 to 1.
        end: where it ends; the last part includes its end.
        n: samples.
        share: mean score, None without samples.
        low: lower bound of the share, None without samples.
        high: upper bound of the share, None without samples.
    """

    start: float
    end: float
    n: int
    share: float | None
    low: float | None
    high: float | None


def position_profile(
    depths: Sequence[float], scores: Sequence[float], *, bins: int = 5, level: float = 0.95, worth: float = 1.0
) -> tuple[Depth, ...]:
    """Return the mean score in equal parts of the context, each with a two-sided Wilson interval at `level`.

    The profile of "lost in the middle" (Liu and others 2024, TACL 12:157). Intervals are for each part alone.

    Args:
        depths: where the evidence of each sample stands, 0 the start of the context and 1 its end.
        scores: of the same samples, from 0 to 1.
        bins: number of parts.
        level: coverage of each interval.
        worth: what one sample is worth where contexts are shared: effective n over n.
    """
    values = np.asarray(scores, dtype=float)
    part = np.minimum((np.asarray(depths, dtype=float) * bins).astype(int), bins - 1)
    return tuple(_depth(i, bins, values[part == i], level, worth) for i in range(bins))


def _depth(index: int, bins: int, scores: np.ndarray, level: float, worth: float) -> Depth:
    start, end, n = index / bins, (index + 1) / bins, len(scores)
    if n == 0:
        return Depth(start, end, 0, None, None, None)
    low, high = wilson(float(scores.sum()) * worth, n * worth, level)
    return Depth(start, end, n, float(scores.mean()), low, high)
