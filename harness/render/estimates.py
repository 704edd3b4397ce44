"""Estimates that a verdict does not hold: shares and changes of slices, to look at and not to decide by.

Replies to one sample are averaged first. Samples that share a context are worth fewer than their number: n enters every
interval as the effective n at a given intraclass correlation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.records import Estimate
from harness.stats import effective_n_of, tango_interval, wilson

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
    means = _by_sample(replies, replies[column].astype(float))
    value, n = float(means.mean()), len(means)
    worth = _worth(replies, icc)
    low, high = wilson(value * worth, worth, LEVEL)
    return Estimate(value=value, low=low, high=high, n=n, level=LEVEL, method="Wilson")


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
    differences = _by_sample(pairs, after.astype(float) - before.astype(float))
    n = len(differences)
    worth = _worth(pairs, icc)
    up, down = float(differences.clip(lower=0).sum()), float(-differences.clip(upper=0).sum())
    low, high = tango_interval(up * worth / n, down * worth / n, worth, LEVEL)
    return Estimate(value=(up - down) / n, low=low, high=high, n=n, level=LEVEL, method="Tango")


def by_cell(rows: pd.DataFrame) -> dict[tuple[str, int], pd.DataFrame]:
    """Return the rows of each task and length, in order."""
    tasks, lengths = rows["task"].astype(str), rows["length"].astype(int)
    places = sorted(set(zip(tasks, lengths, strict=True)))
    return {(task, length): rows[(tasks == task) & (lengths == length)] for task, length in places}


def _worth(rows: pd.DataFrame, icc: float) -> float:
    """Return the effective n of the samples of some rows."""
    return effective_n_of(rows.groupby("context_id")["sample_id"].nunique().tolist(), icc)


def _by_sample(rows: pd.DataFrame, values: pd.Series[float]) -> pd.Series[float]:
    return values.groupby(rows["sample_id"], sort=True).mean()
