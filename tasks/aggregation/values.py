"""How answers look: a number, goods, or goods each with a number."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from harness.reading import Found, Reading, ValueType, fold
from harness.reading.extract import UNMARKED

from .records import GOODS

_NUMBER = r"(?:[0-9]{1,3}(?:[,'_ ][0-9]{3}){1,3}|[0-9]{1,12})(?:\.[0-9]{1,6})?"
_GOOD = "(?:" + "|".join(good[:-1] for good in GOODS) + ")s?"
_BEFORE = r"(?<![0-9a-z])(?<![0-9][.,'-])(?<!-)"
_AFTER = r"(?![0-9a-z])(?![.,'-][0-9])"

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
WORDS = {word: n for n, word in enumerate(_UNITS)} | {
    f"{ten}{f'-{_UNITS[unit]}' if unit else ''}": 20 + 10 * i + unit
    for i, ten in enumerate(_TENS)
    for unit in range(10)
}
"""Numbers below 100 in words."""

MOST_WORDS = 4
"""Words of a reply that is an answer although nothing marks it: "Twelve crates in all."."""

_WORD = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(sorted(_UNITS, key=len)[::-1])})"


def canonical_number(text: str) -> str:
    """Write a number without separators and without a fraction of zeros."""
    return format(Decimal(re.sub("[,'_ ]", "", text)).normalize(), "f")


def _canonical_good(text: str) -> str:
    return text if text.endswith("s") else f"{text}s"


def _canonical_cell(text: str) -> str:
    good, number = re.search(_GOOD, text), re.search(_NUMBER, text)
    return f"{_canonical_good(good[0])}: {canonical_number(number[0])}" if good and number else text


NUMBER = ValueType(
    name="number",
    exact=re.compile(f"{_BEFORE}{_NUMBER}{_AFTER}"),
    loose=re.compile(rf"(?<![a-z]){_WORD}(?![a-z])"),
    canonical=canonical_number,
    near=0,
)
GOOD = ValueType(
    name="goods",
    exact=re.compile(rf"(?<![a-z]){_GOOD}(?![a-z])"),
    loose=re.compile(r"(?!)"),
    canonical=_canonical_good,
    near=0,
)
CELL = ValueType(
    name="goods with a number",
    exact=re.compile(rf"(?<![a-z]){_GOOD}[*_`\"']{{0,3}} ?(?:[:=|-]|->) ?[*_`\"']{{0,3}} ?(?<!-){_NUMBER}{_AFTER}"),
    loose=re.compile(r"(?!)"),
    canonical=_canonical_cell,
    near=0,
)


def with_words_as_numbers(reading: Reading) -> Reading:
    """Bring a number in words to the form that equal numbers share, where it was meant as the answer."""
    extraction = reading.extraction
    meant = extraction.rung not in UNMARKED or len(reading.words) <= MOST_WORDS
    if reading.kind is not NUMBER or not extraction.values or not meant:
        return reading
    values = tuple(
        Found(each.raw, str(WORDS.get(fold(each.raw).replace(" ", "-"), each.canonical))) for each in extraction.values
    )
    return replace(reading, extraction=replace(extraction, values=values))
