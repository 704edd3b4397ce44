"""The scorer `json_schema`: is the reply JSON, is it valid, and is each field right?

Form and content are kept apart. A reply that is no JSON value, or not valid under the schema, earns nothing; a valid
one earns the share of its fields that are right. A field is a path to a value that is no object and no list:
`lines[0].sku`. Fields that only the reply has count as wrong ones, so that nothing is gained by guessing more keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for
from pydantic import Field
from referencing.exceptions import Unresolvable

from harness.errors import ConfigError
from harness.reading.json_ladder import JsonReading, read_json

from ..sources import find_file
from .base import Asked, BadAnswer, Fault, Found, Options, Scorer
from .row_schema import REGISTRY
from .text import NormalOptions, normal

MOST_NAMED = 20
"""Top-level fields that get a failure mode of their own name; with more, a wrong one is `wrong_field`."""

MOST_FIELDS = 2000
"""Fields of a reply that are compared: beyond, it is no answer to the question."""

_STRINGS = NormalOptions(name="exact", ignore_case=False)
_FORMS = {"bare": ("as_asked",), "fenced": ("as_asked", "fenced"), "anywhere": ()}


class JsonOptions(Options):
    """Options of `json_schema`.

    Attributes:
        json_schema: a JSON Schema, in the sweep or as the path of a file; without one, any JSON is valid. The sweep
            calls it `schema`.
        form: how the JSON may stand in the reply: `bare`, in a code `fenced` block too, or `anywhere` in a text.
        ignore: fields that are not compared, as paths; what is below them is not either.
        ignore_case: whether text fields are compared without case.
        absolute: how far a number may be off.
        relative: how far it may be off as a share of the right one.
        unordered: whether lists are compared without their order.
    """

    json_schema: dict[str, Any] | str | None = Field(default=None, alias="schema")
    form: Literal["bare", "fenced", "anywhere"] = "fenced"
    ignore: list[str] = Field(default_factory=list)
    ignore_case: bool = False
    absolute: float = Field(default=0.0, ge=0)
    relative: float = Field(default=0.0, ge=0)
    unordered: bool = False


class JsonScorer(Scorer):
    """Compares JSON field by field."""

    Options = JsonOptions
    options: JsonOptions

    @cached_property
    def _file(self) -> bytes:
        schema = self.options.json_schema
        if not isinstance(schema, str):
            return b""
        try:
            return find_file(schema, self.folders).read_bytes()
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", where=schema) from None

    @cached_property
    def _validator(self) -> Any:
        schema = self.options.json_schema
        where = schema if isinstance(schema, str) else "score: schema"
        try:
            plain = json.loads(self._file) if isinstance(schema, str) else schema
            cls = validator_for(plain or {}, default=Draft202012Validator)
            cls.check_schema(plain or {})
        except SchemaError as error:
            raise ConfigError(f"not a JSON Schema: {error.message}", where=where) from None
        except ValueError as error:
            raise ConfigError(f"not JSON: {error}", where=where) from None
        return cls(plain or {}, registry=REGISTRY, format_checker=cls.FORMAT_CHECKER)

    def check(self) -> None:
        """Read the schema."""
        _ = self._validator

    def files(self) -> Mapping[str, bytes]:
        """Return the schema's file."""
        schema = self.options.json_schema
        return {schema: self._file} if isinstance(schema, str) else {}

    def gold(self, answer: Any) -> tuple[str, ...]:
        """A JSON object or list, as a value or as text; it must be valid itself."""
        value = answer
        if isinstance(answer, str):
            try:
                value = json.loads(answer)
            except ValueError as error:
                raise BadAnswer(f"the answer is not JSON: {error}") from None
        if not isinstance(value, dict | list):
            raise BadAnswer("the answer is neither a JSON object nor a list")
        if fault := self._violation(value):
            raise BadAnswer(f"the answer is not valid: {fault.evidence}")
        if not list(self._fields(value)):
            raise BadAnswer("the answer has no field to compare")
        return (json.dumps(value, ensure_ascii=False, sort_keys=True),)

    def read(self, visible: str, asked: Asked) -> Found:
        """Read JSON, validate it, compare its fields."""
        reading = read_json(visible)
        gold = json.loads(asked.gold[0])
        form = self._form_fault(reading)
        if not reading.found:
            metrics = {"json@1": 0.0, "schema@1": 0.0, "fields@1": 0.0}
            return Found(0.0, (visible,), (form,) if form else (), "", metrics=metrics)
        violation = self._violation(reading.value)
        right, wrong = self._compared(gold, reading.value)
        share = right / (right + len(wrong))
        faults = [fault for fault in (form, violation, *wrong) if fault]
        metrics = {"json@1": float(not form), "schema@1": float(not violation), "fields@1": share}
        shown = json.dumps(reading.value, ensure_ascii=False)
        return Found(0.0 if form or violation else share, (shown,), tuple(faults), reading.rung, metrics=metrics)

    def _form_fault(self, reading: JsonReading) -> Fault | None:
        if not reading.found:
            return Fault("fmt.none_found", "no JSON object or list is in the reply")
        if reading.repairs:
            kind = reading.repairs[0] if len(reading.repairs) == 1 else "several"
            return Fault(f"fmt.invalid_json.{kind}", f"it is JSON only after a repair: {', '.join(reading.repairs)}")
        if reading.duplicates:
            return Fault("fmt.invalid_json.duplicate_key", "an object has a key twice")
        allowed = _FORMS[self.options.form]
        if not allowed or reading.rung in allowed:
            return None
        named = {"fenced": "fmt.fenced", "multiple_objects": "fmt.multiple_objects"}
        return Fault(named.get(reading.rung, "fmt.prose_around"), f"the JSON stands there as {reading.rung}")

    def _violation(self, value: Any) -> Fault | None:
        """Return the first violation of the schema, by path; a mode is named after the keyword of the user's schema."""
        try:
            errors = sorted(self._validator.iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
        except RecursionError:
            return Fault("schema_violation", "it is nested too deeply")
        except Unresolvable as error:
            return Fault("schema_violation.unresolved", f"the schema refers to {error.ref}, and nothing is fetched")
        if not errors:
            return None
        first = errors[0]
        path = _path(tuple(first.absolute_path)) or "the whole"
        return Fault(f"schema_violation.{first.validator}", f"{path}: {first.message[:150]}")

    def _compared(self, gold: Any, given: Any) -> tuple[int, list[Fault]]:
        """Return how many fields are right, and what is wrong with the others, in the order of the right answer."""
        expected = dict(self._fields(gold))
        found = dict(_bounded(self._fields(given)))
        names = list(gold) if isinstance(gold, dict) and len(gold) <= MOST_NAMED else []
        faults = []
        for path, value in expected.items():
            if path not in found:
                faults.append(Fault(_named("missing_field", path, names), f"{_path(path)} is missing"))
            elif not self._same(value, found[path]):
                told = f"{_path(path)} is {_short(found[path])}, and right is {_short(value)}"
                faults.append(Fault(_named("wrong_field", path, names), told))
        right = len(expected) - len(faults)
        extra = [path for path in found if path not in expected]
        if extra:
            faults.append(
                Fault("extra_field", f"{len(extra)} fields are not in the answer, as {_path(extra[0])[:100]}")
            )
        return right, faults + [Fault("extra_field", "another")] * max(len(extra) - 1, 0)

    def _fields(self, value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
        """Yield every path that ends in a plain value, an empty object or an empty list."""
        if _path(path) in self.options.ignore:
            return
        if isinstance(value, dict) and value:
            for key in value:
                yield from self._fields(value[key], (*path, key))
        elif isinstance(value, list) and value:
            items = sorted(value, key=_sort_key) if self.options.unordered else value
            for index, item in enumerate(items):
                yield from self._fields(item, (*path, index))
        else:
            yield path, value

    def _same(self, right: Any, given: Any) -> bool:
        if isinstance(right, bool) or isinstance(given, bool) or right is None or given is None:
            return type(right) is type(given) and bool(right == given)
        if isinstance(right, int | float) and isinstance(given, int | float):
            return abs(given - right) <= max(self.options.absolute, self.options.relative * abs(right))
        if isinstance(right, str) and isinstance(given, str):
            options = _STRINGS.model_copy(update={"ignore_case": self.options.ignore_case})
            return normal(right, options) == normal(given, options)
        return type(right) is type(given) and bool(right == given)


def _bounded(fields: Iterator[tuple[tuple[str | int, ...], Any]]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    for number, each in enumerate(fields):
        if number >= MOST_FIELDS:
            return
        yield each


def _named(mode: str, path: tuple[str | int, ...], names: list[str]) -> str:
    """Name a mode after the field of the right answer: names of a reply never get into a mode."""
    name = str(path[0]) if path and path[0] in names else ""
    plain = "".join(c if c.isalnum() or c == "_" else "_" for c in name)[:40]
    return f"{mode}.{plain}" if plain else mode


def _path(path: tuple[Any, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
