"""The scorer `labels`: which of a closed set of labels a reply names, and no other.

A label counts as a whole word, so that `no` is not in `none`. Labels that the question itself names are no answer. A
reply that names the right label among others is wrong: naming them all would otherwise always win.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .base import Asked, BadAnswer, Fault, Found
from .text import NormalOptions, NormalScorer, holds, normal


class LabelsOptions(NormalOptions):
    """Options of `labels`.

    Attributes:
        labels: the closed set; unset, the right answers of all rows.
        choices: the column with the closed set of a row, where rows have different ones.
        question: the column with the question.
        separator: parts the labels of an answer that has several.
    """

    labels: list[str] = Field(default_factory=list)
    choices: str = ""
    question: str = ""
    separator: str = ","


class LabelsScorer(NormalScorer):
    """Compares the labels that a reply names."""

    Options = LabelsOptions
    options: LabelsOptions
    searches = True

    def gold(self, answer: Any) -> tuple[str, ...]:
        """One label, or several in a text or a list."""
        items = answer if isinstance(answer, list) else str(answer).split(self.options.separator)
        texts = tuple(str(item).strip() for item in items)
        if not all(normal(text, self.options) for text in texts):
            raise BadAnswer("the answer names no label")
        return texts

    def read(self, visible: str, asked: Asked) -> Found:
        """Find the labels."""
        gold = {normal(text, self.options) for text in asked.gold}
        labels = asked.row.get(self.options.choices) or self.options.labels
        known = {normal(str(label), self.options) for label in labels} or asked.known
        question = normal(str(asked.row.get(self.options.question, "")), self.options)
        reply = normal(visible, self.options)
        named = {
            label for label in known | gold if holds(reply, label) and (label in gold or not holds(question, label))
        }
        shown = tuple(sorted(named)) or (visible,)
        if named == gold:
            return Found(1.0, shown, (), "labels")
        if not named:
            return Found(0.0, shown, (Fault("fmt.none_found", "no label is in the reply"),), "")
        if named > gold:
            told = f"{len(gold)} asked for and {len(named)} named"
            return Found(0.0, shown, (Fault("hedged_multi", told),), "labels", known=True)
        mode = "missing_items" if named < gold else "wrong_value.other_label"
        return Found(0.0, shown, (Fault(mode, f"it names {', '.join(sorted(named))}"),), "labels", known=True)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the labels."""
        return ", ".join(gold)
