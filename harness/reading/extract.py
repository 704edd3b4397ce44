"""Finds the answer in a visible reply: a ladder from what was asked for down to what can still be understood.

    tagged      a line that begins with `ANSWER:`; its strict form holds nothing but values, or NONE
    fenced      the last block between ``` fences
    element     the last `<answer> … </answer>` or boxed{…} of LaTeX
    json        the last JSON object that has a key for answers
    tag_inside  `answer:` or `answer is` anywhere in a line
    last_line   the last line, with the bare list that it ends
    text        every value of the type in the whole text

The first rung that holds an answer wins, and the result names it. Of several tagged lines the last one counts, because
a model that corrects itself does so later; tagged lines that follow each other directly are one answer, and so are the
lines below one that hold nothing but values: a list is never shortened to its luckiest item.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from harness.reading import lexicons
from harness.reading.lexicons import NONE_ABROAD, compiled
from harness.reading.text import fold
from harness.reading.values import Found, ValueType

NONE = "NONE"
"""How "there is no such value" is written in an answer."""

UNMARKED = ("last_line", "text")
"""The rungs on which nothing marks what was read as the answer."""

SHORT_CHARS = 600
"""A statement of absence or a refusal is short; in a longer text such words belong to something else."""

MAX_JSON_STARTS = 20
"""Opening braces at which a JSON object is looked for."""

_TAGGED = re.compile(r"answers? ?: ?(.*)")
_TAG_INSIDE = re.compile(r"answers?[*_`\"']{0,3} ?(?:is(?![a-z])|are(?![a-z])|[:=])[*_`\"']{0,3} ?:?")
_DECODER = json.JSONDecoder()
_ANSWER_KEYS = ("answer", "answers", "final_answer", "value", "values", "result")
_ELEMENTS = (("<answer>", "</answer>"), ("\\boxed{", "}"))
_NONE_WORD = re.compile(r"(?<![a-z])(?:none|n/a)(?![a-z])")
_ENDS_IN_NONE = re.compile(r"(?:^|is |[:=] ?)[\"'*`]{0,3}(?:none|n/a)[\"'*`.]{0,4}$")
_ABSENT = compiled(lexicons.ABSENT)
_CONDITION = re.compile(r"(?<![a-z])(?:if|whether)(?![a-z])[^.!?\n]{0,80}$")
_STRICT_REST = re.compile(r"(?:[ ,;.]|and(?![a-z]))*")
_BARE_REST = re.compile(r"(?:[\s,;.:*_`\"'()\[\]{}#>&|+-]|[0-9]{1,2}[.)]|and(?![a-z]))*")


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was read from a reply.

    Attributes:
        values: the different values of the answer, in order; empty where there is none.
        none: the answer says that there is no such value.
        rung: the step of the ladder that found it; empty if nothing was found.
        strict: it stands in the form that was asked for, with nothing else in its line.
        chunk: the piece of the folded reply that was taken for the answer, also where it held no value.
        loose: the values only resemble values of the type.
    """

    values: tuple[Found, ...] = ()
    none: bool = False
    rung: str = ""
    strict: bool = False
    chunk: str = ""
    loose: bool = False

    @property
    def surely_found(self) -> bool:
        """Whether there is an answer that is marked as one, or can be nothing else."""
        return self.found and not (self.loose and self.rung in UNMARKED)

    @property
    def found(self) -> bool:
        """Whether there is an answer at all."""
        return bool(self.values) or self.none

    @property
    def canonical(self) -> tuple[str, ...]:
        """The values in the form that equal values share."""
        return tuple(value.canonical for value in self.values)


def extract(folded: str, kind: ValueType) -> Extraction:
    """Read the answer from a visible reply.

    Args:
        folded: the visible reply, capped and folded.
        kind: the type of the values asked for.
    """
    lines = folded.split("\n")
    outside, fenced = _fences(lines)
    tagged = _tagged_block(outside, kind)
    committed = ""
    for rung, chunk in _marked_chunks(folded, outside, fenced, tagged, kind):
        committed = committed or chunk
        found = _read(chunk, kind, rung)
        if found is not None:
            strict = rung == "tagged" and len(tagged) == 1 and _is_strict(chunk, kind)
            return Extraction(found.values, found.none, rung, strict, chunk, found.loose)
    return _uncommitted(folded, lines, committed, kind)


def has_tag(folded: str) -> bool:
    """Whether a line of a folded text begins with the tag."""
    return any(_TAGGED.match(line) for line in folded.split("\n"))


def _marked_chunks(
    folded: str, outside: Sequence[str], fenced: Sequence[str], tagged: Sequence[str], kind: ValueType
) -> Iterator[tuple[str, str]]:
    """Yield the pieces that the reply marks as its answer, best rung first."""
    yield "tagged", _untagged(tagged)
    yield "fenced", _unwrapped(fenced)
    yield "element", _element(folded)
    yield "json", _json_answer(folded)
    yield "tag_inside", _inside_tag(outside, kind)


def _read(chunk: str, kind: ValueType, rung: str) -> Extraction | None:
    """Read a piece that is meant as the answer: exact values, else "none", else what resembles a value."""
    if not chunk:
        return None
    if values := kind.find(chunk):
        return Extraction(values=values, rung=rung)
    if len(chunk) <= SHORT_CHARS and (_is_none(chunk) or _states_absence(chunk)):
        return Extraction(none=True, rung=rung)
    values = kind.find_loose(chunk)
    return Extraction(values=values, rung=rung, loose=True) if values else None


def _uncommitted(folded: str, lines: Sequence[str], committed: str, kind: ValueType) -> Extraction:
    """Read a reply that marks no answer: the last line first, exact values before statements of absence."""
    last = "\n".join(_with_bare_lines_before(lines, kind))
    for rung, text in (("last_line", last), ("text", folded)):
        if values := kind.find(text):
            return Extraction(values=values, rung=rung, chunk=text)
    if _ENDS_IN_NONE.search(last[-SHORT_CHARS:]):
        return Extraction(none=True, rung="last_line", chunk=last)
    if len(folded) <= SHORT_CHARS and _states_absence(folded):
        return Extraction(none=True, rung="text", chunk=folded)
    if values := kind.find_loose(last):
        return Extraction(values=values, rung="last_line", chunk=last, loose=True)
    return Extraction(chunk=committed)


def _is_none(chunk: str) -> bool:
    return bool(_NONE_WORD.search(chunk) or NONE_ABROAD.fullmatch(chunk))


def _states_absence(text: str) -> bool:
    """Whether a text says that something is not there; "if it is not there" does not say so."""
    return any(not _CONDITION.search(text[: match.start()]) for match in _ABSENT.finditer(text))


def _fences(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the lines outside fences, and those of the last fenced block that is not empty. Fences may stay open."""
    outside: list[str] = []
    last: list[str] = []
    block: list[str] | None = None
    for line in lines:
        if not line.startswith("```"):
            (outside if block is None else block).append(line)
        elif len(line) > 6 and line.endswith("```"):
            last = [line.strip("` ")]
        elif block is None:
            block = []
        else:
            last, block = block or last, None
    return outside, block or last


def _tagged_block(lines: Sequence[str], kind: ValueType) -> list[str]:
    """Return the last lines that begin with the tag and follow each other, with the bare lines below them."""
    last = next((i for i in range(len(lines) - 1, -1, -1) if _TAGGED.match(lines[i])), None)
    if last is None:
        return []
    first = last
    while first > 0 and _TAGGED.match(lines[first - 1]):
        first -= 1
    return [*lines[first : last + 1], *_bare_lines_after(lines, last, kind)]


def _bare_lines_after(lines: Sequence[str], at: int, kind: ValueType) -> list[str]:
    after: list[str] = []
    for line in lines[at + 1 :]:
        if not _is_bare(line, kind):
            break
        after.append(line)
    return after


def _with_bare_lines_before(lines: Sequence[str], kind: ValueType) -> list[str]:
    first = len(lines) - 1
    if _is_bare(lines[first], kind):
        while first > 0 and _is_bare(lines[first - 1], kind):
            first -= 1
    return list(lines[first:])


def _is_bare(line: str, kind: ValueType) -> bool:
    """Whether a line holds values and nothing else but list marks."""
    rest, values = kind.exact.subn(" ", line)
    return values > 0 and _BARE_REST.fullmatch(rest) is not None


def _is_strict(chunk: str, kind: ValueType) -> bool:
    if chunk.strip(" .") == NONE.lower():
        return True
    rest, values = kind.exact.subn("", chunk)
    return values > 0 and _STRICT_REST.fullmatch(rest) is not None


def _untagged(block: Sequence[str]) -> str:
    return "\n".join(match[1] if (match := _TAGGED.match(line)) else line for line in block).strip()


def _unwrapped(block: Sequence[str]) -> str:
    text = "\n".join(block)
    if answer := _json_answer(text):
        return answer
    tagged = [match[1] for line in block if (match := _TAGGED.match(line))]
    return "\n".join(tagged) or text


def _element(folded: str) -> str:
    """Return what stands in the last element for answers; one that is never closed is none."""
    for opening, closing in _ELEMENTS:
        end = folded.rfind(closing, folded.rfind(opening) + 1)
        start = folded.rfind(opening, 0, end) if end >= 0 else -1
        if start >= 0:
            return folded[start + len(opening) : end].strip()
    return ""


def _inside_tag(lines: Sequence[str], kind: ValueType) -> str:
    for i in range(len(lines) - 1, -1, -1):
        if tags := list(_TAG_INSIDE.finditer(lines[i])):
            return "\n".join([lines[i][tags[-1].end() :], *_bare_lines_after(lines, i, kind)]).strip()
    return ""


def _json_answer(text: str) -> str:
    """Return the answer of the last JSON object that has one, its parts on lines of their own."""
    answer, at = "", text.find("{")
    for _ in range(MAX_JSON_STARTS):
        if at < 0:
            break
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            answer = next((_flat(value[key]) for key in _ANSWER_KEYS if key in value), "") or answer
        at = text.find("{", end)
    return answer


def _flat(value: Any) -> str:
    """Write a JSON value as folded text, one part a line. What lies deeper than a list or an object is left out."""
    if value is None:
        return NONE.lower()
    parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
    return fold("\n".join(str(part) for part in parts if isinstance(part, str | int | float)))
