"""Rules of a ladder: each says what a text must be, checks it, and can be kept together with all others.

Every check looks at the lines of a reply, and words are compared without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.contexts import Stream
from harness.reading import fold

WORDS = ("harbour", "meadow", "copper", "winter", "basalt", "orchid", "saffron", "juniper")
"""Words that a line may have to hold, begin with or end with."""

COMMON = ("is", "has", "the", "and", "with", "of", "on")
"""Words that a line must do without."""

PADDING = (
    "then",
    "also",
    "next",
    "here",
    "still",
    "again",
    "now",
    "so",
    "yes",
    "well",
    "thus",
    "indeed",
    "first",
    "later",
)
DRAWS = 500
"""Tries for another rule of a kind that has at least two; that all fail has a chance under 1e-150."""

LENGTHS = ((12, 16), (19, 23))
CHANGEABLE = ("letter_case", "keyword", "opening", "ending", "order", "length")
KINDS = (*CHANGEABLE, "forbidden_word", "charset")

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its kind and what it leaves open, as words."""

    kind: str
    parts: tuple[str, ...]

    @property
    def mode(self) -> str:
        """The failure mode of a reply that breaks it."""
        return f"constraint.{self.kind}"

    @property
    def text(self) -> str:
        """The rule as a prompt states it."""
        return TEXTS[self.kind].format(*self.parts)

    def broken(self, lines: Sequence[str], people: Sequence[str]) -> str:
        """Say how lines, and the people they name in order, break it; "" where they keep it."""
        return _CHECKS[self.kind](lines, people, self.parts)

    def other(self, stream: Stream) -> Rule:
        """Draw a rule of the same kind that asks for something else."""
        drawn = (draw_rule(self.kind, stream) for _ in range(DRAWS))
        return next(rule for rule in drawn if rule.parts[0] != self.parts[0])


TEXTS: Mapping[str, str] = {
    "letter_case": "Every letter of the reply is {0}.",
    "keyword": 'The word "{0}" stands exactly once in every line.',
    "opening": 'Every line begins with the word "{0}".',
    "ending": 'Every line ends with the word "{0}".',
    "order": "The lines stand in the alphabetical order of the full names, from {0} to {1}.",
    "length": "Every line has from {0} to {1} words.",
    "forbidden_word": 'The words "{0}" and "{1}" do not occur in the reply.',
    "charset": "Only letters, digits, spaces and hyphens occur in the reply.",
}
_PATTERNS = {kind: re.compile(re.sub(r"\\\{[01]\\\}", "([a-z0-9 ]+)", re.escape(text))) for kind, text in TEXTS.items()}


def find_rule(text: str) -> Rule:
    """Read a rule at the start of a text."""
    for kind, pattern in _PATTERNS.items():
        match = pattern.match(text)
        if match:
            return Rule(kind, tuple(match.groups()))
    raise ValueError(f"no rule: {text[:60]!r}")


def draw_rule(kind: str, stream: Stream) -> Rule:
    """Draw a rule of a kind."""
    parts: tuple[str, ...] = ()
    if kind == "letter_case":
        parts = (stream.choice(("a capital letter", "a small letter")),)
    elif kind in ("keyword", "opening", "ending"):
        third = ("keyword", "opening", "ending").index(kind)
        parts = (stream.choice(WORDS[third::3]),)
    elif kind == "order":
        parts = stream.choice((("a", "z"), ("z", "a")))
    elif kind == "length":
        low, high = stream.choice(LENGTHS)
        parts = (str(low), str(high))
    elif kind == "forbidden_word":
        parts = tuple(stream.sample(COMMON, 2))
    return Rule(kind, parts)


def draw_ladder(level: int, stream: Stream, *, several: bool) -> tuple[Rule, ...]:
    """Draw rules of different kinds: those of a lower level are among those of a higher one.

    The first is of a kind that can be changed. One line alone has no order.
    """
    first = stream.choice([kind for kind in CHANGEABLE if several or kind != "order"])
    others = stream.shuffled([kind for kind in KINDS if kind != first and (several or kind != "order")])
    kinds = [first, *others][:level]
    return tuple(draw_rule(kind, Stream(stream.below(2**60), kind)) for kind in kinds)


def words(line: str) -> list[str]:
    """Return the words of a line, folded."""
    return _WORD.findall(fold(line[:2000]))


def _letter_case(lines: Sequence[str], people: Sequence[str], parts: Sequence[str]) -> str:
    text = "".join(lines)
    wrong = str.islower if parts[0].startswith("a capital") else str.isupper
    letter = next((char for char in text if wrong(char)), "")
    return f"{letter!r} is not {parts[0]}" if letter else ""


def _keyword(lines: Sequence[str], people: Sequence[str], parts: Sequence[str]) -> str:
    return _first_line(lines, lambda line: words(line).count(parts[0]) == 1)


def _opening(lines: Sequence[str], people: Sequence[str], parts: Sequence[str]) -> str:
    return _first_line(lines, lambda line: words(line)[:1] == [parts[0]])


def _ending(lines: Sequence[str], people: Sequence[str], parts: Sequence[str]) -> str:
    return _first_line(lines, lambda line: words(line)[-1:] == [parts[0]])


def _order(lines: Sequence[str], people: Sequence[str], parts: Sequence[str]) -> str:
    right = list(people) == sorted(people, reverse=parts[0] == "z")
    return "" if right else f"the order of the names is {', '.join(people[:5])}"


def _length(lines: Sequence[str], people: Sequence[str], parts: Sequence[str]) -> str:
    return _first_line(lines, lambda line: int(parts[0]) <= len(line.split()) <= int(parts[1]))


def _forbidden_word(lines: Sequence[str], people: Sequence[str], parts: Sequence[str]) -> str:
    found = next((word for line in lines for word in words(line) if word in parts), "")
    return f"{found!r} occurs" if found else ""


def _charset(lines: Sequence[str], people: Sequence[str], parts: Sequence[str]) -> str:
    odd = next((char for line in lines for char in line if not (char.isalnum() or char in " -")), "")
    return f"{odd!r} occurs" if odd else ""


def _first_line(lines: Sequence[str], holds: Callable[[str], bool]) -> str:
    number = next((n for n, line in enumerate(lines, 1) if not holds(line)), 0)
    return f"line {number} breaks it" if number else ""


_CHECKS: Mapping[str, Callable[[Sequence[str], Sequence[str], Sequence[str]], str]] = {
    "letter_case": _letter_case,
    "keyword": _keyword,
    "opening": _opening,
    "ending": _ending,
    "order": _order,
    "length": _length,
    "forbidden_word": _forbidden_word,
    "charset": _charset,
}
