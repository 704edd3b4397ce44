"""Did the prompt arrive whole? Some servers cut a long prompt without a word and answer what is left."""

from __future__ import annotations

from dataclasses import replace

from harness.records import Reply, ReplyError

EXACT_SHARE = 0.97
"""With the served tokenizer's own count, templates and special tokens may differ by a few tokens, not by a share."""

ESTIMATED_SHARE = 0.6
"""The reference counter is an estimate; a server that cuts at its window loses far more than this leaves room for."""


def check_arrival(reply: Reply, expected: int, *, exact: bool) -> Reply:
    """Turn a reply to a cut prompt into an error: fewer prompt tokens than were sent is not an answer to it.

    Args:
        reply: as the model gave it; without usage nothing can be said and it passes.
        expected: tokens that the model should have seen.
        exact: whether `expected` comes from the model's own tokenizer.
    """
    seen = reply.usage.prompt_tokens
    share = EXACT_SHARE if exact else ESTIMATED_SHARE
    if reply.error is not None or not seen or seen >= share * expected:
        return reply
    message = f"the server saw {seen} prompt tokens of {'' if exact else 'about '}{expected}: it cut the prompt"
    return replace(
        reply, text="", reasoning="", finish_reason="error", error=ReplyError(kind="context_overflow", message=message)
    )
