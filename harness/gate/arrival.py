"""Did the candidate's server see as much of the prompts as the baseline's? What it did not see it cannot answer.

Each reply was checked when it came, against an estimate that leaves room. Two runs of the same prompts say more: with
one tokenizer both servers count the same tokens, and one that counts fewer has cut the text.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import median

from harness.sizes import format_size
from harness.store import Run

SAME_TOKENIZER = 0.03
"""Median counts nearer to one another than this share, at some length, come from one tokenizer, or one much like it."""

FEWER = 0.9
"""A template or a few special tokens never make up a tenth of a long prompt."""


def arrival_notes(baseline: Run, candidate: Run) -> list[str]:
    """Name each task and length at which one server counted fewer prompt tokens, though elsewhere they count alike.

    It stays a note: two tokenizers may agree on one language and differ on another.
    """
    ratios = _ratios(baseline, candidate)
    alike = {cell: ratio for cell, ratio in ratios.items() if abs(ratio - 1) <= SAME_TOKENIZER}
    if not alike:
        return []
    told = []
    for (task, length), ratio in sorted(ratios.items()):
        if FEWER <= ratio <= 1 / FEWER:
            continue
        shorter, other = (candidate, baseline) if ratio < 1 else (baseline, candidate)
        share = min(ratio, 1 / ratio)
        told.append(
            f"on {task} at {format_size(length)} the server of {shorter.info.name} counted {100 * share:.0f} % of the "
            f"prompt tokens that {other.info.name}'s counted, and as many elsewhere: it may have cut the prompts"
        )
    return told


def _ratios(baseline: Run, candidate: Run) -> dict[tuple[str, int], float]:
    """Return the median ratio of prompt tokens, candidate over baseline, by task and length."""
    counted = {(r.sample_id, r.replicate): r.reply.usage.prompt_tokens for r in baseline.measured}
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    for result in candidate.measured:
        before, after = counted.get((result.sample_id, result.replicate)), result.reply.usage.prompt_tokens
        if before and after:
            found[result.task, result.recipe.length].append(after / before)
    return {cell: median(values) for cell, values in found.items()}
