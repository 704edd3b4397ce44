"""Runs in groups that cannot be told apart, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from harness.gate.emit.clean import visible
from harness.gate.explore.groups import Contrast, Groups, Standing
from harness.gate.wording import points, probability
from harness.records import Estimate

STANDINGS = ("run", "right", "n", "group")
CONTRASTS = ("pair", "n (contexts)", "lost/gained", "drop", "p", "")


def groups_text(groups: Groups) -> str:
    """Return the table of runs with their letters, the table of pairs, and how to read them."""
    standings = [STANDINGS, *map(_standing, groups.standings)]
    contrasts = [CONTRASTS, *(_contrast(each, groups.alpha) for each in groups.contrasts)]
    return "\n".join([aligned(standings), reading_of(groups), "", aligned(contrasts), contrasts_reading(groups)])


def reading_of(groups: Groups) -> str:
    """Say what the letters mean."""
    return (
        f"runs that share a letter cannot be told apart at {100 * groups.alpha:g} % (all pairs, two-sided, Holm); that "
        "is no proof that they are equal"
    )


def contrasts_reading(groups: Groups) -> str:
    """Say what the drops and the p-values of pairs are."""
    levels = {each.drop.level for each in groups.contrasts if each.drop}
    level = "".join(f", {100 * each:.0f} % interval" for each in sorted(levels))
    return f"drop: first less second{level}; p after correction for the number of pairs ({len(groups.contrasts)})"


def _standing(each: Standing) -> tuple[str, ...]:
    return visible(each.name), _interval(each.right), str(each.right.n), each.letters


def _contrast(each: Contrast, alpha: float) -> tuple[str, ...]:
    pair = visible(f"{each.first} / {each.second}")
    if each.drop is None:
        return pair, "0 (0)", "", "n/a", "n/a", visible(each.problem)
    told = "apart" if each.p_adjusted <= alpha else "not told apart"
    return (
        pair,
        f"{each.drop.n} ({each.contexts})",
        f"{each.losses}/{each.gains}",
        _interval(each.drop),
        probability(each.p_adjusted),
        f"{told}; {visible(each.problem)}" if each.problem else told,
    )


def _interval(found: Estimate) -> str:
    return f"{points(found.value)} [{points(found.low)}, {points(found.high)}]"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Lay rows of text out in columns two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
