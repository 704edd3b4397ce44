"""`retrieval.exact`: find the stated value of a key among other keys and statements planted to mislead.

Read the text below. A question about it follows at the end. …

… The gate code of Niara Mumick used to be 4417082, which has since been withdrawn. …
… You will find 7301946 given as Niara Mumick's gate code. …

Question: What is the gate code of Niara Mumick?
Answer in one line: write "ANSWER: " and then the gate code, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from harness.contexts import counter_named
from harness.contracts import Cell, Counter, Task
from harness.errors import ConfigError
from harness.reading import PARROT_MIN_CHARS, UNATTRIBUTED, VALUE_TYPES, ValueAnswer, classify, earns_credit, read_reply
from harness.records import Axis, Message, Recipe, Reply, Sample, Score, Span
from harness.sizes import format_size

from .context import Context, build_context
from .facts import ExactParams
from .statements import QUESTION_TAG, find_gold, ideal_reply

CACHED_CONTEXTS = 16
"""Contexts kept: more than are answered at once, and at 1M tokens still under half a gigabyte."""

SLICED_BY = ("keys", "values_per_key", "queries", "decoys", "haystack", "value_type", "wording", "reply_form")
"""Parameters that are axes of every sample."""

DEPTH_BINS = 5
"""Needles are spread evenly, so equal bins hold equally many."""


class ExactRetrieval(Task):
    """Find the stated value of a key."""

    name = "retrieval.exact"
    version = "1"
    summary = "find the stated value of a key among other keys, decoys and absent keys"
    floor = 0.0
    Params: ClassVar[type[ExactParams]] = ExactParams

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(params)
        self._counters: dict[str, Counter] = {}
        self._built = lru_cache(CACHED_CONTEXTS)(self._build)

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        """Yield the samples of a cell, context by context."""
        params: ExactParams = self.params
        if cell.questions > params.most_questions:
            raise ConfigError(
                f"{cell.questions} questions per context need {cell.questions * params.queries} keys",
                where=f"{self.name}: keys",
                found=str(params.keys),
                allowed="at least questions per context x queries, at most 64",
                fix="raise keys, or ask fewer questions per context",
            )
        self._counters[cell.counter.name] = cell.counter
        return (
            self._sample(cell, seed, index, question) for index in cell.contexts for question in range(cell.questions)
        )

    def _sample(self, cell: Cell, seed: int, index: int, question: int) -> Sample:
        params: ExactParams = self.params
        context = self._built(seed, index, cell.length, cell.counter.name)
        tail = context.tails[question]
        return Sample(
            id=f"{self.name}/{format_size(cell.length)}/c{index:04d}/q{question}",
            task=self.name,
            version=self.version,
            context_id=f"{self.name}/c{index:04d}",
            gold=context.facts.gold(question),
            question=tail.partition("\n")[0].removeprefix(QUESTION_TAG),
            spans=context.spans(question),
            axes=self._axes(context, cell.length, question),
            recipe=Recipe(
                task=self.name,
                seed=seed,
                params=params.model_dump(mode="json"),
                length=cell.length,
                counter=cell.counter.name,
                context=index,
                question=question,
                questions=cell.questions,
            ),
            prompt_tokens=context.tokens + cell.counter.count(f"\n\n{tail}"),
            answer_budget=params.answer_budget,
            data={"head": context.head, "tail": tail},
        )

    def _axes(self, context: Context, length: int, question: int) -> dict[str, Axis]:
        """Return what a sample can be sliced by. It has a depth where one statement answers it."""
        params: ExactParams = self.params
        axes: dict[str, Axis] = {
            "length_tokens": length,
            "absent": context.facts.absent[question],
            **{name: getattr(params, name) for name in SLICED_BY},
        }
        depths = context.depths(question)
        if len(depths) == 1:
            axes["depth"] = round(depths[0], 4)
            axes["depth_bin"] = depth_bin(depths[0])
        return axes

    def prompt(self, sample: Sample) -> list[Message]:
        """Render a sample as one user message, the question last."""
        return [Message("user", self._context(sample).prompt(sample.recipe.question))]

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Give 1 for exactly the right values, or for NONE where there is none, and 0 for anything else."""
        answer = self._read(sample, reply)
        modes = classify(answer)
        correct = earns_credit(answer, modes, PARROT_MIN_CHARS)
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

    def _read(self, sample: Sample, reply: Reply) -> ValueAnswer:
        params: ExactParams = self.params
        kind = VALUE_TYPES[params.value_type]
        reading = read_reply(
            reply,
            kind,
            expected=len(sample.gold),
            asked=(sample.data["head"], sample.data["tail"]),
            context=lambda: self._context(sample).folded,
        )

        def planted() -> dict[str, Span]:
            return {kind.normal(span.value): span for span in sample.spans}

        return ValueAnswer(
            reading=reading,
            kind=kind,
            gold=tuple(kind.normal(value) for value in sample.gold),
            ordered=params.queries > 1 and params.values_per_key == 1,
            planted=planted,
            positions=lambda: self._context(sample).positions,
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

    def _context(self, sample: Sample) -> Context:
        recipe = sample.recipe
        return self._built(recipe.seed, recipe.context, recipe.length, recipe.counter)

    def _build(self, seed: int, index: int, length: int, counter_name: str) -> Context:
        counter = self._counters.get(counter_name) or counter_named(counter_name)
        return build_context(self.params, (seed, self.name, self.version), index, length, counter)


def depth_bin(depth: float) -> str:
    """Return the fifth of the context that a depth lies in: `40-60%`."""
    index = min(int(depth * DEPTH_BINS), DEPTH_BINS - 1)
    step = 100 // DEPTH_BINS
    return f"{index * step:02d}-{(index + 1) * step:02d}%"
