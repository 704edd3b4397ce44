"""What the tasks whose answer is one number have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.reading import Answer

from .base import AggregationTask
from .rules import NOT_NEAR, NUMBER_RULES, SLIP, error_of
from .values import NUMBER

BANDS = (1, 5, 20)
"""Percent by which a number may be off to be near enough for a band."""


class NumberTask(AggregationTask):
    """Work one number out of every matching record."""

    kind = NUMBER
    rules = NUMBER_RULES

    def metrics(self, answer: Answer) -> dict[str, float]:
        """Say how near a number is: its relative error, capped at 1, and the bands that it is within."""
        error = error_of(answer)
        off = 1.0 if error is None else min(error, 1.0)
        return {
            "relative_error@1": off,
            **{f"within_{band}pct@1": float(off <= band / 100) for band in BANDS},
        }

    def other_mistakes(self, gold: tuple[str, ...]) -> Mapping[str, Sequence[tuple[str, ...]]]:
        """Return numbers of the wrong magnitude, slips, round guesses, and numbers too small and too large."""
        right = int(gold[0])
        step = 100 if right >= 1_000 else 10
        rounds = [n for n in range(step, 4 * right + 9 * step, step) if _is_guess(n, right)]
        odd = [
            n for n in (*range(right + SLIP + 1, right + 60), *range(right - SLIP - 1, 0, -1)) if _is_plain(n, right)
        ]
        return {
            "agg.magnitude": [(str(right * 10),), (str(right * 100),)],
            "agg.off_by_k": [(str(n),) for n in (right + 1, right - 1) if not _is_decade(n, right)],
            "agg.guess_round": [(str(n),) for n in rounds],
            "agg.undercount": [(str(n),) for n in odd if n < right],
            "agg.overcount": [(str(n),) for n in odd if n > right],
        }


def _is_decade(n: int, right: int) -> bool:
    return any(n == right * power or right == n * power for power in (10, 100, 1_000))


def _is_guess(n: int, right: int) -> bool:
    return abs(n - right) > max(SLIP, NOT_NEAR * right) and not _is_decade(n, right)


def _is_plain(n: int, right: int) -> bool:
    return n % 10 != 0 and not _is_decade(n, right)
