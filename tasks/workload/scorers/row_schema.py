"""The scorer `row_schema`: JSON that is valid under the schema of its own row.

A valid value proves the form and nothing else: where nothing is required, `{}` is valid too. Such replies are right and
get the flag `trivial`. The metric `substance@1` is the share of the schema's top-level properties that a reply has.
"""

from __future__ import annotations

import json
import re
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for

from harness.reading.json_ladder import read_json

from .base import Asked, BadAnswer, Fault, Found, Options, Scorer

LONGEST = 100_000
_SLOW = re.compile(r"[*+}][^()]*\)[*+{]")
"""A repeated group with a repetition inside: such a pattern may take for ever."""


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
        reading = read_json(visible[:LONGEST])
        if not reading.found:
            return Found(0.0, (visible,), (Fault("fmt.none_found", "no JSON object or list is in the reply"),), "")
        if reading.repairs:
            told = f"it is JSON only after a repair: {', '.join(reading.repairs)}"
            return Found(0.0, (visible,), (Fault("fmt.invalid_json", told),), reading.rung)
        skipped: list[str] = []
        schema = without_slow_patterns(json.loads(asked.gold[0]), skipped)
        fault = _violation(schema, reading.value)
        named = (schema.get("properties") or {}) if isinstance(schema, dict) else {}
        share = sum(name in reading.value for name in named) / len(named) if named else 1.0
        flags = [*(["trivial"] if not reading.value or not share else []), *(["pattern_skipped"] if skipped else [])]
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
        error = next(iter(cls(schema, format_checker=cls.FORMAT_CHECKER).iter_errors(value)), None)
    except RecursionError:
        return Fault("schema_violation", "it is nested too deeply")
    except Exception as problem:  # a reference that leads nowhere, in as many ways as there are drafts
        return Fault("schema_violation.unresolved", f"the schema cannot be followed: {type(problem).__name__}")
    if error is None:
        return None
    kind = re.sub(r"[^a-z0-9_]+", "_", str(error.validator).lower())
    return Fault(f"schema_violation.{kind}", f"{error.json_path}: {error.message[:200]}")


def without_slow_patterns(schema: Any, skipped: list[str]) -> Any:
    """Return a schema without patterns that may take for ever."""
    if isinstance(schema, list):
        return [without_slow_patterns(each, skipped) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {}
    for key, value in schema.items():
        if key == "pattern" and isinstance(value, str) and _SLOW.search(value):
            skipped.append(value)
        else:
            kept[key] = without_slow_patterns(value, skipped)
    return kept
