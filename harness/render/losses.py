"""Why points are lost: to reasoning, to finding the evidence, or to the length of the text.

Three controls ask the same questions differently, and the differences of the shares right, question by question, add up
to what is lost at a length:

    known          right without the text (closed book): it says nothing about reading
    reasoning      1 - oracle context: the evidence alone was there, and still wrong
    finding        oracle context - short base: lost when the evidence must be found in a short text
    length         short base - this length: lost to the length alone

Without a short base, what is lost to finding includes what is lost to length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.records import Estimate
from harness.render.arms import Arm, Arms
from harness.render.estimates import by_cell, rise, share
from harness.store.frame import controls_frame

if TYPE_CHECKING:
    import pandas as pd

SHORTEST_BASE = 1024
"""Tokens up to which a length of the sweep itself serves as the short base."""

PLACE = ["context_id", "question", "replicate"]
"""What names a question whatever surrounds it."""


@dataclass(frozen=True, slots=True)
class LossRow:
    """Where the points of one task at one length are lost; None where a control was not asked.

    Attributes:
        right: share right at the length.
        known: share right without the text.
        reasoning: share lost with nothing but the evidence there.
        finding: what is lost on top with the evidence in a short text; in this text where there is no short base.
        length_loss: what is lost on top at this length; None, too, where `base`, its own replies being the short base.
    """

    task: str
    length: int
    right: Estimate
    known: Estimate | None
    reasoning: Estimate | None
    finding: Estimate | None
    length_loss: Estimate | None
    base: bool = False


@dataclass(frozen=True, slots=True)
class LossTable:
    """The losses of one model.

    Attributes:
        replies: to controls, by the control's name.
        more: what more than the baseline it loses with nothing but the evidence: no loss of long contexts.
    """

    arm: Arm
    rows: tuple[LossRow, ...]
    replies: tuple[tuple[str, int], ...]
    more: Estimate | None


def make_losses(arms: Arms) -> tuple[LossTable, ...]:
    """Return a table for each run that was asked a control."""
    tables = []
    for arm in arms.arms:
        controls = controls_frame(arm.run)
        if len(controls):
            cells = by_cell(arm.scored)
            rows = tuple(_row(place, cells, controls, arms.icc_of(arm)) for place in cells)
            replies = tuple(sorted((str(name), len(rows)) for name, rows in controls.groupby("control")))
            tables.append(LossTable(arm, rows, replies, _more(arms, arm, controls)))
    return tuple(tables)


def _more(arms: Arms, arm: Arm, controls: pd.DataFrame) -> Estimate | None:
    match = arms.match_of(arm)
    if match is None:
        return None
    others = controls_frame(match.baseline.run)
    own, base = (frame[frame["control"] == "oracle_context"] for frame in (controls, others))
    return _lost(base, own, match.icc, [*PLACE, "task"])


def _row(
    place: tuple[str, int], cells: dict[tuple[str, int], pd.DataFrame], controls: pd.DataFrame, icc: float
) -> LossRow:
    task, length = place
    here = cells[place]
    asked = dict(iter(controls[controls["task"] == task].groupby("control")))
    closed, oracle, base = asked.get("closed_book"), asked.get("oracle_context"), asked.get("short_base")
    shortest = min(at for name, at in cells if name == task)
    if base is None and shortest <= SHORTEST_BASE:
        base = cells[task, shortest]
    own = base is not None and "short_base" not in asked and length == shortest
    missed = None if oracle is None else share(oracle.assign(lost=~oracle["correct"].astype(bool)), "lost", icc)
    return LossRow(
        task=task,
        length=length,
        right=share(here, "correct", icc),
        known=None if closed is None else share(closed, "correct", icc),
        reasoning=missed,
        finding=None if oracle is None else _lost(oracle, here if base is None else base, icc),
        length_loss=None if base is None or own else _lost(base, here, icc),
        base=own,
    )


def _lost(before: pd.DataFrame, after: pd.DataFrame, icc: float, place: Sequence[str] = PLACE) -> Estimate | None:
    """Return what share of the questions is right before and not after, less the reverse.

    On those asked both ways; None where there are none: own data have other rows at each length.
    """
    columns = [*place, "correct"]
    both = before[columns].merge(after[columns], on=list(place), suffixes=("_before", "_after"))
    if both.empty:
        return None
    both["sample_id"] = both["context_id"] + "/" + both["question"].astype(str)
    wrong = [~both[f"correct_{side}"].astype(bool) for side in ("before", "after")]
    return rise(both, wrong[0], wrong[1], icc)
