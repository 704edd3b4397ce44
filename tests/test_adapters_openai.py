"""The OpenAI adapter against a real server on the loopback address."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest
from fake_server import Answer, FakeServer, completion

from harness.adapters.openai import OpenAIModel, OpenAISettings
from harness.contexts import reference_counter
from harness.contracts import Cell, Request
from harness.errors import ConfigError, HarnessError, ServerError, UnknownName, UsageError
from harness.records import Reply, Usage
from harness.registry import make_task


def request(**changes: Any) -> Request:
    task = make_task("retrieval.exact", {"keys": 2, "decoys": 0})
    cell = Cell(length=1024, contexts=range(1), questions=1, counter=reference_counter())
    sample = next(task.samples(cell, 0))
    return Request(messages=task.prompt(sample), answer_budget=32, sample=sample, task=task, **changes)


def ask(server: FakeServer, asked: Request | None = None, **settings: Any) -> Reply:
    async def once() -> Reply:
        async with OpenAIModel(OpenAISettings(**{"model": "m", "base_url": server.url} | settings)) as model:
            return await model.generate(asked or request())

    return asyncio.run(once())


def start(**settings: Any) -> OpenAIModel:
    async def enter() -> OpenAIModel:
        async with OpenAIModel(OpenAISettings(**settings)) as model:
            return model

    return asyncio.run(enter())


@pytest.mark.parametrize(
    "message",
    [
        {"reasoning_content": "because"},
        {"reasoning": "because"},
        {"reasoning_content": "", "reasoning": "because"},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "because"}]}, {"text": "hello"}]},
    ],
)
def test_reasoning_is_read_wherever_the_server_puts_it(message: dict[str, Any]) -> None:
    with FakeServer([completion("hello", message=message)]) as server:
        reply = ask(server)
    assert (reply.text, reply.reasoning) == ("hello", "because")


def test_a_good_answer_is_read_whole() -> None:
    with FakeServer([completion("hello", message={"reasoning_content": "because"})]) as server:
        reply = ask(server)
    assert (reply.text, reply.reasoning, reply.finish_reason) == ("hello", "because", "stop")
    assert reply.usage == Usage(prompt_tokens=100, cached_tokens=64, completion_tokens=7)
    assert reply.served_model == "served-name"
    assert reply.latency_s is not None
    assert reply.error is None


def test_what_is_sent() -> None:
    with FakeServer() as server:
        asked = request(reasoning_budget=100, sampling={"temperature": 0.5, "seed": 3}, replicate=2)
        ask(server, asked, system="Be brief.", extra_body={"top_k": 1}, base_url=f"{server.url}/chat/completions")
        body = server.requests[0]
    assert body["max_tokens"] == 132
    assert (body["temperature"], body["seed"], body["top_k"]) == (0.5, 5, 1)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["messages"][1]["content"] == asked.messages[0].content
    assert server.headers[0]["authorization"] == "Bearer EMPTY"


def test_the_users_key_goes_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine")
    monkeypatch.setenv("OTHER_KEY", "sk-other")
    with FakeServer() as server:
        ask(server)
        ask(server, api_key_env="OTHER_KEY")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        ask(server, base_url=None)
    assert [h["authorization"] for h in server.headers] == ["Bearer EMPTY", "Bearer sk-other", "Bearer sk-mine"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((500, {}, {"error": {"message": "boom"}}), "server_error"),
        ((503, {}, "<html>busy</html>"), "server_error"),
        ((429, {}, {"error": {"message": "slow down"}}), "rate_limit"),
        ((408, {}, {}), "timeout"),
        ((400, {}, {"error": {"message": "This model's maximum context length is 4096"}}), "context_overflow"),
        ((400, {}, {"error": {"message": "exceeds the available context size", "code": 400}}), "context_overflow"),
        ((400, {}, {"error": {"message": "content_filter triggered"}}), "content_filter"),
        ((400, {}, {"error": {"message": "temperature must be positive"}}), "bad_request"),
        ((401, {}, {"error": {"message": "no"}}), "auth"),
        ((404, {}, {"error": {"message": "no model"}}), "not_found"),
        ((200, {}, {"choices": []}), "bad_reply"),
        ((200, {}, {"choices": [{"message": None}]}), "bad_reply"),
        ((200, {}, "this is not JSON"), "bad_reply"),
        (completion(choice={"finish_reason": "content_filter"}), "content_filter"),
        (completion("", choice={"finish_reason": "abort"}), "server_error"),
        (completion("", choice={"error": {"message": "overloaded"}}), "server_error"),
    ],
)
def test_every_failure_is_a_typed_error(answer: Answer, kind: str) -> None:
    with FakeServer([answer]) as server:
        reply = ask(server)
    assert reply.error is not None
    assert reply.error.kind == kind
    assert reply.text == ""


@pytest.mark.parametrize(
    ("message", "text"), [({"content": None}, ""), ({"content": [{"type": "text", "text": "a"}, {"text": "b"}]}, "ab")]
)
def test_unusual_contents(message: dict[str, Any], text: str) -> None:
    with FakeServer([completion(message=message)]) as server:
        assert ask(server).text == text


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({"Retry-After": "7"}, 7.0), ({"retry-after-ms": "1500"}, 1.5), ({"Retry-After": "soon"}, None)],
)
def test_retry_after(headers: dict[str, str], wait: float | None) -> None:
    with FakeServer([(429, headers, {})]) as server:
        reply = ask(server)
    assert reply.error is not None
    assert reply.error.retry_after_s == wait


def test_retry_after_as_a_date() -> None:
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))
    with FakeServer([(503, {"Retry-After": date}, {})]) as server:
        reply = ask(server)
    assert reply.error is not None
    assert reply.error.retry_after_s == pytest.approx(30, abs=5)


def test_a_slow_answer_is_a_timeout() -> None:
    def slow(_: dict[str, Any]) -> Answer:
        time.sleep(0.5)
        return completion()

    with FakeServer([slow]) as server:
        reply = ask(server, timeout_s=0.1)
    assert reply.error is not None
    assert reply.error.kind == "timeout"


def test_a_server_that_is_down_is_said_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        with pytest.raises(ServerError, match="cannot be reached") as error:
            start(model="m", base_url=url)
    assert error.value.exit_code == 4
    assert "start it, or mend base_url" in str(error.value)


def test_a_wrong_key_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-secret-value")
    with FakeServer(key="right") as server, pytest.raises(UsageError, match="refuses the key") as error:
        start(model="m", base_url=server.url, api_key_env="MY_KEY")
    assert error.value.exit_code == 2
    assert "MY_KEY" in str(error.value)
    assert "sk-secret" not in str(error.value)


def test_a_name_that_the_server_does_not_have() -> None:
    with FakeServer(models=[{"id": "a"}, {"id": "b"}]) as server:
        with pytest.raises(UnknownName, match="has no model 'm'") as error:
            start(model="m", base_url=server.url)
    assert error.value.allowed == "a, b"
    assert error.value.exit_code == 2


def test_a_server_without_a_list_of_models_is_taken_as_it_is() -> None:
    with FakeServer(models=None) as server:
        assert ask(server).error is None


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"api_key_env": "NOT_SET_ANYWHERE"}, "NOT_SET_ANYWHERE is not set"),
        ({"base_url": "localhost:80"}, "not an address"),
    ],
)
def test_wrong_settings(settings: dict[str, Any], what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        start(**{"model": "m", "base_url": "http://127.0.0.1:1/v1"} | settings)


@pytest.mark.parametrize(
    ("entry", "limit"), [({"max_model_len": 4096}, 4096), ({"meta": {"n_ctx": 2048}}, 2048), ({}, None)]
)
def test_the_window_where_the_server_says_it(entry: dict[str, Any], limit: int | None) -> None:
    with FakeServer(models=[{"id": "m", **entry}]) as server:
        assert start(model="m", base_url=server.url).context_limit == limit


def test_a_secret_in_an_address_is_never_shown() -> None:
    with pytest.raises(HarnessError) as error:
        start(model="m", base_url="http://user:hunter2@127.0.0.1:9/v1?token=abc")
    assert "hunter2" not in str(error.value)
    assert "abc" not in str(error.value)


VLLM = {"/tokenize": {"count": 321, "max_model_len": 4096, "tokens": [1]}}
LLAMA_CPP = {"/apply-template": {"prompt": "<user>hi"}, "/tokenize": {"tokens": [5, 6, 7]}}


@pytest.mark.parametrize(("pages", "tokens"), [(VLLM, 321), (LLAMA_CPP, 3), ({}, None)])
def test_the_served_tokenizer_counts_where_there_is_one(pages: dict[str, Any], tokens: int | None) -> None:
    async def twice(url: str) -> list[int | None]:
        async with OpenAIModel(OpenAISettings(model="m", base_url=url)) as model:
            return [await model.count_tokens(request().messages) for _ in range(2)]

    with FakeServer(pages=pages) as server:
        assert asyncio.run(twice(server.url)) == [tokens, tokens]


def test_the_identity_holds_what_the_server_says_and_no_secret() -> None:
    async def identity(url: str) -> dict[str, Any]:
        async with OpenAIModel(OpenAISettings(model="m", base_url=url)) as model:
            return await model.identity()

    with FakeServer(pages={"/version": {"version": "0.32"}}) as server:
        found = asyncio.run(identity(server.url))
    assert found == {"base_url": server.url, "served": {"id": "m"}, "version": {"version": "0.32"}}
