"""`harness schema`: what a sweep, a policy, a verdict and a report look like, for editors and programs."""

from __future__ import annotations

import click

from harness.cli.options import print_json

NAMES = ("sweep", "gate", "verdict", "verdicts", "report")


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES))
def command(name: str) -> None:
    """Print the JSON Schema of a sweep.toml, of a gate.toml, or of what 'harness gate --json' or 'report' writes.

    'verdict' is of one candidate, 'verdicts' of several, 'report' of 'harness report -o FILE.json'.

    A sweep's schema has the keys of every adapter and task that is installed; a name that it does not know may have
    any. Placeholders such as ${URL} are text: only loading the sweep checks what they stand for.
    """
    from harness.schemas import SCHEMAS

    print_json(SCHEMAS[name]())
