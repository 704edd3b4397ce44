"""YAML: a list of mappings, read by the safe loader.

Before anything is built, the events of the parser are counted: no deep nesting, no endless text, and no anchors, which
could make a short text huge. Plain scalars are those of YAML 1.2: dates stay texts, as in JSON.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from harness.reading.json_ladder import unfence

from .forms import Fault
from .rows import NO_ROWS, Layout, Row, Rows, wrapped

MAX_DEPTH = 20
MAX_EVENTS = 20_000
MAX_CHARS = 40_000

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_PLAIN = {
    f"{_TAG}int": re.compile(r"[-+]?[0-9]{1,40}$"),
    f"{_TAG}bool": re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"),
}


class _Loader(_Base):  # type: ignore[misc]
    """The safe loader with the plain scalars of YAML 1.2: no dates, no octal numbers, no yes and no."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, _PLAIN.get(tag, pattern)) for tag, pattern in resolvers if tag != f"{_TAG}timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _construct_int(loader: Any, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node), 10)


_Loader.add_constructor(f"{_TAG}int", _construct_int)


class _Dumper(yaml.SafeDumper):
    """The safe dumper without anchors, and with digits that are a text in quotes."""

    def ignore_aliases(self, data: object) -> bool:
        """Write everything out."""
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(f"{_TAG}str", text, style="'" if text.isdigit() else None)


_Dumper.add_representer(str, _represent_text)


def write_yaml(rows: Sequence[Row], layout: Layout) -> str:
    """Write rows as YAML."""
    plain = [dict(row) for row in rows]
    return yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000).rstrip("\n")


def read_yaml(text: str, layout: Layout) -> Rows:
    """Read YAML, whatever stands around it."""
    rows = _loaded(text)
    if rows:
        return rows
    inside, outside = unfence(text)
    rows = _loaded(inside) if inside else None
    if rows:
        return wrapped(rows, prose=bool(outside), fenced=True)
    block = _list_block(inside or text)
    rows = _loaded(block) if block else None
    if rows:
        return wrapped(rows, prose=True, fenced=bool(inside))
    if block and ":" in block:
        return Rows(text=(Fault("fmt.invalid_yaml", "it looks like YAML and does not parse"),))
    return NO_ROWS


def _loaded(text: str) -> Rows | None:
    """Load a list of mappings, alone or below one key; None where that is not what stands there."""
    value = _load(text)
    if isinstance(value, list) and any(isinstance(row, dict) for row in value):
        return Rows([_named(row) for row in value if isinstance(row, dict)], "as_asked")
    if not isinstance(value, dict):
        return None
    for key, rows in value.items():
        if isinstance(rows, list) and any(isinstance(row, dict) for row in rows):
            found = Rows([_named(row) for row in rows if isinstance(row, dict)], "as_asked")
            if len(value) == 1 and " " in str(key):
                return wrapped(found, prose=True, fenced=False)
            return Rows(
                found.rows, "as_asked", (), (Fault("fmt.wrong_root_type", f"a mapping with {str(key)[:60]!r}"),)
            )
    root = Fault("fmt.wrong_root_type", "one mapping, not a list")
    return Rows([_named(value)], "as_asked", (), (root,)) if len(value) > 1 else None


def _named(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(key)[:100]: value for key, value in row.items()}


def _load(text: str) -> Any:
    if len(text) > MAX_CHARS or not _is_harmless(text):
        return None
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError):
        return None


def _is_harmless(text: str) -> bool:
    """Tell whether the text parses without anchors, deep nesting or too many parts."""
    depth = 0
    try:
        for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or count > MAX_EVENTS:
                return False
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                return False
    except (yaml.YAMLError, ValueError, RecursionError):
        return False
    return True


def _list_block(text: str) -> str:
    """Cut out the lines from the first list item to the last line that belongs to one."""
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if line.lstrip().startswith("- ")]
    if not starts:
        return ""
    end = starts[-1] + 1
    while end < len(lines) and lines[end].startswith(" "):
        end += 1
    return "\n".join(lines[starts[0] : end])
