"""The Messages API against a real server on the loopback address, with the shapes of replies that it sends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fake_server import Answer, FakeServer
from test_adapters_openai import request

from harness.errors import ConfigError, ServerError, UnknownName, UsageError
from harness.records import Message, Reply, Usage

pytest.importorskip("anthropic", reason="the package anthropic is an extra")

from harness.adapters.anthropic import AnthropicModel, AnthropicSettings, read_message

ENTRY = {"type": "model", "id": "claude-m-20260101", "display_name": "M", "max_input_tokens": 200000}


def message(text: str = "ANSWER: 1234567", **changes: Any) -> Answer:
    body = {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": "claude-m-20260101",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 30,
            "cache_creation_input_tokens": 10,
            "cache_read_input_tokens": 60,
            "output_tokens": 7,
        },
        **changes,
    }
    return 200, {}, body


def refusal(status: int, kind: str, text: str, **headers: str) -> Answer:
    return status, headers, {"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_1"}


def serve(*answers: Answer, **settings: Any) -> FakeServer:
    pages = {"/v1/models/claude-m": ENTRY, "/v1/models?limit=1000": {"data": [ENTRY], "has_more": False}}
    return FakeServer(list(answers) or [message()], **{"pages": pages, "reply_path": "/v1/messages", **settings})


def run(server: FakeServer, asked: Any = None, **settings: Any) -> tuple[Reply, dict[str, Any], int | None]:
    async def once() -> tuple[Reply, dict[str, Any], int | None]:
        merged = {"model": "claude-m", "base_url": server.url.removesuffix("/v1"), **settings}
        async with AnthropicModel(AnthropicSettings(**merged)) as model:
            return await model.generate(asked or request()), await model.identity(), model.context_limit

    return asyncio.run(once())


def test_a_good_answer_is_read_whole() -> None:
    with serve() as server:
        reply, identity, window = run(server)
    assert (reply.text, reply.reasoning, reply.finish_reason, reply.error) == ("ANSWER: 1234567", "", "stop", None)
    assert reply.usage == Usage(prompt_tokens=100, cached_tokens=60, completion_tokens=7)
    assert reply.served_model == "claude-m-20260101"
    assert reply.latency_s is not None
    assert (identity["served"], window) == (ENTRY, 200000)


def test_what_is_sent() -> None:
    asked = request(sampling={"temperature": 0, "top_p": None})
    with serve() as server:
        run(server, asked, system="Be brief.", extra_body={"metadata": {"user_id": "u"}})
        body = server.requests[0]
    content = asked.messages[0].content
    assert body == {
        "model": "claude-m",
        "messages": [{"role": "user", "content": content}],
        "max_tokens": 32,
        "system": "Be brief.",
        "temperature": 0,
        "metadata": {"user_id": "u"},
    }


@pytest.mark.parametrize(
    ("thinking", "sent"),
    [("enabled", {"type": "enabled", "budget_tokens": 2048}), ("adaptive", {"type": "adaptive"}), ("off", None)],
)
def test_a_reasoning_budget_asks_for_thinking(thinking: str, sent: dict[str, Any] | None) -> None:
    with serve() as server:
        run(server, request(reasoning_budget=2048), thinking=thinking)
        run(server, thinking=thinking)
    assert [body.get("thinking") for body in server.requests] == [sent, None]
    assert [body["max_tokens"] for body in server.requests] == [2080, 32]


def test_system_turns_of_a_task_go_into_the_system_prompt() -> None:
    asked = request()
    turns = [Message("system", "From the task."), Message("user", "a"), Message("assistant", "b"), Message("user", "c")]
    object.__setattr__(asked, "messages", turns)
    with serve() as server:
        run(server, asked, system="From the sweep.")
        body = server.requests[0]
    assert body["system"] == "From the sweep.\n\nFrom the task."
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]


def test_thinking_comes_apart() -> None:
    blocks = [
        {"type": "thinking", "thinking": "six times seven", "signature": "EqQ"},
        {"type": "redacted_thinking", "data": "Emw"},
        {"type": "text", "text": "4"},
        {"type": "text", "text": "2"},
    ]
    usage = {"input_tokens": 5, "output_tokens": 90, "output_tokens_details": {"thinking_tokens": 80}}
    reply = read_message({"content": blocks, "stop_reason": "end_turn", "usage": usage}, 1.0)
    assert (reply.text, reply.reasoning) == ("42", "six times seven")
    assert reply.usage == Usage(prompt_tokens=5, completion_tokens=90, reasoning_tokens=80)


@pytest.mark.parametrize(
    ("stated", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "stop"),
        (None, "unknown"),
    ],
)
def test_stop_reasons(stated: str | None, finish: str) -> None:
    assert read_message({"content": [], "stop_reason": stated}, 1.0).finish_reason == finish


@pytest.mark.parametrize(
    ("answer", "kind", "wait"),
    [
        (refusal(529, "overloaded_error", "Overloaded"), "server_error", None),
        (refusal(429, "rate_limit_error", "This request would exceed", **{"retry-after": "12"}), "rate_limit", 12.0),
        (refusal(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), "context_overflow", None),
        (refusal(413, "request_too_large", "Request exceeds the maximum size"), "context_overflow", None),
        (refusal(400, "invalid_request_error", "Your credit balance is too low"), "auth", None),
        (refusal(400, "invalid_request_error", "temperature: `temperature` may only be set to 1"), "bad_request", None),
        (refusal(401, "authentication_error", "invalid x-api-key"), "auth", None),
        (refusal(404, "not_found_error", "model: claude-m"), "not_found", None),
        (refusal(504, "timeout_error", "Request timed out"), "server_error", None),
        (message(stop_reason="refusal", content=[]), "content_filter", None),
        ((200, {}, {"content": "text"}), "bad_reply", None),
        ((200, {}, "not JSON"), "bad_reply", None),
    ],
)  # fmt: skip
def test_every_failure_is_a_typed_error(answer: Answer, kind: str, wait: float | None) -> None:
    with serve(answer) as server:
        reply, _, _ = run(server)
        assert len(server.requests) == 1
    assert reply.error is not None
    assert (reply.error.kind, reply.error.retry_after_s, reply.text) == (kind, wait, "")


def test_the_key_goes_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-mine")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-mine")
    monkeypatch.setenv("OTHER", "sk-other")
    with serve() as server:
        run(server)
        run(server, api_key_env="OTHER")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN")
        run(server, base_url=None)
        sent = [
            {each.get("x-api-key"), each.get("authorization", "").removeprefix("Bearer ")} for each in server.headers
        ]
    assert [names & {"EMPTY", "sk-other", "sk-mine", "token-mine"} for names in sent] == [
        {"EMPTY"},
        {"sk-other"},
        {"sk-mine"},
    ]


def test_a_wrong_key_is_a_usage_error_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-secret-value")
    with serve(key="right") as server, pytest.raises(UsageError, match="refuses the key") as error:
        run(server, api_key_env="MY_KEY")
    assert "MY_KEY" in str(error.value)
    assert "sk-secret" not in str(error.value)


def test_a_name_that_is_not_served() -> None:
    with serve() as server, pytest.raises(UnknownName, match="did you mean 'claude-m-20260101'"):
        run(server, model="claude-m-2026")


def test_a_proxy_without_lists_is_taken_as_it_is() -> None:
    with serve(pages={}) as server:
        reply, identity, window = run(server)
    assert (reply.error, identity["served"], window) == (None, {}, None)


def test_wrong_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with serve() as server:
        with pytest.raises(ConfigError, match="ANTHROPIC_API_KEY is not set"):
            run(server, base_url=None)
        with pytest.raises(ConfigError, match="not an address"):
            run(server, base_url="localhost:1")
    with pytest.raises(ServerError, match="cannot be reached"):
        run(server)


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.adapters.anthropic.find_spec", lambda _: None)
    with serve() as server, pytest.raises(ConfigError, match="needs the package anthropic") as error:
        run(server)
    assert "longcontext-harness[anthropic]" in str(error.value)
