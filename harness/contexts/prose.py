"""Prose by a seeded grammar: documents in four registers, each with a year and a local cast of people and places.

A frame is a sentence with slots; a slot is filled from the document's cast or from the vocabulary:

    P, Q  two people             N  a thing ("the narrow ledger")     V  what was done to a thing
    L, M  two places             J  the same with "a" or "an"         U  what was done to a building
    S  a group of people         R  a thing, maybe beside another     Y  in what manner
    H  a building                   or by a building, or both         W  weather
    G  a piece of land or water  C  a small number in words           K  a number below 5,000 in digits
                                                                      D  a date

Numbers never have seven digits and dates spell the day, so that the filler cannot state by accident what a planted
sentence states. Frames keep runs of fixed words short, so that long contexts do not repeat themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from harness.contexts.frames import FRAMES, HEADINGS
from harness.contexts.names import given_name, place_name, surname
from harness.contexts.streams import Stream
from harness.contexts.words import (
    ADJECTIVES,
    BUILDING_ADJECTIVES,
    BUILDINGS,
    GROUND_ADJECTIVES,
    GROUNDS,
    GROUPS,
    HANDLED,
    MANNERS,
    MONTHS,
    ORDINALS,
    TENDED,
    THINGS,
    WEATHER,
)

BESIDE = ("beside", "behind", "near", "below", "opposite")
AT = ("from", "near", "behind", "in")
UNITS = "one two three four five six seven eight nine".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SMALL_NUMBERS = UNITS[2:] + TENS + [f"{ten}-{unit}" for ten in TENS for unit in UNITS]


@cache
def _vocabulary() -> dict[str, list[str]]:
    """What a slot may hold in any document; made at first use (some milliseconds)."""
    things = [f"{adjective} {noun}" for adjective in ADJECTIVES for noun in THINGS]
    return {
        "N": [f"the {thing}" for thing in things],
        "J": [("an " if thing[0] in "aeiou" else "a ") + thing for thing in things],
        "H": [f"the {adjective} {noun}" for adjective in BUILDING_ADJECTIVES for noun in BUILDINGS],
        "G": [f"the {adjective} {noun}" for adjective in GROUND_ADJECTIVES for noun in GROUNDS],
        "S": [f"the {group}" for group in GROUPS],
        "V": HANDLED,
        "U": TENDED,
        "Y": MANNERS,
        "W": WEATHER,
        "C": SMALL_NUMBERS,
    }


@cache
def _templates(register: str) -> list[tuple[str, str]]:
    """Split each frame into its `%`-template and the letters of its slots."""
    slot = re.compile(r"\b[PQLMNJRHGSVUYCKDW]\b")
    return [(slot.sub("%s", frame), "".join(slot.findall(frame))) for frame in FRAMES[register]]


class Document:
    """One document: a register, a year, a cast, and its sentences. No frame comes twice before all have come."""

    def __init__(self, stream: Stream, number: int) -> None:
        self._bits = stream.bits
        register = stream.choice(list(FRAMES))
        people = _different(lambda: f"{given_name(stream)} {surname(stream)}", stream.between(4, 8))
        places = _different(lambda: place_name(stream), stream.between(2, 4))
        self._year = stream.between(1700, 1948)
        self.heading = f"{HEADINGS[register].format(place=places[0])}, folio {number}"
        self.paragraphs = stream.between(4, 9)
        pools = {**_vocabulary(), "P": people, "Q": people, "L": places, "M": places}
        self._fill: dict[str, Callable[[], str]] = {letter: self._drawer(pool) for letter, pool in pools.items()}
        self._fill |= {"K": self._number, "D": self._date, "R": self._nested}
        self._templates = stream.shuffled(_templates(register))
        self._next = 0

    def sentence(self) -> str:
        """Draw one sentence. Its two people differ, and so do its two places."""
        template, letters = self._templates[self._next % len(self._templates)]
        self._next += 1
        values = [self._fill[letter]() for letter in letters]
        self._part(values, letters, "P", "Q")
        self._part(values, letters, "L", "M")
        text = template % tuple(values)
        return text[0].upper() + text[1:]

    def _part(self, values: list[str], letters: str, one: str, other: str) -> None:
        """Draw again while two people, or two places, of a sentence are the same."""
        if one in letters and other in letters:
            i, j = letters.index(one), letters.index(other)
            while values[i] == values[j]:
                values[j] = self._fill[other]()

    def _drawer(self, pool: list[str]) -> Callable[[], str]:
        bits, size = self._bits, len(pool)
        return lambda: pool[bits(32) % size]

    def _number(self) -> str:
        return str(100 + self._bits(32) % 4900)

    def _date(self) -> str:
        bits = self._bits
        return f"the {ORDINALS[bits(32) % 28]} of {MONTHS[bits(32) % 12]} {self._year + bits(32) % 3}"

    def _nested(self) -> str:
        """A thing: half the time alone, else beside another, by a building, or both."""
        draw = self._bits(32) % 8
        phrase = self._fill["N"]()
        if draw in (4, 7):
            phrase += f" {BESIDE[self._bits(32) % len(BESIDE)]} {self._fill['N']()}"
        if draw > 4:
            phrase += f" {AT[self._bits(32) % len(AT)]} {self._fill['H']()}"
        return phrase


def _different(draw: Callable[[], str], count: int) -> list[str]:
    """Draw until so many are different: a cast of one place only could never fill a sentence with two."""
    found = dict.fromkeys(draw() for _ in range(count))
    while len(found) < count:
        found[draw()] = None
    return list(found)


def prose_documents(stream: Stream, number: int) -> list[list[str]]:
    """Return document `number` as a heading and paragraphs of sentences, the heading being the first paragraph."""
    document = Document(stream, number)
    return [
        [document.heading],
        *[[document.sentence() for _ in range(stream.between(4, 8))] for _ in range(document.paragraphs)],
    ]


def short_sentence(stream: Stream) -> str:
    """Return a sentence of about nine tokens, to fill what is left of a budget."""
    return f"{given_name(stream)} {stream.choice(HANDLED)} the {stream.choice(THINGS)}."
