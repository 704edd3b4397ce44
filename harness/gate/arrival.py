"""Did the candidate's server see as much of the prompts as the baseline's? What it did not see it cannot answer.

Each reply was checked when it came, against an estimate that leaves room. Two runs of the same prompts say more: with
one tokenizer both servers count the same tokens, and one that counts fewer has cut the text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from harness.sizes import format_size
from harness.store import Run
from harness.store.frame import KEY, results_frame

if TYPE_CHECKING:
    import pandas as pd

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
    columns = [*KEY, "task", "length", "prompt_tokens"]
    both = results_frame(baseline)[columns].merge(results_frame(candidate)[columns], on=KEY, suffixes=("_before", ""))
    both = both.astype({"prompt_tokens_before": float, "prompt_tokens": float})
    told = both[(both["prompt_tokens_before"] > 0) & (both["prompt_tokens"] > 0)]
    ratios = told.assign(ratio=told["prompt_tokens"] / told["prompt_tokens_before"])
    cells: Iterable[tuple[tuple[str, int], pd.DataFrame]] = cast("Any", ratios.groupby(["task", "length"]))
    return {cell: float(rows["ratio"].median()) for cell, rows in cells}
