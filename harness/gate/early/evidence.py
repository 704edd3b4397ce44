"""How the evidence on each hypothesis grows, context by context.

A context is one observation: the mean of its samples that have a score. Two e-processes follow these means
(`harness.stats.sequential`), one against "no harm" and one against "the drop is at least the margin".
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from harness.gate.counting import mean_of_replicates
from harness.gate.decide import BY_RIGHT_ANSWERS
from harness.gate.early.hypotheses import Cell, Design, Hypothesis
from harness.gate.policy import Policy
from harness.gate.rows import cell_groups
from harness.stats import harm_process, margin_process
from harness.store import Run, pair

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Track:
    """How the evidence on one hypothesis grew.

    Attributes:
        samples: its samples: `context_id`, `base`, `cand`, `drop` (positive is worse), `position` in the order.
        positions: number of contexts of the order that had to be counted for each round of `drops`.
        drops: means of contexts, rounds x groups of tasks; `weights` those of the groups.
        harm: highest e-value of harm after so many contexts of the order, from none to all; likewise `proof`, that of
            the margin. Both start at the stake, 1.
        mean: the drop over samples by then.
    """

    samples: pd.DataFrame
    positions: np.ndarray
    drops: np.ndarray
    weights: tuple[float, ...]
    harm: np.ndarray
    proof: np.ndarray
    mean: np.ndarray


def out_of_reach(design: Design, baseline: Run) -> dict[Hypothesis, int]:
    """Return the rows that count and could not be proven if no answer ever differed, with the contexts that they have.

    Args:
        design: of the run.
        baseline: compared with itself, nothing differs.
    """
    pairs = pair(baseline, baseline).pairs
    everything = {(context, cell) for context, cells in design.cells.items() for cell in cells}
    tracks = tracks_of(design, pairs, everything)
    least = 1 / design.rule.policy.defaults.alpha
    return {
        each: int(tracks[each].drops.size)
        for each in design.counted
        if each.assessable and tracks[each].proof[-1] < least
    }


def tracks_of(design: Design, pairs: pd.DataFrame, complete: Set[tuple[str, Cell]]) -> dict[Hypothesis, Track]:
    """Follow every hypothesis over the complete contexts, as if nothing had ever been closed."""
    cells = zip(pairs["task"], pairs["length"], strict=True)
    whole = [key in complete for key in zip(pairs["context_id"], cells, strict=True)]
    samples = mean_of_replicates(pairs[np.array(whole, bool)])
    place_in = {context: index for index, context in enumerate(design.rule.order, start=1)}
    samples = samples.assign(position=samples["context_id"].map(place_in))
    samples = samples.dropna(subset=["position"]).astype({"position": int})
    groups = dict(cell_groups(samples, design.rule.policy.defaults.slices))
    inside = samples[_inside(samples, design)]
    found = {}
    for each in design.hypotheses:
        own = inside if each.cell is None else groups.get((*each.cell, each.place.part), samples.iloc[:0])
        found[each] = _track(each, _valued(own, each, design.rule.policy), design)
    return found


def _inside(samples: pd.DataFrame, design: Design) -> np.ndarray:
    cells = zip(samples["task"], samples["length"], strict=True)
    return np.array([cell in design.kept for cell in cells], bool)


def _valued(samples: pd.DataFrame, hypothesis: Hypothesis, policy: Policy) -> pd.DataFrame:
    """Return a hypothesis's samples with what it compares: right answers, failure modes or costs."""
    kept = samples[["context_id", "position", "base", "cand"]]
    scope, part = hypothesis.place.scope, hypothesis.place.part
    if scope in BY_RIGHT_ANSWERS:
        return kept.assign(drop=kept["base"] - kept["cand"])
    severity = policy.file.severity
    values = {}
    for side in ("base", "cand"):
        modes = samples[f"{side}_modes"]
        if scope == "severity" and severity:
            dearest = severity.dearest or 1.0
            values[side] = [sum(severity.cost(mode) for mode in each) / len(each) / dearest for each in modes]
        else:
            values[side] = [sum(fnmatchcase(mode, part) for mode in each) / len(each) for each in modes]
    valued = kept.assign(**values).astype({"base": float, "cand": float})
    return valued.assign(drop=valued["cand"] - valued["base"])


def _track(hypothesis: Hypothesis, samples: pd.DataFrame, design: Design) -> Track:
    positions, drops, weights = observed(hypothesis, samples, "drop", design)
    n = len(design.rule.order) + 1
    harm, proof, mean = np.ones(n), np.ones(n), np.full(n, np.nan)
    if len(positions):
        harm[positions] = harm_process(drops, weights)
        proof[positions] = margin_process(drops, hypothesis.margin, weights) if hypothesis.margin < 1 else np.inf
        sums = np.bincount(samples["position"], weights=samples["drop"], minlength=n).cumsum()
        seen = np.bincount(samples["position"], minlength=n).cumsum()
        np.divide(sums, seen, out=mean, where=seen > 0)
    return Track(samples, positions, drops, weights, np.maximum.accumulate(harm), np.maximum.accumulate(proof), mean)


def observed(
    hypothesis: Hypothesis, samples: pd.DataFrame, column: str, design: Design
) -> tuple[np.ndarray, np.ndarray, tuple[float, ...]]:
    """Return after how many contexts each observation counts, the observations, and the weights of their groups.

    A context is observed by the mean of its samples that have a score. A row of one task observes one context at a
    time. A row over all tasks observes whole rounds: a part of a round is not balanced between the tasks.
    """
    means = {str(name): float(mean) for name, mean in samples.groupby("context_id")[column].mean().items()}
    if hypothesis.cell is not None:
        seen = [(index, means[name]) for index, name in enumerate(design.rule.order, start=1) if name in means]
        return np.array([index for index, _ in seen], int), np.array([[drop] for _, drop in seen]), (1.0,)
    groups = _groups(design)
    positions, rounds, end = [], [], 0
    for contexts in design.rule.rounds:
        end += len(contexts)
        by_group = {_tasks(design, name): means[name] for name in contexts if name in means}
        if len(by_group) == len(groups):
            positions.append(end)
            rounds.append([by_group[group] for group in groups])
    return np.array(positions, int), np.array(rounds), tuple(groups.values())


def _groups(design: Design) -> dict[tuple[str, ...], float]:
    """Return the groups of tasks that share contexts, each with its mean number of samples a context that count."""
    counts: dict[tuple[str, ...], list[int]] = {}
    planned = design.planned[_inside(design.planned, design)]
    for context, count in planned.groupby("context_id").size().items():
        counts.setdefault(_tasks(design, str(context)), []).append(int(count))
    return {group: sum(counts[group]) / len(counts[group]) for group in sorted(counts)}


def _tasks(design: Design, context: str) -> tuple[str, ...]:
    return tuple(sorted({task for task, _ in design.cells[context]}))
