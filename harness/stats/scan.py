"""Which of many overlapping classes of samples got worse? One test for all of them, by permutation of the maximum.

Classes that were searched for, not declared, need a correction for the search. Classes overlap, so Bonferroni's would
cost far too much; the distribution of the largest statistic over all classes is drawn instead (Westfall and Young 1993,
single-step maxT).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

PERMUTATIONS = 5_000
TINY = 1e-9
CELLS_AT_ONCE = 5_000_000
"""Size of the table of permuted statistics that is held in memory at a time."""


@dataclass(frozen=True, slots=True)
class MaxStatistic:
    """The statistics of all classes, and what their largest one looks like where no class is worse.

    Attributes:
        statistics: of each class, in the order given; positive is worse, 0 where nothing changed.
        maxima: the largest statistic of each permutation, ascending.
        exact: whether these are all permutations, not drawn ones.
    """

    statistics: np.ndarray
    maxima: np.ndarray
    exact: bool

    def p(self, statistic: float) -> float:
        """Return the p of a statistic, adjusted for the search over all classes.

        The share of permutations in which some class reaches it; of drawn ones the observed data count as one more.
        """
        as_large = len(self.maxima) - int(np.searchsorted(self.maxima, statistic - TINY))
        return as_large / len(self.maxima) if self.exact else (as_large + 1) / (len(self.maxima) + 1)


def class_statistics(drops: np.ndarray, units: np.ndarray, classes: Sequence[np.ndarray]) -> np.ndarray:
    """Return for each class sum of D / sqrt(sum of D ** 2), D being the drops of one unit inside the class, summed.

    Swapping the arms of units changes the numerator alone. Where each sample is a unit and right or wrong, it is
    (losses - gains) / sqrt(losses + gains), McNemar's statistic with its sign; else the root of Durkalski's (2003) for
    units of equal size. A class whose changes lie in m units cannot exceed sqrt(m), so tiny classes cost the others
    little.

    Args:
        drops: baseline less candidate, of each sample.
        units: number of the unit (context) of each sample, from 0 on.
        classes: for each class the places of its samples.
    """
    found: np.ndarray = _standardised(drops, units, classes).sum(axis=1)
    return found


def max_statistic(
    drops: np.ndarray,
    units: np.ndarray,
    classes: Sequence[np.ndarray],
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> MaxStatistic:
    """Test all classes at once, one-sided: is the candidate worse in any?

    Under "no harm" the two arms of a unit may be swapped, which turns the sign of all its drops, in every class at
    once. Each permutation swaps each unit with probability 1/2 and keeps the largest statistic over the classes. All
    swaps are counted where there are no more of them than `permutations`. The chance that any class without harm gets
    an adjusted p of at most alpha is at most alpha, also where other classes are harmed: leaving those out of the
    maximum could only lower it.

    Args:
        drops: as in `class_statistics`; so are `units` and `classes`.
        units: what is independent and is swapped as a whole.
        classes: may overlap.
        permutations: how many to draw.
        seed: of the draws.
    """
    table = _standardised(drops, units, classes)
    moved = np.unique(table.indices)
    table = table[:, moved]
    exact = 2 ** len(moved) <= permutations
    rows = max(1, CELLS_AT_ONCE // max(1, len(classes)))
    signs = _all_signs(len(moved)) if exact else _drawn_signs(len(moved), permutations, seed, rows)
    maxima = [(table @ each.T).max(axis=0, initial=0.0) for each in signs]
    return MaxStatistic(np.asarray(table.sum(axis=1)), np.sort(np.concatenate(maxima)), exact)


def _standardised(drops: np.ndarray, units: np.ndarray, classes: Sequence[np.ndarray]) -> csr_array:
    """Return a table of classes by units: the units' sums, divided by the length of their class's row."""
    changed = [members[drops[members] != 0] for members in classes]
    rows = np.repeat(np.arange(len(classes)), [len(members) for members in changed])
    places = np.concatenate(changed) if changed else np.zeros(0, dtype=int)
    shape = (len(classes), int(units.max(initial=-1)) + 1)
    table = csr_array((drops[places].astype(float), (rows, units[places])), shape=shape)
    table.sum_duplicates()
    table.eliminate_zeros()
    lengths = np.sqrt(np.asarray((table * table).sum(axis=1)))
    table.data /= np.repeat(lengths, np.diff(table.indptr))
    return table


def _all_signs(units: int) -> Iterator[np.ndarray]:
    yield 1.0 - 2.0 * (np.arange(2**units)[:, None] >> np.arange(units) & 1)


def _drawn_signs(units: int, permutations: int, seed: int, rows: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    for start in range(0, permutations, rows):
        yield 1.0 - 2.0 * rng.integers(0, 2, size=(min(rows, permutations - start), units), dtype=np.int8)
