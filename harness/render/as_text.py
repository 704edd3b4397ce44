"""A report for the terminal: the same sections, aligned, nothing cut but texts that are too long for a line."""

from __future__ import annotations

from harness.gate.emit.clean import shortened, visible
from harness.gate.emit.groups import aligned
from harness.render.content import document_of
from harness.render.report import Content
from harness.render.sections import sections_of, title_of

LONGEST = 60
LONGEST_SENTENCE = 1_000


def to_text(content: Content) -> str:
    """Return the report as plain lines."""
    document = document_of(content)
    lines = [visible(title_of(document))]
    for section in sections_of(document):
        lines += ["", visible(section.title).upper(), *(visible(sentence) for sentence in section.sentences)]
        for table in section.tables:
            rows = [[shortened(visible(cell), LONGEST) for cell in row] for row in (table.head, *table.rows)]
            lines.append(aligned(rows))
        lines += [f"- {shortened(visible(item), LONGEST_SENTENCE)}" for item in section.items]
    return "\n".join(lines)
