"""`harness compare`: two runs side by side, without a verdict."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.options import json_option, results_option


@click.command("compare")
@click.argument("baseline", metavar="BASELINE")
@click.argument("candidate", metavar="CANDIDATE")
@results_option
@json_option
def command(baseline: str, candidate: str, results: Path, as_json: bool) -> None:
    """Show flips, intervals and failure modes of two runs. Never decides: 'harness gate' does."""
