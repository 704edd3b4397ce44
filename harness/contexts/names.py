"""Invented proper names from a table of syllables: pronounceable, and all but sure not to occur in any corpus."""

from __future__ import annotations

from collections.abc import Collection

from harness.contexts.streams import Stream

_ONSETS = "b br c cl d dr f fl g gr h j k kr l m n p pl r s sk st t tr v vr w z th sh".split()
_VOWELS = "a e i o u ae ei ia oa".split()
_CODAS = "l n r s m th nd rn lt sk v".split()
_PERSON_ENDS = "en a is or ette ano and elle ur olf ova esh".split()
_SURNAME_ENDS = "ell ern holt wen dale mar ost vane quist lund rey son".split()
_PLACE_ENDS = "ford wick mere stead haven combe gate moor ness by hurst fell".split()
_RUDE = frozenset("clith cum dam dum hom hor jes kil kum les nas pen pis por porn pus sem shith skum tur".split())
"""Stems that begin, or nearly begin, a word nobody wants to read."""


def _stem(stream: Stream) -> str:
    stem = stream.choice(_ONSETS) + stream.choice(_VOWELS) + stream.choice(_CODAS)
    return _stem(stream) if stem in _RUDE else stem


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
    """Return n different full names, none in `avoid`. Any two differ in both halves and by at least three edits.

    Raises:
        ValueError: so many names that far apart were not found; the table holds several thousand of each half.
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
    """Tell whether two names differ in both halves and by at least three edits."""
    if set(a.split()) & set(b.split()):
        return False
    return sum(max(0, a.count(char) - b.count(char)) for char in set(a)) >= 3 or _edits(a, b) >= 3


def _edits(a: str, b: str) -> int:
    """Return how many insertions, deletions and replacements lead from a to b (Levenshtein 1966)."""
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y)))
        last = row
    return last[-1]


_STEM = f"(?:{'|'.join(_ONSETS)})(?:{'|'.join(_VOWELS)})(?:{'|'.join(_CODAS)})"
GIVEN_NAME = f"{_STEM}(?:{'|'.join(_PERSON_ENDS)})"
SURNAME = f"{_STEM}(?:{'|'.join(_SURNAME_ENDS)})"
"""Patterns of every name that `given_name` and `surname` can return, in lower case."""
