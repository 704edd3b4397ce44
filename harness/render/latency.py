"""How long replies took in the sweep, and what a load curve says of throughput. The first is no load test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from harness.declared import Declared
from harness.errors import ConfigError
from harness.load_curve import LoadPoint
from harness.render.arms import Arm, Arms
from harness.render.money import terms_of

FEWEST_FOR_P95 = 20
"""Below, one reply in twenty is less than one, and the 95th percentile is the slowest reply."""

MOST_ROWS = 24
"""Of latencies that stand open on the page; more are folded."""


@dataclass(frozen=True, slots=True)
class LatencyRow:
    """Seconds of the replies of one model at one length, failed calls left out.

    Attributes:
        n: replies that have a time.
        p95: None with fewer than 20 of them.
        concurrency: contexts asked side by side, as the sweep's file says.
    """

    arm: Arm
    length: int
    n: int
    p50: float
    p95: float | None
    concurrency: int | None


@dataclass(frozen=True, slots=True)
class CurveRow:
    """One point of a load curve, and whether it is at the concurrency that will be run."""

    arm: Arm
    point: LoadPoint
    chosen: bool


def make_latency(arms: Arms, declared: Declared) -> tuple[LatencyRow, ...]:
    """Return a row for each model and length that has times."""
    rows = []
    for arm in arms.arms:
        timed = arm.scored[arm.scored["latency_s"].notna()]
        for length in sorted(map(int, timed["length"].unique())):
            times = timed.loc[timed["length"] == length, "latency_s"].tolist()
            p95 = percentile(times, 0.95) if len(times) >= FEWEST_FOR_P95 else None
            concurrency = terms_of(arm, declared).concurrency
            rows.append(LatencyRow(arm, length, len(times), percentile(times, 0.5), p95, concurrency))
    return tuple(rows)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)), 1) - 1]


def make_curve(arms: Arms, declared: Declared) -> tuple[CurveRow, ...]:
    """Return a load curve by model and concurrency.

    Raises:
        ConfigError: it speaks of a model that is not in the report.
    """
    known = {arm.run.info.model: arm for arm in arms.arms}
    for point in declared.curve:
        if point.model not in known:
            raise ConfigError(
                "the load curve speaks of a model that is not in the report",
                found=point.model,
                allowed=", ".join(known),
            )
    wanted = declared.decision.concurrency
    ordered = sorted(declared.curve, key=lambda point: (list(known).index(point.model), point.concurrency))
    return tuple(CurveRow(known[point.model], point, point.concurrency == wanted) for point in ordered)
