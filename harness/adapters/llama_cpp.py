"""A GGUF model on this machine: starts llama.cpp's server, asks it over HTTP like any other, and stops it.

The server has one slot. A context's questions follow one another, so each finds the prompt before it in the slot's
cache and only its own last words are computed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field

from harness.adapters.openai import OpenAIModel, OpenAISettings
from harness.contracts import Model, Request, Settings
from harness.embedded.fetch import file_sha256
from harness.embedded.quantise import smollm2_weights
from harness.errors import ConfigError, ServerError
from harness.records import Message, Reply

START_TIMEOUT_S = 120.0
ALIAS = "embedded"


class LlamaCppSettings(Settings):
    """Weights and how to serve them.

    Attributes:
        weights: `smollm2:q8_0` (also `q4_1` as shipped, `f16`, `q4_0`), or the path of a GGUF file.
        kv_cache: type of the K and the V cache.
        context_size: the server's window in tokens.
        threads: compute threads; 0 is one for each core.
        timeout_s: seconds for one request.
    """

    weights: str
    kv_cache: Literal["f16", "bf16", "f32", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"] = "f16"
    context_size: int = Field(default=8192, ge=256)
    threads: int = Field(default=0, ge=0)
    timeout_s: float = Field(default=600.0, gt=0)


class LlamaCppModel(Model):
    """A GGUF file, served on this machine by llama.cpp."""

    Settings = LlamaCppSettings

    def __init__(self, settings: LlamaCppSettings) -> None:
        super().__init__(settings)
        self.settings: LlamaCppSettings = settings
        self._open = AsyncExitStack()
        self._weights = Path()
        self._served: OpenAIModel | None = None

    async def __aenter__(self) -> Self:
        """Make sure that the weights are there, start the server, wait until it answers."""
        if find_spec("xllamacpp") is None:
            raise ConfigError(
                "the adapter llama_cpp needs the package xllamacpp", fix='pip install "longcontext-harness[embedded]"'
            )
        self._weights = _find_weights(self.settings.weights)
        async with AsyncExitStack() as opened:
            log = Path(opened.enter_context(tempfile.TemporaryDirectory())) / "server.log"
            address = await self._start(opened, log)
            settings = OpenAISettings(model=ALIAS, base_url=f"{address}/v1", timeout_s=self.settings.timeout_s)
            self._served = await opened.enter_async_context(OpenAIModel(settings))
            self._open = opened.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop the server."""
        await self._open.aclose()

    async def generate(self, request: Request) -> Reply:
        """Ask the server."""
        return await self._server().generate(request)

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:
        """Count with the model's own tokenizer and chat template."""
        return await self._server().count_tokens(messages)

    async def identity(self) -> dict[str, Any]:
        """Return what was served, and how."""
        return {
            "weights": self.settings.weights,
            "weights_sha256": file_sha256(self._weights),
            "kv_cache": self.settings.kv_cache,
            "context_size": self.settings.context_size,
            "threads": self._threads(),
            "flash_attention": True,
            "xllamacpp": version("xllamacpp"),
        }

    @property
    def context_limit(self) -> int | None:
        """The server's window."""
        return self.settings.context_size

    def _server(self) -> OpenAIModel:
        if self._served is None:
            raise RuntimeError("the model is used outside its 'async with'")
        return self._served

    def _threads(self) -> int:
        return self.settings.threads or len(os.sched_getaffinity(0))

    async def _start(self, opened: AsyncExitStack, log: Path) -> str:
        """Start the child and return its address; it is stopped when `opened` closes."""
        wanted = {
            "weights": str(self._weights),
            "alias": ALIAS,
            "kv_cache": self.settings.kv_cache,
            "context_size": self.settings.context_size,
            "threads": self._threads(),
        }
        command = [sys.executable, "-m", "harness.embedded.serve", json.dumps(wanted)]
        with log.open("wb") as errors:
            child = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=errors)
        opened.push_async_callback(_stop, child)
        assert child.stdout is not None
        try:
            line = await asyncio.wait_for(child.stdout.readline(), START_TIMEOUT_S)
            return str(json.loads(line)["address"])
        except (TimeoutError, ValueError, KeyError):
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            raise ServerError(
                "the embedded server did not start",
                where=str(self._weights),
                found=" | ".join(last) or "it said nothing",
                fix="check that the file is a GGUF model that llama.cpp reads, and that there is memory for it",
            ) from None


async def _stop(child: Process) -> None:
    """Close the child's standard input, which ends it; kill it if that does not."""
    assert child.stdin is not None
    child.stdin.close()
    try:
        await asyncio.wait_for(child.wait(), 10)
    except TimeoutError:
        child.kill()
        await child.wait()


def _find_weights(name: str) -> Path:
    family, _, variant = name.partition(":")
    if family == "smollm2":
        return smollm2_weights(variant or "q8_0", lambda line: print(line, file=sys.stderr, flush=True))
    path = Path(name).expanduser()
    if not path.is_file():
        raise ConfigError(
            "no such file of weights",
            where="weights",
            found=name,
            allowed="the path of a GGUF file, or smollm2:q8_0, smollm2:q4_1, smollm2:f16, smollm2:q4_0",
        )
    return path
