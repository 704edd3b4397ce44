"""Spreads what must not pile up: statements over the depth of a context, questions without an answer over contexts."""

from __future__ import annotations

from math import floor

from harness.contexts import Stream

GOLDEN = 0.6180339887498949
"""Steps of this size round the unit interval are spread more evenly than random draws (Weyl 1916)."""


def strata(count: int, key: tuple[str | int, ...], context: int, role: str) -> list[float]:
    """Return depths, one in each of `count` equal strata, in random order, shifted evenly over the contexts.

    Args:
        count: how many.
        key: names the task's streams.
        context: index of the context.
        role: names the stream of what is placed.
    """
    order = Stream(*key, context, "placement", role).shuffled(range(count))
    start = Stream(*key, "placement", role)
    shifts = [(start.fraction() + context * GOLDEN) % 1 for _ in range(count)]
    return [(stratum + shift) / count for stratum, shift in zip(order, shifts, strict=True)]


def spread(rate: float, count: int, key: tuple[str | int, ...], context: int) -> list[bool]:
    """Say which of `count` questions have no answer: a share of them, spread evenly within and over contexts."""
    start = (Stream(*key, "absent").fraction() + context * GOLDEN) % 1
    return [floor((q + 1) * rate + start) > floor(q * rate + start) for q in range(count)]
