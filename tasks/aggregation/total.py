"""`aggregation.total`: add up the matching records, or find their median, or a share of them.

… Delivery 48213 brought 37 crates of lamps to Neirwick. … Neirwick received 12 crates of ropes with delivery 70114. …

Question: How many crates were delivered to Neirwick altogether?
Answer in one line: write "ANSWER: " and then the number, nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from .numbers import NumberTask
from .records import FEWEST_CRATES, MOST_CRATES, AggregationParams, Operation

GUESSED = 4
"""Bound of how much likelier the commonest sum or median is than the mean one."""


class TotalParams(AggregationParams):
    """Parameters of `aggregation.total`."""

    operations: tuple[Literal["sum", "median", "percent"], ...] = Field(
        default=("sum", "median", "percent"), min_length=1, description="asked in turn"
    )


class TotalAggregation(NumberTask):
    """Add records up."""

    name = "aggregation.total"
    version = "1"
    summary = "add up the matching records of a long text, or find their median or a percentage"
    Params: ClassVar[type[TotalParams]] = TotalParams

    @property
    def operations(self) -> Sequence[Operation]:
        """The operations that are asked for in turn."""
        params: TotalParams = self.params
        return params.operations

    def chance(self, operation: Operation) -> float:
        """Return a bound: one over the possible shares, or some over the possible numbers of crates."""
        params: TotalParams = self.params
        if operation == "percent":
            return 1 / min(100, max(1, params.records - 1))
        return GUESSED / (MOST_CRATES - FEWEST_CRATES + 1)
