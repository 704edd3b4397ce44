"""BABILong: facts scattered in a book, a question with a one-word answer."""

from __future__ import annotations

from collections.abc import Mapping

from .preset import Preset, Row

PLACES = ("bathroom", "bedroom", "garden", "hallway", "kitchen", "office")
LABELS = (*PLACES, "bill", "fred", "jeff", "mary", "apple", "football", "milk", "yes", "no", "maybe")


def measure(row: Row, text: str) -> Mapping[str, float]:
    """Return 1 where the target is the only label in the reply's first sentence that the question does not name.

    Labels are those of the row's task where it is known (`task`), else of all: then `no` in `none` counts as one.
    """
    first = text.lower().split(".")[0].split("<context>")[0].split("<example>")[0]
    target, question = str(row["target"]).lower(), str(row["question"]).lower()
    known = PLACES if target in PLACES else LABELS
    named = {label for label in {*known, target} if label in first and label not in question}
    return {"babilong.label_set@1": float(named == {target})}


PRESET = Preset(
    name="babilong",
    source="RMT-team/babilong, one configuration a length, one split a task (qa1 to qa20): input, question, target",
    keys={
        "prompt": "{input}\n\nFacts are hidden in the text above. {question}\nAnswer with one word, or several.",
        "answer": "{target}",
        "context": "{input}",
        "score": {"name": "labels", "labels": list(LABELS), "question": "question"},
        "answer_budget": 128,
    },
    official=("babilong.label_set@1",),
    measure=measure,
    flaws=(
        "only the first sentence counts, up to the first full stop",
        "labels are looked for as parts of words",
        "lm-eval's task takes any reply that holds the target: up to 10 points more for weak models",
    ),
)
