"""`retrieval.exact`: find the stated value of a key among other keys and statements planted to mislead.

Read the text below. A question about it follows at the end. …

… The gate code of Niara Mumick used to be 4417082, which has since been withdrawn. …
… You will find 7301946 given as Niara Mumick's gate code. …

Question: What is the gate code of Niara Mumick?
Answer in one line: write "ANSWER: " and then the gate code, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.contexts import ContextTask, Place
from harness.reading import UNATTRIBUTED, VALUE_TYPES, ValueAnswer, classify, is_own_answer, read_reply
from harness.records import Message, Reply, Sample, Score, Span

from .context import ExactContext, build_context
from .exact_mistakes import planted_mistakes
from .facts import ExactParams
from .statements import find_gold, ideal_reply


class ExactRetrieval(ContextTask[ExactContext]):
    """Find the stated value of a key."""

    name = "retrieval.exact"
    version = "1"
    summary = "find the stated value of a key among other keys, decoys and absent keys"
    Params: ClassVar[type[ExactParams]] = ExactParams
    sliced_by = ("keys", "values_per_key", "queries", "decoys", "haystack", "value_type", "wording", "reply_form")

    def build(self, place: Place) -> ExactContext:
        """Build one context."""
        return build_context(self.params, place)

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Give 1 for exactly the right values, or for NONE where there is none, and 0 for anything else."""
        answer = self._read(sample, reply)
        modes = classify(answer)
        correct = answer.matches_gold and is_own_answer(answer.reading, modes)
        mode = None if correct else next(iter(modes), UNATTRIBUTED)
        extraction = answer.reading.extraction
        return Score(
            value=float(correct),
            correct=correct,
            mode=mode,
            flags=tuple(name for name in modes if name != mode),
            answer=tuple(value.raw for value in extraction.values) or (("NONE",) if extraction.none else ()),
            rung=extraction.rung,
            evidence=modes.get(mode, "no rule says why it is wrong") if mode else "",
            metrics=self._metrics(sample, answer, correct),
        )

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Find the gold answer by reading the prompt."""
        return find_gold(prompt[-1].content)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write a gold answer down the way the prompt asks for it."""
        return ideal_reply(gold, self.params.reply_form)

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each mistake that this sample allows."""
        params: ExactParams = self.params
        filler = self.context(sample).positions
        return planted_mistakes(sample, params.value_type, filler, self.ideal_reply)

    def _read(self, sample: Sample, reply: Reply) -> ValueAnswer:
        params: ExactParams = self.params
        kind = VALUE_TYPES[params.value_type]
        reading = read_reply(
            reply,
            kind,
            expected=len(sample.gold),
            asked=(sample.data["head"], sample.data["tail"]),
            context=lambda: self.context(sample).folded,
        )

        def planted() -> dict[str, Span]:
            return {kind.normal(span.value): span for span in sample.spans}

        return ValueAnswer(
            reading=reading,
            kind=kind,
            gold=tuple(kind.normal(value) for value in sample.gold),
            ordered=params.queries > 1 and params.values_per_key == 1,
            planted=planted,
            positions=lambda: self.context(sample).positions,
        )

    def _metrics(self, sample: Sample, answer: ValueAnswer, correct: bool) -> dict[str, float]:
        """Return the auxiliary scores; nothing that a copy of the prompt could earn, `ruler_compat` apart."""
        given, gold = set(answer.given), set(answer.gold)
        hits = len(given & gold)
        if gold:
            precision, recall = (hits / len(given) if given else 0.0), hits / len(gold)
        else:
            precision = recall = float(correct)
        visible = answer.reading.split.visible.lower()
        substrings = sum(value.lower() in visible for value in sample.gold) / len(gold) if gold else float(correct)
        return {
            "strict@1": float(correct and self._in_form(answer)),
            "lenient@1": float(correct),
            "precision@1": precision,
            "recall@1": recall,
            "f1@1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
            "ruler_compat@1": substrings,
        }

    def _in_form(self, answer: ValueAnswer) -> bool:
        """Whether the reply has the form that was asked for: the tagged line and only values in it, or one line."""
        params: ExactParams = self.params
        reading = answer.reading
        return reading.extraction.strict if params.reply_form == "tagged" else "\n" not in reading.folded
