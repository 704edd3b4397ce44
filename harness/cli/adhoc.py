"""A sweep from the command line instead of a file: one model, a few tasks, a first look."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from harness.sweep import LoadedSweep

PLACE = Path("command line")


@dataclass(frozen=True, slots=True)
class AdHoc:
    """What the options say."""

    base_url: str | None
    adapter: str
    key_env: str | None
    tasks: tuple[str, ...]
    lengths: str | None
    contexts: int
    questions: int

    @property
    def given(self) -> bool:
        """Whether any option was used that a sweep's file would say."""
        return bool(self.base_url or self.key_env or self.tasks or self.lengths)


def adhoc_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that stand for a sweep's file."""
    for option in reversed(
        (
            click.option("--base-url", help="Without a file: the address of the server."),
            click.option("--adapter", default="openai", show_default=True, help="Without a file: what asks."),
            click.option("--key-env", metavar="VARIABLE", help="Without a file: the variable that holds the key."),
            click.option("--task", "tasks", multiple=True, help="Without a file: what is asked; may be repeated."),
            click.option("--lengths", help="Without a file: comma-separated, such as 4k,32k."),
            click.option(
                "--contexts", type=click.IntRange(min=1), default=10, show_default=True, help="Without a file."
            ),
            click.option(
                "--questions", type=click.IntRange(min=1), default=4, show_default=True, help="Without a file."
            ),
        )
    ):
        function = option(function)
    return function


def adhoc_sweep(
    models: Sequence[str], options: AdHoc, *, sets: Sequence[str], task_dirs: Sequence[Path]
) -> LoadedSweep:
    """Return the sweep that options describe; its runs live under `adhoc-` and the model's name.

    Raises:
        click.UsageError: an option is missing.
        ConfigError: as of a sweep's file.
    """
    from harness.sweep import make_sweep

    missing = [name for name, value in (("--task", options.tasks), ("--lengths", options.lengths)) if not value]
    if len(models) != 1:
        missing.insert(0, "one --model")
    if missing:
        raise click.UsageError(f"without a SWEEP.toml, {', '.join(missing)} must be given")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", models[0]).strip("-.")[:60] or "model"
    keys = {"name": name, "adapter": options.adapter}
    if options.adapter == "openai":
        keys |= {"model": models[0]}
    keys |= {key: value for key, value in (("base_url", options.base_url), ("api_key_env", options.key_env)) if value}
    lengths = [length.strip() for length in (options.lengths or "").split(",")]
    lines = [
        "[sweep]",
        f"name = {json.dumps(f'adhoc-{name}')}",
        f"lengths = {json.dumps(lengths)}",
        f"contexts = {options.contexts}",
        f"questions_per_context = {options.questions}",
        "[[model]]",
        *(f"{key} = {json.dumps(value)}" for key, value in keys.items()),
        *(line for task in options.tasks for line in ("[[task]]", f"name = {json.dumps(task)}")),
    ]
    return make_sweep("\n".join(lines), PLACE, sets=sets, task_dirs=task_dirs)
