"""`harness plan`: what a sweep will ask and what it can decide, before anything is asked."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import (
    columns,
    json_option,
    limit_option,
    policy_of,
    print_json,
    set_option,
    sweep_argument,
    task_dir_option,
)

if TYPE_CHECKING:
    from harness.plan import Plan
    from harness.sweep import LoadedSweep

FINDS = "finds: the smallest drop, in points, that would be called regressed eight times in ten"


@click.command("plan")
@sweep_argument
@click.option(
    "--flip-rate",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.04,
    show_default=True,
    help="Share of answers that change between equal models.",
)
@limit_option
@set_option
@task_dir_option
@json_option
def command(
    sweep_file: Path,
    flip_rate: float,
    limit: int | None,
    sets: tuple[str, ...],
    task_dirs: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Show cells, samples, tokens and money of a sweep, and how likely an unchanged candidate passes. No calls."""
    from harness.plan import check_feasible, make_plan
    from harness.sweep import load_sweep

    sweep = load_sweep(sweep_file, sets=sets, task_dirs=task_dirs)
    plan = make_plan(sweep, limit)
    check_feasible(plan, sweep.file)
    found = _asked(sweep, plan) | {"decides": _decides(sweep, plan, flip_rate)}
    if as_json:
        print_json(found)
    else:
        click.echo(_text(found))


def _asked(sweep: LoadedSweep, plan: Plan) -> dict[str, Any]:
    from harness.plan import cost_of

    return {
        "sweep": sweep.resolved.sweep.name,
        "tokenizer": plan.counter.name,
        "samples": plan.samples,
        "limited": plan.limited,
        "notes": list(plan.notes),
        "cells": [
            {
                "task": cell.label,
                "length": cell.length,
                "control": cell.control,
                "contexts": len(cell.wanted),
                "samples": cell.samples,
            }
            for cell in plan.cells
        ],
        "models": [
            {"name": model.name, "role": model.role, "adapter": model.adapter, **asdict(cost_of(plan, model))}
            for model in sweep.resolved.model
        ],
    }


def _decides(sweep: LoadedSweep, plan: Plan, flip_rate: float) -> list[dict[str, Any]]:
    """For each cell and slice: how likely an unchanged candidate passes, and how many contexts make it nine in ten."""
    from harness.gate.planning.power import powers
    from harness.gate.verdict import UNITS

    return [
        {
            "row": row.name,
            "task": row.place.task,
            "length": row.place.length,
            "slice": row.place.part,
            "level": row.applied.level,
            "margin": row.applied.margin,
            "unit": UNITS.get(row.place.scope, "points"),
            "icc": row.icc,
            "contexts": row.contexts,
            "samples": row.samples,
            "pass_if_unchanged": row.chance,
            "contexts_for_0.9": row.contexts_wanted,
            "provable": row.provable,
            "finds_drop_of": row.finds,
        }
        for row in powers(plan, policy_of(sweep), flip_rate, sweep.runs)
    ]


def _text(found: dict[str, Any]) -> str:
    models = [("model", "role", "requests", "input", "of it cacheable", "output", "money")]
    models += [
        (
            model["name"],
            model["role"],
            str(model["requests"]),
            f"{model['input_tokens']:,}",
            f"{model['cached_tokens']:,}",
            f"{model['output_tokens']:,}",
            "no price" if model["money"] is None else f"{model['money']:.2f}",
        )
        for model in found["models"]
    ]
    rows: list[tuple[str, ...]] = [
        ("row", "contexts", "samples", "margin", "P(pass | unchanged)", "contexts for 0.9", "finds")
    ]
    rows += [_power_line(row) for row in found["decides"] if row["level"] != "off"]
    rows += [
        (f"{cell['task']}, {cell['control']}", str(cell["contexts"]), str(cell["samples"]), "", "", "", "")
        for cell in found["cells"]
        if cell["control"]
    ]
    limited = "\nlimited: a verdict needs all samples" if found["limited"] else ""
    limited += "".join(f"\n{note}" for note in found["notes"])
    return (
        f"{found['sweep']}: {found['samples']} samples a model, tokens by {found['tokenizer']}{limited}\n\n"
        f"{columns(rows, right=(1, 2, 3, 4, 5, 6))}\n{FINDS}\n\n{columns(models, right=(2, 3, 4, 5, 6))}\n"
        "tokens and money are upper bounds"
    )


def _power_line(row: dict[str, Any]) -> tuple[str, ...]:
    from harness.gate.wording import amount

    chance = f"{row['pass_if_unchanged']:.2f}" if row["provable"] else "never: too few"
    wanted = str(row["contexts_for_0.9"] or "over 4096")
    margin = amount(row["margin"], row["unit"])
    finds = "" if row["finds_drop_of"] is None else f"{100 * row['finds_drop_of']:.0f}"
    return (row["row"], str(row["contexts"]), str(row["samples"]), margin, chance, wanted, finds)
