"""Which number of an lm-eval line is its score: the first metric that is one, unless a person names another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import ConfigError
from harness.interop.foreign import is_number, shown

NOT_APPLICABLE = -1
"""What a line has for the lengths that are not its own, where each length is a metric."""

BY_LENGTH = "by length"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of a task.

    Attributes:
        names: the metric, or where each length is one, all of them.
        told: how it was chosen, for people.
    """

    names: tuple[str, ...]
    told: str

    @property
    def name(self) -> str:
        """The metric as two logs compare it."""
        return self.names[0] if len(self.names) == 1 else BY_LENGTH

    def value(self, row: Mapping[str, Any], where: str) -> tuple[float | None, int | None]:
        """Return what a line earned, and the length that it states; None where it was not scored or states none.

        Raises:
            ConfigError: its value is no share.
        """
        if len(self.names) == 1:
            return _share(row.get(self.names[0]), self.names[0], where), None
        own = [name for name in self.names if row.get(name) not in (None, NOT_APPLICABLE)]
        if len(own) != 1:
            return None, None
        return _share(row[own[0]], own[0], where), int(own[0])


def choose_filter(task: str, known: Sequence[str], wanted: str) -> str:
    """Return the filter to take of those that there are. Raises `ConfigError` where there is no such filter."""
    if wanted and wanted not in known:
        raise ConfigError(f"{task} has no filter {wanted!r}", allowed=", ".join(map(shown, known)))
    return wanted or known[0]


def choose_metric(
    task: str, rows: Sequence[Mapping[str, Any]], wanted: str, higher_is_better: Mapping[str, Any]
) -> Metric:
    """Return the metric to take: the one that is wanted, else the first whose values are all shares.

    Raises:
        ConfigError: there is none, or less of it is better.
    """
    known = list(dict.fromkeys(name for row in rows for name in row))
    shares = [name for name in known if all(_is_share(row.get(name)) for row in rows)]
    lower = [name for name in known if higher_is_better.get(name) is False]
    if wanted:
        return _wanted(task, wanted, known, lower)
    lengths = tuple(name for name in known if name.isdecimal() and name.isascii() and len(name) < 12)
    if lengths and len(lengths) == len(known):
        return Metric(lengths, "the metric of each document's own length")
    usable = [name for name in shares if name not in lower]
    if not usable:
        raise ConfigError(
            f"no metric of {task} is a share from 0 to 1 of which more is better",
            found=", ".join(map(shown, known)) or "no metrics",
            fix="scores of other ranges cannot be compared here",
        )
    rest = len(known) - 1
    return Metric((usable[0],), f"{usable[0]}" + (f" (the first of {rest + 1} metrics)" if rest else ""))


def _wanted(task: str, wanted: str, known: Sequence[str], lower: Sequence[str]) -> Metric:
    if wanted not in known:
        raise ConfigError(f"{task} has no metric {wanted!r}", allowed=", ".join(map(shown, known)))
    if wanted in lower:
        raise ConfigError(f"of {wanted!r} in {task} less is better", allowed="a metric of which more is better")
    return Metric((wanted,), f"{wanted} (as asked for)")


def numbers(row: Mapping[str, Any]) -> dict[str, float]:
    """Return every finite number among a line's metrics, true and false as 1 and 0."""
    return {name: float(value) for name, value in row.items() if isinstance(value, bool) or is_number(value)}


def _is_share(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and (math.isnan(value) or 0 <= value <= 1))


def _share(value: Any, name: str, where: str) -> float | None:
    if isinstance(value, int | float) and math.isnan(value):
        return None
    if not _is_share(value):
        raise ConfigError(f"{name!r} is no share", where=where, found=shown(value), allowed="a number from 0 to 1")
    return None if value is None else float(value)
