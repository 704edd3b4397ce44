"""JSON Schemas (draft 2020-12) of what people write and of what programs read: sweep, policy, verdict.

They are made from the very classes that check a sweep and a policy and that a verdict is an instance of, and their
descriptions from the docstrings of these classes, so that they cannot say anything else than the code does.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter

from harness.errors import ExitCode
from harness.gate.emit.json import SCHEMA as VERDICT
from harness.gate.emit.several import SCHEMA as VERDICTS
from harness.gate.groups import Groups
from harness.gate.plugin_schema import add_plugin_keys
from harness.gate.policy import PolicyFile
from harness.gate.several import Several
from harness.gate.verdict import Verdict
from harness.records import Estimate
from harness.sweep import Sweep

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def sweep_schema() -> Schema:
    """Return the schema of a sweep, as TOML reads it, with the keys of every adapter and task that is installed."""
    schema = described(Sweep.model_json_schema(), Sweep)
    add_plugin_keys(schema)
    return {"$schema": DRAFT, **schema, "title": "longcontext-harness sweep"}


def policy_schema() -> Schema:
    """Return the schema of a policy, as TOML reads it."""
    schema = described(PolicyFile.model_json_schema(), PolicyFile)
    return {"$schema": DRAFT, **schema, "title": "longcontext-harness policy"}


def verdict_schema() -> Schema:
    """Return the schema of a verdict as `gate --json` prints it: every field is there, also those at their default."""
    schema = TypeAdapter(Verdict).json_schema(mode="serialization")
    return _written(schema, Verdict, VERDICT, {"schema": constant(VERDICT)})


def verdicts_schema() -> Schema:
    """Return the schema of what `gate --json` prints of several candidates."""
    schema = TypeAdapter(Several).json_schema(mode="serialization")
    verdict = schema["$defs"][Verdict.__name__]
    verdict["properties"] = {"schema": constant(VERDICT), **verdict["properties"]}
    code = {"$ref": "#/$defs/ExitCode", "description": "the worst one of the verdicts', in the order 4, 1, 3, 0."}
    return _written(schema, Several, VERDICTS, {"schema": constant(VERDICTS), "exit_code": code})


def _written(schema: Schema, kind: type, title: str, added: Schema) -> Schema:
    described(schema, kind, Verdict, Several, Groups, Estimate, ExitCode)
    return finished(schema, title, added)


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


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "sweep": sweep_schema,
    "gate": policy_schema,
    "verdict": verdict_schema,
    "verdicts": verdicts_schema,
}


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
