"""Runs one model of a sweep into its directory: open the store, start the model, ask what is left, close."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.contracts import Model
from harness.engine.environment import environment
from harness.engine.execute import Job, execute, unanswered
from harness.engine.guided import Guide, guided
from harness.errors import ConfigError, WrongRun
from harness.plan import Plan
from harness.records import Result
from harness.registry import model_class
from harness.sizes import format_size
from harness.store import RunInfo, RunWriter, load_run
from harness.store.run_dir import differences
from harness.sweep import LoadedSweep, ModelTable, settings_of

RESTARTED = ("served.created", "served.permission")
"""What a server says anew at each start without being another one."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run.

    Attributes:
        results: the folder that runs live in.
        retry_errors: ask every sample without a score again.
        start: called with the number of replies to come, before the first; the function it returns is called with
            each result.
        say: called with a line for people.
        guide: decides when enough was asked; without one everything is.
        kept: makes of a result what is stored of it, such as one without personal data.
    """

    results: Path
    start: Callable[[ModelTable, int], Callable[[Result], None]]
    say: Callable[[str], None]
    retry_errors: bool = False
    guide: Guide | None = None
    kept: Callable[[Result], Result] = lambda result: result


def run_model(sweep: LoadedSweep, table: ModelTable, plan: Plan, options: Options) -> Path:
    """Ask one model what is left of a plan.

    Returns:
        The run's directory.

    Raises:
        WrongRun: the directory holds another sweep's run.
        ServerError: the model cannot be reached, or went away.
        StoreError: the run cannot be written.
    """
    cls = model_class(table.adapter)
    info = RunInfo(
        sweep=sweep.resolved.sweep.name,
        model=table.name,
        kind=cls.kind,
        role=table.role,
        path=options.results / sweep.resolved.sweep.name / table.name,
        config=sweep.config_of(table.name),
        planned=plan.planned * table.runs,
        planned_controls=plan.planned_controls * table.runs,
        identity={},
        environment=environment(),
        floors={cell.label: cell.task.floor for cell in plan.cells},
    )
    with RunWriter(info) as writer:
        run = load_run(info.path)
        if options.guide:
            options.guide.begin(run)
        jobs = unanswered(plan, table.runs, run, retry_errors=options.retry_errors)
        total = sum(len(job.todo) for job in jobs)
        if options.guide and next(guided(jobs, options.guide), None) is None:
            options.say(f"{table.name}: decided, nothing to ask")
            return info.path
        if not total:
            options.say(f"{table.name}: complete, nothing to ask")
            return info.path
        if run.results:
            options.say(f"{table.name}: {len(run.results)} replies on disk, {total} to go")
        asyncio.run(_answer(cls(settings_of(table)), jobs, plan, table, (writer, options)))
    return info.path


async def _answer(
    model: Model, jobs: Sequence[Job], plan: Plan, table: ModelTable, out: tuple[RunWriter, Options]
) -> None:
    writer, options = out
    async with model:
        _check_window(model, plan, table)
        identity = await model.identity()
        _check_identity(writer.info, identity)
        writer.describe(replace(writer.info, identity=identity))
        advance = options.start(table, sum(len(job.todo) for job in jobs))

        errors: Counter[str] = Counter()

        def record(answered: Result) -> None:
            result = options.kept(answered)
            writer.append(result)
            advance(result)
            if options.guide:
                options.guide.saw(result)
            if result.reply.error:
                errors[result.reply.error.kind] += 1

        wanted = guided(jobs, options.guide) if options.guide else jobs
        await execute(wanted, plan, model, table, record)
        if errors:
            kinds = ", ".join(f"{count} {kind}" for kind, count in errors.most_common())
            options.say(
                f"{table.name}: {errors.total()} replies have no score: {kinds}; 'harness show' has the messages"
            )


def _check_identity(info: RunInfo, identity: Mapping[str, Any]) -> None:
    """Refuse to mix two models in one run: what answers now must be what answered before."""
    changes = differences(info.identity, json.loads(json.dumps(identity))) if info.identity else []
    changes = [change for change in changes if not change.startswith(RESTARTED)]
    if changes:
        raise WrongRun(
            "another model answers now than did before",
            where=str(info.path),
            found="; ".join(changes[:5]),
            fix="serve the same model again, or give the sweep another name",
        )


def _check_window(model: Model, plan: Plan, table: ModelTable) -> None:
    """Refuse lengths that cannot fit before the first call, where the model says how much it takes."""
    longest = max(cell.length for cell in plan.cells)
    limit = model.context_limit
    if limit is not None and longest + table.reasoning_budget > limit:
        reasoning = f" plus {table.reasoning_budget} for reasoning" if table.reasoning_budget else ""
        raise ConfigError(
            f"the length {format_size(longest)} does not fit the window of {table.name}",
            where=f"[[model]] {table.name}",
            found=f"{longest} tokens{reasoning}",
            allowed=f"{limit} tokens",
            fix="leave the length out of [sweep] lengths, or serve the model with a larger window",
        )
