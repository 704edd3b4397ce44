"""`aggregation.table`: group the matching records and give each group its number.

… Delivery 48213 brought 37 crates of lamps to Neirwick. … Neirwick received 12 crates of ropes with delivery 70114. …

Question: How many deliveries of each kind of goods reached Neirwick?
Answer in one line: write "ANSWER: " and then each kind of goods with its number, like this:
goods: number, goods: number, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from .base import AggregationTask
from .records import AggregationParams, Operation
from .rules import TABLE_RULES
from .values import CELL


class TableParams(AggregationParams):
    """Parameters of `aggregation.table`."""

    answer_budget: int = Field(default=128, ge=1, description="tokens that the visible answer may take")
    operations: tuple[Literal["count_by", "sum_by"], ...] = Field(
        default=("count_by", "sum_by"), min_length=1, description="asked in turn: deliveries or crates of each kind"
    )


class TableAggregation(AggregationTask):
    """Group records."""

    name = "aggregation.table"
    version = "1"
    summary = "group the matching records of a long text and give the count or the sum of each group"
    Params: ClassVar[type[TableParams]] = TableParams
    kind = CELL
    rules = TABLE_RULES

    @property
    def operations(self) -> Sequence[Operation]:
        """The operations that are asked for in turn."""
        params: TableParams = self.params
        return params.operations

    def chance(self, operation: Operation) -> float:
        """Return 0: a whole table is not guessed."""
        return 0.0

    def other_mistakes(self, gold: tuple[str, ...]) -> Mapping[str, Sequence[tuple[str, ...]]]:
        """Return tables with a wrong number, and without the last group."""
        good, _, number = gold[0].partition(": ")
        wrong = [(f"{good}: {int(number) + by}", *gold[1:]) for by in (1, 2, 3)]
        return {"agg.cell_error": wrong, **({"partial_recall": [gold[:-1]]} if len(gold) > 1 else {})}
