"""The tasks of this family."""

from __future__ import annotations

from .count import CountAggregation
from .rank import RankAggregation
from .table import TableAggregation
from .total import TotalAggregation

TASKS = (CountAggregation, TotalAggregation, RankAggregation, TableAggregation)
