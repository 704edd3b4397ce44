"""From a row to the messages of its prompt.

The document of a row is the longest value of its prompt: it is what is cut where a row is too long, what a copied reply
is recognised by, and, unless the sweep says otherwise, what makes two rows samples of one context.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.records import Message

from .template import Place, Template, TemplateError, naming, parse_template, written

CUT = "\n[…]\n"
"""Stands where the middle of a document was left out."""

Role = Literal["system", "user", "assistant"]
_ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """The prompt of a row.

    Attributes:
        messages: what is sent.
        document: the longest value in it.
        head: what stands before the document, in all messages.
        tail: what stands behind it.
    """

    messages: tuple[Message, ...]
    document: str
    head: str
    tail: str


@dataclass(frozen=True)
class Prompting:
    """How prompts are made from rows.

    Attributes:
        prompt: of the user's turn; None where the turns are all in `messages`.
        system: of the system message; None for none.
        messages: the column with turns; empty for none.
        document: the place of the document; None where it is a turn, or the prompt has no places.
    """

    prompt: Template | None
    system: Template | None
    messages: str
    document: Place | None

    def render(self, row: Mapping[str, Any], cut: Callable[[str], str] = str) -> Rendered:
        """Render a row.

        Args:
            row: values by column.
            cut: shortens the document.

        Raises:
            TemplateError: the row lacks a value, or its turns are none.
        """
        with naming("prompt"):
            instead = {self.document: cut(written(self.document.value(row)))} if self.document else {}
        turns = self._turns(row)
        if self.prompt:
            with naming("prompt"):
                turns.append(Message("user", self.prompt.render(row, instead)))
        if not turns or turns[-1].role != "user":
            raise TemplateError(f"{self.messages}: the last turn is not the user's")
        if self.system:
            with naming("system"):
                turns.insert(0, Message("system", self.system.render(row, instead)))
        if not self.document:
            turns = _with_longest_cut(turns, cut)
        document = instead[self.document] if self.document else _longest(turns).content
        return _split(turns, document)

    def _turns(self, row: Mapping[str, Any]) -> list[Message]:
        if not self.messages:
            return []
        value = row.get(self.messages)
        if not isinstance(value, list) or not value:
            raise TemplateError(f"{self.messages}: it is no list of turns")
        turns = [_turn(turn, f"{self.messages}[{index}]") for index, turn in enumerate(value)]
        while not self.prompt and turns and turns[-1].role == "assistant":
            turns.pop()  # the logged answer: what was replied is not part of what is asked
        return turns


def prompting_of(prompt: str, system: str, messages: str, rows: Sequence[Mapping[str, Any]]) -> Prompting:
    """Read the templates, and find which place holds the document: the one with the most characters in all rows."""
    asked = parse_template(prompt) if prompt else None
    instructed = parse_template(system) if system else None
    if messages:
        return Prompting(asked, instructed, messages, None)
    places = [place for template in (asked, instructed) if template for place in template.places]
    sizes = {place: sum(_size(place, row) for row in rows) for place in dict.fromkeys(places)}
    return Prompting(asked, instructed, messages, max(sizes, key=lambda place: sizes[place], default=None))


def cut_to(text: str, chars: int) -> str:
    """Leave out the middle of a text so that so many of its characters stay; all of it where it is no longer."""
    if len(text) <= chars:
        return text
    front = (chars + 1) // 2
    return f"{text[:front]}{CUT}{text[len(text) - (chars - front) :]}"


def _size(place: Place, row: Mapping[str, Any]) -> int:
    try:
        return len(written(place.value(row)))
    except TemplateError:
        return 0


def _turn(turn: Any, where: str) -> Message:
    if not isinstance(turn, Mapping) or not isinstance(turn.get("role"), str) or turn["role"] not in _ROLES:
        known = turn.get("role") if isinstance(turn, Mapping) else None
        raise TemplateError(f"{where}: the role {known!r} is none of {', '.join(_ROLES)}")
    content = turn.get("content")
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, Mapping) else None for part in content]
        if not all(isinstance(part, str) for part in parts):
            raise TemplateError(f"{where}: only parts of the type text can be asked")
        content = "".join(map(str, parts))
    if not isinstance(content, str):
        raise TemplateError(f"{where}: its content is no text")
    return Message(_ROLES[turn["role"]], content)


def _longest(turns: Sequence[Message]) -> Message:
    """Return the longest turn before the last; the last where it is alone."""
    return max(turns[:-1] or turns, key=lambda turn: len(turn.content))


def _with_longest_cut(turns: list[Message], cut: Callable[[str], str]) -> list[Message]:
    longest = _longest(turns)
    return [Message(turn.role, cut(turn.content)) if turn is longest else turn for turn in turns]


def _split(turns: Sequence[Message], document: str) -> Rendered:
    whole = "\n\n".join(turn.content for turn in turns)
    head, found, tail = whole.partition(document) if document else (whole, "", "")
    return Rendered(tuple(turns), document, head if found else "", tail if found else turns[-1].content)
