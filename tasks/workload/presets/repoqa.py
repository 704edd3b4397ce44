"""Rows like RepoQA's: a function to be given back, found by its description."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import exp, log

from .preset import Preset, Row, first_of

_FENCE = re.compile(r"```[^\n]*\n(.*?)```", re.DOTALL)
ORDER = 4
SMOOTHING = 5
THRESHOLD = 0.8


def bleu(reference: Sequence[str], given: Sequence[str]) -> float:
    """Return BLEU-4 with smoothing 4 of Chen and Cherry (2014, section 3.4), over words, for one reference.

    As in the library that RepoQA calls, a share that stays 0, which only a reply of one word has, is left out.
    """
    shares, zeros = [], 0
    for size in range(1, ORDER + 1):
        mine, theirs = _grams(given, size), _grams(reference, size)
        hits, count = (mine & theirs).total(), max(1, mine.total())
        if size == 1 and not hits:
            return 0.0
        if not hits and len(given) > 1:
            zeros += 1
            shares.append(log(len(given)) / (2**zeros * SMOOTHING) / count)
        elif hits:
            shares.append(hits / count)
    brevity = 1.0 if len(given) > len(reference) else exp(1 - len(reference) / len(given))
    return brevity * exp(sum(map(log, shares)) / ORDER)


def _grams(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def measure(row: Row, text: str) -> Mapping[str, float]:
    """Return 1 where the right function is the most similar one of its repository, and similar by 0.8 or more."""
    found = _FENCE.search(text)
    given = (found[1] if found else text).split()
    scores = [bleu(candidate.split(), given) for candidate in row["candidates"]]
    right = bleu(row["function"].split(), given)
    return {"repoqa.bleu_argmax@1": float(right >= THRESHOLD and right >= max(scores, default=0.0))}


def adapt(row: Row) -> Row:
    """Check the columns."""
    candidates = first_of(row, "candidates")
    if not isinstance(candidates, list) or not all(isinstance(each, str) for each in candidates):
        raise ValueError("candidates is no list of texts")
    if not isinstance(row.get("function"), str):
        raise ValueError("function is no text")
    return row


PRESET = Preset(
    name="repoqa",
    source="rows of your own in the manner of RepoQA: code, description, function, candidates",
    keys={
        "prompt": (
            "{code}\n\nOne function above does the following.\n{description}\n\nGive that function back exactly as it "
            "stands there, in one code block and with nothing else."
        ),
        "answer": "{function}",
        "context": "{code}",
        "score": {"name": "reproduced", "candidates": "candidates", "fenced": True, "threshold": 0.9},
        "answer_budget": 1024,
    },
    official=("repoqa.bleu_argmax@1",),
    measure=measure,
    adapt=adapt,
    flaws=(
        "a copy without comments loses",
        "RepoQA takes the function out with a parser for each language; here it is the first code block, or all of it",
    ),
)
