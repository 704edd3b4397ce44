"""A verdict for a pull request: under the 65,536 characters that a comment may have."""

from __future__ import annotations

from collections.abc import Sequence

from harness.gate.emit.table import SHAPES, footer, table_of
from harness.gate.verdict import Verdict
from harness.gate.wording import name_of

LONGEST = 60_000


def to_markdown(verdict: Verdict) -> str:
    """Return the verdict as GitHub Markdown; rows that do not fit are left out and counted."""
    head = [f"## {SHAPES[verdict.state]} {verdict.state}: `{verdict.candidate}` against `{verdict.baseline}`", ""]
    head += [_escaped(verdict.sentence), ""]
    tail = [f"- {_escaped(name_of(row))}: {_escaped(row.reason)}" for row in verdict.rows[:20]]
    tail += [f"- {_escaped(note)}" for note in verdict.notes[:20]]
    tail += ["", f"<sub>{_escaped(footer(verdict))}; exit code {int(verdict.exit_code)}</sub>"]
    room = LONGEST - sum(len(line) + 1 for line in head + tail)
    return "\n".join([*head, *_table(table_of(verdict.rows), room), "", *tail]) + "\n"


def _table(rows: Sequence[Sequence[str]], room: int) -> list[str]:
    header, *body = [f"| {' | '.join(map(_escaped, row))} |" for row in rows]
    lines = [header, "|" + " --- |" * len(rows[0])]
    for index, line in enumerate(body):
        room -= len(line) + 1
        if room < 0:
            return [*lines, "", f"… and {len(body) - index} more rows"]
        lines.append(line)
    return lines


def _escaped(text: str) -> str:
    """Keep a name or a sentence from being read as Markdown or HTML."""
    for char in "\\`*_|<>[]":
        text = text.replace(char, f"\\{char}" if char not in "<>" else {"<": "&lt;", ">": "&gt;"}[char])
    return text.replace("\n", " ")
