"""Runs as pandas frames: the one place where a run becomes a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.store.columns import KEY

if TYPE_CHECKING:
    import pandas as pd

    from harness.store.run_dir import Run

__all__ = ["KEY", "QUANTITIES", "controls_frame", "metrics_frame", "results_frame"]

QUANTITIES = ("completion_tokens", "reasoning_tokens", "answer_tokens")
"""Lengths of a reply that a policy can guard; None where the provider did not say."""


def results_frame(run: Run) -> pd.DataFrame:
    """Return one row a result that a verdict rests on: ids, axes as `axis.<name>`, score, mode, usage, pairing hash."""
    return run.table.measured.frame()


def metrics_frame(run: Run) -> pd.DataFrame:
    """Return the metrics of the results of `results_frame`, row by row: a column each, NaN where one has none."""
    return run.table.measured.metrics()


def controls_frame(run: Run) -> pd.DataFrame:
    """Return one row a result of a control that has a score: `control`, task, ids, `correct`."""
    columns = ["task", "sample_id", "context_id", "question", "replicate", "correct"]
    rows = run.table.controls.frame()
    scored = rows[rows["outcome"] == "scored"].reset_index(drop=True)
    controls = scored["axis.control"] if "axis.control" in scored else scored["task"]  # without rows there are no axes
    return scored[columns].assign(control=controls)
