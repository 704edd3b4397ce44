"""JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from harness.reading.json_ladder import JsonReading, parse_json, read_json, unfence

from .forms import Fault
from .json_form import text_faults
from .rows import NO_ROWS, Layout, Row, Rows, wrapped
from .schema_faults import clipped

MAX_LINES = 400

_PIECES = ('"', "'", "}", "]", "[")
"""What a line begins with that is a piece of an object over several lines."""


def write_jsonl(rows: Sequence[Row], layout: Layout) -> str:
    """Write rows as JSON Lines."""
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def read_jsonl(text: str, layout: Layout) -> Rows:
    """Read JSON Lines, whatever stands around them; else whatever JSON stands there."""
    inside, outside = unfence(text)
    lines = [line.strip() for line in (inside or text).strip().split("\n") if line.strip()][:MAX_LINES]
    found = [_line(line) for line in lines]
    rows = [reading for reading in found if reading is not None and reading.found]
    unread = sum(reading is not None for reading in found) - len(rows)
    if not rows or unread or any(line.startswith(_PIECES) for line in lines):
        return _not_lines(read_json(text))
    faults = {fault.mode: fault for reading in rows for fault in text_faults(reading)}
    repaired = next((reading.rung for reading in rows if reading.repairs), "as_asked")
    read = Rows([clipped(reading.value) for reading in rows], repaired, tuple(faults.values()))
    prose = bool(inside and outside) or len(rows) < len(lines)
    return wrapped(read, prose=prose, fenced=bool(inside)) if prose or inside else read


def _line(line: str) -> JsonReading | None:
    """Read one line; None where it does not begin like an object, nothing where it is none."""
    if not line.startswith("{"):
        return None
    value, repeated = parse_json(line)
    if isinstance(value, dict):
        return JsonReading(value, "as_asked", (value,), duplicates=repeated)
    reading = read_json(line)
    return reading if isinstance(reading.value, dict) and ":" in line else JsonReading()


def _not_lines(found: JsonReading) -> Rows:
    """Take JSON that is not laid out in lines."""
    if not found.found:
        return NO_ROWS
    value = clipped(found.value)
    several = len(found.values) > 1
    rows: list[Any] = list(found.values) if several else value if isinstance(value, list) else [value]
    root = Fault("fmt.wrong_root_type", "the objects do not stand in a line each")
    faults = tuple(fault for fault in text_faults(found) if fault.mode != "fmt.multiple_objects")
    return Rows([row for row in rows if isinstance(row, dict)], found.rung, faults, (root,))
