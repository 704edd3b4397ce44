"""The scorer `row_schema`: JSON that is valid under the schema of its own row.

A valid value proves the form and nothing else: where nothing is required, `{}` is valid too. Such replies are right and
get the flag `trivial`. The metric `substance@1` is the share of the schema's top-level properties that a reply has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for
from jsonschema_specifications import REGISTRY as SPECIFICATIONS  # type: ignore[import-untyped]
from referencing import Registry

from harness.reading.json_ladder import JsonReading, parse_json, read_json

from .base import Asked, BadAnswer, Fault, Found, Options, Scorer

LONGEST = 100_000
REGISTRY: Registry[Any] = SPECIFICATIONS
"""The drafts themselves and nothing else: a schema of a row must not make this machine fetch an address or a file."""

_TOKENS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[:=!<>P]*|.", re.DOTALL)
_DATA = frozenset({"enum", "const", "default", "examples"})
"""Keywords whose values are data and no schemas."""


class RowSchemaOptions(Options):
    """Options of `row_schema`: none but the name."""


class RowSchemaScorer(Scorer):
    """Validates a reply."""

    Options = RowSchemaOptions

    def gold(self, answer: Any) -> tuple[str, ...]:
        """The schema, as a value or as text."""
        schema = answer
        if isinstance(answer, str):
            try:
                schema = json.loads(answer)
            except ValueError as error:
                raise BadAnswer(f"the schema is not JSON: {error}") from None
        try:
            validator_for(schema, default=Draft202012Validator).check_schema(schema)
        except (SchemaError, AttributeError, TypeError) as error:
            raise BadAnswer(f"not a JSON Schema: {str(error).splitlines()[0][:200]}") from None
        return (json.dumps(schema, ensure_ascii=False, sort_keys=True),)

    def read(self, visible: str, asked: Asked) -> Found:
        """Read JSON and validate it under the draft that the schema names."""
        reading = _read(visible[:LONGEST])
        if not reading.found:
            return Found(0.0, (visible,), (Fault("fmt.none_found", "no JSON is in the reply"),), "")
        if reading.repairs:
            told = f"it is JSON only after a repair: {', '.join(reading.repairs)}"
            return Found(0.0, (visible,), (Fault("fmt.invalid_json", told),), reading.rung)
        skipped: list[str] = []
        schema = without_slow_patterns(json.loads(asked.gold[0]), skipped)
        fault = _violation(schema, reading.value)
        named = (schema.get("properties") or {}) if isinstance(schema, dict) else {}
        given = reading.value if isinstance(reading.value, dict) else {}
        share = sum(name in given for name in named) / len(named) if named else 1.0
        trivial = reading.value in ({}, []) or not share
        flags = [*(["trivial"] if trivial else []), *(["pattern_skipped"] if skipped else [])]
        return Found(
            float(not fault),
            (json.dumps(reading.value, ensure_ascii=False),),
            (fault,) if fault else (),
            reading.rung,
            tuple(flags),
            {"substance@1": share},
        )

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Raise `LookupError`: what is valid under a schema is not known."""
        raise LookupError("a schema does not say which value is meant")


def _violation(schema: Any, value: Any) -> Fault | None:
    cls = validator_for(schema, default=Draft202012Validator)
    try:
        error = next(iter(cls(schema, registry=REGISTRY, format_checker=cls.FORMAT_CHECKER).iter_errors(value)), None)
    except RecursionError:
        return Fault("schema_violation", "it is nested too deeply")
    except Exception as problem:  # a reference that leads nowhere, in as many ways as there are drafts
        return Fault("schema_violation.unresolved", f"the schema cannot be followed: {type(problem).__name__}")
    if error is None:
        return None
    kind = re.sub(r"[^a-z0-9_]+", "_", str(error.validator).lower())
    return Fault(f"schema_violation.{kind}", f"{error.json_path}: {error.message[:200]}")


def _read(visible: str) -> JsonReading:
    """Read JSON of any kind: a schema may ask for a text or a number alone."""
    value, duplicates = parse_json(visible.strip())
    if isinstance(value, str | int | float | bool):
        return JsonReading(value, "as_asked", (value,), duplicates=duplicates)
    return read_json(visible)


def without_slow_patterns(schema: Any, skipped: list[str]) -> Any:
    """Return a schema without patterns that may take for ever; what is skipped is added to the list."""
    if isinstance(schema, list):
        return [without_slow_patterns(each, skipped) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key == "pattern" and isinstance(value, str) and is_slow(value):
            skipped.append(value)
        elif key == "patternProperties" and isinstance(value, dict):
            slow = [pattern for pattern in value if is_slow(pattern)]
            skipped.extend(slow)
            kept[key] = {name: without_slow_patterns(each, skipped) for name, each in value.items() if name not in slow}
        else:
            kept[key] = value if key in _DATA else without_slow_patterns(value, skipped)
    if _loses_names(schema, kept):  # names that the lost pattern allowed are no longer told from others
        kept.pop("additionalProperties", None)
    return kept


def _loses_names(schema: Mapping[str, Any], kept: Mapping[str, Any]) -> bool:
    before, after = schema.get("patternProperties"), kept.get("patternProperties")
    return isinstance(before, dict) and isinstance(after, dict) and len(before) > len(after)


def is_slow(pattern: str) -> bool:
    """Tell whether a repeated group can match one text in several ways: it repeats or chooses inside itself.

    Such a pattern may take time that doubles with every character. Harmless ones are taken for slow too.
    """
    varies, closed = [False], False
    for token in _TOKENS.findall(pattern):
        if token in ("*", "+", "{") and closed:
            return True
        if token.startswith("(") and token != "\\(":
            varies.append(False)
        elif token in ("*", "+", "{", "?", "|"):
            varies[-1] = True
        closed = False
        if token == ")" and len(varies) > 1:
            closed = varies.pop()
            varies[-1] = varies[-1] or closed
    return False
