"""Replies that break a JSON form in one way each, made from the right value."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .attributes import GRADE_SYNONYMS

LeafInfo = tuple[str, str, bool]
"""Key, attribute, and whether a number is written as a string."""


def json_mistakes(value: Any, wrapper: str, leaves: Sequence[LeafInfo]) -> Iterator[tuple[str, str]]:
    """Yield each mistake that this value allows."""
    yield from text_mistakes(json.dumps(value, ensure_ascii=False))
    yield "fmt.wrong_root_type", json.dumps(value[wrapper] if wrapper else {"records": value})
    for mode, made in value_mistakes(value, wrapper, leaves):
        yield mode, json.dumps(made, ensure_ascii=False)


def text_mistakes(right: str) -> Iterator[tuple[str, str]]:
    """Yield mistakes of writing JSON."""
    yield "fmt.none_found", "The entries are in the text."
    yield "fmt.prose_around", f"Here are the entries:\n{right}\nI hope this helps."
    yield "fmt.fenced", f"```json\n{right}\n```"
    yield "fmt.multiple_objects", f"{right}\n{right}"
    yield from json_text_mistakes(right)


def json_text_mistakes(right: str) -> Iterator[tuple[str, str]]:
    """Yield ways to write JSON that is none."""
    if "'" not in right and '\\"' not in right:
        yield "fmt.invalid_json.single_quotes", right.replace('"', "'")
    yield "fmt.invalid_json.trailing_comma", re.sub(r"}$|]$", lambda match: f",{match[0]}", right)
    yield "fmt.invalid_json.comments", f"{right[0]} /* as asked */ {right[1:]}"
    literal = re.sub(
        r": (true|false|null)", lambda m: f": {({'true': 'True', 'false': 'False'}).get(m[1], 'None')}", right
    )
    if literal != right:
        yield "fmt.invalid_json.python_literals", literal
    yield "fmt.invalid_json.unescaped_newline", re.sub(r'": "([^" ]+) ', lambda m: f'": "{m[1]}\n', right, count=1)
    yield "fmt.invalid_json.unbalanced", right[:-1]
    if number := re.search(r"(?<=: )[0-9]+(?:\.[0-9]+)?(?=[,}])", right):
        yield "fmt.invalid_json.nan", f"{right[: number.start()]}NaN{right[number.end() :]}"
    yield "fmt.duplicate_key", re.sub(r'("\w+": "[^"]*", )', r"\1\1", right, count=1)
    yield "fmt.invalid_json.other", re.sub(r'"(\w+)": ', lambda match: f"{match[1]}: ", right)


def value_mistakes(value: Any, wrapper: str, leaves: Sequence[LeafInfo]) -> Iterator[tuple[str, Any]]:
    """Yield mistakes of the value: keys, types, enums, ranges, counts."""

    def rows(made: Any) -> list[Any]:
        found: list[Any] = made[wrapper] if wrapper else made
        return found

    def edited(key: str, change: Callable[[dict[str, Any], str], None]) -> Any:
        made = copy.deepcopy(value)
        change(_owner(rows(made)[0], key), key)
        return made

    key = leaves[-1][0]
    yield "schema.missing_key", edited(key, lambda owner, key: owner.__delitem__(key))
    yield "schema.extra_key", edited(key, lambda owner, key: owner.__setitem__("checksum", 1))
    yield "schema.renamed_key", edited(key, lambda owner, key: owner.__setitem__(key.upper(), owner.pop(key)))
    for key, attribute, as_text in leaves:
        for mode, change in _CHANGES.get("as text" if as_text else attribute, ()):
            yield mode, edited(key, _changing(change))
    made = copy.deepcopy(value)
    rows(made).append(copy.deepcopy(rows(made)[0]))
    yield "fmt.wrong_count", made


def _changing(change: Callable[[Any], Any]) -> Callable[[dict[str, Any], str], None]:
    def apply(owner: dict[str, Any], key: str) -> None:
        owner[key] = change(owner[key])

    return apply


def _owner(record: dict[str, Any], key: str) -> dict[str, Any]:
    """Return the object, of a record and those nested in it, that has a key."""
    return next(found for found in _objects(record) if key in found)


def _objects(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield record
    for item in record.values():
        if isinstance(item, dict):
            yield from _objects(item)


_CHANGES: dict[str, tuple[tuple[str, Callable[[Any], Any]], ...]] = {
    "desk": (
        ("schema.wrong_type.num_as_string", str),
        ("schema.wrong_type.null", lambda value: None),
        ("schema.range", lambda value: value + 100),
    ),
    "weekly fee": (
        ("schema.wrong_type.num_as_string", str),
        ("schema.range", lambda value: value + 100),
    ),
    "file number": (
        ("schema.wrong_type.string_as_num", int),
        ("schema.pattern", lambda value: value.lstrip("0")),
    ),
    "joining date": (
        ("schema.format", lambda value: "/".join(reversed(value.split("-")))),
        ("schema.wrong_type.scalar_as_list", lambda value: [value]),
    ),
    "grade": (
        ("schema.wrong_enum.case_variant", str.upper),
        ("schema.wrong_enum.synonym", lambda value: GRADE_SYNONYMS[value][0]),
        ("schema.wrong_enum.out_of_set", lambda value: "unknown"),
    ),
    "tools": (
        ("schema.wrong_type.list_as_scalar", ", ".join),
        ("schema.min_items", lambda value: []),
        ("schema.max_items", lambda value: [*value, "spare", "extra"]),
        ("schema.unique", lambda value: [value[0], value[0]]),
    ),
    "on leave": (("schema.wrong_type.other", lambda value: "yes"),),
    "note": (("schema.wrong_type.scalar_as_list", lambda value: [value]),),
    "as text": (("schema.wrong_type.string_as_num", float),),
}
