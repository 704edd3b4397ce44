"""What a plan can decide, before it is run."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import comb

from scipy.stats import binom

from harness.stats.clusters import effective_n
from harness.stats.margins import fay_lumbard_upper, tango_interval

STRICT_BELOW = 60
"""Effective n below which the guaranteed bound replaces Tango's."""

TAIL = 1e-9
"""Probability of the many gains that an enumeration leaves out."""


@lru_cache(maxsize=4096)
def upper_bound(losses: float, gains: float, n: float, alpha: float) -> float:
    """Return the one-sided upper bound of the drop that decides a PASS.

    Fay and Lumbard's where n is under 60 or all flips go one way. Elsewhere Tango's, but never less than what no loss
    at all would give, so that a loss turned into a tie cannot raise the bound where the method changes. By enumeration
    (independent samples, n from 10 to 400, margins of 2 to 30 points, gains of 0 to 8 %) a candidate exactly at the
    margin passes at most 4.9 % of the time below n = 60 and 5.4 % above, at alpha 5 %.
    """
    if n < STRICT_BELOW or min(losses, gains) == 0:
        return fay_lumbard_upper(losses, gains, n, 1 - alpha)
    return max(tango_interval(losses, gains, n, 1 - 2 * alpha)[1], upper_bound(0.0, gains, n, alpha))


def pass_probability(
    contexts: int, questions: int, *, flip_rate: float, margin: float, icc: float, alpha: float = 0.05
) -> float:
    """Return the probability that an unchanged candidate passes one row: exact, for independent effective samples.

    Losses and gains come at half the flip rate each, as many as the effective sample holds, to the nearest whole one.

    Args:
        contexts: independent contexts.
        questions: questions on each.
        flip_rate: share of samples whose answer changes between two runs of the same model.
        margin: largest acceptable drop.
        icc: correlation of the paired differences within a context.
        alpha: one-sided level.
    """
    n = max(1, round(effective_n(contexts * questions, contexts, icc)))
    rate = flip_rate / 2
    passing, chance = 0, 0.0
    for gains in range(int(binom.isf(TAIL, n, rate)) + 1):
        while passing + gains <= n and upper_bound(passing, gains, n, alpha) < margin:
            passing += 1  # the bound falls with each gain, so what passed still passes
        chance += float(binom.pmf(gains, n, rate) * binom.cdf(passing - 1, n - gains, rate / (1 - rate)))
    return chance


def flip_rate_of_means(flip_rate: float, replies: int) -> float:
    """Return the share of a flip that is left when several replies to each sample are averaged.

    Where twice the flip rate of the samples are unsettled (right half of the time, in either arm) and all others never
    change, the mean absolute difference between the means of two arms is flip_rate * 2 * C(2R, R) / 4 ** R for R
    replies: 1, 0.75, 0.63, 0.55 … of the flip rate.
    """
    return float(flip_rate * 2 * comb(2 * replies, replies) / 4**replies)


def contexts_needed(chance: Callable[[int], float], start: int, target: float = 0.9, most: int = 4096) -> int | None:
    """Return the fewest contexts from `start` on that reach a probability; None if `most` do not.

    Doubles until the target is met, then halves the gap: `chance` is taken to grow with the contexts.
    """
    high = start
    while chance(high) < target:
        if high >= most:
            return None
        high = min(2 * high, most)
    low = max(start, high // 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(middle) >= target else (middle + 1, high)
    return high
