"""The metrics that tasks note beside right and wrong, averaged: they decide nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.records import Estimate
from harness.render.arms import Arm, Arms
from harness.render.estimates import by_cell, means
from harness.store import Run
from harness.store.frame import metrics_frame, results_frame

PLACE = ["task", "length", "sample_id", "context_id"]

MOST = 1_500
"""Means that are shown on a page; of more there are those in JSON."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric of a task at a length; of each model the mean, None where it has none."""

    task: str
    length: int
    metric: str
    means: tuple[Estimate | None, ...]


@dataclass(frozen=True, slots=True)
class MetricTable:
    """All metrics; `asked`, the models that have any, in the order of the means."""

    asked: tuple[Arm, ...]
    rows: tuple[MetricRow, ...]

    @property
    def shown(self) -> bool:
        """Whether there is room for them on a page."""
        return len(self.rows) * len(self.asked) <= MOST


def make_metrics(arms: Arms) -> MetricTable:
    """Return the mean of every metric, by task and length."""
    found = {arm.name: dict(means_of(arm.run, arms.icc_of(arm))) for arm in arms.arms}
    asked = tuple(arm for arm in arms.arms if found[arm.name])
    places = sorted({place for means in found.values() for place in means})
    rows = (MetricRow(*place, tuple(found[arm.name].get(place) for arm in asked)) for place in places)
    return MetricTable(asked, tuple(rows))


def means_of(run: Run, icc: float) -> Iterator[tuple[tuple[str, int, str], Estimate]]:
    """Yield task, length and metric with the mean over samples that have a score.

    Args:
        run: the run.
        icc: correlation of samples within a context.
    """
    metrics = metrics_frame(run)
    if metrics.empty:
        return
    rows = results_frame(run)
    for (task, length), cell in by_cell(rows.loc[rows["outcome"] == "scored", PLACE]).items():
        for metric, found in means(cell, metrics.loc[cell.index], icc).items():
            yield (task, length, metric), found
