"""The schemas of what programs read: a verdict, verdicts on several candidates, a report."""

from __future__ import annotations

from pydantic import TypeAdapter

from harness.declared import Price
from harness.errors import ExitCode
from harness.gate.emit.json import SCHEMA as VERDICT
from harness.gate.emit.several import SCHEMA as VERDICTS
from harness.gate.explore.groups import Groups
from harness.gate.several import Several
from harness.gate.verdict import Verdict
from harness.load_curve import LoadPoint
from harness.records import Estimate
from harness.render.document import SCHEMA as REPORT
from harness.render.document import Document
from harness.render.manifest import Manifest
from harness.schemas.describe import Schema, constant, described, finished


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


def report_schema() -> Schema:
    """Return the schema of what `harness report -o FILE.json` writes."""
    schema = TypeAdapter(Document).json_schema(mode="serialization")
    manifest = TypeAdapter(Manifest).json_schema(mode="serialization")
    schema["$defs"] |= manifest.pop("$defs")
    schema["$defs"][Manifest.__name__] = manifest
    described(schema, Document, Verdict, Estimate, ExitCode, Price, LoadPoint, Manifest)
    schema = finished(schema, REPORT, {"schema": constant(REPORT)})
    schema["properties"]["manifest"] = {"$ref": f"#/$defs/{Manifest.__name__}"}
    return schema
