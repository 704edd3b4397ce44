"""The candidates side by side, for the first screen: nothing new, each entry stands below with what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.gate.reach import Reach, reach_of
from harness.gate.verdict import State, VerdictRow
from harness.render.arms import Arms, Match
from harness.render.effective import Curve, LengthTable
from harness.render.modes import ModeRow, ModeTable
from harness.render.money_hosting import Host
from harness.render.savings import Machines, Saving, machines_of

BEST_FIRST: tuple[State, ...] = ("pass", "insensitive", "inconclusive", "regressed", "invalid")


@dataclass(frozen=True, slots=True)
class Line:
    """One candidate.

    Attributes:
        reach: up to which length its verdict proves it, and from which it is regressed.
        overall: the verdict's row over everything, or the only one there is; None where it has neither.
        curve: its effective length over all tasks, and `base` that of the baseline; None with one length.
        saving: at stated prices; None where one of the two has none.
        machines: on machines of one's own; None where too little is known.
        weakest: of several tasks and lengths the one that lost most; None with one.
        grown: the failure mode that rose most; None where none did. `chance`, whether it may have by chance.
        longest: the greatest length that the candidate was asked at.
    """

    match: Match
    reach: Reach
    overall: VerdictRow | None
    curve: Curve | None
    base: Curve | None
    saving: Saving | None
    machines: Machines | None
    weakest: VerdictRow | None
    grown: ModeRow | None
    chance: bool
    longest: int


def make_overview(
    arms: Arms,
    tables: Sequence[LengthTable],
    modes: Sequence[ModeTable],
    savings: Mapping[str, Saving],
    hosts: Sequence[Host],
) -> tuple[Line, ...]:
    """Return a line for each verdict: what may be shipped first, positive controls last, else as on the page."""
    curves = {curve.arm.name: curve for table in tables[:1] for curve in table.curves}
    tables_of = {table.arm.name: table for table in modes if table.baseline}
    lines = [
        _with_modes(_line(match, curves, savings, hosts), tables_of.get(match.candidate.name), match.verdict.alpha)
        for match in arms.matches
        if match.verdict
    ]
    return tuple(sorted(lines, key=_order))


def common_notes(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the notes that every one of several verdicts has: they are read once."""
    notes = [line.match.verdict.notes for line in lines if line.match.verdict]
    return tuple(note for note in notes[0] if all(note in others for others in notes)) if len(notes) > 1 else ()


def _order(line: Line) -> tuple[bool, int]:
    verdict = line.match.verdict
    return line.match.candidate.role == "positive-control", BEST_FIRST.index(verdict.state) if verdict else 0


def _line(match: Match, curves: Mapping[str, Curve], savings: Mapping[str, Saving], hosts: Sequence[Host]) -> Line:
    rows = match.verdict.rows if match.verdict else ()
    return Line(
        match=match,
        reach=reach_of(rows),
        overall=next((row for row in rows if row.scope == "overall"), _only(rows)),
        curve=curves.get(match.candidate.name),
        base=curves.get(match.baseline.name),
        saving=savings.get(match.candidate.name),
        machines=machines_of(match, hosts),
        weakest=_weakest(rows),
        grown=None,
        chance=True,
        longest=int(match.candidate.asked["length"].max()) if len(match.candidate.asked) else 0,
    )


def _weakest(rows: Sequence[VerdictRow]) -> VerdictRow | None:
    cells = [row for row in rows if row.scope == "cell" and row.drop.value is not None]
    return max(cells, key=lambda row: row.drop.value or 0.0) if len(cells) > 1 else None


def _with_modes(line: Line, table: ModeTable | None, alpha: float) -> Line:
    grown = _grown(table) if table else None
    if grown is None or table is None or table.kinds is None:
        return line
    p = next((shift.p for shift in table.kinds.shifts if shift.mode == grown.mode), 1.0)
    return replace(line, grown=grown, chance=p > alpha)


def _grown(table: ModeTable) -> ModeRow | None:
    """Return the failure mode that rose most from the baseline."""
    risen = [row for row in table.rows if row.mode and row.change and (row.change.value or 0.0) > 0]
    return max(risen, key=lambda row: (row.change and row.change.value) or 0.0, default=None)


def _only(rows: Sequence[VerdictRow]) -> VerdictRow | None:
    """Return the only task and length of a verdict: then it has no row over everything."""
    cells = [row for row in rows if row.scope == "cell"]
    return cells[0] if len(cells) == 1 else None
