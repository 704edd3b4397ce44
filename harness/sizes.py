"""Sizes in tokens as people write them: `4096`, `32k`, `1M`; 1k is 1024."""

from __future__ import annotations

import re

PATTERN = r"([0-9]+(?:\.[0-9]+)?)\s*([kKmM]?)"
_UNITS = {"": 1, "k": 1024, "m": 1024 * 1024}

UNKNOWN_SIZE = 0
"""The length of what a log of another harness does not keep: no text has it, and it is written as unknown."""


def parse_size(text: str | int) -> int:
    """Return the tokens that `text` says. Raises `ValueError` with a sentence for people."""
    match = re.fullmatch(PATTERN, str(text).strip())
    size = float(match[1]) * _UNITS[match[2].lower()] if match else 0.0
    if size < 1 or size != int(size):
        raise ValueError(f"{text!r} is not a size in tokens; write 4096, 32k or 1M (1k = 1024)")
    return int(size)


def format_size(tokens: int) -> str:
    """Return the shortest exact form: 32768 is `32k`."""
    if tokens == UNKNOWN_SIZE:
        return "unknown length"
    for unit, factor in (("M", _UNITS["m"]), ("k", _UNITS["k"])):
        if tokens >= factor and tokens % factor == 0:
            return f"{tokens // factor}{unit}"
    return str(tokens)
