"""Which logged requests are not independent: turns of one conversation, questions on one text, repeated requests.

A line of the log may say so itself, in its column `context`. Else requests share a context if they share what opens
them: a long system turn, or the first turn of the user, which all later turns of a conversation repeat. What opens a
great share of the log is neither a text nor a conversation but a template, such as the product's system prompt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.diff.log import Logged
from harness.records import Message

LONG_CHARS = 200
"""A shorter system turn is an instruction, however few requests have it; a shorter first turn may be a greeting."""

TEMPLATE_REQUESTS = 10
TEMPLATE_SHARE, TEXT_SHARE = 0.1, 0.5
"""What opens more than 10 requests and more than a tenth of the log is a template; a long first turn of the user, which
is where texts stand, only if it opens more than half of the log."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """What requests have in common.

    Attributes:
        keys: by id, what is equal in requests of one context.
        templated: requests with an opening that is a template.
    """

    keys: Mapping[str, str]
    templated: int


def contexts_of(requests: Sequence[Logged]) -> Contexts:
    """Return the context of each request."""
    openings = {each.id: _openings(each.messages) for each in requests if not each.context}
    counts = Counter(opening for found in openings.values() for opening in found)
    templates = {
        opening for opening, count in counts.items() if count > max(TEMPLATE_REQUESTS, _share(opening) * len(requests))
    }
    keys = {}
    for each in requests:
        own = [opening for opening in openings.get(each.id, ()) if opening not in templates]
        keys[each.id] = f"context\0{each.context}" if each.context else own[0] if own else _whole(each.messages)
    templated = sum(not templates.isdisjoint(found) for found in openings.values())
    return Contexts(keys, templated)


def _share(opening: str) -> float:
    return TEXT_SHARE if opening.startswith("user") and len(opening) >= LONG_CHARS else TEMPLATE_SHARE


def _openings(messages: Sequence[Message]) -> tuple[str, ...]:
    """Return what a request may share with others of its context: its system turns, its first turn of the user."""
    first = next((at for at, message in enumerate(messages) if message.role == "user"), len(messages))
    system = "\0".join(message.content for message in messages[:first])
    users = (f"user\0{messages[first].content}",) if first < len(messages) else ()
    return (f"system\0{system}", *users) if len(system) >= LONG_CHARS else users


def _whole(messages: Sequence[Message]) -> str:
    return "\0".join(f"{message.role}\0{message.content}" for message in messages)
