"""Our tasks in Inspect: `inspect eval harness/sweep -T sweep=sweep.toml [-T task=retrieval.exact] [-T length=32k]`.

Samples are made and replies scored by the very code of a run of ours. Each sample is sent with its own answer budget
and sampling; its metadata have the hash of its prompt, which is the one that our runs keep.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser, ContentReasoning
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from harness.interop.sweep_samples import Asked, SweepSamples, samples_of_sweep
from harness.records import FinishReason, Reply, Usage
from harness.sizes import parse_size

SENT = ("temperature", "top_p", "top_k", "seed", "frequency_penalty", "presence_penalty")
"""What of a sample's sampling Inspect knows by the same name."""

_TURNS = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}
_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
}
_NAME = "sweep" if "site-packages" in Path(__file__).parts else "harness/sweep"
"""Inspect puts the package before the name of what is installed, and nothing before that of a checkout."""


@task(name=_NAME)
def sweep_task(sweep: str = "sweep.toml", task: str = "", length: str = "") -> Task:
    """Ask the samples of a sweep.

    Args:
        sweep: the sweep's file.
        task: one of its tasks, as the sweep calls it; unset: all.
        length: one of its lengths, such as 32k; unset: all.
    """
    samples = samples_of_sweep(Path(sweep).resolve())
    cells = samples.chosen(task, parse_size(length) if length else None)
    rows = [_sample(asked) for cell in cells for asked in samples.of(cell)]
    versions = sorted({f"{cell.label}@{cell.task.version}" for cell in cells})
    return Task(
        dataset=MemoryDataset(rows, name=Path(sweep).stem),
        solver=_ask(),
        scorer=harness_score(samples),
        name="_".join(filter(None, ["sweep", task, length])),
        metadata={"tasks": versions},
    )


def _sample(asked: Asked) -> Sample:
    sample = asked.sample
    return Sample(
        id=sample.id,
        input=[_TURNS[turn.role](content=turn.content) for turn in asked.messages],
        target=list(sample.gold) or "",
        metadata={
            **sample.axes,
            "task": sample.task,
            "context_id": sample.context_id,
            "prompt_sha256": asked.prompt_sha256,
            "answer_budget": sample.answer_budget,
            "sampling": dict(sample.data.get("sampling", {})),
        },
    )


@solver
def _ask() -> Solver:
    """Send a sample with its own budget and sampling; greedy where nothing else is said."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        sampling: dict[str, Any] = {"temperature": 0.0, **state.metadata["sampling"]}
        known = {name: sampling[name] for name in SENT if name in sampling}
        stops = sampling.get("stop")
        if stops:
            known["stop_seqs"] = list(stops)
        return await generate(state, max_tokens=state.metadata["answer_budget"], **known)

    return solve


@scorer(metrics=[mean(), stderr(cluster="context_id")])
def harness_score(samples: SweepSamples) -> Scorer:
    """Score a reply by the task that asked: 1 or 0, with the failure mode and everything else as metadata."""

    async def score(state: TaskState, target: Target) -> Score:
        found = samples.score(str(state.sample_id), _reply(state))
        return Score(
            value=float(found.correct),
            answer=", ".join(found.answer),
            explanation=found.evidence or None,
            metadata={
                "score": found.value,
                "mode": found.mode,
                "flags": list(found.flags),
                "rung": found.rung,
                "metrics": dict(found.metrics),
                "prompt_sha256": state.metadata["prompt_sha256"],
            },
        )

    return score


def _reply(state: TaskState) -> Reply:
    output = state.output
    content = output.message.content if output.choices else ""
    parts = content if isinstance(content, list) else []
    usage = output.usage
    return Reply(
        text=output.completion,
        reasoning="\n".join(part.reasoning for part in parts if isinstance(part, ContentReasoning)),
        finish_reason=_REASONS.get(output.stop_reason, "unknown"),
        usage=Usage(
            prompt_tokens=usage.input_tokens if usage else None,
            completion_tokens=usage.output_tokens if usage else None,
        ),
    )
