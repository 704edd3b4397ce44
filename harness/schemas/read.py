"""The schemas of what people write: a sweep and a policy."""

from __future__ import annotations

from harness.gate.policy import PolicyFile
from harness.schemas.describe import DRAFT, Schema, described
from harness.schemas.plugins import add_plugin_keys
from harness.sweep import Sweep


def sweep_schema() -> Schema:
    """Return the schema of a sweep, as TOML reads it, with the keys of every adapter and task that is installed."""
    schema = described(Sweep.model_json_schema(), Sweep)
    add_plugin_keys(schema)
    return {"$schema": DRAFT, **schema, "title": "longcontext-harness sweep"}


def policy_schema() -> Schema:
    """Return the schema of a policy, as TOML reads it."""
    schema = described(PolicyFile.model_json_schema(), PolicyFile)
    return {"$schema": DRAFT, **schema, "title": "longcontext-harness policy"}
