"""Reads a chat completion as the servers of the OpenAI protocol send it; they differ in everything but its frame.

Reasoning comes as `reasoning_content` (vLLM, SGLang, llama.cpp, DeepSeek), `reasoning` (OpenRouter, Ollama, Groq, newer
vLLM), `reasoning_details` (OpenRouter), `thinking` (Ollama), parts of the content (Mistral), or inside the text, where
`harness.reading` finds it. Cached and reasoning tokens have as many places. Nothing here goes by a server's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.adapters.http_errors import error_kind, failed
from harness.records import FinishReason, Reply, Usage

FINISH: Mapping[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_calls": "stop",
    "function_call": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
}
"""Finish reasons that end a reply; no tools are offered, so a model that calls one has said all it will."""

BROKEN = ("error", "abort", "cancelled", "insufficient_system_resource")
"""Finish reasons of a server that gave up on a reply (vLLM, SGLang, OpenRouter, DeepSeek)."""

_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")


def read_completion(raw: object, latency_s: float) -> Reply:
    """Read an answer with HTTP status 200. Whatever is no completion becomes an error.

    Args:
        raw: the decoded body.
        latency_s: seconds that the call took.
    """
    choices = raw.get("choices") if isinstance(raw, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(raw, dict) or not isinstance(choice, dict) or not isinstance(message, dict):
        return _no_completion(raw)
    stated = str(choice.get("finish_reason")).lower()
    if choice.get("error") or stated in BROKEN:
        return failed("server_error", f"the server ended the answer: {choice.get('error') or stated}"[:300])
    finish = FINISH.get(stated, "unknown")
    if finish == "content_filter":
        return failed("content_filter", "the server's content filter ended the answer")
    return Reply(
        text=text_of(message.get("content")) or text_of(message.get("refusal")),
        reasoning=_reasoning(message),
        finish_reason=finish,
        usage=read_usage(raw.get("usage")),
        latency_s=round(latency_s, 4),
        served_model=text_of(raw.get("model")),
    )


def _no_completion(raw: object) -> Reply:
    """Type what came instead; a proxy (OpenRouter) hands on the error of the server behind it with status 200."""
    error = raw.get("error") if isinstance(raw, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int) and code >= 400:
        return failed(error_kind(code, str(error)), f"the server behind the proxy: {error}"[:300])
    return failed("bad_reply", f"no completion in the answer: {str(raw)[:200]}")


def text_of(value: object) -> str:
    """Return a content field as text; some servers send a list of parts."""
    if isinstance(value, list):
        return "".join(text_of(part.get("text")) or text_of(part.get("refusal")) for part in _parts(value))
    return value if isinstance(value, str) else ""


def _reasoning(message: Mapping[str, Any]) -> str:
    """Return reasoning that is handed over apart: a field of its own, a list of details, or parts of the content."""
    for field in _REASONING_FIELDS:
        if stated := text_of(message.get(field)):
            return stated
    details = _parts(message.get("reasoning_details"))
    if stated := "".join(text_of(part.get("text") or part.get("summary")) for part in details):
        return stated
    return "".join(text_of(part.get("thinking")) for part in _parts(message.get("content")))


def _parts(value: object) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def read_usage(raw: object) -> Usage:
    """Read token counts; what a server does not say is None.

    Completion tokens include reasoning, as OpenAI counts them. A server that leaves reasoning out of them (xAI) shows
    it in its own total, and is put right.
    """
    if not isinstance(raw, dict):
        return Usage()
    prompt, completion = count_of(raw, "prompt_tokens"), count_of(raw, "completion_tokens")
    cached = _first_count(
        (raw.get("prompt_tokens_details"), "cached_tokens"), (raw, "prompt_cache_hit_tokens"), (raw, "cached_tokens")
    )
    reasoning = _first_count((raw.get("completion_tokens_details"), "reasoning_tokens"), (raw, "reasoning_tokens"))
    total = count_of(raw, "total_tokens")
    if prompt is not None and completion is not None and reasoning and total == prompt + completion + reasoning:
        completion += reasoning
    return Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion, reasoning_tokens=reasoning)


def _first_count(*places: tuple[object, str]) -> int | None:
    return next((count for table, key in places if (count := count_of(table, key)) is not None), None)


def count_of(table: object, key: str) -> int | None:
    """Return a count of tokens, or None where there is none."""
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
