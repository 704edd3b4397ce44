"""Asks one model every sample of a plan and writes each reply down as soon as it is scored.

A worker takes one context at a time and asks its questions one after another: they share a prefix, which the server
then has in its cache. `concurrency` workers run side by side. Nothing is kept in memory that is not on disk, so an
interrupt costs the replies in flight and no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from harness.contracts import Model, Request, Task
from harness.engine.integrity import check_arrival
from harness.engine.retry import Patience
from harness.errors import HarnessError, ServerError
from harness.hashing import prompt_sha256
from harness.plan import CellPlan, Plan, samples_of
from harness.records import RETRIED, Message, Reply, ReplyError, Result, Sample, Score
from harness.store import Run
from harness.sweep import ModelTable

GIVE_UP_AFTER = 5
"""Consecutive samples that end in an error of the server before the run stops: it is down, or refuses us."""

ASKED_AGAIN = RETRIED | {"auth", "not_found"}
"""Errors in a run on disk that a continued run asks again by itself; the others only when told to."""


@dataclass(frozen=True, slots=True)
class Job:
    """One context, and which of its questions and replicates are still to be asked."""

    cell: CellPlan
    context: int
    todo: frozenset[tuple[int, int]]


def unanswered(plan: Plan, runs: int, done: Run | None, *, retry_errors: bool = False) -> list[Job]:
    """Return what is left to ask, context by context, shortest first. No context is built for it.

    Args:
        plan: what the sweep wants.
        runs: replies per sample.
        done: what is on disk.
        retry_errors: ask again wherever there is no score, not only where an error may have gone away.
    """
    settled = {_place(result) for result in (done.results if done else ()) if not _again(result, retry_errors)}
    jobs = []
    for cell in plan.cells:
        for context, questions in cell.wanted.items():
            places = {(question, replicate) for question in questions for replicate in range(runs)}
            done_here = {
                place[4:] for place in settled if place[:4] == (cell.label, cell.control, cell.length, context)
            }
            if places - done_here:
                jobs.append(Job(cell, context, frozenset(places - done_here)))
    return jobs


def _place(result: Result) -> tuple[str, str, int, int, int, int]:
    recipe = result.recipe
    return (
        result.task,
        str(result.axes.get("control", "")),
        recipe.length,
        recipe.context,
        recipe.question,
        result.replicate,
    )


def _again(result: Result, retry_errors: bool) -> bool:
    error = result.reply.error
    return result.outcome == "invalid" and (retry_errors or error is None or error.kind in ASKED_AGAIN)


async def execute(
    jobs: Iterable[Job], plan: Plan, model: Model, table: ModelTable, record: Callable[[Result], None]
) -> None:
    """Ask everything in `jobs` and hand each result to `record` at once. A job is taken only when a worker is free.

    Raises:
        ServerError: the server went away or refuses us; everything before that is recorded.
        HarnessError: whatever `record` raises.
    """
    asker = _Asker(plan, model, table, record)
    queue = iter(jobs)
    failed: HarnessError | None = None
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(table.concurrency):
                group.create_task(asker.work(queue))
    except* HarnessError as errors:
        failed = _first(errors)  # raised here, Python 3.11.2 would wrap it in a group again
    if failed:
        raise failed


def _first(group: BaseExceptionGroup[HarnessError]) -> HarnessError:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


class _Asker:
    """What the workers share: the model, its patience, and the count of failures in a row."""

    def __init__(self, plan: Plan, model: Model, table: ModelTable, record: Callable[[Result], None]) -> None:
        self._plan, self._model, self._table, self._record = plan, model, table, record
        self._patience = Patience(table.attempts, table.concurrency)
        self._failures = 0

    async def work(self, queue: Iterator[Job]) -> None:
        for job in queue:
            for sample in samples_of(job.cell, job.context, self._plan):
                for replicate in range(self._table.runs):
                    await asyncio.sleep(0)  # a model that answers at once must not keep an interrupt waiting
                    if (sample.recipe.question, replicate) in job.todo:
                        await self._ask(sample, replicate, job.cell.task)

    async def _ask(self, sample: Sample, replicate: int, task: Task) -> None:
        messages = task.prompt(sample)
        counted = await self._model.count_tokens(messages)
        expected = sample.prompt_tokens if counted is None else counted
        request = Request(
            messages=messages,
            answer_budget=sample.answer_budget,
            reasoning_budget=self._table.reasoning_budget,
            sampling={**self._table.sampling, **sample.data.get("sampling", {})},
            replicate=replicate,
            sample=sample,
            task=task,
        )
        reply = await self._patience.send(lambda: _generate(self._model, request))
        reply = check_arrival(reply, expected, exact=counted is not None)
        expected_by = "served" if counted is not None else sample.recipe.counter
        self._record(make_result(sample, messages, reply, task, replicate, (expected, expected_by)))
        self._watch(reply)

    def _watch(self, reply: Reply) -> None:
        """Stop after several failures in a row that say the server is gone, rather than fail every sample."""
        if self._model.kind != "model":
            return
        error = reply.error
        self._failures = self._failures + 1 if error and error.kind in ASKED_AGAIN else 0
        if error and self._failures >= GIVE_UP_AFTER:
            raise ServerError(
                f"{self._failures} samples in a row failed, so the run stopped",
                found=f"{error.kind}: {error.message}",
                fix="mend the server, then give the same command again: failed samples are asked again",
            )


async def _generate(model: Model, request: Request) -> Reply:
    """Ask a model; an adapter that raises, which it should not, costs this sample and not the run."""
    try:
        return await model.generate(request)
    except HarnessError:
        raise
    except Exception as error:
        return Reply(error=ReplyError(kind="adapter_failed", message=f"{type(error).__name__}: {error}"))


def make_result(
    sample: Sample,
    messages: Sequence[Message],
    reply: Reply,
    task: Task,
    replicate: int,
    expected: tuple[int, str],
) -> Result:
    """Score a reply and put it into the form that is stored. An error is an invalid result, never a score of zero."""
    score, reply = scored(sample, reply, task)
    return Result(
        sample_id=sample.id,
        task=sample.task,
        version=sample.version,
        context_id=sample.context_id,
        replicate=replicate,
        axes=sample.axes,
        recipe=sample.recipe,
        gold=sample.gold,
        prompt_sha256=prompt_sha256(messages),
        expected_tokens=expected[0],
        expected_by=expected[1],
        outcome="invalid" if reply.error else "scored" if score else "ungraded",
        reply=reply,
        score=score,
    )


def scored(sample: Sample, reply: Reply, task: Task) -> tuple[Score | None, Reply]:
    """Return the score of a reply, None with an error; a scorer that raises is such an error, and the text is kept.

    Of a task without right answers the score is None as well.
    """
    if reply.error or not task.graded:
        return None, reply
    try:
        return task.score(sample, reply), reply
    except Exception as error:
        failure = ReplyError(kind="scorer_failed", message=f"{type(error).__name__}: {error}")
        return None, replace(reply, error=failure)
