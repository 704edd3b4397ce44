"""The commonest long context: needles in prose, and questions that each need some of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from harness.contexts.context_task import GAP, Context, Place, Question, depth_bin
from harness.contexts.haystack import Haystack, Needle, build_haystack
from harness.records import Axis, Span


def planted_context(
    place: Place,
    head: str,
    needles: Sequence[Needle],
    questions: Sequence[Question],
    answer_budget: int,
    avoid: Collection[str] = (),
) -> Context:
    """Plant needles in as much prose as the length leaves room for.

    Args:
        place: where the context belongs.
        head: the instruction, with the white space that parts it from the text.
        needles: what to plant.
        questions: with answer, tail and evidence. Spans and depth are added: a needle that stands in a question's
            evidence is gold to it, every other is a decoy.
        answer_budget: tokens kept free for the answer.
        avoid: strings that the filler must not hold; the needles' values are avoided anyway.

    Raises:
        InfeasibleLength: the needles do not fit.
    """
    count = place.counter.count
    around = count(head) + max(count(GAP + question.tail) for question in questions)
    budget = place.length - answer_budget - around
    haystack = build_haystack("prose", needles, budget, place.counter, (*place.key, "filler"), avoid)
    return Context(
        head=head,
        body=haystack.text,
        tokens=count(head) + haystack.tokens,
        questions=tuple(_placed(question, needles, haystack, len(head)) for question in questions),
    )


def _placed(question: Question, needles: Sequence[Needle], haystack: Haystack, shift: int) -> Question:
    """Add a question's spans, and its depth where one needle answers it."""
    spans = tuple(
        _span(span, shift, gold=needle.role == "gold" and needle.text in question.evidence)
        for needle, span in zip(needles, haystack.spans, strict=True)
    )
    gold = [span for span in spans if span.role == "gold"]
    axes: dict[str, Axis] = {}
    if len(gold) == 1:
        depth = (gold[0].start - shift) / max(1, len(haystack.text) - (gold[0].end - gold[0].start))
        axes = {"depth": round(depth, 4), "depth_bin": depth_bin(depth)}
    return replace(question, spans=spans, axes={**axes, **question.axes})


def _span(span: Span, shift: int, *, gold: bool) -> Span:
    kind = "" if gold else span.kind or "other_key"
    return replace(span, role="gold" if gold else "decoy", kind=kind, start=span.start + shift, end=span.end + shift)
