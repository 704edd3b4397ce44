"""May I stop early? Evidence that stays valid however often one looks (e-processes).

An e-value is what a bet against "no harm" (or against "the drop is at least the margin") has made of a stake of 1. If
the hypothesis is true it ever reaches 1 / alpha with probability at most alpha (Ville 1939), so it may be read after
every sample, and a run may be stopped or continued at will. Samples that share a context enter as one mean per context.

`harm_process` and `margin_process` are what an early stop rests on: a stake spread over many constant bets, so that no
bet has to be chosen in advance or learnt on the way (Cover 1991; Waudby-Smith and Ramdas 2024, section 4). Where every
drop is -1, 0 or 1 and the bets are spread evenly, this is `e_mcnemar`. They are spread with the density of
Beta(1, 1/3), which leans to large bets: of the choices that `benchmarks/early_stopping.py` compares, the one that needs
the fewest contexts for a drop of 20 points and for a pass without flips, and nowhere much more than the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log

import numpy as np
from scipy.special import betaln, gammaln, logsumexp

LARGEST = 709.0
"""Natural logarithm of about the largest float; evidence beyond is infinite."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
BETS: np.ndarray = 1.0 - ((1.0 - _NODES) / 2) ** 3
"""Bets as shares of the largest that no single drop can ruin: quantiles of Beta(1, 1/3) at Gauss-Legendre nodes."""

STAKES: np.ndarray = _WEIGHTS / 2
"""What of the stake each bet gets; they add up to 1, so that the mixture is exactly valid, not only in the limit."""


BISECTIONS = 24
"""They leave an interval of a ten-millionth."""


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


def harm_process(drops: np.ndarray, weights: Sequence[float] | None = None) -> np.ndarray:
    """Return after each round the e-value against "the mean drop is at most 0": harm, one-sided, at 1 / alpha.

    The product of 1 + bet * drop, averaged over `BETS`. Where a round holds a context of each of several groups, their
    factors are multiplied: the product of the expected factors is at most their mean to that power (inequality of the
    arithmetic and geometric means), so it is at most 1 where the weighted mean drop of the groups is at most 0.

    Args:
        drops: means of contexts from -1 to 1, in an order fixed before they were seen: one a round, or rounds x groups.
            Further dimensions in front are runs of their own.
        weights: share of each group in the mean that is spoken of; equal where not given.
    """
    return _e_values(_log_wealth(_rounds(drops), weights))


def margin_process(drops: np.ndarray, margin: float, weights: Sequence[float] | None = None) -> np.ndarray:
    """Return after each round the e-value against "the mean drop is at least `margin`": pass, one-sided, at 1 / alpha.

    As `harm_process`, with bets on (margin - drop) / (1 - margin).

    Args:
        drops: see `harm_process`.
        margin: largest acceptable drop, above -1 and below 1.
        weights: see `harm_process`.
    """
    return _e_values(_log_wealth((margin - _rounds(drops)) / (1.0 - margin), weights))


def anytime_bounds(drops: np.ndarray, alpha: float, weights: Sequence[float] | None = None) -> tuple[float, float]:
    """Return bounds of the mean drop, each wrong with probability at most alpha however often one looks.

    The upper bound is the smallest margin that `margin_process` has ever proven, the lower one likewise the other way
    round: a confidence sequence (Waudby-Smith and Ramdas 2024), its two ends one-sided. -1 and 1 without drops.

    Args:
        drops: see `harm_process`; one run.
        alpha: one-sided error rate of each end.
        weights: see `harm_process`.
    """
    rounds = _rounds(drops)
    low, high = np.full(2, -1.0), np.ones(2)
    both = np.stack([rounds, -rounds])
    for _ in range(BISECTIONS if len(rounds) else 0):  # the wealth grows with the margin, whatever the drops
        at = (low + high) / 2
        margins = at[:, None, None]
        proven = _log_wealth((margins - both) / (1.0 - margins), weights).max(axis=-1) >= -log(alpha)
        low, high = np.where(proven, low, at), np.where(proven, at, high)
    return -float(high[1]), float(high[0])


def contexts_without_loss(margin: float, alpha: float) -> int:
    """Return after how many contexts without any flip `margin_process` proves a margin: no run can need fewer."""
    gain = np.log1p(BETS * margin / (1.0 - margin))
    low, high = 0, 1
    while _log_mean(high * gain) < -log(alpha):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _log_mean(middle * gain) >= -log(alpha) else (middle, high)
    return high


def _rounds(drops: np.ndarray) -> np.ndarray:
    """Bring drops into the shape rounds x groups."""
    drops = np.asarray(drops, dtype=float)
    return drops[:, None] if drops.ndim == 1 else drops


def _log_wealth(gains: np.ndarray, weights: Sequence[float] | None) -> np.ndarray:
    """Return the logarithm of the wealth after each round; no gain is below -1."""
    share = np.ones(gains.shape[-1]) if weights is None else np.asarray(weights, dtype=float)
    share = share / share.max()
    logs = np.zeros((*gains.shape[:-1], len(BETS)))
    for group in range(gains.shape[-1]):
        logs += np.log1p((gains[..., group] * share[group])[..., None] * BETS)
    return _log_mean(logs.cumsum(axis=-2))


def _log_mean(logs: np.ndarray) -> np.ndarray:
    """Average wealth over the bets."""
    top = logs.max(axis=-1, keepdims=True)
    found: np.ndarray = np.log(np.exp(logs - top) @ STAKES) + top[..., 0]
    return found


def _e_values(logs: np.ndarray) -> np.ndarray:
    return np.where(logs < LARGEST, np.exp(np.minimum(logs, LARGEST)), inf)


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
