"""A report as JSON with a versioned schema."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from harness.render.content import document_of
from harness.render.document import SCHEMA, Document
from harness.render.report import Content

_ADAPTER = TypeAdapter(Document)


def to_json(content: Content) -> str:
    """Return the report: unknown is `null`, lone surrogates are written as their escapes."""
    plain: dict[str, Any] = {"schema": SCHEMA, **_ADAPTER.dump_python(document_of(content), mode="python")}
    text = json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"
