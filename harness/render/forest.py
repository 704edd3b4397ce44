"""The forest plot: drops with their intervals on one axis for the whole report, the margin a dashed line.

Positions are in SVG units of a strip `WIDTH` wide; each row of the table holds one strip, so a row and its picture
cannot part. The axis reaches as far as the intervals do, but no further than `REACH` margins, or one damaged model
would press all others into a point; what lies outside is an arrow at the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from harness.gate.verdict import VerdictRow

WIDTH, PAD, HIGH = 260, 14, 34
REACH = 6
MOST_TICKS = 6
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class Axis:
    """A linear axis in drops of -1 to 1, with the drops that get a tick."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def x(self, drop: float) -> float:
        """Return the position of a drop, at the edge where it lies outside."""
        share = (min(max(drop, self.low), self.high) - self.low) / (self.high - self.low)
        return round(PAD + share * (WIDTH - 2 * PAD), 1)

    def off(self, drop: float) -> str:
        """Say on which side of the axis a drop lies: `left`, `right`, or nothing."""
        return "left" if drop < self.low else "right" if drop > self.high else ""


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of the plot.

    Attributes:
        value: position of the estimate, and `value_off`, the side on which it leaves the axis.
        low: position of the interval's lower end, likewise `high`.
        margin: position of the margin.
    """

    value: float
    value_off: str
    low: float
    low_off: str
    high: float
    high_off: str
    margin: float


def make_axis(rows: Sequence[VerdictRow]) -> Axis:
    """Return one axis for all rows; it holds 0 and every margin."""
    farthest = REACH * max(row.margin for row in rows)
    ends = [end for row in rows for end in (row.drop.low, row.drop.high, row.drop.value) if end is not None]
    low, high = max(min([0.0, *ends]), -farthest), min(max([*ends, *(row.margin for row in rows)]), farthest)
    step = next((step for step in STEPS if (high - low) / step <= MOST_TICKS + 1e-9), STEPS[-1])
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return Axis(first * step, last * step, tuple(round(i * step, 4) for i in range(first, last + 1)))


def strip_of(row: VerdictRow, axis: Axis) -> Strip | None:
    """Return where a row's drop lies, or None where it is unknown."""
    drop = row.drop
    if drop.value is None or drop.low is None or drop.high is None:
        return None
    return Strip(
        value=axis.x(drop.value),
        value_off=axis.off(drop.value),
        low=axis.x(drop.low),
        low_off=axis.off(drop.low),
        high=axis.x(drop.high),
        high_off=axis.off(drop.high),
        margin=axis.x(row.margin),
    )
