"""Proof that a policy can say no: the candidate is made worse on purpose, and the verdict must follow.

A gate that passes whatever it is shown is worse than none. Right answers of the candidate are turned wrong, evenly
spread over each cell, until the drop exceeds the margin by a point: that must not come out as a pass. Then the smallest
such loss at which the verdict turns to `regressed` is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from harness.gate.decide import decide
from harness.gate.policy import Policy
from harness.gate.rows import cells_of
from harness.gate.verdict import State
from harness.store import Comparison

BEYOND = 0.01
"""How far beyond the margin the candidate is made worse, as a share: a point."""

STEPS = 100


@dataclass(frozen=True, slots=True)
class Proof:
    """What the verdict becomes when the candidate is made worse everywhere.

    Attributes:
        worsened: the verdict with every cell a point beyond its margin.
        turns_red: smallest further loss in every cell, as a share, at which the verdict is `regressed`; None where no
            loss makes it so.
    """

    worsened: State
    turns_red: float | None

    @property
    def holds(self) -> bool:
        """Whether a candidate beyond the margin is not passed."""
        return self.worsened != "pass"


def prove(comparison: Comparison, policy: Policy, judged: Callable[[Comparison], State] | None = None) -> Proof:
    """Make the candidate worse and decide again, with the same policy.

    Args:
        comparison: two paired runs.
        policy: what decides.
        judged: decides in place of `decide`: for a run that may stop early.
    """
    judged = judged or (lambda worse: decide(worse, policy).state)
    pairs = comparison.pairs
    column = "correct" if policy.defaults.measure == "right" else "value"
    drop = pairs[f"base_{column}"].astype(float) - pairs[f"cand_{column}"].astype(float)
    needed = {
        (task, length): policy.applied(task, length).margin + BEYOND - float(drop.iloc[places].mean())
        for (task, length), places in _cells(comparison)
    }
    worsened = _worse if column == "correct" else _scored_less
    beyond = judged(worsened(comparison, needed))
    low, high = 0, STEPS + 1
    while low < high:  # more losses never better a verdict, so the first red one is found by halving
        middle = (low + high) // 2
        if judged(worsened(comparison, dict.fromkeys(needed, middle / STEPS))) == "regressed":
            high = middle
        else:
            low = middle + 1
    return Proof(beyond, low / STEPS if low <= STEPS else None)


def _worse(comparison: Comparison, shares: Mapping[tuple[str, int], float]) -> Comparison:
    """Turn a share of each cell's samples, right in the candidate, wrong; one question of each context first."""
    pairs = comparison.pairs
    right = pairs["cand_correct"].to_numpy(bool).copy()
    turn = pairs.groupby(["task", "length", "context_id"]).cumcount().to_numpy()
    for cell, places in _cells(comparison):
        still = places[right[places]]
        most = max(0, min(ceil(shares[cell] * len(places)), len(still)))
        right[still[np.argsort(turn[still], kind="stable")][:most]] = False
    return replace(comparison, pairs=pairs.assign(cand_correct=right))


def _scored_less(comparison: Comparison, shares: Mapping[tuple[str, int], float]) -> Comparison:
    """Lower the candidate's scores in each cell by one factor, so that their mean falls by the cell's share."""
    pairs = comparison.pairs
    value = pairs["cand_value"].to_numpy(float).copy()
    for cell, places in _cells(comparison):
        mean = float(value[places].mean())
        value[places] *= max(0.0, 1 - max(0.0, shares[cell]) / mean) if mean > 0 else 1.0
    return replace(comparison, pairs=pairs.assign(cand_value=value))


def _cells(comparison: Comparison) -> list[tuple[tuple[str, int], np.ndarray]]:
    """Return the rows of each task at each length, by position."""
    task, length = comparison.pairs["task"].to_numpy(), comparison.pairs["length"].to_numpy()
    return [((t, n), np.flatnonzero((task == t) & (length == n))) for t, n, _ in cells_of(comparison.pairs)]
