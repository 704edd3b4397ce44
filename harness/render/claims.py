"""What vendors and press pages claim, beside what was measured here, or the word that it was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.costs import money
from harness.declared import Claim, Declared
from harness.render.arms import Arm, Arms
from harness.render.estimates import share
from harness.render.formatting import interval, points
from harness.render.money import CostRow
from harness.render.money_figures import figure
from harness.sizes import format_size

WORDS = {
    "tokens_per_second": "output tokens a second",
    "cost_per_million": "money for a million tokens, prompt and reply together",
    "quality": "right answers in points of 100",
    "p50_seconds": "median seconds of a request",
    "p95_seconds": "95th percentile of a request's seconds",
}

LOADS = {"tokens_per_second": "output_tokens_per_s", "p50_seconds": "p50_s", "p95_seconds": "p95_s"}
"""Claims about a server under load, and the column of a load curve that they are held against."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim.

    Attributes:
        arm: the model; None where the report does not hold it.
        what: the quantity in words.
        claimed: the number as text.
        found: the measurement as text; empty where there is none.
        mark: `measured` or `computed`; empty where there is none.
        rests_on: what the measurement is, or why there is none.
    """

    claim: Claim
    arm: Arm | None
    what: str
    claimed: str
    found: str
    mark: str
    rests_on: str


def make_claims(arms: Arms, rows: Sequence[CostRow], declared: Declared) -> tuple[ClaimRow, ...]:
    """Return the claims in the order of the sweep's file."""
    known = {row.arm.name: row for row in rows}
    sweep = f"{declared.sweep}/" if declared.sweep else ""
    return tuple(_row(claim, known.get(f"{sweep}{claim.model}"), arms, declared) for claim in declared.claims)


def _row(claim: Claim, row: CostRow | None, arms: Arms, declared: Declared) -> ClaimRow:
    if row is None:
        found = ("", "", "not measured here: the report does not hold a run of this model")
    elif claim.about == "quality":
        found = _quality(claim, row.arm, arms)
    elif claim.about == "cost_per_million":
        found = _cost(row)
    else:
        found = _under_load(claim, declared)
    return ClaimRow(claim, row.arm if row else None, WORDS[claim.about], figure(claim.value), *found)


def _quality(claim: Claim, arm: Arm, arms: Arms) -> tuple[str, str, str]:
    if claim.task is None:
        return "", "", "not measured here: no task of this sweep asks the same"
    rows = arm.scored[arm.scored["task"] == claim.task]
    if claim.length is not None:
        rows = rows[rows["length"] == claim.length]
    where = claim.task if claim.length is None else f"{claim.task} at {format_size(claim.length)}"
    if rows.empty:
        return "", "", f"not measured here: no reply to {where} has a score"
    right = share(rows, "correct", arms.icc_of(arm))
    return points(right.value), "measured", f"{where}: 95 % interval {interval(right)}, n {right.n}"


def _cost(row: CostRow) -> tuple[str, str, str]:
    if row.price is None:
        return "", "", "not measured here: no price is stated"
    tokens = row.measured.tokens
    cost = cost_per_million(row)
    if cost is None or tokens.prompt is None:
        return "", "", "not measured here: the replies do not say how many tokens they took"
    least = "at most, " if row.at_most else ""
    return figure(cost), "computed", f"{least}recorded tokens at the stated prices, n {row.measured.prompt.n}"


def cost_per_million(row: CostRow) -> float | None:
    """Return the money for a million tokens, of prompt and output as this work mixes them."""
    tokens = row.measured.tokens
    cost = None if row.price is None else money(tokens, row.price)
    if cost is None or tokens.prompt is None or tokens.output is None:
        return None
    return 1e6 * cost / (tokens.prompt + tokens.output)


def _under_load(claim: Claim, declared: Declared) -> tuple[str, str, str]:
    """Take the point of the load that will be run, or else the most favourable one: a claim is refuted by that."""
    model, column = claim.model.rpartition("/")[2], LOADS[claim.about]
    values = {point: getattr(point, column) for point in declared.curve if point.model == model}
    known = {point: value for point, value in values.items() if value is not None}
    if not known:
        return "", "", "not measured here: no load curve has it, and a sweep is no load test"
    at = next((point for point in known if point.concurrency == declared.decision.concurrency), None)
    sign = -1.0 if claim.about == "tokens_per_second" else 1.0
    best = at or min(known, key=lambda point: (sign * known[point], point.concurrency))
    which = "" if at else ", the best of the load curve"
    told = f"at {best.concurrency} requests at the same time{which}: {best.source}"
    return figure(known[best]), "measured", told
