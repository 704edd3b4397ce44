"""The scorer `reproduced`: which of several like texts a reply gives back, and how faithfully.

The headline is a choice: the right text must be the most similar one among all that could be meant, and similar enough.
Similarity is difflib's ratio over words without its heuristic for common ones, taken with the reply first.
"""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from typing import Any

from harness.reading.json_ladder import unfence

from .base import Asked, BadAnswer, Fault, Found, Options, Scorer

CLOSEST = 4
"""Candidates that are compared word by word: those that share most words with the reply, whatever their order."""


class ReproducedOptions(Options):
    """Options of `reproduced`.

    Attributes:
        candidates: column with all texts that could be meant, the right one among them or not.
        prefix: column with what the reply must begin with; it is no part of the text.
        fenced: whether the text may stand in a code fence.
        threshold: similarity from which a text counts as given back.
    """

    candidates: str
    prefix: str = ""
    fenced: bool = False


class ReproducedScorer(Scorer):
    """Tells which text is given back."""

    Options = ReproducedOptions
    options: ReproducedOptions
    copies = True

    def gold(self, answer: Any) -> tuple[str, ...]:
        """The right text."""
        if not isinstance(answer, str) or not answer.split():
            raise BadAnswer("the answer is no text")
        return (answer,)

    def read(self, visible: str, asked: Asked) -> Found:
        """Compare with every candidate."""
        prefix = str(asked.row.get(self.options.prefix) or "")
        text = visible.lstrip()
        if prefix and not text.startswith(prefix):
            return Found(0.0, (text[:200],), (Fault("fmt.no_prefix", f"it does not begin with {prefix[:40]!r}"),), "")
        text = text.removeprefix(prefix)
        if self.options.fenced:
            text = unfence(text)[0] or text
        right = asked.gold[0].removeprefix(prefix)
        given, others = text.split(), self._others(asked, right)
        own = similarity(given, right.split())
        ranked = sorted(((similarity(given, other.split()), other) for other in _nearest(given, others)), reverse=True)
        best, nearest = ranked[0] if ranked else (0.0, "")
        metrics = {"similarity@1": own, "margin@1": own - best}
        if own >= best:
            reached = own if own >= self.options.threshold else 0.0
            near = Fault("near_miss.text", f"similarity {own:.2f}")
            return Found(reached, (text[:200],), (near,), "text", metrics=metrics)
        told = f"it is nearer to another text ({best:.2f}, the right one {own:.2f}): {nearest[:60]!r}"
        mode = "distractor.other_text" if best >= self.options.threshold else "wrong_value"
        return Found(0.0, (text[:200],), (Fault(mode, told),), "text", metrics=metrics)

    def _others(self, asked: Asked, right: str) -> list[str]:
        texts = asked.row.get(self.options.candidates) or []
        return [text for text in texts if isinstance(text, str) and text.split() != right.split()]


def similarity(given: list[str], other: list[str]) -> float:
    """Return difflib's ratio of two lists of words, 0 to 1."""
    return SequenceMatcher(None, given, other, autojunk=False).ratio()


def _nearest(given: list[str], texts: list[str]) -> list[str]:
    counted = Counter(given)
    return sorted(texts, key=lambda text: -2 * (counted & Counter(text.split())).total() / max(1, len(text.split())))[
        :CLOSEST
    ]
