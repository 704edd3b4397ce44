"""The scorers `set_f1` and `ordered_list`: several items, in any order or in the right one.

A reply is read as a JSON list where there is one; else, of several lines, one item a line, without bullets and numbers
and without a first line that ends in a colon; else as items between separators. Items are compared like `exact` does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from harness.reading.json_ladder import JsonReading, read_json, unfence

from .base import Asked, BadAnswer, Fault, Found
from .text import NormalScorer, TextOptions, after_mark, normal

MOST_ITEMS = 5000
_BULLET = re.compile(r"(?:[-*•–+]|\(?[0-9]{1,4}[.)])\s")
_NONE = frozenset({"none", "[]", "nothing", "n/a", "empty"})


class ListOptions(TextOptions):
    """Options of the scorers of lists.

    Attributes:
        separators: characters that part items in one line, of replies and of answers that are text.
    """

    separators: str = Field(default=",;", min_length=1, max_length=10)


class ListScorer(NormalScorer):
    """What the scorers of lists share."""

    Options = ListOptions
    options: ListOptions

    def gold(self, answer: Any) -> tuple[str, ...]:
        """A list, or a text with items; an empty list is an answer too, and is written `none`."""
        items = answer if isinstance(answer, list) else self.items(answer) if isinstance(answer, str) else [answer]
        if not all(isinstance(item, str | int | float) and not isinstance(item, bool) for item in items):
            raise BadAnswer("the answer is a list of something else than texts and numbers")
        texts = tuple(map(str, items))
        if empty := [text for text in texts if not normal(text, self.options)]:
            raise BadAnswer(f"the item {empty[0]!r} is nothing after normalisation")
        if not texts and isinstance(answer, str) and normal(answer, self.options) not in _NONE:
            raise BadAnswer("the answer has no items")
        return texts

    def items(self, visible: str) -> list[str]:
        """Return the items of a reply as written."""
        reading = read_json(visible) if "[" in visible else None
        if reading and not reading.repairs and isinstance(reading.value, list) and _is_answer(reading):
            flat = [item for item in reading.value if isinstance(item, str | int | float)]
            return [str(item) for item in flat[:MOST_ITEMS]]
        inside, _ = unfence(visible)
        lines = [line.strip() for line in (inside or visible).splitlines() if line.strip()]
        if len(lines) > 1 and lines[0].endswith(":"):
            lines = lines[1:]
        if lines and lines[0].startswith("[") and lines[0].endswith("]"):
            found = re.split(f"[{re.escape(self.options.separators)}]", lines[0][1:-1])
        elif len(lines) > 1 or (lines and _BULLET.match(lines[0])):
            found = [line[match.end() :] if (match := _BULLET.match(line)) else line for line in lines[:MOST_ITEMS]]
        else:
            found = re.split(f"[{re.escape(self.options.separators)}]", lines[0]) if lines else []
        return [item.strip() for item in found[:MOST_ITEMS] if item.strip()]

    def given(self, visible: str) -> tuple[list[str], list[str]] | None:
        """Return the items of a reply as written and as compared; None where the mark is missing."""
        text = self._after(visible)
        if text is None:
            return None
        if normal(text, self.options).casefold() in _NONE:
            return [], []
        pairs = [(item, normal(item, self.options)) for item in self.items(text)]
        kept = [(item, plain) for item, plain in pairs if plain]
        return [item for item, _ in kept], [plain for _, plain in kept]

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write one item a line; a mark stands before them."""
        mark = self.options.after.rstrip()
        lines = [f"- {item}" for item in gold] or ["none"]
        return "\n".join([*([mark] if mark else []), *lines])

    def _after(self, visible: str) -> str | None:
        """Return all that follows the mark: a list may take several lines."""
        mark = self.options.after
        if not mark or after_mark(visible, mark) is None:
            return None if mark else visible
        return visible[visible.casefold().rfind(mark.casefold()) + len(mark) :].strip().strip("*_`").strip()

    def _missing_mark(self, visible: str) -> Found:
        return Found(0.0, (visible,), (Fault("fmt.none_found", f"{self.options.after!r} is not in the reply"),), "")


class SetScorer(ListScorer):
    """F1 of the items as sets."""

    def read(self, visible: str, asked: Asked) -> Found:
        """Compare sets; the right empty set is met by `none` alone."""
        read = self.given(visible)
        if read is None:
            return self._missing_mark(visible)
        shown, given = read[0], set(read[1])
        gold = {normal(item, self.options) for item in asked.gold}
        hits = len(given & gold)
        precision = hits / len(given) if given else float(not gold)
        recall = hits / len(gold) if gold else float(not given)
        f1 = 2 * hits / (len(given) + len(gold)) if given or gold else 1.0
        metrics = {"precision@1": precision, "recall@1": recall, "f1@1": f1}
        known = bool(given) and asked.known >= set(given)
        return Found(f1, tuple(shown), tuple(_set_faults(given, gold)), "items", metrics=metrics, known=known)


class OrderedScorer(ListScorer):
    """The share of positions at which the right item stands, of the longer of the two lists."""

    def read(self, visible: str, asked: Asked) -> Found:
        """Compare position by position."""
        read = self.given(visible)
        if read is None:
            return self._missing_mark(visible)
        shown, given = read
        gold = [normal(item, self.options) for item in asked.gold]
        right = sum(a == b for a, b in zip(given, gold, strict=False))
        longest = max(len(given), len(gold))
        value = right / longest if longest else 1.0
        first = next((i for i in range(longest) if given[i : i + 1] != gold[i : i + 1]), longest)
        metrics = {"prefix@1": first / len(gold) if gold else float(not given)}
        known = bool(given) and asked.known >= set(given)
        return Found(value, tuple(shown), tuple(_order_faults(given, gold)), "items", metrics=metrics, known=known)


def _is_answer(reading: JsonReading) -> bool:
    """Tell a list from a footnote: `[1]` in a text is none."""
    return reading.rung in ("as_asked", "fenced") or (
        reading.rung == "prose_around" and any(isinstance(item, str) for item in reading.value)
    )


def _set_faults(given: set[str], gold: set[str]) -> list[Fault]:
    missing, extra = len(gold - given), len(given - gold)
    if not given and gold:
        return [Fault("missing_items.all", "it gives no item at all")]
    if missing and extra:
        return [Fault("wrong_items", f"{missing} of {len(gold)} items are missing, {extra} others are given")]
    if missing:
        return [Fault("missing_items", f"{missing} of {len(gold)} items are missing")]
    return [Fault("extra_items", f"{extra} items too many")] if extra else []


def _order_faults(given: Sequence[str], gold: Sequence[str]) -> list[Fault]:
    if sorted(given) == sorted(gold):
        return [Fault("wrong_order", "the items are right and their order is not")] if list(given) != list(gold) else []
    faults = _set_faults(set(given), set(gold))
    return faults or [Fault("repeated_items", "an item is given another number of times than asked for")]
