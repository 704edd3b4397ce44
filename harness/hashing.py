"""Hashes that pair runs and guard lines: one canonical JSON form, SHA-256 for content, CRC-32 for torn lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from zlib import crc32

from harness.records import Message

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_json(value: Any) -> str:
    """Return the one JSON text of a plain value: sorted keys, no spaces, no escapes of non-ASCII."""
    return _ENCODER.encode(value)


def content_sha256(value: Any) -> str:
    """Return the SHA-256, in hex, of a plain value's canonical JSON."""
    return sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def prompt_sha256(messages: Sequence[Message]) -> str:
    """Return the SHA-256 of a rendered prompt: roles and contents, nothing else."""
    digest = sha256()
    for message in messages:
        for part in (message.role, message.content):
            encoded = part.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "big"))
            digest.update(encoded)
    return digest.hexdigest()


def checksum(value: Any) -> str:
    """Return the CRC-32 of a plain value's canonical JSON as eight hex digits."""
    return f"{crc32(canonical_json(value).encode('utf-8', 'surrogatepass')):08x}"
