"""Finds out how a model's server speaks, with a handful of small calls: what the sweep must say, what it may rely on.

A server that refuses a field says which one; the call is then made again without it, and the change goes into the
findings as a line of TOML. Nothing is taken from a server's name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from harness.adapters.http_errors import refused_field
from harness.contracts import Counter, Model, Request
from harness.engine.findings import Arrival, Arrived, Findings
from harness.engine.integrity import ESTIMATED_SHARE, EXACT_SHARE
from harness.engine.probe import FIRST, SHORT, TIGHT, ProbeTask, expected_tokens, long_list, probe_sample
from harness.errors import HarnessError
from harness.reading.reasoning import split_reasoning
from harness.records import Reply, ReplyError
from harness.registry import model_class
from harness.sizes import format_size
from harness.sweep import ModelTable, settings_of

MOST_CHANGES = 5
CACHE_SHARE = 0.9
"""A repeated prompt whose count falls below this share of the first one's was counted without its cached part."""
CALIBRATED_SHARE = 0.9
"""A long prompt whose count falls below this share of what the short one leads to expect was cut."""
OTHER_FIELD = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
OTHER_ROLE = {"system": "developer", "developer": "system"}

_ROLE = re.compile(r"\brole\b|system (message|prompt|instruction)", re.IGNORECASE)


async def check_model(table: ModelTable, length: int, counter: Counter) -> Findings:
    """Ask a model of a sweep what its server takes and gives back.

    Args:
        table: the model's table.
        length: tokens of the longest prompt that must arrive whole.
        counter: what the sweep's lengths are counted with.

    Raises:
        HarnessError: the server cannot be reached, refuses the key, or does not have the model.
    """
    async with _Asker(table) as asker:
        await asker.check(length, counter)
    return asker.found


class _Asker:
    """Asks, and changes settings and sampling where the server refuses them."""

    def __init__(self, table: ModelTable) -> None:
        self.table = table
        self._settings: BaseModel = settings_of(table)
        self._sampling = dict(table.sampling)
        self._class = model_class(table.adapter)
        self._open = AsyncExitStack()
        self._model: Model = self._class(self._settings)
        self.found = Findings(model=table.name, adapter=table.adapter, kind=self._class.kind)

    async def __aenter__(self) -> _Asker:
        self._model = await self._open.enter_async_context(self._class(self._settings))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._open.aclose()

    async def check(self, length: int, counter: Counter) -> None:
        """Fill `found`, call by call; stop at the first that fails for good."""
        self.found.identity = await self._model.identity()
        self.found.window = self._model.context_limit
        sample = probe_sample(SHORT, counter)
        request = Request(messages=ProbeTask().prompt(sample), answer_budget=sample.answer_budget, sample=sample,
                          reasoning_budget=self.table.reasoning_budget, task=ProbeTask())  # fmt: skip
        first = await self._arrive(request, SHORT)
        if first.error or self._class.kind != "model":
            return
        self.found.key = getattr(self._settings, "api_key_env", None) or ""
        again = await self._send(request)
        self._compare(first, again)
        if self.found.error:
            return
        listed = await self._list(long_list(sample, 0))
        replies = [first, again, listed]
        if length > SHORT and self._fits(length):
            longer = probe_sample(length, counter)
            replies.append(
                await self._arrive(replace(request, messages=ProbeTask().prompt(longer), sample=longer), length)
            )
        self._read_usage(replies)
        self._read_reasoning(replies)

    async def _send(self, request: Request) -> Reply:
        """Send until the server takes the request, leaving out or renaming what it refuses."""
        reply = Reply()
        for _ in range(MOST_CHANGES):
            self.found.calls += 1
            try:
                reply = await self._model.generate(replace(request, sampling=self._sampling))
            except HarnessError:
                raise
            except Exception as error:
                message = f"{type(error).__name__}: {error}"
                return Reply(error=ReplyError(kind="adapter_failed", message=message), finish_reason="error")
            if not await self._changed(reply.error):
                break
        return reply

    async def _changed(self, error: ReplyError | None) -> bool:
        """Change what an error says is refused; False if it says nothing of the kind."""
        if error is None or error.kind != "bad_request":
            return False
        if getattr(self._settings, "system", "") and _ROLE.search(error.message):
            return await self._swap_role()
        budget = getattr(self._settings, "max_tokens_field", None)
        body = getattr(self._settings, "extra_body", {})
        refused = refused_field(error.message, [*([budget] if budget else []), *self._sampling, *body])
        if refused is None:
            return False
        if refused == budget:
            return await self._rename_budget(budget)
        self.found.notes.append(f"the server refuses {refused}: {error.message[:160]}")
        if refused in body:
            kept = {key: value for key, value in body.items() if key != refused}
            await self._reopen(extra_body=kept)
            self._fix("extra_body", _toml(kept))
        else:
            del self._sampling[refused]
            self._fix("sampling", _toml(self._sampling))
        return True

    def _fix(self, key: str, value: str) -> None:
        """Note what a key must be; a later word on the same key replaces an earlier one."""
        self.found.fixes = [line for line in self.found.fixes if not line.startswith(f"{key} =")]
        self.found.fixes.append(f"{key} = {value}")

    def _fixed(self, key: str) -> bool:
        return any(line.startswith(f"{key} =") for line in self.found.fixes)

    async def _rename_budget(self, refused: str) -> bool:
        other = OTHER_FIELD.get(refused)
        if other is None or self._fixed("max_tokens_field"):
            return False
        await self._reopen(max_tokens_field=other)
        self._fix("max_tokens_field", _toml(other))
        return True

    async def _swap_role(self) -> bool:
        role = getattr(self._settings, "system_role", None)
        if role is None or self._fixed("system_role"):
            return False
        await self._reopen(system_role=OTHER_ROLE[role])
        self._fix("system_role", _toml(OTHER_ROLE[role]))
        return True

    async def _reopen(self, **changes: Any) -> None:
        self._settings = self._settings.model_copy(update=changes)
        await self._open.aclose()
        self._model = await self._open.enter_async_context(self._class(self._settings))

    async def _arrive(self, request: Request, length: int) -> Reply:
        """Send a text with names at its ends and note whether it arrived."""
        sent, exact = await expected_tokens(self._model, request.messages, request.sample)
        reply = await self._send(request)
        seen, error = reply.usage.prompt_tokens, reply.error
        expected, share = self._expected(sent, exact)
        arrived: Arrived = "whole" if seen or FIRST.casefold() in reply.text.casefold() else "unknown"
        if error and error.kind == "context_overflow":
            arrived = "refused"
            self._advise_window(length, error.message)
        elif error:
            self.found.error = f"{error.kind}: {error.message}"
            return reply
        elif seen and seen < share * expected:
            arrived = "cut"
            self._advise_window(length, f"the server saw {seen} prompt tokens of about {expected}: it cut the prompt")
        shown = " ".join(split_reasoning(reply).visible.split())[:80]
        self.found.arrivals.append(Arrival(length, sent, exact, seen, arrived, reply.latency_s, shown))
        return reply

    def _expected(self, sent: int, exact: bool) -> tuple[int, float]:
        """Return the tokens that should arrive, and the share of them that must.

        An estimate is put right by the short prompt, whose count tells how far the tokenizer is from it.
        """
        short = self.found.arrivals[0] if self.found.arrivals else None
        if exact or short is None or not short.seen:
            return sent, EXACT_SHARE if exact else ESTIMATED_SHARE
        return round(sent * short.seen / short.sent), CALIBRATED_SHARE

    def _fits(self, length: int) -> bool:
        needed = length + self.table.reasoning_budget
        if self.found.window is None or needed <= self.found.window:
            return True
        self.found.error = f"{needed} tokens ({format_size(length)} and reasoning) exceed the window"
        return False

    def _advise_window(self, length: int, message: str) -> None:
        needed = length + self.table.reasoning_budget
        self.found.notes.append(
            f"at {format_size(length)}: {message}. Serve the model with a window of {needed} tokens or more, or leave "
            "the length out. Ollama cuts at its num_ctx and says nothing, and no request to /v1 can raise it: start it "
            f"with OLLAMA_CONTEXT_LENGTH={needed}, or set PARAMETER num_ctx {needed} in a Modelfile"
        )

    def _compare(self, first: Reply, again: Reply) -> None:
        if again.error:
            self.found.error = f"the same request again: {again.error.kind}: {again.error.message}"
            return
        self.found.same_text = (first.text, first.reasoning) == (again.text, again.reasoning)
        stated = self._sampling.get("temperature")
        self.found.temperature = float(stated) if isinstance(stated, int | float) else None
        before, after = first.usage.prompt_tokens, again.usage.prompt_tokens
        if before and after and after < CACHE_SHARE * before:
            self.found.notes.append(
                f"the same prompt counted {before} tokens and then {after}: the server leaves out what its cache held, "
                "so whole prompts will look cut. Update the server, or switch its prompt cache off"
            )

    async def _list(self, request: Request) -> Reply:
        """Ask for more than the budget holds, under a system prompt; try the other role and field where one fails."""
        reply = await self._send(request)
        role = getattr(self._settings, "system_role", None)
        if reply.error and role and reply.error.kind in ("bad_request", "server_error"):
            refusal, role = reply.error, OTHER_ROLE[role]
            await self._reopen(system_role=role)
            reply = await self._send(request)
            if not reply.error:
                self.found.notes.append(f'a system prompt is taken with system_role = "{role}" only')
            else:
                self.found.notes.append(f"a system prompt is not taken: {refusal.message[:160]}")
        self.found.system_role = (role or "system") if not reply.error else ""
        self.found.budget_kept = _kept(reply)
        field_now = getattr(self._settings, "max_tokens_field", None)
        if self.found.budget_kept is False and field_now in OTHER_FIELD:
            await self._reopen(max_tokens_field=OTHER_FIELD[field_now])
            other = await self._send(request)
            if _kept(other):
                self.found.budget_kept, field_now = True, OTHER_FIELD[field_now]
                self._fix("max_tokens_field", _toml(field_now))
        self.found.max_tokens_field = self.found.identity.get("max_tokens_field") or field_now
        return reply

    def _read_usage(self, replies: list[Reply]) -> None:
        for name in ("prompt", "completion", "cached", "reasoning"):
            counts = [getattr(reply.usage, f"{name}_tokens") for reply in replies if not reply.error]
            self.found.usage[name] = any(count is not None for count in counts)

    def _read_reasoning(self, replies: list[Reply]) -> None:
        good = [reply for reply in replies if not reply.error]
        if any(reply.reasoning for reply in good):
            self.found.reasoning = "in a field of its own"
        elif any(split_reasoning(reply).reasoning for reply in good):
            self.found.reasoning = "in the text, between marks"
        elif any(reply.usage.reasoning_tokens for reply in good):
            self.found.reasoning = "not shown, only counted"
        else:
            return
        if not self.table.reasoning_budget:
            self.found.notes.append(
                "the model reasons, and reasoning takes its tokens from the answer: give it a reasoning_budget, or "
                "switch reasoning off (vLLM, SGLang: extra_body.chat_template_kwargs.enable_thinking = false)"
            )


def _kept(reply: Reply) -> bool | None:
    """Tell whether a reply that was too long for its budget ended there; None if it ended by itself before."""
    used = reply.usage.completion_tokens
    if reply.error or (used is None and reply.finish_reason != "length"):
        return None
    if used is not None and used > 2 * TIGHT:
        return False
    return True if reply.finish_reason == "length" else None


def _toml(value: Any) -> str:
    """Write a value as TOML, a table within its line."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key} = {_toml(each)}" for key, each in value.items())
        return "{ " + inner + " }" if inner else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return json.dumps(value)
