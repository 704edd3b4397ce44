"""One line of `samples.jsonl`: a `Result` as JSON with a checksum, and back."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

from harness.errors import StoreError
from harness.hashing import canonical_json, checksum
from harness.records import Result

if TYPE_CHECKING:
    from pydantic import TypeAdapter

CHECKSUM = "crc32"
_KEY = f',"{CHECKSUM}":"'.encode()


@cache
def _adapter() -> TypeAdapter[Result]:
    from pydantic import TypeAdapter

    return TypeAdapter(Result)


def to_line(result: Result) -> bytes:
    """Return a result as one line: its canonical JSON with the checksum of that under `crc32` at the end, a newline.

    UTF-8; ASCII with escapes where the text holds lone surrogates, which have no UTF-8, or characters that some readers
    take for the end of a line.
    """
    plain = json.loads(json.dumps(_adapter().dump_python(result), allow_nan=False))
    text = canonical_json(plain)
    try:
        content = text.encode()
    except UnicodeEncodeError:
        content = b""
    if not content or len(text.splitlines()) > 1:
        content = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
    return content[:-1] + _KEY + checksum(plain).encode() + b'"}\n'


def parse_line(raw: bytes, *, where: str) -> Result:
    """Return the result on a line, given without its newline; `where` says in messages which.

    Raises:
        StoreError: the line is not JSON, its checksum does not match, or a field is missing or of the wrong type.
    """
    from pydantic import ValidationError

    if _is_canonical(raw):
        try:
            return _adapter().validate_json(raw)
        except ValidationError:
            pass  # `from_line` says what is wrong with it
    try:
        line = json.loads(raw.decode("utf-8", "replace"))  # a damaged byte fails the checksum
    except (ValueError, RecursionError) as error:
        raise _not_json(where, str(error)) from None
    if not isinstance(line, dict):
        raise _not_json(where, type(line).__name__)
    return from_line(line, where=where)


def _is_canonical(raw: bytes) -> bool:
    """Tell whether a line's checksum is that of its very bytes, which need not be parsed and written again then."""
    content, key, stated = raw[:-20], raw[-20:-10], raw[-10:-2]
    return key == _KEY and stated == b"%08x" % crc32(b"}", crc32(content))


def _not_json(where: str, found: str) -> StoreError:
    return StoreError(
        "the line is not JSON",
        where=where,
        found=found,
        fix="restore the file from a copy, or delete the line",
    )


def from_line(line: dict[str, Any], *, where: str) -> Result:
    """Return the result on a line.

    Raises:
        StoreError: the checksum does not match, or a field is missing or of the wrong type.
    """
    from pydantic import ValidationError

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
