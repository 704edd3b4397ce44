"""Our runs as records of Every Eval Ever: one JSON document a run, and one line a scored reply beside it.

Its lines have no place for a reply without a score: each needs a number, and none would be true. Such replies are left
out of the lines and counted in the document.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import harness
from harness.interop.exported import Asked, Exported, cannot_write, mean_value
from harness.interop.imported import name_of
from harness.store.run_dir import write_atomically

SCHEMA = "0.2.1"
"""Version of its schema that these records follow."""

UNKNOWN = "unknown"


def write_eee(exported: Exported, target: Path) -> list[Path]:
    """Write the document and the lines of a run below a folder: `COLLECTION/DEVELOPER/MODEL/ID.json`.

    Raises:
        StoreError: a file cannot be written.
    """
    info = exported.run.info
    developer, slash, model = exported.model.rpartition("/")
    evaluation = f"{info.sweep}/{exported.model}/{int(exported.now.timestamp())}"
    folder = target / name_of(info.sweep) / name_of(developer if slash else UNKNOWN) / name_of(model)
    name = str(uuid5(NAMESPACE_URL, evaluation + info.name))
    scored = [each for asked in exported.asked.values() for each in asked if each.result.score]
    lines = "".join(json.dumps(_line(each, exported.model, evaluation)) + "\n" for each in scored)
    files = {folder / f"{name}_samples.jsonl": lines}
    document = _document(exported, evaluation, folder / f"{name}_samples.jsonl", lines)
    files[folder / f"{name}.json"] = json.dumps(document, indent=2) + "\n"
    for file, text in files.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(file, text)
        except OSError as error:
            raise cannot_write(file, error) from None
    return list(files)


def _document(exported: Exported, evaluation: str, file: Path, lines: str) -> dict[str, Any]:
    info = exported.run.info
    return {
        "schema_version": SCHEMA,
        "evaluation_id": evaluation,
        "retrieved_timestamp": str(int(exported.now.timestamp())),
        "source_metadata": {
            "source_name": info.name,
            "source_type": "evaluation_run",
            "source_organization_name": UNKNOWN,
            "evaluator_relationship": "other",
            "additional_details": {"kind": info.kind, "role": info.role},
        },
        "eval_library": {
            "name": exported.source or "longcontext-harness",
            "version": _version(exported),
            "additional_details": {"exported_by": f"longcontext-harness {harness.__version__}"},
        },
        "model_info": {"name": info.model, "id": exported.model, "additional_details": {"kind": info.kind}},
        "evaluation_results": [_result(*each) for each in exported.asked.items() if mean_value(each[1]) is not None],
        "detailed_evaluation_results": {
            "format": "jsonl",
            "file_path": file.name,
            "hash_algorithm": "sha256",
            "checksum": sha256(lines.encode()).hexdigest(),
            "total_rows": lines.count("\n"),
        },
    }


def _version(exported: Exported) -> str:
    identity = exported.run.info.identity
    known = [identity.get(key) for key in ("lm_eval_version", "inspect_ai", "sdk_version")]
    return str(next(filter(None, known), UNKNOWN) if exported.source else harness.__version__)


def _result(task: str, asked: Sequence[Asked]) -> dict[str, Any]:
    """Return the mean score of a task, with what it rests on."""
    values = [each.result.score.value for each in asked if each.result.score]
    lengths = sorted({each.result.recipe.length for each in asked})
    details = {
        "scored": str(len(values)),
        "without_a_score": str(len(asked) - len(values)),
        "contexts": str(len({each.result.context_id for each in asked})),
        "lengths": ", ".join(map(str, lengths)),
    }
    return {
        "evaluation_name": task,
        "source_data": {"dataset_name": task, "source_type": "other"},
        "metric_config": {"lower_is_better": False, "score_type": "continuous", "min_score": 0, "max_score": 1},
        "score_details": {"score": sum(values) / len(values), "details": details},
    }


def _line(asked: Asked, model: str, evaluation: str) -> dict[str, Any]:
    result, reply, score = asked.result, asked.result.reply, asked.result.score
    assert score is not None
    raw = asked.question or f"(not kept: sha256 {result.prompt_sha256})"
    line: dict[str, Any] = {
        "schema_version": SCHEMA,
        "evaluation_id": evaluation,
        "model_id": model,
        "evaluation_name": result.task,
        "sample_id": result.sample_id,
        "sample_hash": sha256(json.dumps([raw, result.gold]).encode()).hexdigest(),
        "interaction_type": "single_turn",
        "input": {
            "raw": raw,
            "formatted": json.dumps([asdict(message) for message in asked.messages]) if asked.messages else None,
            "reference": list(result.gold),
        },
        "output": {"raw": [reply.text], "reasoning_trace": [reply.reasoning] if reply.reasoning else None},
        "messages": None,
        "answer_attribution": [
            {
                "turn_idx": 0,
                "source": "output.raw",
                "extracted_value": answer,
                "extraction_method": score.rung or UNKNOWN,
                "is_terminal": True,
            }
            for answer in score.answer
        ],
        "evaluation": {"score": score.value, "is_correct": score.correct},
        "metadata": {
            "replicate": str(result.replicate),
            "context_id": result.context_id,
            "failure_mode": score.mode or "",
            "prompt_sha256": result.prompt_sha256,
            **{str(name): str(value) for name, value in result.axes.items()},
        },
    }
    usage = reply.usage
    if usage.prompt_tokens is not None and usage.completion_tokens is not None:
        line["token_usage"] = {
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
            "total_tokens": usage.prompt_tokens + usage.completion_tokens,
            "input_tokens_cache_read": usage.cached_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
        }
    if reply.latency_s is not None:
        line["performance"] = {"latency_ms": 1000 * reply.latency_s}
    return line
