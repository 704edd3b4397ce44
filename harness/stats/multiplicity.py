"""Many tests at once."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import false_discovery_control


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for the family-wise error rate (Holm 1979), in the order given."""
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = running
    return adjusted


def tarone(p_values: Sequence[float], least_p: Sequence[float], alpha: float = 0.05) -> list[bool]:
    """Return which hypotheses are rejected at family-wise error alpha, tests that cannot reject not being counted.

    Tarone (1990): the smallest k such that at most k tests could ever reach alpha / k; those are judged at alpha / k.

    Args:
        p_values: of discrete tests.
        least_p: the smallest p that each test could give: 2 ** -flips for one-sided exact McNemar.
        alpha: family-wise level, one- or two-sided as the p-values are.
    """
    k = next((k for k in range(1, len(p_values) + 1) if sum(p <= alpha / k for p in least_p) <= k), 1)
    return [p <= alpha / k for p in p_values]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for the false discovery rate (Benjamini and Hochberg 1995), in the order given.

    For ranking what to look at; a gate needs `holm`.
    """
    return [float(p) for p in false_discovery_control(p_values)] if p_values else []


def e_benjamini_hochberg(e_values: Sequence[float], alpha: float = 0.05) -> list[bool]:
    """Return which hypotheses are rejected at false discovery rate alpha, however the e-values depend on each other.

    e-BH (Wang and Ramdas 2022): the k largest, for the largest k whose smallest is at least number / (alpha k).
    """
    ranked = sorted(e_values, reverse=True)
    number = len(ranked)
    fit = [e for k, e in enumerate(ranked, 1) if e * alpha * k >= number]
    return [bool(fit) and e >= fit[-1] for e in e_values]
