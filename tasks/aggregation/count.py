"""`aggregation.count`: count the matching records, or what is different among them.

… Delivery 48213 brought 37 crates of lamps to Neirwick. … Neirwick received 12 crates of ropes with delivery 70114. …

Question: How many deliveries reached Neirwick?
Answer in one line: write "ANSWER: " and then the number, nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from .numbers import NumberTask
from .records import AggregationParams, Operation, count_range


class CountParams(AggregationParams):
    """Parameters of `aggregation.count`."""

    records: int = Field(default=12, ge=2, le=4096, description="matching records, more or fewer by a quarter and one")
    operations: tuple[Literal["count", "distinct"], ...] = Field(
        default=("count", "distinct"), min_length=1, description="asked in turn: all records, or kinds of goods"
    )


class CountAggregation(NumberTask):
    """Count records."""

    name = "aggregation.count"
    version = "1"
    summary = "count the matching records of a long text, or the different kinds among them"
    Params: ClassVar[type[CountParams]] = CountParams

    @property
    def operations(self) -> Sequence[Operation]:
        """The operations that are asked for in turn."""
        params: CountParams = self.params
        return params.operations

    def chance(self, operation: Operation) -> float:
        """Return one over the number of answers that are possible: all are equally likely."""
        params: CountParams = self.params
        if operation == "count":
            fewest, most = count_range(params.records)
        else:
            fewest, most = min(2, params.records), min(params.kinds, params.records)
        return 1 / (most - fewest + 1)
