"""What the tasks of the family have in common: contexts, reading, attribution. A task adds its operations."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from harness.contexts import ContextTask, Place
from harness.reading import Alternative, Answer, Rule, ValueType, grade, read_reply
from harness.records import Message, Reply, Sample, Score

from .context import AggregationContext, build_context, chosen_facts
from .meanings import MEANINGS
from .measures import distinguishable
from .oracle import find_gold
from .records import AggregationParams, Facts, Operation
from .values import with_words_as_numbers
from .wording import ANSWER_TAG

CACHED_FACTS = 64
SEPARATOR = ", "


class AggregationTask(ContextTask[AggregationContext]):
    """Work something out of every matching record.

    Attributes:
        kind: what answers are made of.
        rules: how an answer can be wrong where no misreading explains it.
        ordered: whether the order of the answer counts.
    """

    modes = MEANINGS
    Params: ClassVar[type[AggregationParams]] = AggregationParams
    sliced_by = ("records", "places", "others", "repeats", "called_off", "kinds", "haystack")
    kind: ClassVar[ValueType]
    rules: ClassVar[tuple[Rule[Answer], ...]]
    ordered: ClassVar[bool] = False

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(params)
        self._facts = lru_cache(CACHED_FACTS)(self._drawn)
        self._wrong = lru_cache(CACHED_FACTS)(self._foreseen)
        self.floor = sum(map(self.chance, self.operations)) / len(self.operations)

    @property
    @abstractmethod
    def operations(self) -> Sequence[Operation]:
        """The operations that are asked for in turn."""

    @abstractmethod
    def chance(self, operation: Operation) -> float:
        """Return an upper bound of what the best guess earns."""

    @abstractmethod
    def other_mistakes(self, gold: tuple[str, ...]) -> Mapping[str, Sequence[tuple[str, ...]]]:
        """Return candidates for answers that no misreading explains, by mode."""

    def metrics(self, answer: Answer) -> dict[str, float]:
        """Return the auxiliary scores of the task."""
        return {}

    @property
    def top(self) -> int:
        """How many goods a ranking asks for."""
        return 1

    def build(self, place: Place) -> AggregationContext:
        """Build one context."""
        return build_context(self.params, self._facts(place.key), place)

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Give 1 for exactly the right answer."""
        reading = with_words_as_numbers(
            read_reply(
                reply,
                self.kind,
                expected=len(sample.gold),
                asked=(sample.data["head"], sample.data["tail"]),
                context=lambda: self.context(sample).folded,
            )
        )
        return grade(
            reading,
            sample.gold,
            ordered=self.ordered,
            alternatives=lambda: self.alternatives(sample),
            rules=self.rules,
            metrics=self.metrics(Answer(reading, sample.gold, self.ordered)),
        )

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Work the answer out of the prompt."""
        return find_gold(prompt[-1].content)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write an answer down the way the prompt asks for it."""
        return ANSWER_TAG + SEPARATOR.join(gold)

    def alternatives(self, sample: Sample) -> list[Alternative]:
        """Return the wrong answers that point to one misreading each."""
        recipe = sample.recipe
        return self._wrong((recipe.seed, self.name, self.version, recipe.context), recipe.question)

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each misreading that can be told from the others, and for each other kind of error.

        Several values where one is asked for are no answer, whatever they are.
        """
        foreseen = self.alternatives(sample)
        single = len(sample.gold) == 1
        found = {
            each.mode: self.ideal_reply(each.answer)
            for each in reversed(foreseen)
            if len(each.answer) == 1 or not single
        }
        taken = {sample.gold, *(each.answer for each in foreseen)}
        for mode, candidates in self.other_mistakes(sample.gold).items():
            if answer := next((each for each in candidates if each not in taken), None):
                found[mode] = self.ideal_reply(answer)
        return found

    def _drawn(self, key: tuple[str | int, ...]) -> Facts:
        index = key[-1]
        assert isinstance(index, int)
        asked = [self.operations[(index + q) % len(self.operations)] for q in range(self.params.places)]
        return chosen_facts(self.params, asked, self.top, key)

    def _foreseen(self, key: tuple[str | int, ...], question: int) -> list[Alternative]:
        facts = self._facts(key)
        return distinguishable(facts, facts.asks[question])[0]
