"""Types of values that answers may have: how they look, when two are the same, and how one misses another narrowly.

Each type has an exact pattern and a loose one. The exact pattern finds what can only be a value of the type; the loose
one finds what resembles it, and is asked only where an answer stands and the exact one found nothing in it: that is how
a dropped digit is told from no answer. Patterns repeat nothing without a bound, so no text makes them slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from harness.reading.text import fold
from harness.reading.words import ADJECTIVES, NOUNS

MONTHS: tuple[str, ...] = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
CURRENCIES: dict[str, tuple[str, ...]] = {
    "dollars": ("dollars", "dollar", "usd", "$"),
    "euros": ("euros", "euro", "eur", "€"),
    "pounds": ("pounds", "pound", "gbp", "£"),
    "francs": ("francs", "franc", "chf"),
}

_START = r"(?<![0-9a-z])(?<![0-9][.,'-])"
_END = r"(?![0-9a-z])(?![.,'-][0-9])"
_NUMBER_START = r"(?<![0-9a-z])(?<![0-9][.'-])"
_NUMBER_END = r"(?![0-9a-z])(?![.'-][0-9])(?!,[0-9]{1,3}(?![0-9]))"
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = "[0-9]{1,2}(?:st|nd|rd|th)?"
_AMOUNT = r"(?:[0-9]{1,3}(?:[,' ][0-9]{3}){1,3}|[0-9]{1,9})(?:\.[0-9]{1,2})?"
_UNIT = "(?:" + "|".join(re.escape(name) for names in CURRENCIES.values() for name in names) + ")"
_DIGIT_RUN = r"(?<![0-9a-z])[0-9][0-9,.'_-]{2,38}[0-9](?![0-9a-z])"


@dataclass(frozen=True, slots=True)
class Found:
    """A value in a text: as it stands there, and in the one form that equal values share."""

    raw: str
    canonical: str


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type of value.

    Attributes:
        name: `number7`, `date` …
        exact: what can only be a value of this type.
        loose: what resembles one.
        canonical: brings an exact match to the form that equal values share.
        near: largest edit distance to the right value at which a wrong one counts as a slip of the pen.
    """

    name: str
    exact: re.Pattern[str]
    loose: re.Pattern[str]
    canonical: Callable[[str], str]
    near: int

    def find(self, text: str) -> tuple[Found, ...]:
        """Return the different values in a text, in order."""
        found: dict[str, Found] = {}
        for match in self.exact.finditer(text):
            canonical = self.canonical(fold(match[0]))
            found.setdefault(canonical, Found(match[0], canonical))
        return tuple(found.values())

    def find_loose(self, text: str) -> tuple[Found, ...]:
        """Return what resembles values of this type, in order; each stands for itself, unchanged."""
        found = dict.fromkeys(match[0].strip(" .,'-") for match in self.loose.finditer(text))
        return tuple(Found(raw, raw) for raw in found if raw)

    def positions(self, text: str) -> dict[str, int]:
        """Return the different values in a text, each with the offset where it first stands."""
        found: dict[str, int] = {}
        for match in self.exact.finditer(text):
            found.setdefault(self.canonical(fold(match[0])), match.start())
        return found

    def normal(self, value: str) -> str:
        """Return the canonical form of one value, or the folded text where it is none."""
        folded = fold(value)
        return self.canonical(folded) if self.exact.fullmatch(folded) else folded


def edits(a: str, b: str, most: int) -> int:
    """Return the number of edits between two short strings, or `most` + 1 where there are more.

    An edit inserts, deletes or replaces a character or swaps two neighbours (Damerau 1964), none of them twice in
    the same place (the optimal string alignment distance).
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


NEAR_SAME_PLACE = 0.7
"""Of a value that is three or four edits off, how many characters must still stand in place."""


def near_miss(found: str, right: str, kind: ValueType) -> str:
    """Say how `found` narrowly misses `right`, both as read: `transposition` …, or "" where it does not.

    Args:
        found: the wrong value, canonical or loose.
        right: the canonical right value.
        kind: their type.
    """
    if _alphanumerics(found) == _alphanumerics(right):
        return "separator"
    if kind is MONEY and (slip := _money_slip(found, right)):
        return slip
    if kind is DATE and (slip := _date_slip(found, right)):
        return slip
    a, b = _alphanumerics(found), _alphanumerics(right)
    distance = edits(a, b, kind.near)
    if distance > kind.near or (distance > 2 and _share_in_place(a, b) < NEAR_SAME_PLACE):
        return ""
    if len(a) == len(b) and sorted(a) == sorted(b):
        return "transposition"
    return "dropped_digit" if len(b) - len(a) == distance else "digit_error"


def _alphanumerics(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _share_in_place(a: str, b: str) -> float:
    return sum(x == y for x, y in zip(a, b, strict=False)) / max(len(a), len(b))


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _canonical_date(text: str) -> str:
    numbers = [int(n) for n in re.findall("[0-9]+", text)]
    month = re.search(_MONTH, text)
    if month is None:
        year, number, day = numbers
    else:
        year, day = max(numbers), min(numbers)
        number = next(i for i, name in enumerate(MONTHS, 1) if name.lower().startswith(month[0][:3]))
    return f"{year:04d}-{number:02d}-{day:02d}"


def _money_parts(text: str) -> tuple[str, str]:
    """Return cents as digits, and the unit: "" where none is known."""
    amount = re.search(_AMOUNT, text)
    whole, _, cents = (amount[0] if amount else "").partition(".")
    unit = re.search(_UNIT, text)
    name = next((name for name, spellings in CURRENCIES.items() if unit and unit[0] in spellings), "")
    return (_digits(whole) + cents.ljust(2, "0")).lstrip("0"), name


def _canonical_money(text: str) -> str:
    cents, unit = _money_parts(text)
    padded = cents.rjust(3, "0")
    return f"{padded[:-2]}.{padded[-2:]} {unit}"


def _money_slip(found: str, right: str) -> str:
    (cents, unit), (right_cents, right_unit) = _money_parts(found), _money_parts(right)
    if cents == right_cents:
        return "unit"
    if unit in ("", right_unit):
        value, exact = int(cents or 0), int(right_cents or 0)
        steps = (10, 100, 1_000, 10_000, 100_000)
        if any(value in (exact // s * s, (exact + s // 2) // s * s) for s in steps if s <= exact):
            return "rounding"
    return ""


def _date_slip(found: str, right: str) -> str:
    year, month, day = (int(part) for part in right.split("-"))
    numbers = [int(n) for n in re.findall("[0-9]{1,4}", found)]
    name = re.search(_MONTH, found)
    if name is None:
        return "separator" if numbers in ([day, month, year], [month, day, year], [year, month, day]) else ""
    same_month = MONTHS[month - 1].lower().startswith(name[0][:3])
    return "rounding" if same_month and numbers in ([year], [day]) else ""


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


NUMBER7 = ValueType(
    name="number7",
    exact=_pattern(rf"{_NUMBER_START}(?:[0-9]{{7}}|[0-9](?:[,'_ ][0-9]{{3}}){{2}}){_NUMBER_END}"),
    loose=_pattern(_DIGIT_RUN),
    canonical=_digits,
    near=2,
)
NUMBER10 = ValueType(
    name="number10",
    exact=_pattern(rf"{_NUMBER_START}(?:[0-9]{{10}}|[0-9](?:[,'_ ][0-9]{{3}}){{3}}){_NUMBER_END}"),
    loose=_pattern(_DIGIT_RUN),
    canonical=_digits,
    near=4,
)
UUID4 = ValueType(
    name="uuid4",
    exact=_pattern(r"(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])"),
    loose=_pattern(r"(?<![0-9a-z])[0-9a-f-]{16,44}(?![0-9a-z])"),
    canonical=str,
    near=4,
)
DATE = ValueType(
    name="date",
    exact=_pattern(
        rf"(?<![0-9a-z-])(?:{_DAY} (?:of )?{_MONTH}\.?,? [0-9]{{4}}|{_MONTH}\.? {_DAY},? [0-9]{{4}}"
        r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})(?![0-9a-z-])"
    ),
    loose=_pattern(
        rf"(?<![0-9a-z])(?:[0-9]{{1,4}}[./-][0-9]{{1,2}}[./-][0-9]{{1,4}}|(?:{_DAY} )?{_MONTH} [0-9]{{4}}"
        rf"|{_DAY} {_MONTH}|{_MONTH} {_DAY})(?![0-9a-z])"
    ),
    canonical=_canonical_date,
    near=1,
)
MONEY = ValueType(
    name="money",
    exact=_pattern(rf"{_START}{_AMOUNT} ?{_UNIT}(?![0-9a-z])|(?<![0-9a-z]){_UNIT} ?{_AMOUNT}{_END}"),
    loose=_pattern(
        r"(?<![0-9a-z])(?:[0-9]{1,3}(?:[,.'][0-9]{3}){1,3}|[0-9]{2,9})(?:[.,][0-9]{1,2})?(?![0-9])(?: [a-z]{2,12})?"
    ),
    canonical=_canonical_money,
    near=2,
)
ADJECTIVE_NOUN = ValueType(
    name="adjective_noun",
    exact=_pattern(rf"(?<![0-9a-z])(?:{'|'.join(ADJECTIVES)})[- ](?:{'|'.join(NOUNS)})(?![0-9a-z])"),
    loose=_pattern(r"(?<![0-9a-z-])[a-z]{3,14}-[a-z]{3,14}(?![0-9a-z-])"),
    canonical=lambda text: text.replace(" ", "-"),
    near=2,
)

VALUE_TYPES: dict[str, ValueType] = {
    kind.name: kind for kind in (NUMBER7, NUMBER10, UUID4, DATE, ADJECTIVE_NOUN, MONEY)
}
