"""`harness tasks`: what can be asked, whether a task may be trusted, and a new one to begin with."""

from __future__ import annotations

import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import columns, json_option, print_json, say, task_dir_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.battery import Finding

LONGEST_CELL = 60
EXAMPLE_LENGTHS = (1024, 4096, 16384, 65536)


@click.group("tasks")
def command() -> None:
    """List, show, check and begin tasks."""


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
    """Show a task's parameters with their defaults, and an example prompt of the shortest length that holds it."""
    from harness.registry import make_task, task_classes

    cls = task_classes(task_dirs).get(name)
    task = cls if cls and cls.given else make_task(name, {}, task_dirs=task_dirs)
    schema = task.Params.model_json_schema()
    if as_json:
        print_json({"name": name, "version": task.version, "summary": task.summary, "params": schema})
        return
    rows = [("parameter", "default", "allowed", "meaning"), *_parameters(schema)]
    parts = [f"{name}, version {task.version}: {task.summary}", columns(rows), *_long_choices(schema), _example(task)]
    click.echo("\n\n".join(parts))


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
        rows = [("pass" if f.passed else "FAIL", f"{f.seconds:.2f} s", f.check, f.detail) for f in found]
        click.echo(f"{each}\n{columns(rows, right=(1,))}\n{_summary(found)}")
    return int(not all(f.passed for found in findings.values() for f in found))


@command.command("new")
@click.argument("name", metavar="FAMILY.TASK")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where the family's folder goes.  [default: here]",
)
def new(name: str, folder: Path) -> None:
    """Write a small task that passes the battery, to change into your own."""
    from harness.scaffold import write_family

    paths = write_family(name, folder)
    for path in paths:
        click.echo(path)
    say(_NEXT_STEPS.format(name=name, family=shlex.quote(str(paths[0].parent))))


_NEXT_STEPS = """
Next:
  harness tasks check {family}
  harness tasks show {name} --task-dir {family}

Change the text, the question and the score in task.py, and check again. To ask a model, put this into a sweep.toml

  [sweep]
  name = "first"
  lengths = ["1k", "4k"]
  contexts = 20
  questions_per_context = 2

  [[model]]
  name = "oracle"            # a control that is always right; then a model of yours
  role = "baseline"
  adapter = "oracle"

  [[task]]
  name = "{name}"

and run it:
  harness run sweep.toml --task-dir {family}"""


def _summary(found: Sequence[Finding]) -> str:
    failed = sum(not finding.passed for finding in found)
    said = f"{failed} of {len(found)} checks fail" if failed else f"all {len(found)} checks pass"
    return f"{said}, in {sum(finding.seconds for finding in found):.1f} s"


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


def _parameters(schema: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    rows = []
    for name, field in schema["properties"].items():
        allowed = ", ".join(_choices(field)) or str(field.get("type", ""))
        bounds = [f"{word} {field[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in field]
        default = _cut(str(field.get("default", "(needed)")), 24)
        rows.append((name, default, _cut(" ".join([allowed, *bounds]), LONGEST_CELL), field.get("description", "")))
    return rows


def _choices(field: dict[str, Any]) -> list[str]:
    values = field.get("enum") or field.get("items", {}).get("enum") or []
    return [str(value) for value in values if value != ""]


def _long_choices(schema: dict[str, Any]) -> list[str]:
    """Name in full what has no room in the table."""
    named = {name: ", ".join(_choices(field)) for name, field in schema["properties"].items()}
    return [
        textwrap.fill(f"{name}: {choices}", 120, subsequent_indent="  ", break_on_hyphens=False)
        for name, choices in named.items()
        if len(choices) > LONGEST_CELL
    ]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 2]} …"


def _example(task: Any) -> str:
    if task.given:
        return "no example: what it asks is in your data; 'harness validate SWEEP.toml' shows it"
    from harness.cli.show import ends
    from harness.contexts import InfeasibleLength, reference_counter
    from harness.contracts import Cell

    for length in EXAMPLE_LENGTHS:
        cell = Cell(length=length, contexts=range(1), questions=1, counter=reference_counter())
        try:
            sample = next(task.samples(cell, 0))
        except InfeasibleLength:
            continue
        prompt = "\n".join(f"--- {message.role}\n{ends(message.content)}" for message in task.prompt(sample))
        return f"{prompt}\n--- expected\n{task.ideal_reply(sample.gold)}"
    return "no example: what the default parameters plant needs more tokens"


@command.command("export")
@click.argument("sweep_file", metavar="SWEEP", type=click.Path(path_type=Path))
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--to", type=click.Choice(["lm-eval"]), default="lm-eval", show_default=True, help="Whose tasks they become."
)
def export(sweep_file: Path, folder: Path, to: str) -> None:
    """Offer a sweep's tasks to lm-evaluation-harness: a YAML file a task and length, for 'lm_eval --include_path'.

    Inspect needs no export: 'inspect eval harness/sweep -T sweep=SWEEP'.
    """
    from harness.interop.lm_eval_tasks import export_tasks

    names = export_tasks(sweep_file, folder)
    for name in names:
        click.echo(name)
    say(f"lm_eval run --include_path {shlex.quote(str(folder))} --tasks {','.join(names)} --apply_chat_template …")
