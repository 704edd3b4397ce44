"""Reading files that others wrote: limits on what is read, and every complaint with its file and line.

A log is data from elsewhere. A damaged one is refused where the damage is, and nothing of it is taken; a file that
unfolds into more than it may is refused before it fills the memory.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeGuard

from harness.errors import ConfigError
from harness.records import ErrorKind

MAX_LINE_BYTES = 64 * 2**20
"""Bytes of one line: a prompt of a million tokens takes about 5 MB, and a log holds it twice."""

MAX_JSON_BYTES = 512 * 2**20
"""Bytes of one JSON document, a whole log among them."""

MOST = 2**53
"""Largest whole number that a log may state: the most that every reader of JSON keeps exactly."""

SHOWN = 60
"""Characters of a foreign text in a message."""


def read_json(path: Path) -> Any:
    """Read a JSON document. Raises `ConfigError` where it cannot be read, is too large or is none."""
    try:
        size = path.stat().st_size
        if size > MAX_JSON_BYTES:
            raise too_large(str(path), size, MAX_JSON_BYTES)
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", where=str(path)) from None


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file of JSON lines with the number of each line; empty lines are passed over.

    Raises:
        ConfigError: the file cannot be read, a line is too long or no JSON object, or a key stands twice in an object.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while raw := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                where = f"{path}:{number}"
                if len(raw) > MAX_LINE_BYTES:
                    raise too_large(where, len(raw), MAX_LINE_BYTES)
                if not raw.strip():
                    continue
                value = parse(raw, where, unique=True)
                if not isinstance(value, dict):
                    raise ConfigError("the line is no JSON object", where=where, found=type(value).__name__)
                yield number, value
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", where=str(path)) from None


def parse(raw: bytes, where: str, *, unique: bool = False) -> Any:
    """Return the value of a JSON text, NaN among its numbers.

    Raises:
        ConfigError: it is no JSON, too deeply nested, or, with `unique`, has a key twice in one object.
    """
    try:
        text = raw.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_unique if unique else None)
    except _Twice as twice:
        raise ConfigError(f"the key {shown(twice.args[0])} stands twice in one object", where=where) from None
    except UnicodeDecodeError as error:
        raise ConfigError("not UTF-8", where=where, found=f"byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise ConfigError("not JSON", where=where, found=f"{error.msg} at character {error.pos + 1}") from None
    except (RecursionError, ValueError) as error:
        raise ConfigError(
            "not JSON that can be read", where=where, found=str(error) or "too many levels of nesting"
        ) from None


class _Twice(ValueError):
    """A key that stands twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Twice(next(key for key in keys if keys.count(key) > 1))
    return found


def too_large(where: str, size: int, most: int) -> ConfigError:
    """Return the error of something that is larger than it may be."""
    return ConfigError("too large to be read", where=where, found=f"{size:,} bytes", allowed=f"{most:,} bytes")


def need(row: Mapping[str, Any], key: str, kind: type | tuple[type, ...], where: str) -> Any:
    """Return the value of a key that must be there and of a type. Raises `ConfigError`."""
    if key not in row:
        raise ConfigError(f"the key {key!r} is missing", where=where, found=", ".join(map(shown, list(row)[:8])))
    value = row[key]
    whole = kind is int and isinstance(value, int) and (isinstance(value, bool) or abs(value) > MOST)
    if not isinstance(value, kind) or whole:
        kinds = kind if isinstance(kind, tuple) else (kind,)
        raise ConfigError(
            f"{key!r} is not what it may be",
            where=where,
            found=f"{type(value).__name__} {shown(value)}",
            allowed=" or ".join(each.__name__ for each in kinds),
        )
    return value


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping as it is, and an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def listing(value: Any) -> list[Any]:
    """Return a list as it is, and an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def is_number(value: Any) -> TypeGuard[int | float]:
    """Tell whether a value is a finite number; true and false are no numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST


def count(value: Any) -> int | None:
    """Return a number of tokens; None in place of anything that is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST else None


def seconds(value: Any) -> float | None:
    """Return a time; None in place of anything that is none, and of 0, which stands for "not measured"."""
    return float(value) if is_number(value) and value > 0 else None


def plain(value: Any) -> Any:
    """Return a value that a run can hold: NaN and infinities as words, lone surrogates as escapes."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return {plain(str(key)): plain(each) for key, each in value.items()} if isinstance(value, Mapping) else value


def column(row: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a dotted path such as `doc.subject`; None where nothing does."""
    if path in row:
        return row[path]
    value: Any = row
    for key in path.split("."):
        value = mapping(value).get(key)
    return value


def shown(value: Any) -> str:
    """Return a foreign value for a message: short, in one line, control characters as escapes."""
    text = ascii(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def text_of(value: Any) -> str:
    """Return a text as it is, and of anything else its JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def error_kind(message: str) -> ErrorKind:
    """Return what went wrong with a call, as far as its message says it: logs have no codes for it."""
    folded = message.lower()
    if "context" in folded and ("length" in folded or "window" in folded):
        return "context_overflow"
    words: tuple[tuple[str, ErrorKind], ...] = (
        ("ratelimit", "rate_limit"),
        ("rate limit", "rate_limit"),
        ("timeout", "timeout"),
        ("timed out", "timeout"),
        ("connection", "connection"),
    )
    return next((kind for word, kind in words if word in folded), "adapter_failed")


def file_sha256(paths: Sequence[Path]) -> str:
    """Return the hash of the contents of files, whatever they are called and in whatever order they are given."""
    digests = []
    for path in paths:
        try:
            with path.open("rb") as file:
                digest = sha256()
                while chunk := file.read(2**20):
                    digest.update(chunk)
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
        digests.append(digest.hexdigest())
    return sha256("".join(sorted(digests)).encode()).hexdigest()
