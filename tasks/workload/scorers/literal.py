"""The scorer `code_literal`: a value as Python writes it, read and never executed.

Values are the same where Python's `==` says so and their types agree all the way down: `1` is not `True`, `1.0` is not
`1`, a list is no tuple. Comments, blanks and the kind of quotes make no difference.
"""

from __future__ import annotations

import ast
import warnings
from typing import Any

from harness.reading.json_ladder import unfence

from .base import Asked, BadAnswer, Fault, Found, Options, Scorer
from .text import after_mark

MOST_CHARS = 10_000
_UNREADABLE = object()


class LiteralOptions(Options):
    """Options of `code_literal`.

    Attributes:
        after: the answer is what follows the last of these marks in the reply, up to the end of its line.
    """

    after: str = ""


class LiteralScorer(Scorer):
    """Compares literals of Python."""

    Options = LiteralOptions
    options: LiteralOptions

    def gold(self, answer: Any) -> tuple[str, ...]:
        """A literal as text; a value of another type stands for itself."""
        text = answer if isinstance(answer, str) else repr(answer)
        if literal(text) is _UNREADABLE:
            raise BadAnswer(f"the answer {text[:40]!r} is no literal of Python; a text needs quotes inside")
        return (text.strip(),)

    def read(self, visible: str, asked: Asked) -> Found:
        """Read the whole reply, or its fenced block, or what follows the mark."""
        text = after_mark(visible, self.options.after)
        if text is None:
            return Found(0.0, (visible,), (Fault("fmt.none_found", f"{self.options.after!r} is not in the reply"),), "")
        inside, _ = unfence(text)
        bare = (inside or text).strip()
        given = literal(bare.strip("`") if "\n" not in bare else bare)
        right = literal(asked.gold[0])
        if given is _UNREADABLE:
            return Found(0.0, (text,), (Fault("unparsable_literal", "it is no literal of Python"),), "")
        if same(given, right):
            return Found(1.0, (bare,), (), "fenced" if inside else "whole")
        kinds = f"a {type(given).__name__} and not a {type(right).__name__}"
        fault = Fault("wrong_value.type", f"it is {kinds}") if type(given) is not type(right) else None
        equal = fault and _loosely(given) == _loosely(right)
        value = Fault("wrong_value", "it is another value")
        return Found(0.0, (bare,), (fault, value) if fault and equal else (value,), "fenced" if inside else "whole")

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the literal."""
        return f"{self.options.after.rstrip()} {gold[0]}".strip()


def literal(text: str) -> Any:
    """Return the value of a literal, or a mark that it is none. Nothing is executed."""
    if len(text) > MOST_CHARS:
        return _UNREADABLE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in a reply are the model's business
            return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return _UNREADABLE


def same(a: Any, b: Any) -> bool:
    """Tell whether two literals are equal in value and in type, all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        typed = {(type(key), key): value for key, value in b.items()}
        return len(a) == len(b) and all((type(k), k) in typed and same(v, typed[type(k), k]) for k, v in a.items())
    if isinstance(a, set | frozenset):
        return {(type(item), item) for item in a} == {(type(item), item) for item in b}
    return bool(a == b)


def _loosely(value: Any) -> Any:
    """Return what equals across types: text and the number that it writes, lists and tuples."""
    if isinstance(value, list | tuple):
        return [_loosely(item) for item in value]
    return str(float(value)) if isinstance(value, int | float) else str(value)
