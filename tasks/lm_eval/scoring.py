"""A reply scored by the task's own code: its filters, its metrics, document by document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from harness.errors import ConfigError
from harness.reading import UNATTRIBUTED, general_modes, split_reasoning
from harness.records import Reply, Score

from .source import Document, Source, quiet

SHOWN_CHARS = 400
_NO_LETTER = re.compile(r"[^a-z0-9_]+")
_FOLLOWED = "inst_level_strict_acc"
"""The metric of IFEval and its kin that says for each instruction whether it was followed."""


def metrics_of(source: Source, document: Document, text: str) -> dict[tuple[str, str], Any]:
    """Return each metric of a reply's text by its name and that of the filter, as the task's own code returns it."""
    from lm_eval.api.instance import Instance

    found: dict[tuple[str, str], Any] = {}
    with quiet():
        for ensemble in source.task._filters:  # there is no other way to filter one reply
            instance = Instance(
                request_type="generate_until",
                doc=dict(document.values),
                arguments=("", {}),
                idx=0,
                metadata=(source.name, document.number, 1),
                resps=[text],
            )
            ensemble.apply([instance])
            results = source.task.process_results(dict(document.values), [instance.filtered_resps[ensemble.name]])
            found |= {(name, ensemble.name): value for name, value in results.items()}
    return found


def headline(source: Source, document: Document, metric: str, chosen: str) -> tuple[str, str]:
    """Return which metric of which filter is the score: the one named, else the first that is a share.

    Raises:
        ConfigError: there is none such.
    """
    found = metrics_of(source, document, "")
    better = source.task.higher_is_better()
    fit = [
        (name, by)
        for (name, by), value in found.items()
        if better.get(name, True) and share(value) is not None and metric in ("", name) and chosen in ("", by)
    ]
    if not fit:
        raise ConfigError(
            f"lm-eval's task {source.name!r} has no such metric from 0 to 1 by document",
            found=" ".join(filter(None, [metric, chosen])),
            allowed=", ".join(f"{name} ({by})" for name, by in found) or "none",
            fix="metric names one, filter names what reads the reply",
        )
    return fit[0]


def share(value: Any) -> float | None:
    """Return a metric of a document as a number: itself, or the mean of a list; None for what corpus metrics gather."""
    if isinstance(value, list) and value and all(isinstance(each, bool | int | float) for each in value):
        value = sum(value) / len(value)
    if not isinstance(value, bool | int | float) or not isfinite(value):
        return None
    return float(value)


def score_reply(source: Source, document: Document, reply: Reply, by: tuple[str, str]) -> Score:
    """Score a reply; a metric out of 0 to 1 raises `ValueError`, for no score can be made of it."""
    split = split_reasoning(reply)
    text = until(split.visible, source.until)
    found = metrics_of(source, document, text)
    value = share(found[by])
    if value is None or not 0 <= value <= 1:
        raise ValueError(f"lm-eval's metric {by[0]} is {found[by]!r}, which is no value from 0 to 1")
    correct = value == 1 and not split.unclosed
    modes = {} if correct else _modes(source, document, reply, found)
    mode = None if correct else next(iter(modes), UNATTRIBUTED)
    numbers = {f"{name},{each}@{source.version}": share(number) for (name, each), number in found.items()}
    return Score(
        value=value,
        correct=correct,
        mode=mode,
        flags=tuple(name for name in modes if name != mode),
        answer=(text[:SHOWN_CHARS],),
        rung=by[1],
        evidence=modes.get(mode, "lm-eval's metric does not say why") if mode else "",
        metrics={name: number for name, number in numbers.items() if number is not None},
    )


def until(text: str, stops: Sequence[str]) -> str:
    """Return text up to the first of the strings that end a reply, for servers that do not stop there themselves."""
    ends = [at for stop in stops if stop and (at := text.find(stop)) >= 0]
    return text[: min(ends)] if ends else text


def _modes(source: Source, document: Document, reply: Reply, found: Mapping[tuple[str, str], Any]) -> dict[str, str]:
    """Return how a reply is wrong: as any reply may be, or by the first instruction that it does not follow."""
    turns = document.messages
    modes = general_modes(reply, turns[-1].content, "\n".join(turn.content for turn in turns))
    followed = next((value for (name, _), value in found.items() if name == _FOLLOWED), None)
    names = document.values.get("instruction_id_list")
    if isinstance(followed, list) and isinstance(names, list):
        for name, done in zip(names, followed, strict=False):
            if not done:
                kind = _NO_LETTER.sub(".", str(name).lower()).strip(".")
                modes.setdefault(f"instruction.{kind}", f"lm-eval's verifier of {name} says that it was not followed")
    return modes
