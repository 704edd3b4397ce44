"""Which of several runs cannot be told apart? Every pair tested, and the answer as letters that runs share.

Not being told apart is no proof of being equal: few samples tell nothing apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from string import ascii_lowercase

import numpy as np

from harness.gate.counting import mean_of_replicates
from harness.gate.explore.estimated import estimated
from harness.gate.policy import Policy
from harness.records import Estimate
from harness.stats import holm, sign_flip
from harness.store import Comparison, Run, pair


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two runs over the samples that both have answered.

    Attributes:
        drop: first minus second, with the interval of a drop; None where they share no sample.
        p: two-sided, of "equally good": sign flips of whole contexts, which is McNemar's exact test where each sample
            has a context of its own. `p_adjusted` is corrected for the number of pairs (Holm); both 1 without samples.
        problem: why the two should not be compared, if so.
    """

    first: str
    second: str
    contexts: int
    drop: Estimate | None
    losses: int
    gains: int
    p: float
    p_adjusted: float
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A run, its share of right answers, and its letters: runs that share one cannot be told apart.

    A run that shares no scored sample with the others has none.
    """

    name: str
    right: Estimate
    letters: str


@dataclass(frozen=True, slots=True)
class Groups:
    """Runs in groups that cannot be told apart, the best first.

    Attributes:
        alpha: two-sided family-wise error rate over all pairs.
    """

    standings: tuple[Standing, ...]
    contrasts: tuple[Contrast, ...]
    alpha: float


def groups(runs: Sequence[Run], policy: Policy) -> Groups:
    """Compare every run with every other.

    Args:
        runs: at least two.
        policy: its population and icc; its alpha is the family-wise error rate here, two-sided.
    """
    runs = sorted(runs, key=lambda run: run.info.role != "baseline")  # a pair has its baseline first
    names = _names(runs)
    pairs = list(combinations(range(len(runs)), 2))
    rights: dict[int, Estimate] = {}
    plain: list[Contrast] = []
    for i, j in pairs:
        contrast, found = _contrast(pair(runs[i], runs[j]), (names[i], names[j]), policy)
        plain.append(contrast)
        for place, right in zip((i, j), found, strict=False):
            rights.setdefault(place, right)
    adjusted = holm([each.p for each in plain])
    alpha = policy.defaults.alpha
    apart = {pair for pair, p in zip(pairs, adjusted, strict=True) if p <= alpha}
    nothing = Estimate(value=None, low=None, high=None, n=0, level=0.95, method="none")
    order = sorted(range(len(runs)), key=lambda i: (-(rights.get(i, nothing).value or 0.0), names[i]))
    letters = letters_of(order, apart)
    return Groups(
        tuple(Standing(names[i], rights.get(i, nothing), letters[i] if i in rights else "") for i in order),
        tuple(replace(each, p_adjusted=p) for each, p in zip(plain, adjusted, strict=True)),
        alpha,
    )


def letters_of(order: Sequence[int], apart: set[tuple[int, int]]) -> dict[int, str]:
    """Return letters such that two items share one exactly where they are not apart.

    Insert and absorb (Piepho 2004): start with one group of all; split each group that holds two that are apart; drop
    groups that others contain.

    Args:
        order: the items in the order in which groups get their letters.
        apart: pairs that differ, each in either order.
    """
    found = [frozenset(order)]
    for first, second in sorted(apart):
        both = {first, second}
        split = [
            part for group in found for part in ((group - {first}, group - {second}) if both <= group else (group,))
        ]
        found = [group for group in dict.fromkeys(split) if not any(group < other for other in split)]
    places = {item: place for place, item in enumerate(order)}
    found.sort(key=lambda group: sorted(places[item] for item in group))
    return {item: "".join(_letter(k) for k, group in enumerate(found) if item in group) for item in order}


def _letter(number: int) -> str:
    return ascii_lowercase[number % 26] * (number // 26 + 1)


def _names(runs: Sequence[Run]) -> list[str]:
    """Name runs as people do; runs of one name are told apart by their path."""
    names = [run.info.name for run in runs]
    return [name if names.count(name) == 1 else str(run.info.path) for name, run in zip(names, runs, strict=True)]


def _contrast(comparison: Comparison, names: tuple[str, str], policy: Policy) -> tuple[Contrast, tuple[Estimate, ...]]:
    """Return what two runs say about each other, with p not yet adjusted, and the share right of each."""
    problem = "; ".join(comparison.problems)
    if comparison.pairs.empty:
        return Contrast(*names, 0, None, 0, 0, 1.0, 1.0, problem or "no scored sample in common"), ()
    samples = mean_of_replicates(comparison.pairs, policy.defaults.measure)
    row = estimated(samples, policy, int(comparison.pairs["replicate"].max()) + 1)
    drops = (samples["base"] - samples["cand"]).to_numpy(float)
    if policy.defaults.population != "fixed":
        drops = np.bincount(np.unique(samples["context_id"].astype(str), return_inverse=True)[1], weights=drops)
    p = min(1.0, 2 * min(sign_flip(list(drops)), sign_flip(list(-drops))))
    found = Contrast(*names, row.contexts, row.drop, row.losses, row.gains, p, p, problem)
    return found, (row.baseline, row.candidate)
