"""Which share of the baseline's right answers does the candidate keep? The ratio of two paired proportions."""

from __future__ import annotations

from math import copysign, exp, inf, sqrt

from scipy.optimize import brentq
from scipy.stats import norm

WIDEST = 60.0
"""Natural logarithm of the largest ratio that is searched."""


def tang_score(both: float, losses: float, gains: float, n: float, ratio: float) -> float:
    """Return the score statistic for a true ratio candidate / baseline (Tang, Tang and Chan 2003): low if it is less.

    ((both + gains) - (both + losses) r) / sqrt(n (1 + r) q + (both + losses + gains) (r - 1)), q being the restricted
    maximum-likelihood estimate of the rate of losses under r.
    """
    right = both + losses + gains
    a = n * (1.0 + ratio)
    b = (both + losses) * ratio**2 - (right + losses)
    c = losses * (1.0 - ratio) * right / n
    rate = (sqrt(max(b * b - 4.0 * a * c, 0.0)) - b) / (2.0 * a)
    numerator = both + gains - (both + losses) * ratio
    variance = a * rate + right * (ratio - 1.0)
    if variance <= 1e-12 * n:
        return 0.0 if abs(numerator) <= 1e-12 * n else copysign(inf, numerator)
    return numerator / sqrt(variance)


def tang_p(both: float, losses: float, gains: float, n: float, ratio: float) -> float | None:
    """Return the one-sided p of "the candidate keeps at most `ratio`": small means that it keeps more.

    For a margin on recovery. None where no arm has a right answer. Below a baseline of about .3 use `tango_p`.
    """
    if both + losses + gains <= 0:
        return None
    return float(norm.sf(tang_score(both, losses, gains, n, ratio)))


def tang_interval(
    both: float, losses: float, gains: float, n: float, level: float = 0.95
) -> tuple[float, float] | None:
    """Return the two-sided interval for candidate / baseline at `level`: the ratios that Tang's test does not reject.

    From 0 to infinity at the widest; None where no arm has a right answer, so that there is no ratio.

    Args:
        both: samples that both get right.
        losses: right in the baseline only.
        gains: right in the candidate only.
        n: all samples.
        level: coverage.
    """
    if both + losses + gains <= 0:
        return None
    z = float(norm.ppf(0.5 + level / 2))

    def excess(log_ratio: float, target: float) -> float:
        return min(max(tang_score(both, losses, gains, n, exp(log_ratio)), -1e9), 1e9) - target

    low = 0.0 if both + gains <= 0 else exp(brentq(excess, -WIDEST, WIDEST, args=(z,), xtol=1e-12))
    high = inf if both + losses <= 0 else exp(brentq(excess, -WIDEST, WIDEST, args=(-z,), xtol=1e-12))
    return low, high
