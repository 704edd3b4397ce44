"""The scorer `values`: all values that are asked for stand in the reply, and no others of their kind.

Values are numbers or UUIDs, recognised by the right ones, else words. Recall alone could be had by copying the text, so
other numbers or UUIDs in the reply count against it, and a reply that repeats the prompt earns nothing.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from .base import Asked, BadAnswer, Fault, Found
from .text import NormalOptions, NormalScorer, holds, normal

_KINDS = (
    re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    re.compile(r"(?<![\w.,-])\d+(?![\w-]|[.,]\d)"),
)
"""UUIDs and whole numbers."""

MOST_WORDS = 12
"""Words that a reply may have around each value that is a word: more is no answer but a text."""


class ValuesOptions(NormalOptions):
    """Options of `values`.

    Attributes:
        need: whether all values must be there, or any one of them.
    """

    need: Literal["all", "any"] = "all"


class ValuesScorer(NormalScorer):
    """Compares the values in a reply with those asked for."""

    Options = ValuesOptions
    options: ValuesOptions
    searches = True

    def gold(self, answer: Any) -> tuple[str, ...]:
        """A value or a list of them."""
        texts = tuple(str(item).strip() for item in (answer if isinstance(answer, list) else [answer]))
        if not texts or not all(normal(text, self.options) for text in texts):
            raise BadAnswer("the answer has an empty value")
        return tuple(dict.fromkeys(texts))

    def read(self, visible: str, asked: Asked) -> Found:
        """Find the values."""
        reply = normal(visible, self.options)
        gold = {normal(text, self.options) for text in asked.gold}
        kind = next((kind for kind in _KINDS if all(kind.fullmatch(value) for value in gold)), None)
        room = sum(len(value.split()) + MOST_WORDS for value in gold)
        if kind is None and len(reply.split()) > room:
            told = f"{len(reply.split())} words are no answer but a text"
            return Found(0.0, (visible,), (Fault("fmt.prose_around", told),), "")
        hits = {value for value in gold if holds(reply, value)}
        others = {match[0] for match in kind.finditer(reply)} - gold if kind else set()
        needed = 1 if self.options.need == "any" else len(gold)
        counted = min(len(hits), needed)
        faults = []
        if counted < needed:
            mode = "missing_items" if hits else "wrong_value" if others else "fmt.none_found"
            faults.append(Fault(mode, f"{needed - counted} of {needed} are not in it"))
        if others:
            faults.append(Fault("extra_items", f"{len(others)} besides, such as {min(others)[:60]}"))
        value = 2 * counted / (counted + len(others) + needed)
        return Found(value, tuple(sorted(hits | others)) or (visible,), tuple(faults), "values", known=bool(others))

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the values."""
        return ", ".join(gold if self.options.need == "all" else gold[:1])
