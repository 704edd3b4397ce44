"""`harness runs`: what is on disk."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.options import columns, json_option, print_json, results_option, say


@click.command("runs")
@results_option
@json_option
def command(results: Path, as_json: bool) -> None:
    """List the runs on disk: how complete, how many right, how many without a score."""
    from harness.errors import HarnessError
    from harness.store import load_run

    found = []
    for path in sorted(results.glob("*/*/run.json")):
        try:
            run = load_run(path.parent)
        except HarnessError as error:
            say(f"not listed: {error}")
            continue
        right = sum(result.score is not None and result.score.correct for result in run.measured)
        found.append(
            {
                "run": run.info.name,
                "role": run.info.role,
                "kind": run.info.kind,
                "replies": len(run.measured),
                "planned": run.info.planned,
                "right": right,
                "invalid": run.invalid,
                "path": str(path.parent),
            }
        )
    if as_json:
        print_json(found)
    elif found:
        click.echo(columns([tuple(found[0]), *[tuple(map(str, row.values())) for row in found]], right=(3, 4, 5, 6)))
    else:
        click.echo(f"no runs in {results}/")
