"""Runs as pandas frames: the one place where a run becomes a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from harness.records import Result, Usage
    from harness.store.run_dir import Run

KEY = ["sample_id", "replicate"]
QUANTITIES = ("completion_tokens", "reasoning_tokens", "answer_tokens")
"""Lengths of a reply that a policy can guard; None where the provider did not say."""


def results_frame(run: Run) -> pd.DataFrame:
    """Return one row a result that a verdict rests on: ids, axes as `axis.<name>`, score, mode, usage, pairing hash."""
    import pandas as pd

    columns = [*KEY, "task", "length", "context_id", "outcome", "correct", "value", "mode", "pair_sha256"]
    frame = pd.DataFrame([_row(result, run.pair_sha256(result)) for result in run.measured])
    return frame if len(frame) else pd.DataFrame(columns=columns)


def controls_frame(run: Run) -> pd.DataFrame:
    """Return one row a result of a control that has a score: `control`, task, ids, `correct`."""
    import pandas as pd

    columns = ["control", "task", "sample_id", "context_id", "question", "replicate", "correct"]
    rows = [
        {**_row(result, run.pair_sha256(result)), "control": result.axes["control"]}
        for result in run.results
        if "control" in result.axes and result.score
    ]
    return pd.DataFrame(rows, columns=columns)


def _row(result: Result, pair_sha256: str) -> dict[str, object]:
    score, usage = result.score, result.reply.usage
    row = {
        "sample_id": result.sample_id,
        "replicate": result.replicate,
        "question": result.recipe.question,
        "task": result.task,
        "length": result.recipe.length,
        "context_id": result.context_id,
        "outcome": result.outcome,
        "correct": score.correct if score else None,
        "value": score.value if score else None,
        "mode": score.mode if score else None,
        "error": result.reply.error.kind if result.reply.error else None,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "answer_tokens": _answer_tokens(usage),
        "pair_sha256": pair_sha256,
        **{f"axis.{name}": value for name, value in result.axes.items()},
    }
    return {_clean(name): _clean(value) if isinstance(value, str) else value for name, value in row.items()}


def _clean(text: str) -> str:
    """Write lone surrogates, which no column of strings can hold, as their escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _answer_tokens(usage: Usage) -> int | None:
    if usage.completion_tokens is None or usage.reasoning_tokens is None:
        return None
    return usage.completion_tokens - usage.reasoning_tokens
