"""Intervals for a share of right answers, and Newcombe's for the difference of two paired ones."""

from __future__ import annotations

from math import sqrt

from scipy.stats import beta, norm


def wilson(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Return the two-sided score interval of a proportion (Wilson 1927); everything, 0 to 1, without samples.

    n may be an effective sample size. A one-sided bound at 95 % is the one of the interval at 90 %.
    """
    if n <= 0:
        return 0.0, 1.0
    z = float(norm.ppf(0.5 + level / 2))
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(max(share * (1 - share) / n + z * z / (4 * n * n), 0.0))
    return max(0.0, centre - half), min(1.0, centre + half)


def clopper_pearson(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Return the two-sided exact interval of a proportion (Clopper and Pearson 1934); 0 to 1 without samples.

    n may be an effective sample size. A one-sided bound at 95 % is the one of the interval at 90 %.
    """
    tail = (1 - level) / 2
    low = 0.0 if successes <= 0 else float(beta.ppf(tail, successes, n - successes + 1))
    high = 1.0 if successes >= n else float(beta.ppf(1 - tail, successes + 1, n - successes))
    return low, high


def newcombe_interval(both: int, losses: int, gains: int, neither: int, level: float = 0.95) -> tuple[float, float]:
    """Return the two-sided interval of the drop by method 10 of Newcombe (1998, Stat Med 17:2635); -1 to 1 of nothing.

    Args:
        both: samples that both get right.
        losses: right in the baseline only.
        gains: right in the candidate only.
        neither: samples that both get wrong.
        level: coverage.
    """
    n = both + losses + gains + neither
    if n == 0:
        return -1.0, 1.0
    first, second = (both + losses) / n, (both + gains) / n
    low1, high1 = wilson(both + losses, n, level)
    low2, high2 = wilson(both + gains, n, level)
    phi = _correlation(both, losses, gains, neither)
    drop = first - second
    below = (first - low1) ** 2 - 2 * phi * (first - low1) * (high2 - second) + (high2 - second) ** 2
    above = (second - low2) ** 2 - 2 * phi * (second - low2) * (high1 - first) + (high1 - first) ** 2
    return drop - sqrt(max(below, 0.0)), drop + sqrt(max(above, 0.0))


def _correlation(both: int, losses: int, gains: int, neither: int) -> float:
    """Return the continuity-corrected correlation of the two answers; 0 where a margin is empty."""
    product = float(both + losses) * (gains + neither) * (both + gains) * (losses + neither)
    if product == 0:
        return 0.0
    n = both + losses + gains + neither
    determinant = float(both * neither - losses * gains)
    if determinant > n / 2:
        determinant -= n / 2
    elif determinant >= 0:
        determinant = 0.0
    return determinant / sqrt(product)
