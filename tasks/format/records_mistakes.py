"""Replies that break a form of rows in one way each, made from the right rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from .json_mistakes import LeafInfo, json_text_mistakes, value_mistakes
from .rows import Row
from .syntaxes import KEYED

READABLE = (
    "schema.wrong_enum.case_variant",
    "schema.wrong_enum.synonym",
    "schema.wrong_enum.out_of_set",
    "schema.pattern",
    "schema.format",
    "schema.range",
    "schema.min_items",
    "schema.max_items",
    "schema.unique",
    "fmt.wrong_count",
)
"""Mistakes of values that show where everything is text."""

ANY_TYPE = ("schema.wrong_type.", "schema.wrong_enum.")


class Writer(Protocol):
    """Writes rows down, in a layout with changes."""

    def __call__(self, rows: Sequence[Row], change: Mapping[str, Any] | None = None) -> str:
        """Write rows."""
        ...


def records_mistakes(
    syntax: str, rows: list[Any], leaves: Sequence[LeafInfo], write: Writer
) -> Iterator[tuple[str, str]]:
    """Yield each mistake that these rows and this syntax allow."""
    right = write(rows)
    yield "fmt.none_found", "The entries are in the text."
    yield "fmt.prose_around", f"Here are the entries you asked for:\n\n{right}\n\nI hope this helps."
    yield "fmt.fenced", f"```\n{right}\n```"
    yield from _SYNTAX.get(syntax, _no_mistakes)(rows, right, write)
    if syntax in KEYED:
        yield from _keys(rows, write)
    for mode, made in value_mistakes(rows, "", leaves):
        by_type = syntax in ("jsonl", "yaml") and mode.startswith(ANY_TYPE)
        if by_type or mode in READABLE:
            yield mode, write(made)


def _keys(rows: Sequence[Row], write: Writer) -> Iterator[tuple[str, str]]:
    """Yield mistakes of the names of fields, the same in every row."""
    last = list(rows[0])[-1]
    yield "schema.missing_key", write([{key: row[key] for key in row if key != last} for row in rows])
    yield "schema.extra_key", write([{**row, "checksum": 1} for row in rows])
    yield (
        "schema.renamed_key",
        write([{(key.upper() if key == last else key): row[key] for key in row} for row in rows]),
    )
    yield "fmt.wrong_order_fields", write([dict(reversed(list(row.items()))) for row in rows])


def _jsonl(rows: Sequence[Row], right: str, write: Writer) -> Iterator[tuple[str, str]]:
    yield "fmt.wrong_root_type", json.dumps(rows, ensure_ascii=False)
    yield "fmt.invalid_json.trailing_comma", right.replace("}", ",}")
    for mode, made in json_text_mistakes(right.split("\n", maxsplit=1)[0]):
        if mode != "fmt.invalid_json.unescaped_newline":
            yield mode, "\n".join([made, *right.split("\n")[1:]])


def _csv(rows: Sequence[Row], right: str, write: Writer) -> Iterator[tuple[str, str]]:
    yield "fmt.delimiter", write(rows, {"separator": "|"})


def _markdown(rows: Sequence[Row], right: str, write: Writer) -> Iterator[tuple[str, str]]:
    header, _, *body = right.split("\n")
    yield "fmt.delimiter", "\n".join([header, *body])


def _yaml(rows: Sequence[Row], right: str, write: Writer) -> Iterator[tuple[str, str]]:
    indented = right.replace("\n", "\n  ")
    yield "fmt.wrong_root_type", f"records:\n  {indented}"
    yield "fmt.invalid_yaml", re.sub(r"^(  \w+): ", r"\1: [", right, count=1, flags=re.MULTILINE)


def _xml(rows: Sequence[Row], right: str, write: Writer) -> Iterator[tuple[str, str]]:
    lines = right.split("\n")
    yield "fmt.tag_missing", "\n".join(lines[1:-1])
    yield "fmt.tag_unclosed", "\n".join(lines[:-1])
    if "&amp;" in right:
        yield "fmt.invalid_xml", right.replace("&amp;", "&")


def _no_mistakes(rows: Sequence[Row], right: str, write: Writer) -> Iterator[tuple[str, str]]:
    yield from ()


def _template(rows: Sequence[Row], right: str, write: Writer) -> Iterator[tuple[str, str]]:
    first, *rest = right.split("\n")
    yield "fmt.tag_missing", "\n".join(rest)
    yield "fmt.tag_unclosed", "\n".join([first, *rest[:-1]])


def _lines(rows: Sequence[Row], right: str, write: Writer) -> Iterator[tuple[str, str]]:
    yield "fmt.delimiter", write(rows, {"separator": "; "})
    yield "fmt.tag_missing", "\n".join(line.split(" ", maxsplit=1)[1] for line in right.split("\n"))


def _noticed(rows: Sequence[Row], right: str, write: Writer) -> Iterator[tuple[str, str]]:
    notice, *rest = right.split("\n")
    yield "fmt.delimiter", write(rows, {"separator": "; "})
    yield "fmt.verbatim", "\n".join([notice.replace("  ", " ").capitalize(), *rest])


_SYNTAX = {
    "jsonl": _jsonl,
    "csv": _csv,
    "tsv": _csv,
    "markdown": _markdown,
    "yaml": _yaml,
    "xml": _xml,
    "template": _template,
    "lines": _lines,
    "bullets": _lines,
    "verbatim": _noticed,
}
