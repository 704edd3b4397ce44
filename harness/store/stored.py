"""The results of a run's file, read when they are asked for: a hundred thousand replies fit in no small memory.

Every line is read and checked once, when the run is loaded; what remains in memory are the places of the lines and the
columns that tables are made of. A result that is asked for is read again from the file that was opened then, also when
another has taken its name since.
"""

from __future__ import annotations

import os
import weakref
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import overload

from harness.errors import StoreError
from harness.records import Result
from harness.store.columns import Columns, Table, columns_of
from harness.store.lines import parse_line

LONG = 20_000
"""Results from which on columns are put in arrays at once: as objects they take several times the memory."""


class _File:
    """An open file of lines; it is closed with the last that reads from it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise _cannot_read(path, error) from None
        weakref.finalize(self, os.close, self._handle)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each complete line without its newline, and where it starts. A torn last line is left out."""
        start = 0
        try:
            with os.fdopen(os.dup(self._handle), "rb") as file:
                for raw in file:
                    if raw.endswith(b"\n"):
                        yield start, raw[:-1]
                    start += len(raw)
        except OSError as error:
            raise _cannot_read(self.path, error) from None

    def read(self, start: int, length: int) -> bytes:
        """Return bytes of the file."""
        try:
            return os.pread(self._handle, length, start)
        except OSError as error:
            raise _cannot_read(self.path, error) from None


class StoredResults(Sequence[Result]):
    """Results in a file.

    Attributes:
        table: what the whole of them are as columns; None for a part of them.
    """

    def __init__(self, file: _File, starts: Sequence[int], lengths: Sequence[int], table: Table | None = None) -> None:
        self._file, self._starts, self._lengths = file, starts, lengths
        self.table = table

    def part(self, places: Sequence[int]) -> StoredResults:
        """Return the results at some places."""
        starts, lengths = self._starts, self._lengths
        return StoredResults(
            self._file, array("Q", (starts[i] for i in places)), array("Q", (lengths[i] for i in places))
        )

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, place: int) -> Result: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Result, ...]: ...
    def __getitem__(self, place: int | slice) -> Result | tuple[Result, ...]:
        if isinstance(place, slice):
            return tuple(self[i] for i in range(*place.indices(len(self))))
        start, length = self._starts[place], self._lengths[place]
        return parse_line(self._file.read(start, length), where=f"{self._file.path}, byte {start}")

    def __iter__(self) -> Iterator[Result]:
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]


def read_results(path: Path, pair_sha256: Callable[[Result], str]) -> StoredResults:
    """Read and check every line of a file: the latest result of each sample and replicate.

    Args:
        path: the file.
        pair_sha256: gives the hash of what was asked, as `Run.pair_sha256`.

    Raises:
        StoreError: a complete line is damaged, or a sample is answered a second time.
    """
    file = _File(path)
    table, starts, lengths = Table(Columns(), Columns(), array("Q")), array("Q"), array("Q")
    known: dict[tuple[str, int], tuple[int, int]] = {}
    for number, (start, raw) in enumerate(file.lines(), start=1):
        result = parse_line(raw, where=f"{path}:{number}")
        columns, key = columns_of(table, result.axes), (result.sample_id, result.replicate)
        if key not in known:
            if columns is table.measured:
                table.places.append(len(starts))
            known[key] = len(starts), len(columns)
            columns.append(result, pair_sha256(result))
            starts.append(start)
            lengths.append(len(raw))
            continue
        place, row = known[key]
        if columns.outcome(row) != "invalid":
            raise StoreError(
                f"sample {result.sample_id} is answered a second time",
                where=f"{path}:{number}",
                fix="delete the later line",
            )
        columns.put(row, result, pair_sha256(result))
        starts[place], lengths[place] = start, len(raw)
    if len(starts) >= LONG:
        known.clear()
        table.measured.frame()
    return StoredResults(file, starts, lengths, table)


def _cannot_read(path: Path, error: OSError) -> StoreError:
    return StoreError(f"cannot be read: {error.strerror}", where=str(path))
