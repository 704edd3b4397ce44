"""A verdict as annotations of a GitHub Actions job."""

from __future__ import annotations

from harness.errors import ExitCode
from harness.gate.verdict import Verdict, VerdictRow
from harness.gate.wording import name_of


def to_github(verdict: Verdict) -> str:
    """Return one line for the verdict and one for each row that is not a pass."""
    kind = "notice" if verdict.state == "pass" else "error" if verdict.exit_code != ExitCode.PASS else "warning"
    lines = [_line(kind, verdict.state, verdict.sentence)]
    lines += [_row_line(row) for row in verdict.rows if row.state != "pass"]
    return "\n".join(lines)


def _row_line(row: VerdictRow) -> str:
    kind = "error" if row.state == "regressed" and row.required else "warning"
    return _line(kind, row.state, f"{name_of(row)}: {row.reason}")


def _line(kind: str, title: str, text: str) -> str:
    return f"::{kind} title={_escaped(title)}::{_escaped(text)}"


def _escaped(text: str) -> str:
    """Escape what ends a workflow command or its property."""
    for char, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(char, code)
    return text
