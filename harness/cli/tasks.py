"""`harness tasks`: what can be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from harness.cli.options import columns, json_option, print_json, task_dir_option


@click.group("tasks")
def command() -> None:
    """List, show and check tasks."""


@command.command("list")
@task_dir_option
@json_option
def list_tasks(task_dirs: tuple[Path, ...], as_json: bool) -> None:
    """List every task that a sweep can name."""
    from harness.registry import task_classes

    found = [
        {"name": name, "version": cls.version, "floor": cls.floor, "summary": cls.summary}
        for name, cls in sorted(task_classes(task_dirs).items())
    ]
    if as_json:
        print_json(found)
    else:
        click.echo(columns([tuple(found[0]), *[tuple(map(str, row.values())) for row in found]]))


@command.command("show")
@click.argument("name")
@task_dir_option
@json_option
def show(name: str, task_dirs: tuple[Path, ...], as_json: bool) -> None:
    """Show a task's parameters with their defaults, and an example prompt at 1k tokens."""
    from harness.registry import make_task

    task = make_task(name, {}, task_dirs=task_dirs)
    schema = task.Params.model_json_schema()
    if as_json:
        print_json({"name": name, "version": task.version, "summary": task.summary, "params": schema})
        return
    rows = [("parameter", "default", "allowed"), *_parameters(schema)]
    click.echo(f"{name}, version {task.version}: {task.summary}\n\n{columns(rows)}\n\n{_example(task)}")


@command.command("check")
@click.argument("name", metavar="NAME-or-PATH")
@click.option("--set", "sets", multiple=True, metavar="KEY=VALUE", help="A parameter of the task.")
@click.option("--lengths", default="1k,4k,32k", show_default=True, help="Lengths to check at.")
@task_dir_option
@json_option
def check(name: str, sets: tuple[str, ...], lengths: str, task_dirs: tuple[Path, ...], as_json: bool) -> int:
    """Run the battery that every task must pass. Exit code 1 when a check fails."""
    from dataclasses import asdict

    from harness.battery import check_task
    from harness.errors import ConfigError
    from harness.registry import task_classes
    from harness.sizes import parse_size

    names, dirs = [name], task_dirs
    if Path(name).is_dir():
        dirs = (*task_dirs, Path(name))
        names = sorted(set(task_classes(dirs)) - set(task_classes(task_dirs)))
        if not names:
            raise ConfigError(
                "no task of its own in this folder", where=name, fix="a family is a folder with a task.py"
            )
    try:
        sizes = [parse_size(text) for text in lengths.split(",")]
    except ValueError as error:
        raise ConfigError(str(error), where="--lengths") from None
    findings = {each: check_task(each, _params(sets), dirs, sizes) for each in names}
    if as_json:
        print_json({each: [asdict(finding) for finding in found] for each, found in findings.items()})
    for each, found in findings.items() if not as_json else ():
        rows = [("pass" if f.passed else "FAIL", f.check, f.detail) for f in found]
        click.echo(f"{each}\n{columns(rows)}")
    return int(not all(f.passed for found in findings.values() for f in found))


def _params(sets: tuple[str, ...]) -> dict[str, Any]:
    import tomllib

    from harness.errors import ConfigError

    params: dict[str, Any] = {}
    for text in sets:
        key, _, value = text.partition("=")
        if not key or not value:
            raise ConfigError(f"cannot read --set {text!r}", allowed="KEY=VALUE")
        try:
            params[key] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            params[key] = value
    return params


def _parameters(schema: dict[str, Any]) -> list[tuple[str, str, str]]:
    rows = []
    for name, field in schema["properties"].items():
        allowed = ", ".join(map(str, field["enum"])) if "enum" in field else str(field.get("type", ""))
        bounds = [f"{word} {field[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in field]
        rows.append((name, str(field.get("default", "(needed)")), " ".join([allowed, *bounds])))
    return rows


def _example(task: Any) -> str:
    from harness.cli.show import ends
    from harness.contexts import reference_counter
    from harness.contracts import Cell

    cell = Cell(length=1024, contexts=range(1), questions=1, counter=reference_counter())
    sample = next(task.samples(cell, 0))
    prompt = "\n".join(f"--- {message.role}\n{ends(message.content)}" for message in task.prompt(sample))
    return f"{prompt}\n--- expected\n{task.ideal_reply(sample.gold)}"
