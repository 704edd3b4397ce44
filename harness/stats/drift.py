"""Is it noise? Change of behaviour beyond what the same model shows when it is asked twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

PERMUTATIONS = 2_000
TINY = 1e-12


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
    clusters: Sequence[Hashable] | None = None,
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
        clusters: the context of each sample, to permute the replies of a context together; unset, each by itself.
        permutations: relabellings drawn; the observed labelling is counted in.
        seed: of the relabellings.
    """
    if not baseline or len(baseline[0]) < 2 or len(candidate[0]) < 2:
        return None
    differ, first = _differ(baseline, candidate), len(baseline[0])
    between, within_a, within_b = excess_by_sample(baseline, candidate).mean(0)
    observed = between - (within_a + within_b) / 2
    relabelled = _relabelled(differ, first, clusters, (permutations, seed))
    totals = np.array([found.sum() for found in relabelled[1]])
    as_large = int((totals / len(differ) >= observed - TINY).sum())
    p = (as_large + 1) / (permutations + 1) if len(relabelled[0]) else 1.0
    return ExcessFlips(float(between), float(within_a), float(within_b), float(observed), p)


def excess_by_sample(baseline: Sequence[Sequence[Hashable]], candidate: Sequence[Sequence[Hashable]]) -> np.ndarray:
    """Return for each sample how often a reply of one arm differs from one of the other, and within each arm.

    One row a sample: between, within the baseline, within the candidate; the first less the mean of the others is what
    `excess_flips` averages. Both arms need two replies or more to each sample.
    """
    differ, first = _differ(baseline, candidate), len(baseline[0])
    return _means(differ, np.arange(differ.shape[1])[None, :].repeat(len(differ), axis=0), first)


def relabelled_excess(
    baseline: Sequence[Sequence[Hashable]],
    candidate: Sequence[Sequence[Hashable]],
    clusters: Sequence[Hashable] | None = None,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> np.ndarray:
    """Return the excess of each sample under each relabelling that `excess_flips` draws, one column a relabelling."""
    differ = _differ(baseline, candidate)
    rows, drawn = _relabelled(differ, len(baseline[0]), clusters, (permutations, seed))
    found = np.zeros((len(differ), permutations), dtype=np.float32)
    for at, excess in enumerate(drawn):
        found[rows, at] = excess
    return found


def _relabelled(
    differ: np.ndarray, first: int, clusters: Sequence[Hashable] | None, draws: tuple[int, int]
) -> tuple[np.ndarray, Iterator[np.ndarray]]:
    """Return the samples whose replies are not all the same, and their excess under each relabelling drawn.

    In all other samples the excess is 0 whatever the labels are.
    """
    permutations, seed = draws
    unsettled = np.flatnonzero(differ.any(axis=(1, 2)))
    at = np.arange(len(differ)) if clusters is None else np.unique(list(map(str, clusters)), return_inverse=True)[1]
    units, unit = np.unique(at[unsettled], return_inverse=True)
    rng = np.random.default_rng(seed)

    def drawn() -> Iterator[np.ndarray]:
        for _ in range(permutations if len(units) else 0):
            order = rng.random((len(units), differ.shape[1])).argsort(axis=1)[unit]
            found = _means(differ[unsettled], order, first)
            yield found[:, 0] - found[:, 1:].mean(axis=1)

    return unsettled, drawn()


def _differ(baseline: Sequence[Sequence[Hashable]], candidate: Sequence[Sequence[Hashable]]) -> np.ndarray:
    """Return for each sample which of its replies, the baseline's first, differ from which."""
    codes = np.array([_codes([*a, *b]) for a, b in zip(baseline, candidate, strict=True)])
    differ: np.ndarray = (codes[:, :, None] != codes[:, None, :]).astype(float)
    return differ


def _codes(replies: Sequence[Hashable]) -> list[int]:
    seen: dict[Hashable, int] = {}
    return [seen.setdefault(reply, len(seen)) for reply in replies]


def _means(differ: np.ndarray, order: np.ndarray, first: int) -> np.ndarray:
    """Return by sample the disagreement between the first replies in `order` and the rest, and within each."""
    at = np.arange(len(differ))[:, None, None]
    a, b = order[:, :first], order[:, first:]
    pairs_a, pairs_b = first * (first - 1), b.shape[1] * (b.shape[1] - 1)
    return np.stack(
        [
            differ[at, a[:, :, None], b[:, None, :]].mean(axis=(1, 2)),
            differ[at, a[:, :, None], a[:, None, :]].sum(axis=(1, 2)) / pairs_a,
            differ[at, b[:, :, None], b[:, None, :]].sum(axis=(1, 2)) / pairs_b,
        ],
        axis=1,
    )
