"""XML: a root element, an element for each row, an element for each value.

Read by expat itself: a document type is refused, so that there are no entities to expand, and so is deep nesting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.parsers import expat
from xml.sax.saxutils import escape

from harness.reading.json_ladder import unfence

from .forms import Fault
from .rows import NO_ROWS, Layout, Row, Rows, cell, wrapped

MAX_DEPTH = 8
MAX_TEXT = 2_000

_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")


class _RefusedError(Exception):
    """The document has a part that is not read."""


def write_xml(rows: Sequence[Row], layout: Layout) -> str:
    """Write rows as XML, a value a line."""
    lines = [f"<{layout.root}>"]
    for row in rows:
        lines.append(f"<{layout.item}>")
        lines += [f"<{key}>{escape(cell(value))}</{key}>" for key, value in row.items()]
        lines.append(f"</{layout.item}>")
    return "\n".join([*lines, f"</{layout.root}>"])


def read_xml(text: str, layout: Layout) -> Rows:
    """Read XML, whatever stands around it."""
    rows = _parsed(text.strip(), layout)
    if rows:
        return rows
    inside, outside = unfence(text)
    body = inside or text
    piece = _piece(body, layout)
    if not piece:
        return NO_ROWS
    around = body.replace(piece, "", 1).strip()
    rows = _parsed(piece, layout) or _mended(piece, layout)
    return wrapped(rows, prose=bool(around or (inside and outside)), fenced=bool(inside))


def _piece(text: str, layout: Layout) -> str:
    """Cut out the root element, or else the elements of rows; up to the end where it is not closed."""
    for name in (layout.root, layout.item):
        start = text.find(f"<{name}>")
        if start >= 0:
            end = text.rfind(f"</{name}>")
            return text[start : end + len(name) + 3] if end > start else text[start:].rstrip()
    return ""


def _mended(piece: str, layout: Layout) -> Rows:
    """Read what does not parse: with bare ampersands escaped, without a root, or value by value."""
    escaped = _BARE_AMPERSAND.sub("&amp;", piece)
    if escaped != piece and (rows := _parsed(escaped, layout)):
        return Rows(rows.rows, "repaired.ampersand", (Fault("fmt.invalid_xml", "an & is not escaped"),), rows.schema)
    if not piece.startswith(f"<{layout.root}>") and (
        rows := _parsed(f"<{layout.root}>{escaped}</{layout.root}>", layout)
    ):
        missing = Fault("fmt.tag_missing", f"there is no element <{layout.root}>")
        return Rows(rows.rows, rows.rung, rows.text, (*rows.schema, missing))
    found = [_values(part, layout) for part in piece.split(f"<{layout.item}>")[1:300]]
    unclosed = Fault("fmt.tag_unclosed", "an element is not closed, or closed by another's tag")
    told = [row for row in found if row]
    return Rows(told, "repaired.tags", (), (unclosed,), frozenset(range(len(told))))


def _values(part: str, layout: Layout) -> dict[str, str]:
    """Read the values of one row one by one."""
    found = {}
    for key in layout.keys:
        match = re.search(rf"<{key}>([^<]{{0,{MAX_TEXT}}})", part)
        if match:
            found[key] = match[1].strip()
    return found


class _Reader:
    """Collects rows while expat reads."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._path: list[str] = []
        self._row: dict[str, str] = {}
        self.rows: list[dict[str, str]] = []
        self.faults: list[Fault] = []
        self.root = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take an opening tag."""
        self._path.append(name)
        depth = len(self._path)
        if depth > MAX_DEPTH:
            raise _RefusedError("nested too deep")
        if attributes:
            self.faults.append(Fault("schema.extra_key", f"<{name[:60]}> has an attribute"))
        if depth == 1:
            self.root = name
        if depth == 1 and name != self._layout.root:
            self.faults.append(Fault("fmt.tag_missing", f"the root is <{name[:60]}>, not <{self._layout.root}>"))
        elif depth == 2:
            self._row = {}
            self.rows.append(self._row)
            if name != self._layout.item:
                self.faults.append(Fault("fmt.tag_missing", f"<{name[:60]}> stands where <{self._layout.item}> should"))
        elif depth == 3:
            if name in self._row:
                self.faults.append(Fault("fmt.duplicate_key", f"<{name[:60]}> stands there twice"))
            self._row[name] = ""
        elif depth == 4:
            self.faults.append(Fault("schema.extra_key", f"<{name[:60]}> stands inside a value"))

    def end(self, name: str) -> None:
        """Take a closing tag."""
        self._path.pop()

    def text(self, data: str) -> None:
        """Take text between tags."""
        if len(self._path) >= 3:
            key = self._path[2]
            self._row[key] = (self._row[key] + data)[:MAX_TEXT]
        elif data.strip():
            self.faults.append(Fault("schema.extra_key", f"text stands outside the values: {data.strip()[:40]!r}"))

    def refuse(self, *_: object) -> None:
        """Refuse a document type."""
        raise _RefusedError("a document type")


def _parsed(text: str, layout: Layout) -> Rows | None:
    """Parse a document; None where it is not well formed, holds what is refused, or is a row without a root."""
    reader = _Reader(layout)
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.text, reader.refuse
    try:
        parser.Parse(text, True)
        if reader.root == layout.item:
            return None
    except (expat.ExpatError, _RefusedError, UnicodeError):
        return None
    rows = [{key: value.strip() for key, value in row.items()} for row in reader.rows]
    twice = tuple(fault for fault in reader.faults if fault.mode == "fmt.duplicate_key")
    return Rows(rows, "as_asked", twice, tuple(fault for fault in reader.faults if fault not in twice))
