"""Finds a JSON value in a visible reply: a ladder from what was asked for down to what a repair can still make of it.

    as_asked              the whole reply is one JSON object or array
    fenced                it stands between ``` fences, and nothing else does
    prose_around          it stands in a text
    multiple_objects      several stand there
    repaired.REPAIR       one repair makes it parse: `single_quotes`, `trailing_comma`, `comments`, `python_literals`,
                          `unescaped_newline`, `unbalanced`, `nan`, `other` (bare words, typographic quotes, no comma)
    repaired.several      it takes more than one

A repair works on tokens, never on characters, so that no repair can change what stands inside a string. Everything is
bounded whatever the text: a value is taken apart no deeper than `MAX_DEPTH`, long numbers become floats, and keys that
occur twice are reported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 40
"""Levels of nesting that are read; what lies deeper makes the text no JSON."""

MAX_STARTS = 20
"""Opening brackets at which a value is looked for in a text."""

MAX_REPAIRED = 40_000
"""Characters that are mended; repairs read a text many times."""

MAX_DIGITS = 40
"""Digits of an integer; a longer one is read as a float."""

NOTHING = object()
"""Stands for "no value": null is one."""

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE)
_OPENER = re.compile(r"[{\[]")
_CONTAINER = re.compile(r"""\[\s*(?:[{\[#]|/[/*])|\{\s*(?:["'“#]|/[/*]|\w{1,60}\s*:)""")
_STRAY_CLOSER = re.compile(r"\s*[}\]]")
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.){0,2000}"|'(?:[^'\\]|\\.){0,2000}'|“[^”]{0,2000}”)"""
    r"""|(?P<comment>//[^\n]*|\#[^\n]*|/\*.{0,500}?\*/)"""
    r"""|(?P<mark>[{}\[\]:,])"""
    r"""|(?P<open>["'“][^\n]*)"""
    r"""|(?P<word>[^\s{}\[\]:,"'“#/]+|/)""",
    re.DOTALL,
)
_CLOSER = {"{": "}", "[": "]"}
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_NOT_A_NUMBER = frozenset({"NaN", "Infinity", "-Infinity", "nan", "inf", "-inf", "+Infinity"})
_JSON_WORD = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class JsonReading:
    """What was read as JSON.

    Attributes:
        value: the value; of several the last; `NOTHING` where there is none.
        rung: the step of the ladder that found it; empty where there is none.
        values: all values, where there are several.
        prose: whether text stands around it.
        fenced: whether fences stand around it.
        repairs: the repairs that it took.
        duplicates: keys that an object has twice.
    """

    value: Any = NOTHING
    rung: str = ""
    values: tuple[Any, ...] = ()
    prose: bool = False
    fenced: bool = False
    repairs: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is a value."""
        return self.value is not NOTHING


def read_json(text: str) -> JsonReading:
    """Read a visible reply that should be one JSON object or array."""
    text = text.strip()
    value, duplicates = parse_json(text)
    if isinstance(value, dict | list):
        return JsonReading(value, "as_asked", (value,), duplicates=duplicates)
    inside, outside = unfence(text)
    if not inside:
        return _in_text(text, prose=False, fenced=False)
    value, duplicates = parse_json(inside)
    if isinstance(value, dict | list):
        rung = "prose_around" if outside else "fenced"
        return JsonReading(value, rung, (value,), bool(outside), True, duplicates=duplicates)
    return _in_text(inside, prose=bool(outside), fenced=True)


def _in_text(text: str, *, prose: bool, fenced: bool) -> JsonReading:
    """Take whole values; where they may be pieces of a larger one, mend that first."""
    found, left, pieces = _slices(text)
    if not found or pieces:
        mended = _repaired(text, prose=prose, fenced=fenced)
        if mended.found or not found:
            return mended
    values = tuple(value for value, _ in found)
    return JsonReading(
        values[-1],
        "multiple_objects" if len(found) > 1 else "prose_around",
        values,
        prose or bool(left.strip(" \t\n,;")),
        fenced,
        duplicates=tuple(key for _, keys in found for key in keys),
    )


def unfence(text: str) -> tuple[str, str]:
    """Return what stands in the longest fenced block, and what stands outside of all; "" where there is no block.

    A fence that is never closed ends with the text.
    """
    fences = list(_FENCE.finditer(text))
    if not fences:
        return "", text
    blocks, outside, at = [], [], 0
    for opening, closing in zip(fences[::2], [*fences[1::2], None], strict=False):
        outside.append(text[at : opening.start()])
        blocks.append(text[opening.end() : closing.start() if closing else len(text)])
        at = closing.end() if closing else len(text)
    outside.append(text[at:])
    return max(blocks, key=len).strip("\n"), "".join(outside).strip()


def parse_json(text: str) -> tuple[Any, tuple[str, ...]]:
    """Parse strict JSON: the value, or `NOTHING`, and the keys that an object has twice."""
    repeated: list[str] = []
    try:
        value = _decoder(repeated).decode(text)
    except (ValueError, RecursionError):
        return NOTHING, ()
    return (NOTHING, ()) if too_deep(value) else (value, tuple(repeated))


def too_deep(value: Any, levels: int = MAX_DEPTH) -> bool:
    """Tell whether a value is nested deeper than so many levels."""
    layer = [value]
    for _ in range(levels):
        layer = [child for item in layer for child in _children(item) if isinstance(child, dict | list)]
        if not layer:
            return False
    return True


def _children(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _decoder(repeated: list[str]) -> json.JSONDecoder:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            keys = [key for key, _ in items]
            repeated.extend(key for key in made if keys.count(key) > 1)
        return made

    return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=_refuse, parse_int=_integer)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)


def _slices(text: str) -> tuple[list[tuple[Any, tuple[str, ...]]], str, bool]:
    """Return the objects and lists of objects in a text, what stands around them, and if they may be mere pieces."""
    found: list[tuple[Any, tuple[str, ...]]] = []
    left, at, pieces = [], 0, False
    for _ in range(MAX_STARTS):
        opener = _OPENER.search(text, at)
        if not opener:
            break
        repeated: list[str] = []
        try:
            value, end = _decoder(repeated).raw_decode(text, opener.start())
        except (ValueError, RecursionError):
            pieces = pieces or bool(_CONTAINER.match(text, opener.start()))
            left.append(text[at : opener.end()])
            at = opener.end()
            continue
        left.append(text[at : opener.start()])
        at = end
        if not too_deep(value) and any(isinstance(item, dict) for item in [value, *_children(value)]):
            found.append((value, tuple(repeated)))
    left.append(text[at:])
    return found, "".join(left), pieces or bool(_STRAY_CLOSER.match(left[-1]))


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        yield _Token(match.lastgroup or "", match[0])


def _comments(tokens: Sequence[_Token]) -> list[_Token]:
    return [token for token in tokens if token.kind != "comment"]


def _single_quotes(tokens: Sequence[_Token]) -> list[_Token]:
    return [_Token("string", _requoted(t.text)) if t.kind == "string" and t.text[0] == "'" else t for t in tokens]


def _requoted(text: str) -> str:
    inner = text[1:-1].replace("\\'", "'")
    return '"' + re.sub(r'(?<!\\)"', '\\\\"', inner) + '"'


def _trailing_comma(tokens: Sequence[_Token]) -> list[_Token]:
    kept: list[_Token] = []
    for token in tokens:
        if token.text in ("}", "]") and kept and kept[-1] == _Token("mark", ","):
            kept.pop()
        kept.append(token)
    while kept and kept[-1] == _Token("mark", ","):
        kept.pop()
    return kept


def _python_literals(tokens: Sequence[_Token]) -> list[_Token]:
    return [_Token("word", _PYTHON.get(t.text, t.text)) if t.kind == "word" else t for t in tokens]


def _nan(tokens: Sequence[_Token]) -> list[_Token]:
    return [_Token("word", "null") if t.kind == "word" and t.text in _NOT_A_NUMBER else t for t in tokens]


def _unescaped_newline(tokens: Sequence[_Token]) -> list[_Token]:
    def escaped(text: str) -> str:
        return text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")

    return [_Token("string", escaped(t.text)) if t.kind == "string" else t for t in tokens]


def _unbalanced(tokens: Sequence[_Token]) -> list[_Token]:
    """Close what is open at the end, drop what closes nothing, and end a string that has no end."""
    kept: list[_Token] = []
    stack: list[str] = []
    for token in tokens:
        if token.kind == "open":
            kept.append(_Token("string", token.text[0] + token.text[1:].rstrip() + token.text[0]))
            continue
        if token.text in _CLOSER and token.kind == "mark":
            stack.append(_CLOSER[token.text])
        elif token.kind == "mark" and token.text in ("}", "]"):
            if token.text not in stack:
                continue
            while stack[-1] != token.text:
                kept.append(_Token("mark", stack.pop()))
            stack.pop()
        kept.append(token)
    while kept and kept[-1].text in (",", ":"):
        kept.pop()
    return [*kept, *(_Token("mark", mark) for mark in reversed(stack))]


def _other(tokens: Sequence[_Token]) -> list[_Token]:
    """Quote bare words, straighten typographic quotes, and put the commas and remove the marks that JSON wants."""
    kept: list[_Token] = []
    for token in tokens:
        fixed = token
        if token.kind == "word" and not _JSON_WORD.fullmatch(token.text) and token.text not in _NOT_A_NUMBER:
            fixed = _Token("string", json.dumps(token.text))
        elif token.kind == "string" and token.text[0] == "“":
            fixed = _Token("string", json.dumps(token.text[1:-1]))
        value_ended = bool(kept) and (kept[-1].kind in ("string", "word") or kept[-1].text in ("}", "]"))
        if value_ended and (fixed.kind in ("string", "word") or fixed.text in _CLOSER):
            kept.append(_Token("mark", ","))
        kept.append(fixed)
    return kept


REPAIRS: tuple[tuple[str, Callable[[Sequence[_Token]], list[_Token]]], ...] = (
    ("single_quotes", _single_quotes),
    ("trailing_comma", _trailing_comma),
    ("comments", _comments),
    ("python_literals", _python_literals),
    ("unescaped_newline", _unescaped_newline),
    ("unbalanced", _unbalanced),
    ("nan", _nan),
    ("other", _other),
)
"""Every repair by name, in the order in which they name a failure."""

_APPLIED = ("comments", "unescaped_newline", "single_quotes", "python_literals", "nan", "other", "unbalanced")
"""The order in which repairs work together; commas that trail come last, since the others bring some to light."""


def _repaired(text: str, *, prose: bool, fenced: bool) -> JsonReading:
    """Try each repair alone, then all of them; of all, those without which it does not parse are named."""
    opener = _OPENER.search(text)
    if not opener:
        return JsonReading(prose=prose, fenced=fenced)
    around = prose or bool(text[: opener.start()].strip())
    for piece in _pieces(text, opener.start()):
        tokens = list(_tokens(piece))
        for name, repair in REPAIRS:
            value, repeated = _parse_tokens(repair(tokens))
            if isinstance(value, dict | list):
                return JsonReading(value, f"repaired.{name}", (value,), around, fenced, (name,), repeated)
    for piece in _pieces(text, opener.start()):
        names = [*_APPLIED, "trailing_comma"]
        value, repeated = _parse_tokens(_apply(piece, names))
        if isinstance(value, dict | list):
            needed = _needed(piece, names)
            return JsonReading(value, "repaired.several", (value,), around, fenced, needed, repeated)
    return JsonReading(prose=around, fenced=fenced)


def _pieces(text: str, start: int) -> list[str]:
    """Return what may be the value: from the first opening bracket to the last closing one, and to the end."""
    end = max(text.rfind("}"), text.rfind("]")) + 1
    whole = text[start : start + MAX_REPAIRED]
    return [whole, text[start : min(end, start + MAX_REPAIRED)]] if start < end < len(text.rstrip()) else [whole]


def _apply(text: str, names: Sequence[str]) -> list[_Token]:
    tokens = list(_tokens(text))
    repairs = dict(REPAIRS)
    for name in names:
        tokens = repairs[name](tokens)
    return tokens


def _needed(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the repairs that cannot be left out, in the order in which they name a failure."""
    kept = list(names)
    for name, _ in reversed(REPAIRS):  # what mends anything is given up first
        fewer = [other for other in kept if other != name]
        if isinstance(_parse_tokens(_apply(text, fewer))[0], dict | list):
            kept = fewer
    return tuple(name for name, _ in REPAIRS if name in kept)


def _parse_tokens(tokens: Sequence[_Token]) -> tuple[Any, tuple[str, ...]]:
    return parse_json(" ".join(token.text for token in tokens))
