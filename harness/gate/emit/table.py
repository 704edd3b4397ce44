"""The rows of a verdict as cells of text: what the terminal and Markdown show."""

from __future__ import annotations

from collections.abc import Sequence

from harness.gate.verdict import Unit, Verdict, VerdictRow
from harness.gate.wording import amount, name_of
from harness.records import Estimate

HEADER = ("", "row", "n (contexts)", "baseline", "candidate", "lost/gained", "drop", "margin", "state")
SHAPES = {"pass": "✓", "regressed": "✕", "inconclusive": "?", "insensitive": "?", "invalid": "!"}


def table_of(rows: Sequence[VerdictRow]) -> list[tuple[str, ...]]:
    """Return header and rows, each number with its interval: shares and drops in points, growth in percent."""
    return [HEADER, *map(_cells, rows)]


def _cells(row: VerdictRow) -> tuple[str, ...]:
    return (
        SHAPES[row.state],
        name_of(row),
        f"{row.drop.n} ({row.contexts})",
        level(row.baseline, row),
        level(row.candidate, row),
        f"{row.losses}/{row.gains}",
        change(row),
        amount(row.margin, row.unit),
        row.state + _aside(row),
    )


def _aside(row: VerdictRow) -> str:
    if not row.required:
        return " (not required)"
    return "" if row.assessable else " (not assessable)"


def level(estimate: Estimate, row: VerdictRow) -> str:
    """Write what one of the two models reaches: points of right answers, tokens, a loss."""
    return _interval(estimate, "points" if row.unit == "points" else "loss")


def change(row: VerdictRow) -> str:
    """Write a drop or a rise in the unit of its row."""
    return _interval(row.drop, row.unit)


def _interval(estimate: Estimate, unit: Unit) -> str:
    low, high = amount(estimate.low, unit), amount(estimate.high, unit)
    return f"{amount(estimate.value, unit)} [{low}, {high}]"


def footer(verdict: Verdict) -> str:
    """Say what the numbers rest on."""
    return (
        f"{verdict.pairs} paired replies; alpha {verdict.alpha:g} one-sided; intervals of shares 95 %, of drops "
        f"{100 * (1 - 2 * verdict.alpha):.0f} %; estimand: {verdict.estimand}; icc {verdict.icc:g} "
        f"({verdict.icc_source}); {verdict.policy} {verdict.policy_sha256[:8]}"
    )
