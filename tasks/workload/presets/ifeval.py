"""IFEval: instructions that a rule can verify."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..scorers.verifiers import VERIFIERS, check_arguments
from .preset import Preset, Row, listed


def adapt(row: Row) -> Row:
    """Refuse a row that cannot be verified: an unknown instruction, or arguments that lack or make no sense."""
    names = [str(name) for name in listed(row.get("instruction_id_list") or [])]
    given: Any = row.get("kwargs")
    given = json.loads(given) if isinstance(given, str) else given
    given = [{}] * len(names) if given is None else given
    if not isinstance(given, list) or len(given) != len(names):
        raise ValueError(f"kwargs has not one entry for each of {len(names)} instructions")
    for name, arguments in zip(names, given, strict=True):
        if name not in VERIFIERS:
            raise ValueError(f"there is no verifier for {name}")
        check_arguments(name, {key: value for key, value in (arguments or {}).items() if value is not None})
    return {**row, "instruction_id_list": names, "kwargs": given}


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
    official=("ifeval.prompt_strict@1", "ifeval.inst_strict@1", "ifeval.prompt_loose@1", "ifeval.inst_loose@1"),
    measure=measure,
    adapt=adapt,
    flaws=(
        "published verifiers draw missing arguments at random; such rows are refused here",
        "lm-eval drops arguments that are 0 with those that are null; here 0 is 0",
        "five of the 25 kinds need a language guesser or a downloaded splitter: rows with them are refused",
        "the share of instructions is the mean over rows here, over all instructions there",
    ),
)
