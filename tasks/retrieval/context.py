"""Builds the text that the questions of one context share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from harness.contexts import Context, Haystack, Needle, Place, Question, Stream, build_haystack, depth_bin
from harness.contracts import Counter
from harness.errors import ConfigError
from harness.reading import VALUE_TYPES
from harness.records import Axis, Span

from .facts import ExactParams, Fact, Facts, draw_facts
from .statements import INSTRUCTION, QUESTION_TAG, RULES, Statement, ideal_reply, record, sentence, tail

GAP = "\n\n"


@dataclass(frozen=True, kw_only=True)
class ExactContext(Context):
    """A built context, with what scoring needs of it.

    Attributes:
        value_type: type of the values.
    """

    value_type: str

    @cached_property
    def positions(self) -> dict[str, int]:
        """Every value of the type in the haystack with its first offset in the prompt."""
        found = VALUE_TYPES[self.value_type].positions(self.body)
        return {value: at + len(self.head) for value, at in found.items()}


def build_context(params: ExactParams, place: Place) -> ExactContext:
    """Build a context: facts first, then the filler that the length leaves room for.

    Raises:
        InfeasibleLength: the planted statements alone do not fit.
        ConfigError: the answer budget does not hold the right answer.
    """
    counter = place.counter
    facts = draw_facts(params, place.key[:-1], place.index)
    tails = [
        tail(
            facts.attribute,
            names,
            params.values_per_key,
            may_be_absent=params.absent_rate > 0,
            form=params.reply_form,
        )
        for names in facts.asked
    ]
    _check_budget(params, facts, counter)
    head = (f"{INSTRUCTION} {RULES}" if params.decoys else INSTRUCTION) + GAP
    around = counter.count(head) + max(counter.count(GAP + text) for text in tails)
    haystack = build_haystack(
        params.haystack,
        list(_needles(params, facts, Stream(*place.key, "wording"))),
        place.length - params.answer_budget - around,
        counter,
        (*place.key, "filler"),
        avoid=_avoid(params, facts),
    )
    return ExactContext(
        head=head,
        body=haystack.text,
        tokens=counter.count(head) + haystack.tokens,
        questions=tuple(_question(facts, haystack, len(head), q, text) for q, text in enumerate(tails)),
        value_type=params.value_type,
    )


def _question(facts: Facts, haystack: Haystack, shift: int, index: int, tail: str) -> Question:
    planted = list(zip(facts.planted, haystack.spans, strict=True))
    about = [span for fact, span in planted if fact.question == index]
    return Question(
        text=tail.partition("\n")[0].removeprefix(QUESTION_TAG),
        gold=facts.gold(index),
        tail=tail,
        evidence="\n".join(haystack.text[span.start : span.end] for span in sorted(about, key=lambda s: s.start)),
        spans=tuple(_span(fact, span, index, shift) for fact, span in planted),
        axes={"absent": facts.absent[index], **_depth_axes(facts, haystack, index)},
    )


def _span(fact: Fact, span: Span, question: int, shift: int) -> Span:
    """Return what is planted as a question sees it: what is about other keys is a decoy to it."""
    own = fact.question == question
    return Span(
        role="gold" if own and fact.kind == "gold" else "decoy",
        kind="other_key" if not own else "" if fact.kind == "gold" else fact.kind,
        value=fact.value,
        start=span.start + shift,
        end=span.end + shift,
    )


def _depth_axes(facts: Facts, haystack: Haystack, question: int) -> dict[str, Axis]:
    """Return where the right statement of a question stands, 0 to 1; nothing where there is not just one."""
    depths = [
        span.start / max(1, len(haystack.text) - (span.end - span.start))
        for fact, span in zip(facts.planted, haystack.spans, strict=True)
        if fact.kind == "gold" and fact.question == question
    ]
    return {"depth": round(depths[0], 4), "depth_bin": depth_bin(depths[0])} if len(depths) == 1 else {}


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
