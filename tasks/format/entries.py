"""The entries of a context: invented people, what is said of each, and how a prompt that states it is read back.

Entry for Niara Mumick: file number 004731; desk 17; joining date 1834-05-12.
Correction to the entry for Niara Mumick: desk 21.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.contexts import Stream, names

from .attributes import ATTRIBUTES, BY_NAME, Attribute, Value

_ENTRY = re.compile(r"\bEntry for ([A-Z][a-z]+ [A-Z][a-z]+): ((?:[^\n.]|\.(?=\S))+)\.(?=\s|$)")
_CORRECTION = re.compile(r"\bCorrection to the entry for ([A-Z][a-z]+ [A-Z][a-z]+): ((?:[^\n.]|\.(?=\S))+)\.(?=\s|$)")
_REQUEST = re.compile(r"^Request: give the entr(?:y|ies) of (.+?)(?:, in this order)?\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said of one person.

    Attributes:
        name: the person.
        values: by the name of the attribute, in the order in which the entry states them.
        former: values that a correction replaces.
    """

    name: str
    values: Mapping[str, Value]
    former: Mapping[str, Value]

    @property
    def stated(self) -> str:
        """The entry as a text states it, before any correction."""
        values = {**self.values, **self.former}
        return f"Entry for {self.name}: {'; '.join(_said(name, value) for name, value in values.items())}."

    @property
    def corrections(self) -> list[str]:
        """What a text says later."""
        return [f"Correction to the entry for {self.name}: {_said(name, self.values[name])}." for name in self.former]

    @property
    def record(self) -> dict[str, Value]:
        """All that holds in the end, the name included."""
        return {"name": self.name, **self.values}


def _said(name: str, value: Value) -> str:
    return f"{name} {BY_NAME[name].say(value)}"


def draw_attributes(count: int, stream: Stream, allowed: Sequence[str]) -> list[Attribute]:
    """Draw what the entries of a context state; the order of the catalogue is kept."""
    drawn = stream.sample(allowed, count)
    return [attribute for attribute in ATTRIBUTES if attribute.name in drawn]


def draw_entries(attributes: Sequence[Attribute], people: Sequence[str], stream: Stream, corrected: int) -> list[Entry]:
    """Draw entries, of which the first `corrected` have one value corrected."""
    entries = []
    for index, name in enumerate(people):
        values = {attribute.name: attribute.draw(stream) for attribute in attributes}
        former: dict[str, Value] = {}
        if index < corrected:
            attribute = stream.choice(attributes)
            former[attribute.name] = _other(attribute, values[attribute.name], stream)
        entries.append(Entry(name, values, former))
    return entries


def _other(attribute: Attribute, value: Value, stream: Stream) -> Value:
    other = value
    while other == value:
        other = attribute.draw(stream)
    return other


def draw_people(count: int, stream: Stream) -> list[str]:
    """Draw names of people."""
    return names(stream, count)


def request(people: Sequence[str], *, ordered: bool) -> str:
    """Ask for the entries of people."""
    if len(people) == 1:
        return f"Request: give the entry of {people[0]}."
    order = ", in this order" if ordered else ""
    return f"Request: give the entries of {', '.join(people[:-1])} and {people[-1]}{order}."


def find_records(prompt: str) -> list[dict[str, Value]]:
    """Read from a prompt the records that it asks for, corrections applied."""
    found: dict[str, dict[str, Value]] = {}
    for match in _ENTRY.finditer(prompt):
        found[match[1]] = {"name": match[1], **dict(_heard(part) for part in match[2].split("; "))}
    for match in _CORRECTION.finditer(prompt):
        if match[1] in found:
            name, value = _heard(match[2])
            found[match[1]][name] = value
    asked = _REQUEST.findall(prompt)[-1]
    return [found[person] for person in re.split(", | and ", asked) if person in found]


def _heard(part: str) -> tuple[str, Value]:
    name = next(name for name in BY_NAME if part.startswith(f"{name} "))
    return name, BY_NAME[name].hear(part[len(name) + 1 :])
