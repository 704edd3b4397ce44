"""The files of Inspect's logs: a zip of JSON members (`.eval`), or one JSON document of the same content.

Members are packed with Zstandard, in older files with Deflate. A name may stand in the zip several times, then the last
member counts. Members are read one after another and never unfold into more than a limit.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from harness.errors import ConfigError
from harness.interop.foreign import MAX_JSON_BYTES, count, listing, parse, shown, too_large

ZIP = b"PK\x03\x04"
ZSTANDARD = 93
LOCAL_HEADER = 30
MAX_RATIO_BYTES = 64 * 2**30
"""Bytes that all samples of a log may unfold into together."""

ATTACHMENT = "attachment://"
WHOLE = re.compile(r"samples/.+_epoch_[0-9]+\.json", re.DOTALL)
SHELL = "/sample.json"
"""The member of a sample that is kept in pieces which names the others."""


def is_zip(path: Path) -> bool:
    """Tell whether a file is a zip, by its first bytes and whatever it is called."""
    try:
        with path.open("rb") as file:
            return file.read(len(ZIP)) == ZIP
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", where=str(path)) from None


def read_header(path: Path) -> dict[str, Any]:
    """Return what an `.eval` file says about the whole evaluation. Raises `ConfigError`.

    An evaluation that did not end has no header; what was known at its start stands in a journal.
    """
    with _opened(path) as file:
        members = _members(file)
        name = next((each for each in ("header.json", "_journal/start.json") if each in members), "")
        if not name:
            raise ConfigError("the zip holds no log of Inspect", where=str(path), found=_few(members))
        return _document(file, members[name], path)


def read_samples(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the samples of an `.eval` file, each with the name of its member. Raises `ConfigError`."""
    with _opened(path) as file:
        members = {name: each for name, each in _members(file).items() if name.startswith("samples/")}
        if sum(each.file_size for each in members.values()) > MAX_RATIO_BYTES:
            raise too_large(str(path), sum(each.file_size for each in members.values()), MAX_RATIO_BYTES)
        for name, member in members.items():
            if name.endswith(SHELL):
                yield name, _in_pieces(file, members, name.removesuffix(SHELL), path)
            elif WHOLE.fullmatch(name):
                yield name, _document(file, member, path)


def _in_pieces(file: ZipFile, members: Mapping[str, ZipInfo], prefix: str, path: Path) -> dict[str, Any]:
    """Put together a sample that is kept in pieces: its texts and its turns stand in lists, by number."""
    sample = _document(file, members[prefix + SHELL], path)
    metadata = prefix + "/metadata.json"
    if metadata in members:
        sample["metadata"] = _document(file, members[metadata], path)
    turns = _list(file, members, f"{prefix}/messages/", path)
    parts = [[count(end) or 0 for end in listing(each)] for each in listing(sample.get("message_refs"))]
    places = [place for part in parts if len(part) == 2 for place in range(part[0], min(part[1], len(turns)))]
    sample["messages"] = [turns[place] for place in places]
    texts = _list(file, members, f"{prefix}/attachments/", path)
    sample["attachments"] = {str(place): text for place, text in enumerate(texts)}
    return sample


def _list(file: ZipFile, members: Mapping[str, ZipInfo], prefix: str, path: Path) -> list[Any]:
    """Return a list that is kept in members named for the number of their first item."""
    starts = [name[len(prefix) :].removesuffix(".json") for name in members if name.startswith(prefix)]
    numbers = sorted(int(start) for start in starts if start.isascii() and start.isdecimal())
    found = [members.get(f"{prefix}{number}.json") for number in numbers]
    return [each for member in found if member for each in listing(_value(file, member, path))]


def resolved(value: str, attachments: Mapping[str, Any]) -> str:
    """Return a text; of one that a sample keeps apart, its content."""
    if value.startswith(ATTACHMENT):
        return str(attachments.get(value.removeprefix(ATTACHMENT), value))
    return value


def _opened(path: Path) -> ZipFile:
    try:
        return ZipFile(path)
    except FileNotFoundError:
        raise ConfigError("no such file", where=str(path)) from None
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ConfigError("the zip is damaged", where=str(path), found=str(error)) from None


def _members(file: ZipFile) -> dict[str, ZipInfo]:
    """Return the members by name; of several of one name the last."""
    return {member.filename: member for member in file.infolist()}


def _few(members: Mapping[str, ZipInfo]) -> str:
    return ", ".join(map(shown, list(members)[:5])) or "nothing"


def _document(file: ZipFile, member: ZipInfo, path: Path) -> dict[str, Any]:
    where = f"{path}: {shown(member.filename)}"
    value = _value(file, member, path)
    if not isinstance(value, dict):
        raise ConfigError("the member is no JSON object", where=where, found=type(value).__name__)
    return value


def _value(file: ZipFile, member: ZipInfo, path: Path) -> Any:
    where = f"{path}: {shown(member.filename)}"
    return parse(_content(file, member, where), where)


def _content(file: ZipFile, member: ZipInfo, where: str) -> bytes:
    if member.file_size > MAX_JSON_BYTES:
        raise too_large(where, member.file_size, MAX_JSON_BYTES)
    try:
        if member.compress_type == ZSTANDARD:
            content = _zstandard(file, member, where)
        else:
            with file.open(member) as stream:
                content = stream.read(MAX_JSON_BYTES + 1)
    except (BadZipFile, OSError, EOFError, zlib.error, RuntimeError, NotImplementedError, ValueError) as error:
        raise ConfigError("the member is damaged", where=where, found=str(error)) from None
    if len(content) > MAX_JSON_BYTES:
        raise too_large(where, len(content), MAX_JSON_BYTES)
    return content


def _zstandard(file: ZipFile, member: ZipInfo, where: str) -> bytes:
    """Unpack a member that the standard library cannot before Python 3.14."""
    try:
        import zstandard
    except ImportError:
        raise ConfigError(
            "the log is packed with Zstandard, and nothing here unpacks that",
            where=where,
            fix='pip install "longcontext-harness[inspect]", or convert it: inspect log convert --to json',
        ) from None
    raw: IO[bytes] | None = file.fp
    assert raw is not None
    raw.seek(member.header_offset)
    head = raw.read(LOCAL_HEADER)
    skipped = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    raw.seek(skipped, 1)
    packed = raw.read(member.compress_size)
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as stream:
            content = stream.read(MAX_JSON_BYTES + 1)
    except (zstandard.ZstdError, MemoryError) as error:
        raise ConfigError("the member is damaged", where=where, found=str(error)) from None
    if len(content) <= MAX_JSON_BYTES and zlib.crc32(content) != member.CRC:
        raise ConfigError("the member is damaged", where=where, found="its checksum does not match")
    return bytes(content)
