"""Rows of what a policy guards besides right answers: failure modes, lengths of replies, their expected cost.

In each of them more is worse, so the drop is candidate minus baseline. A candidate that answers as well as its baseline
and does so at twice the length, or with dearer mistakes, is found here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from math import inf, isfinite
from typing import TYPE_CHECKING

import numpy as np

from harness.gate.counting import LEVEL, SIDES, Paired, Place, Row, Terms, counted, mean_of_replicates
from harness.gate.policy import TASKS, Applied, Policy
from harness.gate.verdict import Scope
from harness.gate.wording import points
from harness.records import Estimate
from harness.stats import cluster_t, growth

if TYPE_CHECKING:
    import pandas as pd

NOT_AT_CHANCE = -1.0
NOTED_GROWTH = 0.1


def guard_rows(samples: pd.DataFrame, terms: Terms) -> list[Row]:
    """Return the guarded rows that the policy does not leave out.

    Args:
        samples: one row a sample, of the cells that count.
        terms: the policy and what else the numbers need.
    """
    if samples.empty:
        return []
    made: Mapping[Scope, Callable[[pd.DataFrame, Place, Applied, Terms], Row]] = {
        "mode": _mode_row,
        "quantity": _quantity_row,
        "severity": _severity_row,
    }
    return [
        made[place.scope](samples, place, applied, terms)
        for place, applied in guards(terms.policy).items()
        if applied.level != "off"
    ]


def guards(policy: Policy) -> dict[Place, Applied]:
    """Return what a policy guards besides right answers, with margin and level."""
    file = policy.file
    found = {Place("mode", part=mode.mode): Applied(mode.margin, mode.level, f"mode {mode.mode}") for mode in file.mode}
    found |= {
        Place("quantity", part=each.quantity): Applied(each.margin, each.level, f"quantity {each.quantity}")
        for each in file.quantity
    }
    if file.severity:
        found[Place("severity")] = Applied(file.severity.margin, file.severity.level, "severity")
    return found


def loss_scale(policy: Policy) -> float:
    """Return what 1,000 replies cost if each has the dearest failure mode."""
    return TASKS * (policy.file.severity.dearest if policy.file.severity else 0.0)


def length_note(pairs: pd.DataFrame, policy: Policy, *, rows_shown: bool = True) -> list[str]:
    """Say that replies became much longer or shorter, where no row of the verdict shows that anyway; else nothing.

    A tenth is what MLPerf Inference allows (its rules on tokens per sample).
    """
    place = Place("quantity", part="completion_tokens")
    guard = guards(policy).get(place)
    if pairs.empty or (rows_shown and guard and guard.level != "off"):
        return []
    samples = mean_of_replicates(pairs)
    if _grew_little(samples, place.part):
        return []
    row = _quantity_row(samples, place, Applied(NOTED_GROWTH, "warn", ""), Terms(policy, 1.0))
    found, value = row.drop, row.drop.value or 0.0
    if row.unknown or None in (found.low, found.high) or abs(value) <= NOTED_GROWTH:
        return []
    return [
        f"replies are {points(abs(value))} % {'longer' if value > 0 else 'shorter'} in completion tokens "
        f"({100 * found.level:.0f} % interval {points(found.low)} to {points(found.high)} %, n {found.n})"
    ]


def _grew_little(samples: pd.DataFrame, part: str) -> bool:
    """Tell whether the sums of a quantity are so near to each other that no bounds need be drawn for a note."""
    columns = [f"{side}_{part}" for side in SIDES]
    if not set(columns) <= set(samples):
        return False
    base, cand = samples.dropna(subset=columns)[columns].astype(float).sum()
    return bool(abs(cand - base) < 0.99 * NOTED_GROWTH * base)


def _mode_row(samples: pd.DataFrame, place: Place, applied: Applied, terms: Terms) -> Row:
    """Count replies of some failure modes."""
    paired = _paired(samples, lambda mode: float(fnmatchcase(mode, place.part)), whole=terms.runs == 1)
    return counted(paired, place, applied, terms)


def _severity_row(samples: pd.DataFrame, place: Place, applied: Applied, terms: Terms) -> Row:
    """Add up what replies cost. Bounds are taken of costs as shares of the dearest, so that they lie between 0 and 1.

    Summed shares stand for counts of losses and gains, which is conservative: a bounded variable spreads no wider than
    one that only takes its two ends and has the same mean.
    """
    severity = terms.policy.file.severity
    scale = loss_scale(terms.policy)
    assert severity is not None  # the place comes from it
    paired = _paired(samples, lambda mode: severity.cost(mode) * TASKS / scale, whole=False)
    row = counted(paired, place, applied, terms)
    return replace(
        row,
        baseline=_scaled(row.baseline, scale),
        candidate=_scaled(row.candidate, scale),
        drop=_scaled(row.drop, scale),
        upper=row.upper * scale,
        estimate=row.estimate * scale,
    )


def _paired(samples: pd.DataFrame, worth: Callable[[str], float], *, whole: bool) -> Paired:
    """Value every reply by its failure mode, averaged over the replies to a sample."""
    values = {
        mode: worth(mode)
        for side in SIDES
        for modes in samples[f"{side}_modes"]
        for mode in modes
    }  # fmt: skip
    base, cand = (
        np.array([sum(values[mode] for mode in modes) / len(modes) for modes in samples[f"{side}_modes"]])
        for side in SIDES
    )
    clusters = samples["context_id"].to_numpy()
    return Paired(cand - base, base, cand, clusters, whole=whole, chance=NOT_AT_CHANCE)


def _scaled(found: Estimate, scale: float) -> Estimate:
    value, low, high = (None if each is None else each * scale for each in (found.value, found.low, found.high))
    return replace(found, value=value, low=low, high=high)


def _quantity_row(samples: pd.DataFrame, place: Place, applied: Applied, terms: Terms) -> Row:
    """Compare a length of replies: its relative growth, bounded by sign flips of whole contexts."""
    defaults = terms.policy.defaults
    columns = [f"{side}_{place.part}" for side in SIDES]
    told = samples.dropna(subset=columns) if set(columns) <= set(samples) else samples.iloc[:0]
    base, cand = (told[column].to_numpy(float) if len(told) else np.zeros(0) for column in columns)
    fixed = defaults.population == "fixed"
    clusters = np.arange(len(told)) if fixed else told["context_id"].astype(str).to_numpy()
    _, cluster = np.unique(clusters, return_inverse=True)
    unknown = len(samples) - len(told)
    if unknown <= defaults.max_invalid * len(samples):
        unknown = 0
    contexts = int(cluster.max(initial=-1)) + 1
    found = growth(np.bincount(cluster, weights=base), np.bincount(cluster, weights=cand), defaults.alpha)
    return Row(
        place=place,
        applied=applied,
        baseline=_mean(base, cluster),
        candidate=_mean(cand, cluster),
        drop=Estimate(
            value=_known(found.ratio - 1),
            low=_known(found.low - 1),
            high=_known(found.high - 1),
            n=len(told),
            level=1 - 2 * defaults.alpha,
            method="sign flips of contexts",
        ),
        losses=int((cand > base).sum()),
        gains=int((cand < base).sum()),
        contexts=contexts,
        effective_n=float(contexts),
        upper=inf if unknown else found.high - 1,
        p_harm=1.0 if unknown else found.p,
        estimate=found.ratio - 1,
        chance=NOT_AT_CHANCE,
        whole=False,
        unknown=unknown,
    )


def _mean(values: np.ndarray, clusters: np.ndarray) -> Estimate:
    if not len(values):
        return Estimate(value=None, low=None, high=None, n=0, level=LEVEL, method="none")
    ends = cluster_t(values, clusters).interval(LEVEL) or (None, None)
    return Estimate(
        value=float(values.mean()), low=ends[0], high=ends[1], n=len(values), level=LEVEL, method="cluster-t"
    )


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
