"""What a preset is: the keys of a `[[task]]` table for a published layout, and the benchmark's own metric."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


def _as_it_is(row: Row) -> Row:
    return row


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A published layout.

    Attributes:
        name: what a sweep calls it.
        source: where the data are published, and the columns as published.
        keys: keys of the task's table; a sweep's own keys go before them.
        official: names of the benchmark's own metrics, each `metric@version`.
        measure: the benchmark's own metrics of a reply's visible text, as its published code has them, flaws and all.
        adapt: brings a row into the columns that the keys name; raises `ValueError` where it cannot.
        guess: what guessing earns on a row, 0 to 1; None leaves it to the commonest answer.
        flaws: what is known to be wrong with the benchmark's own metric.
    """

    name: str
    source: str
    keys: Mapping[str, Any]
    official: tuple[str, ...]
    measure: Callable[[Row, str], Mapping[str, float]]
    adapt: Callable[[Row], Row] = _as_it_is
    guess: Callable[[Row], float] | None = None
    flaws: tuple[str, ...] = field(default=())


def first_of(row: Row, *names: str) -> Any:
    """Return the first of several columns that a row has: published columns are renamed. Raises `ValueError`."""
    for name in names:
        if row.get(name) is not None:
            return row[name]
    raise ValueError(f"it has none of the columns {', '.join(names)}")


def listed(value: Any) -> list[Any]:
    """Return a list that may be written as JSON, as a Python literal, or as its only item."""
    if isinstance(value, str) and value.strip().startswith("["):
        for read in (json.loads, ast.literal_eval):
            try:
                found = read(value)
            except (ValueError, SyntaxError):
                continue
            if isinstance(found, list):
                return found
    return list(value) if isinstance(value, list | tuple) else [value]
