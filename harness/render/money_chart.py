"""A picture of quality against cost: each priced model, and each on machines of one's own at both utilisations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from harness.costs import TASKS, capacity, hosted_cost, money
from harness.records import Estimate
from harness.render.arms import Arm
from harness.render.money import CostRow
from harness.render.money_hosting import UTILISATIONS, Host

WIDTH, HIGH = 640, 300
LEFT, TOP, RIGHT, BOTTOM = 44, 12, 620, 262
"""Edges of the plane in pixels."""


@dataclass(frozen=True, slots=True)
class Point:
    """One way to have the work done.

    Attributes:
        number: its name in the picture.
        way: whose prices, or which machines.
        cost: of 1,000 tasks.
        x: its place in pixels, likewise `y`, and `low` and `high` of the interval of the share right.
        best: whether nothing cheaper is right as often.
    """

    number: int
    arm: Arm
    way: str
    cost: float
    right: Estimate
    x: float
    y: float
    low: float
    high: float
    best: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The picture.

    Attributes:
        ticks: costs and their pixels; `levels`, the same of shares right.
        front: path along the points that are best.
    """

    points: tuple[Point, ...]
    ticks: tuple[tuple[float, float], ...]
    levels: tuple[tuple[float, float], ...]
    front: str


def make_chart(rows: Sequence[CostRow], hosts: Sequence[Host]) -> Chart | None:
    """Return the picture; None with fewer than two points, or where nothing costs anything."""
    found = [(row, "prices", TASKS * cost) for row in rows if row.price and (cost := _cost(row)) is not None]
    for host in hosts:
        if host.out["fits.own"] != "no":
            found += [(host.row, f"own machines at {name} %", cost) for name, cost in _hosted(host)]
    known = [each for each in found if each[0].measured.right.value is not None]
    dearest = max((cost for _, _, cost in known), default=0.0)
    if len(known) < 2 or not dearest:
        return None
    step = _step(dearest)
    longest = step * (floor(dearest / step) + 1)
    best = _best([(cost, row.measured.right.value or 0.0) for row, _, cost in known])
    lowest = min(row.measured.right.low or 0.0 for row, _, _ in known)
    floor_at = floor(10 * min(lowest, 0.9)) / 10
    points = []
    for place, (row, way, cost) in enumerate(known):
        right = row.measured.right
        ends = (right.value, right.low, right.high)
        y, low, high = (_y((right.value if end is None else end) or 0.0, floor_at) for end in ends)
        points.append(Point(place + 1, row.arm, way, cost, right, _x(cost / longest), y, low, high, place in best))
    return Chart(
        points=tuple(points),
        ticks=tuple((step * i, _x(step * i / longest)) for i in range(round(longest / step) + 1)),
        levels=tuple((level, _y(level, floor_at)) for level in (floor_at, (1 + floor_at) / 2, 1.0)),
        front=_front([point for point in points if point.best]),
    )


def _cost(row: CostRow) -> float | None:
    return None if row.price is None else money(row.measured.tokens, row.price)


def _hosted(host: Host) -> list[tuple[str, float]]:
    output = host.row.measured.output.value
    costs = [
        (name, hosted_cost(host.hosted, capacity(host.tokens_per_second, used, output))) for name, used in UTILISATIONS
    ]
    return [(name, TASKS * cost) for name, cost in costs if cost is not None]


def _best(points: Sequence[tuple[float, float]]) -> set[int]:
    """Return the places of the points than which none is cheaper and right as often, the cheaper first."""
    best: set[int] = set()
    most = -1.0
    for place in sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1])):
        if points[place][1] > most:
            best.add(place)
            most = points[place][1]
    return best


def _front(best: Sequence[Point]) -> str:
    ordered = sorted(best, key=lambda point: point.x)
    return (
        "".join(f"M{point.x} {point.y}" if i == 0 else f"H{point.x}V{point.y}" for i, point in enumerate(ordered))
        + f"H{RIGHT}"
    )


def _step(dearest: float) -> float:
    """Return 1, 2 or 5 times a power of ten, so that there are three to eight steps."""
    power: float = 10.0 ** floor(log10(dearest))
    return next(step for step in (power / 5, power / 2, power, 2 * power) if dearest / step < 6)


def _x(share: float) -> float:
    return round(LEFT + share * (RIGHT - LEFT), 1)


def _y(right: float, lowest: float) -> float:
    return round(BOTTOM - (right - lowest) / (1 - lowest) * (BOTTOM - TOP), 1)
