"""JSON Schema (draft 2020-12) of a report as JSON, made from the records that it is written from."""

from __future__ import annotations

from pydantic import TypeAdapter

from harness.declared import Price
from harness.errors import ExitCode
from harness.gate.schema import Schema, constant, described, finished
from harness.gate.verdict import Verdict
from harness.load_curve import LoadPoint
from harness.records import Estimate
from harness.render.document import SCHEMA, Document
from harness.render.manifest import Manifest


def report_schema() -> Schema:
    """Return the schema of what `harness report -o FILE.json` writes."""
    schema = TypeAdapter(Document).json_schema(mode="serialization")
    manifest = TypeAdapter(Manifest).json_schema(mode="serialization")
    schema["$defs"] |= manifest.pop("$defs")
    schema["$defs"][Manifest.__name__] = manifest
    described(schema, Document, Verdict, Estimate, ExitCode, Price, LoadPoint, Manifest)
    schema = finished(schema, SCHEMA, {"schema": constant(SCHEMA)})
    schema["properties"]["manifest"] = {"$ref": f"#/$defs/{Manifest.__name__}"}
    return schema
