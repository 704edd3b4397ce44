"""Up to which length does it hold? The effective context length, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.stats.proportions import clopper_pearson


@dataclass(frozen=True, slots=True)
class EffectiveLength:
    """An effective context length with its confidence interval, all in tokens.

    Attributes:
        estimate: the longest length up to which every measured share reaches the threshold; None below the first.
        low: the interval's lower end; None below the first length.
        high: its upper end; None below the first length. Being the longest measured length means "or more".
    """

    estimate: int | None
    low: int | None
    high: int | None


def effective_length(scores_by_length: Mapping[int, float], threshold: float) -> int | None:
    """Return the longest length such that it and every shorter one score at least `threshold`; None below the first.

    The rule of RULER (Hsieh and others 2024) read strictly: a length that is passed after a failed one does not count.
    Lengths that were not measured are left out of the mapping and not judged.
    """
    reached = None
    for length in sorted(scores_by_length):
        if scores_by_length[length] < threshold:
            break
        reached = length
    return reached


def effective_length_interval(
    counts_by_length: Mapping[int, tuple[float, float]], threshold: float, level: float = 0.95
) -> EffectiveLength:
    """Return the effective length with its interval, two-sided at `level`: it holds the true one at least so often.

    The lower end takes each length's lower Clopper-Pearson bound at (1 - level) / 2, without correction: to be too long
    it must err at one length, the first that truly fails. The upper end takes the upper bounds at (1 - level) / 2 over
    the number of lengths (Bonferroni), because an error at any shorter length would cut it.

    Args:
        counts_by_length: for each length the right answers and the samples; of an effective sample where contexts are
            shared (`effective_n`).
        threshold: the share of right answers to reach.
        level: coverage.
    """
    tail = (1 - level) / 2
    each = tail / max(1, len(counts_by_length))
    shares = {length: right / n for length, (right, n) in counts_by_length.items()}
    lows = {length: clopper_pearson(*counts, 1 - 2 * tail)[0] for length, counts in counts_by_length.items()}
    highs = {length: clopper_pearson(*counts, 1 - 2 * each)[1] for length, counts in counts_by_length.items()}
    return EffectiveLength(*(effective_length(scores, threshold) for scores in (shares, lows, highs)))
