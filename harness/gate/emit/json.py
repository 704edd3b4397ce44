"""A verdict for programs."""

from __future__ import annotations

import json
from dataclasses import asdict

from harness.gate.verdict import Verdict

SCHEMA = "longcontext-harness/verdict@1"


def to_json(verdict: Verdict) -> str:
    """Return every field of the verdict under a versioned schema; shares and drops from 0 to 1, unknown is null.

    `harness schema verdict` prints the schema; docs/verdict_json.md says what may be added to it.
    """
    return json.dumps(plain(verdict), indent=2, allow_nan=False)


def plain(verdict: Verdict) -> dict[str, object]:
    """Return the verdict as plain values, as `to_json` writes them."""
    return {"schema": SCHEMA, **asdict(verdict), "exit_code": int(verdict.exit_code)}
