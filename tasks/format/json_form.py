"""JSON by a generated schema: an array of records, nested one to five deep, bare or inside an object.

    Reply with JSON alone: no other text and no code fence.

    The JSON must satisfy this JSON Schema (draft 2020-12): {"type": "array", "minItems": 2, …}

The schema describes where each value comes from, so that the prompt alone says what to write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator

from harness.contexts import Stream
from harness.reading.json_ladder import JsonReading, read_json

from .attributes import BY_NAME, normal
from .forms import NOT_FOUND, Fault, Form, Read, Record
from .json_mistakes import json_mistakes
from .schema_faults import MAX_ERRORS, Path, clipped, schema_faults, validator, variant_of

ALONE = "Reply with JSON alone: no other text and no code fence."
SCHEMA = "The JSON must satisfy this JSON Schema (draft 2020-12): "
MORE = "The object of each record has one more required property, at its top level: "
RENAME = 'Change of the form: the key "{}" is now called "{}". This replaces the earlier rule.'
RETYPE = 'Change of the form: the value of "{}" is now a string instead of a number. This replaces the earlier rule.'

WRAPPERS = ("entries", "people", "staff_list", "register")
GROUPS = ("details", "particulars", "further", "appendix")
CONST = ("form_code", "layout")

_SCHEMA_LINE = re.compile(rf"^{re.escape(SCHEMA)}(.+)$", re.MULTILINE)
_MORE_LINE = re.compile(rf"^{re.escape(MORE)}(.+)$", re.MULTILINE)
_RENAME = re.compile(re.escape(RENAME).replace(r"\{\}", "([a-zA-Z_]+)"))
_RETYPE = re.compile(re.escape(RETYPE).replace(r"\{\}", "([a-zA-Z_]+)"))


@dataclass(frozen=True)
class Leaf:
    """A property that holds an attribute; as text, a number is written as a string."""

    key: str
    attribute: str
    as_text: bool = False

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        schema = {"type": "string", "pattern": "^[0-9.]+$"} if self.as_text else BY_NAME[self.attribute].schema
        return {"description": self.attribute, **schema}


@dataclass(frozen=True)
class Group:
    """A property that holds an object."""

    key: str
    members: tuple[Leaf | Group, ...]

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema: every property is required and no other is allowed."""
        return {
            "type": "object",
            "properties": {member.key: member.schema() for member in self.members},
            "required": [member.key for member in self.members],
            "additionalProperties": False,
        }

    def leaves(self) -> Iterator[Leaf]:
        """All leaves, from the top."""
        for member in self.members:
            yield from member.leaves() if isinstance(member, Group) else [member]

    def with_leaf(self, old: Leaf, new: Leaf) -> Group:
        """The group with one leaf replaced, wherever it stands."""
        members = tuple(m.with_leaf(old, new) if isinstance(m, Group) else new if m == old else m for m in self.members)
        return Group(self.key, members)


@dataclass(frozen=True)
class JsonForm(Form):
    """A form for records as JSON.

    Attributes:
        record: the object of one record.
        asked: how many records.
        wrapper: key of the list of records in the root object; empty where the list is the root.
        const: a property of the root object whose value is given, where there is one.
    """

    record: Group
    asked: int
    wrapper: str = ""
    const: tuple[str, str] | None = None

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes."""
        return tuple(leaf.attribute for leaf in self.record.leaves())

    @cached_property
    def records_at(self) -> Path:
        """Path of the list of records."""
        return (self.wrapper,) if self.wrapper else ()

    @property
    def _consts(self) -> list[tuple[str, str]]:
        return [self.const] if self.const else []

    def schema(self, *, split: bool = False, asked: int | None = None) -> dict[str, Any]:
        """Return the JSON Schema; split, it leaves out the last property of a record."""
        record = Group(self.record.key, self.record.members[:-1]) if split else self.record
        count = {} if asked is None else {"minItems": asked, "maxItems": asked}
        records = {"type": "array", **count, "items": record.schema()}
        if not self.wrapper:
            return records
        properties: dict[str, Any] = {key: {"const": value} for key, value in self._consts}
        properties[self.wrapper] = records
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def rules(self, *, split: bool) -> tuple[str, ...]:
        """State the form."""
        schema = f"{SCHEMA}{json.dumps(self.schema(split=split, asked=self.asked))}"
        last = self.record.members[-1]
        return (ALONE, schema, f"{MORE}{json.dumps({last.key: last.schema()})}") if split else (ALONE, schema)

    def value(self, records: Sequence[Record]) -> Any:
        """Return records as the value that the form wants."""
        rows = [_filled(self.record, record) for record in records]
        if not self.wrapper:
            return rows
        return {**dict(self._consts), self.wrapper: rows}

    def write(self, records: Sequence[Record]) -> str:
        """Write records down in this form."""
        return json.dumps(self.value(records), ensure_ascii=False)

    @cached_property
    def _validators(self) -> dict[int | None, Draft202012Validator]:
        return {asked: validator(self.schema(asked=asked)) for asked in (None, self.asked)}

    def validator(self, asked: int | None) -> Draft202012Validator:
        """Return what validates this form, for any number of records or for the number asked for."""
        return self._validators[None if asked is None else self.asked]

    def read(self, text: str, asked: int | None) -> Read:
        """Read a visible reply."""
        found = read_json(text)
        if not found.found:
            unread = Fault("fmt.invalid_json.other", "what stands there is no JSON, and no repair makes it JSON")
            looks_like_it = "{" in text and ":" in text
            return Read(text=(unread,)) if looks_like_it else NOT_FOUND
        value = clipped(self._merged(found))
        any_number = asked is None
        schema = schema_faults(value, self.validator(asked), self.records_at, most=1 if any_number else MAX_ERRORS)
        records = () if any_number and schema else self._records(value)
        return Read(rung=found.rung, text=text_faults(found), schema=schema, records=records)

    def _merged(self, found: JsonReading) -> Any:
        """Of several values, those that are single records make the list."""
        several = len(found.values) > 1 and all(isinstance(value, dict) for value in found.values)
        return list(found.values) if several and not self.wrapper else found.value

    def _records(self, value: Any) -> tuple[Mapping[str, str], ...]:
        return tuple(self.cells(row) for row in record_rows(value, self.wrapper))

    def cells(self, row: Mapping[str, Any]) -> dict[str, str]:
        """Return what a record says, by attribute, under the key of the form or a variant of it."""
        found = flat(row)
        cells: dict[str, str] = {}
        for leaf in self.record.leaves():
            key = leaf.key if leaf.key in found else variant_of(leaf.key, found)
            if key is not None:
                cells[leaf.attribute] = normal(found[key])
        return cells

    def changed(self, stream: Stream) -> tuple[JsonForm, str]:
        """Rename a key, or make a number a string."""
        numbers = [leaf for leaf in self.record.leaves() if leaf.attribute in ("desk", "weekly fee")]
        if numbers and stream.below(2):
            leaf = stream.choice(numbers)
            changed = replace(self, record=self.record.with_leaf(leaf, replace(leaf, as_text=True)))
            return changed, RETYPE.format(leaf.key)
        leaf = stream.choice([leaf for leaf in self.record.leaves() if leaf.attribute != "name"])
        key = stream.choice([key for key in key_choices(leaf.attribute, leaf.key) if key != leaf.key])
        changed = replace(self, record=self.record.with_leaf(leaf, replace(leaf, key=key)))
        return changed, RENAME.format(leaf.key, key)

    def mistakes(self, records: Sequence[Record]) -> Iterator[tuple[str, str]]:
        """Yield replies that break this form alone."""
        leaves = [(leaf.key, leaf.attribute, leaf.as_text) for leaf in self.record.leaves()]
        yield from json_mistakes(self.value(records), self.wrapper, leaves)


def text_faults(found: JsonReading) -> tuple[Fault, ...]:
    """Return what is wrong with how JSON was written."""
    faults = []
    if found.repairs:
        faults += [Fault(f"fmt.invalid_json.{name}", f"it parses after the repair {name}") for name in found.repairs]
    else:
        several = len(found.values) > 1
        if found.prose:
            faults.append(Fault("fmt.prose_around", "text stands around the JSON"))
        if found.fenced:
            faults.append(Fault("fmt.fenced", "the JSON stands in a code fence"))
        if several:
            faults.append(Fault("fmt.multiple_objects", f"{len(found.values)} values stand there"))
    if found.duplicates:
        faults.append(Fault("fmt.duplicate_key", f"the key {found.duplicates[0][:60]!r} occurs twice"))
    return tuple(faults)


def key_choices(attribute: str, like: str) -> list[str]:
    """Return the names that a form may give an attribute, in the style of another key."""
    camel = any(char.isupper() for char in like)
    return [styled(key, camel=camel) for key in BY_NAME[attribute].keys]


def styled(key: str, *, camel: bool) -> str:
    """Return a snake-case key in the style asked for."""
    if not camel:
        return key
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _filled(group: Group, record: Record) -> dict[str, Any]:
    return {m.key: _filled(m, record) if isinstance(m, Group) else _value(m, record) for m in group.members}


def _value(leaf: Leaf, record: Record) -> Any:
    value = record[leaf.attribute]
    return BY_NAME[leaf.attribute].say(value) if leaf.as_text else value


def record_rows(value: Any, wrapper: str) -> list[Mapping[str, Any]]:
    """Find the records in a value, wherever they are: under the wrapper, in the root, or in any list."""
    if isinstance(value, dict):
        inside = value.get(wrapper)
        lists = [inside] if isinstance(inside, list) else [item for item in value.values() if isinstance(item, list)]
        rows = next((rows for rows in lists if any(isinstance(row, dict) for row in rows)), [value])
    else:
        rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict)]


def flat(row: Mapping[str, Any], levels: int = 6) -> dict[str, Any]:
    """Return every property of an object and of those inside it, by key; of two, the first."""
    found: dict[str, Any] = dict(row)
    if levels:
        for item in row.values():
            if isinstance(item, dict):
                found = {**flat(item, levels - 1), **found}
    return found


def draw_json_form(attributes: Sequence[str], depth: int, asked: int, stream: Stream) -> JsonForm:
    """Draw a form: keys, style, nesting so many levels deep, root.

    Raises:
        ValueError: fewer attributes than levels.
    """
    camel = bool(stream.below(2))
    leaves = [Leaf(styled(stream.choice(BY_NAME[name].keys), camel=camel), name) for name in ("name", *attributes)]
    per_level = _dealt(len(leaves), depth)
    inner: Group | None = None
    groups = stream.shuffled(GROUPS)
    for level in reversed(range(depth)):
        start = sum(per_level[:level])
        own = leaves[start : start + per_level[level]]
        members: tuple[Leaf | Group, ...] = (own[0], inner, *own[1:]) if inner else tuple(own)
        inner = Group(groups[level - 1] if level else "", members)
    assert inner is not None
    if stream.below(2):
        return JsonForm(inner, asked)
    const = (stream.choice(CONST), f"K{stream.between(10, 99)}")
    return JsonForm(inner, asked, stream.choice(WRAPPERS), const)


def _dealt(count: int, levels: int) -> list[int]:
    """Deal leaves to levels, at least one each, the outer ones first; a record's top level has two or more."""
    if count <= levels:
        raise ValueError(f"{count} properties do not fill {levels} levels")
    return [count // levels + (level < count % levels) for level in range(levels)]


def find_json_form(prompt: str) -> JsonForm:
    """Read the form from a prompt, changes applied."""
    schema = json.loads(_SCHEMA_LINE.findall(prompt)[-1])
    wrapper, records = "", schema
    const: tuple[str, str] | None = None
    if schema["type"] == "object":
        wrapper = next(key for key, item in schema["properties"].items() if item.get("type") == "array")
        const = next((key, item["const"]) for key, item in schema["properties"].items() if "const" in item)
        records = schema["properties"][wrapper]
    record = _group("", records["items"])
    for line in _MORE_LINE.findall(prompt):
        record = Group("", (*record.members, *_members(json.loads(line))))
    form = JsonForm(record, records["minItems"], wrapper, const)
    for old, new in _RENAME.findall(prompt):
        form = _with(form, old, key=new)
    for key in _RETYPE.findall(prompt):
        form = _with(form, key, as_text=True)
    return form


def _with(form: JsonForm, old: str, **change: Any) -> JsonForm:
    leaf = next(leaf for leaf in form.record.leaves() if leaf.key == old)
    return replace(form, record=form.record.with_leaf(leaf, replace(leaf, **change)))


def _group(key: str, schema: Mapping[str, Any]) -> Group:
    return Group(key, tuple(_members(schema["properties"])))


def _members(properties: Mapping[str, Any]) -> list[Leaf | Group]:
    return [
        Leaf(key, item["description"]) if "description" in item else _group(key, item)
        for key, item in properties.items()
    ]
