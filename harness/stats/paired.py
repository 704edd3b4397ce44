"""Is the candidate worse? Exact one-sided tests on paired right and wrong answers.

Notation: a *loss* is a sample that the baseline gets right and the candidate wrong, a *gain* the other way round; drop
is baseline minus candidate, so positive is worse.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.signal import convolve
from scipy.stats import binom

MOST_DENOMINATOR = 120
DRAWN_PATTERNS = 100_000
DRAWN_AT_ONCE = 1_000


def mcnemar(losses: int, gains: int) -> float:
    """Return the exact one-sided p of harm (McNemar 1947): P(Bin(losses + gains, 1/2) >= losses); 1 without flips."""
    flips = losses + gains
    return 1.0 if flips == 0 else float(binom.sf(losses - 1, flips, 0.5))


def mcnemar_mid_p(losses: int, gains: int) -> float:
    """Return the one-sided mid-p of harm: `mcnemar` less half the probability of the observed table.

    Less conservative and not guaranteed (Fagerland, Lydersen and Laake 2013); for planning and display, never a gate.
    """
    flips = losses + gains
    return 0.5 if flips == 0 else mcnemar(losses, gains) - 0.5 * float(binom.pmf(losses, flips, 0.5))


def mcnemar_two_sided(losses: int, gains: int) -> float:
    """Return the exact two-sided p of "as many losses as gains": twice the smaller tail, at most 1; 1 without flips."""
    return min(1.0, 2 * mcnemar(max(losses, gains), min(losses, gains)))


def mcnemar_mid_p_two_sided(losses: int, gains: int) -> float:
    """Return the two-sided mid-p: the exact one less the probability of the observed table; 1 without flips.

    With as many losses as gains it is 1 less half of that probability (Fagerland, Lydersen and Laake 2013).
    """
    flips = losses + gains
    observed = float(binom.pmf(losses, flips, 0.5))
    if losses == gains:
        return 1.0 if flips == 0 else 1.0 - 0.5 * observed
    return 2 * mcnemar(max(losses, gains), min(losses, gains)) - observed


def sign_flip(drops: Sequence[float]) -> float:
    """Return the one-sided p of harm when clusters, not samples, are independent.

    Under "no harm" each cluster's summed drop is as likely to have the other sign. p is the share of all sign patterns
    whose total is at least the observed one. For whole numbers (losses minus gains of a cluster) and for fractions with
    a common denominator up to 120 (means of several replies) it is exact, to about 1e-15; with one sample a cluster it
    equals `mcnemar`. Otherwise it is taken from 100,000 patterns drawn with a fixed seed, the observed one counted in.

    Args:
        drops: for each cluster the sum of its samples' drops.
    """
    values = np.asarray(drops, dtype=float)
    if not values.any():
        return 1.0
    for denominator in range(1, MOST_DENOMINATOR + 1):
        whole = np.round(values * denominator)
        if np.allclose(whole, values * denominator, rtol=0, atol=1e-6):
            return _sign_flip_exact(whole.astype(int))
    return _sign_flip_drawn(values)


def _sign_flip_exact(drops: np.ndarray) -> float:
    """Add up, size by size, how often clusters of that size are positive; the total must reach what was observed."""
    sizes, counts = np.unique(np.abs(drops[drops != 0]), return_counts=True)
    total = np.ones(1)
    for size, count in zip(sizes, counts, strict=True):
        positive = np.zeros(size * count + 1)
        positive[::size] = binom.pmf(np.arange(count + 1), count, 0.5)
        total = convolve(total, positive)
    return float(np.clip(total[drops.clip(min=0).sum() :].sum(), 0.0, 1.0))


def _sign_flip_drawn(drops: np.ndarray) -> float:
    """Count drawn patterns whose flipped clusters sum to nothing or less: that is when the total is not lowered."""
    rng = np.random.default_rng(0)
    as_large = 0
    for start in range(0, DRAWN_PATTERNS, DRAWN_AT_ONCE):
        flipped = rng.integers(0, 2, size=(min(DRAWN_AT_ONCE, DRAWN_PATTERNS - start), len(drops)), dtype=np.int8)
        as_large += int(np.count_nonzero(flipped @ drops <= 1e-9))
    return (as_large + 1) / (DRAWN_PATTERNS + 1)
