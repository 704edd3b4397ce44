"""Plain text with fixed parts: a template to fill in, a line protocol, bullets, and lines below a notice to be copied.

What a model must keep letter for letter is in the layout: `root` is the opening line, the sign, the bullet or the
notice, `item` the closing line. Separators are signs that no value holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harness.reading import fold
from harness.reading.json_ladder import unfence

from .forms import Fault
from .rows import NO_ROWS, Layout, Row, Rows, cell, wrapped
from .schema_faults import is_variant

SEPARATORS = (" / ", " ~ ", " # ", " = ")
LOOSE_SEPARATORS = ("/", "~", "#", "=", "|", ";", "\t", ",")
MAX_LINES = 1_000
NOTICE_SHARE = 0.5
"""Share of the words of a notice that a line must have to be taken for it."""

_BULLET = re.compile(r"\s*(?:[-*•+–]|[0-9]{1,3}[.)])\s+")


def write_template(rows: Sequence[Row], layout: Layout) -> str:
    """Write a copy of the template for each row."""
    return "\n".join(_copy(row, layout) for row in rows)


def _copy(row: Row, layout: Layout) -> str:
    return "\n".join([layout.root, *(f"{key}: {cell(value)}" for key, value in row.items()), layout.item])


def write_lines(rows: Sequence[Row], layout: Layout) -> str:
    """Write a line for each row, the sign of the protocol as its first cell."""
    return "\n".join(layout.separator.join([layout.root, *map(cell, row.values())]) for row in rows)


def write_bullets(rows: Sequence[Row], layout: Layout) -> str:
    """Write a bullet for each row."""
    return "\n".join(f"{layout.root} {layout.separator.join(map(cell, row.values()))}" for row in rows)


def write_noticed(rows: Sequence[Row], layout: Layout) -> str:
    """Write the notice, and below it a line for each row."""
    return "\n".join([layout.root, *(layout.separator.join(map(cell, row.values())) for row in rows)])


def read_template(text: str, layout: Layout) -> Rows:
    """Read copies of a template."""
    inside, outside = unfence(text)
    lines = [line.strip() for line in (inside or text).split("\n") if line.strip()][:MAX_LINES]
    copies = _Copies(layout)
    for line in lines:
        copies.take(line)
    if not copies.rows:
        return NO_ROWS
    read = Rows(copies.rows, "as_asked", (), tuple(copies.faults()))
    return wrapped(read, prose=copies.prose or bool(inside and outside), fenced=bool(inside))


class _Copies:
    """Collects the copies of a template line by line."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._open = False
        self._unopened = self._unclosed = ""
        self.rows: list[dict[str, str]] = []
        self.prose = False

    def take(self, line: str) -> None:
        """Take a line that is not empty."""
        key, colon, value = line.partition(":")
        if line == self._layout.root:
            self._close_open_copy(line)
            self.rows.append({})
            self._open = True
        elif line == self._layout.item:
            self._unopened = self._unopened or ("" if self._open else line)
            self._open = False
        elif colon and (self._open or self._is_key(key)):
            self._put(key.strip(), value.strip(), line)
        else:
            self.prose = True

    def _is_key(self, key: str) -> bool:
        return len(key) < 40 and any(is_variant(key.strip(), right) for right in self._layout.keys)

    def _put(self, key: str, value: str, line: str) -> None:
        if not self._open:
            self._unopened = self._unopened or line
            if not self.rows or key in self.rows[-1]:
                self.rows.append({})
        elif key in self.rows[-1]:
            self._close_open_copy(line)
            self.rows.append({})
        self.rows[-1][key] = value

    def _close_open_copy(self, line: str) -> None:
        if self._open and self.rows and self.rows[-1]:
            self._unclosed = self._unclosed or line

    def faults(self) -> list[Fault]:
        """What is wrong with the lines that begin and end a copy."""
        found = []
        if self._unopened:
            found.append(Fault("fmt.tag_missing", f"no {self._layout.root!r} stands before {self._unopened[:60]!r}"))
        if self._unclosed or self._open:
            found.append(Fault("fmt.tag_unclosed", f"a copy does not end with {self._layout.item!r}"))
        return found


def read_lines(text: str, layout: Layout) -> Rows:
    """Read a line protocol."""

    def signed(line: str) -> tuple[str, bool]:
        sign = layout.root
        return (line[len(sign) :].strip(" "), True) if line.startswith(sign) else (line, False)

    return _read(text, layout, signed)


def read_bullets(text: str, layout: Layout) -> Rows:
    """Read bullets."""

    def bulleted(line: str) -> tuple[str, bool]:
        if line.startswith(f"{layout.root} "):
            return line[len(layout.root) + 1 :], True
        bullet = _BULLET.match(line)
        return (line[bullet.end() :] if bullet else line), False

    return _read(text, layout, bulleted)


def read_noticed(text: str, layout: Layout) -> Rows:
    """Read lines below a notice."""
    inside, outside = unfence(text)
    lines = (inside or text).strip("\n").split("\n")[:MAX_LINES]
    at = next((number for number, line in enumerate(lines) if _is_notice(line, layout.root)), None)
    rest = "\n".join(line for number, line in enumerate(lines) if number != at)
    rows = _read(rest, layout, lambda line: (line, True))
    if not rows.rung:
        return rows
    exact = at is not None and lines[at].rstrip() == layout.root
    faults = () if exact else (Fault("fmt.verbatim", "the notice is missing, or not copied letter for letter"),)
    rows = replace(rows, schema=(*rows.schema, *faults))
    prose = any(fault.mode == "fmt.prose_around" for fault in rows.text) or bool(inside and outside)
    return wrapped(replace(rows, text=()), prose=prose, fenced=True) if inside else rows


def _is_notice(line: str, notice: str) -> bool:
    words, wanted = set(fold(line[:1000]).split()), set(fold(notice).split())
    return len(words & wanted) >= NOTICE_SHARE * len(wanted)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a line, what set them apart, and whether what opens a line stood there."""

    cells: list[str]
    separator: str
    opened: bool


def _read(text: str, layout: Layout, opening: Callable[[str], tuple[str, bool]]) -> Rows:
    """Read a line a row; lines with too few cells are other text."""
    inside, outside = unfence(text)
    lines = [line.strip() for line in (inside or text).split("\n") if line.strip()][:MAX_LINES]
    found = [_cells(line, layout, opening) for line in lines]
    rows = [cells for cells in found if cells]
    if not rows:
        return NO_ROWS
    broken = frozenset(n for n, row in enumerate(rows) if len(row.cells) != len(layout.keys))
    faults = []
    if not all(row.opened for row in rows):
        faults.append(Fault("fmt.tag_missing", f"a line does not begin with {layout.root!r}"))
    if other := next((row.separator for row in rows if row.separator != layout.separator), ""):
        faults.append(Fault("fmt.delimiter", f"cells are set apart by {other!r}, not by {layout.separator!r}"))
    if broken:
        number = min(broken)
        faults.append(Fault("fmt.delimiter", f"line {number + 1} has {len(rows[number].cells)} cells"))
    named = [dict(zip(layout.keys, row.cells, strict=False)) for row in rows]
    read = Rows(named, "as_asked", (), tuple(faults), broken)
    return wrapped(read, prose=len(rows) < len(lines) or bool(inside and outside), fenced=bool(inside))


def _cells(line: str, layout: Layout, opening: Callable[[str], tuple[str, bool]]) -> _Cells | None:
    """Split a line by the separator asked for, else by another one, if that gives half of the cells or more."""
    wanted = max(2, (len(layout.keys) + 1) // 2)
    rest, opened = opening(line)
    rest = rest.removeprefix(layout.separator.lstrip()).strip()
    if rest.endswith(layout.separator.rstrip()):
        rest += " "  # the last cell is empty
    for separator in (layout.separator, *SEPARATORS, *LOOSE_SEPARATORS):
        cells = [part.strip() for part in rest.split(separator)]
        if opened and not cells[0]:
            del cells[0]
        if len(cells) >= wanted and (separator in SEPARATORS or len(cells) == len(layout.keys)):
            return _Cells(cells[:60], separator, opened)
    return None
