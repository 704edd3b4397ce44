"""Invented proper names from a table of syllables: pronounceable, and all but sure not to occur in any corpus."""

from __future__ import annotations

from collections.abc import Collection

from harness.contexts.streams import Stream

_ONSETS = "b br c cl d dr f fl g gr h j k kr l m n p pl r s sk st t tr v vr w z th sh".split()
_VOWELS = "a e i o u ae ei ia oa".split()
_CODAS = "l n r s m th ck nd rn lt sk x v".split()
_PERSON_ENDS = "en a is or ette ano ick elle um ard ova esh".split()
_SURNAME_ENDS = "ick ern holt wen dale mar ost vane quist lund rey sson".split()
_PLACE_ENDS = "ford wick mere stead haven combe gate moor ness by hurst fell".split()


def _stem(stream: Stream) -> str:
    return stream.choice(_ONSETS) + stream.choice(_VOWELS) + stream.choice(_CODAS)


def given_name(stream: Stream) -> str:
    """Return a given name of two or three syllables."""
    return (_stem(stream) + stream.choice(_PERSON_ENDS)).capitalize()


def surname(stream: Stream) -> str:
    """Return a family name."""
    return (_stem(stream) + stream.choice(_SURNAME_ENDS)).capitalize()


def place_name(stream: Stream) -> str:
    """Return the name of a place."""
    return (_stem(stream) + stream.choice(_PLACE_ENDS)).capitalize()


def names(stream: Stream, n: int, avoid: Collection[str] = ()) -> list[str]:
    """Return n different full names, each two of them at least three letters apart, none of them in `avoid`.

    Raises:
        ValueError: so many names that far apart were not found; the table holds several thousand.
    """
    found: list[str] = []
    for _ in range(200 * n + 1000):
        if len(found) == n:
            return found
        name = f"{given_name(stream)} {surname(stream)}"
        if name not in avoid and all(_apart(name, other) for other in found):
            found.append(name)
    raise ValueError(f"cannot make {n} names that differ by three letters")


def _apart(a: str, b: str) -> bool:
    """Tell whether two names differ in at least three letters, position by position, given name and surname alike."""
    first = sum(x != y for x, y in zip(a.ljust(len(b)), b.ljust(len(a)), strict=True))
    return first >= 3 and a.split()[0] != b.split()[0] and a.split()[1] != b.split()[1]
