"""By which factor does a length grow? Bounds of a ratio of sums over contexts, without a normal approximation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

ALL_SUBSETS = 14
"""Up to so many contexts every subset is taken, beyond `DRAWN` of them are drawn with a fixed seed."""

DRAWN = 20_000
DRAWN_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Growth:
    """Candidate over baseline.

    Attributes:
        ratio: of the two sums; 1 is no growth, infinite where only the candidate has any.
        low: one-sided lower bound at 1 - alpha; `high` the upper one. 0 and infinite where the contexts are too few.
        p: one-sided p of "no growth".
    """

    ratio: float
    low: float
    high: float
    p: float


def growth(
    baseline: Sequence[float] | np.ndarray, candidate: Sequence[float] | np.ndarray, alpha: float = 0.05
) -> Growth:
    """Return by which factor a quantity grew, with bounds that come from sign flips of whole contexts.

    Flipping the sign of some contexts' candidate - ratio * baseline lowers their total exactly where the ratio of sums
    over those contexts exceeds the ratio asked about. So the bounds are quantiles of the ratios over subsets of the
    contexts (Hartigan 1969, typical values); exact where such differences are symmetric, and identical replies give
    a ratio of 1 with no width. Fewer than log2(1 / alpha) contexts give no bound.

    Args:
        baseline: for each context the sum over its samples, none negative.
        candidate: the same of the candidate, in the same order.
        alpha: error rate of each bound.
    """
    base, cand = np.asarray(baseline, dtype=float), np.asarray(candidate, dtype=float)
    ratios = np.sort(np.concatenate([_ratio(members @ base, members @ cand) for members in _subsets(len(base))]))
    asked = len(ratios) + 1  # the empty subset, which no bound can exclude
    least = int(alpha * asked + 1e-9)
    return Growth(
        ratio=float(_ratio(base.sum(), cand.sum())),
        low=float(ratios[least - 1]) if least else 0.0,
        high=float(ratios[-least]) if least else float("inf"),
        p=float((np.count_nonzero(ratios <= 1 + 1e-12) + 1) / asked),
    )


def _subsets(contexts: int) -> Iterator[np.ndarray]:
    """Yield non-empty subsets as rows of 0 and 1, so many at once that they need little memory."""
    if contexts <= ALL_SUBSETS:
        yield (np.arange(1, 2**contexts)[:, None] >> np.arange(contexts) & 1).astype(float)
        return
    rng = np.random.default_rng(0)
    for _ in range(0, DRAWN, DRAWN_AT_ONCE):
        drawn = rng.integers(0, 2, size=(DRAWN_AT_ONCE, contexts), dtype=np.int8)
        yield drawn[drawn.any(axis=1)].astype(float)


def _ratio(base: np.ndarray, cand: np.ndarray) -> np.ndarray:
    """Divide; nothing over nothing is no growth."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(base > 0, cand / base, np.where(cand > 0, np.inf, 1.0))
