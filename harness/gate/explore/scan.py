"""Where is the candidate worse, among classes of input that nobody declared? A search that accounts for itself.

What it finds was searched for in the data that show it, so it decides nothing: it is a lead, to be declared as a slice
and judged on new samples. The chance of reporting anything where no class is worse is at most alpha.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.gate.counting import mean_of_replicates
from harness.gate.explore.classes import SampleClass, make_classes
from harness.gate.explore.estimated import estimated
from harness.gate.policy import Policy
from harness.records import Estimate
from harness.stats import MaxStatistic, class_statistics, max_statistic

if TYPE_CHECKING:
    import pandas as pd

NOT_A_VERDICT = (
    "searched for, not declared, so it decides nothing; to judge such a class, name its axis in the policy's slices "
    "and run new samples"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundClass:
    """A class of input in which the candidate is worse.

    Attributes:
        conditions: what its samples share.
        same: other conjunctions that the very same samples meet.
        contexts: independent contexts behind its samples.
        losses: samples that the candidate does worse than the baseline; `gains` those that it does better.
        drop: in the class; its interval is not corrected for the search, so the estimate is likely too high.
        elsewhere: the drop over all samples outside the class.
        p: one-sided, adjusted for the search over all classes.
        statistic: sum of D over root of sum of D squared, D the drops of one context inside the class, summed.
        samples: ids of its samples, and `lost`, those that the candidate does worse.
    """

    conditions: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]
    contexts: int
    losses: int
    gains: int
    baseline: Estimate
    candidate: Estimate
    drop: Estimate
    elsewhere: Estimate
    p: float
    statistic: float
    samples: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a search found, and how far it looked.

    Attributes:
        found: the classes that are worse, strongest first, refinements and overlaps left out.
        classes: how many classes were searched, over these `columns`.
        overall: the drop over all samples, `overall_p` its p, adjusted likewise: where the candidate is worse
            everywhere, a class is news only if its drop is larger than elsewhere.
        alpha: family-wise error rate over all classes.
        permutations: how many ways to swap the arms were looked at; all there are where `exact`.
        swapped: what was swapped as a whole: `contexts` or `samples`.
        status: what may not be concluded.
    """

    found: tuple[FoundClass, ...]
    classes: int
    columns: tuple[str, ...]
    overall: Estimate
    overall_p: float
    alpha: float
    permutations: int
    exact: bool
    swapped: str
    status: str = NOT_A_VERDICT


def scan(pairs: pd.DataFrame, policy: Policy, *, seed: int = 0) -> Scan:
    """Search all conjunctions of up to three columns for classes in which the candidate is worse.

    Args:
        pairs: paired samples, as `harness.store.pair` makes them; at least one.
        policy: its alpha is the family-wise error rate; its `population` says whether contexts or samples are swapped;
            its icc serves the intervals.
        seed: of the permutations.
    """
    samples = mean_of_replicates(pairs, policy.defaults.measure)
    fixed = policy.defaults.population == "fixed"
    contexts = np.unique(samples["context_id"].astype(str), return_inverse=True)[1]
    units = np.arange(len(samples)) if fixed else contexts
    drops = (samples["base"] - samples["cand"]).to_numpy(float)
    classes, columns = make_classes(samples, units)
    members = [each.members for each in classes]
    test = max_statistic(drops, units, [np.arange(len(samples)), *members], seed=seed)
    runs = int(pairs["replicate"].max()) + 1

    def p_values(sets: Sequence[np.ndarray]) -> list[float]:
        return [test.p(float(statistic)) for statistic in class_statistics(drops, units, sets)]

    return Scan(
        found=tuple(
            _found(classes[index], float(test.statistics[index + 1]), test, samples, (policy, runs))
            for index in strongest(members, drops, p_values, policy.defaults.alpha)
        ),
        classes=len(classes),
        columns=tuple(columns),
        overall=estimated(samples, policy, runs).drop,
        overall_p=test.p(float(test.statistics[0])),
        alpha=policy.defaults.alpha,
        permutations=len(test.maxima),
        exact=test.exact,
        swapped="samples" if fixed else "contexts",
    )


def strongest(
    classes: Sequence[np.ndarray],
    values: np.ndarray,
    p_values: Callable[[Sequence[np.ndarray]], Sequence[float]],
    alpha: float,
) -> list[int]:
    """Return the places of the classes to report, strongest first.

    Of the classes beyond chance the one is taken that explains most of the values; each next one must be beyond chance
    in the samples that no class taken so far holds. Only classes that are beyond chance as a whole are looked at, so
    nothing is reported that the test did not find.

    Args:
        classes: for each class the places of its samples, those with fewer conditions first.
        values: of each sample; positive is what is looked for.
        p_values: tells the p of sets of samples, adjusted for the search.
        alpha: family-wise error rate.
    """
    open_ones = [index for index, p in enumerate(p_values(classes)) if p <= alpha]
    free, taken = np.ones(len(values), dtype=bool), []
    while open_ones:
        members = [classes[index][free[classes[index]]] for index in open_ones]
        worth = [
            _explained(values, free, inside) if p <= alpha else 0.0
            for inside, p in zip(members, p_values(members), strict=True)
        ]
        best = int(np.argmax(np.round(worth, 9)))  # of equals the first, which has the fewest conditions
        if worth[best] <= 0.0:
            break
        taken.append(open_ones.pop(best))
        free[members[best]] = False
    return taken


def _explained(values: np.ndarray, free: np.ndarray, inside: np.ndarray) -> float:
    """Return the sum of squares between a class and the other free samples, as a regression tree weighs a split."""
    n, whole, rest = len(inside), int(free.sum()), int(free.sum()) - len(inside)
    if not rest:
        return float(n)
    total = float(values[inside].sum())
    contrast = total / n - (float(values[free].sum()) - total) / rest
    return n * rest / whole * contrast**2 if contrast > 0 else 0.0


def _found(
    each: SampleClass, statistic: float, test: MaxStatistic, samples: pd.DataFrame, how: tuple[Policy, int]
) -> FoundClass:
    inside = np.zeros(len(samples), dtype=bool)
    inside[each.members] = True
    row, rest = estimated(samples[inside], *how), estimated(samples[~inside], *how)
    members = samples[inside]
    return FoundClass(
        conditions=each.conditions,
        same=each.same,
        contexts=row.contexts,
        losses=row.losses,
        gains=row.gains,
        baseline=row.baseline,
        candidate=row.candidate,
        drop=row.drop,
        elsewhere=rest.drop,
        p=test.p(statistic),
        statistic=statistic,
        samples=tuple(members["sample_id"]),
        lost=tuple(members.loc[members["base"] > members["cand"], "sample_id"]),
    )
