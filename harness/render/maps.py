"""Length x depth maps: where in the text, and at which length, answers are lost.

The strength of a colour is the square root of what was lost, from 0 to 1, the same in every map and report: on a linear
scale 95 and 100 look alike, and there the decisions are made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.records import Estimate
from harness.render.arms import Arm, Arms, Match
from harness.render.estimates import rise, share

if TYPE_CHECKING:
    import pandas as pd

BINS = 5
DEPTHS = tuple(f"{100 * i // BINS}–{100 * (i + 1) // BINS} %" for i in range(BINS))
USED = ("sample_id", "context_id", "correct", "base_correct", "cand_correct")
"""Columns that a cell is measured from."""

MOST_MAPPED = 36
"""Pairs of a model and a task that are drawn: those that lost most; the position profile has them all."""

NO_DEPTH = "no one place"
"""Questions that no single passage answers."""

LEFT, TOP, WIDE, HIGH = 86, 24, 74, 44


@dataclass(frozen=True, slots=True)
class MapCell:
    """One cell.

    Attributes:
        estimate: a share right, or a drop.
        strength: of the colour, 0 to 1.
        side: `worse` or `better`: which colour.
    """

    length: int
    depth: str
    x: int
    y: int
    estimate: Estimate
    strength: float
    side: str


@dataclass(frozen=True, slots=True)
class DepthMap:
    """One map of one model.

    Attributes:
        baseline: what a map of drops is measured from, None for a map of shares.
        lengths: of the columns, with the position of each; likewise the depths of the rows.
    """

    arm: Arm
    baseline: Arm | None
    lengths: tuple[tuple[int, int], ...]
    depths: tuple[tuple[str, int], ...]
    cells: tuple[MapCell, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return LEFT + WIDE * len(self.lengths), TOP + HIGH * len(self.depths)


@dataclass(frozen=True, slots=True)
class TaskMaps:
    """The maps of one task: for each model that of its shares, and that of its drops where it has a baseline.

    Attributes:
        asked: models that were asked the task; more than are drawn where there are very many.
        lengths: that any of them was asked at; a map has those of its own sweep.
    """

    task: str
    lengths: tuple[int, ...]
    models: tuple[tuple[DepthMap, ...], ...]
    asked: int


def make_maps(arms: Arms) -> tuple[TaskMaps, ...]:
    """Return the maps of every task; of more than `MOST_MAPPED` pairs of a model and a task those that lost most.

    Baselines come first whatever they lost, because the others are read beside them, and positive controls last.
    """
    lost = {
        (arm.name, str(task)): 1.0 - float(right)
        for arm in arms.arms
        for task, right in arm.scored["correct"].astype(float).groupby(arm.scored["task"]).mean().items()
    }
    order = {arm.name: ("baseline", "candidate", "positive-control").index(arm.role) for arm in arms.arms}
    drawn = set(sorted(lost, key=lambda pair: (order[pair[0]], -lost[pair], pair))[:MOST_MAPPED])
    tasks = sorted({task for _, task in drawn})
    return tuple(_task_maps(arms, task, drawn, sum(task == other for _, other in lost)) for task in tasks)


def _task_maps(arms: Arms, task: str, drawn: set[tuple[str, str]], asked: int) -> TaskMaps:
    models = tuple(_maps_of_task(arms, task, drawn))
    lengths = sorted({length for maps in models for length, _ in maps[0].lengths})
    return TaskMaps(task, tuple(lengths), models, asked)


def _maps_of_task(arms: Arms, task: str, drawn: set[tuple[str, str]]) -> Iterator[tuple[DepthMap, ...]]:
    asked: dict[str, list[pd.DataFrame]] = {}
    for arm in arms.arms:
        asked.setdefault(arm.run.info.sweep, []).append(arm.scored[arm.scored["task"] == task])
    grids = {sweep: _grid(frames) for sweep, frames in asked.items()}
    for arm in arms.arms:
        if (arm.name, task) not in drawn:
            continue
        rows = arm.scored[arm.scored["task"] == task]
        match = arms.match_of(arm)
        pairs = match.pairs[match.pairs["task"] == task] if match else rows.iloc[:0]
        if len(rows):
            grid = grids[arm.run.info.sweep]
            shares = _shares(arm, rows, grid, arms.icc_of(arm))
            yield (shares, _drops(match, pairs, grid)) if match and len(pairs) else (shares,)


Grid = tuple[tuple[tuple[int, int], ...], tuple[tuple[str, int], ...]]


def _grid(frames: Sequence[pd.DataFrame]) -> Grid:
    """Return columns and rows of a sweep's maps of a task, with positions: they can be laid side by side."""
    lengths = sorted({int(length) for frame in frames for length in frame["length"].unique()})
    present = {label for frame in frames for label in depth_labels(frame)}
    depths = [label for label in (*DEPTHS, NO_DEPTH) if label in present]
    return (
        tuple((length, LEFT + WIDE * i) for i, length in enumerate(lengths)),
        tuple((label, TOP + HIGH * i) for i, label in enumerate(depths)),
    )


def depth_labels(rows: pd.DataFrame) -> list[str]:
    """Return the fifth of the text that each row's depth lies in."""
    if "axis.depth" not in rows:
        return [NO_DEPTH] * len(rows)
    depths = rows["axis.depth"]
    if depths.dtype != float:
        return list(map(depth_label, depths))
    places = depths.to_numpy()
    inside = (places >= 0) & (places <= 1)
    bins = np.minimum(np.where(inside, places, 0) * BINS, BINS - 1).astype(int)
    labels: list[str] = np.array([*DEPTHS, NO_DEPTH])[np.where(inside, bins, BINS)].tolist()
    return labels


def depth_label(depth: object) -> str:
    """Return the fifth of the text that a depth of 0 to 1 lies in; anything else has no one place."""
    if isinstance(depth, bool) or not isinstance(depth, int | float) or not 0 <= depth <= 1:
        return NO_DEPTH
    return DEPTHS[min(int(depth * BINS), BINS - 1)]


def _shares(arm: Arm, rows: pd.DataFrame, grid: Grid, icc: float) -> DepthMap:
    def cell(part: pd.DataFrame) -> tuple[Estimate, float, str]:
        found = share(part, "correct", icc)
        return found, 0.0 if found.value is None else sqrt(1 - found.value), "worse"

    return DepthMap(arm, None, *grid, tuple(_cells(rows, grid, cell)))


def _drops(match: Match, rows: pd.DataFrame, grid: Grid) -> DepthMap:
    def cell(part: pd.DataFrame) -> tuple[Estimate, float, str]:
        found = rise(part, part["cand_correct"], part["base_correct"], match.icc)
        value = found.value or 0.0
        return found, sqrt(abs(value)), "worse" if value > 0 else "better"

    return DepthMap(match.candidate, match.baseline, *grid, tuple(_cells(rows, grid, cell)))


def _cells(
    rows: pd.DataFrame, grid: Grid, measure: Callable[[pd.DataFrame], tuple[Estimate, float, str]]
) -> Iterator[MapCell]:
    lengths, depths = grid
    used = rows[[name for name in USED if name in rows]]
    found: Iterable[tuple[Any, pd.DataFrame]] = used.groupby([rows["length"].astype(int), np.array(depth_labels(rows))])
    parts = {(int(length), str(depth)): part for (length, depth), part in found}
    for depth, y in depths:
        for length, x in lengths:
            estimate, strength, side = measure(parts.get((length, depth), used.iloc[:0]))
            yield MapCell(length, depth, x, y, estimate, round(strength, 3), side)
