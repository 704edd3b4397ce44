"""Up to which length each model holds: the effective context length with its interval, and the curve behind it.

The rule: the longest length such that at it and at every shorter one the share right reaches the threshold. The
threshold is stated in the sweep, as RULER's is (Hsieh and others 2024), or it is `FRACTION` of what the baseline gets
right at its shortest length (0.85 is that of NoLiMa, Modarressi and others 2025), one for all models that are compared
with it, so that a damaged model is not measured by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import TYPE_CHECKING, Any

from harness.gate.reach import Reach, reach_of
from harness.records import Estimate
from harness.render.arms import Arm, Arms
from harness.render.estimates import LEVEL, share
from harness.sizes import format_size
from harness.stats import EffectiveLength, effective_length_interval, effective_n_of

if TYPE_CHECKING:
    import pandas as pd

FRACTION = 0.85

WIDTH, HIGH, LEFT, RIGHT, TOP, BOTTOM = 330, 190, 34, 16, 10, 52
SIZES = ("width", "high", "left", "right", "top", "bottom")
MOST_CURVES = 60
"""Curves of which every task's are drawn; of more, those over all tasks."""

APART = 30
"""Pixels between the labels of two lengths, at least."""

USED = ["length", "sample_id", "context_id", "correct"]
"""Columns that a point is measured from: all columns of twenty runs would take much memory."""


@dataclass(frozen=True, slots=True)
class Point:
    """A share right at one length, and where it is drawn: `low` and `high` are the ends of its interval."""

    length: int
    share: Estimate
    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One model in one task, or in all.

    Attributes:
        base: what the threshold is made from, the baseline or the model itself, at `base_point`.
        threshold: as a share of 0 to 1; `stated`, whether by the sweep and not made from `base`.
        found: the effective length and its interval.
        reach: how far the verdict on this model proves that it stays within the allowed drop; None without a verdict.
        ticks: lengths that the models of its sweep were asked at, with the position of their labels.
    """

    arm: Arm
    base: Arm
    base_point: Point
    threshold: float
    stated: bool
    found: EffectiveLength
    reach: Reach | None
    points: tuple[Point, ...]
    base_points: tuple[Point, ...]
    ticks: tuple[tuple[int, float], ...]

    @property
    def threshold_y(self) -> float:
        """Where the threshold is drawn."""
        return _y(self.threshold)

    @property
    def lengths(self) -> tuple[int, ...]:
        """The lengths that the model was asked at."""
        return tuple(point.length for point in self.points)

    @property
    def reached(self) -> str:
        """The effective length in words."""
        return reached(self.found.estimate, self.lengths)

    @property
    def between(self) -> str:
        """Its interval in words."""
        return between(self.found, self.lengths)

    @property
    def open(self) -> bool:
        """Whether the interval says nothing: every length tested is in it."""
        return self.found.low is None and self.found.high == self.lengths[-1]

    @property
    def band(self) -> tuple[float, float]:
        """From where to where its interval is drawn; a little further on the side on which it is open."""
        at = {point.length: point.x for point in self.points}
        low, high = self.found.low, self.found.high
        left = LEFT - 10.0 if low is None else at[low]
        open_end = 10.0 if high == self.lengths[-1] else 0.0
        right = LEFT - 10.0 if high is None else min(WIDTH - 4.0, at[high] + open_end)
        return left, right


@dataclass(frozen=True, slots=True)
class LengthTable:
    """The curves of one task; `task` is empty for all together, and then `tasks` says which."""

    task: str
    tasks: tuple[str, ...]
    lengths: tuple[int, ...]
    curves: tuple[Curve, ...]


def make_lengths(arms: Arms, stated: float | None = None) -> tuple[LengthTable, ...]:
    """Return the curves over all tasks, where there are several, and of each task; none of tasks with one length.

    Args:
        arms: the models.
        stated: the threshold, 0 to 1; None makes it from the baseline.
    """
    asked = [arm for arm in arms.arms if len(arm.scored)]
    lengths = _lengths([arm.scored for arm in asked])
    several = {task: found for task, found in sorted(lengths.items()) if len(found) > 1}
    longest = max(several.values(), key=len, default=())
    alike = tuple(task for task, found in several.items() if found == longest)
    together = [("", alike, longest)] if len(alike) > 1 else []
    places = [*together, *((task, (task,), found) for task, found in several.items())]
    return tuple(_table(arms, asked, stated, *place) for place in places)


def reached(length: int | None, tested: Sequence[int]) -> str:
    """Write an effective length: `below 1k`, `16k`, `at least 128k` where the longest tested one was reached."""
    if length is None:
        return f"below {format_size(tested[0])}"
    return f"at least {format_size(length)}" if length == tested[-1] else format_size(length)


def between(found: EffectiveLength, tested: Sequence[int]) -> str:
    """Write an interval of effective lengths; an end that the tested lengths cut off says so."""
    if found.low == found.high:
        return reached(found.low, tested)
    return f"{_low(found.low, tested)} to {reached(found.high, tested)}"


def _low(length: int | None, tested: Sequence[int]) -> str:
    return reached(None, tested) if length is None else format_size(length)


def _lengths(frames: Sequence[pd.DataFrame]) -> dict[str, tuple[int, ...]]:
    """Return the lengths of each task, over all runs."""
    found: dict[str, set[int]] = {}
    for frame in frames:
        places = frame[["task", "length"]].drop_duplicates()
        for task, length in zip(places["task"].tolist(), places["length"].tolist(), strict=True):
            found.setdefault(str(task), set()).add(int(length))
    return {task: tuple(sorted(lengths)) for task, lengths in found.items()}


def _table(
    arms: Arms,
    asked: Sequence[Arm],
    stated: float | None,
    task: str,
    tasks: tuple[str, ...],
    lengths: tuple[int, ...],
) -> LengthTable:
    cells = {arm.name: _cells(arm.scored.loc[arm.scored["task"].isin(tasks), USED]) for arm in asked}
    axes: dict[str, dict[int, float]] = {}
    for sweep in {arm.run.info.sweep for arm in asked}:
        found = sorted({length for arm in asked if arm.run.info.sweep == sweep for length in cells[arm.name]})
        axes[sweep] = {length: _x(length, found) for length in found}
    points = {
        arm.name: tuple(
            _point(length, cell, axes[arm.run.info.sweep][length], arms.icc_of(arm))
            for length, cell in cells[arm.name].items()
        )
        for arm in asked
    }
    curves = (_curve(arms, arm, task, cells[arm.name], points, stated) for arm in asked if points[arm.name])
    drawn = (replace(curve, ticks=_ticks(axes[curve.arm.run.info.sweep])) for curve in curves)
    return LengthTable(task, tasks, lengths, tuple(drawn))


def _ticks(axis: Mapping[int, float]) -> tuple[tuple[int, float], ...]:
    """Return the lengths whose labels have room, the longest among them."""
    ticks: list[tuple[int, float]] = []
    for length, x in reversed(list(axis.items())):
        if not ticks or ticks[-1][1] - x >= APART:
            ticks.append((length, x))
    return tuple(reversed(ticks))


def _cells(rows: pd.DataFrame) -> dict[int, pd.DataFrame]:
    found: Iterable[tuple[Any, pd.DataFrame]] = rows.groupby("length")
    return {int(length): cell for length, cell in found}


def _point(length: int, cell: pd.DataFrame, x: float, icc: float) -> Point:
    found = share(cell, "correct", icc)
    return Point(length, found, x, *(_y(end or 0.0) for end in (found.value, found.low, found.high)))


def _curve(
    arms: Arms,
    arm: Arm,
    task: str,
    cells: Mapping[int, pd.DataFrame],
    points: Mapping[str, tuple[Point, ...]],
    stated: float | None,
) -> Curve:
    match = arms.match_of(arm)
    base = match.baseline if match and points.get(match.baseline.name) else arm
    threshold = stated or FRACTION * (points[base.name][0].share.value or 0.0)
    icc = arms.icc_of(arm)
    counts = {
        point.length: _counts(point.share, cells[point.length], icc) for point in points[arm.name] if point.share.n
    }
    verdict = match.verdict if match else None
    rows = [row for row in verdict.rows if task in ("", row.task)] if verdict else []
    return Curve(
        arm=arm,
        base=base,
        base_point=points[base.name][0],
        threshold=threshold,
        stated=stated is not None,
        found=effective_length_interval(counts, threshold, LEVEL),
        reach=reach_of(rows) if verdict else None,
        points=points[arm.name],
        base_points=() if base is arm else points[base.name],
        ticks=(),
    )


def _counts(found: Estimate, cell: pd.DataFrame, icc: float) -> tuple[float, float]:
    """Return right answers and samples as an effective sample of independent ones."""
    sizes = cell.drop_duplicates("sample_id")["context_id"].value_counts()
    worth = effective_n_of(sizes.tolist(), icc)
    return (found.value or 0.0) * worth, worth


def _x(length: int, lengths: Sequence[int]) -> float:
    """Return where a length stands on the axis, which is logarithmic."""
    if len(lengths) == 1:
        return float(LEFT)
    span = log2(lengths[-1] / lengths[0])
    return round(LEFT + (WIDTH - LEFT - RIGHT) * log2(length / lengths[0]) / span, 1)


def _y(value: float) -> float:
    return round(TOP + (HIGH - TOP - BOTTOM) * (1 - value), 1)
