"""A search for classes of input as lines for the terminal."""

from __future__ import annotations

from harness.gate.emit.clean import visible
from harness.gate.explore.scan import FoundClass, Scan
from harness.gate.wording import points, probability
from harness.records import Estimate

SHOWN_SAMPLES = 5


def scan_text(scan: Scan) -> str:
    """Return what a search found, how far it looked, and what may not be concluded."""
    swaps = f"all {scan.permutations}" if scan.exact else f"{scan.permutations} drawn"
    lines = [
        f"searched {scan.classes} classes of {scan.overall.n} samples over "
        f"{visible(', '.join(scan.columns)) or 'no column'}: "
        f"worse than the baseline in {len(scan.found) or 'none'} (family-wise error {100 * scan.alpha:g} %, "
        f"{swaps} swaps of whole {scan.swapped})"
    ]
    if scan.overall_p <= scan.alpha:
        lines.append(
            f"worse over all samples by {_drop(scan.overall)} points (p {probability(scan.overall_p)} after correction)"
            ": a class is news only where its drop is larger than elsewhere"
        )
    for number, each in enumerate(scan.found, start=1):
        lines += _lines(number, each)
    return "\n".join([*lines, *([f"note: {scan.status}"] if scan.found else [])])


def class_name(conditions: tuple[str, ...]) -> str:
    """Write a class as its conditions."""
    return visible(" and ".join(conditions))


def _lines(number: int, found: FoundClass) -> list[str]:
    lost = list(map(visible, found.lost[:SHOWN_SAMPLES]))
    more = len(found.lost) - len(lost)
    return [
        f"{number}. {class_name(found.conditions)}",
        f"   n {found.drop.n} ({found.contexts} contexts), lost {found.losses}, gained {found.gains}, "
        f"drop {_drop(found.drop)} (not corrected for the search), elsewhere {_drop(found.elsewhere)}, "
        f"p {probability(found.p)} after correction",
        *(f"   the same samples: {class_name(same)}" for same in found.same),
        f"   lost: {', '.join(lost)}" + (f" and {more} more; --json lists all" if more else ""),
    ]


def _drop(drop: Estimate) -> str:
    return f"{points(drop.value)} [{points(drop.low)}, {points(drop.high)}]"
