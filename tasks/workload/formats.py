"""How each format gives rows: a place and a value, or a place and the error that stands there."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import ConfigError

from .sources import HUB, Source, find_file, open_text, optional

MOST_CHARS = 1_000_000_000
"""Characters of a cell of a CSV."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_WHOLE, _DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})"), re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}")

Loader = Callable[[Source], Iterator[tuple[str, Any]]]
"""Yields the place of each row, `17` for a line, and its value; a `ValueError` where the row cannot be read."""


def _jsonl_rows(source: Source) -> Iterator[tuple[str, Any]]:
    import jsonlines

    path = find_file(source.data, source.folders)
    with open_text(path, source.data) as file, jsonlines.Reader(file, loads=_strict_json) as reader:
        number = 0
        while True:
            number += 1
            try:
                yield str(number), reader.read()
            except EOFError:
                return
            except jsonlines.InvalidLineError as error:
                if error.line.strip():  # an empty line is no row
                    yield str(number), ValueError(str(error.__cause__ or error))
            except UnicodeDecodeError as error:
                raise _not_text(source.data, error) from None


def _strict_json(text: str | bytes) -> Any:
    def no_constant(name: str) -> Any:
        raise ValueError(f"{name} is no JSON number")

    def no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(pairs) != len(dict(pairs)):
            twins = sorted({key for key, _ in pairs if sum(other == key for other, _ in pairs) > 1})
            raise ValueError(f"the key {twins[0]!r} stands there twice")
        return dict(pairs)

    return json.loads(text, parse_constant=no_constant, object_pairs_hook=no_twins)


def _json_rows(source: Source) -> Iterator[tuple[str, Any]]:
    with open_text(find_file(source.data, source.folders), source.data) as file:
        try:
            rows = _strict_json(file.read())
        except UnicodeDecodeError as error:
            raise _not_text(source.data, error) from None
        except ValueError as error:
            raise ConfigError(f"not JSON: {error}", where=source.data) from None
    if not isinstance(rows, list):
        raise ConfigError("a JSON file of rows is a list of objects", where=source.data)
    yield from ((f"row {number}", row) for number, row in enumerate(rows, start=1))


def _csv_rows(source: Source) -> Iterator[tuple[str, Any]]:
    path = find_file(source.data, source.folders)
    limit = csv.field_size_limit(MOST_CHARS)  # of the whole process: documents are longer than the usual limit
    try:
        with open_text(path, source.data) as file:
            lines, rows = _csv_cells(
                csv.reader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", strict=True)
            )
    except UnicodeDecodeError as error:
        raise _not_text(source.data, error) from None
    except (csv.Error, ValueError) as error:
        raise ConfigError(f"not a table: {error}", where=source.data) from None
    finally:
        csv.field_size_limit(limit)
    if not rows:
        return
    names, *cells = rows
    whole = [row for row in cells if len(row) == len(names)]
    columns = {name: iter(_typed([row[i] for row in whole])) for i, name in enumerate(names)}
    for line, row in zip(lines[1:], cells, strict=True):
        if len(row) == len(names):
            yield str(line), {name: next(column) for name, column in columns.items()}
        else:
            yield str(line), ValueError(f"it has {len(row)} cells, and the first line {len(names)}")


def _csv_cells(reader: Any) -> tuple[list[int], list[list[str]]]:
    """Return the rows that are not empty, and the line on which each begins."""
    lines, rows, begins = [], [], 1
    for row in reader:
        if row:
            lines.append(begins)
            rows.append(row)
        begins = reader.line_num + 1
    names = rows[0] if rows else []
    if len(set(names)) < len(names):
        raise ValueError(f"two columns are called {next(name for name in names if names.count(name) > 1)!r}")
    return lines, rows


def _typed(cells: Sequence[str]) -> Sequence[Any]:
    """Read a column of a CSV as numbers or truth values where every cell is written as one; else as text."""
    if all(map(_WHOLE.fullmatch, cells)):
        return [int(cell) for cell in cells]
    if all(_WHOLE.fullmatch(cell) or _DECIMAL.fullmatch(cell) for cell in cells):
        return [float(cell) for cell in cells]
    if all(cell in ("True", "False") for cell in cells) or all(cell in ("true", "false") for cell in cells):
        return [cell in ("True", "true") for cell in cells]
    return cells


def _parquet_rows(source: Source) -> Iterator[tuple[str, Any]]:
    parquet = optional("pyarrow.parquet", "these data need the package pyarrow", source.data)
    try:
        table = parquet.read_table(find_file(source.data, source.folders))
    except (OSError, ValueError) as error:  # the errors of pyarrow are among them
        raise ConfigError(f"not a Parquet file: {error}", where=source.data) from None
    yield from ((f"row {number}", row) for number, row in enumerate(table.to_pylist(), start=1))


def disk_rows(source: Source) -> Iterator[tuple[str, Any]]:
    """Read a folder that the library `datasets` has written."""
    datasets = optional("datasets", "these data need the package datasets", source.data)
    try:
        found = datasets.load_from_disk(str(find_file(source.data, source.folders)))
    except (OSError, ValueError) as error:
        raise ConfigError(f"not a data set written by save_to_disk: {error}", where=source.data) from None
    yield from _of_split(found, source)


def hub_rows(source: Source) -> Iterator[tuple[str, Any]]:
    """Read a data set of the hub, of one revision: a branch moves, and a run could not be repeated."""
    name = source.data.removeprefix(HUB)
    if not Path(name).is_dir() and not _COMMIT.fullmatch(source.revision or ""):
        raise ConfigError(
            "a data set of the hub needs its revision",
            where=source.data,
            found=source.revision or "none",
            allowed="a commit of 40 hexadecimal digits",
            fix="copy it from the history of the data set's files",
        )
    datasets = optional("datasets", "these data need the package datasets", source.data)
    try:
        found = datasets.load_dataset(name, source.config, split=source.split, revision=source.revision)
    except Exception as error:  # the library raises whatever its parts do
        raise ConfigError(
            f"the data set cannot be loaded: {type(error).__name__}: {error}",
            where=source.data,
            fix="without a network, save it with save_to_disk elsewhere and name the folder",
        ) from None
    yield from _of_split(found, source)


def _of_split(found: Any, source: Source) -> Iterator[tuple[str, Any]]:
    if isinstance(found, Mapping):
        splits = [str(name) for name in found]
        if source.split is None and len(splits) == 1:
            found = found[splits[0]]
        elif source.split in splits:
            found = found[source.split]
        else:
            raise ConfigError(
                "say which split", where=source.data, found=source.split or "none", allowed=", ".join(splits)
            )
    yield from ((f"row {number}", row) for number, row in enumerate(found, start=1))


def _not_text(name: str, error: UnicodeDecodeError) -> ConfigError:
    return ConfigError(f"not UTF-8: {error.reason} at byte {error.start}", where=name, fix="save the file as UTF-8")


FILE_ROWS: Mapping[str, Loader] = {
    ".jsonl": _jsonl_rows,
    ".ndjson": _jsonl_rows,
    ".json": _json_rows,
    ".csv": _csv_rows,
    ".tsv": _csv_rows,
    ".parquet": _parquet_rows,
}
"""Loaders of files by their ending."""
