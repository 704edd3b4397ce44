"""Tells the visible answer from the reasoning, whichever way the server hands them over.

A server may give reasoning in a field of its own or leave it in the text between `<think>` and `</think>`. The closing
tag may be missing because the budget ran out, the opening one because the chat template had written it already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.records import Reply

_TAG = re.compile(r"<(/?)(?:think|thinking|thought|reasoning)>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Split:
    """A reply in two parts.

    Attributes:
        visible: the text outside any reasoning.
        reasoning: everything else, the server's own field first.
        unclosed: reasoning began in the text and never ended.
    """

    visible: str
    reasoning: str
    unclosed: bool


def split_reasoning(reply: Reply) -> Split:
    """Split a reply.

    A closing tag without an opening one makes reasoning of all visible text before it. An opening tag without a closing
    one makes reasoning of all text after it. Tags do not nest: the first closing tag ends the reasoning.
    """
    text = reply.text
    visible: list[str] = []
    reasoning = [reply.reasoning]
    inside, at = False, 0
    for tag in _TAG.finditer(text):
        piece, at = text[at : tag.start()], tag.end()
        if inside:
            reasoning.append(piece)
        else:
            visible.append(piece)
        closing = bool(tag[1])
        if closing and not inside:
            reasoning.extend(visible)
            visible.clear()
        inside = not closing
    (reasoning if inside else visible).append(text[at:])
    return Split("".join(visible).strip(), "\n".join(part for part in reasoning if part.strip()), inside)
