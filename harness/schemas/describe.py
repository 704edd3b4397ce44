"""From the classes that check or hold something to its JSON Schema, with their docstrings as descriptions."""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def finished(schema: Schema, title: str, added: Schema) -> Schema:
    """Finish the schema of what is written: with the properties that rendering adds, all of them required."""
    schema["properties"] = {**added, **schema["properties"]}
    for node in (schema, *schema["$defs"].values()):
        if "properties" in node:
            node["required"] = list(node["properties"])
    return {"$schema": DRAFT, "$id": f"urn:{title.replace('/', ':')}", **schema, "title": title}


def constant(value: str) -> Schema:
    """Return the schema of one text."""
    return {"const": value, "type": "string"}


def attributes_of(docstring: str) -> dict[str, str]:
    """Return what the section `Attributes:` of a docstring says of each name."""
    section = docstring.partition("Attributes:\n")[2].partition("\n\n")[0]
    found: dict[str, str] = {}
    for match in re.finditer(r"^    (\w+): (.+(?:\n {8,}.+)*)", section, re.MULTILINE):
        found[match[1]] = " ".join(match[2].split())
    return found


def described(schema: Schema, kind: type, *others: type) -> Schema:
    """Put the docstrings of the classes of a schema into it: they stand in the modules of `kind` and `others`."""
    modules = [sys.modules[each.__module__] for each in (kind, *others)]
    for title, node in ((kind.__name__, schema), *schema.get("$defs", {}).items()):
        doc = inspect.getdoc(next(getattr(module, title) for module in modules if hasattr(module, title))) or ""
        node["description"] = " ".join(doc.split("\n\n")[0].split())
        for key, text in attributes_of(doc).items():
            if key in node.get("properties", {}):
                node["properties"][key].setdefault("description", text)
    return schema
