"""IFEval: instructions that a rule can verify."""

from __future__ import annotations

from collections.abc import Mapping

from .preset import Preset, Row


def measure(row: Row, text: str) -> Mapping[str, float]:
    """Return nothing: the scorer's own metrics are the four published ones."""
    return {}


PRESET = Preset(
    name="ifeval",
    source="google/IFEval: key, prompt, instruction_id_list, kwargs",
    keys={
        "prompt": "{prompt}",
        "answer": "{instruction_id_list}",
        "score": "instructions",
        "id": "{key}",
        "axes": [],
        "answer_budget": 1280,
    },
    official=("prompt_strict@1", "inst_strict@1", "prompt_loose@1", "inst_loose@1"),
    measure=measure,
    flaws=(
        "published verifiers draw missing arguments at random; such rows are refused here",
        "lm-eval drops arguments that are 0 with those that are null; here 0 is 0",
        "five of the 25 kinds need a language guesser or a downloaded splitter: rows with them are refused",
        "the share of instructions is the mean over rows here, over all instructions there",
    ),
)
