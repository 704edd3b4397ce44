"""Any model backend of lm-evaluation-harness (`hf`, `vllm`, `sglang`, `openvino`, …) as a model of ours.

A backend is one blocking object: it is made and asked in one thread of its own, one request at a time, whatever the
sweep's `concurrency`. It hands back text alone: token counts and the reason why generation stopped are unknown, not
zero. Its tokenizer, where it has one, is asked before each call, because backends cut a long prompt on the left and go
on; such a prompt is an error here.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from importlib import import_module
from time import perf_counter
from typing import Any, Self, TypeVar

from pydantic import Field

from harness.adapters.http_errors import error_kind, failed, without_secrets
from harness.contracts import Model, Request, Settings
from harness.errors import ConfigError, ServerError, UnknownName
from harness.records import Message, Reply

T = TypeVar("T")

_SECRET = re.compile(r"key|token|secret|password|auth|header|credential", re.IGNORECASE)


class LmEvalSettings(Settings):
    """A backend of lm-evaluation-harness.

    Attributes:
        backend: its name there: `hf`, `vllm`, `sglang`, `local-chat-completions` …
        model_args: what it is made with, as `--model_args` has it.
        chat_template: whether messages go through the backend's chat template; without it their text is sent as it is.
        until: strings that end a reply.
        system: a system prompt before the task's messages.
    """

    backend: str
    model_args: dict[str, Any] = Field(default_factory=dict)
    chat_template: bool = True
    until: list[str] = Field(default_factory=list)
    system: str = ""


class LmEvalModel(Model):
    """A model backend of lm-evaluation-harness, in this process."""

    Settings = LmEvalSettings

    def __init__(self, settings: LmEvalSettings) -> None:
        super().__init__(settings)
        self.settings: LmEvalSettings = settings
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lm_eval")
        self._lm: Any = None
        self._instance: Any = None
        self._version = ""
        self._window: int | None = None

    async def __aenter__(self) -> Self:
        """Make the backend, which may load weights, and try its chat template."""
        try:
            await self._in_thread(self._start)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Let go of the backend."""
        self._lm = None
        self._thread.shutdown(wait=False)

    async def generate(self, request: Request) -> Reply:
        """Ask once, after those who asked before."""
        return await self._in_thread(lambda: self._generate(request))

    async def identity(self) -> dict[str, Any]:
        """Return the backend, what it was made with, and the version of lm-eval."""
        return {
            "backend": self.settings.backend,
            "model_args": _shown(self.settings.model_args),
            "chat_template": self.settings.chat_template,
            "lm_eval": self._version,
        }

    async def count_tokens(self, messages: Sequence[Message]) -> int | None:
        """Count with the backend's own tokenizer, chat template included; None where it has none."""
        return await self._in_thread(lambda: self._count(self._context(messages)))

    @property
    def context_limit(self) -> int | None:
        """Return the length at which the backend cuts; None where it does not tokenize, and so does not cut."""
        return self._window

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _start(self) -> None:
        name = self.settings.backend
        try:
            package = import_module("lm_eval")
            get_model = import_module("lm_eval.api.registry").get_model
            self._instance = import_module("lm_eval.api.instance").Instance
        except ImportError as error:
            fix = 'pip install "longcontext-harness[lm-eval]"'
            raise ConfigError("the adapter lm_eval needs the package lm-eval", found=str(error), fix=fix) from None
        self._version = str(getattr(package, "__version__", "unknown"))
        try:
            cls = get_model(name)
        except ValueError as error:
            raise UnknownName(f"lm-eval has no backend {name!r}", where="backend", found=str(error)) from None
        self._lm = _made(cls, name, self.settings.model_args)
        self._try_template()
        if self._count("one two") is not None:
            limit = getattr(self._lm, "max_length", None)
            self._window = limit if isinstance(limit, int) and limit > 0 else None

    def _try_template(self) -> None:
        try:
            self._context([Message("user", "hello")])
        except Exception as error:
            raise ConfigError(
                f"the backend {self.settings.backend!r} cannot apply a chat template",
                where="chat_template",
                found=f"{type(error).__name__}: {error}"[:300],
                fix="chat_template = false sends the messages' text as it is",
            ) from None

    def _context(self, messages: Sequence[Message]) -> Any:
        """Return what the backend takes: text, or whatever its own template makes of the messages."""
        own = [Message("system", self.settings.system)] if self.settings.system else []
        turns = [*own, *messages]
        if not self.settings.chat_template:
            return "\n\n".join(turn.content for turn in turns)
        return self._lm.apply_chat_template([asdict(turn) for turn in turns])

    def _count(self, context: Any) -> int | None:
        """Count by the backend's tokenizer. Backends that leave it to a server have none, or return no numbers."""
        try:
            tokens = self._lm.tok_encode(context)
        except Exception:
            return None
        whole = isinstance(tokens, list) and bool(tokens) and all(isinstance(token, int) for token in tokens)
        return len(tokens) if whole else None

    def _generate(self, request: Request) -> Reply:
        budget = request.answer_budget + request.reasoning_budget
        try:
            context = self._context(request.messages)
            tokens = self._count(context) if self._window else None
            if tokens is not None and self._window is not None and tokens + budget > self._window:
                message = f"{tokens} prompt tokens and a budget of {budget} exceed {self._window}: it would be cut"
                return failed("context_overflow", message)
            started = perf_counter()
            asked = self._instance("generate_until", {}, (context, self._arguments(request, budget)), 0)
            quiet = "disable_tqdm" in inspect.signature(self._lm.generate_until).parameters
            texts = self._lm.generate_until([asked], **({"disable_tqdm": True} if quiet else {}))
            seconds = perf_counter() - started
        except Exception as error:
            return _failure(error)
        text = texts[0] if isinstance(texts, list) and texts else None
        if not isinstance(text, str):
            return failed("bad_reply", f"the backend returned no text: {str(texts)[:200]}")
        return Reply(text=text, latency_s=round(seconds, 4), served_model=f"lm_eval:{self.settings.backend}")

    def _arguments(self, request: Request, budget: int) -> dict[str, Any]:
        sampling = {key: value for key, value in request.sampling.items() if value is not None}
        if "seed" in sampling:
            sampling["seed"] += request.replicate
        if "temperature" in sampling:
            sampling.setdefault("do_sample", sampling["temperature"] > 0)
        stops = sampling.pop("stop", None) or []
        until = [*self.settings.until, *([stops] if isinstance(stops, str) else stops)]
        return {"until": until, "max_gen_toks": budget, **sampling}


def _made(cls: Any, name: str, arguments: Mapping[str, Any]) -> Any:
    """Make the backend; whatever it raises is said in one line."""
    try:
        return cls.create_from_arg_obj(dict(arguments))
    except ImportError as error:
        fix = "install what is missing; lm-eval has extras such as lm-eval[hf], lm-eval[vllm], lm-eval[api]"
        raise ConfigError(f"the backend {name!r} lacks a package", found=str(error), fix=fix) from None
    except Exception as error:
        found = f"{type(error).__name__}: {error}"[:300]
        raise ServerError(f"the backend {name!r} did not start", where="model_args", found=found) from None


def _failure(error: Exception) -> Reply:
    """Type what a backend raised: by status and words of the server where one stands behind it."""
    response = getattr(error, "response", None)
    status = getattr(error, "status", None) or getattr(response, "status_code", None)
    said = getattr(response, "text", "")
    message = f"{type(error).__name__}: {error} {said if isinstance(said, str) else ''}".strip()[:500]
    return failed(error_kind(status, message) if isinstance(status, int) else "adapter_failed", message)


def _shown(value: Any, key: str = "") -> Any:
    """Return arguments as they may be stored: what may be a secret by its name is left out."""
    if _SECRET.search(key) and isinstance(value, str):
        return "…"
    if isinstance(value, Mapping):
        return {name: _shown(each, key if _SECRET.search(key) else str(name)) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(each, key) for each in value]
    return without_secrets(value) if isinstance(value, str) and "://" in value else value
