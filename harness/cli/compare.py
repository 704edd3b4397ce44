"""`harness compare`: two runs side by side, without a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.cli.options import columns, json_option, print_json, results_option, run_path


@click.command("compare")
@click.argument("baseline", metavar="BASELINE")
@click.argument("candidate", metavar="CANDIDATE")
@results_option
@json_option
def command(baseline: str, candidate: str, results: Path, as_json: bool) -> None:
    """Show flips, intervals and failure modes of two runs. Never decides: 'harness gate' does."""
    from harness.gate import load_policy, verdict_rows
    from harness.store import load_run, pair
