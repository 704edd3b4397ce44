"""Our runs as one Parquet file: one row a reply, with everything that is known of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.errors import ConfigError
from harness.interop.exported import Asked, Exported, cannot_write


def write_parquet(exported: Exported, target: Path) -> list[Path]:
    """Write one file; return it.

    Args:
        exported: a run with its prompts.
        target: the file, or a folder to put it in.

    Raises:
        ConfigError: pyarrow is not installed.
        StoreError: the file cannot be written.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise ConfigError("pyarrow is not installed", fix='pip install "longcontext-harness[data]"') from None
    info = exported.run.info
    file = target if target.suffix == ".parquet" else target / f"{info.sweep}--{info.model}.parquet"
    rows = [_row(each, exported) for asked in exported.asked.values() for each in asked]
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: _alike([row.get(name) for row in rows]) for name in names}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pa.table(columns), file, compression="zstd")
    except OSError as error:
        raise cannot_write(file, error) from None
    return [file]


def _row(asked: Asked, exported: Exported) -> dict[str, Any]:
    result, info = asked.result, exported.run.info
    score, reply = result.score, result.reply
    row = {
        "run": info.name,
        "role": info.role,
        "kind": info.kind,
        "model": exported.model,
        "sample_id": result.sample_id,
        "replicate": result.replicate,
        "task": result.task,
        "version": result.version,
        "context_id": result.context_id,
        "length": result.recipe.length or None,
        "question": asked.question,
        "prompt": json.dumps([asdict(message) for message in asked.messages]) if asked.messages else None,
        "prompt_sha256": result.prompt_sha256,
        "pair_sha256": exported.run.pair_sha256(result),
        "gold": list(result.gold),
        "outcome": result.outcome,
        "value": score.value if score else None,
        "correct": score.correct if score else None,
        "mode": score.mode if score else None,
        "flags": list(score.flags) if score else None,
        "answer": list(score.answer) if score else None,
        "rung": score.rung if score else None,
        "evidence": score.evidence if score else None,
        "reply": reply.text,
        "reasoning": reply.reasoning,
        "finish_reason": reply.finish_reason,
        "latency_s": reply.latency_s,
        "attempts": reply.attempts,
        "served_model": reply.served_model,
        "error": reply.error.kind if reply.error else None,
        "error_message": reply.error.message if reply.error else None,
        **asdict(reply.usage),
        "expected_tokens": result.expected_tokens or None,
        "expected_by": result.expected_by,
        "recipe": json.dumps(asdict(result.recipe)),
    }
    row |= {f"axis.{name}": value for name, value in result.axes.items()}
    row |= {f"metric.{name}": value for name, value in (score.metrics if score else {}).items()}
    return {name: _clean(value) for name, value in row.items()}


def _clean(value: Any) -> Any:
    """Write lone surrogates, which no column of strings can hold, as their escapes."""
    if isinstance(value, list):
        return [_clean(each) for each in value]
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _alike(values: list[Any]) -> list[Any]:
    """Return a column of one type; values of several become text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float}:
        return [float(value) if float in kinds and value is not None else value for value in values]
    return values if len(kinds) < 2 else [None if value is None else str(value) for value in values]
