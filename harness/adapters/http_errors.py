"""What an HTTP error of a model's server means, whichever server sent it: our kind of error, and how long to wait.

Servers agree on the status and on little else, so the message decides where one status means several things: a 400 is
a prompt that is too long, a filter, or a field that the server does not take. The patterns are the words of OpenAI,
Azure, vLLM, SGLang, llama.cpp, Ollama, TGI, Anthropic, Gemini, Mistral, Groq, DeepSeek and Fireworks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from harness.records import ErrorKind, Reply, ReplyError

STATUS_KINDS: Mapping[int, ErrorKind] = {
    401: "auth",
    402: "auth",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "server_error",
    413: "context_overflow",
    429: "rate_limit",
}

_OVERFLOW = re.compile(
    r"context[ _]?(length|window|size|limit)|maximum context|too many tokens|prompt (is )?too long|input is too long"
    r"|exceed_context_size|reduce the length|input length|longer than the maximum model length"
    r"|maximum number of tokens allowed|`inputs` tokens \+ `max_new_tokens`|max_tokens must be at least 1, got -",
    re.IGNORECASE,
)
_FILTERED = re.compile(r"content[ _](filter|policy|management)|responsible ?ai", re.IGNORECASE)
_UNPAID = re.compile(r"insufficient[_ ](quota|balance|credits?|funds)|credit balance is too low", re.IGNORECASE)
_OVER_QUOTA = re.compile(r"request too large", re.IGNORECASE)
_REFUSED = re.compile(
    r"unsupported|not support|not permitted|not allowed|unknown|unrecogni[sz]ed|unexpected|extra_forbidden"
    r"|deprecated|cannot both|may only be|only the default",
    re.IGNORECASE,
)
_BUDGET_SPENT = re.compile(r"max_tokens or model output limit was reached", re.IGNORECASE)
_WAIT = re.compile(
    r"(?:try again in|retry[ _]?(?:delay|after))['\": ]*(?:(\d+)m(?!s))? ?(?:(\d+(?:\.\d+)?) ?(ms|s))?", re.I
)


class StatusError(Protocol):
    """What the clients of OpenAI and of Anthropic both raise when the server answers with an error."""

    status_code: int
    body: object
    response: Any


def status_error(error: StatusError) -> ReplyError:
    """Type an error that a server answered with."""
    status, message = error.status_code, _said(error.status_code, error.body)
    wait = retry_after(error.response.headers, message)
    return ReplyError(kind=error_kind(status, message), message=message, status=status, retry_after_s=wait)


def _said(status: int, body: object) -> str:
    """Return a server's words with its code and type, which the clients leave out of their messages.

    A proxy (OpenRouter) has the words of the server behind it in `metadata.raw`. Any other body is shown as it is.
    """
    inner = body.get("error", body) if isinstance(body, Mapping) else body
    if not isinstance(inner, Mapping) or not isinstance(inner.get("message"), str):
        return f"HTTP {status}: {inner or 'no body'}"[:500]
    behind = inner["metadata"].get("raw") if isinstance(inner.get("metadata"), Mapping) else None
    named = [str(inner[key]) for key in ("code", "type", "param") if inner.get(key) not in (None, "", status)]
    named += [str(behind)] if behind else []
    return (f"HTTP {status}: {inner['message']}"[:400] + (f" ({', '.join(named)})" if named else ""))[:500]


def error_kind(status: int, message: str) -> ErrorKind:
    """Return our kind of an error.

    A request that is larger than the quota of a minute never fits, and an account without money has none after a wait
    either: neither is a rate limit, although both come as 429.
    """
    if _UNPAID.search(message):
        return "auth"
    if status in (413, 429) and _OVER_QUOTA.search(message):
        return "bad_request"
    kind = STATUS_KINDS.get(status, "server_error" if status >= 500 else "bad_request")
    if kind in ("bad_request", "server_error") and _OVERFLOW.search(message):
        return "context_overflow"
    if kind == "bad_request" and _FILTERED.search(message):
        return "content_filter"
    return kind


def failed(kind: ErrorKind, message: str) -> Reply:
    """Return a reply that is this error."""
    return Reply(error=ReplyError(kind=kind, message=message), finish_reason="error")


def refused_field(message: str, sent: Iterable[str]) -> str | None:
    """Return which of the fields that were sent a server says it does not take: the one it names first, or None."""
    if not _REFUSED.search(message):
        return None
    named = {found.start(): name for name in sent if (found := re.search(rf"\b{re.escape(name)}\b", message))}
    return named[min(named)] if named else None


def spent_its_budget(message: str) -> bool:
    """Tell OpenAI's 400 for a reply that was cut in its reasoning: a reply of length zero, not a failed call."""
    return _BUDGET_SPENT.search(message) is not None


def retry_after(headers: Mapping[str, str], message: str = "") -> float | None:
    """Read `retry-after-ms`, `Retry-After` as seconds or as a date, or the wait that the message names; seconds."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        text = headers.get(name, "")
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text) * unit
        if text:
            try:
                return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
            except (TypeError, ValueError):
                continue
    found = _WAIT.search(message)
    if found and (found[1] or found[2]):
        unit = 0.001 if found[3] == "ms" else 1.0
        return 60.0 * int(found[1] or 0) + unit * float(found[2] or 0)
    return None


def without_secrets(url: str) -> str:
    """Hide a password or a query in an address that will be shown or stored."""
    return re.sub(r"//[^/]*@", "//…@", url).split("?", maxsplit=1)[0]
