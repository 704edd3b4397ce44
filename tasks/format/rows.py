"""Rows as a syntax holds them, read from a reply, and what all syntaxes share: cells, fences, prose."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .attributes import Value
from .forms import Fault

JOINT = "+"
"""Joins the parts of a list in one cell."""

NO_VALUE = "-"
"""How a cell says that there is no value."""

_INTEGER = re.compile(r"-?[0-9]{1,15}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a syntax must know to write rows and to read them.

    Attributes:
        keys: names of the fields, in order.
        root: name of the root element, where there is one.
        item: name of the element of a row, where there is one.
        separator: what stands between cells, where something does.
    """

    keys: tuple[str, ...]
    root: str
    item: str
    separator: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a reply.

    Attributes:
        rows: by the name of the field, in the order in which they stand there.
        rung: the step of the reading ladder; empty if nothing was read.
        text: faults of the text.
        schema: faults of structure, beyond what a schema says.
        broken: rows, by index, that the faults of structure spoilt: what is wrong with their values says nothing more.
    """

    rows: Sequence[Row] = ()
    rung: str = ""
    text: tuple[Fault, ...] = ()
    schema: tuple[Fault, ...] = ()
    broken: frozenset[int] = frozenset()


NO_ROWS = Rows()


def wrapped(rows: Rows, *, prose: bool, fenced: bool) -> Rows:
    """Note what stands around rows that were read."""
    faults = list(rows.text)
    if prose:
        faults.insert(0, Fault("fmt.prose_around", "text stands around the rows"))
    if fenced:
        faults.insert(int(prose), Fault("fmt.fenced", "the rows stand in a code fence"))
    rung = "prose_around" if prose else "fenced" if fenced else rows.rung
    return replace(rows, rung=rung, text=tuple(faults))


def cell(value: Value) -> str:
    """Write a value as the text of one cell."""
    if value is None:
        return NO_VALUE
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.2f}"
    return JOINT.join(value) if isinstance(value, list) else str(value)


def typed(text: str, attribute: str) -> Value:
    """Read the text of one cell as the type of its attribute; what does not look like it stays text."""
    text = text.strip()
    if attribute == "desk" and _INTEGER.fullmatch(text):
        return int(text)
    if attribute == "weekly fee" and _DECIMAL.fullmatch(text):
        return float(text)
    if attribute == "on leave" and text in ("true", "false"):
        return text == "true"
    if attribute == "tools":
        return [part.strip() for part in text.split(JOINT)] if text else []
    return None if attribute == "deputy" and text in (NO_VALUE, "") else text
