"""Estimates that a verdict does not hold: shares and changes of slices, to look at and not to decide by.

Replies to one sample are averaged first. Samples that share a context are worth fewer than their number: n enters every
interval as the effective n at a given intraclass correlation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.records import Estimate
from harness.stats import cluster_t, effective_n_of, tango_interval, wilson

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95


def share(replies: pd.DataFrame, column: str, icc: float) -> Estimate:
    """Return the share of samples for which `column` holds, with Wilson's interval.

    Args:
        replies: one row a reply, with `sample_id` and `context_id`.
        column: a column of booleans.
        icc: correlation of samples within a context.
    """
    if replies.empty:
        return Estimate(value=None, low=None, high=None, n=0, level=LEVEL, method="none")
    means, worth = _by_sample(replies, replies[column].to_numpy(float), icc)
    value, n = float(means.mean()), len(means)
    low, high = wilson(value * worth, worth, LEVEL)
    return Estimate(value=value, low=low, high=high, n=n, level=LEVEL, method="Wilson")


def means(replies: pd.DataFrame, numbers: pd.DataFrame, icc: float) -> dict[str, Estimate]:
    """Return the means of columns of numbers: of one that is always 0 or 1 as a share, of any other with a t interval.

    Args:
        replies: as for `share`.
        numbers: in the same rows; a reply that does not have one has NaN there and is left out.
        icc: used for shares alone; elsewhere the spread between contexts says it.
    """
    samples, first = _codes(replies["sample_id"])
    contexts = _codes(replies["context_id"])[0][first]
    found = {}
    for column in map(str, numbers.columns):
        values = numbers[column].to_numpy(float)
        known = ~np.isnan(values)
        replied = np.bincount(samples[known], minlength=len(first))
        asked = replied > 0
        if asked.any():
            sums = np.bincount(samples[known], weights=values[known], minlength=len(first))
            found[column] = _mean(sums[asked] / replied[asked], contexts[asked], icc)
    return found


def _mean(values: np.ndarray, contexts: np.ndarray, icc: float) -> Estimate:
    n, mean = len(values), float(values.mean())
    if np.isin(values, (0.0, 1.0)).all():
        worth = effective_n_of(np.unique(contexts, return_counts=True)[1].tolist(), icc)
        low, high = wilson(mean * worth, worth, LEVEL)
        return Estimate(value=mean, low=low, high=high, n=n, level=LEVEL, method="Wilson")
    ends = cluster_t(values, contexts).interval(LEVEL) or (None, None)
    return Estimate(value=mean, low=ends[0], high=ends[1], n=n, level=LEVEL, method="cluster-t")


def rise(pairs: pd.DataFrame, before: pd.Series[bool], after: pd.Series[bool], icc: float) -> Estimate:
    """Return by how much the share of samples rises from `before` to `after`, with Tango's interval for paired shares.

    A sample whose replies differ counts as a fraction of a rise and of a fall, which can only widen the interval.

    Args:
        pairs: one row a paired reply, with `sample_id` and `context_id`.
        before: what holds in the baseline, row by row.
        after: what holds in the candidate.
        icc: correlation of the paired differences within a context.
    """
    if pairs.empty:
        return Estimate(value=None, low=None, high=None, n=0, level=LEVEL, method="none")
    differences, worth = _by_sample(pairs, after.to_numpy(float) - before.to_numpy(float), icc)
    n = len(differences)
    up, down = float(differences.clip(min=0).sum()), float(-differences.clip(max=0).sum())
    low, high = tango_interval(up * worth / n, down * worth / n, worth, LEVEL)
    return Estimate(value=(up - down) / n, low=low, high=high, n=n, level=LEVEL, method="Tango")


def by_cell(rows: pd.DataFrame) -> dict[tuple[str, int], pd.DataFrame]:
    """Return the rows of each task and length, in order."""
    tasks, lengths = rows["task"].astype(str), rows["length"].astype(int)
    cells: Iterable[tuple[Any, pd.DataFrame]] = rows.groupby([tasks, lengths])
    return {(str(task), int(length)): cell for (task, length), cell in cells}


def _by_sample(rows: pd.DataFrame, values: np.ndarray, icc: float) -> tuple[np.ndarray, float]:
    """Return the mean of each sample's replies, and the effective n of all samples."""
    samples, first = _codes(rows["sample_id"])
    contexts, _ = _codes(rows["context_id"])
    means = np.bincount(samples, weights=values) / np.bincount(samples)
    return means, effective_n_of(np.bincount(contexts[first]).tolist(), icc)


def _codes(names: pd.Series[str]) -> tuple[np.ndarray, np.ndarray]:
    """Number names as they come, from 0; return the numbers and the row in which each name comes first."""
    codes, found = names.factorize()
    first = np.full(len(found), -1)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return codes, first
