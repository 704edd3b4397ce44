"""Templates: text with the values of a row in it.

    {column}        the value of a column; its name may hold blanks, and dots if there is a column of just that name
    {a.b}  {a[0]}   what is inside a value: a key of an object, an item of a list; {a[-1]} is the last
    {{  }}          a brace

Nothing else is a template: no formats, no conditions, no code. Text stands as it is, a number or a truth value as JSON
writes it, a list or an object as JSON. A value that is missing or null is an error of its row, never an empty string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(-?[0-9]{1,6})\]")
_NAME = re.compile(r"[^.\[\]]+")


class TemplateError(ValueError):
    """A template that cannot be read, or a row that it cannot be filled from; the message says what and where."""


@contextmanager
def naming(key: str) -> Iterator[None]:
    """Say in an error which key of the sweep it is about."""
    try:
        yield
    except ValueError as error:
        raise TemplateError(f"{key}: {error}") from None


@dataclass(frozen=True, slots=True)
class Place:
    """What stands between two braces.

    Attributes:
        text: as written, `a.b[0]`.
        column: the column it begins with, `a`.
        steps: the keys and indices below that.
    """

    text: str
    column: str
    steps: tuple[str | int, ...]

    def value(self, row: Mapping[str, Any]) -> Any:
        """Return the value in a row. Raises `TemplateError` where there is none."""
        if self.text in row:
            return _present(row[self.text], self.text)
        if self.column not in row:
            raise TemplateError(f"no column {self.column!r}")
        found, path = row[self.column], self.column
        for step in self.steps:
            found, path = _inside(_present(found, path), step, path)
        return _present(found, path)


@dataclass(frozen=True, slots=True)
class Template:
    """A template, read.

    Attributes:
        text: as written.
        parts: literal text and places, in order.
    """

    text: str
    parts: tuple[str | Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Its places, each once."""
        return tuple(dict.fromkeys(part for part in self.parts if isinstance(part, Place)))

    @property
    def only(self) -> Place | None:
        """The place that is all of it; None where there is more, or less."""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], Place) else None

    def render(self, row: Mapping[str, Any], instead: Mapping[Place, str] | None = None) -> str:
        """Fill it from a row.

        Args:
            row: values by column.
            instead: what stands in a place instead of the row's value.

        Raises:
            TemplateError: the row lacks a value.
        """
        known = instead or {}
        return "".join(
            part if isinstance(part, str) else known[part] if part in known else written(part.value(row))
            for part in self.parts
        )


def parse_template(text: str) -> Template:
    """Read a template. Raises `TemplateError`."""
    parts: list[str | Place] = []
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece in ("{{", "}}"):
            parts.append(piece[0])
        elif match[1] is not None:
            parts.append(_place(match[1]))
        elif piece in "{}":
            raise TemplateError(f"a lone {piece!r} at character {match.start() + 1}; a brace is written {piece * 2}")
        else:
            parts.append(piece)
    return Template(text, tuple(_joined(parts)))


def written(value: Any) -> str:
    """Write a value into a text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _place(text: str) -> Place:
    inside = text.strip()
    name = _NAME.match(inside)
    if not name:
        raise TemplateError(f"{{{text}}} names no column")
    at, steps = name.end(), []
    while at < len(inside):
        step = _STEP.match(inside, at)
        if not step:
            raise TemplateError(f"{{{text}}} cannot be read from {inside[at:]!r} on; write {{a.b}} or {{a[0]}}")
        steps.append(step[1] if step[2] is None else int(step[2]))
        at = step.end()
    return Place(inside, name[0], tuple(steps))


def _joined(parts: Sequence[str | Place]) -> list[str | Place]:
    joined: list[str | Place] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _present(value: Any, path: str) -> Any:
    if value is None:
        raise TemplateError(f"{path!r} is null")
    return value


def _inside(value: Any, step: str | int, path: str) -> tuple[Any, str]:
    if isinstance(step, str):
        if isinstance(value, Mapping) and step in value:
            return value[step], f"{path}.{step}"
        known = f"an object with {', '.join(map(str, value))}" if isinstance(value, Mapping) else _kind(value)
        raise TemplateError(f"{path!r} has no key {step!r}: it is {known}")
    if isinstance(value, Sequence) and not isinstance(value, str) and -len(value) <= step < len(value):
        return value[step], f"{path}[{step}]"
    known = f"a list of {len(value)}" if isinstance(value, list | tuple) else _kind(value)
    raise TemplateError(f"{path!r} has no item {step}: it is {known}")


def _kind(value: Any) -> str:
    names = {str: "a text", bool: "a truth value", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), "an object")
