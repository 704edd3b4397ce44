"""One reply, read without a right answer: what counts as the same answer, and what is wrong with its form.

exact        the visible text, to the letter
normalised   the same without case, width, spacing and the marks of Markdown
json         the JSON value, whatever the order of its keys; where the baseline replies with JSON
label        what the expression of `[diff] label` finds last; where it finds one in the baseline
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from harness.hashing import canonical_json
from harness.reading import GENERIC, VALUE_TYPES, ValueType, fold, matches, read_reply, split_reasoning
from harness.records import Message, Reply

Level = Literal["exact", "normalised", "json", "label"]
LEVELS: tuple[Level, ...] = ("exact", "normalised", "json", "label")

WITHOUT_GOLD = (
    "empty", "empty.reasoning_only", "truncated.reasoning", "degenerate.loop", "refusal.policy", "refusal.capability",
    "context_parrot", "placeholder",
)  # fmt: skip
"""Of the general failure modes those that can be told without knowing which values are asked for."""

TRUNCATED = "truncated"
_MARKS = re.compile(r"[*_`#>]+")
_FENCE = re.compile(r"\A\s*```[A-Za-z0-9]*[ \t]*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_NOTHING = re.compile(r"(?!)")
_NO_VALUES = ValueType(name="none", exact=_NOTHING, loose=_NOTHING, canonical=str, near=0)
assert "none" not in VALUE_TYPES


class NotJson:
    """Stands for a reply that is no JSON: None is a JSON value."""


NOT_JSON = NotJson()


@dataclass(frozen=True, slots=True)
class Read:
    """A reply, read.

    Attributes:
        text: the visible answer.
        normalised: the same in one form.
        value: the JSON value that the whole answer is; `bare` without a fence around it.
        label: what the label's expression found; None for nothing.
        modes: general failure modes that hold, and `truncated`.
        valid: whether the value meets the request's schema; None without one.
        tokens: of the answer, as the server counted them; else None. `latency_s` likewise.
    """

    text: str
    normalised: str
    value: Any
    bare: bool
    label: str | None
    modes: frozenset[str]
    valid: bool | None
    tokens: int | None
    latency_s: float | None

    @property
    def is_json(self) -> bool:
        """Whether the answer is a JSON object or array."""
        return isinstance(self.value, dict | list)

    def key(self, level: Level) -> str:
        """Return what is equal in equal answers; replies without JSON or label are told apart by their text."""
        if level == "json":
            return f"json\0{canonical_json(self.value)}" if self.is_json else f"text\0{self.normalised}"
        if level == "label":
            return f"label\0{self.label}" if self.label is not None else f"text\0{self.normalised}"
        return self.text if level == "exact" else self.normalised


class Reader:
    """Reads the replies to logged requests.

    Args:
        label: the expression of a label.
        schemas: by sample, the JSON Schema that the request asked for.
        prompts: by sample, the turns as they were shown: what an echo is recognised by.
    """

    def __init__(
        self, label: str, schemas: Mapping[str, Mapping[str, Any]], prompts: Mapping[str, tuple[Message, ...]]
    ) -> None:
        self._label = re.compile(label)
        self._checks = {name: _validator(schema) for name, schema in schemas.items()}
        self._prompts = prompts

    def read(self, sample_id: str, reply: Reply) -> Read:
        """Read one reply."""
        visible = split_reasoning(reply).visible
        value, bare = _json_of(visible)
        check = self._checks.get(sample_id)
        return Read(
            text=visible,
            normalised=normalised(visible),
            value=value,
            bare=bare,
            label=self._label_of(visible),
            modes=self._modes(sample_id, reply),
            valid=None if check is None else value is not NOT_JSON and _meets(check, value),
            tokens=reply.usage.completion_tokens,
            latency_s=reply.latency_s,
        )

    def _label_of(self, text: str) -> str | None:
        found = None
        for match in self._label.finditer(text):
            found = match[1] if match.re.groups else match[0]
        return None if found is None else normalised(found).strip(" .")

    def _modes(self, sample_id: str, reply: Reply) -> frozenset[str]:
        turns = self._prompts[sample_id]
        asked = (turns[-1].content,)

        def context() -> str:
            return " ".join(fold("\n".join(turn.content for turn in turns)).split())

        reading = read_reply(reply, _NO_VALUES, expected=0, asked=asked, context=context)
        held = {mode for mode in matches(GENERIC, reading) if mode in WITHOUT_GOLD}
        return frozenset(held | ({TRUNCATED} if reply.finish_reason == "length" else set()))


def normalised(text: str) -> str:
    """Return a text without case, width, spacing and the marks of Markdown, in one line."""
    return " ".join(_MARKS.sub("", fold(text)).split())


def _json_of(text: str) -> tuple[Any, bool]:
    """Return the JSON value that a whole text is, within a fence or bare, and whether it is bare."""
    fenced = _FENCE.match(text)
    try:
        value = json.loads(fenced[1] if fenced else text, parse_constant=_refuse)
        canonical_json(value)
    except (ValueError, RecursionError):
        return NOT_JSON, False
    return value, not fenced


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator | None:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        return None
    return Draft202012Validator(schema)


def _meets(check: Draft202012Validator, value: Any) -> bool:
    try:
        return bool(check.is_valid(value))
    except Exception:  # a schema may refer to what is not there
        return False
