"""A baseline as a file to commit: the scores of a run and what it was, without prompts, answers and replies.

One JSON document in a fixed layout, so that the same run gives the same bytes and a diff shows what changed: first
what the run was, then a line a reply, in the order of the samples' names. A SHA-256 over all of it guards against a
slip of an editor or a merge. Read back it is a `Run` like any other; what the file does not keep is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from harness.errors import StoreError, UnknownName
from harness.hashing import content_sha256
from harness.records import Recipe, Reply, ReplyError, Result, Score, Usage
from harness.store.run_dir import Acceptance, Run, RunInfo, write_atomically

FORMAT = "longcontext-harness/baseline@1"
FOLDER = "baselines"
NOT_KEPT = "not kept in the baseline's file"

FACTS = ("sweep", "model", "kind", "role", "planned", "floors", "config", "identity", "environment")
USAGE = tuple(field.name for field in fields(Usage))
COLUMNS = (
    *("sample_id", "replicate", "task", "version", "length", "context_id", "context", "question", "pair_sha256"),
    *("correct", "value", "mode", "error", *USAGE, "latency_s"),
)
AXIS = "axis."


def file_name(info: RunInfo) -> str:
    """Return what the baseline's file of a run is called."""
    return f"{info.sweep}--{info.model}.json"


def baseline_text(run: Run, accepted: Acceptance) -> str:
    """Return the content of a baseline's file; results of controls are left out."""
    facts = {name: getattr(run.info, name) for name in FACTS} | {"role": "baseline"}
    axes = sorted({name for result in run.measured for name in result.axes})
    ordered = sorted(run.measured, key=lambda result: (result.sample_id, result.replicate))
    plain = {
        "format": FORMAT,
        "accepted": asdict(accepted),
        **json.loads(json.dumps(facts)),
        "columns": [*COLUMNS, *(AXIS + name for name in axes)],
    }
    rows = [_cells(result, run.pair_sha256(result), axes) for result in ordered]
    head = json.dumps({"sha256": content_sha256({**plain, "rows": rows}), **plain}, indent=2)
    lines = ",\n".join("    " + json.dumps(row) for row in rows)
    return f'{head.removesuffix("}").rstrip()},\n  "rows": [\n{lines}\n  ]\n}}\n'


def write_baseline(path: Path, run: Run, accepted: Acceptance) -> None:
    """Put the baseline's file of a run in its place.

    Raises:
        StoreError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, baseline_text(run, accepted))
    except OSError as error:
        raise StoreError(f"cannot be written: {error.strerror}", where=str(path)) from None


def load_baseline(path: Path) -> Run:
    """Read a baseline's file as a run.

    Raises:
        UnknownName: there is no such file.
        StoreError: it is none of this version, or was changed after it was written.
    """
    plain = _read(path)
    try:
        accepted = Acceptance(**plain["accepted"])
        info = RunInfo(path=path, accepted=accepted, **{name: plain[name] for name in FACTS})
        rows = [dict(zip(plain["columns"], cells, strict=True)) for cells in plain["rows"]]
        results = tuple(_result(row, info.config) for row in rows)
        asked = {(str(row["sample_id"]), int(row["replicate"])): str(row["pair_sha256"]) for row in rows}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoreError(f"not a baseline of this version: {error}", where=str(path), allowed=FORMAT) from None
    return Run(info, results, asked)


def sha256_of(path: Path) -> str:
    """Return the hash that a baseline's file states. Raises like `load_baseline`."""
    return str(_read(path)["sha256"])


def holds(path: Path, run: Run) -> bool:
    """Tell whether a baseline's file holds these very results, whoever accepted them and when."""
    accepted = load_baseline(path).info.accepted
    return accepted is not None and baseline_text(run, accepted) == path.read_text(encoding="utf-8")


def baselines_in(results: Path) -> Iterator[Path]:
    """Yield the baselines' files below a folder of results."""
    yield from sorted((results / FOLDER).glob("*.json"))


def _read(path: Path) -> dict[str, Any]:
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnknownName(
            "there is no baseline here", where=str(path), fix="'harness baseline list' lists the baselines on file"
        ) from None
    except OSError as error:
        raise StoreError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError as error:
        raise StoreError("not JSON", where=str(path), found=str(error)) from None
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        found = plain.get("format") if isinstance(plain, dict) else type(plain).__name__
        raise StoreError("not a baseline of this version", where=str(path), found=str(found), allowed=FORMAT)
    stated = plain.get("sha256")
    if content_sha256({key: value for key, value in plain.items() if key != "sha256"}) != stated:
        raise StoreError(
            "the baseline was changed after it was accepted",
            where=str(path),
            found="its content does not have the hash that it states",
            fix="restore it from version control, or accept a run anew: 'harness baseline accept'",
        )
    return plain


def _cells(result: Result, pair_sha256: str, axes: Sequence[str]) -> list[Any]:
    score, error = result.score, result.reply.error
    known = {
        "sample_id": result.sample_id,
        "replicate": result.replicate,
        "task": result.task,
        "version": result.version,
        "length": result.recipe.length,
        "context_id": result.context_id,
        "context": result.recipe.context,
        "question": result.recipe.question,
        "pair_sha256": pair_sha256,
        "correct": score.correct if score else None,
        "value": score.value if score else None,
        "mode": score.mode if score else None,
        "error": error.kind if error else None,
        **asdict(result.reply.usage),
        "latency_s": result.reply.latency_s,
    }
    return [*(known[name] for name in COLUMNS), *(result.axes.get(name) for name in axes)]


def _result(row: Mapping[str, Any], config: Mapping[str, Any]) -> Result:
    """Return a row as a result. Its recipe says where the sample stands and cannot rebuild it."""
    kind, correct = row["error"], row["correct"]
    return Result(
        sample_id=row["sample_id"],
        task=row["task"],
        version=row["version"],
        context_id=row["context_id"],
        replicate=row["replicate"],
        axes={
            name.removeprefix(AXIS): value for name, value in row.items() if name.startswith(AXIS) and value is not None
        },
        recipe=Recipe(
            task=row["task"],
            seed=config["sweep"].get("seed", 0),
            params={},
            length=row["length"],
            counter=config["sweep"].get("tokenizer", ""),
            context=row["context"],
            question=row["question"],
            questions=config["sweep"].get("questions_per_context", 0),
        ),
        gold=(),
        prompt_sha256="",
        expected_tokens=0,
        expected_by="",
        outcome="invalid" if correct is None else "scored",
        reply=Reply(
            usage=Usage(**{name: row[name] for name in USAGE}),
            latency_s=row["latency_s"],
            error=ReplyError(kind=kind, message=NOT_KEPT) if kind else None,
        ),
        score=None if correct is None else Score(value=row["value"], correct=correct, mode=row["mode"]),
    )
