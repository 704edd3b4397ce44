"""How many samples, contexts, questions and replies does a question need? Formulas; all levels are one-sided."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, log, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.stats import binom, norm

from harness.stats.replicates import Variances


def mcnemar_power(loss_rate: float, gain_rate: float, n: int, alpha: float = 0.05, margin: float = 0.0) -> float:
    """Return the probability that exact McNemar, one-sided at alpha, shows harm in n independent samples.

    By enumeration over the number of flips and of losses among them. With a margin, the estimate must exceed it too.
    """
    flip_rate = loss_rate + gain_rate
    if flip_rate == 0:
        return 0.0
    flips = np.arange(n + 1)
    beyond = np.floor((margin * n + flips) / 2 + 1e-9) + 1  # fewest losses with losses - gains > margin * n
    least = np.maximum(_fewest_losses(n, alpha), beyond)
    shown = binom.sf(least - 1, flips, loss_rate / flip_rate)
    return float(binom.pmf(flips, n, flip_rate) @ shown)


def drop_found(n: int, flip_rate: float, *, alpha: float = 0.05, margin: float = 0.0, power: float = 0.8) -> float:
    """Return the smallest drop, in whole points, that is shown with that power; 1 where no smaller one is.

    As `mcnemar_power` reads "shown". The drop's losses come on top of the flips of an unchanged candidate, half of
    which are losses.
    """
    half = flip_rate / 2
    low, high = 1, 100
    while low < high:
        middle = (low + high) // 2
        loss_rate = min(half + middle / 100, 1.0 - half)
        if mcnemar_power(loss_rate, half, n, alpha, margin) >= power:
            high = middle
        else:
            low = middle + 1
    return low / 100


def samples_for_harm(drop: float, flip_rate: float, *, alpha: float = 0.05, power: float = 0.8) -> int | None:
    """Return how many independent samples show a drop, one-sided at alpha, with that power.

    Miettinen (1968) and Connor (1987):
    (z_alpha sqrt(flip_rate) + z_power sqrt(flip_rate - drop ** 2)) ** 2 / drop ** 2, rounded up. None where no number
    does: a drop of 0 or less, or one larger than the flips allow.
    """
    if not 0 < drop <= flip_rate:
        return None
    return ceil((_effort(drop, flip_rate, alpha, power) / drop) ** 2)


def smallest_drop(n: float, flip_rate: float, *, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """Return the smallest drop that n independent samples show, one-sided at alpha, with that power.

    Where the formula of `samples_for_harm` asks for just n; at most (z_alpha + z_power) sqrt(flip_rate / n). None where
    even a drop as large as all flips is too small to be seen.
    """

    def lacking(drop: float) -> float:
        return _effort(drop, flip_rate, alpha, power) - drop * sqrt(n)

    if flip_rate <= 0 or n <= 0 or lacking(flip_rate) > 0:
        return None
    return float(brentq(lacking, 0.0, flip_rate, xtol=1e-12))


def samples_for_margin(margin: float, flip_rate: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return how many independent samples prove a margin, one-sided at alpha, if nothing changed.

    (z_alpha + z_power) ** 2 flip_rate / margin ** 2, rounded up, but never less than `fewest_samples`.
    """
    z = float(norm.isf(alpha) + norm.ppf(power))
    return max(ceil(z * z * flip_rate / margin**2), fewest_samples(margin, alpha))


def fewest_samples(margin: float, alpha: float = 0.05) -> int:
    """Return the n below which not even a run without a single flip proves the margin: ln(alpha) / ln(1 - margin)."""
    return ceil(log(alpha) / log(1 - margin))


def samples_for_mean(
    drop: float, found: Variances, replies: float = 1, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Return how many samples show a mean drop of any score, one-sided at alpha, with that power (Miller 2024).

    (z_alpha + z_power) ** 2 (omega ** 2 + 2 sigma ** 2 / replies) / drop ** 2, rounded up.

    Args:
        drop: the drop to be shown.
        found: between: variance over samples of the true drop; within: variance of replies to one sample, in each arm.
        replies: replies to each sample in each arm; infinity for the limit.
        alpha: one-sided level; half of it where a two-sided test is planned.
        power: probability to show it.
    """
    return ceil(_spread(found, replies, alpha, power) / drop**2)


def smallest_mean_drop(
    n: float, found: Variances, replies: float = 1, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Return the smallest mean drop that n samples show: `samples_for_mean` the other way round."""
    return sqrt(_spread(found, replies, alpha, power) / n)


def questions_per_context(correlation: float, context_cost: float, question_cost: float) -> float | None:
    """Return the number of questions on one context that buys the most precision, before rounding.

    sqrt((1 - ICC) / ICC * context_cost / question_cost): optimal two-stage sampling (Cochran 1977, section 10.6).
    None at a correlation of 0 or below: then every further question is worth as much as one on a new context.

    Args:
        correlation: of the paired differences within a context (ICC).
        context_cost: of reading a context, which a prefix cache pays once.
        question_cost: of one more question on it, in the same unit.
    """
    if correlation <= 0:
        return None
    return sqrt((1 - correlation) / correlation * context_cost / question_cost)


def replies_per_sample(found: Variances, sample_cost: float, reply_cost: float) -> float | None:
    """Return the number of replies to one sample that buys the most precision, before rounding.

    sqrt(sigma ** 2 / omega ** 2 * sample_cost / reply_cost); None where samples do not differ.
    """
    if found.between <= 0:
        return None
    return sqrt(found.within / found.between * sample_cost / reply_cost)


def _effort(drop: float, flip_rate: float, alpha: float, power: float) -> float:
    return float(norm.isf(alpha) * sqrt(flip_rate) + norm.ppf(power) * sqrt(max(flip_rate - drop**2, 0.0)))


def _spread(found: Variances, replies: float, alpha: float, power: float) -> float:
    z = float(norm.isf(alpha) + norm.ppf(power))
    return z * z * (found.between + 2 * found.within / replies)


@lru_cache(maxsize=64)
def _fewest_losses(most_flips: int, alpha: float) -> np.ndarray:
    """Return, for each number of flips, the fewest losses among them that show harm; one more than flips if none do."""
    flips = np.arange(most_flips + 1)
    least = np.asarray(binom.isf(alpha, flips, 0.5)) + 1
    too_few = np.asarray(binom.sf(least - 1, flips, 0.5) > alpha)  # where the quantile was rounded the wrong way
    fewest: np.ndarray = np.minimum(least + too_few, flips + 1)
    return fewest
