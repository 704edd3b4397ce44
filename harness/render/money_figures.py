"""Sums, volumes and sizes of memory as people read them, written exactly as the page's script writes them.

money, tokens   1,234 from 1,000 on, 12.34 from 1 on, 0.1234 below; halves are rounded up, as JavaScript's toFixed does
memory          1.506 TB, 90.0 GB, 160.0 kB: powers of 1,000
shares          55.3 %
unknown         n/a, never 0
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from harness.records import Estimate
from harness.render.formatting import UNKNOWN

UNITS = ((1e12, 3, "TB"), (1e9, 1, "GB"), (1e6, 1, "MB"), (1e3, 1, "kB"), (1.0, 0, "B"))


def figure(value: float | None) -> str:
    """Write a number of any size with about four digits."""
    if value is None:
        return UNKNOWN
    size = abs(value)
    if size == 0:
        return "0"
    return fixed(value, 0 if size >= 1000 else 2 if size >= 1 else 4 if size >= 0.01 else 6)


def figures(estimate: Estimate) -> str:
    """Write the interval of an estimate."""
    return UNKNOWN if estimate.low is None else f"{figure(estimate.low)} to {figure(estimate.high)}"


def whole(value: float | None) -> str:
    """Write a number without decimals."""
    return UNKNOWN if value is None else fixed(value, 0)


def share_of(value: float | None) -> str:
    """Write a share in per cent."""
    return UNKNOWN if value is None else f"{fixed(100 * value, 1)} %"


def against(value: float | None, reference: float | None) -> str:
    """Write by how much a sum is less or more than another, in per cent of that; `againstBase` in the script."""
    if value is None or not reference:
        return UNKNOWN
    change = value / reference - 1
    return "the same" if change == 0 else f"{share_of(abs(change))} {'more' if change > 0 else 'less'}"


def memory(value: float | None) -> str:
    """Write a number of bytes."""
    if value is None:
        return UNKNOWN
    factor, decimals, unit = next((each for each in UNITS if value >= each[0]), UNITS[-1])
    return f"{fixed(value / factor, decimals)} {unit}"


def seconds(value: float | None) -> str:
    """Write seconds."""
    return UNKNOWN if value is None else f"{fixed(value, 2)} s"


def exact(value: float | None) -> str:
    """Write a number so that it can be read back without loss; unknown is empty."""
    return "" if value is None else repr(float(value)).removesuffix(".0")


def editable(value: float | None, decimals: int = 1) -> str:
    """Write a measured number for a field: rounded, without separators; unknown is empty."""
    return "" if value is None else fixed(value, decimals).replace(",", "")


def fixed(value: float, decimals: int) -> str:
    """Write a number with so many decimals and separators of thousands; exact halves are rounded away from zero."""
    return f"{Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}"


USED = (figure, figures, whole, seconds, exact, editable)
"""What templates call."""
