"""The scorer `instructions`: is every instruction of a row followed, as a rule can tell?

The verifiers are in `verifiers`; each fails closed. A row with an instruction that has none is refused before anything
is asked. Strict is the reply as it is; loose is any of it without its first line, its last one, or its asterisks, as
IFEval (Zhou et al. 2023, section 2.2) has it, so that loose is never below strict.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .base import Asked, BadAnswer, Fault, Found, Options, Scorer
from .verifiers import VERIFIERS, check_arguments

_NO_LETTER = re.compile(r"[^a-z0-9_]+")


class InstructionsOptions(Options):
    """Options of `instructions`.

    Attributes:
        arguments: column with the arguments of each instruction, in the order of their names.
    """

    arguments: str = "kwargs"


class InstructionsScorer(Scorer):
    """Verifies instructions."""

    Options = InstructionsOptions
    options: InstructionsOptions

    def gold(self, answer: Any) -> tuple[str, ...]:
        """The names of the instructions."""
        if not isinstance(answer, list) or not answer or not all(isinstance(name, str) for name in answer):
            raise BadAnswer("the answer is no list of instructions")
        unknown = [name for name in answer if name not in VERIFIERS]
        if unknown:
            raise BadAnswer(f"there is no verifier for {', '.join(unknown)}")
        return tuple(answer)

    def read(self, visible: str, asked: Asked) -> Found:
        """Verify every instruction, strictly and loosely."""
        arguments = _arguments(asked.row.get(self.options.arguments), asked.gold)
        strict = [_holds(name, each, [visible]) for name, each in zip(asked.gold, arguments, strict=True)]
        loose = [_holds(name, each, _variants(visible)) for name, each in zip(asked.gold, arguments, strict=True)]
        faults = [
            Fault(f"instruction.{_NO_LETTER.sub('.', name.lower())}", f"{name} is not followed, with {dict(each)}")
            for name, each, done in zip(asked.gold, arguments, strict, strict=True)
            if not done
        ]
        metrics = {
            "ifeval.prompt_strict@1": float(all(strict)),
            "ifeval.inst_strict@1": sum(strict) / len(strict),
            "ifeval.prompt_loose@1": float(all(loose)),
            "ifeval.inst_loose@1": sum(loose) / len(loose),
        }
        return Found(float(all(strict)), (visible,), tuple(faults), "whole", metrics=metrics, known=True)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Raise `LookupError`: instructions do not say what a reply that follows them looks like."""
        raise LookupError("instructions do not say what a reply looks like")


def _arguments(column: Any, names: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """Return the arguments of each instruction; what is null was never given, what is 0 was."""
    rows = column if isinstance(column, list) else [{}] * len(names)
    kept = [{key: value for key, value in (row or {}).items() if value is not None} for row in rows]
    kept += [{} for _ in range(len(names) - len(kept))]
    for name, each in zip(names, kept, strict=False):
        check_arguments(name, each)
    return list(kept[: len(names)])


def _holds(name: str, arguments: Mapping[str, Any], texts: list[str]) -> bool:
    return any(text.strip() and VERIFIERS[name].holds(text, arguments) for text in texts)


def _variants(text: str) -> list[str]:
    lines = text.split("\n")
    cut = [text, "\n".join(lines[1:]).strip(), "\n".join(lines[:-1]).strip(), "\n".join(lines[1:-1]).strip()]
    return [*cut, *(each.replace("*", "") for each in cut)]
