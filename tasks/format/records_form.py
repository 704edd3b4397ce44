"""Rows in a syntax that is not one JSON value: CSV, YAML, XML …, a template, bullets.

    Reply with CSV alone, 2 rows below a header line: no other text and no code fence. …
    Fields, in this order: "person": name (text); "seat": desk (whole number); "joined_on": joining date (YYYY-MM-DD).

What was read becomes typed rows, which are held against the same kind of schema as JSON is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from harness.contexts import Stream

from .attributes import BY_NAME
from .forms import NOT_FOUND, Fault, Form, Read, Record, first_faults
from .json_form import Group, JsonForm, Leaf, key_choices, styled
from .records_mistakes import records_mistakes
from .rows import JOINT, NO_VALUE, Layout, Row, typed
from .schema_faults import MAX_ERRORS, clipped, schema_faults
from .syntaxes import INTRO, KEYED, READERS, TYPED, WRITERS, draw_parts, find_syntax, other_separator

_FIELDS = "Fields, in this order:"
_MORE = "More fields, behind the others:"
_AS: Mapping[str, str] = {
    "file number": "text of six digits",
    "desk": "whole number",
    "joining date": "YYYY-MM-DD",
    "grade": "as stated",
    "deputy": "text, or {none} where there is none",
    "on leave": "true or false",
    "weekly fee": "number",
    "tools": "{tools}",
}
RENAME = 'Change of the form: the field "{}" is now called "{}". This replaces the earlier rule.'
SEPARATE = 'Change of the form: cells are now set apart by "{}". This replaces the earlier rule.'

_FIELD = re.compile(r'"([a-zA-Z_]+)": ([a-z ]+) \(')
_SLOT = re.compile(r"([a-zA-Z_]+): <([a-z ]+)")
_RENAME = re.compile(re.escape(RENAME).replace(r"\{\}", "([a-zA-Z_]+)"))
_SEPARATE = re.compile(re.escape(SEPARATE).replace(r"\{\}", '([^"]{1,3})'))


@dataclass(frozen=True)
class RecordsForm(Form):
    """Rows in one syntax.

    Attributes:
        syntax: which.
        fields: names of the fields and what they hold, in order.
        asked: how many rows.
        root: names of the root element and of a row's, for XML.
        separator: what stands between cells, for CSV and TSV.
    """

    syntax: str
    fields: tuple[Leaf, ...]
    asked: int
    root: tuple[str, str] = ("", "")
    separator: str = ""

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes."""
        return tuple(leaf.attribute for leaf in self.fields)

    @cached_property
    def shape(self) -> JsonForm:
        """The rows as JSON would hold them."""
        return JsonForm(Group("", self.fields), self.asked)

    @cached_property
    def layout(self) -> Layout:
        """What the syntax must know."""
        return Layout(tuple(leaf.key for leaf in self.fields), *self.root, self.separator)

    def rules(self, *, split: bool) -> tuple[str, ...]:
        """State the form."""
        intro = INTRO[self.syntax]
        for place, text in (
            ("n", str(self.asked)),
            ("sep", self.separator),
            ("root", self.root[0]),
            ("item", self.root[1]),
        ):
            intro = intro.replace(f"{{{place}}}", text, 1)
        half = len(self.fields) // 2 if split else len(self.fields)
        parts = [f"{_FIELDS}{self._said(self.fields[:half])}", f"{_MORE}{self._said(self.fields[half:])}"]
        return (intro, *(parts if split else parts[:1]))

    def _said(self, fields: Sequence[Leaf]) -> str:
        none, tools = f'"{NO_VALUE}"', f'joined by "{JOINT}"'
        if self.syntax in TYPED:
            none, tools = "null", "list"
        how = {name: text.format(none=none, tools=tools) for name, text in _AS.items()}
        hints = [how.get(leaf.attribute, "text") for leaf in fields]
        if self.syntax == "template":
            slots = [f"\n{leaf.key}: <{leaf.attribute}, {hint}>" for leaf, hint in zip(fields, hints, strict=True)]
            return "".join(slots)
        said = [f'"{leaf.key}": {leaf.attribute} ({hint})' for leaf, hint in zip(fields, hints, strict=True)]
        return f" {'; '.join(said)}."

    def write(self, records: Sequence[Record]) -> str:
        """Write records down in this form."""
        return WRITERS[self.syntax](self.shape.value(records), self.layout)

    def read(self, text: str, asked: int | None) -> Read:
        """Read a visible reply."""
        found = READERS[self.syntax](text, self.layout)
        if not found.rung:
            return Read(text=found.text) if found.text else NOT_FOUND
        rows = [self._typed(row) for row in found.rows[:300]]
        order = self._order(found.rows)
        whole = [row for number, row in enumerate(rows) if number not in found.broken]
        check = self.shape.validator(None if found.broken else asked)
        schema = schema_faults(clipped(whole), check, (), most=1 if asked is None else MAX_ERRORS)
        return Read(
            rung=found.rung,
            text=found.text,
            schema=first_faults([*found.schema, *schema, *order]),
            records=tuple(self.shape.cells(row) for row in rows),
        )

    def _typed(self, row: Row) -> dict[str, Any]:
        if self.syntax in TYPED:
            return dict(row)
        kinds = {leaf.key: leaf.attribute for leaf in self.fields}
        return {key: typed(str(value), kinds.get(key, "")) for key, value in row.items()}

    def _order(self, rows: Sequence[Row]) -> tuple[Fault, ...]:
        keys = list(self.layout.keys)
        for row in rows[:300]:
            if list(row) != keys and sorted(row) == sorted(keys):
                return (Fault("fmt.wrong_order_fields", f"the fields stand in the order {', '.join(row)}"),)
        return ()

    def changed(self, stream: Stream) -> tuple[RecordsForm, str]:
        """Rename a field, or change the separator."""
        separator = other_separator(self.syntax, self.separator, stream)
        if separator and (self.syntax not in KEYED or stream.below(2)):
            return replace(self, separator=separator), SEPARATE.format(separator)
        leaf = stream.choice(self.fields[1:])
        key = stream.choice([key for key in key_choices(leaf.attribute, leaf.key) if key != leaf.key])
        return self.renamed(leaf.key, key), RENAME.format(leaf.key, key)

    def renamed(self, old: str, new: str) -> RecordsForm:
        """Return the form with a field renamed."""
        return replace(self, fields=tuple(replace(f, key=new) if f.key == old else f for f in self.fields))

    def mistakes(self, records: Sequence[Record]) -> Iterator[tuple[str, str]]:
        """Yield replies that break this form alone."""
        write, layout = WRITERS[self.syntax], self.layout

        def written(rows: Sequence[Row], change: Mapping[str, Any] | None = None) -> str:
            return write(rows, replace(layout, **(change or {})))

        leaves = [(leaf.key, leaf.attribute, leaf.as_text) for leaf in self.fields]
        yield from records_mistakes(self.syntax, self.shape.value(records), leaves, written)


def draw_records_form(syntax: str, attributes: Sequence[str], asked: int, stream: Stream) -> RecordsForm:
    """Draw a form: names of the fields, their style, their order, and what the syntax leaves open."""
    camel = bool(stream.below(2))
    names = ["name", *stream.shuffled([name for name in attributes if not BY_NAME[name].nested])]
    fields = tuple(Leaf(styled(stream.choice(BY_NAME[name].keys), camel=camel), name) for name in names)
    return RecordsForm(syntax, fields, asked, *draw_parts(syntax, stream))


def find_records_form(prompt: str) -> RecordsForm:
    """Read the form from a prompt, changes applied."""
    syntax, asked, root, separator = find_syntax(prompt)
    fields = tuple(Leaf(key, attribute) for key, attribute in _said_fields(prompt, syntax))
    form = RecordsForm(syntax, fields, asked, root, separator)
    for old, new in _RENAME.findall(prompt):
        form = form.renamed(old, new)
    for sign in _SEPARATE.findall(prompt):
        form = replace(form, separator=sign)
    return form


def _said_fields(prompt: str, syntax: str) -> list[tuple[str, str]]:
    if syntax == "template":
        return _SLOT.findall(prompt)
    lines = [line for line in prompt.split("\n") if line.startswith((_FIELDS, _MORE))]
    return [found for line in lines for found in _FIELD.findall(line)]
