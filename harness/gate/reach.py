"""Up to which length is it proven, and from which is it lost? Read off the states of a verdict's rows, no number new.

Lengths are gone through from the shortest on, and the first at which not every row passes ends it. To name a length too
long the test must err at one place, the first length at which something truly is worse by more than its margin: so it
is too long at most as often as one row passes wrongly, whatever the number of lengths (a fixed sequence of hypotheses,
Maurer, Hothorn and Lehmacher 1995; all rows of a length together are an intersection-union test, Berger 1982).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.gate.verdict import VerdictRow


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a candidate was judged to reach; all in tokens.

    Attributes:
        proven: the longest length such that every row up to it passes; None where the shortest does not.
        lost: the shortest length with a regressed row; None where there is none.
        tested: the lengths that have rows that count, the shortest first.
    """

    proven: int | None
    lost: int | None
    tested: tuple[int, ...]

    @property
    def limited(self) -> bool:
        """Whether something is proven, and not all that was tested."""
        return self.proven is not None and self.proven < self.tested[-1]


def reach_of(rows: Iterable[VerdictRow]) -> Reach:
    """Return how far the rows of a length reach that decide: cells and slices; rows that cannot be assessed do not."""
    counted: dict[int, list[VerdictRow]] = {}
    for row in rows:
        if row.length is not None and row.required and (row.assessable or row.state == "regressed"):
            counted.setdefault(row.length, []).append(row)
    tested = tuple(sorted(counted))
    proven = None
    for length in tested:
        if any(row.state != "pass" for row in counted[length]):
            break
        proven = length
    lost = next((length for length in tested if any(row.state == "regressed" for row in counted[length])), None)
    return Reach(proven, lost, tested)
