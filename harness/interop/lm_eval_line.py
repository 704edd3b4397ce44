"""One line of lm-eval's samples: what was asked, what was replied, by which hashes it is known."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from harness.errors import ConfigError
from harness.interop.foreign import listing, mapping, need, shown, text_of
from harness.interop.ours import OURS, replicate_in

QUESTIONS = ("question", "query", "problem", "instruction", "input", "text", "sentence", "goal", "ctx")
"""Fields of a document that are the question, where one of them is there."""

QUESTION_CHARS = 2_000
HASHES = ("doc_hash", "prompt_hash", "target_hash")


@dataclass(frozen=True)
class Line:
    """A line.

    Attributes:
        row: as it was read.
        where: file and number.
    """

    row: Mapping[str, Any]
    where: str

    def check(self) -> None:
        """Raise `ConfigError` where it is no line of lm-eval."""
        need(self.row, "doc_id", int, self.where)
        for key in ("filtered_resps", "resps", "metrics"):
            need(self.row, key, list, self.where)

    @property
    def doc_id(self) -> int:
        """Number of the document: it tells lines of one file apart, and pairs nothing."""
        return int(self.row["doc_id"])

    @property
    def filter(self) -> str:
        """Its filter; our own exports have each reply to a sample under one of its own."""
        return "none" if self.replicate else str(self.row.get("filter", "none"))

    @cached_property
    def ours(self) -> Mapping[str, Any]:
        """What is ours in it."""
        return mapping(self.row.get(OURS))

    @property
    def replicate(self) -> int:
        """Which reply to its sample it is: always 0 where lm-eval wrote it."""
        return replicate_in(self.ours) or 0

    @property
    def metrics(self) -> dict[str, Any]:
        """Its metrics by name."""
        return {str(name): self.row.get(str(name)) for name in self.row["metrics"]}

    @cached_property
    def arguments(self) -> list[tuple[Any, Any]]:
        """The prompt of each request with what came beside it: settings, or a continuation.

        Raises:
            ConfigError: there is none.
        """
        found = self.row.get("arguments")
        if isinstance(found, Mapping):
            pairs = [(mapping(each).get("arg_0"), mapping(each).get("arg_1")) for each in found.values()]
        else:  # before 0.4.3
            pairs = [(each[0], each[1] if len(each) > 1 else None) for each in listing(found) if listing(each)]
        if not pairs:
            raise ConfigError("'arguments' holds no request", where=self.where, found=shown(found))
        return pairs

    @property
    def settings(self) -> Mapping[str, Any] | None:
        """The generation settings as they were sent; None where nothing was generated."""
        sent = self.arguments[0][1]
        return sent if isinstance(sent, Mapping) else None

    @property
    def choices(self) -> list[str]:
        """The continuations whose chances were compared; empty where nothing was to choose."""
        found = [other for _, other in self.arguments]
        return found if len(found) > 1 and all(isinstance(each, str) for each in found) else []

    @cached_property
    def turns(self) -> list[str]:
        """The prompt as the texts of its turns; one text where it is no chat."""
        sent = self.sent
        if sent.startswith("[{"):
            try:
                turns = json.loads(sent)
            except (ValueError, RecursionError):
                return [sent]
            texts = [text_of(mapping(turn).get("content", "")) for turn in turns]
            return texts if any(texts) else [sent]
        return [sent]

    @property
    def sent(self) -> str:
        """The prompt as it was sent; turns of a chat may be logged as a list of one JSON text."""
        value = self.arguments[0][0]
        return str(value[0]) if isinstance(value, list) and len(value) == 1 else text_of("" if value is None else value)

    @property
    def target(self) -> str:
        """The right answer as text."""
        return text_of(self.row.get("target", ""))

    @cached_property
    def hashes(self) -> tuple[str, str, str]:
        """The hashes of document, prompt and target; older logs lack them, and they are made as lm-eval does."""
        stated = [self.row.get(name) for name in HASHES]
        doc = stated[0] or _sha(json.dumps(self.row.get("doc"), indent=2, ensure_ascii=False))
        return str(doc), str(stated[1] or _sha(self.sent)), str(stated[2] or _sha(self.target))

    @property
    def question(self) -> str:
        """What people read: the document's own question, else the end of the prompt."""
        doc = mapping(self.row.get("doc"))
        named = next((doc[key] for key in QUESTIONS if isinstance(doc.get(key), str) and doc[key].strip()), "")
        return named if named and len(named) <= QUESTION_CHARS else self.turns[-1][-QUESTION_CHARS:]

    @property
    def replied(self) -> str | None:
        """What was replied: of choices the likeliest; None where a text was weighed and none was written."""
        if choices := self.choices:
            chances = [_log_probability(each) for each in self.row["filtered_resps"]]
            likeliest = max(range(len(chances)), key=chances.__getitem__) if chances else len(choices)
            return choices[likeliest] if likeliest < len(choices) else None
        if self.settings is None and not isinstance(self.arguments[0][1], type(None)):
            return None
        return text_of(_first(self.row["resps"]))

    @property
    def answer(self) -> str | None:
        """What was read from the reply."""
        if self.choices or self.replied is None:
            return None if self.replied is None else self.replied.strip()
        return text_of(_first(self.row["filtered_resps"]))


def _first(value: Any) -> Any:
    """Return the first text of lists in lists."""
    while isinstance(value, list):
        value = value[0] if value else ""
    return value


def _sha(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _log_probability(value: Any) -> float:
    """Return the number of a pair such as `["-1.25", "True"]`, which older versions wrote as one text."""
    if isinstance(value, str) and value.startswith("("):
        try:
            value = list(ast.literal_eval(value))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            value = []
    try:
        return float(value[0])
    except (TypeError, ValueError, IndexError, KeyError):
        return -math.inf
