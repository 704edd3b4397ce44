"""Numbers as people read them: the only place of the report that turns a number into text.

shares, drops      points with one decimal: 0.875 is 87.5; 0.8755 rounds as Python does
drops, changes     carry their sign: +3.1 is worse by 3.1 points, −3.1 is better, 0.0 has none
unknown            n/a, never 0
intervals          "81.2 to 91.9"; n/a where either end is unknown
counts             with separators of thousands: 12,480
minus              U+2212, as wide as a digit
"""

from __future__ import annotations

from harness.records import Estimate

UNKNOWN = "n/a"


def points(value: float | None) -> str:
    """Write a share of 0 to 1 in points."""
    return UNKNOWN if value is None else _minus(f"{100 * value:.1f}")


def signed(value: float | None) -> str:
    """Write a difference in points with its sign."""
    text = points(value)
    return text if text in (UNKNOWN, "0.0") or text.startswith("−") else f"+{text}"


def interval(estimate: Estimate) -> str:
    """Write the interval of a share."""
    return _ends(points(estimate.low), points(estimate.high))


def signed_interval(estimate: Estimate) -> str:
    """Write the interval of a difference."""
    return _ends(signed(estimate.low), signed(estimate.high))


def count(number: float | None) -> str:
    """Write a count; a fraction (an effective n) is rounded."""
    return UNKNOWN if number is None else _minus(f"{number:,.0f}")


def percent(level: float) -> str:
    """Write a level of confidence: 0.9 is `90 %`."""
    return f"{100 * level:.4g} %"


def plain(value: float | None) -> str:
    """Write a number of any unit."""
    return UNKNOWN if value is None else _minus(f"{value:,.3f}" if abs(value) < 1_000 else f"{value:,.0f}")


def plain_interval(estimate: Estimate) -> str:
    """Write the interval of such a number."""
    return _ends(plain(estimate.low), plain(estimate.high))


def spoken(estimate: Estimate) -> str:
    """Write a share in full, for those who hear the page."""
    return f"{points(estimate.value)}, {percent(estimate.level)} interval {interval(estimate)}, n {count(estimate.n)}"


def spoken_drop(estimate: Estimate) -> str:
    """Write a difference in full."""
    ends = signed_interval(estimate)
    return f"{signed(estimate.value)}, {percent(estimate.level)} interval {ends}, n {count(estimate.n)}"


def _ends(low: str, high: str) -> str:
    return UNKNOWN if UNKNOWN in (low, high) else f"{low} to {high}"


def _minus(text: str) -> str:
    return text.removeprefix("-") if not text.strip("-0.,") else text.replace("-", "−")
