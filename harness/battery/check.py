"""Runs the checks in their order. Whatever a task's code raises is a failed check, never a crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from harness.battery import sameness, samples, scores
from harness.battery.bench import LENGTHS, Asked, Bench, Finding, Told, ask, questions_of, raised
from harness.battery.replies import KNOWING_NOTHING, same_answer
from harness.contexts import InfeasibleLength
from harness.errors import ConfigError, HarnessError
from harness.registry import make_task, task_classes
from harness.sizes import format_size

Check = Callable[[Bench], Told]

LUCK = 0.05
"""Share of samples that the commonest answer may get right by chance in a task with a floor of 0."""

CHECKS: Mapping[str, Check] = {
    "the oracle scores 1": scores.oracle_scores_one,
    **{
        f"{label} earns no more than the floor": scores.earns_no_more_than_the_floor(ignorance)
        for label, ignorance in KNOWING_NOTHING.items()
    },
    "one answer to everything earns no more than the floor": scores.earns_no_more_than_the_floor(same_answer, LUCK),
    "reasoning is no part of the answer": scores.reasoning_is_no_answer,
    "no reply breaks the score": scores.survives_hostile_replies,
    "planted mistakes get their own mode": scores.mistakes_are_named,
    "a score depends on sample and reply alone": scores.scores_depend_on_nothing_else,
    "sample ids are unique": samples.ids_are_unique,
    "no two samples ask the same": samples.prompts_are_unique,
    "lengths are kept": samples.lengths_are_kept,
    "the answer fits its budget": samples.answers_fit,
    "spans are true": samples.spans_are_true,
    "axes are plain": samples.axes_are_plain,
    "samples are plain": samples.samples_are_plain,
    "the same bytes in a new process": sameness.same_in_new_process,
    "the same bytes in another order": sameness.same_in_other_order,
    "the same bytes from the recipe": sameness.same_from_recipe,
    "another seed asks something else": sameness.other_seed_other_facts,
    "the same facts at every length": sameness.same_facts_at_every_length,
}
"""Every check by what it finds to hold."""

CONTROLS: Mapping[str, Check] = {
    "the evidence alone is enough": sameness.evidence_is_enough,
    "closed book leaves out the context": sameness.closed_book_leaves_out_the_context,
}
"""Checks of a task whose prompts can leave out the context."""


def check_task(
    name: str, params: Mapping[str, Any], task_dirs: Sequence[Path] = (), lengths: Sequence[int] = LENGTHS
) -> list[Finding]:
    """Run the battery on a task with these parameters, at each length that its facts fit into.

    Raises:
        UnknownName: no task of that name.
        ConfigError: a parameter is unknown or not allowed, the family cannot be imported, or nothing is made at all.
    """
    findings, bench = make_bench(name, params, task_dirs, lengths)
    return [*findings, *_findings(bench)] if bench else findings


def make_bench(
    name: str, params: Mapping[str, Any], task_dirs: Sequence[Path] = (), lengths: Sequence[int] = LENGTHS
) -> tuple[list[Finding], Bench | None]:
    """Make a task's samples, and say for each length whether there are any; no bench where there are none at all."""
    cls = task_classes(task_dirs).get(name)
    if cls and cls.given:
        raise ConfigError(
            f"the battery checks how contexts are made, and those of {name} are given",
            fix="'harness validate SWEEP.toml' checks rows, right answers and lengths",
        )
    try:
        task = make_task(name, params, task_dirs=task_dirs)
    except HarnessError:
        raise
    except Exception as error:
        told = raised(error, task_classes(task_dirs)[name])
        return [Finding("the parameters make a task", False, told)], None
    findings, batches, questions = [], {}, 0
    for length in sorted(set(lengths)):
        begun = perf_counter()
        try:
            questions = questions or questions_of(task, length)
            batches[length] = ask(task, length, questions)
            passed, detail = bool(batches[length]), _made(batches[length])
        except InfeasibleLength as error:
            passed, detail = True, f"not feasible: {error.what}"
        except Exception as error:
            passed, detail = False, raised(error, type(task))
        findings.append(Finding(f"samples at {format_size(length)}", passed, detail, perf_counter() - begun))
    batches = {length: batch for length, batch in batches.items() if batch}
    if not batches:
        return [*findings, Finding("some length is feasible", False, "no length gives samples")], None
    return findings, Bench(task, task.params.model_dump(mode="json"), task_dirs, questions, batches)


def _made(batch: Sequence[Asked]) -> str:
    contexts = {asked.sample.context_id for asked in batch}
    return f"{len(batch)} samples, {len(contexts)} contexts" if batch else "the task yields none"


def _findings(bench: Bench) -> Iterator[Finding]:
    controls = CONTROLS if sameness.has_controls(bench.task) else {}
    for label, check in {**CHECKS, **controls}.items():
        begun = perf_counter()
        try:
            passed, detail = check(bench)
        except Exception as error:
            passed, detail = False, raised(error, type(bench.task))
        yield Finding(label, passed, detail, perf_counter() - begun)
