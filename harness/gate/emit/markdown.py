"""A verdict for a pull request: under the 65,536 characters that GitHub takes for a comment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.gate.emit.clean import shortened
from harness.gate.emit.order import RULE, told, worst_first
from harness.gate.emit.table import SHAPES, footer, table_of
from harness.gate.sources import evidence_sha256
from harness.gate.verdict import Verdict
from harness.gate.wording import name_of

ROOM = {"table": 29_000, "reasons": 12_000, "notes": 7_000}
LONGEST, LONGEST_NAME, LONGEST_SENTENCE = 400, 200, 1_000
"""Bytes that each part may take, and characters of one text: together below 60,000 bytes, five a character at most."""

BREAK = "\u200b"
"""A space without width: it keeps `@name` from being a mention and `#1` from being a reference."""


def to_markdown(verdict: Verdict) -> str:
    """Return the verdict as GitHub Markdown. Rows that do not fit are left out by `RULE` and counted."""
    rows = worst_first(told(verdict.rows))
    names = " against ".join(f"**{escaped(name, LONGEST_NAME)}**" for name in (verdict.candidate, verdict.baseline))
    parts = [
        f"## {SHAPES[verdict.state]} {verdict.state}: {names}",
        "",
        escaped(verdict.sentence, LONGEST_SENTENCE),
        "",
    ]
    parts += _table(table_of(rows))
    if hidden := len(verdict.rows) - len(rows):
        parts += ["", f"{hidden} slices pass and are not shown."]
    reasons = [f"- {escaped(name_of(row))}: {escaped(row.reason)}" for row in rows if row.state != "pass"]
    controls = [f"- positive control {escaped(name)}: {state}" for name, state in verdict.controls]
    parts += ["", *_fitting(reasons, ROOM["reasons"], "reasons")]
    parts += ["", *_fitting([*controls, *(f"- {escaped(note)}" for note in verdict.notes)], ROOM["notes"], "notes")]
    evidence = f"evidence {evidence_sha256(verdict.sources)[:8]}; " if verdict.sources else ""
    parts += ["", f"<sub>{escaped(footer(verdict))}; {evidence}exit code {int(verdict.exit_code)}</sub>"]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)) + "\n"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    header, *body = [f"| {' | '.join(map(escaped, row))} |" for row in rows]
    if not body:
        return []
    return [header, "|" + " --- |" * len(rows[0]), *_fitting(body, ROOM["table"], f"rows ({RULE})")]


def _fitting(lines: Iterable[str], room: int, what: str) -> list[str]:
    """Return the first lines that fit into some bytes, and how many do not."""
    given = list(lines)
    kept: list[str] = []
    for line in given:
        room -= len(line.encode()) + 1
        if room < 0:
            return [*kept, "", f"… and {len(given) - len(kept)} more {what}"]
        kept.append(line)
    return kept


def escaped(text: str, most: int = LONGEST) -> str:
    """Keep a name or a sentence from being read as Markdown, HTML, mathematics, a mention, a reference or a link."""
    text = shortened(text, most).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_|\[\]~$])", r"\\\1", text)
    return re.sub(r"(@|#|:(?=//)|www(?=\.))", rf"\1{BREAK}", text)
