"""Is the candidate worse? Exact one-sided tests on paired right and wrong answers.

Notation: a *loss* is a sample that the baseline gets right and the candidate wrong, a *gain* the other way round; drop
is baseline minus candidate, so positive is worse.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import binom

RANDOM_FLIPS = 100_000
EXACT_STATES = 2_000_000


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


def sign_flip(drops: Sequence[float]) -> float:
    """Return the one-sided p of harm when clusters, not samples, are independent.

    Under "no harm" each cluster's summed drop is as likely to have the other sign. p is the share of all sign patterns
    whose total is at least the observed one: exact by convolution for whole numbers (losses minus gains of a cluster),
    where with one sample a cluster it equals `mcnemar`; for other values by 100,000 patterns drawn with a fixed seed,
    the observed one counted in.

    Args:
        drops: for each cluster the sum of its samples' drops.
    """
    values = np.asarray([drop for drop in drops if drop], dtype=float)
    if not len(values):
        return 1.0
    if np.all(values == np.round(values)) and np.abs(values).sum() * len(values) < EXACT_STATES:
        return _sign_flip_exact([int(abs(value)) for value in values], int(values.sum()))
    signs = np.random.default_rng(0).integers(0, 2, size=(RANDOM_FLIPS, len(values))) * 2 - 1
    as_large = np.count_nonzero(signs @ np.abs(values) >= values.sum() - 1e-9)
    return (as_large + 1) / (RANDOM_FLIPS + 1)


def _sign_flip_exact(sizes: Sequence[int], observed: int) -> float:
    """Convolve the two-point distributions of the clusters; index i of the result is a total of i minus their sum."""
    reach = sum(sizes)
    probability = np.zeros(2 * reach + 1)
    probability[reach] = 1.0
    for size in sizes:
        probability = (np.roll(probability, size) + np.roll(probability, -size)) / 2
    return float(min(1.0, probability[reach + observed :].sum()))
