"""A verdict for the terminal."""

from __future__ import annotations

from harness.gate.emit.table import SHAPES, footer, table_of
from harness.gate.verdict import Verdict
from harness.gate.wording import place


def to_text(verdict: Verdict) -> str:
    """Return the verdict, its table, its reasons and its notes as plain lines."""
    lines = [f"{SHAPES[verdict.state]} {verdict.state.upper()}  {verdict.candidate} against {verdict.baseline}"]
    lines += [verdict.sentence, ""]
    if verdict.rows:
        lines += [_aligned(table_of(verdict)), ""]
    lines += [f"{place(row.task, row.length)}: {row.reason}" for row in verdict.rows]
    lines += [f"note: {note}" for note in verdict.notes]
    lines += [footer(verdict), f"exit code {int(verdict.exit_code)}"]
    return "\n".join(lines)


def _aligned(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
