"""Names in a verdict come from tasks, data and models: whatever they hold, they are text and nothing else."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from harness.gate.verdict import Verdict


def clean(verdict: Verdict) -> Verdict:
    """Return a verdict in whose strings nothing is left that a terminal, XML or a line of a log would act upon."""
    cleaned: Verdict = _clean(verdict)
    return cleaned


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, tuple):
        return tuple(map(_clean, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _clean(getattr(value, field.name)) for field in fields(value)})
    return value


def visible(text: str) -> str:
    """Return text with line breaks, control characters, bidirectional overrides and lone surrogates as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def shortened(text: str, most: int) -> str:
    """Return text of at most `most` characters; what is cut off is counted."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most} more characters)"
