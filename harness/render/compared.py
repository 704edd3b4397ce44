"""Two runs side by side where no policy was applied: shares, what was lost and gained, the drop. Nothing is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.records import Estimate
from harness.render.arms import Arm, Arms, Match
from harness.render.estimates import by_cell, rise, share

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """A task at a length, or all of them.

    Attributes:
        task: empty over all; then `length` is None.
        baseline: share of right answers, likewise `candidate`.
        losses: samples that the candidate does worse, likewise `gains`.
        drop: baseline minus candidate; positive is worse.
        contexts: number of independent contexts.
    """

    task: str
    length: int | None
    baseline: Estimate
    candidate: Estimate
    losses: int
    gains: int
    drop: Estimate
    contexts: int


@dataclass(frozen=True, slots=True)
class Compared:
    """One pair; without rows where `problems` say why the two cannot be paired."""

    baseline: Arm
    candidate: Arm
    rows: tuple[ComparedRow, ...]
    problems: tuple[str, ...]


def make_compared(arms: Arms) -> tuple[Compared, ...]:
    """Return the pairs of a report that no verdict speaks of."""
    return tuple(
        Compared(match.baseline, match.candidate, tuple(_rows(match)), match.problems)
        for match in arms.matches
        if match.verdict is None
    )


def _rows(match: Match) -> list[ComparedRow]:
    if match.pairs.empty:
        return []
    rows = [_row(task, length, pairs, match.icc) for (task, length), pairs in by_cell(match.pairs).items()]
    return [*rows, _row("", None, match.pairs, match.icc)] if len(rows) > 1 else rows


def _row(task: str, length: int | None, pairs: pd.DataFrame, icc: float) -> ComparedRow:
    right = pairs[["base_correct", "cand_correct"]].astype(float).groupby(pairs["sample_id"]).mean()
    lost = right["base_correct"] - right["cand_correct"]
    return ComparedRow(
        task=task,
        length=length,
        baseline=share(pairs, "base_correct", icc),
        candidate=share(pairs, "cand_correct", icc),
        losses=int((lost > 0).sum()),
        gains=int((lost < 0).sum()),
        drop=rise(pairs, pairs["cand_correct"], pairs["base_correct"], icc),
        contexts=int(pairs["context_id"].nunique()),
    )
