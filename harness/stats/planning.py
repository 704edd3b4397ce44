"""What a plan can decide, before it is run."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import ceil, log

import numpy as np

from harness.stats.clusters import effective_n
from harness.stats.margins import fay_lumbard_upper, tango_interval

STRICT_BELOW = 60
"""Effective n below which the guaranteed bound replaces Tango's."""

DRAWS = 400


@lru_cache(maxsize=4096)
def upper_bound(losses: float, gains: float, n: float, alpha: float) -> float:
    """Return the one-sided upper bound of the drop that decides a PASS.

    Fay and Lumbard's where n is under 60 or all flips go one way, Tango's elsewhere: see `harness.stats.margins`.
    """
    if n < STRICT_BELOW or min(losses, gains) == 0:
        return fay_lumbard_upper(losses, gains, n, 1 - alpha)
    return tango_interval(losses, gains, n, 1 - 2 * alpha)[1]


def fewest_samples(margin: float, alpha: float = 0.05) -> int:
    """Return the n below which not even a run without a single flip proves the margin: ln(alpha) / ln(1 - margin)."""
    return ceil(log(alpha) / log(1 - margin))


def pass_probability(
    contexts: int, questions: int, *, flip_rate: float, margin: float, icc: float, alpha: float = 0.05
) -> float:
    """Return the probability that an unchanged candidate passes one row.

    Losses and gains are drawn at half the flip rate each, as many as the effective sample holds, 400 times with a fixed
    seed; the Monte Carlo error is at most 2.5 points.

    Args:
        contexts: independent contexts.
        questions: questions on each.
        flip_rate: share of samples whose answer changes between two runs of the same model.
        margin: largest acceptable drop.
        icc: correlation of the paired differences within a context.
        alpha: one-sided level.
    """
    n = effective_n(contexts * questions, contexts, icc)
    rng = np.random.default_rng(0)
    whole = max(1, round(n))
    counts = rng.multinomial(whole, [flip_rate / 2, flip_rate / 2, 1 - flip_rate], size=DRAWS)
    known: dict[tuple[int, int], bool] = {}
    for losses, gains, _ in counts:
        key = (int(losses), int(gains))
        if key not in known:
            known[key] = upper_bound(*key, whole, alpha) < margin
    return sum(known[int(losses), int(gains)] for losses, gains, _ in counts) / DRAWS


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
