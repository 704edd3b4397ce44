"""A verdict for programs."""

from __future__ import annotations

import json
from dataclasses import asdict

from harness.gate.verdict import Verdict

SCHEMA = "longcontext-harness/verdict@1"


def to_json(verdict: Verdict) -> str:
    """Return every field of the verdict under a versioned schema; shares and drops from 0 to 1, unknown is null."""
    return json.dumps({"schema": SCHEMA, **asdict(verdict), "exit_code": int(verdict.exit_code)}, indent=2)
