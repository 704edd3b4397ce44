"""Which columns become axes: what samples can be sliced by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from harness.records import Axis

MOST_VALUES = 30
"""Different values up to which a column is taken for a class; with more, it is taken for text or an identifier."""

LONGEST = 60
"""Characters of a value that can name a slice."""


def axis_columns(rows: Sequence[Mapping[str, Any]], used: Collection[str]) -> tuple[str, ...]:
    """Return the columns that are fit to slice by, where the sweep names none.

    Fit is a column with a short name that is not used in the prompt or the answer, has a single value in every row,
    short ones if they are text, and from two to `MOST_VALUES` different ones, fewer than there are rows.
    """
    columns = dict.fromkeys(name for row in rows for name in row if name not in used and axis_value(name))
    return tuple(name for name in columns if _is_fit([row.get(name) for row in rows]))


def axis_value(value: Any) -> Axis | None:
    """Return a value as an axis has it; None where it cannot be one."""
    if isinstance(value, str):
        return value if 0 < len(value) <= LONGEST and value.isprintable() else None
    return value if isinstance(value, bool | int | float) else None


def _is_fit(values: Sequence[Any]) -> bool:
    if any(axis_value(value) is None for value in values):
        return False
    return 2 <= len(set(values)) <= min(MOST_VALUES, len(values) - 1)
