"""Whether the records of a reply say what the text says, and if not, where the wrong values come from.

A record is matched by its person; where no record has one, by its place. A wrong value is traced: to the value that a
correction replaced, to another entry of the text, or to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .attributes import normal
from .entries import Entry
from .forms import Fault, first_faults

TELLING_NOTHING = ("grade", "on leave")
"""Attributes with so few values that an equal one proves no origin."""

Cells = Mapping[str, str]
"""Normal texts by the name of the attribute."""


@dataclass(frozen=True, slots=True)
class Content:
    """How the content of a reply compares.

    Attributes:
        accuracy: share of the values asked for that are right, 0 to 1.
        right: whether all are, in the order asked for, and nothing else is there.
        faults: what is wrong.
    """

    accuracy: float
    right: bool
    faults: tuple[Fault, ...]


def cells(record: Mapping[str, object], attributes: Sequence[str]) -> dict[str, str]:
    """Return a record as normal texts."""
    return {name: normal(record[name]) for name in attributes}


def compare(
    given: Sequence[Cells], asked: Sequence[Entry], others: Sequence[Entry], attributes: Sequence[str]
) -> Content:
    """Compare what was read with the entries asked for; `others` are the other entries of the text."""
    values = [name for name in attributes if name != "name"]
    gold = [cells(entry.record, attributes) for entry in asked]
    pairs = _paired(given, gold)
    right = sum(found is not None and found.get(name) == row[name] for found, row in pairs for name in values)
    accuracy = right / (len(gold) * len(values))
    exact = accuracy == 1 and [row.get("name") for row in given] == [row["name"] for row in gold]
    if exact:
        return Content(1.0, True, ())
    stated = [cells(entry.record, attributes) for entry in (*asked, *others)]
    faults = [
        *(
            fault
            for (found, row), entry in zip(pairs, asked, strict=True)
            for fault in _wrong(found, row, entry, stated)
        ),
        *_misplaced(given, gold, stated),
    ]
    return Content(accuracy, False, first_faults(faults))


def _paired(given: Sequence[Cells], gold: Sequence[Cells]) -> list[tuple[Cells | None, Cells]]:
    named: dict[str, Cells] = {}
    for row in given:
        if "name" in row:
            named.setdefault(row["name"], row)
    if named:
        return [(named.get(row["name"]), row) for row in gold]
    return [(given[i] if i < len(given) else None, row) for i, row in enumerate(gold)]


def _wrong(found: Cells | None, row: Cells, entry: Entry, stated: Sequence[Cells]) -> Iterator[Fault]:
    """Trace the wrong values of one record: all to one other entry, else to a correction, else to nothing."""
    wrong = {name: value for name, value in (found or {}).items() if name != "name" and row.get(name) != value}
    if found and (absent := [name for name in row if name not in found and name != "name"]):
        yield Fault("content.missing_value", f"{absent[0]} of {entry.name} is not given")
    stale = [name for name, value in wrong.items() if name in entry.former and normal(entry.former[name]) == value]
    telling = [name for name in wrong if name not in TELLING_NOTHING]
    source = next((other for other in stated if telling and all(other.get(n) == v for n, v in wrong.items())), None)
    if source and len(stale) < len(wrong):
        yield Fault("content.other_record", f"{telling[0]} of {entry.name} is that of {source['name']}")
        return
    for name, value in wrong.items():
        if name in stale:
            yield Fault("content.stale", f"{name} of {entry.name} is {value[:60]!r}, which was corrected later")
        else:
            yield Fault("content.wrong_value", f"{name} of {entry.name} is {value[:60]!r}, right is {row[name]!r}")


def _misplaced(given: Sequence[Cells], gold: Sequence[Cells], stated: Sequence[Cells]) -> Iterator[Fault]:
    """Find records that are missing, of somebody else, or in another order."""
    people, wanted = [row.get("name", "") for row in given], [row["name"] for row in gold]
    missing = [name for name in wanted if name not in people]
    strangers = [name for name in people if name not in wanted and any(name == row["name"] for row in stated)]
    if strangers:
        yield Fault("content.other_record", f"the record of {strangers[0]} is given, which was not asked for")
    if missing and len(strangers) < len(missing):
        yield Fault("content.missing_record", f"there is no record of {missing[0]}")
    if not missing and people != wanted:
        yield Fault("content.wrong_order", "the records are not those asked for in the order asked for")
