"""Any server that speaks the OpenAI chat completions protocol: vLLM, SGLang, llama.cpp, Ollama, hosted APIs, Azure.

One request is one HTTP call: retries belong to the engine, which sees every failure as a typed error. What differs
between servers is set in the sweep, and `harness models check` finds what to set by asking; nothing is guessed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field

from harness.adapters.completions import read_completion
from harness.adapters.http_errors import refused_field, spent_its_budget, without_secrets
from harness.adapters.servers import checked_address, find_served, first_look, from_environment, timed_call
from harness.contracts import Model, Request, Settings
from harness.errors import ServerError
from harness.records import Message, Reply

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MaxTokensField = Literal["max_tokens", "max_completion_tokens"]
WINDOW_KEYS = ("max_model_len", "context_length", "context_window", "max_context_length")
"""Where a server's list of models says the window: vLLM and SGLang, OpenRouter and Together, Groq, Mistral."""


class OpenAISettings(Settings):
    """An OpenAI-compatible endpoint.

    Attributes:
        base_url: with or without `/chat/completions`. Unset: `OPENAI_BASE_URL`, else OpenAI's own.
        model: the name that the server knows the model by; with Azure the deployment.
        api_key_env: name of the variable that holds the key. Unset: no key is sent to a `base_url` given here;
            `OPENAI_API_KEY` is used for the default address only, so that a key never goes to a stranger.
        headers_env: further headers, each with the name of the variable that holds its value.
        azure_api_version: set for Azure OpenAI: the version of its interface; `base_url` is the resource's address.
        timeout_s: seconds for one request.
        max_tokens_field: which field carries the token budget; `auto` asks with one and takes the other if the server
            refuses just that, and is settled before the first sample.
        system_role: the role that system prompts are sent under.
        extra_body: merged into each request body.
        system: a system prompt before the task's messages.
    """

    model: str
    base_url: str | None = None
    api_key_env: str | None = None
    headers_env: dict[str, str] = Field(default_factory=dict)
    azure_api_version: str | None = None
    timeout_s: float = Field(default=600.0, gt=0)
    max_tokens_field: Literal["max_tokens", "max_completion_tokens", "auto"] = "max_tokens"
    system_role: Literal["system", "developer"] = "system"
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
        self._slot_window: int | None = None
        self._tokenizer: Literal["unknown", "vllm", "llama_cpp", "none"] = "unknown"
        self._auto = settings.max_tokens_field == "auto"
        self._budget_field: MaxTokensField = (
            "max_tokens" if settings.max_tokens_field == "auto" else settings.max_tokens_field
        )

    async def __aenter__(self) -> Self:
        """Open the client and ask for the list of models, which proves address, key and model name at once."""
        self._client = self._make_client()
        try:
            await self._check_server()
            if self._auto:
                await self._settle_budget_field()
            if "meta" in self._listed:
                self._slot_window = _slot_window(await self._optional(f"{self._root()}/props"))
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
        sampling = {key: value for key, value in request.sampling.items() if value is not None}
        if "seed" in sampling:
            sampling["seed"] += request.replicate
        return await self._complete(
            {
                "model": self.settings.model,
                "messages": self._messages(request.messages),
                self._budget_field: request.answer_budget + request.reasoning_budget,
                **sampling,
                **self.settings.extra_body,
            }
        )

    async def _complete(self, body: dict[str, Any]) -> Reply:
        import openai

        call = self._client_now().post("/chat/completions", body=body, cast_to=object)
        answer = await timed_call(call, openai, self.settings.timeout_s)
        if not isinstance(answer, Reply):
            return read_completion(*answer)
        if answer.error and spent_its_budget(answer.error.message):
            return Reply(finish_reason="length")
        return answer

    async def identity(self) -> dict[str, Any]:
        """Return the server's entry for the model, and its version where it tells one."""
        version = await self._optional(f"{self._root()}/version")
        return {
            "base_url": without_secrets(self._base_url()),
            "served": self._listed,
            **({"version": version} if isinstance(version, dict) else {}),
            **({"max_tokens_field": self._budget_field} if self._auto else {}),
        }

    @property
    def context_limit(self) -> int | None:
        """Return what the server says of its window, or None. llama.cpp shares its window among its slots."""
        meta = self._listed.get("meta")
        stated = [self._listed.get(key) for key in WINDOW_KEYS]
        stated += [self._slot_window, meta.get("n_ctx") if isinstance(meta, dict) else None]
        return next((limit for limit in stated if isinstance(limit, int) and limit > 0), None)

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
        own = [{"role": "system", "content": self.settings.system}] if self.settings.system else []
        shaped = own + [asdict(message) for message in messages]
        return [{**each, "role": self.settings.system_role} if each["role"] == "system" else each for each in shaped]

    def _make_client(self) -> AsyncOpenAI:
        from openai import AsyncAzureOpenAI, AsyncOpenAI

        headers = {header: from_environment(name, "headers_env") for header, name in self.settings.headers_env.items()}
        if self.settings.azure_api_version:
            return AsyncAzureOpenAI(
                azure_endpoint=self._base_url().removesuffix("/openai"),
                api_version=self.settings.azure_api_version,
                api_key=self._api_key(),
                timeout=self.settings.timeout_s,
                max_retries=0,
                default_headers=headers,
            )
        return AsyncOpenAI(
            base_url=self._base_url(),
            api_key=self._api_key(),
            timeout=self.settings.timeout_s,
            max_retries=0,
            default_headers=headers,
        )

    def _base_url(self) -> str:
        url = self.settings.base_url or os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
        return checked_address(url, "http://host:port/v1").removesuffix("/chat/completions")

    def _root(self) -> str:
        return self._base_url().removesuffix("/v1")

    def _api_key(self) -> str:
        if self.settings.api_key_env is None:
            return os.environ.get("OPENAI_API_KEY", "EMPTY") if self.settings.base_url is None else "EMPTY"
        return from_environment(self.settings.api_key_env, "api_key_env")

    async def _check_server(self) -> None:
        """Prove address, key and name. Azure lists models, and is asked by the name of a deployment."""
        import openai

        client, address = self._client_now(), without_secrets(self._base_url())
        where = (address, self.settings.api_key_env or "(no api_key_env given)")
        listed = await first_look(lambda path: client.get(path, cast_to=object), "/models", openai, where)
        if not self.settings.azure_api_version:
            self._listed = find_served(listed, _spellings(self.settings.model), address)

    async def _settle_budget_field(self) -> None:
        """Ask for a word, once more with the other field if the server refuses just this one."""
        for field in ("max_tokens", "max_completion_tokens"):
            self._budget_field = field
            messages = [{"role": "user", "content": "Say: yes"}]
            body = {"model": self.settings.model, "messages": messages, field: 16, **self.settings.extra_body}
            reply = await self._complete(body)
            if reply.error is None:
                return
            if reply.error.kind != "bad_request" or refused_field(reply.error.message, [field]) is None:
                break
        assert reply.error is not None
        raise ServerError(
            'the call that settles max_tokens_field = "auto" failed',
            where=without_secrets(self._base_url()),
            found=f"{reply.error.kind}: {reply.error.message}",
        )

    def _client_now(self) -> AsyncOpenAI:
        if self._client is None:
            raise RuntimeError("the model is used outside its 'async with'")
        return self._client

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


def _spellings(name: str) -> list[str]:
    """Return what a list of models may call this one: Ollama adds a tag, Gemini a prefix, OpenRouter drops a route."""
    route = [name.partition(":")[0]] if "/" in name else []
    return [name, f"{name}:latest", f"models/{name}", *route]


def _slot_window(props: object) -> int | None:
    """Return the window of one slot of llama.cpp's server, from its `/props`."""
    generation = props.get("default_generation_settings") if isinstance(props, dict) else None
    window = generation.get("n_ctx") if isinstance(generation, dict) else None
    return window if isinstance(window, int) else None
