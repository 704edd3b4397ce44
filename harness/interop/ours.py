"""What is ours in a log of another harness, so that our own runs come back from it as they were.

It is data like the rest of a log: taken only where it fits, and a score only where it agrees with the log's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, get_args

from harness.interop.foreign import MOST
from harness.records import ErrorKind, ReplyError, Result, Score
from harness.store import RunInfo

OURS = "longcontext_harness"
"""Key under which it stands: in a line, in a sample's metadata, in a score's metadata."""

RUN_KINDS = ("model", "control", "simulated")
KINDS: tuple[ErrorKind, ...] = get_args(ErrorKind)


def plain_place(result: Result, question: str) -> dict[str, Any]:
    """Return what places a result in its run, and why it has no score, as plain values."""
    error = result.reply.error
    return {
        "sample_id": result.sample_id,
        "replicate": result.replicate,
        "question": question,
        "gold": list(result.gold),
        "context_id": result.context_id,
        "length": result.recipe.length,
        "error": {"kind": error.kind, "message": error.message} if error else None,
    }


def plain_run(info: RunInfo) -> dict[str, Any]:
    """Return what a reader of a run's numbers must know, as plain values."""
    return {"run": info.name, "kind": info.kind, "floors": dict(info.floors)}


def kind_of(plain: Mapping[str, Any], otherwise: str) -> str:
    """Return the kind of what answered, which must not be lost: replies may be made by a rule or drawn at random."""
    found = plain.get("kind")
    return found if isinstance(found, str) and found in RUN_KINDS else otherwise


def floor_of(plain: Mapping[str, Any], task: str) -> float:
    """Return what guessing earns in a task; 0 where plain values do not say."""
    floors = plain.get("floors")
    found = floors.get(task) if isinstance(floors, Mapping) else None
    return float(found) if isinstance(found, int | float) and 0 <= found <= 1 else 0.0


def text_in(plain: Mapping[str, Any], key: str) -> str:
    """Return a text of plain values; empty where they have none."""
    found = plain.get(key)
    return found if isinstance(found, str) else ""


def gold_of(plain: Mapping[str, Any], target: str) -> tuple[str, ...]:
    """Return the right values that a target was joined of, where plain values keep them; else the target."""
    found = plain.get("gold")
    if isinstance(found, list) and all(isinstance(each, str) for each in found) and ", ".join(found) == target:
        return tuple(found)
    return (target,)


def replicate_in(plain: Mapping[str, Any]) -> int | None:
    """Return which reply to its sample plain values are about; None where they do not say."""
    found = plain.get("replicate")
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= MOST else None


def length_of(plain: Mapping[str, Any]) -> int | None:
    """Return the length that plain values state; None where they state none."""
    found = plain.get("length")
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 < found <= MOST else None


def error_of(plain: Mapping[str, Any]) -> ReplyError | None:
    """Return the error that plain values hold; None where they hold none."""
    found = plain.get("error")
    kind = found.get("kind") if isinstance(found, Mapping) else None
    return ReplyError(kind=kind, message=str(found.get("message", ""))) if found and kind in KINDS else None


def plain_score(score: Score) -> dict[str, Any]:
    """Return a score as plain values."""
    return {
        "value": score.value,
        "correct": score.correct,
        "mode": score.mode,
        "flags": list(score.flags),
        "answer": list(score.answer),
        "rung": score.rung,
        "evidence": score.evidence,
        "metrics": dict(score.metrics),
    }


def score_of(plain: Mapping[str, Any]) -> Score | None:
    """Return the score that plain values are; None where they are none."""
    try:
        score = Score(
            value=float(plain["value"]),
            correct=bool(plain["correct"]),
            mode=None if plain["mode"] is None else str(plain["mode"]),
            flags=tuple(map(str, plain["flags"])),
            answer=tuple(map(str, plain["answer"])),
            rung=str(plain["rung"]),
            evidence=str(plain["evidence"]),
            metrics={str(key): float(value) for key, value in plain["metrics"].items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    numbers = all(map(isfinite, score.metrics.values()))
    fits = numbers and 0 <= score.value <= 1 and (score.mode is None) == score.correct
    return score if fits else None
