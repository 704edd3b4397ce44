"""What the adapters of HTTP servers share: a call with its failures typed, and the first look at a server.

The clients of OpenAI and of Anthropic are made by one generator, so their errors have the same names; `errors` is the
client's package.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Awaitable, Callable, Iterable
from time import perf_counter
from typing import Any

from harness.adapters.http_errors import failed, status_error, without_secrets
from harness.errors import ConfigError, ServerError, UnknownName, UsageError
from harness.records import Reply


async def timed_call(call: Awaitable[object], errors: Any, timeout_s: float) -> tuple[object, float] | Reply:
    """Return the decoded body and the seconds it took, or a reply with a typed error."""
    started = perf_counter()
    try:
        return await call, perf_counter() - started
    except errors.APITimeoutError:
        return failed("timeout", f"no answer within {timeout_s:g} s")
    except errors.APIStatusError as error:
        return Reply(error=status_error(error), finish_reason="error")
    except errors.APIConnectionError as error:
        return failed("connection", f"{error} {error.__cause__ or ''}".strip())
    except (errors.APIError, ValueError) as error:
        return failed("bad_reply", f"{type(error).__name__}: {error}"[:300])


async def first_look(get: Callable[[str], Awaitable[object]], path: str, errors: Any, where: tuple[str, str]) -> object:
    """Get a page that proves address and key, and fail early on what no retry can mend.

    Args:
        get: the client's GET.
        path: the page.
        errors: the client's package.
        where: the address without secrets, and what names the key in messages.

    Returns:
        The decoded page, or None where the server has no such page.

    Raises:
        ServerError: the server cannot be reached.
        UsageError: it refuses the key.
    """
    address, variable = where
    try:
        return await get(path)
    except errors.APITimeoutError:
        raise ServerError("the server does not answer", where=address) from None
    except errors.APIConnectionError as error:
        raise ServerError(
            "the server cannot be reached",
            where=address,
            found=str(error.__cause__ or error),
            fix="start it, or mend base_url",
        ) from None
    except (errors.AuthenticationError, errors.PermissionDeniedError) as error:
        raise UsageError(
            f"the server refuses the key (HTTP {error.status_code})",
            where=address,
            found=f"the key in {variable}",
            fix="set api_key_env to the variable that holds a valid key",
        ) from None
    except (errors.APIError, ValueError):
        return None


def find_served(listed: object, spellings: Iterable[str], address: str) -> dict[str, Any]:
    """Return a model's entry in a list of models; an empty one where the server gives no list.

    Args:
        listed: the decoded page with the list.
        spellings: what the list may call the model; the first is its name in the sweep.
        address: for messages.

    Raises:
        UnknownName: there is a list, and the model is not in it.
    """
    known = list(spellings)
    entries = listed.get("data") if isinstance(listed, dict) else None
    models = [entry for entry in entries or [] if isinstance(entry, dict) and isinstance(entry.get("id"), str)]
    for entry in models:
        aliases = entry.get("aliases")
        names = [entry["id"], *(aliases if isinstance(aliases, list) else [])]
        if any(name in names for name in known):
            return entry
    if not models:
        return {}
    near = difflib.get_close_matches(known[0], [entry["id"] for entry in models], n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise UnknownName(
        f"the server has no model {known[0]!r}{hint}",
        where=address,
        allowed=", ".join(entry["id"] for entry in models[:20]),
        fix="mend the model's name",
    )


def checked_address(url: str, example: str) -> str:
    """Return an address without a slash at its end.

    Raises:
        ConfigError: it is none.
    """
    if not url.startswith(("http://", "https://")) or not url.partition("://")[2].strip("/"):
        raise ConfigError("not an address", where="base_url", found=without_secrets(url), fix=example)
    return url.rstrip("/")


def from_environment(variable: str, key: str) -> str:
    """Return what a variable holds.

    Raises:
        ConfigError: it is not set; `key` is where the sweep names it.
    """
    if not os.environ.get(variable):
        raise ConfigError(
            f"the environment variable {variable} is not set",
            where=key,
            fix=f"export {variable}=…, or leave {key} out for a server without a key",
        )
    return os.environ[variable]
