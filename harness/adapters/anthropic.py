"""Claude behind Anthropic's Messages API, or a proxy that speaks it.

The interface has no seed, takes the system prompt apart from the messages, and counts prompt tokens without those that
came from its cache. A `reasoning_budget` in the sweep becomes the budget of thinking; with one, the API takes no other
temperature than 1.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote

from pydantic import Field

from harness.adapters.completions import count_of, text_of
from harness.adapters.http_errors import failed, without_secrets
from harness.adapters.servers import checked_address, find_served, first_look, from_environment, timed_call
from harness.contracts import Model, Request, Settings
from harness.errors import ConfigError
from harness.records import FinishReason, Message, Reply, Usage

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

ADDRESS, KEY_VARIABLE = "https://api.anthropic.com", "ANTHROPIC_API_KEY"
FINISH: Mapping[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}


class AnthropicSettings(Settings):
    """An endpoint of the Messages API.

    Attributes:
        model: the model's name.
        base_url: without `/v1/messages`. Unset: Anthropic's own address.
        api_key_env: name of the variable that holds the key. Unset: `ANTHROPIC_API_KEY` for Anthropic's own address,
            no key for a `base_url` given here.
        headers_env: further headers, each with the name of the variable that holds its value.
        thinking: how a `reasoning_budget` is asked for: `enabled` sends it as a budget (at least 1024), `adaptive` lets
            the model decide within it, `off` sends nothing.
        timeout_s: seconds for one request.
        extra_body: merged into each request body.
        system: a system prompt before the task's messages.
    """

    model: str
    base_url: str | None = None
    api_key_env: str | None = None
    headers_env: dict[str, str] = Field(default_factory=dict)
    thinking: Literal["enabled", "adaptive", "off"] = "enabled"
    timeout_s: float = Field(default=600.0, gt=0)
    extra_body: dict[str, Any] = Field(default_factory=dict)
    system: str = ""


class AnthropicModel(Model):
    """A model behind the Anthropic Messages API."""

    Settings = AnthropicSettings

    def __init__(self, settings: AnthropicSettings) -> None:
        super().__init__(settings)
        self.settings: AnthropicSettings = settings
        self._client: AsyncAnthropic | None = None
        self._listed: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        """Open the client and ask for the model's entry, which proves address, key and name at once."""
        if find_spec("anthropic") is None:
            raise ConfigError(
                "the adapter anthropic needs the package anthropic", fix='pip install "longcontext-harness[anthropic]"'
            )
        from anthropic import AsyncAnthropic

        headers = {header: from_environment(name, "headers_env") for header, name in self.settings.headers_env.items()}
        self._client = AsyncAnthropic(
            base_url=self._address(),
            api_key=self._api_key(),
            timeout=self.settings.timeout_s,
            max_retries=0,
            default_headers=headers,
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
        """Send one request for a message."""
        import anthropic

        call = self._client_now().post("/v1/messages", body=self._body(request), cast_to=object)
        answer = await timed_call(call, anthropic, self.settings.timeout_s)
        return answer if isinstance(answer, Reply) else read_message(*answer)

    async def identity(self) -> dict[str, Any]:
        """Return the address and the model's entry."""
        return {"base_url": without_secrets(self._address()), "served": self._listed}

    @property
    def context_limit(self) -> int | None:
        """Return the window that the model's entry states, where it does."""
        return count_of(self._listed, "max_input_tokens") or None

    def _body(self, request: Request) -> dict[str, Any]:
        names = {"stop": "stop_sequences"}
        sampling = {names.get(key, key): value for key, value in request.sampling.items() if value is not None}
        system = [self.settings.system, *(each.content for each in request.messages if each.role == "system")]
        return {
            "model": self.settings.model,
            "messages": _turns(request.messages),
            "max_tokens": request.answer_budget + request.reasoning_budget,
            **({"system": "\n\n".join(filter(None, system))} if any(system) else {}),
            **self._thinking(request.reasoning_budget),
            **sampling,
            **self.settings.extra_body,
        }

    def _thinking(self, budget: int) -> dict[str, Any]:
        if not budget or self.settings.thinking == "off":
            return {}
        spent = {"budget_tokens": budget} if self.settings.thinking == "enabled" else {}
        return {"thinking": {"type": self.settings.thinking, **spent}}

    def _address(self) -> str:
        url = self.settings.base_url or os.environ.get("ANTHROPIC_BASE_URL") or ADDRESS
        return checked_address(url, ADDRESS).removesuffix("/messages").removesuffix("/v1")

    def _api_key(self) -> str:
        if self.settings.api_key_env is not None:
            return from_environment(self.settings.api_key_env, "api_key_env")
        return from_environment(KEY_VARIABLE, "api_key_env") if self.settings.base_url is None else "EMPTY"

    async def _check_server(self) -> None:
        """Prove address, key and name. A short name is found though no list has it; a proxy may list nothing."""
        import anthropic

        client, address = self._client_now(), without_secrets(self._address())
        where = (address, self.settings.api_key_env or KEY_VARIABLE)

        async def get(path: str) -> object:
            return await client.get(path, cast_to=object)

        entry = await first_look(get, f"/v1/models/{quote(self.settings.model)}", anthropic, where)
        if isinstance(entry, dict) and "id" in entry:
            self._listed = entry
            return
        listed = await first_look(get, "/v1/models?limit=1000", anthropic, where)
        self._listed = find_served(listed, [self.settings.model], address)

    def _client_now(self) -> AsyncAnthropic:
        if self._client is None:
            raise RuntimeError("the model is used outside its 'async with'")
        return self._client


def _turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": each.role, "content": each.content} for each in messages if each.role != "system"]


def read_message(raw: object, latency_s: float) -> Reply:
    """Read an answer with HTTP status 200. Whatever is no message becomes an error of kind `bad_reply`.

    Args:
        raw: the decoded body.
        latency_s: seconds that the call took.
    """
    content = raw.get("content") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(content, list):
        return failed("bad_reply", f"no message in the answer: {str(raw)[:200]}")
    finish = FINISH.get(str(raw.get("stop_reason")), "unknown")
    if finish == "content_filter":
        return failed("content_filter", "the provider's safety filter ended the answer")
    blocks = [block for block in content if isinstance(block, dict)]
    return Reply(
        text="".join(text_of(block.get("text")) for block in blocks if block.get("type") == "text"),
        reasoning="".join(text_of(block.get("thinking")) for block in blocks if block.get("type") == "thinking"),
        finish_reason=finish,
        usage=_usage(raw.get("usage")),
        latency_s=round(latency_s, 4),
        served_model=text_of(raw.get("model")),
    )


def _usage(raw: object) -> Usage:
    """Add what the cache gave and took to the prompt tokens, which leave it out."""
    cached, written = count_of(raw, "cache_read_input_tokens"), count_of(raw, "cache_creation_input_tokens")
    fresh = count_of(raw, "input_tokens")
    details = raw.get("output_tokens_details") if isinstance(raw, dict) else None
    return Usage(
        prompt_tokens=None if fresh is None else fresh + (cached or 0) + (written or 0),
        cached_tokens=cached,
        completion_tokens=count_of(raw, "output_tokens"),
        reasoning_tokens=count_of(details, "thinking_tokens"),
    )
