"""Builds the text that the questions of one context share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from harness.contexts import Haystack, Needle, Stream, build_haystack
from harness.contracts import Counter
from harness.errors import ConfigError
from harness.reading import VALUE_TYPES, fold
from harness.records import Span

from .facts import ExactParams, Facts, draw_facts
from .statements import INSTRUCTION, RULES, Statement, ideal_reply, record, sentence, tail

GAP = "\n\n"


@dataclass(frozen=True)
class Context:
    """A built context.

    Attributes:
        facts: what it states.
        head: everything before the haystack.
        haystack: filler and planted statements.
        tails: what stands below the haystack, by question.
        tokens: of head and haystack.
        value_type: type of the values.
    """

    facts: Facts
    head: str
    haystack: Haystack
    tails: tuple[str, ...]
    tokens: int
    value_type: str

    def prompt(self, question: int) -> str:
        """Return the whole prompt of a question."""
        return f"{self.head}{self.haystack.text}{GAP}{self.tails[question]}"

    def spans(self, question: int) -> tuple[Span, ...]:
        """Return what is planted as a question sees it; the rest of what is planted is about other keys."""
        shift = len(self.head)
        return tuple(
            Span(
                role="gold" if fact.kind == "gold" and fact.question == question else "decoy",
                kind="other_key" if fact.question != question else "" if fact.kind == "gold" else fact.kind,
                value=fact.value,
                start=span.start + shift,
                end=span.end + shift,
            )
            for fact, span in zip(self.facts.planted, self.haystack.spans, strict=True)
        )

    def depths(self, question: int) -> list[float]:
        """Return where the right statements of a question stand: 0 at the start of the haystack, 1 at its end."""
        pairs = zip(self.facts.planted, self.haystack.spans, strict=True)
        return [
            span.start / max(1, len(self.haystack.text) - (span.end - span.start))
            for fact, span in pairs
            if fact.kind == "gold" and fact.question == question
        ]

    @cached_property
    def folded(self) -> str:
        """The haystack, folded, in one line."""
        return " ".join(fold(self.haystack.text).split())

    @cached_property
    def positions(self) -> dict[str, int]:
        """Every value of the type in the haystack with its first offset in the prompt."""
        found = VALUE_TYPES[self.value_type].positions(self.haystack.text)
        return {value: at + len(self.head) for value, at in found.items()}


def build_context(
    params: ExactParams, key: tuple[str | int, ...], index: int, length: int, counter: Counter
) -> Context:
    """Build a context: facts first, then the filler that the length leaves room for.

    Args:
        params: the task's parameters.
        key: names the task's streams.
        index: index of the context.
        length: tokens of prompt and answer together.
        counter: what counts them.

    Raises:
        InfeasibleLength: the planted statements alone do not fit.
        ConfigError: the answer budget does not hold the right answer.
    """
    facts = draw_facts(params, key, index)
    tails = tuple(
        tail(
            facts.attribute,
            names,
            params.values_per_key,
            may_be_absent=params.absent_rate > 0,
            form=params.reply_form,
        )
        for names in facts.asked
    )
    _check_budget(params, facts, counter)
    head = (f"{INSTRUCTION} {RULES}" if params.decoys else INSTRUCTION) + GAP
    around = counter.count(head) + max(counter.count(GAP + text) for text in tails)
    haystack = build_haystack(
        params.haystack,
        list(_needles(params, facts, Stream(*key, index, "wording"))),
        length - params.answer_budget - around,
        counter,
        (*key, index, "filler"),
        avoid=_avoid(params, facts),
    )
    return Context(facts, head, haystack, tails, counter.count(head) + haystack.tokens, params.value_type)


def _needles(params: ExactParams, facts: Facts, stream: Stream) -> Iterator[Needle]:
    for fact in facts.planted:
        kind = fact.kind if fact.kind not in ("lookalike_key", "other_attribute") else "gold"
        statement = Statement(kind, fact.name, fact.attribute, fact.value)
        text = (
            record(statement, params.wording, stream)
            if params.haystack == "records"
            else sentence(statement, params.wording, params.values_per_key > 1 and fact.kind == "gold", stream)
        )
        if fact.kind == "gold":
            yield Needle(text=text, value=fact.value, depth=fact.depth)
        else:
            yield Needle(text=text, value=fact.value, depth=fact.depth, role="decoy", kind=fact.kind)


def _avoid(params: ExactParams, facts: Facts) -> set[str]:
    """Return what the filler must not hold: every name, in prose the attribute, and values in their other spelling."""
    avoid = {fact.name for fact in facts.planted} | {name for names in facts.asked for name in names}
    if params.value_type == "adjective_noun":
        avoid |= {fact.value.replace("-", " ") for fact in facts.planted}
    return avoid | {facts.attribute} if params.haystack == "prose" else avoid


def _check_budget(params: ExactParams, facts: Facts, counter: Counter) -> None:
    needed = max(counter.count(ideal_reply(facts.gold(q), params.reply_form)) for q in range(len(facts.asked)))
    if needed > params.answer_budget:
        raise ConfigError(
            f"the right answer alone takes {needed} tokens",
            where="answer_budget",
            found=str(params.answer_budget),
            fix=f"set answer_budget = {2 * needed}, or ask for fewer values",
        )
