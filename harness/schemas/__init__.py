"""JSON Schemas (draft 2020-12) of what people write and of what programs read: sweep, policy, verdict, report.

They are made from the very classes that check a sweep and a policy and that a verdict or a report is an instance of,
and their descriptions from the docstrings of these classes, so that they cannot say anything else than the code does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.schemas.describe import Schema
from harness.schemas.read import policy_schema, sweep_schema
from harness.schemas.written import report_schema, verdict_schema, verdicts_schema

SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "sweep": sweep_schema,
    "gate": policy_schema,
    "verdict": verdict_schema,
    "verdicts": verdicts_schema,
    "report": report_schema,
}

__all__ = ["SCHEMAS", "Schema"]
