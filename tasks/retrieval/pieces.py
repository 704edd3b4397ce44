"""Short pieces of writing to order: a format, a topic, a style, and as many different texts of each as are wanted.

A piece is an opening of its format, sentences that its topic and its style colour, and a close. Slots are filled from
the vocabulary of the prose filler, so that two pieces of one order share hardly a phrase; that they do not is held by
`tests/test_retrieval_ordinal.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from harness.contexts import Stream
from harness.contexts.names import given_name, place_name
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
    THINGS,
)

TOPICS = (
    "apple trees|beehives|bridges|carousels|chess players|clocks|comets|ferry boats|glassblowers|hedgehogs|"
    "hot-air balloons|ice skaters|kites|libraries|lighthouses|market squares|mountain goats|night trains|orchards|"
    "penguins|postcards|puppet shows|rainstorms|sand dunes|snowmen|sailing ships|tea houses|tortoises|vineyards|"
    "volcanoes|wild geese|windmills"
).split("|")

STYLES = {
    "boastful": (
        "as everybody admits",
        "better than anyone before",
        "to the envy of all",
        "with a skill beyond compare",
        "as only a master can",
        "for the whole world to see",
        "and nobody did it sooner",
        "with applause from every side",
    ),
    "cheerful": (
        "to everyone's delight",
        "with a song on the way",
        "as happy as could be",
        "and how we laughed",
        "which made the day",
        "in the best of moods",
        "under a bright sky",
        "with cake for all",
    ),
    "formal": (
        "as is hereby recorded",
        "in accordance with custom",
        "with due respect",
        "subject to approval",
        "as the rules require",
        "for which thanks are owed",
        "upon careful reflection",
        "in the presence of witnesses",
    ),
    "gloomy": (
        "alas",
        "as if that helped",
        "with little hope",
        "under a leaden sky",
        "and then it rained again",
        "too late as ever",
        "while the candles went out",
        "as the last light faded",
    ),
    "mysterious": (
        "for reasons nobody would name",
        "as the letter foretold",
        "behind a locked door",
        "at a sign from a stranger",
        "though no one was there",
        "just before midnight",
        "as if in a dream",
        "and the mirror agreed",
    ),
    "humorous": (
        "believe it or not",
        "much to the goat's surprise",
        "with soup on both sleeves",
        "twice by mistake",
        "wearing the wrong hat",
        "to the sound of a sneeze",
        "as my aunt always does",
        "upside down at first",
    ),
}
"""Asides that give a sentence its tone."""

OPENINGS = {
    "letter": ("Dear F, news of T from L.", "My dear F, you asked about T.", "Dear F, greetings from L and its T."),
    "diary entry": ("M the D: T again.", "Evening of D M, thinking of T.", "D M, at L, nothing but T."),
    "speech": ("Friends of L, let us talk of T.", "Good people, I rise for T.", "Neighbours of L, hear me on T."),
    "news report": ("L, D M: T in the headlines.", "From L comes news of T.", "T were the talk of L on D M."),
    "advertisement": ("Visit L for T!", "T for every purse at L!", "Only in M: T from L!"),
    "fairy tale": ("Once upon a time T ruled L.", "In old L there lived F, who loved T.", "Long ago F dreamt of T."),
    "guidebook entry": ("L is known for T.", "For T, turn left at L.", "No visitor to L should miss T."),
    "toast": ("Raise your cups to T!", "To T, and to F of L!", "Here is to F and to T!"),
}
"""First sentences of each format. `T` is the topic; the other slots are those of `_SLOTS`."""

SENTENCES = {
    "letter": (
        "Yesterday F V N beside T, X.",
        "I keep J by H and think of T, X.",
        "Near G the S spoke of T and of N, X.",
        "You would have liked R, for T stood behind it.",
        "Please send K hooks and J for T.",
        "F still claims that T once V N at L.",
        "X, the S Y V N.",
        "My window shows G, T and R.",
    ),
    "diary entry": (
        "Woke early, V N, saw T near G.",
        "F came by with J and talk of T, X.",
        "Could not sleep for T and R.",
        "The S Y V N, X.",
        "Walked K paces round H, found T, lost N.",
        "Must tell F about T and J.",
        "X, I V R in H.",
        "At dusk T again, over G, and N in the grass.",
    ),
    "speech": (
        "What would L be without T and N?",
        "It was F who Y V R for T.",
        "The S gave us J, X.",
        "Let T stand by H for K years!",
        "I say that N belongs to T, X.",
        "Who V R when T came to G?",
        "X, we V N for the S.",
        "Remember F, remember T, remember J.",
    ),
    "news report": (
        "The S of L V N near T, X.",
        "According to F, T cost K crowns and J.",
        "Work on H stopped when T reached G.",
        "X, F Y V R.",
        "Police at L guard N and T.",
        "A crowd of K watched T from H.",
        "The mayor praised R and promised J for T.",
        "T will return to G in M, said F.",
    ),
    "advertisement": (
        "Bring N, take home T, X!",
        "Our S have V R for T.",
        "K buyers a week choose T over J.",
        "See T and N in H near G.",
        "F says: X, I V J!",
        "Ask for T with R at no charge.",
        "From M on, T come with N.",
        "X: T, Y V by the S of L.",
    ),
    "fairy tale": (
        "A witch hid N among T, X.",
        "The S of L V R and feared T.",
        "F rode to G and met T with J.",
        "For K nights T sang behind H.",
        "X, the king V N.",
        "Then T turned into J, and F laughed.",
        "No key but N opened H to T.",
        "The dragon Y V R near T.",
    ),
    "guidebook entry": (
        "T can be seen from H, K steps past G.",
        "The S sell J shaped like T.",
        "F of L V N for T, X.",
        "Behind G there is R, older than T.",
        "In M the S Y V N near T.",
        "X, H holds T and J.",
        "Allow K minutes for T and R.",
        "A path from G leads to T, N and H.",
    ),
    "toast": (
        "May T outlast N and H, X!",
        "F once V R for T.",
        "The S of L owe T J, X.",
        "Whoever V N shall drink to T.",
        "K cheers for T by G!",
        "X, I Y V J in H.",
        "Let R gather dust while T shine.",
        "To F, who gave T N!",
    ),
}
"""Sentences of each format, with an aside `X`."""

FORMATS = tuple(SENTENCES)
_SLOT = re.compile(r"\b[TFLMDKNJRHGSVYX]\b")


@dataclass(frozen=True, slots=True, order=True)
class Order:
    """What a piece is asked to be."""

    style: str
    form: str
    topic: str

    @property
    def noun(self) -> str:
        """`cheerful letter about lighthouses`."""
        return f"{self.style} {self.form} about {self.topic}"

    @property
    def request(self) -> str:
        """How the user asks for it."""
        return f"Write a {self.noun}."


def draw_order(stream: Stream, topics: tuple[str, ...]) -> Order:
    """Draw an order about one of some topics."""
    return Order(stream.choice(tuple(STYLES)), stream.choice(FORMATS), stream.choice(topics))


def write(order: Order, words: int, stream: Stream) -> str:
    """Write a piece of at least so many words, in one paragraph; by a sentence more at most."""
    sentences: list[str] = []
    count = 0
    pool: list[str] = [stream.choice(OPENINGS[order.form])]
    while count < words:
        sentence = _fill(pool.pop(), order, stream)
        sentences.append(sentence)
        count += sentence.count(" ") + 1
        pool = pool or stream.shuffled(SENTENCES[order.form])
    return " ".join(sentences)


@cache
def _parts(frame: str) -> tuple[tuple[str, ...], str]:
    """Split a frame into its fixed text and the letters of its slots."""
    return tuple(_SLOT.split(frame)), "".join(_SLOT.findall(frame))


def _fill(frame: str, order: Order, stream: Stream) -> str:
    fixed, letters = _parts(frame)
    text = fixed[0]
    for letter, after in zip(letters, fixed[1:], strict=True):
        text += _slot(letter, order, stream) + after
    return text[0].upper() + text[1:]


def _slot(letter: str, order: Order, stream: Stream) -> str:
    if letter == "T":
        return order.topic
    return stream.choice(STYLES[order.style]) if letter == "X" else _SLOTS[letter](stream)


def _thing(stream: Stream) -> str:
    return f"{stream.choice(ADJECTIVES)} {stream.choice(THINGS)}"


def _with_article(thing: str) -> str:
    return f"an {thing}" if thing[0] in "aeiou" else f"a {thing}"


_SLOTS: dict[str, Callable[[Stream], str]] = {
    "F": given_name,
    "L": place_name,
    "M": lambda stream: stream.choice(MONTHS),
    "D": lambda stream: str(stream.between(1, 28)),
    "K": lambda stream: str(stream.between(3, 99)),
    "N": lambda stream: f"the {_thing(stream)}",
    "J": lambda stream: _with_article(_thing(stream)),
    "R": lambda stream: f"the {_thing(stream)} near the {_thing(stream)}",
    "H": lambda stream: f"the {stream.choice(BUILDING_ADJECTIVES)} {stream.choice(BUILDINGS)}",
    "G": lambda stream: f"the {stream.choice(GROUND_ADJECTIVES)} {stream.choice(GROUNDS)}",
    "S": lambda stream: stream.choice(GROUPS),
    "V": lambda stream: stream.choice(HANDLED),
    "Y": lambda stream: stream.choice(MANNERS),
}
"""First name, place, month, day, number, thing, a thing, two things, building, ground, group, verb, manner."""
