"""Any server that speaks the OpenAI chat completions protocol: vLLM, SGLang, llama.cpp, Ollama, hosted APIs.

One request is one HTTP call: retries belong to the engine, which sees every failure as a typed error. Reasoning is
taken from `reasoning_content`, `reasoning` or `thinking` parts when the server hands it over apart.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field

from harness.contracts import Model, Request, Settings
from harness.errors import ConfigError, ServerError, UnknownName, UsageError
from harness.records import ErrorKind, FinishReason, Message, Reply, ReplyError, Usage

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

OVERFLOW = re.compile(
    r"context[ _]?(length|window|size)|maximum context|too many tokens|prompt is too long|exceed_context_size"
    r"|reduce the length|input length",
    re.IGNORECASE,
)
FILTERED = re.compile(r"content[ _](filter|policy|management)|responsible ?ai", re.IGNORECASE)

FINISH: Mapping[str, FinishReason] = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
}

STATUS_KINDS: Mapping[int, ErrorKind] = {
    401: "auth",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "server_error",
    413: "context_overflow",
    429: "rate_limit",
}


class OpenAISettings(Settings):
    """An OpenAI-compatible endpoint.

    Attributes:
        base_url: with or without `/chat/completions`. Unset: `OPENAI_BASE_URL`, else OpenAI's own.
        model: the name that the server knows the model by.
        api_key_env: name of the variable that holds the key. Unset: no key is sent to a `base_url` given here;
            `OPENAI_API_KEY` is used for the default address only, so that a key never goes to a stranger.
        timeout_s: seconds for one request.
        max_tokens_field: which field carries the token budget.
        extra_body: merged into each request body.
        system: a system prompt before the task's messages.
    """

    model: str
    base_url: str | None = None
    api_key_env: str | None = None
    timeout_s: float = Field(default=600.0, gt=0)
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    extra_body: dict[str, Any] = Field(default_factory=dict)
    system: str = ""


class OpenAIModel(Model):
    """A model behind an OpenAI-compatible server."""

    Settings = OpenAISettings

    def __init__(self, settings: OpenAISettings) -> None:
        super().__init__(settings)
        self.settings: OpenAISettings = settings
        self._client: AsyncOpenAI | None = None
        self._listed: dict[str, Any] = {}
        self._tokenizer: Literal["unknown", "vllm", "llama_cpp", "none"] = "unknown"

    async def __aenter__(self) -> Self:
        """Open the client and ask for the list of models, which proves address, key and model name at once."""
        from openai import AsyncOpenAI

        self._client = AsyncOpenAI(
            base_url=self._base_url(), api_key=self._api_key(), timeout=self.settings.timeout_s, max_retries=0
        )
        try:
            await self._check_server()
        except BaseException:
            await self._client.close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def generate(self, request: Request) -> Reply:
        """Send one chat completion."""
        import openai

        budget = request.answer_budget + request.reasoning_budget
        sampling = {key: value for key, value in request.sampling.items() if value is not None}
        if "seed" in sampling:
            sampling["seed"] += request.replicate
        body = {
            "model": self.settings.model,
            "messages": self._messages(request.messages),
            self.settings.max_tokens_field: budget,
            **sampling,
            **self.settings.extra_body,
        }
        started = perf_counter()
        try:
            raw = await self._post("chat/completions", body)
        except openai.APITimeoutError:
            return _failed("timeout", f"no answer within {self.settings.timeout_s:g} s")
        except openai.APIStatusError as error:
            return Reply(error=_status_error(error), finish_reason="error")
        except openai.APIConnectionError as error:
            return _failed("connection", f"{error} {error.__cause__ or ''}".strip())
        except (openai.APIError, ValueError) as error:
            return _failed("bad_reply", f"{type(error).__name__}: {error}"[:300])
        return _parse(raw, perf_counter() - started)

    async def identity(self) -> dict[str, Any]:
        """Return the server's entry for the model, and its version where it tells one."""
        version = await self._optional(f"{self._root()}/version")
        found = {"base_url": _without_secrets(self._base_url()), "served": self._listed}
        return {**found, **({"version": version} if isinstance(version, dict) else {})}

    @property
    def context_limit(self) -> int | None:
        """Return what the server says of its window: `max_model_len` (vLLM), `meta.n_ctx` (llama.cpp), or nothing."""
        meta = self._listed.get("meta")
        limit = self._listed.get("max_model_len") or (meta.get("n_ctx") if isinstance(meta, dict) else None)
        return limit if isinstance(limit, int) else None

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:
        """Ask the server's tokenizer, chat template included: vLLM's `/tokenize`, or llama.cpp's two endpoints."""
        shaped = self._messages(messages)
        if self._tokenizer in ("unknown", "vllm"):
            answer = await self._optional(
                f"{self._root()}/tokenize", {"model": self.settings.model, "messages": shaped}
            )
            if isinstance(answer, dict) and isinstance(answer.get("count"), int):
                self._tokenizer = "vllm"
                return int(answer["count"])
        if self._tokenizer in ("unknown", "llama_cpp"):
            rendered = await self._optional(f"{self._root()}/apply-template", {"messages": shaped})
            if isinstance(rendered, dict) and isinstance(rendered.get("prompt"), str):
                body = {"content": rendered["prompt"], "add_special": True, "parse_special": True}
                answer = await self._optional(f"{self._root()}/tokenize", body)
                if isinstance(answer, dict) and isinstance(answer.get("tokens"), list):
                    self._tokenizer = "llama_cpp"
                    return len(answer["tokens"])
        if self._tokenizer == "unknown":
            self._tokenizer = "none"
        return None

    def _messages(self, messages: Sequence[Message]) -> list[dict[str, str]]:
        system = [{"role": "system", "content": self.settings.system}] if self.settings.system else []
        return system + [asdict(message) for message in messages]

    def _base_url(self) -> str:
        url = self.settings.base_url or os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
        if not re.match(r"https?://[^/]", url):
            raise ConfigError(
                "not an address", where="base_url", found=_without_secrets(url), fix="http://host:port/v1"
            )
        return url.rstrip("/").removesuffix("/chat/completions")

    def _root(self) -> str:
        return self._base_url().removesuffix("/v1")

    def _api_key(self) -> str:
        name = self.settings.api_key_env
        if name is None:
            return os.environ.get("OPENAI_API_KEY", "EMPTY") if self.settings.base_url is None else "EMPTY"
        if not os.environ.get(name):
            raise ConfigError(
                f"the environment variable {name} is not set",
                where="api_key_env",
                fix=f"export {name}=…, or leave api_key_env out for a server without a key",
            )
        return os.environ[name]

    async def _check_server(self) -> None:
        """Fail early on what no retry can mend. A server without a list of models is taken as it is."""
        import openai

        address = _without_secrets(self._base_url())
        try:
            answer = await self._client_now().get("/models", cast_to=object)
        except openai.APITimeoutError:
            raise ServerError("the server does not answer", where=address) from None
        except openai.APIConnectionError as error:
            raise ServerError(
                "the server cannot be reached",
                where=address,
                found=str(error.__cause__ or error),
                fix="start it, or mend base_url",
            ) from None
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            variable = self.settings.api_key_env or "(no api_key_env given)"
            raise UsageError(
                f"the server refuses the key (HTTP {error.status_code})",
                where=address,
                found=f"the key in {variable}",
                fix="set api_key_env to the variable that holds a valid key",
            ) from None
        except openai.APIError:
            return
        self._listed = self._find_model(answer, address)

    def _find_model(self, answer: object, address: str) -> dict[str, Any]:
        entries = answer.get("data") if isinstance(answer, dict) else None
        models = [entry for entry in entries or [] if isinstance(entry, dict) and isinstance(entry.get("id"), str)]
        for entry in models:
            if self.settings.model in (entry["id"], *(entry.get("aliases") or [])):
                return entry
        if models:
            raise UnknownName(
                f"the server has no model {self.settings.model!r}",
                where=address,
                allowed=", ".join(entry["id"] for entry in models[:20]),
                fix="mend the model's name",
            )
        return {}

    def _client_now(self) -> AsyncOpenAI:
        if self._client is None:
            raise RuntimeError("the model is used outside its 'async with'")
        return self._client

    async def _post(self, path: str, body: dict[str, Any]) -> object:
        return await self._client_now().post(f"/{path}", body=body, cast_to=object)

    async def _optional(self, url: str, body: dict[str, Any] | None = None) -> object | None:
        """Call an endpoint that a server need not have; None where it has not."""
        import openai

        client = self._client_now()
        try:
            if body is None:
                return await client.get(url, cast_to=object)
            return await client.post(url, body=body, cast_to=object)
        except (openai.APIError, ValueError):
            return None


def _parse(raw: object, latency_s: float) -> Reply:
    """Read a completion. Whatever is not one becomes an error of kind `bad_reply`."""
    choices = raw.get("choices") if isinstance(raw, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(raw, dict) or not isinstance(choice, dict) or not isinstance(message, dict):
        return _failed("bad_reply", f"no completion in the answer: {str(raw)[:200]}")
    stated = str(choice.get("finish_reason"))
    if choice.get("error") or stated in ("error", "abort", "cancelled"):
        return _failed("server_error", f"the server ended the answer: {choice.get('error') or stated}"[:300])
    finish = FINISH.get(stated, "unknown")
    if finish == "content_filter":
        return _failed("content_filter", "the server's content filter ended the answer")
    return Reply(
        text=_text(message.get("content")),
        reasoning=_reasoning(message),
        finish_reason=finish,
        usage=_usage(raw.get("usage")),
        latency_s=round(latency_s, 4),
        served_model=_text(raw.get("model")),
    )


def _text(value: object) -> str:
    """Return a content field as text; some servers send a list of parts."""
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def _reasoning(message: Mapping[str, Any]) -> str:
    """Return reasoning that is handed over apart: a field of its own, or parts of the content (Mistral)."""
    if stated := _text(message.get("reasoning_content") or message.get("reasoning")):
        return stated
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return "".join(_text(part.get("thinking")) for part in parts if isinstance(part, dict))


def _usage(raw: object) -> Usage:
    if not isinstance(raw, dict):
        return Usage()
    return Usage(
        prompt_tokens=_count(raw, "prompt_tokens"),
        cached_tokens=_count(raw.get("prompt_tokens_details"), "cached_tokens"),
        completion_tokens=_count(raw, "completion_tokens"),
        reasoning_tokens=_count(raw.get("completion_tokens_details"), "reasoning_tokens"),
    )


def _count(table: object, key: str) -> int | None:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, int) and value >= 0 else None


def _failed(kind: ErrorKind, message: str) -> Reply:
    return Reply(error=ReplyError(kind=kind, message=message), finish_reason="error")


def _status_error(error: APIStatusError) -> ReplyError:
    status, message = error.status_code, str(error.message)[:500]
    kind = STATUS_KINDS.get(status, "server_error" if status >= 500 else "bad_request")
    if kind in ("bad_request", "server_error") and OVERFLOW.search(message):
        kind = "context_overflow"
    elif kind == "bad_request" and FILTERED.search(message):
        kind = "content_filter"
    return ReplyError(kind=kind, message=message, status=status, retry_after_s=_retry_after(error.response.headers))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read `retry-after-ms`, or `Retry-After` as seconds or as a date."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = headers.get(name, "")
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text) * unit
        if text:
            try:
                return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
            except (TypeError, ValueError):
                continue
    return None


def _without_secrets(url: str) -> str:
    """Hide a password or a query in an address that will be shown or stored."""
    return re.sub(r"//[^/]*@", "//…@", url).split("?", maxsplit=1)[0]
