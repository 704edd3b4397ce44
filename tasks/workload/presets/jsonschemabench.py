"""JSONSchemaBench: JSON that is valid under a given schema."""

from __future__ import annotations

import json
from collections.abc import Mapping

from jsonschema import Draft202012Validator, FormatChecker

from ..scorers.row_schema import REGISTRY, without_slow_patterns
from .preset import Preset, Row


def measure(row: Row, text: str) -> Mapping[str, float]:
    """Return whether the reply is JSON and whether it is valid, always by draft 2020-12, as lm-eval's task has it.

    Fences are taken off there by stripping characters, not words: `json` at the edges goes letter by letter.
    """
    try:
        value = json.loads(text.strip().strip("```").strip("json").strip())  # noqa: B005
    except (ValueError, RecursionError):
        return {"jsonschemabench.json_validity@1": 0.0, "jsonschemabench.compliance@1": 0.0}
    schema = row["json_schema"]
    schema = without_slow_patterns(json.loads(schema) if isinstance(schema, str) else schema, [])
    try:
        Draft202012Validator.check_schema(schema)
        valid = Draft202012Validator(schema, registry=REGISTRY, format_checker=FormatChecker()).is_valid(value)
    except Exception:  # a reference that leads nowhere, in as many ways as there are drafts; invalid there too
        valid = False
    return {"jsonschemabench.json_validity@1": 1.0, "jsonschemabench.compliance@1": float(valid)}


PRESET = Preset(
    name="jsonschemabench",
    source="epfl-dlab/JSONSchemaBench, one configuration a collection: json_schema, unique_id",
    keys={
        "prompt": "Write one JSON value that is valid under this JSON Schema, and nothing else.\n\n{json_schema}",
        "answer": "{json_schema}",
        "score": "row_schema",
        "id": "{unique_id}",
        "axes": [],
        "answer_budget": 1024,
    },
    official=("jsonschemabench.json_validity@1", "jsonschemabench.compliance@1"),
    measure=measure,
    flaws=(
        "schemas of drafts 4 to 7 are validated by draft 2020-12",
        "{} is valid where nothing is required",
        "fences are taken off letter by letter, which eats the edges of some values",
    ),
)
