"""Rows from a file or a data set: JSONL, CSV, Parquet, or what the Hugging Face library reads.

All of them give the same rows: plain JSON values by column. So the hash that a run keeps of its data is over the rows,
not over the bytes of a file, and a table is the same task whatever format it comes in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any

from harness.errors import ConfigError

from .formats import FILE_ROWS, Loader, disk_rows, hub_rows
from .sources import HUB, Source, TextFiles, find_file

SHOWN = 5
"""Bad rows that an error shows; all are counted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: from 1.
        where: file and line, or file and number of the row.
        values: plain JSON values by column.
    """

    number: int
    where: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """All rows.

    Attributes:
        name: how the data are called, as the sweep writes them.
        sha256: of the rows as JSON with sorted keys, a line each.
    """

    name: str
    rows: tuple[Row, ...]
    sha256: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that some row has, in the order of their first rows."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.values))


class BadRows:
    """Collects what is wrong with rows, to say it all at once.

    Args:
        name: how the data are called.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: dict[str, str] = {}

    def add(self, where: str, problem: str) -> None:
        """Note the first problem of a row."""
        self._found.setdefault(where, problem)

    def check(self, total: int, fix: str) -> None:
        """Raise where there are any: how many, and the first five.

        Raises:
            ConfigError: with file, line and problem of each that is shown.
        """
        if not self._found:
            return
        count = len(self._found)
        shown = [f"\n    {where}: {problem}" for where, problem in list(self._found.items())[:SHOWN]]
        more = f"\n    and {count - SHOWN} more" if count > SHOWN else ""
        raise ConfigError(
            f"{count} of {total} rows cannot be used; nothing was asked",
            where=self._name,
            found="".join(shown) + more,
            fix=fix,
        )


def load_table(source: Source) -> Table:
    """Read all rows.

    Raises:
        ConfigError: the data cannot be found or read, or rows are bad.
    """
    if source.data.startswith(HUB):
        return _table(source, hub_rows, "")
    path = find_file(source.data, source.folders)
    kinds = FILE_ROWS if path.is_file() else {"": disk_rows}
    suffix = path.suffix.lower() if path.is_file() else ""
    if suffix not in kinds:
        raise ConfigError(
            f"data of the kind {suffix or 'without an ending'} are not known",
            where=source.data,
            allowed=f"{', '.join(sorted(FILE_ROWS))}, a folder written by save_to_disk, hf:ORGANISATION/NAME",
        )
    return _table(source, kinds[suffix], _state_of(path))


def adapted(table: Table, adapt: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Table:
    """Return a table with its rows brought into other columns; its hash stays that of the rows as read.

    Raises:
        ConfigError: rows cannot be.
    """
    bad, rows = BadRows(table.name), []
    for row in table.rows:
        try:
            rows.append(replace(row, values=adapt(row.values)))
        except (ValueError, TypeError) as error:
            bad.add(row.where, str(error))
    bad.check(len(table.rows), "mend or remove these rows, or name the columns yourself instead of the preset")
    return replace(table, rows=tuple(rows))


def _state_of(path: Path) -> str:
    """Tell one state of a file or folder from the next without reading it."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return ";".join(f"{each}:{each.stat().st_mtime_ns}:{each.stat().st_size}" for each in files)


@lru_cache(maxsize=8)
def _table(source: Source, loader: Loader, _state: str) -> Table:
    bad, rows, digest, total = BadRows(source.data), [], sha256(), 0
    texts = TextFiles(source)
    for number, (place, value) in enumerate(loader(source), start=1):
        total = number
        where = f"{source.data}:{place}"
        problem, values = _values(value, source.json_columns, texts)
        if problem:
            bad.add(where, problem)
            continue
        rows.append(Row(number, where, values))
        line = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest.update(f"{line}\n".encode("utf-8", "surrogatepass"))
    bad.check(total, "mend or remove these rows")
    if not rows:
        raise ConfigError("there are no rows", where=source.data)
    return Table(source.data, tuple(rows), digest.hexdigest())


def _values(value: Any, json_columns: Sequence[str], texts: TextFiles) -> tuple[str, dict[str, Any]]:
    """Return what is wrong with a row, or its values as plain JSON."""
    if isinstance(value, ValueError):
        return str(value), {}
    if not isinstance(value, Mapping):
        return f"a row is an object, and this is {type(value).__name__}", {}
    values = {}
    for name, cell in value.items():
        try:
            found = json.loads(cell) if name in json_columns and isinstance(cell, str) else cell
            values[str(name)] = texts.read(found) if name in texts.columns else _plain(found)
        except ValueError as error:
            return f"{name}: {error}", {}
    return "", values


def _plain(value: Any) -> Any:
    """Return a cell as a plain JSON value. Raises `ValueError` where it is none."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"{value} is no JSON number")
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise ValueError(f"a value of the type {type(value).__name__} is no text, number, list or object")
