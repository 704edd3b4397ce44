"""Runs on disk, baselines on file, and two runs paired."""

from harness.store.load import load_run
from harness.store.pairs import Comparison, pair
from harness.store.run_dir import Run, RunInfo, RunWriter, load_info

__all__ = ["Comparison", "Run", "RunInfo", "RunWriter", "load_info", "load_run", "pair"]
