"""Which rows of a verdict come first where not all of them fit: one rule for Markdown and for annotations."""

from __future__ import annotations

from collections.abc import Sequence

from harness.gate.verdict import VerdictRow

RULE = "worst first: required rows before others, regressed before undecided, then by the drop in margins"
STATES = ("regressed", "inconclusive", "pass")


def counts(row: VerdictRow) -> bool:
    """Tell whether a row has a say in the verdict: it is required, and can be assessed or shows harm all the same."""
    return row.required and (row.assessable or row.state == "regressed")


def worst_first(rows: Sequence[VerdictRow]) -> list[VerdictRow]:
    """Return rows by `RULE`; equals keep their order."""
    return sorted(rows, key=lambda row: (not counts(row), STATES.index(row.state), -(row.drop.value or 0) / row.margin))


def told(rows: Sequence[VerdictRow]) -> list[VerdictRow]:
    """Return the rows that a summary shows: all but slices that pass, which are many."""
    return [row for row in rows if row.scope != "slice" or row.state != "pass"]
