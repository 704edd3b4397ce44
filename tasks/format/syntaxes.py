"""Every syntax of rows: how a prompt asks for it, how that is read back, how rows are written and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from harness.contexts import Stream
from harness.reading import ADJECTIVES, NOUNS

from .delimited import read_delimited, read_markdown, write_delimited, write_markdown
from .jsonl_rows import read_jsonl, write_jsonl
from .rows import Layout, Row, Rows
from .text_rows import (
    SEPARATORS,
    read_bullets,
    read_lines,
    read_noticed,
    read_template,
    write_bullets,
    write_lines,
    write_noticed,
    write_template,
)
from .xml_rows import read_xml, write_xml
from .yaml_rows import read_yaml, write_yaml

Syntax = Literal["jsonl", "csv", "tsv", "yaml", "xml", "markdown"]
Kind = Literal["template", "lines", "bullets", "verbatim"]
SYNTAXES: tuple[Syntax, ...] = ("jsonl", "csv", "tsv", "yaml", "xml", "markdown")
KINDS: tuple[Kind, ...] = ("template", "lines", "bullets", "verbatim")

TYPED = ("jsonl", "yaml")
"""Syntaxes that tell a number from a text."""

KEYED = (*SYNTAXES, "template")
"""Syntaxes that write the names of fields."""

_ALONE = "no other text and no code fence."
INTRO: Mapping[str, str] = {
    "jsonl": f"Reply with JSON Lines alone, {{n}} lines with one object each and no list around them: {_ALONE}",
    "csv": f'Reply with CSV alone, {{n}} rows below a header line: {_ALONE} Cells are set apart by "{{sep}}"; a cell '
    "with that sign or a double quote in it stands in double quotes, and double quotes in it are doubled.",
    "tsv": f"Reply with tab-separated values alone, {{n}} rows below a header line: {_ALONE} Nothing is quoted.",
    "yaml": f"Reply with YAML alone, a list of {{n}} mappings: {_ALONE} A text of digits alone stands in quotes.",
    "xml": f"Reply with XML alone, a root element <{{root}}> with {{n}} elements <{{item}}>, and in each of these one "
    f"element for each field: {_ALONE} The signs & and < in a value are escaped.",
    "markdown": f"Reply with a Markdown table alone, {{n}} rows below a header row and its line of dashes: {_ALONE} "
    'Every line begins and ends with "|", and that sign is written "\\|" in a cell.',
    "template": f"Reply with {{n}} filled-in copies of a template alone: {_ALONE} Each copy begins with the line "
    '"{root}" and ends with the line "{item}", and what stands between < and > is filled in.',
    "lines": f"Reply with {{n}} lines alone: {_ALONE} Each matches the regular expression "
    '"^{root}({sep}[^\\n]+)+$", and its cells are the fields.',
    "bullets": f'Reply with exactly {{n}} bullet points: {_ALONE} Each begins with "{{root}} " and holds the fields as '
    'cells, set apart by "{sep}".',
    "verbatim": f"Reply with the notice below, copied letter for letter as the first line, and {{n}} lines below it: "
    f'{_ALONE} Each of these holds the fields as cells, set apart by "{{sep}}". Notice:\n{{root}}',
}
_PLACES = {
    "{n}": "(?P<n>[0-9]+)",
    "{sep}": r'(?P<sep>[^"\n\[]{1,3})',
    "{root}": r'(?P<root>[^"<>\n]+)',
    "{item}": r'(?P<item>[^"<>\n]+)',
}


def _pattern(intro: str) -> re.Pattern[str]:
    text = re.escape(intro)
    for place, pattern in _PLACES.items():
        text = text.replace(re.escape(place), pattern)
    return re.compile(text)


_READ_INTRO = {name: _pattern(intro) for name, intro in INTRO.items()}

WRITERS: Mapping[str, Callable[[Sequence[Row], Layout], str]] = {
    "jsonl": write_jsonl,
    "csv": write_delimited,
    "tsv": write_delimited,
    "yaml": write_yaml,
    "xml": write_xml,
    "markdown": write_markdown,
    "template": write_template,
    "lines": write_lines,
    "bullets": write_bullets,
    "verbatim": write_noticed,
}
READERS: Mapping[str, Callable[[str, Layout], Rows]] = {
    "jsonl": read_jsonl,
    "csv": read_delimited,
    "tsv": read_delimited,
    "yaml": read_yaml,
    "xml": read_xml,
    "markdown": read_markdown,
    "template": read_template,
    "lines": read_lines,
    "bullets": read_bullets,
    "verbatim": read_noticed,
}

_ROOTS = (("staff", "member"), ("register", "folk"), ("people", "individual"))
_FRAMES = (("[[ record ]]", "[[ end of record ]]"), ("=== entry ===", "=== done ==="), ("::: begin", "::: end"))
_SIGNS = ("REC", "ENTRY", "ROW", "ITEM")
_BULLETS = ("-", "*", "+")


def draw_parts(syntax: str, stream: Stream) -> tuple[tuple[str, str], str]:
    """Draw what a syntax leaves open: the names of its fixed parts, and its separator."""
    root = {
        "xml": stream.choice(_ROOTS),
        "template": stream.choice(_FRAMES),
        "lines": (stream.choice(_SIGNS), ""),
        "bullets": (stream.choice(_BULLETS), ""),
        "verbatim": (_notice(stream), ""),
    }.get(syntax, ("", ""))
    free = stream.choice(SEPARATORS)
    separators = {"csv": stream.choice((",", ";")), "tsv": "\t", "lines": free, "bullets": free, "verbatim": free}
    return root, separators.get(syntax, "")


def other_separator(syntax: str, separator: str, stream: Stream) -> str:
    """Draw another separator; none where the syntax has no choice of them."""
    if syntax in ("csv", "lines", "bullets", "verbatim"):
        allowed = (",", ";") if syntax == "csv" else SEPARATORS
        return stream.choice([other for other in allowed if other != separator])
    return ""


def _notice(stream: Stream) -> str:
    first, second = stream.sample(ADJECTIVES, 2)
    number, noun = stream.between(11, 99), stream.choice(NOUNS)
    return (
        f"NOTICE {number}-{first.upper()}:  the {noun.capitalize()} is {second}; do (NOT) re-order & return [{number}]"
    )


def find_syntax(prompt: str) -> tuple[str, int, tuple[str, str], str]:
    """Read from a prompt the syntax, how many rows, the fixed parts and the separator."""
    found = {name: match for name, pattern in _READ_INTRO.items() if (match := pattern.search(prompt))}
    name, match = next(iter(found.items()))
    given = match.groupdict()
    separator = "\t" if name == "tsv" else given.get("sep", "")
    return name, int(given["n"]), (given.get("root", ""), given.get("item", "")), separator
