"""`harness plan`: what a sweep will ask, before anything is asked."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import (
    json_option,
    limit_option,
    print_json,
    set_option,
    sweep_argument,
    task_dir_option,
)

if TYPE_CHECKING:
    from harness.plan import Plan
    from harness.sweep import LoadedSweep


@click.command("plan")
@sweep_argument
@limit_option
@set_option
@task_dir_option
@json_option
def command(
    sweep_file: Path, limit: int | None, sets: tuple[str, ...], task_dirs: tuple[Path, ...], as_json: bool
) -> None:
    """Show cells, samples, tokens and money of a sweep, and what it can decide. No model is called."""
    from harness.plan import make_plan
    from harness.sweep import load_sweep

    sweep = load_sweep(sweep_file, sets=sets, task_dirs=task_dirs)
    plan = make_plan(sweep, limit)
    found = _describe(sweep, plan)
    if as_json:
        print_json(found)
    else:
        click.echo(_text(found))


def _describe(sweep: LoadedSweep, plan: Plan) -> dict[str, Any]:
    from harness.plan import cost_of

    table = sweep.resolved.sweep
    return {
        "sweep": table.name,
        "tokenizer": plan.counter.name,
        "samples": plan.samples,
        "limited": plan.limited,
        "cells": [
            {
                "task": cell.task.name,
                "length": cell.length,
                "contexts": len(cell.wanted),
                "samples": cell.samples,
            }
            for cell in plan.cells
        ],
        "models": [
            {"name": model.name, "role": model.role, "adapter": model.adapter, **asdict(cost_of(plan, model))}
            for model in sweep.resolved.model
        ],
        "decides": _decides(sweep, plan),
    }
