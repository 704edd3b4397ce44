"""From what a JSON Schema validator complains about to failure modes.

A key that is missing while a variant of it stands there (other case, snake or camel, up to two letters off) is renamed,
not missing and extra. Of a choice between variants the one that the discriminator names is the one that was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from harness.reading.values import edits

from .attributes import GRADE_SYNONYMS
from .forms import Fault, first_faults

MAX_ERRORS = 60
"""Complaints that are looked at; a longer list says no more."""

MAX_ITEMS = 300
"""Elements of a list that are looked at: no form asks for as many."""

MAX_KEYS = 40
MAX_KEY_CHARS = 40
"""Keys of an object that may be misspelt ones, and how long they may be."""

NEAR_KEY = 2
"""Edits up to which a key is a misspelt one."""

DISCRIMINATOR = "kind"
Path = tuple[str | int, ...]

_SIMPLE = {
    "pattern": "schema.pattern",
    "format": "schema.format",
    "minimum": "schema.range",
    "maximum": "schema.range",
    "minItems": "schema.min_items",
    "maxItems": "schema.max_items",
    "uniqueItems": "schema.unique",
}


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Return a validator of a schema that checks formats too."""
    return Draft202012Validator(dict(schema), format_checker=FormatChecker(["date"]))


def clipped(value: Any) -> Any:
    """Shorten what is far too long for any form, so that no reply makes validation slow."""
    if isinstance(value, dict):
        return {key: clipped(item) for key, item in islice(value.items(), MAX_ITEMS)}
    return [clipped(item) for item in value[:MAX_ITEMS]] if isinstance(value, list) else value


def schema_faults(
    value: Any, check: Draft202012Validator, records_at: Path, most: int = MAX_ERRORS
) -> tuple[Fault, ...]:
    """Return the faults of a value, one a mode.

    Args:
        value: what was read, clipped.
        check: the validator of the form.
        records_at: path of the list of records, whose length is a count of its own.
        most: complaints that are looked at.
    """
    errors = list(_leaves(islice(check.iter_errors(value), most)))
    return first_faults([*_key_faults(errors), *(fault for error in errors for fault in _fault(error, records_at))])


def _wanted(error: ValidationError) -> Any:
    """What the rule that complains asks for."""
    return error.validator_value


def _found(error: ValidationError) -> Any:
    """What stands there."""
    return error.instance


def _properties(error: ValidationError) -> Any:
    """The properties of the object that a complaint is about."""
    schema: Any = error.schema
    return schema["properties"]


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Replace a complaint about a choice by those about the variant that was meant."""
    for error in errors:
        if error.validator != "oneOf" or not isinstance(_found(error), dict):
            yield error
            continue
        branches: dict[int, list[ValidationError]] = {}
        for child in error.context or ():
            branches.setdefault(int(child.schema_path[0]), []).append(child)
        meant = [group for group in branches.values() if not any(_is_discriminator(child) for child in group)]
        yield from _leaves(meant[0]) if meant else [_about_discriminator(branches)]


def _is_discriminator(error: ValidationError) -> bool:
    if error.validator == "required":
        return DISCRIMINATOR in _wanted(error) and DISCRIMINATOR not in _found(error)
    return error.validator == "const" and bool(error.path) and error.path[-1] == DISCRIMINATOR


def _about_discriminator(branches: Mapping[int, Sequence[ValidationError]]) -> ValidationError:
    return next(error for group in branches.values() for error in group if _is_discriminator(error))


def _key_faults(errors: Sequence[ValidationError]) -> Iterator[Fault]:
    """Pair missing keys with variants of them; the rest is missing or extra."""
    missing: dict[Path, list[str]] = {}
    extra: dict[Path, list[str]] = {}
    for error in errors:
        path = tuple(error.absolute_path)
        if error.validator == "required":
            missing[path] = [key for key in _wanted(error) if key not in _found(error)]
        elif error.validator == "additionalProperties":
            extra[path] = [key for key in _found(error) if key not in _properties(error)]
    for path in {**missing, **extra}:
        left = list(extra.get(path, ()))
        for key in missing.get(path, ()):
            variant = variant_of(key, left)
            if variant is None:
                yield Fault("schema.missing_key", f"{_place(path)} has no {key!r}")
            else:
                left.remove(variant)
                yield Fault("schema.renamed_key", f"{_place(path)} has {variant[:60]!r} for {key!r}")
        if left:
            yield Fault("schema.extra_key", f"{_place(path)} has {left[0][:60]!r}, which nothing asks for")


def variant_of(right: str, keys: Iterable[str]) -> str | None:
    """Return the first of some keys, of which `MAX_KEYS` are looked at, that is another spelling of the right one."""
    return next((key for key in islice(keys, MAX_KEYS) if len(key) < MAX_KEY_CHARS and is_variant(key, right)), None)


@lru_cache(4096)
def is_variant(key: str, right: str) -> bool:
    """Tell whether a short key is another spelling of the right one."""
    return _bare(key) == _bare(right) or edits(key, right, NEAR_KEY) <= NEAR_KEY


def _bare(key: str) -> str:
    return re.sub(r"[\s_-]", "", key).casefold()


def _place(path: Sequence[str | int]) -> str:
    return "/".join(map(str, path)) or "the root"


def _fault(error: ValidationError, records_at: Path) -> Iterator[Fault]:
    path, rule = tuple(error.absolute_path), str(error.validator)
    place, found = _place(path), repr(_found(error))[:60]
    if rule in ("minItems", "maxItems") and path == records_at:
        yield Fault("fmt.wrong_count", f"{len(_found(error))} records, asked for are {_wanted(error)}")
    elif rule in ("type", "oneOf"):
        mode = "fmt.wrong_root_type" if not path else f"schema.wrong_type.{_type_slip(error)}"
        yield Fault(mode, f"{place} is {found}")
    elif rule in ("enum", "const"):
        yield Fault(_enum_mode(error), f"{place} is {found}")
    elif rule in _SIMPLE:
        yield Fault(_SIMPLE[rule], f"{place} is {found}")


def _type_slip(error: ValidationError) -> str:
    value, wanted = _found(error), _wanted(error)
    types = {wanted} if isinstance(wanted, str) else set(wanted) if error.validator == "type" else {"object"}
    if value is None:
        return "null"
    if isinstance(value, list):
        return "scalar_as_list"
    if types == {"array"}:
        return "list_as_scalar"
    if isinstance(value, str) and types & {"integer", "number"}:
        return "num_as_string"
    if "string" in types and isinstance(value, int | float) and not isinstance(value, bool):
        return "string_as_num"
    return "other"


def _enum_mode(error: ValidationError) -> str:
    value = _found(error)
    allowed = _wanted(error) if error.validator == "enum" else [_wanted(error)]
    if value is None:
        return "schema.wrong_type.null"
    if isinstance(value, list):
        return "schema.wrong_type.scalar_as_list"
    text = str(value).casefold().strip()
    if any(str(right).casefold() == text for right in allowed):
        return "schema.wrong_enum.case_variant"
    synonym = any(text in GRADE_SYNONYMS.get(str(right), ()) for right in allowed)
    return f"schema.wrong_enum.{'synonym' if synonym else 'out_of_set'}"
