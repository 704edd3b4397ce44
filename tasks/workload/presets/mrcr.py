"""OpenAI's MRCR: one of several like replies of a long conversation, to be given back word for word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import SequenceMatcher

from .preset import Preset, Row, first_of


def adapt(row: Row) -> Row:
    """Read the conversation; every reply in it is a candidate."""
    turns = row.get("prompt")
    turns = json.loads(turns) if isinstance(turns, str) else turns
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise ValueError("prompt is no list of turns")
    replies = [turn.get("content") for turn in turns if turn.get("role") == "assistant"]
    kept = {name: row[name] for name in ("n_needles", "desired_msg_index") if row.get(name) is not None}
    return {
        **kept,
        "turns": turns,
        "replies": replies,
        "answer": first_of(row, "answer"),
        "random_string_to_prepend": first_of(row, "random_string_to_prepend"),
    }


def measure(row: Row, text: str) -> Mapping[str, float]:
    """Return difflib's ratio of reply and answer by character, with its heuristic; 0 without the string in front."""
    nonce, answer = row["random_string_to_prepend"], row["answer"]
    if not text.startswith(nonce):
        return {"mrcr.sequence_matcher_ratio@1": 0.0}
    ratio = SequenceMatcher(None, text.removeprefix(nonce), answer.removeprefix(nonce)).ratio()
    return {"mrcr.sequence_matcher_ratio@1": float(ratio)}


def guess(row: Row) -> float:
    """Return what giving back any one of the like replies earns; 0 where the row does not say how many there are."""
    try:
        like = int(row.get("n_needles") or 0)
    except (TypeError, ValueError):
        return 0.0
    return 1 / like if like > 1 else 0.0


PRESET = Preset(
    name="mrcr",
    source=(
        "openai/mrcr at its revision of 2025-12-05 or later: prompt (JSON turns), answer, random_string_to_prepend, "
        "n_needles, desired_msg_index, total_messages, n_chars"
    ),
    keys={
        "messages": "turns",
        "answer": "{answer}",
        "score": {
            "name": "reproduced",
            "candidates": "replies",
            "prefix": "random_string_to_prepend",
            "threshold": 0.9,
        },
        "axes": ["n_needles"],
        "answer_budget": 2048,
    },
    official=("mrcr.sequence_matcher_ratio@1",),
    measure=measure,
    adapt=adapt,
    guess=guess,
    flaws=(
        "difflib's heuristic for common characters begins at 200: unrelated texts score .30 at 199 and .13 at 200",
        "the ratio depends on which text comes first; OpenAI has the reply first, DeepMind's MRCR v2 the answer",
        "a random one of the like replies scores 51, 27 and 15 % at 2, 4 and 8 of them (published for MRCR v2)",
    ),
)
