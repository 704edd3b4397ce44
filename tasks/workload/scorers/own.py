"""A scorer of the user's own: a function of a file or of a package.

    score = "scorers.py:priority"         a file, relative to the sweep
    score = "package.module:priority"     a function of a package
    score = "priority"                    an entry point of the group longcontext_harness.scorers

calls `priority(reply, answer, row)` with the visible text of the reply, the right answer as it stands in the row, and
the row. It returns a number from 0 to 1, or true or false, or an object with `value` and, if it likes, `mode` (a
failure mode for wrong replies: lower case letters, digits, `_` and `.`), `evidence` and `metrics`. This is the user's
own code and runs as such. What it raises, and any other value, makes the reply one without a score (`scorer_failed`):
never a zero.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import entry_points
from math import isfinite
from pathlib import Path
from typing import Any

from pydantic import Field

from harness.errors import ConfigError

from ..sources import find_file
from ..template import written
from .base import Asked, BadAnswer, Fault, Found, Options, Scorer

GROUP = "longcontext_harness.scorers"
_MODE = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")


class OwnOptions(Options):
    """Options of a function of the user's.

    Attributes:
        written: how a right answer is written, with `{answer}` in it: for controls and checks only.
    """

    written: str = Field(default="{answer}", max_length=1000)


class OwnScorer(Scorer):
    """Calls a function."""

    Options = OwnOptions
    options: OwnOptions

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the answer as `written` says."""
        return self.options.written.replace("{answer}", gold[0])

    def gold(self, answer: Any) -> tuple[str, ...]:
        """Anything but nothing."""
        text = written(answer)
        if not text.strip():
            raise BadAnswer("the answer is empty")
        return (text,)

    def files(self) -> Mapping[str, bytes]:
        """Return the file of the function; what a package holds is its own affair."""
        path = self._path
        return {self.options.name: path.read_bytes()} if path else {}

    def read(self, visible: str, asked: Asked) -> Found:
        """Call it, and check what it returns."""
        found = self._function(visible, asked.answer, dict(asked.row))
        told = found if isinstance(found, Mapping) else {"value": found}
        value, mode = told.get("value"), told.get("mode") or "wrong_value"
        if not isinstance(value, bool | int | float) or not isfinite(value) or not 0 <= value <= 1:
            raise ValueError(f"{self.options.name} returned {str(value)[:60]!r}, which is no value from 0 to 1")
        if not isinstance(mode, str) or not _MODE.fullmatch(mode):
            raise ValueError(
                f"{self.options.name} returned the mode {str(mode)[:60]!r}; a mode is like wrong_value.unit"
            )
        metrics = {f"{name}@own": float(number) for name, number in dict(told.get("metrics") or {}).items()}
        fault = Fault(mode, str(told.get("evidence") or "its own scorer says so")[:300])
        return Found(float(value), (visible,), (fault,), "own", metrics=metrics)

    @cached_property
    def _target(self) -> str:
        name: str = self.options.name
        return offered().get(name, name)

    @cached_property
    def _path(self) -> Path | None:
        name = self._target.rpartition(":")[0]
        return find_file(name, self.folders) if name.endswith(".py") else None

    @cached_property
    def _function(self) -> Callable[[str, Any, dict[str, Any]], Any]:
        module_name, _, name = self._target.rpartition(":")
        try:
            module = _module_of(self._path) if self._path else importlib.import_module(module_name)
            function = getattr(module, name)
        except ConfigError:
            raise
        except Exception as error:
            raise ConfigError(
                f"the scorer cannot be imported: {type(error).__name__}: {error}", where=self.options.name
            ) from error
        if not callable(function):
            raise ConfigError("the scorer is no function", where=self.options.name)
        return function  # type: ignore[no-any-return]

    def check(self) -> None:
        """Import the function now, so that a wrong name is found before any call."""
        _ = self._function


def offered() -> dict[str, str]:
    """Return the scorers that installed packages offer."""
    return {entry.name: entry.value for entry in entry_points(group=GROUP)}


def _module_of(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"workload_scorer_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ConfigError("not a file of Python", where=str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
