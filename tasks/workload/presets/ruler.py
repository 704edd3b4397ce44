"""RULER's JSONL: values hidden in a text, all of them to be given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .preset import Preset, Row, first_of, listed

SOURCE = (
    "NVIDIA/RULER's own JSONL (index, input, outputs, length, answer_prefix); simonjegou/ruler (context, question, "
    "answer_prefix, answer, task, max_new_tokens); copies with answers instead of outputs"
)


def adapt(row: Row) -> Row:
    """Bring the three layouts into one; a row whose prompt is whole has it in `input`."""
    text = row.get("input")
    document, question = (text, "") if text else (first_of(row, "context"), first_of(row, "question"))
    wanted = [str(each) for each in listed(first_of(row, "outputs", "answers", "answer"))]
    kept: dict[str, Any] = {name: row[name] for name in ("task", "length", "index") if row.get(name) is not None}
    return {**kept, "document": document, "question": question, "outputs": wanted}


def measure_all(row: Row, text: str) -> Mapping[str, float]:
    """Return the share of values that are part of the reply, in any case."""
    lower = text.lower()
    return {"ruler.string_match_all@1": sum(each.lower() in lower for each in row["outputs"]) / len(row["outputs"])}


def measure_part(row: Row, text: str) -> Mapping[str, float]:
    """Return whether any answer is part of the reply; and that divided by the number of answers, as lm-eval has it."""
    lower = text.lower()
    hits = [each.lower() in lower for each in row["outputs"]]
    return {
        "ruler.string_match_part@1": float(any(hits)),
        "ruler.string_match_part_lm_eval@1": sum(hits) / len(hits),
    }


KEYS = {
    "prompt": "{document}{question}",
    "answer": "{outputs}",
    "context": "{document}",
    "axes": None,
    "answer_budget": 256,
}
ECHO = "a copy of the prompt scores 100: only parts of words are looked for, and nothing counts against a reply"
ALL = Preset(
    name="ruler",
    source=SOURCE,
    keys={**KEYS, "score": "values"},
    official=("ruler.string_match_all@1",),
    measure=measure_all,
    adapt=adapt,
    flaws=(ECHO, "a quarter of its words are part of another of its words", "30 to 128 tokens cut a reasoning model"),
)
PART = Preset(
    name="ruler_qa",
    source=f"{SOURCE}; its tasks qa_1 and qa_2",
    keys={**KEYS, "score": {"name": "values", "need": "any"}},
    official=("ruler.string_match_part@1", "ruler.string_match_part_lm_eval@1"),
    measure=measure_part,
    adapt=adapt,
    flaws=(ECHO, "lm-eval divides by the number of aliases, some of them twice there, instead of taking the best"),
)
