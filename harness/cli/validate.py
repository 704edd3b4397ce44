"""`harness validate`: what a sweep will ask, looked at sample by sample before anything is paid for."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import columns, json_option, print_json, set_option, sweep_argument, task_dir_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.battery.validate import Complaint, TaskFacts
    from harness.plan import Plan
    from harness.sweep import LoadedSweep

VALUES_SHOWN = 6


@click.command("validate")
@sweep_argument
@click.option("--full", is_flag=True, help="Print the first prompt whole, not its ends.")
@set_option
@task_dir_option
@json_option
def command(sweep_file: Path, full: bool, sets: tuple[str, ...], task_dirs: tuple[Path, ...], as_json: bool) -> int:
    """Show what SWEEP.toml will ask: first prompts, lengths, right answers, axes, cost. No calls.

    Rows of your own data are all looked at: each right answer must score 1, and an empty reply nothing. Exit code 1
    where one does not.
    """
    from harness.battery.validate import look_at
    from harness.plan import check_feasible, make_plan
    from harness.sweep import load_sweep

    sweep = load_sweep(sweep_file, sets=sets, task_dirs=task_dirs)
    plan = make_plan(sweep)
    check_feasible(plan, sweep.file)
    found = look_at(plan)
    if as_json:
        print_json(
            {"tasks": [_plain(facts) for facts in found], "notes": list(plan.notes), "models": _costs(sweep, plan)}
        )
    else:
        click.echo(_text(found, sweep, plan, full=full))
    return int(any(complaint.fails for facts in found for complaint in facts.complaints))


def _costs(sweep: LoadedSweep, plan: Plan) -> list[dict[str, Any]]:
    from harness.plan import cost_of

    return [{"name": model.name, **asdict(cost_of(plan, model))} for model in sweep.resolved.model]


def _plain(facts: TaskFacts) -> dict[str, Any]:
    plain = asdict(facts)
    plain["axes"] = {
        name: [{"value": value, "samples": count} for value, count in values.most_common()]
        for name, values in facts.axes.items()
    }
    return {**plain, "tokens": _quantiles(facts.tokens)}


def _quantiles(tokens: Sequence[int]) -> dict[str, int]:
    """Return the shortest, the median, the ninth decile and the longest."""
    last = len(tokens) - 1
    places = {"shortest": 0, "median": last // 2, "p90": round(0.9 * last), "longest": last}
    return {name: tokens[place] for name, place in places.items()}


def _text(found: Sequence[TaskFacts], sweep: LoadedSweep, plan: Plan, *, full: bool) -> str:
    parts = [_task(facts, plan.counter.name, full=full) for facts in found]
    costs = [("model", "requests", "input tokens", "output tokens", "money")]
    costs += [
        (
            cost["name"],
            str(cost["requests"]),
            f"{cost['input_tokens']:,}",
            f"{cost['output_tokens']:,}",
            "no price" if cost["money"] is None else f"{cost['money']:.2f}",
        )
        for cost in _costs(sweep, plan)
    ]
    return "\n\n".join(
        [*parts, *plan.notes, f"{columns(costs, right=(1, 2, 3, 4))}\ntokens and money are upper bounds"]
    )


def _task(facts: TaskFacts, counter: str, *, full: bool) -> str:
    from harness.cli.show import ends, visible
    from harness.sizes import format_size

    prompt = [
        line
        for message in facts.messages
        for line in (f"--- {message.role}", visible(message.content if full else ends(message.content)))
    ]
    lengths = ", ".join(f"{count} at {format_size(length)}" for length, count in facts.samples.items())
    tokens = ", ".join(f"{name} {count:,}" for name, count in _quantiles(facts.tokens).items())
    whole = sum(facts.samples.values()) == facts.looked_at
    rows = [
        ("samples", lengths if whole else f"{lengths}; {facts.looked_at} of them looked at"),
        ("contexts", f"{facts.contexts}{'' if whole else ' among them'}"),
        ("tokens", f"{tokens} (by {counter}, without the answer)"),
        ("axes", "; ".join(_axis(name, values) for name, values in facts.axes.items()) or "none"),
        ("floor", f"{facts.floor:.3f}: what one answer to everything earns"),
    ]
    head = f"{facts.label}\n{columns(rows)}"
    checks = [line for complaint in facts.complaints for line in _complaint(complaint)]
    if not any(complaint.fails for complaint in facts.complaints):
        checks.insert(
            0, f"ok    {facts.right_answers} right answers score 1, {facts.looked_at} empty replies earn nothing"
        )
    return "\n".join([head, "", "first prompt", *prompt, "--- right", visible(facts.right), "", *checks])


def _axis(name: str, values: Any) -> str:
    shown = ", ".join(f"{value} {count}" for value, count in values.most_common(VALUES_SHOWN))
    return f"{name} ({shown}{', …' if len(values) > VALUES_SHOWN else ''})"


def _complaint(complaint: Complaint) -> list[str]:
    from harness.cli.show import visible

    count = f"{complaint.count}: " if complaint.first else ""
    lines = [f"{'FAIL' if complaint.fails else 'warn'}  {count}{complaint.what}"]
    lines += [f"      {visible(each)[:200]}" for each in complaint.first]
    more = complaint.count - len(complaint.first)
    return [*lines, f"      and {more} more"] if complaint.first and more else lines
