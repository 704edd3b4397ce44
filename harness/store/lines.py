"""One line of `samples.jsonl`: a `Result` as JSON with a checksum, and back."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonlines

from harness.errors import StoreError
from harness.hashing import checksum
from harness.records import Result

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import TypeAdapter

CHECKSUM = "crc32"


@cache
def _adapter() -> TypeAdapter[Result]:
    from pydantic import TypeAdapter

    return TypeAdapter(Result)


def to_line(result: Result) -> bytes:
    """Return a result as one line: compact ASCII JSON, the checksum under `crc32`, a newline.

    Lone surrogates in a model's text survive as escapes, which is why the line is ASCII.
    """
    plain = json.loads(json.dumps(_adapter().dump_python(result), allow_nan=False))
    line = {**plain, CHECKSUM: checksum(plain)}
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def from_line(line: dict[str, Any], *, path: Path, number: int) -> Result:
    """Return the result on a line.

    Raises:
        StoreError: the checksum does not match, or a field is missing or of the wrong type.
    """
    from pydantic import ValidationError

    where = f"{path}:{number}"
    stated = line.pop(CHECKSUM, None)
    actual = checksum(line)
    if stated != actual:
        raise StoreError(
            "the line was changed after it was written",
            where=where,
            found=f"checksum {stated}, content {actual}",
            fix="restore the file from a copy, or delete the line: the same run command asks the sample again",
        )
    try:
        return _adapter().validate_python(line)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise StoreError(f"not a result of this version: {first['msg']}", where=f"{where}: {key}") from None


def read_lines(path: Path) -> list[Result]:
    """Read every complete line of a file. A last line without its newline was torn by a crash and is left out.

    Raises:
        StoreError: a complete line is damaged.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise StoreError(f"cannot be read: {error.strerror}", where=str(path)) from None
    complete = raw[: raw.rfind(b"\n") + 1].decode("utf-8", "replace")  # a damaged byte fails the checksum
    results = []
    with jsonlines.Reader(complete.split("\n")[:-1]) as reader:
        for number in range(1, complete.count("\n") + 1):
            try:
                line = reader.read(type=dict)
            except jsonlines.InvalidLineError as error:
                raise StoreError(
                    "the line is not JSON",
                    where=f"{path}:{number}",
                    found=str(error).split(" (line", maxsplit=1)[0],
                    fix="restore the file from a copy, or delete the line",
                ) from None
            results.append(from_line(line, path=path, number=number))
    return results
