"""Made-up runs on disk, small enough that a report on them is made in a moment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from render_data import simulated_run

from harness.store.run_dir import Run, RunWriter

POLICY = "version = 1\n[defaults]\nmargin = 0.05\nicc = 0.05\n"


def write_run(run: Run, results: Path) -> Path:
    """Write a run where its name says; return its directory."""
    path = results / run.info.sweep / run.info.model
    with RunWriter(replace(run.info, path=path)) as writer:
        for result in run.results:
            writer.append(result)
    return path


def write_three(folder: Path, contexts: int = 8) -> None:
    """Write a baseline, a candidate that is worse, a positive control, and a policy."""
    for run in (
        simulated_run("f16", {1024: 0.04, 8192: 0.1}, contexts=contexts, role="baseline"),
        simulated_run("q4", {1024: 0.1, 8192: 0.4}, contexts=contexts),
        simulated_run("bad", {1024: 0.6, 8192: 0.9}, contexts=contexts, role="positive-control"),
    ):
        write_run(run, folder / "results")
    (folder / "gate.toml").write_text(POLICY)
