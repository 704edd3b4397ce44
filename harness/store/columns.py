"""The short facts of many results as columns: what tables are made of, without the replies themselves.

A run of 100,000 replies is some hundred megabytes of text; what its statistics need is a tenth of that.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from harness.records import Result, Usage

KEY = ["sample_id", "replicate"]

NAMES = (
    "sample_id", "replicate", "question", "task", "length", "context_id", "outcome", "correct", "value", "mode",
    "error", "prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "answer_tokens", "latency_s",
    "attempts", "served_model", "counter", "pair_sha256",
)  # fmt: skip
AXIS = "axis."
ABSENT = float("nan")
"""The value of an axis that a result does not have."""


class Columns:
    """Columns that grow by a result at a time.

    Attributes:
        outcomes: how many results have which outcome.
    """

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self._rows: list[tuple[Any, ...]] = []
        self._axes: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        self._metrics: dict[tuple[str, ...], tuple[array[int], array[float]]] = {}
        self._again: dict[int, Mapping[str, float]] = {}
        self._frame: pd.DataFrame | None = None

    def __len__(self) -> int:
        return len(self._rows) if self._frame is None else len(self._frame)

    def append(self, result: Result, pair_sha256: str) -> None:
        """Add a result at the end."""
        axes = result.axes
        self._axes.setdefault(tuple(axes), []).append((len(self._rows), *axes.values()))
        if result.score and result.score.metrics:
            self._note(result.score.metrics)
        self._rows.append(_cells(result, pair_sha256))
        self.outcomes[result.outcome] += 1

    def put(self, place: int, result: Result, pair_sha256: str) -> None:
        """Replace the result at a place: it was asked again. A sample's axes do not change."""
        self.outcomes[self.outcome(place)] -= 1
        self._rows[place] = _cells(result, pair_sha256)
        self._again[place] = result.score.metrics if result.score else {}
        self.outcomes[result.outcome] += 1

    def _note(self, metrics: Mapping[str, float]) -> None:
        """Keep the metrics of the next result, with those of all results that have the same ones."""
        names = tuple(metrics)
        if names not in self._metrics:
            self._metrics[names] = (array("I"), array("d"))
        places, values = self._metrics[names]
        places.append(len(self._rows))
        values.extend(metrics.values())

    def outcome(self, place: int) -> str:
        """Return the outcome of the result at a place."""
        return str(self._rows[place][NAMES.index("outcome")])

    def frame(self) -> pd.DataFrame:
        """Return the columns as a frame; nothing can be added afterwards."""
        import pandas as pd

        if self._frame is None:
            rows, self._rows = self._rows, []
            axes = self._axis_columns(len(rows))
            columns = zip(*rows, strict=True) if rows else ((),) * len(NAMES)
            named: dict[str, Sequence[Any]] = {**dict(zip(NAMES, columns, strict=True)), **axes}
            rows.clear()
            self._frame = pd.DataFrame({storable(name): _storable_all(column) for name, column in named.items()})
        return self._frame.copy(deep=False)

    @cached_property
    def order(self) -> np.ndarray:
        """The places of the results in the order of sample and replicate."""
        return self.frame()[KEY].sort_values(KEY).index.to_numpy()

    def _axis_columns(self, count: int) -> dict[str, list[Any]]:
        """Return a column for each axis. Most tasks have other axes than the next."""
        found: dict[str, list[Any]] = {}
        axes, self._axes = self._axes, {}
        for names, rows in axes.items():
            columns = [found.setdefault(f"{AXIS}{name}", [ABSENT] * count) for name in names]
            for place, *values in rows:
                for column, value in zip(columns, values, strict=True):
                    column[place] = value
        return found

    def metrics(self) -> pd.DataFrame:
        """Return a column for each metric, in the rows of `frame`; NaN where a result does not have it.

        Made anew each time: of many results it is large, and few ask for it.
        """
        import numpy as np
        import pandas as pd

        found: dict[str, np.ndarray] = {}
        for names, (places, values) in self._metrics.items():
            table = np.frombuffer(values).reshape(-1, len(names))
            for name, column in zip(names, table.T, strict=True):
                found.setdefault(name, np.full(len(self), ABSENT))[np.frombuffer(places, np.uintc)] = column
        for place, again in self._again.items():
            for name in {*found, *again}:
                found.setdefault(name, np.full(len(self), ABSENT))[place] = again.get(name, ABSENT)
        return pd.DataFrame({storable(name): column for name, column in found.items()}, index=range(len(self)))


def _cells(result: Result, pair_sha256: str) -> tuple[Any, ...]:
    """Return the short facts of a result in the order of `NAMES`."""
    score, reply, recipe = result.score, result.reply, result.recipe
    usage, error = reply.usage, reply.error
    return (
        result.sample_id,
        result.replicate,
        recipe.question,
        result.task,
        recipe.length,
        result.context_id,
        result.outcome,
        score.correct if score else None,
        score.value if score else None,
        score.mode if score else None,
        error.kind if error else None,
        usage.prompt_tokens,
        usage.cached_tokens,
        usage.completion_tokens,
        usage.reasoning_tokens,
        _answer_tokens(usage),
        reply.latency_s,
        reply.attempts,
        reply.served_model,
        recipe.counter,
        pair_sha256,
    )


@dataclass(frozen=True, eq=False)
class Table:
    """The results of a run as columns: those that a verdict rests on, and those of controls.

    Attributes:
        places: where the measured results stand among all.
    """

    measured: Columns
    controls: Columns
    places: array[int]


def tabulate(results: Iterable[Result], pair_sha256: Callable[[Result], str]) -> Table:
    """Return results as columns."""
    table = Table(Columns(), Columns(), array("Q"))
    for place, result in enumerate(results):
        columns = columns_of(table, result.axes)
        columns.append(result, pair_sha256(result))
        if columns is table.measured:
            table.places.append(place)
    return table


def columns_of(table: Table, axes: Mapping[str, Any]) -> Columns:
    """Return the columns that a result with these axes belongs in."""
    return table.controls if "control" in axes else table.measured


def _storable_all(column: Sequence[Any]) -> Sequence[Any]:
    """Make the texts of a column storable; nearly all columns are so already, which is told the quickest in one go."""
    if str not in set(map(type, column)):
        return column
    texts = "".join(value for value in set(column) if isinstance(value, str))
    return column if texts.isascii() else list(map(storable, column))


def storable(value: Any) -> Any:
    """Write lone surrogates, which no column of strings can hold, as their escapes; anything else stays."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "backslashreplace").decode()


def _answer_tokens(usage: Usage) -> int | None:
    if usage.completion_tokens is None or usage.reasoning_tokens is None:
        return None
    return usage.completion_tokens - usage.reasoning_tokens
