"""One form for every text that is read: no difference of case, width, dash or spacing survives it.

A reply may be anything, so everything here is linear in its length and a reply is read up to a cap.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

MAX_CHARS = 100_000
"""Characters of a reply that are read: far beyond any answer budget, small enough to read in a fraction of a second."""

HEAD_CHARS = 20_000
"""Of those, how many from the start; the others are taken from the end, where an answer stands."""

SHORT_CHARS = 80
"""A text of this length is folded once and remembered: the values of a question are folded for each of its replies."""

_SAME = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("‘’‚‛ʼ´", "'"),
        **dict.fromkeys("“”„‟", '"'),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None),
    }
)


def cap(text: str) -> str:
    """Return the text, or its first `HEAD_CHARS` and its last characters where it is longer than `MAX_CHARS`."""
    if len(text) <= MAX_CHARS:
        return text
    return f"{text[:HEAD_CHARS]}\n{text[HEAD_CHARS - MAX_CHARS :]}"


def fold(text: str) -> str:
    """Return NFKC without case, with plain dashes and quotes, single spaces, and no blank line or outer space."""
    return _fold_short(text) if len(text) <= SHORT_CHARS else _fold(text)


def _fold(text: str) -> str:
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_SAME)
    lines = (" ".join(line.split()) for line in folded.splitlines())
    return "\n".join(line for line in lines if line)


_fold_short = lru_cache(maxsize=8192)(_fold)


def words(text: str) -> list[str]:
    """Return the folded words of a text, split at white space."""
    return fold(text).split()
