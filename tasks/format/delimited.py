"""CSV, TSV and Markdown tables: a header and rows, cells between separators."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Literal

from harness.reading.json_ladder import unfence

from .forms import Fault
from .rows import NO_ROWS, Layout, Row, Rows, cell, wrapped
from .schema_faults import is_variant

SEPARATORS = (",", ";", "\t", "|")
MAX_LINES = 1_000
MAX_COLUMNS = 60

_RULE = re.compile(r"\|?[ :|-]*-[ :|-]*\|?")
_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class _Table:
    """A table as it was cut out of a text.

    Attributes:
        rows: cells, the header first.
        prose: whether other text stands around it.
        faults: what is wrong with how cells are set apart.
    """

    rows: list[list[str]]
    prose: bool
    faults: tuple[Fault, ...] = ()


def write_delimited(rows: Sequence[Row], layout: Layout) -> str:
    """Write rows as CSV or TSV. In TSV nothing is quoted: no value holds a tab."""
    out = StringIO()
    quote = _quote(layout)
    writer = csv.writer(
        out,
        delimiter=layout.separator,
        lineterminator="\n",
        quoting=_quoting(quote),
        quotechar=quote,
    )
    writer.writerow(rows[0])
    writer.writerows([cell(value) for value in row.values()] for row in rows)
    return out.getvalue().rstrip("\n")


def _quote(layout: Layout) -> str | None:
    return None if layout.separator == "\t" else '"'


def _quoting(quote: str | None) -> Literal[0, 3]:
    return csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE


def write_markdown(rows: Sequence[Row], layout: Layout) -> str:
    """Write rows as a Markdown table."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([_escaped(cell(v)) for v in row.values()] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def read_delimited(text: str, layout: Layout) -> Rows:
    """Read CSV or TSV, whatever stands around it and whatever separates its cells."""
    inside, outside = unfence(text)
    table = _cut(inside or text, layout)
    return _rows(table, prose=bool(outside and inside), fenced=bool(inside)) if table else NO_ROWS


def read_markdown(text: str, layout: Layout) -> Rows:
    """Read a Markdown table."""
    inside, outside = unfence(text)
    table = _cut_markdown(inside or text, layout)
    return _rows(table, prose=bool(outside and inside), fenced=bool(inside)) if table else NO_ROWS


def _rows(table: _Table, *, prose: bool, fenced: bool) -> Rows:
    header, *body = table.rows
    header = [name.strip() for name in header[:MAX_COLUMNS]]
    ragged = [number for number, row in enumerate(body) if len(row) != len(header)]
    faults = list(table.faults)
    if ragged:
        cells = len(body[ragged[0]])
        faults.append(Fault("fmt.delimiter", f"row {ragged[0] + 1} has {cells} cells, the header {len(header)}"))
    rows = [dict(zip(header, row, strict=False)) for row in body]
    read = Rows(rows, "as_asked", (), tuple(faults), frozenset(ragged))
    return wrapped(read, prose=prose or table.prose, fenced=fenced)


def _header_at(lines: Sequence[str], layout: Layout) -> tuple[int, str] | None:
    """Find the header: the first line half of whose cells are names of fields, and what separates them."""
    wanted = max(2, len(layout.keys) // 2)
    for number, line in enumerate(lines[:MAX_LINES]):
        for separator in dict.fromkeys((layout.separator or "|", *SEPARATORS)):
            names = [name.strip().strip('"') for name in line.split(separator)[:MAX_COLUMNS]]
            if len(names) < wanted:
                continue
            if sum(any(len(name) < 40 and is_variant(name, key) for name in names) for key in layout.keys) >= wanted:
                return number, separator
    return None


def _cut(text: str, layout: Layout) -> _Table | None:
    lines = text.strip("\n").split("\n")
    found = _header_at(lines, layout)
    if not found:
        return _headless(lines, layout)
    start, separator = found
    faults = []
    if separator != layout.separator:
        faults.append(Fault("fmt.delimiter", f"cells are set apart by {separator!r}, not by {layout.separator!r}"))
    end = start + 1
    while end < min(len(lines), MAX_LINES) and (separator in lines[end] or _open_quote(lines[start:end], layout)):
        end += 1
    least = max(1, lines[start].count(separator) // 2)
    while end > start + 1 and lines[end - 1].count(separator) < least:
        end -= 1  # a sentence behind the table, with a comma in it
    quote = _quote(layout) if separator == layout.separator else '"'
    rows, complaint = _parse("\n".join(lines[start:end]), separator, quote)
    if complaint:
        faults.append(Fault("fmt.delimiter", complaint))
    if separator == "\t" and len(rows) > 1 and len(rows[-1]) == len(rows[0]) - 1:
        rows[-1].append("")  # an empty last cell is white space at the end of a reply
    prose = any(line.strip() for line in (*lines[:start], *lines[end:]))
    return _Table(rows, prose, tuple(faults))


def _headless(lines: Sequence[str], layout: Layout) -> _Table | None:
    """Take the lines with as many cells as there are fields for rows, where there is no header."""
    separator = layout.separator
    body = [line for line in lines[:MAX_LINES] if line.count(separator) >= len(layout.keys) - 1]
    rows = [row for row in _parse("\n".join(body), separator, _quote(layout))[0] if len(row) == len(layout.keys)]
    missing = Fault("schema.missing_key", "there is no header")
    prose = len(body) < sum(bool(line.strip()) for line in lines)
    return _Table([list(layout.keys), *rows], prose, (missing,)) if rows else None


def _open_quote(lines: Sequence[str], layout: Layout) -> bool:
    """Tell whether a quoted cell goes on in the next line; only the last lines are looked at."""
    return _quote(layout) is not None and sum(line.count('"') for line in lines[-20:]) % 2 == 1


def _parse(text: str, separator: str, quote: str | None) -> tuple[list[list[str]], str]:
    """Parse strictly, else leniently with what the strict parser complained about."""
    complaint = ""
    for strict in (True, False):
        reader = csv.reader(
            StringIO(text, newline=""), delimiter=separator, quotechar=quote, quoting=_quoting(quote), strict=strict
        )
        try:
            return [row for row in reader if row], complaint
        except csv.Error as error:
            complaint = str(error)
    return [line.split(separator) for line in text.split("\n")], complaint


def _cut_markdown(text: str, layout: Layout) -> _Table | None:
    lines = text.strip("\n").split("\n")
    found = _header_at([line.strip().strip("|") for line in lines[:MAX_LINES]], layout)
    if not found or "|" not in lines[found[0]]:
        return None
    start = found[0]
    end = start + 1
    while end < min(len(lines), MAX_LINES) and "|" in lines[end]:
        end += 1
    body = lines[start + 1 : end]
    ruled = bool(body) and bool(_RULE.fullmatch(body[0].strip()[:400]))
    faults = () if ruled else (Fault("fmt.delimiter", "no line of dashes stands below the header"),)
    rows = [_cells(line) for line in (lines[start], *body[int(ruled) :])]
    return _Table(rows, any(line.strip() for line in (*lines[:start], *lines[end:])), faults)


def _cells(line: str) -> list[str]:
    line = line.strip().removeprefix("|")
    line = line[:-1] if line.endswith("|") and not line.endswith("\\|") else line
    return [part.strip().replace("\\|", "|") for part in _PIPE.split(line)]
