"""Logs of NeMo Evaluator: `results.jsonl`, one line a problem and repeat, and the bundle `eval-*.json` beside it.

NeMo itself pairs by `problem_idx`, which is a position; here the hash of what a line holds of the question must agree
too. Its rewards of failed calls are zeros: where a line says that the call failed it has no score here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import ConfigError
from harness.hashing import content_sha256
from harness.interop.foreign import (
    error_kind,
    is_number,
    mapping,
    need,
    read_json,
    read_json_lines,
    seconds,
    shown,
    text_of,
)
from harness.interop.imported import Choices, Entry, Log
from harness.records import Reply, ReplyError

NAME = "nemo-evaluator"
QUESTION_CHARS = 2_000
CONFIG_FIELDS = ("temperature", "max_tokens", "top_p", "seed", "system_prompt", "repeats", "shuffle_seed")
"""Keys of the bundle's configuration that must agree; the model and its address may differ."""

FAILED = ("solve_failed", "infra_error", "graceful_error", "system_error")
"""Methods of scoring that are none: the call failed, and the reward is a zero all the same."""


def is_nemo_line(row: Mapping[str, Any]) -> bool:
    """Tell whether an object is a line of NeMo Evaluator's results."""
    return {"problem_idx", "reward"} <= row.keys()


def read_nemo(path: Path, choices: Choices) -> Log:
    """Read one `results.jsonl`.

    Raises:
        ConfigError: it is no such log, a reward is no share, or a metric was asked for that it does not have.
    """
    bundle, bundle_file = _bundle(path)
    benchmark = mapping(bundle.get("benchmark"))
    task = str(benchmark.get("name") or path.resolve().parent.name or "results")
    config = mapping(bundle.get("config"))
    entries = tuple(_entry(row, f"{path}:{number}", task, choices.metric) for number, row in read_json_lines(path))
    if not entries:
        raise ConfigError("the file is empty", where=str(path))
    metric = choices.metric or "reward"
    fields: dict[str, Any] = {"metric": metric}
    fields |= {key: config.get(key) for key in CONFIG_FIELDS} if bundle else {}
    missing = [] if bundle else ["no eval-*.json beside the results: temperature, budget and system prompt are unknown"]
    return Log(
        harness=NAME,
        model=str(config.get("model") or path.resolve().parent.name or "model"),
        entries=entries,
        fields={f"{task}: {key}": value for key, value in fields.items()},
        taken={task: metric},
        files=(path, *([bundle_file] if bundle_file else [])),
        planned=len(entries),
        identity={key: bundle[key] for key in ("sdk_version", "timestamp", "run_id") if key in bundle},
        notes=tuple(missing),
    )


def _bundle(path: Path) -> tuple[Mapping[str, Any], Path | None]:
    """Return the bundle that a results file belongs to: the only one beside it."""
    beside = sorted(path.parent.glob("eval-*.json"))
    return (mapping(read_json(beside[0])), beside[0]) if len(beside) == 1 else ({}, None)


def _entry(row: Mapping[str, Any], where: str, task: str, metric: str) -> Entry:
    problem = need(row, "problem_idx", int, where)
    repeat = row.get("repeat") or 0
    prompt = row.get("prompt")
    asked = text_of(prompt) if prompt else None
    target = row.get("expected_answer")
    gold = (text_of(target),) if target is not None else ()
    content = content_sha256([problem, asked, list(gold)])
    rewards = {"reward": row.get("reward"), **mapping(row.get("scorer_rewards"))}
    if metric and metric not in rewards:
        raise ConfigError(f"the line has no metric {metric!r}", where=where, allowed=", ".join(map(shown, rewards)))
    wanted = metric or "reward"
    value, told = _share(rewards[wanted], wanted, where), row.get("model_response")
    answer, took = row.get("extracted_answer"), seconds(row.get("latency_ms"))
    numbers = {key: each for key, each in rewards.items() if key != wanted and is_number(each)}
    return Entry(
        task=task,
        version="",
        name=f"p{problem}",
        replicate=need({"repeat": repeat}, "repeat", int, where),
        asked_sha256=content,
        gold=gold,
        question=(asked or "")[-QUESTION_CHARS:],
        prompt=asked,
        reply=Reply(
            text=text_of(told) if told is not None else "",
            latency_s=took / 1000 if took else None,
            error=_error(row),
        ),
        replied=told is not None,
        value=value,
        metrics={f"{key}@1": float(each) for key, each in numbers.items()},
        columns={key: each for key, each in row.items() if key in ("metadata", "problem_idx", "expected_answer")},
        kept={"answer": [text_of(answer)] if answer is not None else [], "problem_idx": problem},
    )


def _error(row: Mapping[str, Any]) -> ReplyError | None:
    """Return what went wrong with a call, where the line says so."""
    details = mapping(row.get("scoring_details"))
    failed = details.get("method") in FAILED or details.get("error_category") or row.get("failure_category")
    if not failed:
        return None
    message = text_of(details.get("error") or row.get("model_error") or row.get("failure_category") or "it failed")
    return ReplyError(kind=error_kind(message), message=message[:2_000])


def _share(value: Any, name: str, where: str) -> float | None:
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 (NaN alone differs from itself)
        return None
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ConfigError(f"{name!r} is no share", where=where, found=shown(value), allowed="a number from 0 to 1")
    return float(value)
