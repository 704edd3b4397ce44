"""What changed in form: refusals, cut and empty replies, JSON that parses, lengths, time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np

from harness.diff.changes import BY_CONTEXT, LEVEL, estimate, share_estimate
from harness.diff.pairing import Item
from harness.diff.replies import TRUNCATED, WITHOUT_GOLD, Read
from harness.records import Estimate
from harness.stats import cluster_t, holm, sign_flip

PARSES, BARE, VALID = "JSON that parses", "JSON without a fence", "JSON that meets the schema"
Holds = Callable[[Read], float]


@dataclass(frozen=True, slots=True)
class RateShift:
    """How often something holds of a model's replies.

    Attributes:
        n: requests; a request's share is the mean over its replies.
        shift: candidate less baseline, paired by request, with its interval.
        p: two-sided, of "as often", by flipping the signs of whole contexts; `p_adjusted` over all rates (Holm 1979).
    """

    name: str
    n: int
    baseline: Estimate
    candidate: Estimate
    shift: Estimate
    p: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class RatioShift:
    """How much longer or slower: the geometric mean over requests of candidate / baseline, with its interval.

    Attributes:
        baseline: mean over all replies; likewise `candidate`.
        noise: the same ratio of the baseline's last replies to its first: what asking again changes by itself.
    """

    name: str
    unit: str
    baseline: float
    candidate: float
    ratio: Estimate
    noise: Estimate


def rates_of(items: Sequence[Item], *, wants_json: frozenset[str], has_schema: frozenset[str]) -> tuple[RateShift, ...]:
    """Return the rates that hold of any reply, and those of JSON over the requests that ask for it.

    Args:
        items: the requests.
        wants_json: those that ask for JSON, or get it from the baseline.
        has_schema: those that give a schema.
    """
    json_items = [item for item in items if item.sample_id in wants_json]
    schema_items = [item for item in items if item.sample_id in has_schema]
    named: list[tuple[str, Sequence[Item], Holds]] = [
        (mode, items, lambda read, mode=mode: float(mode in read.modes))  # type: ignore[misc]
        for mode in (*WITHOUT_GOLD, TRUNCATED)
    ]
    named = [
        each for each in named if any(each[2](read) for item in items for read in (*item.baseline, *item.candidate))
    ]
    named += [(PARSES, json_items, lambda read: float(read.is_json))] if json_items else []
    named += [(BARE, json_items, lambda read: float(read.is_json and read.bare))] if json_items else []
    named += [(VALID, schema_items, lambda read: float(bool(read.valid)))] if schema_items else []
    found = [_rate(*each) for each in named]
    adjusted = holm([each[-1] for each in found])
    return tuple(RateShift(*each, p) for each, p in zip(found, adjusted, strict=True))


def _rate(name: str, items: Sequence[Item], holds: Holds) -> tuple[str, int, Estimate, Estimate, Estimate, float]:
    contexts = [item.context_id for item in items]
    before = np.array([_mean(item.baseline, holds) for item in items])
    after = np.array([_mean(item.candidate, holds) for item in items])
    moved = cluster_t(after - before, contexts)
    shift = estimate(moved.mean, moved.interval(LEVEL), len(items), BY_CONTEXT)
    shares = share_estimate(before, contexts), share_estimate(after, contexts)
    return name, len(items), *shares, shift, _p(after - before, contexts)


def _mean(reads: Sequence[Read], holds: Holds) -> float:
    return sum(map(holds, reads)) / len(reads)


def _p(moved: np.ndarray, contexts: Sequence[str]) -> float:
    at = np.unique(list(contexts), return_inverse=True)[1]
    sums = np.bincount(at, weights=moved)
    return min(1.0, 2 * min(sign_flip(list(sums)), sign_flip(list(-sums))))


def ratios_of(items: Sequence[Item]) -> tuple[RatioShift, ...]:
    """Return the shift of lengths, and of latency where servers were timed."""
    counted = [item for item in items if all(read.tokens for read in (*item.baseline, *item.candidate))]
    timed = [item for item in items if all(read.latency_s for read in (*item.baseline, *item.candidate))]
    found = [_ratio("characters of the answer", "", items, lambda read: len(read.text) + 1.0)]
    if counted:
        found.insert(0, _ratio("tokens of the reply", "", counted, lambda read: float(read.tokens or 0)))
    if timed:
        found.append(_ratio("latency", "s", timed, lambda read: float(read.latency_s or 0.0)))
    return tuple(found)


def _ratio(name: str, unit: str, items: Sequence[Item], amount: Holds) -> RatioShift:
    contexts = [item.context_id for item in items]
    logs = [_log(item.candidate, amount) - _log(item.baseline, amount) for item in items]
    again = [log(amount(item.baseline[-1])) - log(amount(item.baseline[0])) for item in items]
    return RatioShift(
        name=name,
        unit=unit,
        baseline=float(np.mean([amount(read) for item in items for read in item.baseline])),
        candidate=float(np.mean([amount(read) for item in items for read in item.candidate])),
        ratio=_geometric(logs, contexts),
        noise=_geometric(again, contexts),
    )


def _log(reads: Sequence[Read], amount: Holds) -> float:
    return sum(log(amount(read)) for read in reads) / len(reads)


def _geometric(logs: Sequence[float], contexts: Sequence[str]) -> Estimate:
    mean = cluster_t(logs, contexts)
    ends = mean.interval(LEVEL)
    limits = (exp(ends[0]), exp(ends[1])) if ends else None
    return estimate(exp(mean.mean), limits, len(logs), f"geometric mean, {BY_CONTEXT}")
