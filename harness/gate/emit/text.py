"""A verdict for the terminal."""

from __future__ import annotations

from harness.gate.emit.table import SHAPES, footer, table_of
from harness.gate.verdict import Verdict
from harness.gate.wording import name_of


def to_text(verdict: Verdict, *, explain: bool = False) -> str:
    """Return the verdict, its table, its reasons and its notes as plain lines.

    Args:
        verdict: what to show.
        explain: show every slice, and the rule that gave each row its margin; else slices that pass are only counted.
    """
    lines = [f"{SHAPES[verdict.state]} {verdict.state.upper()}  {verdict.candidate} against {verdict.baseline}"]
    lines += [verdict.sentence, ""]
    rows = [row for row in verdict.rows if explain or row.scope != "slice" or row.state != "pass"]
    if rows:
        lines += [_aligned(table_of(rows)), ""]
    lines += [f"{name_of(row)}: {row.reason}" + (f" [{row.rule}]" if explain else "") for row in rows]
    if len(rows) < len(verdict.rows):
        lines.append(f"{len(verdict.rows) - len(rows)} slices pass; --explain shows them")
    lines += [f"positive control {name}: {state}" for name, state in verdict.controls]
    lines += [f"note: {note}" for note in verdict.notes]
    lines += [footer(verdict), f"exit code {int(verdict.exit_code)}"]
    return "\n".join(lines)


def _aligned(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
