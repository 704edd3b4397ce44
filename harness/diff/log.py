"""Logged requests: one JSON object a line, as people log what they send to chat completions.

A line is the body of a request, `{"messages": […], "max_tokens": 256, …}`, or holds it: `{"request": {…}, …}`. What a
line has besides the fields of the interface are columns. What cannot be asked again is left out, with its reason; so
are lines that are no request, since logs are cut and mixed, and a request that the log has twice under one id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import jsonlines

from harness.errors import ConfigError
from harness.records import Axis, Message

Role = Literal["system", "user", "assistant"]
ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
BODIES = ("request", "body", "input")
"""Where a line may hold the body of a request: a logger's own record, a batch file, an exported trace."""

SAMPLING = (
    "temperature", "top_p", "top_k", "min_p", "seed", "stop", "presence_penalty", "frequency_penalty", "logit_bias",
    "response_format", "chat_template_kwargs", "reasoning_effort",
)  # fmt: skip
"""Fields of a request that are sent as they were logged."""

BUDGETS = ("max_tokens", "max_completion_tokens")
UNSUPPORTED = ("tools", "functions", "modalities", "audio")
"""Fields that change what an answer is; a request that has one is left out."""

IGNORED = frozenset(
    "model messages stream stream_options user n store metadata logprobs top_logprobs service_tier tool_choice "
    "parallel_tool_calls function_call safety_identifier prompt_cache_key prediction verbosity extra_body "
    "headers http_headers url method response choices usage error object".split()
)
"""Fields of the interface, or of a logger, that are neither sent nor columns."""

RESERVED = frozenset({"id", "custom_id", "context", *BODIES, *SAMPLING, *BUDGETS, *UNSUPPORTED, *IGNORED})
SECRET_NAME = re.compile(
    r"auth|secret|passw|credential|cookie|session|token$|api.?key|private.?key|bearer", re.IGNORECASE
)
LONGEST_VALUE = 80
"""Characters of a column's value; a longer one is text, not a class of requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One request.

    Attributes:
        id: the line's own `id` or `custom_id`, else its number.
        line: its number in the file.
        messages: what was sent.
        max_tokens: its token budget; None where it has none.
        sampling: its fields among `SAMPLING`.
        columns: what else the line says, scalars only.
        context: the line's column `context`; empty where it has none.
    """

    id: str
    line: int
    messages: tuple[Message, ...]
    max_tokens: int | None
    sampling: Mapping[str, Any]
    columns: Mapping[str, Axis]
    context: str = ""

    @property
    def schema(self) -> Mapping[str, Any] | None:
        """The JSON Schema of its `response_format`; None where it asks for none."""
        wanted = self.sampling.get("response_format")
        inner = wanted.get("json_schema") if isinstance(wanted, Mapping) else None
        schema = inner.get("schema") if isinstance(inner, Mapping) else None
        return schema if isinstance(schema, Mapping) else None

    @property
    def wants_json(self) -> bool:
        """Whether its `response_format` asks for JSON."""
        wanted = self.sampling.get("response_format")
        return isinstance(wanted, Mapping) and wanted.get("type") in ("json_object", "json_schema")


@dataclass(frozen=True, slots=True)
class Log:
    """The requests of a file.

    Attributes:
        text: the whole file: what its hashes are made of.
        left_out: how many lines cannot be asked again, by reason, with the number of the first.
    """

    requests: tuple[Logged, ...]
    text: str = field(repr=False)
    left_out: Mapping[str, tuple[int, int]] = field(default_factory=dict)


class _Unsupported(Exception):
    """Why a request cannot be asked again."""


def read_log(file: Path) -> Log:
    """Read logged requests.

    Raises:
        ConfigError: the file cannot be read, two requests share an id, or nothing is left to ask.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("no such file", where=str(file)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(file)) from None
    requests: dict[str, Logged] = {}
    left_out: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            if line.strip():
                _add(requests, _logged(_object(line), number), file)
        except _Unsupported as reason:
            count, first = left_out.get(str(reason), (0, number))
            left_out[str(reason)] = (count + 1, first)
    if not requests:
        reasons = "; ".join(f"{count} {reason}" for reason, (count, _) in left_out.items())
        raise ConfigError(
            "no request can be asked",
            where=str(file),
            found=reasons or "an empty file",
            fix='one request a line, such as {"messages": [{"role": "user", "content": "…"}]}, or with it in "request"',
        )
    return Log(tuple(requests.values()), text, left_out)


def _object(line: str) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = jsonlines.Reader([line]).read(type=dict)
    except jsonlines.InvalidLineError:  # its message holds the line, and with it what must not be shown
        raise _Unsupported("that are no JSON object") from None
    return found


def _add(requests: dict[str, Logged], new: Logged, file: Path) -> None:
    known = requests.setdefault(new.id, new)
    if known is new:
        return
    if replace(new, line=known.line) == known:
        raise _Unsupported("that the log has already, under the same id")
    raise ConfigError(
        f"two requests have the same id, on lines {known.line} and {new.line}",
        where=str(file),
        fix="give each an id of its own, or leave ids out",
    )


def _logged(line: Mapping[str, Any], number: int) -> Logged:
    body = next((line[key] for key in BODIES if isinstance(line.get(key), Mapping)), line)
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        raise _Unsupported("without messages")
    for name in UNSUPPORTED:
        if body.get(name):
            raise _Unsupported(f"with {name}, which diff cannot send")
    budget = next((body[key] for key in BUDGETS if isinstance(body.get(key), int)), None)
    outer = {**(line if body is not line else {}), **_metadata(body), **_metadata(line)}
    columns = outer if body is not line else {**line, **outer}
    return Logged(
        id=_text(line.get("id") or line.get("custom_id") or f"line-{number:06}"),
        line=number,
        messages=_messages(body["messages"]),
        max_tokens=budget if budget is None or budget > 0 else None,
        sampling={key: body[key] for key in SAMPLING if body.get(key) is not None},
        columns={key: value for key, value in columns.items() if _is_column(key, value)},
        context=_text(line.get("context") or ""),
    )


def _metadata(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found = body.get("metadata")
    return found if isinstance(found, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _is_column(key: Any, value: Any) -> bool:
    if not isinstance(key, str) or key in RESERVED or SECRET_NAME.search(key):
        return False
    return isinstance(value, int | float | bool) or (isinstance(value, str) and len(value) <= LONGEST_VALUE)


def _messages(turns: Sequence[Any]) -> tuple[Message, ...]:
    found = [_message(turn) for turn in turns]
    while found and found[-1].role == "assistant":
        found.pop()  # the logged answer: what was replied is not part of what is asked
    if not found:
        raise _Unsupported("without a turn of the user")
    return tuple(found)


def _message(turn: Any) -> Message:
    role = turn.get("role") if isinstance(turn, Mapping) else None
    if not isinstance(role, str) or role not in ROLES:
        known = role if isinstance(role, str) and role in ("tool", "function") else "unknown"
        raise _Unsupported(f"with a turn of the role {known}, which diff cannot send")
    if turn.get("tool_calls") or turn.get("function_call"):
        raise _Unsupported("with calls of tools, which diff cannot send")
    content = turn.get("content")
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, Mapping) else None for part in content]
        if not all(isinstance(part, str) for part in parts):
            raise _Unsupported("with parts that are no text, which diff cannot send")
        content = "".join(map(str, parts))
    if not isinstance(content, str):
        raise _Unsupported("with a turn without text")
    return Message(ROLES[role], content)
