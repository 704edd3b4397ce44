"""Counts tokens: by a reference that needs no download, or by a model's own `tokenizer.json`.

The reference gives each class of characters a fixed weight in thousandths of a token. It is additive, the same on every
machine, and about as far from any one tokenizer as they are from each other; `docs/contexts.md` has its errors.
"""

from __future__ import annotations

from collections import Counter as Tally
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from harness.contracts import Counter
from harness.errors import ConfigError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

ASCII_CLASSES = {"lower": 249, "upper": 391, "digit": 913, "space": 124, "newline": 0, "punctuation": 326}
"""Milli-tokens per ASCII character, fitted by `benchmarks/fit_reference_counter.py`."""

SCRIPTS = {
    "latin": (0x80, 0x24F, 1247),
    "greek": (0x370, 0x3FF, 697),
    "cyrillic": (0x400, 0x52F, 466),
    "arabic": (0x590, 0x77F, 519),
    "devanagari": (0x900, 0xDFF, 738),
    "kana": (0x3040, 0x30FF, 959),
    "cjk": (0x3400, 0x9FFF, 1126),
    "hangul": (0xAC00, 0xD7A3, 1094),
    "other": (0xE00, 0x10FFFF, 1200),
}
"""First and last code point of a script, and its weight, fitted too. Anything else is `other`, set by hand."""


def _class_table() -> bytes:
    """Map each byte to the index of its ASCII class; bytes over 127 do not occur in what it is used on."""
    table = bytearray(256)
    for code in range(128):
        char = chr(code)
        if char.islower():
            table[code] = 0
        elif char.isupper():
            table[code] = 1
        elif char.isdigit():
            table[code] = 2
        elif char in " \t":
            table[code] = 3
        elif char in "\r\n":
            table[code] = 4
        else:
            table[code] = 5
    return bytes(table)


_TABLE = _class_table()


def class_counts(text: str) -> list[int]:
    """Return how many characters of each ASCII class, then of each script, a text has."""
    plain = text.encode("ascii", "ignore")
    classes = plain.translate(_TABLE)
    counts = [classes.count(index) for index in range(len(ASCII_CLASSES))]
    return counts + (_script_counts(text) if len(plain) < len(text) else [0] * len(SCRIPTS))


def _script_counts(text: str) -> list[int]:
    counts = dict.fromkeys(SCRIPTS, 0)
    for char, times in Tally(text).items():
        if ord(char) > 127:
            counts[_script(ord(char))] += times
    return list(counts.values())


@cache
def _script(code: int) -> str:
    return next((name for name, (first, last, _) in SCRIPTS.items() if first <= code <= last), "other")


_WEIGHTS = [*ASCII_CLASSES.values(), *(weight for _, _, weight in SCRIPTS.values())]


class ReferenceCounter:
    """The unit of every length: the same text has the same length for every model."""

    name = "reference"
    exact = False

    def count(self, text: str) -> int:
        """Tokens of `text`, rounded up."""
        return -(-sum(n * weight for n, weight in zip(class_counts(text), _WEIGHTS, strict=True)) // 1000)


class TokenizerFileCounter:
    """Counts with a `tokenizer.json`, without special tokens.

    Args:
        path: the file.

    Raises:
        ConfigError: it is missing or no tokenizer, or the package `tokenizers` is not installed.
    """

    exact = True

    def __init__(self, path: Path) -> None:
        self._tokenizer = _load(path)
        self.name = f"tokenizer:{sha256(path.read_bytes()).hexdigest()[:12]}"

    def count(self, text: str) -> int:
        """Tokens of `text`."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)


def _load(path: Path) -> Tokenizer:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise ConfigError(
            "a tokenizer file needs the package tokenizers",
            where=str(path),
            fix='pip install "longcontext-harness[tokenizers]"',
        ) from None
    if not path.is_file():
        raise ConfigError(
            "no such tokenizer file", where=str(path), allowed="reference, or the path of a tokenizer.json"
        )
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception
        raise ConfigError(f"not a tokenizer.json: {error}", where=str(path)) from None


def reference_counter() -> Counter:
    """Return the reference counter."""
    return ReferenceCounter()


def tokenizer_file_counter(path: Path) -> Counter:
    """Return a counter that uses a `tokenizer.json`. Raises `ConfigError` where it cannot."""
    return TokenizerFileCounter(path)


def counter_named(name: str) -> Counter:
    """Return the counter that a sweep names: `reference`, or a path."""
    return reference_counter() if name == "reference" else tokenizer_file_counter(Path(name))
