"""Runs on disk, and two runs paired."""

from harness.store.pairs import Comparison, pair
from harness.store.run_dir import Run, RunInfo, RunWriter, load_info, load_run

__all__ = ["Comparison", "Run", "RunInfo", "RunWriter", "load_info", "load_run", "pair"]
