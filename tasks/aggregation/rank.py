"""`aggregation.rank`: the kinds of goods that come most often, in order, or the one of which there is most.

… Delivery 48213 brought 37 crates of lamps to Neirwick. … Neirwick received 12 crates of ropes with delivery 70114. …

Question: Which 3 kinds of goods reached Neirwick in the most deliveries? Name the most frequent first.
Answer in one line: write "ANSWER: " and then the goods, separated by commas, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import perm
from typing import ClassVar, Literal

from pydantic import Field

from harness.reading import Answer

from .base import AggregationTask
from .records import EVEN_KINDS, GOODS, AggregationParams, Operation, close_counts
from .rules import RANK_RULES
from .values import GOOD


class RankParams(AggregationParams):
    """Parameters of `aggregation.rank`."""

    operations: tuple[Literal["top", "argmax"], ...] = Field(
        default=("top", "argmax"), min_length=1, description="asked in turn: the most frequent, or the most crates"
    )
    top: int = Field(default=3, ge=1, le=8, description="kinds of goods that a ranking asks for, if there are so many")


class RankAggregation(AggregationTask):
    """Rank groups of records."""

    name = "aggregation.rank"
    version = "1"
    summary = "name the groups with the most matching records of a long text, or with the largest total"
    Params: ClassVar[type[RankParams]] = RankParams
    kind = GOOD
    rules = RANK_RULES
    ordered = True

    @property
    def operations(self) -> Sequence[Operation]:
        """The operations that are asked for in turn."""
        params: RankParams = self.params
        return params.operations

    @property
    def top(self) -> int:
        """How many goods a ranking asks for."""
        params: RankParams = self.params
        return params.top

    def chance(self, operation: Operation) -> float:
        """Return one over the number of rankings of the goods that the place received."""
        params: RankParams = self.params
        if operation == "top":
            groups = len(close_counts(params.records, params.kinds))
            asked = min(params.top, groups)
        else:
            groups, asked = min(params.records, params.kinds, EVEN_KINDS), 1
        return 1 / perm(groups if groups > 1 else params.kinds, asked)

    def metrics(self, answer: Answer) -> dict[str, float]:
        """Return Kendall's tau of the right goods in the order of the answer; those left out come last."""
        return {"kendall_tau@1": kendall_tau(answer.given, answer.gold)} if len(answer.gold) > 1 else {}

    def other_mistakes(self, gold: tuple[str, ...]) -> Mapping[str, Sequence[tuple[str, ...]]]:
        """Return rankings with goods that do not belong there, in the wrong order, and too short or too long."""
        strangers = [good for good in GOODS if good not in gold]
        found = {
            "agg.wrong_goods": [(good, *gold[1:]) for good in strangers],
            "over_inclusion": [(*gold, strangers[0])],
        }
        if len(gold) > 2:
            found |= {"wrong_order": [gold[::-1], (*gold[1:], gold[0])], "partial_recall": [gold[:-1]]}
        return found if len(gold) > 1 else {"agg.wrong_goods": found["agg.wrong_goods"]}


def kendall_tau(given: Sequence[str], gold: Sequence[str]) -> float:
    """Return concordant less discordant pairs of `gold`, as a share; a pair of which neither was given is neither."""
    place = {value: at for at, value in reversed(list(enumerate(given)))}
    last = len(given)
    total = 0
    for a, b in combinations(gold, 2):
        first, second = place.get(a, last), place.get(b, last)
        total += (first < second) - (first > second)
    pairs = len(gold) * (len(gold) - 1) // 2
    return total / pairs if pairs else 0.0
