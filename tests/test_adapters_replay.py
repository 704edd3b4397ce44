"""Replaying recorded replies: both forms of a recording, and every way in which one can be wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.replay import ReplayModel, ReplaySettings
from harness.contracts import Cell, Request, Task
from harness.errors import ConfigError
from harness.hashing import prompt_sha256
from harness.records import Message, Recipe, Reply, ReplyError, Result, Sample, Score, Usage
from harness.store.lines import to_line

RECIPE = Recipe(task="t", seed=0, params={}, length=64, counter="reference", context=0, question=0, questions=1)
MESSAGES = [Message("user", "The lamp is blue. It is late. A dog sleeps. Which colour has the lamp?")]


class Fixed(Task):
    name = "t"
    version = "1"
    summary = "for recordings"

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        raise NotImplementedError

    def prompt(self, sample: Sample) -> list[Message]:
        return MESSAGES

    def score(self, sample: Sample, reply: Reply) -> Score:
        raise NotImplementedError

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        raise NotImplementedError

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        raise NotImplementedError


def request_for(sample_id: str, replicate: int = 0) -> Request:
    sample = Sample(
        id=sample_id,
        task="t",
        version="1",
        context_id="t/c0",
        gold=("blue",),
        question="Which colour has the lamp?",
        spans=(),
        axes={},
        recipe=RECIPE,
        prompt_tokens=20,
        answer_budget=16,
    )
    return Request(messages=MESSAGES, answer_budget=16, sample=sample, task=Fixed(), replicate=replicate)


def result_of(reply: Reply, replicate: int = 0) -> Result:
    return Result(
        sample_id="s1",
        task="t",
        version="1",
        context_id="t/c0",
        replicate=replicate,
        axes={},
        recipe=RECIPE,
        gold=("blue",),
        prompt_sha256=prompt_sha256(MESSAGES),
        expected_tokens=20,
        expected_by="reference",
        outcome="invalid" if reply.error else "scored",
        reply=reply,
        score=None if reply.error else Score(value=1.0, correct=True),
    )


def replay(path: Path, sample_id: str, replicate: int = 0) -> Reply:
    async def once() -> Reply:
        async with ReplayModel(ReplaySettings(path=path)) as model:
            return await model.generate(request_for(sample_id, replicate))

    return asyncio.run(once())


def write(path: Path, *lines: dict[str, Any] | str) -> Path:
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_flat_recording(tmp_path: Path) -> None:
    usage = {"prompt_tokens": 20, "completion_tokens": 2}
    path = write(
        tmp_path / "replies.jsonl",
        {"sample_id": "s1", "text": "blue"},
        "",
        {
            "sample_id": "s1",
            "replicate": 1,
            "text": "red",
            "reasoning": "hm",
            "finish_reason": "length",
            "usage": usage,
        },
        {"sample_id": "s2", "text": "", "note": "other keys may stand here"},
    )
    assert replay(path, "s1") == Reply(text="blue", finish_reason="stop", served_model="control:replay")
    assert replay(path, "s1", 1) == Reply(
        text="red",
        reasoning="hm",
        finish_reason="length",
        usage=Usage(prompt_tokens=20, completion_tokens=2),
        served_model="control:replay",
    )
    assert replay(path, "s2").text == ""


def test_a_last_line_needs_no_newline(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text('\ufeff{"sample_id": "s1", "text": "blue"}', encoding="utf-8")
    assert replay(path, "s1").text == "blue"


def test_a_run_gives_its_replies_back_unchanged(tmp_path: Path) -> None:
    reply = Reply(text="blue \ud800", finish_reason="stop", usage=Usage(prompt_tokens=19), latency_s=1.5, attempts=2)
    failed = Reply(finish_reason="error", error=ReplyError(kind="timeout", message="too slow"))
    lines = [to_line(result_of(failed)), to_line(result_of(reply)), to_line(result_of(failed, 1))]
    (tmp_path / "samples.jsonl").write_bytes(b"".join(lines) + lines[0][:40])
    assert replay(tmp_path, "s1") == reply
    assert replay(tmp_path / "samples.jsonl", "s1", 1) == failed


def test_a_sample_that_was_not_recorded_is_an_error_of_that_sample(tmp_path: Path) -> None:
    path = write(tmp_path / "replies.jsonl", {"sample_id": "s1", "text": "blue"})
    for sample_id, replicate in (("s9", 0), ("s1", 1)):
        reply = replay(path, sample_id, replicate)
        assert reply.error == ReplyError(kind="not_found", message=f"{path} has no reply {replicate} to {sample_id}")
        assert (reply.text, reply.finish_reason) == ("", "error")


def test_a_recording_of_another_prompt_is_not_used(tmp_path: Path) -> None:
    right, wrong = prompt_sha256(MESSAGES), prompt_sha256([])
    path = write(
        tmp_path / "replies.jsonl",
        {"sample_id": "s1", "text": "blue", "prompt_sha256": right},
        {"sample_id": "s2", "text": "blue", "prompt_sha256": wrong},
    )
    assert replay(path, "s1").text == "blue"
    error = replay(path, "s2").error
    assert error is not None
    assert error.kind == "bad_request"
    assert error.message.endswith("belongs to another prompt")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "the line is not a JSON object"),
        ("[1]", "the line is not a JSON object"),
        ("null", "the line is not a JSON object"),
        ("[" * 100_000, "the line is not a JSON object"),
        ({"text": "blue"}, "not a recorded reply: sample_id"),
        ({"sample_id": "", "text": "blue"}, "not a recorded reply: sample_id"),
        ({"sample_id": "s2"}, "not a recorded reply: text"),
        ({"sample_id": "s2", "text": None}, "not a recorded reply: text"),
        ({"sample_id": "s2", "text": "x", "replicate": -1}, "not a recorded reply: replicate"),
        ({"sample_id": "s2", "text": "x", "finish_reason": "done"}, "not a recorded reply: finish_reason"),
        ({"sample_id": "s2", "text": "x", "usage": {"prompt_tokens": "many"}}, "not a recorded reply: usage"),
        ({"sample_id": "s2", "reply": {"text": 7}}, "not a recorded reply: text"),
        ({"sample_id": "s2", "reply": "blue"}, "not a recorded reply"),
        ({"sample_id": "s1", "text": "red"}, "a second reply 0 to s1"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: dict[str, Any] | str, message: str) -> None:
    path = write(tmp_path / "replies.jsonl", {"sample_id": "s1", "text": "blue"}, line)
    with pytest.raises(ConfigError) as caught:
        replay(path, "s1")
    assert caught.value.what.startswith(message)
    assert caught.value.where == f"{path}:2"


def test_a_recording_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.jsonl", tmp_path):
        with pytest.raises(ConfigError, match="no such recording"):
            replay(path, "s1")
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        replay(binary, "s1")


def test_identity_names_the_recording_by_its_hash(tmp_path: Path) -> None:
    path = write(tmp_path / "replies.jsonl", {"sample_id": "s1", "text": "blue"})

    async def identity() -> dict[str, Any]:
        async with ReplayModel(ReplaySettings(path=path)) as model:
            return await model.identity()

    found = asyncio.run(identity())
    assert (found["file"], found["replies"], len(found["sha256"])) == ("replies.jsonl", 1, 64)
