"""The scorer `values`: all values that are asked for stand in the reply, and no others of their kind.

Values are numbers, UUIDs or names in capitals, recognised by the right ones, else words. Recall alone could be had by
copying the text or by listing what stands in it, so others of the kind count against a reply, of words those that stand
alone between separators, and a reply that repeats the prompt earns nothing. Numbers of lists and small numbers beside
long ones (`the 2 values are`) are none of the kind.
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

_CAPITALS = re.compile(r"(?<!\w)[A-Z]{3,}(?!\w)")
_NUMBERING = re.compile(r"^\s*(?:[-*•–+]|\(?\d{1,3}[.):])\s+", re.MULTILINE)
_SEPARATORS = re.compile(r"[\n,;|]|\sand\s|\sor\s")
_FILLERS = frozenset({"answer", "answers", "certainly", "final", "here", "no", "ok", "okay", "sure", "word", "yes"})

MOST_WORDS = 12
"""Words that a reply may have around its words and two for each of them: more is no answer but a text."""


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
        visible = _NUMBERING.sub("", visible)
        reply = normal(visible, self.options)
        gold = {normal(text, self.options) for text in asked.gold}
        kind = next((kind for kind in _KINDS if all(kind.fullmatch(value) for value in gold)), None)
        room = sum(len(value.split()) + 2 for value in gold) + MOST_WORDS
        if kind is None and len(reply.split()) > room:
            told = f"{len(reply.split())} words are no answer but a text"
            return Found(0.0, (visible,), (Fault("fmt.prose_around", told),), "")
        hits = {value for value in gold if holds(reply, value)}
        others = self._others(visible, asked.gold, kind) - gold
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

    def _others(self, visible: str, wanted: tuple[str, ...], kind: re.Pattern[str] | None) -> set[str]:
        """Return all values of the kind of the right ones, the right ones among them."""
        if kind:
            least = min(map(len, wanted)) / 2
            return {match[0] for match in kind.finditer(normal(visible, self.options)) if len(match[0]) >= least}
        sizes = {len(text) for text in wanted}
        if all(_CAPITALS.fullmatch(text) for text in wanted):
            found = [match[0] for match in _CAPITALS.finditer(visible) if len(match[0]) in sizes]
        elif all(len(text.split()) == 1 for text in wanted):
            items = _SEPARATORS.split(visible)
            found = [item for item in items if len(item.split()) == 1] if len(items) > len(wanted) else []
        else:
            found = []
        return {plain for each in found if (plain := normal(each, self.options).rstrip(":"))} - _FILLERS

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the values."""
        return ", ".join(gold if self.options.need == "all" else gold[:1])
