"""Our runs in the layout of lm-eval's logs: `MODEL/samples_TASK_DATE.jsonl` and `MODEL/results_DATE.json`.

A line has room for one score a document; a second reply to it is a line of its own, under a filter named for it. A
reply without a score has NaN, never 0. What lm-eval has no key for stands under one of ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import harness
from harness.interop.exported import Asked, Exported, cannot_write, file_names
from harness.interop.imported import name_of
from harness.interop.lm_eval_log import GENERAL_FIELDS, TASK_FIELDS
from harness.interop.ours import OURS, plain_place, plain_run, plain_score
from harness.store.run_dir import write_atomically

METRICS = ("score", "right")


def write_lm_eval(exported: Exported, target: Path) -> list[Path]:
    """Write the files of one evaluation below a folder; return them.

    Raises:
        StoreError: a file cannot be written.
    """
    date = exported.now.strftime("%Y-%m-%dT%H-%M-%S.%f")
    folder = target / name_of(exported.model)
    lines = {task: _lines(task, asked, exported) for task, asked in exported.asked.items()}
    names = file_names(lines)
    files = {folder / f"samples_{names[task]}_{date}.jsonl": _jsonl(rows) for task, rows in lines.items()}
    files[folder / f"results_{date}.json"] = json.dumps(_results(exported, lines), indent=2, ensure_ascii=True) + "\n"
    for file, text in files.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(file, text)
        except OSError as error:
            raise cannot_write(file, error) from None
    return list(files)


def _jsonl(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows)


def _lines(task: str, asked: Sequence[Asked], exported: Exported) -> list[dict[str, Any]]:
    if exported.source == "lm-eval":
        return [row for each in asked for row in _theirs(each)]
    places = {name: number for number, name in enumerate(dict.fromkeys(each.result.sample_id for each in asked))}
    return [_line(each, places[each.result.sample_id], exported) for each in asked]


def _theirs(asked: Asked) -> list[dict[str, Any]]:
    """Return the lines of a document as the imported log had them, but for the prompt, which is not kept."""
    kept, score = asked.result.recipe.params, asked.result.score
    head = {
        "doc_id": kept["doc_id"],
        "doc": {"question": asked.question, "context_id": asked.result.context_id},
        "target": ", ".join(asked.result.gold),
        "arguments": {f"gen_args_{number}": {"arg_0": "", "arg_1": sent} for number, sent in enumerate(kept["sent"])},
        "resps": kept["resps"],
    }
    hashes = {name: kept[name] for name in ("doc_hash", "prompt_hash", "target_hash")}
    return [
        {
            **head,
            "filtered_resps": row["filtered_resps"],
            "filter": row["filter"],
            "metrics": list(row["metrics"]),
            **hashes,
            **{name: float("nan") if value == "nan" else value for name, value in row["metrics"].items()},
            OURS: {**plain_place(asked.result, asked.question), "score": plain_score(score) if score else None},
        }
        for row in kept["rows"]
    ]


def _line(asked: Asked, number: int, exported: Exported) -> dict[str, Any]:
    result, score = asked.result, asked.result.score
    prompt = json.dumps([asdict(message) for message in asked.messages]) if asked.messages else ""
    target = ", ".join(result.gold)
    doc = {"question": asked.question, "context_id": result.context_id, "sample_id": result.sample_id, **result.axes}
    metrics = {name: float("nan") for name in METRICS}
    if score:
        metrics = {"score": score.value, "right": float(score.correct), **dict(score.metrics)}
    return {
        "doc_id": number,
        "doc": doc,
        "target": target,
        "arguments": {"gen_args_0": {"arg_0": prompt, "arg_1": _sampling(exported)}},
        "resps": [[result.reply.text]],
        "filtered_resps": [", ".join(score.answer) if score else ""],
        "filter": "none" if not result.replicate else f"reply-{result.replicate + 1}",
        "metrics": list(metrics),
        "doc_hash": _sha(json.dumps(doc, indent=2, ensure_ascii=False)),
        "prompt_hash": result.prompt_sha256,
        "target_hash": _sha(target),
        **metrics,
        OURS: {**plain_place(result, asked.question), "score": plain_score(score) if score else None},
    }


def _sampling(exported: Exported) -> dict[str, Any]:
    return dict(exported.run.info.config.get("model", {}).get("sampling") or {})


def _sha(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _results(exported: Exported, lines: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    theirs = exported.source == "lm-eval"
    tasks = list(lines)
    return {
        "results": {task: _aggregate(task, rows) for task, rows in lines.items()},
        "configs": {task: _config(exported, task) for task in tasks},
        "versions": {task: exported.asked[task][0].result.version for task in tasks},
        "n-shot": {task: exported.field(task, "num_fewshot") if theirs else 0 for task in tasks},
        "higher_is_better": {task: dict.fromkeys(rows[0]["metrics"], True) for task, rows in lines.items()},
        "n-samples": {
            task: dict.fromkeys(("original", "effective"), len({row["doc_id"] for row in rows}))
            for task, rows in lines.items()
        },
        OURS: plain_run(exported.run.info),
        "config": {"model": exported.run.info.kind, "model_args": {"model": exported.model}},
        "date": exported.now.timestamp(),
        "task_hashes": {
            task: _sha("".join(row["doc_hash"] + row["prompt_hash"] + row["target_hash"] for row in rows))
            for task, rows in lines.items()
        },
        "model_source": f"longcontext-harness {harness.__version__}",
        "model_name": exported.model,
        "model_name_sanitized": name_of(exported.model),
        **({key: exported.field("", key) for key in GENERAL_FIELDS} if theirs else dict.fromkeys(GENERAL_FIELDS)),
    }


def _config(exported: Exported, task: str) -> dict[str, Any]:
    found = {"task": task, "output_type": "generate_until", "metadata": {"run": exported.run.info.name}}
    if exported.source != "lm-eval":
        return found
    return found | {
        "dataset_name": exported.field(task, "dataset_name"),
        "dataset_kwargs": {"revision": exported.field(task, "dataset revision")},
        "repeats": exported.field(task, "repeats"),
        **{key: exported.field(task, key) for key in TASK_FIELDS},
    }


def _aggregate(task: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean of each metric under each filter, over the lines that have it as a number."""
    found: dict[str, Any] = {"alias": task}
    values: dict[str, list[float]] = {}
    for row in rows:
        for name in row["metrics"]:
            value = row.get(name)
            numbers = values.setdefault(f"{name},{row['filter']}", [])
            if isinstance(value, int | float) and value == value:  # noqa: PLR0124 (NaN alone differs from itself)
                numbers.append(float(value))
    return found | {name: sum(each) / len(each) for name, each in values.items() if each}
