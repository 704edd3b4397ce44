"""Answers that are the name of an invented person: how they are read, and how one misses the right name narrowly."""

from __future__ import annotations

import re

from harness.contexts.names import GIVEN_NAME, SURNAME
from harness.reading import ValueType
from harness.reading.values import edits

NEAR = 2
"""Edits at which a name counts as a misspelling of another; any two planted names are at least three apart."""

_WORD = r"[^\W\d_][^\W\d_.'-]{0,24}(?:['-][^\W\d_]{1,24})?"
_NO_NAME = r"(?!.*\b(?:i|i'm|it|not|no|is|was|does|don't|know|unknown|text|person|nobody|sorry|question|answer)\b)"
LINE = rf"^{_NO_NAME}{_WORD}(?: {_WORD}){{0,5}}\.?$"
"""A line of up to six words that does not sound like a sentence: what may be meant as a name of anything."""

PERSON = ValueType(
    name="person",
    exact=re.compile(rf"(?<![a-z])(?=[a-z]{{4}}){GIVEN_NAME} {SURNAME}(?![a-z])", re.IGNORECASE),
    loose=re.compile(
        r"(?<![a-z])(?=[a-z]{2})"
        rf"(?:{GIVEN_NAME} [a-z]{{2,24}}|[a-z]{{2,24}} {SURNAME}|{GIVEN_NAME}|{SURNAME})(?![a-z])"
        rf"|{LINE}",
        re.IGNORECASE | re.MULTILINE,
    ),
    canonical=str,
    near=NEAR,
)
"""The name of an invented person, first name and surname; loosely one half of it, or a line of up to six words."""


def name_slip(found: str, right: str) -> str:
    """Say how a wrong name narrowly misses the right one: `partial_name`, `misspelt_name`, or "" where it does not."""
    if found in right.split():
        return "partial_name"
    return "misspelt_name" if edits(found, right, NEAR) <= NEAR else ""


def is_chimera(found: str, names: tuple[str, ...]) -> bool:
    """Tell whether a name joins the first name of one person to the surname of another."""
    given, _, family = found.partition(" ")
    halves = [name.split(" ") for name in names]
    return found not in names and any(h[0] == given for h in halves) and any(h[1] == family for h in halves)
