"""Backends of lm-evaluation-harness: a hand-written one behind its interface, and the real `dummy` where it is there."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import pytest
from test_adapters_openai import request

from harness.adapters.lm_eval import LmEvalModel, LmEvalSettings
from harness.errors import ConfigError, HarnessError, ServerError, UnknownName
from harness.records import Message, Usage
from harness.registry import model_class


@dataclass
class Instance:
    """As in lm_eval.api.instance, as far as a backend looks."""

    request_type: str
    doc: dict[str, Any]
    arguments: tuple[Any, ...]
    idx: int

    @property
    def args(self) -> tuple[Any, ...]:
        return self.arguments


class Backend:
    """A backend with a template and a tokenizer, of words."""

    max_length = 2000
    answer: Callable[[str], Any] = staticmethod(lambda text: "ANSWER: 7")
    calls: list[tuple[str, dict[str, Any], str]]

    def __init__(self, **arguments: Any) -> None:
        self.arguments = arguments
        self.calls = []

    @classmethod
    def create_from_arg_obj(cls, arguments: dict[str, Any]) -> Backend:
        made = cls(**arguments)
        MADE.append(made)
        return made

    def apply_chat_template(self, chat: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
        return "".join(f"<{turn['role']}>{turn['content']}" for turn in chat) + "<assistant>"

    def tok_encode(self, text: str) -> list[int]:
        return [len(word) for word in text.split()]

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[Any]:
        assert disable_tqdm
        (context, arguments), name = requests[0].args, threading.current_thread().name
        self.calls.append((context, arguments, name))
        return [self.answer(context)]


class Remote(Backend):
    """As `local-chat-completions`: messages stay messages, the server tokenizes, no bar can be silenced."""

    def apply_chat_template(self, chat: list[dict[str, str]], add_generation_prompt: bool = True) -> Any:
        return tuple(turn["content"] for turn in chat)

    def tok_encode(self, text: str) -> Any:
        return [text]

    def generate_until(self, requests: list[Instance]) -> list[Any]:  # type: ignore[override]
        return [f"{len(requests[0].args[0])} turns"]


class Bare(Backend):
    """A backend without a template or a tokenizer."""

    def apply_chat_template(self, chat: list[dict[str, str]], add_generation_prompt: bool = True) -> str:
        raise NotImplementedError("no template")

    def tok_encode(self, text: str) -> list[int]:
        raise NotImplementedError


class Broken(Backend):
    """A backend whose weights are not there."""

    @classmethod
    def create_from_arg_obj(cls, arguments: dict[str, Any]) -> Backend:
        raise OSError("no such weights") if arguments else ImportError("No module named 'torch'")


MADE: list[Backend] = []
BACKENDS = {"words": Backend, "remote": Remote, "bare": Bare, "broken": Broken}


def get_model(name: str) -> type[Backend]:
    if name not in BACKENDS:
        raise ValueError(f"no model for this name found! Supported model names: {', '.join(BACKENDS)}")
    return BACKENDS[name]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a package of the same shape in lm-eval's place."""
    parts: dict[str, dict[str, Any]] = {
        "lm_eval": {"__version__": "0.0-stand-in"},
        "lm_eval.api": {},
        "lm_eval.api.registry": {"get_model": get_model},
        "lm_eval.api.instance": {"Instance": Instance},
    }
    for name, members in parts.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    MADE.clear()


def use(backend: str, body: Callable[[LmEvalModel], Any], **settings: Any) -> Any:
    async def run() -> Any:
        async with LmEvalModel(LmEvalSettings(backend=backend, **settings)) as model:
            return await body(model)

    return asyncio.run(run())


@pytest.mark.usefixtures("stand_in")
def test_a_backend_is_asked_through_its_template() -> None:
    asked = request(sampling={"temperature": 0, "seed": 5}, replicate=2, reasoning_budget=100)
    reply = use("words", lambda model: model.generate(asked), system="Be brief.", until=["\n\n"])
    ((context, arguments, _),) = MADE[0].calls
    assert context == f"<system>Be brief.<user>{asked.messages[0].content}<assistant>"
    assert arguments == {
        "until": ["\n\n"],
        "max_gen_toks": 132,
        "temperature": 0,
        "do_sample": False,
        "seed": 7,
    }
    assert (reply.text, reply.error, reply.served_model) == ("ANSWER: 7", None, "lm_eval:words")
    assert (reply.usage, reply.finish_reason) == (Usage(), "unknown")
    assert reply.latency_s is not None


@pytest.mark.usefixtures("stand_in")
def test_requests_go_one_at_a_time_in_one_thread_that_is_not_ours() -> None:
    async def many(model: LmEvalModel) -> None:
        await asyncio.gather(*(model.generate(request()) for _ in range(5)))

    busy = threading.Lock()

    def answer(_: str) -> str:
        assert busy.acquire(blocking=False)
        busy.release()
        return "x"

    Backend.answer = staticmethod(answer)
    try:
        use("words", many)
    finally:
        Backend.answer = staticmethod(lambda text: "ANSWER: 7")
    names = {name for _, _, name in MADE[0].calls}
    assert len(MADE[0].calls) == 5
    assert len(names) == 1
    assert threading.main_thread().name not in names


@pytest.mark.usefixtures("stand_in")
def test_tokens_are_counted_by_the_backend_and_a_prompt_that_it_would_cut_is_an_error() -> None:
    async def body(model: LmEvalModel) -> Any:
        counted = await model.count_tokens([Message("user", "one two three")])
        return counted, model.context_limit, await model.generate(request(reasoning_budget=1990))

    counted, limit, reply = use("words", body)
    assert (counted, limit) == (3, 2000)
    assert reply.error is not None
    assert reply.error.kind == "context_overflow"
    assert MADE[0].calls == []


@pytest.mark.usefixtures("stand_in")
def test_a_backend_that_leaves_tokens_to_a_server_has_no_window_of_its_own() -> None:
    async def body(model: LmEvalModel) -> Any:
        return await model.count_tokens(request().messages), model.context_limit, await model.generate(request())

    counted, limit, reply = use("remote", body)
    assert (counted, limit, reply.text) == (None, None, "1 turns")


@pytest.mark.usefixtures("stand_in")
def test_a_backend_without_a_template_is_refused_until_told_to_send_text() -> None:
    with pytest.raises(ConfigError, match="cannot apply a chat template") as error:
        use("bare", lambda model: model.generate(request()))
    assert "chat_template = false" in str(error.value)
    asked = request()
    reply = use("bare", lambda model: model.generate(asked), chat_template=False, system="S")
    assert reply.text == "ANSWER: 7"
    assert MADE[-1].calls[0][0] == f"S\n\n{asked.messages[0].content}"


class Limited(Exception):
    """As aiohttp raises."""

    status = 429


class Refused(Exception):
    """As requests raises: the server's words are in the response alone."""

    class response:  # noqa: N801
        status_code = 400
        text = "This model's maximum context length is 4096 tokens"


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (RuntimeError("CUDA out of memory"), "adapter_failed"),
        (Limited("slow down"), "rate_limit"),
        (Refused("400 Client Error"), "context_overflow"),
        (None, "bad_reply"),
    ],
)
def test_what_a_backend_raises_is_a_typed_error(
    answer: Exception | None, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        if answer:
            raise answer

    monkeypatch.setattr(Backend, "answer", staticmethod(fail))
    reply = use("words", lambda model: model.generate(request()))
    assert reply.error is not None
    assert reply.error.kind == kind


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(
    ("backend", "arguments", "error", "what"),
    [
        ("wrods", {}, UnknownName, "no backend 'wrods'"),
        ("broken", {}, ConfigError, "lacks a package"),
        ("broken", {"pretrained": "x"}, ServerError, "did not start"),
    ],
)
def test_a_backend_that_cannot_be_made(
    backend: str, arguments: dict[str, Any], error: type[HarnessError], what: str
) -> None:
    with pytest.raises(error, match=what):
        use(backend, lambda model: model.generate(request()), model_args=arguments)


@pytest.mark.usefixtures("stand_in")
def test_the_identity_names_backend_arguments_and_version_and_no_secret() -> None:
    arguments = {
        "pretrained": "org/m",
        "dtype": "bfloat16",
        "max_length": 4096,
        "base_url": "http://user:hunter2@host/v1?k=1",
        "auth_token": "hunter2",
        "header": {"X-Any": "hunter2"},
    }
    found = use("words", lambda model: model.identity(), model_args=arguments)
    assert "hunter2" not in str(found)
    assert found == {
        "backend": "words",
        "model_args": {
            "pretrained": "org/m",
            "dtype": "bfloat16",
            "max_length": 4096,
            "base_url": "http://…@host/v1",
            "auth_token": "…",
            "header": {"X-Any": "…"},
        },
        "chat_template": True,
        "lm_eval": "0.0-stand-in",
    }


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lm_eval", None)
    with pytest.raises(ConfigError, match="needs the package lm-eval") as error:
        use("dummy", lambda model: model.generate(request()))
    assert "longcontext-harness[lm-eval]" in str(error.value)


def test_both_spellings_name_the_adapter() -> None:
    assert model_class("lm-eval") is model_class("lm_eval") is LmEvalModel


@pytest.mark.skipif(find_spec("lm_eval") is None, reason="lm-eval is an extra")
def test_the_real_dummy_backend_answers() -> None:
    async def body(model: LmEvalModel) -> Any:
        return await model.generate(request()), await model.identity(), model.context_limit

    reply, identity, limit = use("dummy", body, chat_template=False)
    assert (reply.text, reply.error, reply.usage, limit) == ("lol", None, Usage(), None)
    assert identity["lm_eval"].startswith("0.")
    with pytest.raises(ConfigError, match="cannot apply a chat template"):
        use("dummy", body, model_args={"tokenizer_name": "none"})
    with pytest.raises(UnknownName, match="no backend 'nothing-like-it'"):
        use("nothing-like-it", body)
