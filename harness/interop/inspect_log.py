"""Logs of Inspect: `.eval` and `.json`. One log is one task asked of one model, each sample once an epoch.

Two logs are paired by task, sample id, epoch, and the hash of input and target. What Inspect could not ask or could not
score is without a score here: its own accuracy leaves such samples out of the denominator. A reply that stopped with
`model_length` and has no token counts is no reply: providers put the server's error message there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import ConfigError
from harness.hashing import content_sha256
from harness.interop.foreign import (
    count,
    error_kind,
    is_number,
    listing,
    mapping,
    need,
    read_json,
    seconds,
    shown,
    text_of,
)
from harness.interop.imported import Choices, Entry, Log
from harness.interop.inspect_file import is_zip, read_header, read_samples, resolved
from harness.interop.ours import OURS, error_of, floor_of, kind_of, length_of, score_of, text_in
from harness.records import ErrorKind, FinishReason, Reply, ReplyError, Usage

NAME = "inspect"
LETTERS = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
STOPS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "stop",
    "content_filter": "content_filter",
}
REASONS = {
    "refusal": "refusal.policy",
    "no_response": "empty",
    "invalid_response_format": "fmt.none_found",
}
"""Why a score is abnormal, in Inspect's words and in ours."""

OPERATION = frozenset(
    "max_retries timeout attempt_timeout stream_idle_timeout max_connections adaptive_connections batch cache "
    "cache_prompt extra_headers".split()
)
"""Generation settings that change how calls are made, not what is asked."""

LIMITS = ("message_limit", "token_limit", "time_limit", "working_limit", "turn_limit")
QUESTION_CHARS = 2_000
READ = (
    *("id", "epoch", "input", "choices", "target", "messages", "output", "scores", "metadata", "error"),
    *("error_retries", "attachments"),
)
"""Fields of a sample that are read."""


def is_inspect(value: Any) -> bool:
    """Tell whether a document is one of Inspect's logs."""
    return isinstance(value, Mapping) and isinstance(value.get("eval"), Mapping) and "task" in value["eval"]


def read_inspect(path: Path, choices: Choices) -> Log:
    """Read one log.

    Raises:
        ConfigError: the file is no such log, or what was chosen is not in it.
    """
    header, samples = _opened(path)
    spec = need(header, "eval", dict, str(path))
    if not samples:
        raise ConfigError("the log holds no samples", where=str(path), found=f"status {shown(header.get('status'))}")
    scorer = _scorer(samples, path, choices.metric)
    task, version = str(need(spec, "task", str, str(path))), str(spec.get("task_version", 0))
    entries = tuple(_entry(sample, where, (task, version), scorer) for where, sample in samples)
    planned = _planned(spec, len(entries))
    status = header.get("status")
    others = len(_scorers(samples)) - 1
    ours = mapping(mapping(spec.get("metadata")).get(OURS))
    return Log(
        harness=NAME,
        model=str(spec.get("model") or "model"),
        entries=entries,
        fields={f"{task}: {key}": value for key, value in _fields(header, spec, scorer).items()},
        taken={task: str(scorer) + (f" (the first of {others + 1} scorers)" if others and not choices.metric else "")},
        files=(path,),
        planned=planned,
        kind=kind_of(ours, "control" if str(spec.get("model", "")).startswith("mockllm/") else "model"),
        floors={task: floor} if (floor := floor_of(ours, task)) else {},
        identity={
            "inspect_ai": mapping(spec.get("packages")).get("inspect_ai"),
            "created": spec.get("created"),
            "eval_id": spec.get("eval_id"),
            "served_model": _served(samples),
        },
        notes=() if status == "success" else (f"the evaluation ended with the status {shown(status)}",),
    )


def _opened(path: Path) -> tuple[Mapping[str, Any], list[tuple[str, Mapping[str, Any]]]]:
    if is_zip(path):
        return read_header(path), [(f"{path}: {shown(name)}", _slim(sample)) for name, sample in read_samples(path)]
    document = read_json(path)
    if not is_inspect(document):
        raise ConfigError("the file is no log of Inspect", where=str(path))
    samples = document.get("samples") or []
    if not isinstance(samples, list) or not all(isinstance(each, dict) for each in samples):
        raise ConfigError("'samples' is no list of samples", where=str(path))
    return document, [(f"{path}: samples[{number}]", _slim(sample)) for number, sample in enumerate(samples)]


def _slim(sample: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are read here: the events of a sample hold its prompt several times over."""
    return {key: sample[key] for key in READ if key in sample}


def _planned(spec: Mapping[str, Any], found: int) -> int:
    dataset, config = mapping(spec.get("dataset")), mapping(spec.get("config"))
    ids, epochs = dataset.get("sample_ids"), config.get("epochs") or 1
    return len(ids) * epochs if isinstance(ids, list) and isinstance(epochs, int) else found


def _served(samples: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    return ", ".join(sorted({str(mapping(sample.get("output")).get("model", "")) for _, sample in samples} - {""}))


def _scorers(samples: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    return list(dict.fromkeys(name for _, sample in samples for name in mapping(sample.get("scores"))))


@dataclass(frozen=True, slots=True)
class _Scorer:
    """The scorer to take, and the part of its values where these are objects."""

    name: str
    part: str = ""

    def __str__(self) -> str:
        return f"{self.name}/{self.part}" if self.part else self.name


def _scorer(samples: Sequence[tuple[str, Mapping[str, Any]]], path: Path, wanted: str) -> _Scorer:
    """Return the scorer that is wanted, as `scorer` or `scorer/part`, else the first."""
    known = _scorers(samples)
    if not known:
        raise ConfigError("the log holds no scores", where=str(path), fix="inspect score adds them")
    if not wanted or wanted in known:
        return _Scorer(wanted or known[0])
    name, _, part = wanted.rpartition("/")
    if name not in known:
        raise ConfigError(f"the log has no scorer {wanted!r}", where=str(path), allowed=", ".join(map(shown, known)))
    return _Scorer(name, part)


def _fields(header: Mapping[str, Any], spec: Mapping[str, Any], scorer: _Scorer) -> dict[str, Any]:
    """Return what must agree with another log."""
    plan, config = mapping(header.get("plan")), mapping(spec.get("config"))
    generate = {**mapping(spec.get("model_generate_config")), **mapping(plan.get("config"))}
    steps = listing(plan.get("steps"))
    options = {str(mapping(each).get("name")): mapping(each).get("options") for each in listing(spec.get("scorers"))}
    return {
        "task_version": spec.get("task_version"),
        "task_args": spec.get("task_args"),
        "dataset": mapping(spec.get("dataset")).get("name"),
        "solver": [[mapping(step).get("solver"), mapping(step).get("params")] for step in steps],
        "generate config": {key: value for key, value in sorted(generate.items()) if key not in OPERATION},
        "limits": {key: config[key] for key in LIMITS if config.get(key) is not None},
        "scorer": str(scorer),
        "scorer options": options.get(scorer.name),
        "epochs": config.get("epochs") or 1,
    }


def _entry(sample: Mapping[str, Any], where: str, task: tuple[str, str], scorer: _Scorer) -> Entry:
    attachments = mapping(sample.get("attachments"))
    asked = _turns(need(sample, "input", (str, list), where), attachments)
    target = need(sample, "target", (str, list), where)
    gold = tuple(map(text_of, target)) if isinstance(target, list) else (text_of(target),)
    epoch = need(sample, "epoch", int, where)
    scores = mapping(sample.get("scores"))
    own = mapping(scores.get(scorer.name))
    letter = mapping(own.get("value")).get(scorer.part) if scorer.part else own.get("value")
    value, unscored = _value(letter, str(scorer), where)
    reply = _reply(sample, attachments)
    if reply.error is None and value is None:
        told = str(own.get("reason") or own.get("explanation") or unscored)
        reply = replace(reply, error=ReplyError(kind="scorer_failed", message=told))
    about, metadata = mapping(sample.get("metadata")), mapping(own.get("metadata"))
    place = mapping(about.get(OURS))
    if reply.error and (known := error_of(place)):
        reply = replace(reply, error=known)
    input_sha256 = content_sha256([*asked, list(gold), sample.get("choices")])
    return Entry(
        task=task[0],
        version=task[1],
        name=str(need(sample, "id", (str, int), where)),
        replicate=epoch - 1,
        asked_sha256=input_sha256,
        gold=gold,
        question=text_in(place, "question") or (asked[-1][1][-QUESTION_CHARS:] if asked else ""),
        prompt="\n\n".join(text for _, text in _prompt(sample, attachments) or asked),
        reply=reply,
        value=value,
        right=letter != "P",
        mode=_mode(own, letter),
        metrics=_others(scores, str(scorer), task[1]),
        columns={"metadata": about, "id": sample.get("id")},
        length=length_of(place),
        context=text_in(place, "context_id"),
        kept={"answer": [text_of(own["answer"])] if own.get("answer") is not None else [], "scores": _kept(scores)},
        ours=score_of(mapping(metadata.get(OURS))),
    )


def _mode(own: Mapping[str, Any], letter: Any) -> str:
    named = REASONS.get(str(own.get("reason")), "")
    return named or {"P": "partial", "N": "no_answer"}.get(letter if isinstance(letter, str) else "", "")


def _kept(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as the log has them, for an export; NaN, which a line of ours cannot hold, as a word."""
    found = {}
    for name, score in scores.items():
        value = mapping(score).get("value")
        found[name] = "NaN" if isinstance(value, float) and not math.isfinite(value) else value
    return found


def _turns(value: Any, attachments: Mapping[str, Any]) -> list[list[str]]:
    """Return turns as role and text."""
    if isinstance(value, str):
        return [["user", resolved(value, attachments)]]
    return [[str(mapping(turn).get("role", "")), _text(mapping(turn).get("content"), attachments)] for turn in value]


def _prompt(sample: Mapping[str, Any], attachments: Mapping[str, Any]) -> list[list[str]]:
    """Return the turns that were sent, up to the first of the model."""
    sent: list[list[str]] = []
    messages = sample.get("messages")
    for turn in _turns(messages, attachments) if isinstance(messages, list) else []:
        if turn[0] == "assistant":
            break
        sent.append(turn)
    return sent


def _text(content: Any, attachments: Mapping[str, Any]) -> str:
    """Return the text of a turn; of parts that are no text, their kind."""
    if isinstance(content, str):
        return resolved(content, attachments)
    parts = content if isinstance(content, list) else []
    return "".join(
        resolved(str(mapping(part).get("text", "")), attachments)
        if mapping(part).get("type") == "text"
        else ("" if mapping(part).get("type") == "reasoning" else f"[{mapping(part).get('type')}]")
        for part in parts
    )


def _reasoning(content: Any, attachments: Mapping[str, Any]) -> str:
    parts = content if isinstance(content, list) else []
    return "".join(
        resolved(str(mapping(part).get("reasoning", "")), attachments)
        for part in parts
        if mapping(part).get("type") == "reasoning"
    )


def _reply(sample: Mapping[str, Any], attachments: Mapping[str, Any]) -> Reply:
    """Return the model's last turn, with its tokens and its time where it had one turn only."""
    output = mapping(sample.get("output"))
    choices = output.get("choices")
    choice = mapping(choices[0]) if isinstance(choices, list) and choices else {}
    content = mapping(choice.get("message")).get("content")
    text = _text(content, attachments) or resolved(str(output.get("completion") or ""), attachments)
    stop, usage = choice.get("stop_reason"), mapping(output.get("usage"))
    error = _error(sample, output, text, stop)
    turns = [each for each in listing(sample.get("messages")) if mapping(each).get("role") == "assistant"]
    whole = len(turns) < 2
    return Reply(
        text=text,
        reasoning=_reasoning(content, attachments),
        finish_reason="error" if error else STOPS.get(str(stop), "unknown"),
        usage=_usage(usage) if whole and usage else Usage(),
        latency_s=seconds(output.get("time")) if whole else None,
        attempts=1 + len(listing(sample.get("error_retries"))),
        served_model=str(output.get("model") or ""),
        error=error,
    )


def _error(sample: Mapping[str, Any], output: Mapping[str, Any], text: str, stop: Any) -> ReplyError | None:
    """Return why there is no reply; an overflow is one where nothing was counted, for then nothing was generated."""
    overflow = stop == "model_length" and not mapping(output.get("usage"))
    failed = mapping(sample.get("error")).get("message")
    if not failed and stop != "content_filter":  # what a provider's filter refuses is an answer of a kind
        failed = output.get("error")
    if not failed and overflow:
        failed = text or "the prompt is longer than the model takes"
    if not failed:
        return None
    message = str(failed)
    kind: ErrorKind = "context_overflow" if overflow else error_kind(message)
    return ReplyError(kind=kind, message=message[:2_000])


def _usage(usage: Mapping[str, Any]) -> Usage:
    """Return token counts; Inspect's input tokens leave out what was cached."""
    cached, written = count(usage.get("input_tokens_cache_read")), count(usage.get("input_tokens_cache_write"))
    fresh = count(usage.get("input_tokens"))
    return Usage(
        prompt_tokens=None if fresh is None else fresh + (cached or 0) + (written or 0),
        cached_tokens=cached,
        completion_tokens=count(usage.get("output_tokens")),
        reasoning_tokens=count(usage.get("reasoning_tokens")),
    )


def _value(value: Any, scorer: str, where: str) -> tuple[float | None, str]:
    """Return what a score's value is worth, and why it is worth nothing that can be said."""
    if value is None:
        return None, "the log has no score for it"
    if isinstance(value, str) and value in LETTERS:
        return LETTERS[value], ""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}.get(value.lower(), value)
    if isinstance(value, int | float):
        if math.isnan(value):
            return None, "unscored"
        if 0 <= value <= 1:
            return float(value), ""
    parts = ", ".join(f"{scorer}/{key}" for key in value) if isinstance(value, Mapping) else ""
    raise ConfigError(
        f"the value of {scorer!r} is no share",
        where=where,
        found=shown(value),
        allowed="C, I, P, N, or a number from 0 to 1",
        fix=f"--metric with one of {parts}" if parts else "--metric with another scorer",
    )


def _others(scores: Mapping[str, Any], scorer: str, version: str) -> dict[str, float]:
    """Return every other number among the scores."""
    found: dict[str, float] = {}
    for name, score in scores.items():
        value = mapping(score).get("value")
        parts = {f"{name}/{key}": each for key, each in value.items()} if isinstance(value, Mapping) else {name: value}
        for key, each in parts.items():
            number = LETTERS.get(each) if isinstance(each, str) else each
            if key != scorer and (isinstance(number, bool) or is_number(number)):
                found[f"{key}@{version}"] = float(number)
    return found
