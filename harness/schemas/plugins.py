"""The keys of adapters and tasks in a sweep's schema, so that an editor completes them and marks a mistyped one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from harness.registry import adapter_names, model_class, task_classes

Schema = dict[str, Any]


def add_plugin_keys(schema: Schema) -> None:
    """Let the keys of a `[[model]]` depend on its adapter, and those of a `[[task]]` on its name.

    Tables of plugins that are not installed here stay open: any key may belong to them.
    """
    settings = {name: model_class(name).Settings for name in adapter_names()}
    params = {name: cls.Params for name, cls in sorted(task_classes().items())}
    definitions = schema["$defs"]
    _depend(definitions["ModelTable"], "adapter", settings, definitions, default="openai")
    _depend(definitions["TaskTable"], "name", params, definitions)


def _depend(
    table: Schema, key: str, kinds: Mapping[str, type[BaseModel]], definitions: Schema, *, default: str = ""
) -> None:
    table["allOf"] = []
    for name, kind in kinds.items():
        own = kind.model_json_schema(ref_template=f"#/$defs/{name}.{{model}}")
        definitions |= {f"{name}.{inner}": node for inner, node in own.pop("$defs", {}).items()}
        allowed = [*table["properties"], *own.get("properties", {})]
        condition: Schema = {"properties": {key: {"enum": sorted({name, name.replace("_", "-")})}}}
        if name != default:  # without the key, the default's condition holds
            condition["required"] = [key]
        then: Schema = {"properties": own.get("properties", {}), "propertyNames": {"enum": allowed}}
        if own.get("required"):
            then["required"] = own["required"]
        table["allOf"].append({"if": condition, "then": then})
