"""Text of others on a page: whatever a model, a server or a data file wrote, shown and never obeyed.

Jinja2's autoescaping keeps text from being read as HTML. What is left is text that deceives the eye: control
characters, bidirectional overrides, invisible characters, lone surrogates. They are written as escapes.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

HEAD, TAIL = 800, 400
"""Characters kept of a long reply: its start, and its end, where answers stand."""

LONGEST = (1500, 500)
"""Likewise of any text whatever, so that no name, value or message makes the page too long to open."""


def visible(text: str) -> str:
    """Return text in which every character that does not print, line breaks and tabs apart, is a visible escape."""
    if text.isprintable():
        return text
    return "".join(c if c in "\n\t" or c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def finalize(value: Any) -> Any:
    """Cut and escape every text that a template prints; what templates themselves made stays as it is."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return visible(shortened(value, *LONGEST))


def shortened(text: str, head: int = HEAD, tail: int = TAIL) -> str:
    """Return a text, or its start and its end with the number of characters left out between them."""
    left_out = len(text) - head - tail
    if left_out <= 0:
        return text
    return f"{text[:head]}\n[… {left_out:,} characters left out …]\n{text[len(text) - tail :]}"
