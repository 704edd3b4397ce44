"""May I stop early? Evidence that stays valid however often one looks (e-processes).

An e-value is what a bet against "no harm" (or against "the drop is at least the margin") has made of a stake of 1. If
the hypothesis is true it ever reaches 1 / alpha with probability at most alpha (Ville 1939), so it may be read after
every sample, and a run may be stopped or continued at will. Samples that share a context enter as one mean per context.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log

import numpy as np
from scipy.special import betaln, gammaln, logsumexp

LARGEST = 709.0
"""Natural logarithm of about the largest float; evidence beyond is infinite."""


def e_mcnemar(losses: int, gains: int) -> float:
    """Return the e-value against "no harm" from independent flips: reject one-sided at alpha where it is >= 1 / alpha.

    2 ** m * 2 * B(L + 1, G + 1) * (1 - I_half(L + 1, G + 1)) with m = L + G: the likelihood ratio of a fair coin and a
    coin whose bias is uniform over (1/2, 1) (Robbins 1970). 1 without flips. With S rows: reject from S / alpha on.
    """
    tail = float(logsumexp(_log_choose(losses + gains + 1, np.arange(losses + 1))))
    return _exp(_log_mixture(losses, gains) + tail - (losses + gains) * log(2))


def e_mcnemar_two_sided(losses: int, gains: int) -> float:
    """Return the e-value against "as many losses as gains": 2 ** m * B(L + 1, G + 1), the bias uniform over (0, 1)."""
    return _exp(_log_mixture(losses, gains))


def betting_process(
    drops: Sequence[float], margin: float, *, cap: float = 0.5, population: int | None = None
) -> list[float]:
    """Return after each drop the e-value against "the mean drop is at least `margin`": pass, one-sided, at 1 / alpha.

    Product of 1 + bet * (margin - drop), each bet fixed by the drops before it (Waudby-Smith and Ramdas 2024): the edge
    over variance plus squared edge, about what makes wealth grow fastest, between 0 and cap / (1 - margin). The edge is
    the margin less the running mean, which starts from one drop of 0 with variance .05.

    Args:
        drops: in an order drawn before they were seen; each in [-1, 1], independent (means of contexts).
        margin: largest acceptable drop, from -1 to under 1.
        cap: share of the wealth that the worst drop, 1, may cost; below 1.
        population: where only these very samples are of interest, how many there are, seen and unseen (at least as many
            as drops). What is left must then make up the difference to the margin; infinite once it cannot.
    """
    wealth, path, total = 1.0, [], 0.0
    count, mean, squares = 1, 0.0, 0.05
    for seen, drop in enumerate(drops):
        at = margin if population is None else (population * margin - total) / (population - seen)
        wealth *= 1.0 + _bet(at - mean, squares / count, cap, at) * (at - drop)
        total += drop
        if population is not None and population * margin - total > population - seen - 1 + 1e-9:
            wealth = inf
        path.append(wealth)
        count += 1
        before, mean = mean, mean + (drop - mean) / count
        squares += (drop - before) * (drop - mean)
    return path


def _bet(edge: float, variance: float, cap: float, margin: float) -> float:
    if edge <= 0.0 or margin >= 1.0:
        return 0.0
    return min(edge / (variance + edge * edge), cap / (1.0 - margin))


def _log_mixture(losses: int, gains: int) -> float:
    """Return the logarithm of 2 ** m * B(L + 1, G + 1)."""
    return (losses + gains) * log(2) + float(betaln(losses + 1.0, gains + 1.0))


def _log_choose(n: int, k: np.ndarray) -> np.ndarray:
    found: np.ndarray = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    return found


def _exp(value: float) -> float:
    return exp(value) if value < LARGEST else inf
