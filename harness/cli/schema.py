"""`harness schema`: what a sweep, a policy and a verdict look like, for editors and programs."""

from __future__ import annotations

import click

from harness.cli.options import print_json

NAMES = ("sweep", "gate", "verdict", "verdicts")


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES))
def command(name: str) -> None:
    """Print the JSON Schema of a sweep.toml, of a gate.toml, or of what 'harness gate --json' prints.

    'verdict' is of one candidate, 'verdicts' of several.

    Keys of a [[model]] that belong to its adapter, and of a [[task]] that belong to the task, are not in the schema:
    'harness models list' and 'harness tasks show' name them, and loading the sweep checks them.
    """
    from harness.gate.schema import SCHEMAS

    print_json(SCHEMAS[name]())
