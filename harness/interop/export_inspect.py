"""Our runs as logs of Inspect, written by Inspect's own functions: one log a task, opened by its viewer.

A score keeps its failure mode and all else that we know of it in its metadata, from where an import takes it back. A
reply without a score is a sample with an error, which Inspect leaves out of its accuracy too.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import harness
from harness.errors import ConfigError
from harness.interop.exported import Asked, Exported, cannot_write, file_names, mean_value
from harness.interop.imported import name_of
from harness.interop.ours import OURS, plain_place, plain_run, plain_score

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog, EvalSample
    from inspect_ai.model import ChatMessage, ModelOutput, StopReason
    from inspect_ai.scorer import Score

SCORER = "harness"
STOPS: dict[str, StopReason] = {"stop": "stop", "length": "max_tokens", "content_filter": "content_filter"}


def write_inspect(exported: Exported, target: Path) -> list[Path]:
    """Write one log a task; return the files.

    Args:
        exported: a run with its prompts.
        target: a folder; or, of a run with one task, a file that ends in .eval or .json.

    Raises:
        ConfigError: inspect-ai is not installed, or a file was named for several tasks.
        StoreError: a file cannot be written.
    """
    try:
        from inspect_ai.log import write_eval_log
    except ImportError:
        raise ConfigError("inspect-ai is not installed", fix='pip install "longcontext-harness[inspect]"') from None
    files = []
    for task, asked in exported.asked.items():
        file = _file(exported, target, task)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # its own, of deprecated modules
                write_eval_log(_log(exported, task, asked), str(file))
        except OSError as error:
            raise cannot_write(file, error) from None
        except ValueError as error:  # pydantic's are among them
            told = str(error).splitlines()
            raise ConfigError("Inspect refuses what the run holds", where=task, found=" ".join(told[:3])) from None
        files.append(file)
    return files


def _file(exported: Exported, target: Path, task: str) -> Path:
    if target.suffix in (".eval", ".json"):
        if len(exported.asked) > 1:
            raise ConfigError(
                "a log of Inspect holds one task, and the run has several",
                where=str(target),
                found=", ".join(exported.asked),
                fix="name a folder",
            )
        return target
    stamp = exported.now.isoformat(timespec="seconds").replace(":", "-")
    return target / f"{stamp}_{file_names(exported.asked)[task]}_{name_of(exported.run.info.model)}.eval"


def _log(exported: Exported, task: str, asked: Sequence[Asked]) -> EvalLog:
    from inspect_ai.log import (
        EvalConfig,
        EvalDataset,
        EvalLog,
        EvalPlan,
        EvalPlanStep,
        EvalSpec,
        EvalStats,
    )
    from inspect_ai.model import GenerateConfig

    info = exported.run.info
    theirs = exported.source == "inspect"
    ids = list(dict.fromkeys(_id(each, task, theirs=theirs) for each in asked))
    epochs = max(each.result.replicate for each in asked) + 1
    created = exported.now.isoformat(timespec="seconds")
    generate = exported.field(task, "generate config") if theirs else info.config.get("model", {}).get("sampling")
    known = {key: value for key, value in (generate or {}).items() if key in GenerateConfig.model_fields}
    version = exported.field(task, "task_version") if theirs else None
    scorers: Any = [{"name": _scorer(exported, task), "options": exported.field(task, "scorer options") or {}}]
    steps: Any = exported.field(task, "solver") if theirs else [["generate", {}]]
    spec = EvalSpec(
        created=created,
        task=task,
        task_version=asked[0].result.version if version is None else version,
        task_args=(exported.field(task, "task_args") if theirs else None) or {},
        dataset=EvalDataset(
            name=exported.field(task, "dataset") if theirs else info.sweep, samples=len(ids), sample_ids=ids
        ),
        model=exported.model,
        scorers=scorers,
        config=EvalConfig(epochs=epochs, **((exported.field(task, "limits") if theirs else None) or {})),
        packages={"longcontext_harness": harness.__version__},
        metadata={
            "exported_by": f"longcontext-harness {harness.__version__}",
            OURS: plain_run(info),
            "prompts": "built again" if not exported.without_prompt else f"{exported.without_prompt} left out",
        },
    )
    return EvalLog(
        status="success",
        eval=spec,
        plan=EvalPlan(
            steps=[EvalPlanStep(solver=name, params=params or {}) for name, params in steps or ()],
            config=GenerateConfig(**known),
        ),
        results=_results(exported, task, asked),
        stats=EvalStats(started_at=created, completed_at=created),
        samples=[_sample(each, task, exported, theirs=theirs) for each in asked],
    )


def _results(exported: Exported, task: str, asked: Sequence[Asked]) -> Any:
    from inspect_ai.log import EvalMetric, EvalResults, EvalScore

    scored = sum(each.result.score is not None for each in asked)
    name = _scorer(exported, task)
    mean = mean_value(asked)
    metrics = {} if mean is None else {"accuracy": EvalMetric(name="accuracy", value=mean)}
    score = EvalScore(
        name=name, scorer=name, scored_samples=scored, unscored_samples=len(asked) - scored, metrics=metrics
    )
    return EvalResults(total_samples=len(asked), completed_samples=scored, scores=[score])


def _scorer(exported: Exported, task: str) -> str:
    """Return what the score is called; of a part `scorer/part` of an imported log, the scorer."""
    if exported.source != "inspect":
        return SCORER
    named = str(exported.field(task, "scorer"))
    known = {name for each in exported.asked[task] for name in each.result.recipe.params.get("scores", {})}
    return named if named in known else named.rpartition("/")[0]


def _id(asked: Asked, task: str, *, theirs: bool) -> str:
    return asked.result.sample_id.removeprefix(f"{task}/") if theirs else asked.result.sample_id


def _sample(asked: Asked, task: str, exported: Exported, *, theirs: bool) -> EvalSample:
    from inspect_ai.log import EvalError, EvalSample

    result = asked.result
    turns = _turns(asked)
    output = _output(asked, exported.model)
    error = result.reply.error
    failed = error is not None and error.kind != "scorer_failed"
    return EvalSample(
        id=_id(asked, task, theirs=theirs),
        epoch=result.replicate + 1,
        input=turns or asked.question or f"(the prompt is not kept: sha256 {result.prompt_sha256})",
        target=list(result.gold) if len(result.gold) != 1 else result.gold[0],
        messages=[*turns, *([output.choices[0].message] if output.choices else [])],
        output=output,
        scores=None if failed else _scores(asked, _scorer(exported, task)),
        metadata={
            **dict(result.axes),
            "prompt_sha256": result.prompt_sha256,
            OURS: plain_place(result, asked.question),
        },
        error=EvalError(message=f"{error.kind}: {error.message}", traceback="", traceback_ansi="")
        if failed and error
        else None,
    )


def _turns(asked: Asked) -> list[ChatMessage]:
    from inspect_ai.model import ChatMessageAssistant, ChatMessageSystem, ChatMessageUser

    kinds = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}
    return [kinds[message.role](content=message.content) for message in asked.messages]


def _output(asked: Asked, model: str) -> ModelOutput:
    from inspect_ai.model import (
        ChatCompletionChoice,
        ChatMessageAssistant,
        ContentReasoning,
        ContentText,
        ModelOutput,
        ModelUsage,
    )

    reply = asked.result.reply
    content: Any = reply.text
    if reply.reasoning:
        content = [ContentReasoning(reasoning=reply.reasoning), ContentText(text=reply.text)]
    usage, known = reply.usage, reply.usage.prompt_tokens is not None and reply.usage.completion_tokens is not None
    cached = usage.cached_tokens or 0
    return ModelOutput(
        model=reply.served_model or model,
        choices=[
            ChatCompletionChoice(
                message=ChatMessageAssistant(content=content, model=reply.served_model or model, source="generate"),
                stop_reason=STOPS.get(reply.finish_reason, "unknown"),
            )
        ],
        usage=ModelUsage(
            input_tokens=max((usage.prompt_tokens or 0) - cached, 0),
            output_tokens=usage.completion_tokens or 0,
            total_tokens=(usage.prompt_tokens or 0) + (usage.completion_tokens or 0),
            input_tokens_cache_read=usage.cached_tokens,
            reasoning_tokens=usage.reasoning_tokens,
        )
        if known
        else None,
        time=reply.latency_s,
    )


def _scores(asked: Asked, name: str) -> dict[str, Score]:
    """Return the score, and with it those that an imported log had besides, as it had them."""
    from inspect_ai.scorer import Score

    result = asked.result
    kept = result.recipe.params.get("scores", {})
    others = {
        key: Score(value=float("nan") if value == "NaN" else value)
        for key, value in kept.items()
        if key != name and value is not None
    }
    score, error = result.score, result.reply.error
    if score is None:
        return {name: Score.unscored(reason="scoring_failed", explanation=error.message if error else None), **others}
    value: Any = kept.get(name, score.value)
    own = Score(
        value=value,
        answer=", ".join(score.answer) or None,
        explanation=score.evidence or None,
        metadata={OURS: plain_score(score)},
    )
    return {name: own, **others}
