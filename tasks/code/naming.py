"""What the tasks have in common whose answers are names of functions: how a reply is read and graded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.reading import Alternative, fold, grade, read_reply
from harness.records import Reply, Sample, Score

from .base import CallTask
from .call_rules import rules_of
from .kinds import DOTTED


class NamingTask(CallTask):
    """A task about a call that is answered with one function or several.

    Attributes:
        fewest: names that an answer is expected to have at least, so that a reply's first name is not taken for all.
        ordered: whether their order counts.
    """

    fewest: ClassVar[int] = 1
    ordered: ClassVar[bool] = False

    @abstractmethod
    def alternatives(self, sample: Sample) -> list[Alternative]:
        """Return the wrong answers that are worked out in advance; one that two modes explain has the first."""

    def measures(self, given: Sequence[str], gold: Sequence[str]) -> Mapping[str, float]:
        """Return auxiliary scores of the folded names that were given, each as `metric@version`."""
        return {}

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Give 1 for just the right functions, in the right order where that counts, and 0 for anything else."""
        reading = read_reply(
            reply,
            DOTTED,
            expected=max(len(sample.gold), self.fewest),
            asked=(sample.data["head"], sample.data["tail"]),
            context=lambda: self.context(sample).folded,
        )
        gold = tuple(map(fold, sample.gold))
        return grade(
            reading,
            gold,
            ordered=self.ordered,
            alternatives=lambda: self.alternatives(sample),
            rules=rules_of(lambda: self.context(sample).folded_functions),
            metrics=self.measures(reading.extraction.canonical, gold),
        )
