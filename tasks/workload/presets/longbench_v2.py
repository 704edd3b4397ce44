"""LongBench v2: one of four choices about a long document."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .preset import Preset, Row

_MARKED = re.compile(r"The correct answer is \(([A-D])\)")
_PLAIN = re.compile(r"The correct answer is ([A-D])")


def measure(row: Row, text: str) -> Mapping[str, float]:
    """Return 1 where the published pattern finds the right letter; empty replies are left out there, and have none."""
    if not text:
        return {}
    bare = text.replace("*", "")
    found = _MARKED.search(bare) or _PLAIN.search(bare)
    return {"longbench_v2.accuracy@1": float(found is not None and found[1] == row["answer"])}


PRESET = Preset(
    name="longbench_v2",
    source=(
        "THUDM/LongBench-v2 (also zai-org): _id, domain, sub_domain, difficulty, length, question, "
        "choice_A to choice_D, answer, context"
    ),
    keys={
        "prompt": (
            "{context}\n\nQuestion: {question}\nA. {choice_A}\nB. {choice_B}\nC. {choice_C}\nD. {choice_D}\n\n"
            "Only one of the four is right. End with one line: The correct answer is (LETTER)"
        ),
        "answer": "{answer}",
        "score": {"name": "letter", "letters": "ABCD"},
        "id": "{_id}",
        "axes": ["domain", "difficulty", "length"],
        "floor": 0.25,
        "answer_budget": 256,
    },
    official=("longbench_v2.accuracy@1",),
    measure=measure,
    flaws=(
        "its script leaves empty replies out and divides by the rest",
        "lm-eval's task of this name compares log-probabilities on a mirror of the data: another benchmark",
        "503 rows: plus or minus 4.4 points",
    ),
)
