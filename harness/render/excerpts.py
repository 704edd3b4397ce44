"""The evidence: the question, and the passage that answers it with what stands around it. Never the whole prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.records import Message, Sample

AROUND = 300


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a reader needs to judge a reply.

    Attributes:
        before: text before the needle, at most `AROUND` characters; likewise `after`.
        needle: the passage that states the answer; empty where none does.
        question: the question alone.
        rebuilt: whether the prompt can be built again.
    """

    before: str
    needle: str
    after: str
    question: str = ""
    rebuilt: bool = True


def excerpt_of(sample: Sample, messages: Sequence[Message]) -> Excerpt:
    """Cut the first passage that states the right answer out of a rendered prompt."""
    gold = next((span for span in sample.spans if span.role == "gold"), None)
    if gold is None:
        return Excerpt("", "", "", sample.question)
    text = messages[gold.message].content
    return Excerpt(
        before=text[max(gold.start - AROUND, 0) : gold.start],
        needle=text[gold.start : gold.end],
        after=text[gold.end : gold.end + AROUND],
        question=sample.question,
    )
