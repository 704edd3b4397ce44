"""Are the failures of the same kind? One table of paired outcomes: rows the baseline's, columns the candidate's.

Marginal homogeneity asks whether each outcome is as frequent in both arms; symmetry whether each change is as frequent
as its reverse. None where nothing changed and there is nothing to test.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness.stats.chi_square import ChiSquare

MOST_PATTERNS = 2**16
DRAWN_PATTERNS = 20_000
DRAWN_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ArmSwap:
    """A permutation test of whether two arms have the same mix of outcomes.

    Attributes:
        statistic: sum over outcomes of (baseline's count - candidate's) ** 2 / (both counts).
        p: share of the ways to swap arms that give at least this statistic; two-sided.
        exact: whether all ways were counted, not 20,000 drawn ones (the observed one counted in).
    """

    statistic: float
    p: float
    exact: bool


def stuart_maxwell(table: Sequence[Sequence[float]]) -> ChiSquare | None:
    """Return the test of marginal homogeneity of Stuart (1955) and Maxwell (1970), for large counts.

    d' V+ d with d the differences of the margins and V their covariance under homogeneity; df is V's rank.
    """
    counts = np.asarray(table, dtype=float)
    differences = counts.sum(axis=1) - counts.sum(axis=0)
    covariance = np.diag(counts.sum(axis=1) + counts.sum(axis=0)) - counts - counts.T
    df = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if df == 0:
        return None
    return ChiSquare(float(differences @ np.linalg.pinv(covariance, hermitian=True) @ differences), df)


def bhapkar(table: Sequence[Sequence[float]]) -> ChiSquare | None:
    """Return the test of marginal homogeneity of Bhapkar (1966): Stuart-Maxwell's S as S / (1 - S / n), more powerful.

    None also where S = n: every sample changed, and the same way.
    """
    found, n = stuart_maxwell(table), float(np.sum(table))
    if found is None or found.statistic >= n * (1 - 1e-12):
        return None
    return ChiSquare(found.statistic / (1.0 - found.statistic / n), found.df)


def bowker(table: Sequence[Sequence[float]]) -> ChiSquare | None:
    """Return the test of symmetry of Bowker (1948): the sum of (n_ij - n_ji) ** 2 / (n_ij + n_ji) over changes."""
    counts = np.asarray(table, dtype=float)
    upper = np.triu_indices(len(counts), 1)
    there, back = counts[upper], counts.T[upper]
    occur = there + back > 0
    if not occur.any():
        return None
    there, back = there[occur], back[occur]
    return ChiSquare(float(((there - back) ** 2 / (there + back)).sum()), int(occur.sum()))


def arm_swap(
    baseline: Sequence[Hashable], candidate: Sequence[Hashable], clusters: Sequence[Hashable] | None = None
) -> ArmSwap:
    """Return the permutation test of the same mix of outcomes, valid at any n: swap the arms within each sample.

    Exact while there are at most 2 ** 16 swaps; beyond, 20,000 drawn with a fixed seed. Without a change p is 1.

    Args:
        baseline: outcome of each sample.
        candidate: outcome of the same samples in the same order.
        clusters: the context of each sample, to swap whole contexts where they are what is independent.
    """
    names = {name: i for i, name in enumerate(dict.fromkeys([*baseline, *candidate]))}
    before, after = [names[name] for name in baseline], [names[name] for name in candidate]
    changes = _changes(before, after, range(len(before)) if clusters is None else clusters)
    if not len(changes):
        return ArmSwap(0.0, 1.0, True)
    totals = np.bincount([*before, *after]).astype(float)
    observed = float((changes.sum(axis=0) ** 2 / totals).sum())
    exact = 2 ** len(changes) <= MOST_PATTERNS
    ways = as_large = 0
    single = changes.astype(np.float32)
    for swaps in _all_swaps(len(changes)) if exact else _drawn_swaps(len(changes)):
        statistics = ((swaps @ single).astype(float) ** 2 / totals).sum(axis=1)
        as_large += int(np.count_nonzero(statistics >= observed * (1 - 1e-9) - 1e-12))
        ways += len(swaps)
    return ArmSwap(observed, as_large / ways if exact else (as_large + 1) / (ways + 1), exact)


def _changes(before: Sequence[int], after: Sequence[int], clusters: Sequence[Hashable]) -> np.ndarray:
    """Return one row for each cluster that changed: by outcome, the baseline's count less the candidate's."""
    rows = {cluster: i for i, cluster in enumerate(dict.fromkeys(clusters))}
    changes = np.zeros((len(rows), max([*before, *after], default=-1) + 1))
    at = [rows[cluster] for cluster in clusters]
    np.add.at(changes, (at, before), 1.0)
    np.add.at(changes, (at, after), -1.0)
    kept: np.ndarray = changes[changes.any(axis=1)]
    return kept


def _all_swaps(units: int) -> Iterator[np.ndarray]:
    """Yield all rows of signs."""
    yield 1.0 - 2.0 * (np.arange(2**units)[:, None] >> np.arange(units) & 1)


def _drawn_swaps(units: int) -> Iterator[np.ndarray]:
    """Yield rows of signs drawn with a fixed seed, so many at once that they need little memory."""
    rng = np.random.default_rng(0)
    for _ in range(0, DRAWN_PATTERNS, DRAWN_AT_ONCE):
        drawn = rng.integers(0, 2, size=(DRAWN_AT_ONCE, units), dtype=np.int8)
        yield (1 - 2 * drawn).astype(np.float32)  # counts below 2 ** 24 are whole numbers there too
