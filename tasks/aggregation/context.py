"""One built context: the statements planted in filler, and its questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.contexts import Context, Haystack, Needle, Place, Question, build_haystack
from harness.contexts.context_task import GAP
from harness.records import Span

from .measures import distinguishable, right_answer
from .records import AggregationParams, Ask, Facts, Operation, Statement, draw_facts
from .wording import INSTRUCTION, question, state, tail

HEAD = INSTRUCTION + GAP

MOST_ATTEMPTS = 16
ATTEMPTED_STATEMENTS = 4_000
"""Statements that are drawn at most to find facts on which misreadings differ: small contexts are drawn more often."""

FEWEST_ATTEMPTS = 4
UNDEFINED = 1_000
"""Weight of a question without one right answer: worse than any number of misreadings that cannot be told apart."""

DENSITIES = ((0.001, "under 0.1%"), (0.01, "0.1-1%"), (0.1, "1-10%"), (0.5, "10-50%"), (1.01, "over 50%"))


@dataclass(frozen=True, kw_only=True)
class AggregationContext(Context):
    """A built context, with what scoring needs of it.

    Attributes:
        facts: what it states.
    """

    facts: Facts


def chosen_facts(
    params: AggregationParams, operations: Sequence[Operation], top: int, key: tuple[str | int, ...]
) -> Facts:
    """Draw facts until all misreadings give answers of their own, and after some attempts take the best.

    Raises:
        ValueError: no attempt had one right answer to each question.
    """
    best: Facts | None = None
    fewest = UNDEFINED
    attempts = MOST_ATTEMPTS
    at = 0
    while at < attempts and fewest:
        facts = draw_facts(params, operations, top, key, at)
        attempts = max(FEWEST_ATTEMPTS, min(MOST_ATTEMPTS, ATTEMPTED_STATEMENTS // len(facts.statements)))
        lost = sum(_lost(facts, ask) for ask in facts.asks)
        if lost < fewest:
            best, fewest = facts, lost
        at += 1
    if best is None:
        raise ValueError(f"no question with one right answer in {at} attempts")
    return best


def _lost(facts: Facts, ask: Ask) -> int:
    return distinguishable(facts, ask)[1] if right_answer(facts, ask) else UNDEFINED


def build_context(params: AggregationParams, facts: Facts, place: Place) -> AggregationContext:
    """Plant the statements of a context in as much filler as the length leaves room for.

    Raises:
        InfeasibleLength: they do not fit.
    """
    count = place.counter.count
    tails = [tail(ask) for ask in facts.asks]
    texts = [state(each, params.haystack) for each in facts.statements]
    needles = [
        Needle(text=text, value=_value(each), depth=each.depth)
        for text, each in zip(texts, facts.statements, strict=True)
    ]
    budget = place.length - params.answer_budget - count(HEAD) - max(count(GAP + each) for each in tails)
    avoid = {each.record.place for each in facts.statements}
    haystack = build_haystack(params.haystack, needles, budget, place.counter, (*place.key, "filler"), avoid)
    tokens = count(HEAD) + haystack.tokens
    questions = []
    for ask, ending in zip(facts.asks, tails, strict=True):
        planted = _Planted(facts, ask, texts, haystack)
        density = count("".join(planted.told)) / max(1, haystack.tokens)
        questions.append(
            Question(
                text=question(ask),
                gold=right_answer(facts, ask),
                tail=ending,
                evidence=planted.evidence("\n" if params.haystack == "records" else " "),
                spans=planted.spans(),
                axes={
                    "operation": ask.operation,
                    "evidence": len({each.record.number for each in facts.told(ask)}),
                    "density": round(density, 6),
                    "density_bin": density_bin(density),
                },
            )
        )
    return AggregationContext(head=HEAD, body=haystack.text, tokens=tokens, questions=tuple(questions), facts=facts)


def density_bin(density: float) -> str:
    """Return the range that a density lies in."""
    return next(name for most, name in DENSITIES if density < most)


def _value(statement: Statement) -> str:
    return f"{statement.record.crates} crates"


@dataclass(frozen=True, slots=True)
class _Planted:
    """What is planted, as one question sees it."""

    facts: Facts
    ask: Ask
    texts: Sequence[str]
    haystack: Haystack

    @property
    def told(self) -> list[str]:
        """Every statement of a delivery that the question needs."""
        pairs = zip(self.texts, self.facts.statements, strict=True)
        return [text for text, each in pairs if not self._role(each)]

    def evidence(self, joint: str) -> str:
        """Return the first statement of each delivery that the question needs."""
        first: dict[int, str] = {}
        for text, each in zip(self.texts, self.facts.statements, strict=True):
            if not self._role(each):
                first.setdefault(each.record.number, text)
        return joint.join(first.values())

    def spans(self) -> tuple[Span, ...]:
        """Return the statements as offsets into the message."""
        return tuple(
            replace(
                span,
                role="decoy" if (kind := self._role(each)) else "gold",
                kind=kind,
                start=span.start + len(HEAD),
                end=span.end + len(HEAD),
            )
            for span, each in zip(self.haystack.spans, self.facts.statements, strict=True)
        )

    def _role(self, statement: Statement) -> str:
        """Return the kind of decoy that a statement is, or "" where the question needs it."""
        if statement.record.place != self.ask.place:
            return "other_place"
        return "" if statement.record.arrived else "called_off"
