"""Scorers by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import ConfigError

from .base import Asked, BadAnswer, Fault, Found, Options, Scorer, judge
from .instructions import InstructionsScorer
from .json_fields import JsonScorer
from .labels import LabelsScorer
from .letter import LetterScorer
from .lists import OrderedScorer, SetScorer
from .literal import LiteralScorer
from .number import NumberScorer
from .overlap import RougeScorer, TokenF1Scorer
from .own import OwnScorer, offered
from .reproduced import ReproducedScorer
from .row_schema import RowSchemaScorer
from .text import ContainsScorer, ExactScorer, RegexScorer
from .values import ValuesScorer

SCORERS: Mapping[str, type[Scorer]] = {
    "exact": ExactScorer,
    "contains": ContainsScorer,
    "number": NumberScorer,
    "letter": LetterScorer,
    "set_f1": SetScorer,
    "ordered_list": OrderedScorer,
    "json_schema": JsonScorer,
    "regex": RegexScorer,
    "code_literal": LiteralScorer,
    "token_f1": TokenF1Scorer,
    "rouge_l": RougeScorer,
    "labels": LabelsScorer,
    "values": ValuesScorer,
    "reproduced": ReproducedScorer,
    "instructions": InstructionsScorer,
    "row_schema": RowSchemaScorer,
}
"""The scorers that a sweep can name; a name with a colon is a function of the user's."""


def scorer_class(name: str) -> type[Scorer]:
    """Return the scorer of that name. Raises `ValueError` with a sentence for people."""
    if name in SCORERS:
        return SCORERS[name]
    if ":" in name or name in offered():
        return OwnScorer
    from difflib import get_close_matches

    near = get_close_matches(name, SCORERS, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise ValueError(f"score: unknown scorer {name!r}{hint}; known are {', '.join(sorted(SCORERS))}")


def options_of(score: str | Mapping[str, Any]) -> Options:
    """Return the checked options of a scorer. Raises `ValueError` with a sentence for people."""
    table = {"name": score} if isinstance(score, str) else dict(score)
    name = table.get("name")
    if not isinstance(name, str):
        raise ValueError('score: it needs a name, as in { name = "number", absolute = 0.5 }')
    cls = scorer_class(name)
    try:
        return cls.Options.model_validate(table)
    except ValidationError as error:
        raise ValueError(f"score {name!r}: {_complaint(error, cls)}") from None


def make_scorer(score: str | Mapping[str, Any], folders: Sequence[Path]) -> Scorer:
    """Make a scorer. Raises `ConfigError` where a file that it names is missing or wrong."""
    options = options_of(score)
    scorer = scorer_class(options.name)(options, folders)
    try:
        scorer.check()
    except BadAnswer as error:
        raise ConfigError(str(error), where=f"score {options.name!r}") from None
    return scorer


def _complaint(error: ValidationError, cls: type[Scorer]) -> str:
    complaints = error.errors(include_input=False, include_url=False)
    first = next((each for each in complaints if each["type"] == "extra_forbidden"), complaints[0])
    key = ".".join(map(str, first["loc"]))
    known = ", ".join(field.alias or key for key, field in cls.Options.model_fields.items() if key != "name")
    if first["type"] == "extra_forbidden":
        return f"unknown option {key!r}; it has {known}"
    message = first["msg"].removeprefix("Value error, ")
    return f"{key}: {message}" if key else message


__all__ = [
    "SCORERS",
    "Asked",
    "BadAnswer",
    "Fault",
    "Found",
    "Options",
    "Scorer",
    "judge",
    "make_scorer",
    "options_of",
    "scorer_class",
]
