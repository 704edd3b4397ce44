"""The scorer `number`: one number, with a tolerance.

The answer is read by the ladder of `harness.reading`: a line that begins with `ANSWER:`, a fenced block, an element or
a box, `answer is`, the last line, the whole text. Several different numbers where the answer stands are no answer.

A number has digits, `.` before its decimals and `,`, `'`, `_` or a blank between groups of three (with `decimal = ","`
the other way round), a sign, an exponent. What stands around it, a currency, a unit, a percent sign, is not read:
`45 %` is 45 and not 0.45, and `1.2 million` is 1.2. A part of a date, a version or a word is no number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field

from harness.reading import ValueType, extract, fold

from .base import Asked, BadAnswer, Fault, Found, Options, Scorer, texts_of
from .text import after_mark

_GROUPED = r"[0-9]{{1,3}}(?:[{separators}][0-9]{{3}}){{1,12}}(?![0-9])"
_NUMBER = (
    r"[+-]?(?:(?:{grouped}|[0-9]{{1,40}})(?:{point}[0-9]{{1,40}})?|{point}[0-9]{{1,40}})"
    r"(?:e[+-]?[0-9]{{1,3}}(?![0-9a-z]))?"
)
_START = r"(?<![0-9a-z_])(?<![0-9][.,:/'-])(?<![a-z0-9][-_])"
_END = r"(?![0-9])(?![.,:/'][0-9])(?!-[0-9])(?!(?:st|nd|rd|th)(?![a-z]))(?![a-z]*[0-9])"
FACTORS = (Decimal(10), Decimal(100), Decimal(1000), Decimal(10) ** 6, Decimal(10) ** 9)


class NumberOptions(Options):
    """Options of `number`.

    Attributes:
        absolute: how far the number may be off.
        relative: how far it may be off as a share of the right one; the wider of the two counts.
        decimal: what stands before the decimals, in replies and in answers that are text.
        after: the answer is what follows the last of these marks in the reply, up to the end of its line.
    """

    absolute: float = Field(default=0.0, ge=0)
    relative: float = Field(default=0.0, ge=0)
    decimal: Literal[".", ","] = "."
    after: str = Field(default="", max_length=100)


class NumberScorer(Scorer):
    """Compares numbers."""

    Options = NumberOptions
    options: NumberOptions

    def gold(self, answer: Any) -> tuple[str, ...]:
        """A number, or a list of acceptable ones."""
        texts = tuple(map(self._as_text, answer)) if isinstance(answer, list) else (self._as_text(answer),)
        for text in texts_of(list(texts)):
            if self.number(text) is None:
                raise BadAnswer(f"the answer {text!r} is no number")
        return texts

    def number(self, text: str) -> Decimal | None:
        """Return the one number in a right answer; None where there is none, or several."""
        found = self._kind(
            (),
        ).find(fold(text))
        return Decimal(found[0].canonical) if len(found) == 1 else None

    def read(self, visible: str, asked: Asked) -> Found:
        """Read the number, and compare it with each acceptable one."""
        text = after_mark(visible, self.options.after)
        if text is None:
            return Found(0.0, (visible,), (Fault("fmt.none_found", f"{self.options.after!r} is not in the reply"),), "")
        rights = [right for right in map(self.number, asked.gold) if right is not None]
        extraction = extract(fold(text), self._kind(tuple(rights)))
        if not extraction.found or extraction.none or extraction.loose:
            return Found(0.0, (visible,), (Fault("fmt.none_found", "no number is in the reply"),), "")
        given = [Decimal(value) for value in extraction.canonical]
        shown = tuple(value.raw for value in extraction.values)
        if len(given) > 1:
            told = f"one number is asked for and {len(given)} are given"
            return Found(0.0, shown, (Fault("hedged_multi", told),), extraction.rung)
        if given[0] in rights:
            return Found(1.0, shown, (), extraction.rung)
        return Found(0.0, shown, _faults(given[0], rights), extraction.rung)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the first acceptable number."""
        return f"{self.options.after.rstrip()} {gold[0]}".strip()

    def _as_text(self, value: Any) -> Any:
        return value if isinstance(value, str | bool) else str(value).replace(".", self.options.decimal)

    def _kind(self, rights: tuple[Decimal, ...]) -> ValueType:
        return _number_kind(self.options.decimal, rights, self.options.absolute, self.options.relative)


@lru_cache(maxsize=1024)
def _number_kind(decimal: str, rights: tuple[Decimal, ...], absolute: float, relative: float) -> ValueType:
    """Return the type of number whose values near to a right one are that right one."""
    separators = {".": ",'_ ", ",": ".'_ "}[decimal]
    grouped = _GROUPED.format(separators=separators)
    number = _NUMBER.format(grouped=grouped, point=re.escape(decimal))
    exact = re.compile(rf"{_START}{number}{_END}")

    def canonical(text: str) -> str:
        value = _decimal(text, decimal, separators)
        near = (right for right in rights if abs(value - right) <= _allowed(right, absolute, relative))
        return str(min(near, key=lambda right: abs(value - right), default=value))

    return ValueType(name="number", exact=exact, loose=re.compile(r"(?!)"), canonical=canonical, near=0)


def _allowed(right: Decimal, absolute: float, relative: float) -> Decimal:
    return max(Decimal(repr(absolute)), Decimal(repr(relative)) * abs(right))


def _decimal(text: str, decimal: str, separators: str) -> Decimal:
    """Return the value of a number as written, to 28 digits; equal values are equal as text."""
    return Decimal(re.sub(f"[{separators}]", "", text).replace(decimal, ".")).normalize() + 0


def _faults(given: Decimal, rights: Sequence[Decimal]) -> tuple[Fault, ...]:
    """Name how a number is wrong: its sign, its magnitude, or just its value."""
    told = f"it is {given:f}, and right is {rights[0]:f}"
    tests: tuple[tuple[str, Callable[[Decimal], bool]], ...] = (
        ("wrong_value.sign", lambda right: bool(given) and given == -right),
        ("wrong_value.magnitude", lambda right: any(right and given in (right * f, right / f) for f in FACTORS)),
    )
    named = [Fault(mode, told) for mode, test in tests if any(map(test, rights))]
    return (*named, Fault("wrong_value", told))
