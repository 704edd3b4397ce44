"""Which replies are shown: a rule that the report states, the same for every model.

Lost answers first (the baseline right, the candidate wrong), then gained ones, then answers wrong in both or in a model
without a baseline, then replies without a score. Within a kind the task x length cells take turns, the one that lost
most first; within a cell the order is that of a hash of the sample's name, so that no depth, context or question is
favoured. These take two thirds of the room; in the rest comes a wrong reply of each failure mode, cell and fifth of
the text that has none among them: whatever is red on the page has a reply to read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice, zip_longest
from typing import Literal, NamedTuple

import numpy as np

from harness.render.arms import Arm, Match
from harness.render.estimates import by_cell
from harness.render.maps import depth_labels
from harness.store.frame import KEY

MOST = 60
"""Replies of a model that are shown."""

ON_THE_PAGE = 600
"""Replies of all models together that a page holds at most, unless told otherwise: long ones take megabytes."""

Kind = Literal["lost", "wrong", "gained", "no score"]
KINDS: tuple[Kind, ...] = ("lost", "gained", "wrong", "no score")
Place = tuple[str, int]


class Row(NamedTuple):
    """A reply that may be shown: where it stands in its run, and `other`, where the baseline's does, -1 for nowhere."""

    kind: Kind
    sample_id: str
    replicate: int
    task: str
    length: int
    depth: str
    mode: str
    place: int
    other: int


def room_of(models: int, on_the_page: int = ON_THE_PAGE) -> int:
    """Return how many replies of each model are shown, where so many models share the page."""
    return min(MOST, on_the_page // max(models, 1))


def first_of(room: int) -> int:
    """Return how many of a model's replies are those of the rule's first part."""
    return room * 2 // 3


def choose(arm: Arm, match: Match | None, room: int) -> tuple[list[Row], dict[Kind, int]]:
    """Return the replies of a model to be shown, in order, and how many there are of each kind.

    Args:
        arm: the model.
        match: the pair in which it is the candidate, if it is in one.
        room: how many may be shown; see `room_of`.
    """
    rows, losses = _rows(arm, match), _losses(arm, match)
    ordered = [row for kind in KINDS for row in _in_turn([row for row in rows if row.kind == kind], losses)]
    first = ordered[: first_of(room)]
    chosen = first + list(islice(_others(first, ordered[len(first) :]), room - len(first)))
    chosen.sort(key=lambda row: KINDS.index(row.kind))
    return chosen, {kind: found for kind in KINDS if (found := sum(row.kind == kind for row in rows))}


def _rows(arm: Arm, match: Match | None) -> list[Row]:
    """Return the replies worth reading: all but right answers that were right before."""
    names = [name for name in (*KEY, "task", "length", "correct", "mode", "axis.depth") if name in arm.asked]
    rows = arm.asked[names].assign(place=range(len(arm.asked)))
    if match is None:
        rows = rows.assign(other=-1, before=None)
    else:
        others = match.baseline.asked
        beside = others[KEY].assign(other=range(len(others)), before=others["correct"])
        rows = rows.merge(beside, on=KEY, how="left").fillna({"other": -1})
    unknown = rows["correct"].isna()
    right, was_right, was_wrong = rows["correct"].eq(True), rows["before"].eq(True), rows["before"].eq(False)
    kinds = np.select(
        [unknown, right & was_wrong, right, was_right], ["no score", "gained", "", "lost"], default="wrong"
    )
    found = rows.assign(kind=kinds)[kinds != ""]
    found = found.assign(depth=depth_labels(found), mode=found["mode"].fillna("").astype(str))
    found = found.astype({"other": int})
    return list(map(Row, *(found[name].tolist() for name in Row._fields)))


def _losses(arm: Arm, match: Match | None) -> dict[Place, float]:
    """Return what each cell lost: the drop from the baseline, or without one the share of wrong replies."""
    source = arm.scored if match is None else match.pairs
    if match is None:
        loss = 1.0 - source["correct"].astype(float)
    else:
        loss = source["base_correct"].astype(float) - source["cand_correct"].astype(float)
    return {
        place: float(cell["loss"].mean())
        for place, cell in by_cell(source[["task", "length"]].assign(loss=loss)).items()
    }


def _in_turn(rows: Sequence[Row], losses: dict[Place, float]) -> Iterator[Row]:
    """Yield one reply of each cell in turn, the cell that lost most first."""
    cells: dict[Place, list[Row]] = {}
    for row in sorted(rows, key=_drawn):
        cells.setdefault((row.task, row.length), []).append(row)
    queues = [cells[place] for place in sorted(cells, key=lambda at: (-losses.get(at, 0.0), at))]
    return (row for turn in zip_longest(*queues) for row in turn if row is not None)


def _drawn(row: Row) -> tuple[str, int]:
    return sha256(row.sample_id.encode()).hexdigest(), row.replicate


def _others(shown: Sequence[Row], rest: Sequence[Row]) -> Iterator[Row]:
    """Yield wrong replies of modes and cells, and then of fifths of cells, that are not among those shown."""
    wrong = [row for row in rest if row.kind in ("lost", "wrong")]
    seen = {key for row in shown if row.kind in ("lost", "wrong") for key in (*_places(row), _fifth(row))}
    taken = set()
    for row in wrong:
        if not seen.issuperset(_places(row)):
            seen |= {*_places(row), _fifth(row)}
            taken.add(row)
            yield row
    for row in wrong:
        if _fifth(row) not in seen and row not in taken:
            seen.add(_fifth(row))
            yield row


def _places(row: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return ("mode", row.mode), ("cell", row.task, str(row.length))


def _fifth(row: Row) -> tuple[str, ...]:
    return "fifth", row.task, str(row.length), row.depth
