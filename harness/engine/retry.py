"""Sends a request until it is answered, or until its error is one that waiting does not mend."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from harness.records import RETRIED, Reply

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
LONGEST_RETRY_AFTER_S = 600.0


class Patience:
    """Retries with growing waits, shared by all requests to one model.

    When a server asks for a pause (`Retry-After`, or a plain 429), every request waits, not only the one it told, and
    from then on half as many go out side by side; each answer earns a part of that back (additive increase,
    multiplicative decrease: Chiu and Jain 1989).

    Args:
        attempts: how often a request is sent at most.
        most: how many may be under way at the same time.
        sleep: replaced in tests.
    """

    def __init__(self, attempts: int, most: int = 1, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self.attempts = attempts
        self.limit = float(most)
        self._most = most
        self._under_way = 0
        self._changed = asyncio.Condition()
        self._sleep = sleep
        self._pauses = 0
        self._open = asyncio.Event()
        self._open.set()

    async def send(self, call: Callable[[], Awaitable[Reply]]) -> Reply:
        """Return the first answer, or the last error. `attempts` of the reply says how often it was sent."""
        attempt = 0
        while True:
            attempt += 1
            reply = await self._in_turn(call)
            error = reply.error
            if error is None or error.kind not in RETRIED or attempt >= self.attempts:
                return replace(reply, attempts=attempt)
            if error.retry_after_s is not None and error.retry_after_s > LONGEST_RETRY_AFTER_S:
                return replace(reply, attempts=attempt)
            wait = max(min(FIRST_WAIT_S * 2 ** (attempt - 1), LONGEST_WAIT_S), error.retry_after_s or 0.0)
            if error.kind == "rate_limit" or error.retry_after_s is not None:
                await self._pause_all(wait)
            else:
                await self._sleep(wait)

    async def _in_turn(self, call: Callable[[], Awaitable[Reply]]) -> Reply:
        """Call when there is no pause and fewer are under way than the limit allows; learn from what comes back."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._open.is_set() and self._under_way < max(1, int(self.limit)))
            self._under_way += 1
        reply = None
        try:
            reply = await call()
            return reply
        finally:
            async with self._changed:
                self._under_way -= 1
                if reply is not None and reply.error is None:
                    self.limit = min(self._most, self.limit + 1 / self.limit)
                elif reply is not None and reply.error and reply.error.kind == "rate_limit":
                    self.limit = max(1.0, self.limit / 2)
                self._changed.notify_all()

    async def _pause_all(self, wait: float) -> None:
        self._pauses += 1
        self._open.clear()
        try:
            await self._sleep(wait)
        finally:
            self._pauses -= 1
            if self._pauses == 0:
                self._open.set()
                async with self._changed:
                    self._changed.notify_all()
