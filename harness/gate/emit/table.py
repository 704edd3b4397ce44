"""The rows of a verdict as cells of text: what the terminal and Markdown show."""

from __future__ import annotations

from collections.abc import Sequence

from harness.gate.verdict import Verdict, VerdictRow
from harness.gate.wording import name_of, points
from harness.records import Estimate

HEADER = ("", "row", "n (contexts)", "baseline", "candidate", "lost/gained", "drop", "margin", "state")
SHAPES = {"pass": "✓", "regressed": "✕", "inconclusive": "?", "insensitive": "?", "invalid": "!"}


def table_of(rows: Sequence[VerdictRow]) -> list[tuple[str, ...]]:
    """Return header and rows. Shares and drops are points, each with its interval."""
    return [HEADER, *map(_cells, rows)]


def _cells(row: VerdictRow) -> tuple[str, ...]:
    return (
        SHAPES[row.state],
        name_of(row),
        f"{row.drop.n} ({row.contexts})",
        share(row.baseline),
        share(row.candidate),
        f"{row.losses}/{row.gains}",
        share(row.drop),
        points(row.margin),
        row.state + _aside(row),
    )


def _aside(row: VerdictRow) -> str:
    if not row.required:
        return " (not required)"
    return "" if row.assessable else " (not assessable)"


def share(estimate: Estimate) -> str:
    """Write a share of right answers, or a drop, with its interval."""
    return f"{points(estimate.value)} [{points(estimate.low)}, {points(estimate.high)}]"


def footer(verdict: Verdict) -> str:
    """Say what the numbers rest on."""
    return (
        f"{verdict.pairs} paired replies; alpha {verdict.alpha:g} one-sided; intervals of shares 95 %, of drops "
        f"{100 * (1 - 2 * verdict.alpha):.0f} %; estimand: {verdict.estimand}; icc {verdict.icc:g} "
        f"({verdict.icc_source}); {verdict.policy} {verdict.policy_sha256[:8]}"
    )
