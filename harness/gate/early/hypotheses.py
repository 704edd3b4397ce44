"""What a run that may stop early will be asked about: every row of its verdict, laid out from the baseline alone.

A fixed run finds its rows in the pairs that are there. One that may stop has to know them, and how many there are,
before the first reply: the thresholds depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from harness.gate.counting import Place, Terms
from harness.gate.decide import BY_RIGHT_ANSWERS, SHARES
from harness.gate.early.rule import StoppingRule
from harness.gate.policy import TASKS, Applied, Policy
from harness.gate.rows import cell_groups, make_rows
from harness.gate.verdict import Scope
from harness.gate.wording import GUARDED, place
from harness.store import Run, pair
from harness.store.frame import KEY, results_frame

if TYPE_CHECKING:
    import pandas as pd

Cell = tuple[str, int]
"""A task at a length."""

FOLLOWED: tuple[Scope, ...] = ("cell", "slice", "overall", "mode", "severity")
"""Scopes with drops between two bounds; the growth of a length has none and cannot be followed."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One row of the verdict to come, known from the baseline alone.

    Attributes:
        baseline: what the complete baseline reaches; `chance`, what guessing earns.
        scale: what a drop of 1 is in the unit of the margin.
        family: number of rows whose harm is tested together, and `share`, what of alpha they share.
    """

    place: Place
    applied: Applied
    baseline: float
    chance: float
    scale: float
    family: int
    share: float

    @property
    def threshold(self) -> float:
        """E-value of harm from which on the row is worse (Bonferroni)."""
        return self.family / self.share

    @property
    def required(self) -> bool:
        """Whether the row decides."""
        return self.applied.level == "error"

    @property
    def assessable(self) -> bool:
        """Whether the baseline is far enough above chance to lose what is allowed."""
        return self.place.scope not in BY_RIGHT_ANSWERS or self.baseline - self.chance > self.applied.margin

    @property
    def name(self) -> str:
        """The row's name as the verdict writes it."""
        scope, part = self.place.scope, self.place.part
        where = GUARDED[scope].format(part) if scope in GUARDED else place(self.place.task, self.place.length)
        return f"{where}, {part}" if scope == "slice" else where

    @property
    def margin(self) -> float:
        """The margin as a share of the largest drop there can be."""
        return self.applied.margin / self.scale

    @property
    def cell(self) -> Cell | None:
        """The task at a length that the row speaks of; None where it speaks of all."""
        return None if self.place.length is None else (self.place.task, self.place.length)


@dataclass(frozen=True)
class Design:
    """What is known before the first reply of the candidate.

    Attributes:
        planned: one row a planned reply: `sample_id`, `replicate`, `context_id`, `task`, `length`, and `outcome`, which
            is the baseline's.
        kept: cells that the rows over all tasks speak of.
        cells: by context, the cells that ask on it.
    """

    rule: StoppingRule
    hypotheses: tuple[Hypothesis, ...]
    planned: pd.DataFrame
    kept: frozenset[Cell]
    cells: Mapping[str, frozenset[Cell]]

    @cached_property
    def counted(self) -> tuple[Hypothesis, ...]:
        """The rows that must all be proven for a pass: required, and assessable if any task at a length is."""
        required = [each for each in self.hypotheses if each.required]
        assessable = [each for each in required if each.assessable]
        return tuple(assessable if any(each.place.scope == "cell" for each in assessable) else required)

    @cached_property
    def holding(self) -> Mapping[Cell | None, tuple[Hypothesis, ...]]:
        """By cell, the rows that keep it from being closed while they are open; under None those over all cells.

        These are the rows that count, and each task at a length itself, even if it is only noted.
        """
        found: dict[Cell | None, list[Hypothesis]] = {cell: [] for cells in self.cells.values() for cell in cells}
        counted = set(self.counted)
        for each in self.hypotheses:
            if each in counted or (each.place.scope == "cell" and each.assessable):
                found.setdefault(each.cell, []).append(each)
        return {cell: tuple(rows) for cell, rows in found.items()}


def design_of(baseline: Run, rule: StoppingRule) -> Design:
    """Lay out all hypotheses from a complete baseline.

    Raises:
        ConfigError: a rule of the policy matches nothing.
    """
    policy = rule.policy
    planned = results_frame(baseline)[[*KEY, "context_id", "task", "length", "outcome"]]
    pairs = pair(baseline, baseline).pairs
    policy.check_slices([name.removeprefix("axis.") for name in map(str, pairs) if name.startswith("axis.")])
    policy.check_rules(sorted(key for key, _ in cell_groups(pairs, policy.defaults.slices)))
    rows = make_rows(pairs, Terms(policy, 0.0, baseline.info.floors, int(planned["replicate"].max()) + 1))
    followed = [row for row in rows if row.place.scope in FOLLOWED]
    sizes = {scope: sum(row.place.scope == scope for row in followed) for scope in FOLLOWED}
    weight = sum(SHARES[scope] for scope, size in sizes.items() if size)
    hypotheses = [
        Hypothesis(
            row.place,
            row.applied,
            row.baseline.value or 0.0,
            row.chance,
            _scale(row.place.scope, policy),
            sizes[row.place.scope],
            policy.defaults.alpha * SHARES[row.place.scope] / weight,
        )
        for row in followed
    ]
    cells = {
        str(context): frozenset(zip(rows["task"], rows["length"], strict=True))
        for context, rows in planned.groupby("context_id")
    }
    kept = {each.cell for each in hypotheses if each.place.scope == "cell" and each.required and each.cell}
    return Design(rule, tuple(hypotheses), planned, frozenset(kept), cells)


def _scale(scope: Scope, policy: Policy) -> float:
    severity = policy.file.severity
    return TASKS * (severity.dearest or 1.0) if scope == "severity" and severity else 1.0
