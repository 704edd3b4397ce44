"""What is drawn where not everything fits on a page that people read: one budget a section, the worst first.

Nothing is dropped without a word: what is not drawn is listed in short, or the section says how much is left out and by
which rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.gate.emit.order import worst_first
from harness.gate.verdict import VerdictRow

MOST_OPEN = 6
"""Candidates whose part of a section stands open; of more, each is behind its own line."""

PICTURED = 600
"""Rows of verdicts that have a picture and a reason, all candidates together."""

FEWEST_PICTURED = 20
"""Of these, what each candidate has at least."""


MOST_SETTLED = 40
"""Undecided rows that stand open, all candidates together."""

FEWEST_SETTLED = 3
"""Of these, what each candidate has at least."""


def settled(rows: Sequence[VerdictRow], candidates: int) -> tuple[Sequence[VerdictRow], Sequence[VerdictRow]]:
    """Return the undecided rows that stand open and those that are folded; arguments as `pictured`."""
    return _parted(rows, max(FEWEST_SETTLED, MOST_SETTLED // max(candidates, 1)))


def pictured(rows: Sequence[VerdictRow], candidates: int) -> tuple[Sequence[VerdictRow], Sequence[VerdictRow]]:
    """Return the rows that get a picture and those that are listed in short: all in order, or the worst first.

    Args:
        rows: of one verdict.
        candidates: number of verdicts on the page, which share the room.
    """
    return _parted(rows, max(FEWEST_PICTURED, PICTURED // max(candidates, 1)))


def _parted(rows: Sequence[VerdictRow], room: int) -> tuple[Sequence[VerdictRow], Sequence[VerdictRow]]:
    if len(rows) <= room:
        return rows, ()
    ordered = worst_first(rows)
    return ordered[:room], ordered[room:]
