"""The shapes of replies and errors that each server of the OpenAI protocol really sends, written down by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fake_server import Answer, FakeServer, completion
from hypothesis import given, settings
from hypothesis import strategies as st
from test_adapters_openai import ask, request, start

from harness.adapters.anthropic import read_message
from harness.adapters.completions import read_completion, read_usage
from harness.adapters.http_errors import error_kind, refused_field, retry_after
from harness.adapters.openai import OpenAIModel, OpenAISettings
from harness.errors import ConfigError, ServerError, UnknownName
from harness.records import Reply, Usage

KEYS = ["content", "text", "thinking", "reasoning", "reasoning_details", "refusal", "summary", "type", "message",
        "finish_reason", "stop_reason", "error", "code", "model", "usage", "prompt_tokens", "completion_tokens",
        "total_tokens", "cached_tokens", "reasoning_tokens", "prompt_tokens_details", "input_tokens"]  # fmt: skip

MAX_TOKENS_REFUSED: Answer = (
    400,
    {},
    {
        "error": {
            "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "type": "invalid_request_error",
            "param": "max_tokens",
            "code": "unsupported_parameter",
        }
    },
)


def read(message: dict[str, Any], finish: str = "stop", **top: Any) -> Reply:
    return read_completion({"choices": [{"index": 0, "message": message, "finish_reason": finish}], **top}, 1.0)


@pytest.mark.parametrize(
    "message",
    [
        {"content": "42", "reasoning_content": "six times seven"},  # vLLM, SGLang, llama.cpp, DeepSeek
        {"content": "42", "reasoning": "six times seven", "reasoning_content": None},  # newer vLLM, Ollama, Groq
        {"content": "42", "thinking": "six times seven"},  # Ollama's own
        {  # OpenRouter
            "content": "42",
            "reasoning": None,
            "reasoning_details": [
                {"type": "reasoning.text", "text": "six times ", "format": "unknown", "index": 0},
                {"type": "reasoning.summary", "summary": "seven"},
                {"type": "reasoning.encrypted", "data": "gAAAA"},
            ],
        },
        {  # Mistral
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "six times seven"}], "closed": True},
                {"type": "text", "text": "42"},
            ]
        },
    ],
)
def test_reasoning_and_answer_come_apart(message: dict[str, Any]) -> None:
    reply = read(message)
    assert (reply.text, reply.reasoning) == ("42", "six times seven")


@pytest.mark.parametrize(
    "message",
    [
        {"content": None, "refusal": "I cannot help with that."},
        {"content": [{"type": "refusal", "refusal": "I cannot help with that."}]},
    ],
)
def test_a_refusal_is_a_reply(message: dict[str, Any]) -> None:
    reply = read(message)
    assert (reply.text, reply.error) == ("I cannot help with that.", None)


@pytest.mark.parametrize(
    ("stated", "finish", "error"),
    [
        ("stop", "stop", None),
        ("STOP", "stop", None),
        ("tool_calls", "stop", None),
        ("eos_token", "stop", None),
        ("length", "length", None),
        ("model_length", "length", None),
        ("repetition", "unknown", None),
        ("content_filter", "error", "content_filter"),
        ("SAFETY", "error", "content_filter"),
        ("abort", "error", "server_error"),
        ("insufficient_system_resource", "error", "server_error"),
    ],
)
def test_finish_reasons(stated: str, finish: str, error: str | None) -> None:
    reply = read({"content": "x"}, stated)
    assert (reply.finish_reason, reply.error and reply.error.kind) == (finish, error)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ({"error": {"message": "Provider returned error", "code": 502}}, "server_error"),
        ({"error": {"message": "Rate limit exceeded: free-models-per-min", "code": 429}}, "rate_limit"),
        ({"error": {"message": "maximum context length is 8192 tokens", "code": 400}}, "context_overflow"),
        ({"error": {"message": "no code"}}, "bad_reply"),
        ({"choices": [], "usage": {"prompt_tokens": 3}}, "bad_reply"),
        ([], "bad_reply"),
        (None, "bad_reply"),
    ],
)
def test_an_error_that_comes_with_status_200(raw: object, kind: str) -> None:
    error = read_completion(raw, 1.0).error
    assert error is not None
    assert error.kind == kind


@pytest.mark.parametrize(
    ("raw", "usage"),
    [
        (  # OpenAI
            {
                "prompt_tokens": 100,
                "completion_tokens": 30,
                "total_tokens": 130,
                "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 20, "accepted_prediction_tokens": 0},
            },
            Usage(prompt_tokens=100, cached_tokens=64, completion_tokens=30, reasoning_tokens=20),
        ),
        (  # vLLM as started by default
            {"prompt_tokens": 9, "total_tokens": 12, "completion_tokens": 3, "prompt_tokens_details": None},
            Usage(prompt_tokens=9, completion_tokens=3),
        ),
        (  # SGLang
            {"prompt_tokens": 9, "total_tokens": 19, "completion_tokens": 10, "reasoning_tokens": 8},
            Usage(prompt_tokens=9, completion_tokens=10, reasoning_tokens=8),
        ),
        (  # DeepSeek
            {"prompt_tokens": 9, "completion_tokens": 3, "prompt_cache_hit_tokens": 0, "prompt_cache_miss_tokens": 9},
            Usage(prompt_tokens=9, cached_tokens=0, completion_tokens=3),
        ),
        (  # Moonshot
            {"prompt_tokens": 9, "completion_tokens": 3, "cached_tokens": 8},
            Usage(prompt_tokens=9, cached_tokens=8, completion_tokens=3),
        ),
        (  # xAI leaves reasoning out of the completion
            {
                "prompt_tokens": 9,
                "completion_tokens": 3,
                "total_tokens": 62,
                "completion_tokens_details": {"reasoning_tokens": 50},
            },
            Usage(prompt_tokens=9, completion_tokens=53, reasoning_tokens=50),
        ),
        ({"prompt_tokens": "9", "completion_tokens": True}, Usage()),
        ("none", Usage()),
    ],
)
def test_usage_of_each_server(raw: object, usage: Usage) -> None:
    assert read_usage(raw) == usage


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (
            400,
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 140000 tokens.",
        ),
        (400, "Your input exceeds the context window of this model. Please adjust your input and try again."),
        (400, "The decoder prompt (length 5000) is longer than the maximum model length of 4096."),
        (400, "max_tokens must be at least 1, got -904."),
        (400, "The input (5000 tokens) is longer than the model's context length (4096 tokens)."),
        (400, "Requested token count exceeds the model's maximum context length of 4096 tokens."),
        (400, "the request exceeds the available context size, try increasing it 'type': 'exceed_context_size_error'"),
        (500, "the request exceeds the available context size. try increasing the context size"),
        (400, "prompt too long; exceeded max context length by 904 tokens"),
        (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193."),
        (400, "prompt is too long: 210000 tokens > 200000 maximum"),
        (400, "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"),
        (400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048575)."),
        (400, "The prompt is too long: 40000, model maximum context length: 32767"),
        (413, "Request exceeds the maximum size"),
    ],
)
def test_a_prompt_that_is_too_long_is_seen_in_each_servers_words(status: int, message: str) -> None:
    assert error_kind(status, message) == "context_overflow"


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (429, "Rate limit reached for gpt-4o in organization org-x on requests per min", "rate_limit"),
        (429, "You exceeded your current quota, please retry in 34s. 'code': 'RESOURCE_EXHAUSTED'", "rate_limit"),
        (429, "You exceeded your current quota, please check your plan. 'code': 'insufficient_quota'", "auth"),
        (402, "Insufficient Balance", "auth"),
        (400, "Your credit balance is too low to access the Anthropic API.", "auth"),
        (429, "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000.", "bad_request"),
        (413, "Request too large for model `llama` on tokens per minute (TPM): Limit 6000", "bad_request"),
        (529, "Overloaded", "server_error"),
        (400, "max_tokens is too large: 99999. This model supports at most 16384 completion tokens", "bad_request"),
        (
            400,
            "The response was filtered due to the prompt triggering Azure's content management policy",
            "content_filter",
        ),
    ],
)
def test_errors_that_one_status_does_not_tell_apart(status: int, message: str, kind: str) -> None:
    assert error_kind(status, message) == kind


def test_a_field_that_is_named_in_a_list_of_details_is_found() -> None:
    """Mistral, and any server that validates with pydantic: the client's own message says nothing but the status."""
    body = {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}
    with FakeServer([(422, {}, body)]) as server:
        error = ask(server).error
    assert error is not None
    assert refused_field(error.message, ["temperature", "seed"]) == "seed"


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (str(MAX_TOKENS_REFUSED[2]), "max_tokens"),
        ("Unsupported value: 'temperature' does not support 0 with this model. Only the default (1)", "temperature"),
        ("[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted'}]", "seed"),
        ("temperature: `temperature` may only be set to 1 when thinking is enabled.", "temperature"),
        ("`temperature` and `top_p` cannot both be specified for this model.", "temperature"),
        ("property 'top_p' is unsupported", "top_p"),
        ("temperature must be in [0, 2]", None),
        ("Unsupported parameter: 'logprobs'", None),
    ],
)
def test_which_field_a_server_refuses(message: str, field: str | None) -> None:
    assert refused_field(message, ["max_tokens", "temperature", "top_p", "seed"]) == field


@pytest.mark.parametrize(
    ("message", "wait"),
    [
        ("Please try again in 1.2s.", 1.2),
        ("Please try again in 6m30s.", 390.0),
        ("Please try again in 350ms.", 0.35),
        ("'retryDelay': '34s'", 34.0),
        ("slow down", None),
        ("try again in a while", None),
    ],
)
def test_the_wait_that_a_body_names(message: str, wait: float | None) -> None:
    assert retry_after({}, message) == (wait if wait is None else pytest.approx(wait))
    assert retry_after({"retry-after": "7"}, message) == 7.0


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (  # vLLM before its errors were nested
            400,
            {"object": "error", "message": "This model's maximum context length is 4096 tokens.", "type": "BadRequestError", "param": None, "code": 400},
            "context_overflow",
        ),
        (  # llama.cpp
            400,
            {"error": {"code": 400, "message": "request (5000 tokens) exceeds the available context size (4096 tokens)", "type": "exceed_context_size_error", "n_prompt_tokens": 5000, "n_ctx": 4096}},
            "context_overflow",
        ),
        (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193", "error_type": "validation"}, "context_overflow"),  # TGI
        (404, {"error": {"message": "model 'm' not found", "type": "api_error", "param": None, "code": None}}, "not_found"),  # Ollama
        (422, {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]}, "bad_request"),  # Mistral
        (503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}, "server_error"),  # llama.cpp
        (  # Azure
            400,
            {"error": {"message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", "type": None, "param": "prompt", "code": "content_filter", "status": 400, "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
            "content_filter",
        ),
        (429, {"error": {"message": "You exceeded your current quota.", "type": "insufficient_quota", "code": "insufficient_quota"}}, "auth"),
        (400, {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": "{\"message\": \"maximum context length is 8192\"}"}}}, "context_overflow"),
        (502, "<html><h1>502 Bad Gateway</h1></html>", "server_error"),  # a proxy
        (400, [], "bad_request"),
    ],
)  # fmt: skip
def test_error_bodies_over_http(status: int, body: Any, kind: str) -> None:
    with FakeServer([(status, {}, body)]) as server:
        error = ask(server).error
    assert error is not None
    assert (error.kind, error.status) == (kind, status)
    assert error.message.startswith(f"HTTP {status}: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None)
@given(message=JSON, usage=JSON, choice=JSON)
def test_whatever_a_server_sends_is_a_reply(message: Any, usage: Any, choice: Any) -> None:
    for raw in (
        message,
        {"choices": choice},
        {"choices": [{"message": message, **(choice if isinstance(choice, dict) else {})}], "usage": usage},
    ):
        reply = read_completion(raw, 1.0)
        assert isinstance(reply.text, str)
        assert isinstance(reply.reasoning, str)
        assert reply.error is None or (reply.text, reply.finish_reason) == ("", "error")
        for count in (reply.usage.prompt_tokens, reply.usage.cached_tokens, reply.usage.completion_tokens):
            assert count is None or count >= 0
        read = read_message(raw, 1.0)
        assert isinstance(read.text, str)
        assert isinstance(read.reasoning, str)


def test_a_reply_cut_in_its_reasoning_is_a_reply() -> None:
    message = "Could not finish the message because max_tokens or model output limit was reached."
    with FakeServer([(400, {}, {"error": {"message": message, "type": "invalid_request_error"}})]) as server:
        reply = ask(server)
    assert (reply.error, reply.finish_reason, reply.text) == (None, "length", "")


def test_the_budget_field_is_settled_once_and_recorded() -> None:
    async def run(url: str) -> dict[str, Any]:
        wanted = OpenAISettings(model="m", base_url=url, max_tokens_field="auto", extra_body={"top_k": 1})
        async with OpenAIModel(wanted) as model:
            assert (await model.generate(request())).error is None
            return await model.identity()

    with FakeServer([MAX_TOKENS_REFUSED, completion()]) as server:
        identity = asyncio.run(run(server.url))
        asked = [[key for key in body if key.startswith("max_")] for body in server.requests]
    assert asked == [["max_tokens"], ["max_completion_tokens"], ["max_completion_tokens"]]
    assert [body["top_k"] for body in server.requests] == [1, 1, 1]
    assert identity["max_tokens_field"] == "max_completion_tokens"


@pytest.mark.parametrize(
    "answer", [(500, {}, {"error": {"message": "boom"}}), (400, {}, {"error": {"message": "bad template"}})]
)
def test_the_budget_field_is_not_settled_by_another_error(answer: Answer) -> None:
    with FakeServer([answer, completion()]) as server:
        with pytest.raises(ServerError, match="max_tokens_field"):
            start(model="m", base_url=server.url, max_tokens_field="auto")
        assert len(server.requests) == 1


def test_system_prompts_go_out_under_the_role_that_is_set() -> None:
    with FakeServer() as server:
        ask(server, system="Be brief.", system_role="developer")
        assert server.requests[0]["messages"][0] == {"role": "developer", "content": "Be brief."}
        assert server.requests[0]["messages"][1]["role"] == "user"


def test_headers_of_a_proxy_come_from_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY_TOKEN", "s3cret")
    with FakeServer() as server:
        ask(server, headers_env={"X-Proxy": "PROXY_TOKEN"})
        assert server.headers[0]["x-proxy"] == "s3cret"
    with pytest.raises(ConfigError, match="NOT_SET_ANYWHERE is not set"):
        start(model="m", base_url="http://127.0.0.1:1/v1", headers_env={"X-Proxy": "NOT_SET_ANYWHERE"})


def test_azure_is_asked_by_deployment_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_KEY", "az-key")
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "another-identity")
    listed = {"object": "list", "data": [{"id": "gpt-4o-2024-11-20"}]}
    page = "/openai/models?api-version=2024-10-21"
    path = "/openai/deployments/my-deployment/chat/completions"
    with FakeServer(reply_path=path, pages={page: listed}) as server:
        resource = server.url.removesuffix("/v1")
        keys = {"model": "my-deployment", "base_url": resource, "azure_api_version": "2024-10-21"}
        reply = ask(server, **keys, api_key_env="AZURE_KEY")
        assert server.paths == [f"{path}?api-version=2024-10-21"]
        assert server.headers[0]["api-key"] == "az-key"
        assert "authorization" not in server.headers[0]
    assert reply.text == "ANSWER: 1234567"


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("llama3.2", "llama3.2:latest"),  # Ollama
        ("gemini-2.5-pro", "models/gemini-2.5-pro"),  # Gemini
        ("deepseek/deepseek-r1:nitro", "deepseek/deepseek-r1"),  # OpenRouter's routes
    ],
)
def test_names_that_a_list_spells_otherwise(asked: str, listed: str) -> None:
    with FakeServer(models=[{"id": listed}]) as server:
        assert start(model=asked, base_url=server.url).settings.model == asked


def test_a_miss_names_the_nearest() -> None:
    with FakeServer(models=[{"id": "qwen3-8b"}, {"id": "other", "aliases": [["odd"]]}]) as server:
        with pytest.raises(UnknownName, match=r"no model 'qwen3-8' \(did you mean 'qwen3-8b'\?\)"):
            start(model="qwen3-8", base_url=server.url)


@pytest.mark.parametrize(
    ("entry", "pages", "window"),
    [
        ({"owned_by": "vllm", "max_model_len": 32768}, {}, 32768),
        ({"context_length": 131072}, {}, 131072),  # OpenRouter
        ({"context_window": 8192}, {}, 8192),  # Groq
        (  # llama.cpp with four slots
            {"owned_by": "llamacpp", "meta": {"n_ctx": 16384, "n_ctx_train": 131072}},
            {"/props": {"default_generation_settings": {"n_ctx": 4096}, "total_slots": 4}},
            4096,
        ),
        ({"owned_by": "library"}, {}, None),  # Ollama does not say
    ],
)
def test_the_window_of_each_server(entry: dict[str, Any], pages: dict[str, Any], window: int | None) -> None:
    with FakeServer(models=[{"id": "m", **entry}], pages=pages) as server:
        assert start(model="m", base_url=server.url).context_limit == window
