"""A report as Markdown for a pull request: with its manifest below the 65,536 characters that GitHub takes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.gate.emit.clean import visible
from harness.gate.emit.markdown import escaped
from harness.render.content import document_of
from harness.render.report import Content
from harness.render.sections import Section, Table, sections_of, title_of

ROOM = 45_000
"""Bytes that all of it may take; a section takes its share of them, or what those before it left over."""

LONGEST = 300


def to_markdown(content: Content) -> str:
    """Return the report as GitHub Markdown; what does not fit is left out from the end of its table, and counted."""
    document = document_of(content)
    parts = [f"# {_safe(title_of(document))}"]
    sections = sections_of(document)
    whole = sum(section.share for section in sections)
    spare = 0
    for section in sections:
        room = int(ROOM * section.share / whole) + spare
        text = _section(section, room)
        spare = max(room - len(text.encode()), 0)
        parts.append(text)
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(parts)) + "\n"


def _section(section: Section, room: int) -> str:
    title = f"## {_safe(section.title)}"
    sentences = [_safe(sentence) for sentence in section.sentences]
    room -= sum(len(text.encode()) + 2 for text in (title, *sentences))
    parts = [title, *sentences]
    half = room // 2 if section.items and section.tables else room
    for table in section.tables:
        parts.append(_table(table, half))
        room -= len(parts[-1].encode())
    if section.items:
        items = [f"- {_safe(item)}" for item in section.items]
        parts.append("\n".join(_fitting(items, room, "lines")))
    return "\n\n".join(parts)


def _table(table: Table, room: int) -> str:
    head, *rows = [f"| {' | '.join(map(_safe, row))} |" for row in (table.head, *table.rows)]
    lines = [head, "|" + " --- |" * len(table.head)]
    room -= sum(len(line.encode()) + 1 for line in lines)
    return "\n".join([*lines, *_fitting(rows, room, f"rows ({table.order})")])


def _fitting(lines: Sequence[str], room: int, what: str) -> list[str]:
    """Return the first lines that fit into some bytes, and how many do not."""
    kept: list[str] = []
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0:
            return [*kept, "", f"… and {len(lines) - len(kept)} more {what}: they are in the page"]
        kept.append(line)
    return kept


def _safe(text: str) -> str:
    return escaped(visible(text), LONGEST)
