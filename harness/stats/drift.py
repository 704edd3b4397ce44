"""Is it noise? Change of behaviour beyond what the same model shows when it is asked twice."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

PERMUTATIONS = 2_000


@dataclass(frozen=True, slots=True)
class ExcessFlips:
    """How much more two arms disagree than each does with itself.

    Attributes:
        between: mean chance that a reply of the baseline differs from one of the candidate.
        within_baseline: mean chance that two replies of the baseline differ.
        within_candidate: the same of the candidate.
        excess: between less the mean of the two others. For right or wrong answers it estimates the mean of
            (p_baseline - p_candidate) ** 2, whatever the directions; it may be below 0 by chance.
        p: one-sided p of "no excess": share of relabelled replies that give at least this excess.
    """

    between: float
    within_baseline: float
    within_candidate: float
    excess: float
    p: float


def excess_flips(
    baseline: Sequence[Sequence[Hashable]],
    candidate: Sequence[Sequence[Hashable]],
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> ExcessFlips | None:
    """Return the drift net of nondeterminism; None without two replies a sample in both arms, or without samples.

    An unbiased estimate of the squared maximum mean discrepancy with the exact-match kernel, averaged over samples
    (Gao, Liang and Guestrin 2025). p comes from permuting replies between the arms within each sample.

    Args:
        baseline: for each sample its replies (or whether each is right); as many for every sample.
        candidate: the same of the candidate.
        permutations: relabellings drawn; the observed labelling is counted in.
        seed: of the relabellings.
    """
    if not baseline or len(baseline[0]) < 2 or len(candidate[0]) < 2:
        return None
    codes = np.array([_codes([*a, *b]) for a, b in zip(baseline, candidate, strict=True)])
    first = len(baseline[0])
    differ = (codes[:, :, None] != codes[:, None, :]).astype(float)
    between, within_a, within_b = _means(differ, np.arange(codes.shape[1])[None, :].repeat(len(codes), axis=0), first)
    observed = between - (within_a + within_b) / 2
    rng = np.random.default_rng(seed)
    as_large = 0
    unsettled = differ[differ.any(axis=(1, 2))]
    for _ in range(permutations if len(unsettled) else 0):
        order = rng.random((len(unsettled), codes.shape[1])).argsort(axis=1)
        crossed, one, other = _means(unsettled, order, first)
        as_large += (crossed - (one + other) / 2) * len(unsettled) / len(codes) >= observed - 1e-12
    p = (as_large + 1) / (permutations + 1) if len(unsettled) else 1.0
    return ExcessFlips(between, within_a, within_b, observed, p)


def _codes(replies: Sequence[Hashable]) -> list[int]:
    seen: dict[Hashable, int] = {}
    return [seen.setdefault(reply, len(seen)) for reply in replies]


def _means(differ: np.ndarray, order: np.ndarray, first: int) -> tuple[float, float, float]:
    """Return mean disagreement between the first replies in `order` and the rest, among the first, among the rest."""
    at = np.arange(len(differ))[:, None, None]
    a, b = order[:, :first], order[:, first:]
    pairs_a, pairs_b = first * (first - 1), b.shape[1] * (b.shape[1] - 1)
    return (
        float(differ[at, a[:, :, None], b[:, None, :]].mean()),
        float(differ[at, a[:, :, None], a[:, None, :]].sum() / pairs_a / len(differ)),
        float(differ[at, b[:, :, None], b[:, None, :]].sum() / pairs_b / len(differ)),
    )
