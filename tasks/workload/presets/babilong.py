"""BABILong: facts scattered in a book, a question with an answer from a closed set."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .preset import Preset, Row

GROUPS: tuple[tuple[str, ...], ...] = (
    ("bathroom", "bedroom", "garden", "hallway", "kitchen", "office"),
    ("bedroom", "cinema", "kitchen", "office", "park", "school"),
    ("bill", "fred", "jeff", "mary", "apple", "football", "milk"),
    ("apple", "football", "milk", "nothing"),
    ("yes", "no", "maybe"),
    ("none", "one", "two", "three"),
    ("cat", "mouse", "sheep", "wolf"),
    ("gray", "green", "white", "yellow"),
    ("bored", "hungry", "thirsty", "tired", "bedroom", "garden", "kitchen"),
)
"""What can be answered, task by task; a row does not name its task, but its target tells the groups it may be of."""

_WAY = re.compile(r"[nsew],\s*[nsew]")


def adapt(row: Row) -> Row:
    """Give a row its closed set: that of the first group with all of its target."""
    target = str(row.get("target") or "").lower()
    if _WAY.fullmatch(target):
        raise ValueError("its target is a way in two steps (qa19), whose order this preset does not compare")
    wanted = _parts(target)
    labels = next((group for group in GROUPS if wanted <= set(group)), tuple(sorted(wanted)))
    return {**row, "labels": list(labels)}


def measure(row: Row, text: str) -> Mapping[str, float]:
    """Return 1 where the target is all of the labels in the reply's first sentence that the question does not name."""
    first = text.lower().split(".")[0].split("<context>")[0].split("<example>")[0]
    target, question = _parts(str(row["target"]).lower()), str(row["question"]).lower()
    named = {label for label in {*row["labels"], *target} if label in first and label not in question}
    return {"babilong.label_set@1": float(named == target)}


def _parts(target: str) -> set[str]:
    return {part.strip() for part in target.split(",") if part.strip()}


PRESET = Preset(
    name="babilong",
    source="RMT-team/babilong, one configuration a length, one split a task (qa1 to qa20): input, question, target",
    keys={
        "prompt": "{input}\n\nFacts are hidden in the text above. {question}\nAnswer with one word, or several.",
        "answer": "{target}",
        "context": "{input}",
        "score": {"name": "labels", "choices": "labels", "question": "question"},
        "answer_budget": 128,
    },
    official=("babilong.label_set@1",),
    measure=measure,
    adapt=adapt,
    flaws=(
        "only the first sentence counts, up to the first full stop",
        "labels are looked for as parts of words",
        "lm-eval's task takes any reply that holds the target: up to 10 points more for weak models",
    ),
)
