"""How many words that mean something two texts share: what a search by words alone could go by.

Two words count as the same when their stems are the same, so that `lives` and `living` do. The stem is crude on
purpose: it cuts endings and never maps a word to another, and it errs towards finding too much in common.
"""

from __future__ import annotations

import re

from harness.reading import fold

STOP_WORDS = frozenset(
    "a about against all an and any anyone are as at be before but by can de des did do does every first for from "
    "given had half has he her his in is it its la many no not nothing of on one only or out over some someone "
    "something that the their them there they this to two under was were what when where which who whom whose will "
    "with without".split()
)
"""Words that say nothing about what a sentence is about."""

COMMON_START = 5
"""Words that begin with so many same letters share a stem."""

_WORD = re.compile(r"[^\W\d_]+")
_ENDINGS = ("ations", "ation", "ings", "ing", "ers", "ies", "ed", "er", "es", "ly", "s", "e", "y")


def content_words(text: str) -> list[str]:
    """Return the different words of a text that mean something, folded, in order."""
    return [word for word in dict.fromkeys(_WORD.findall(fold(text))) if word not in STOP_WORDS]


def shared_words(question: str, evidence: str) -> int:
    """Return how many content words of a question have a word of the same stem in the evidence."""
    words = content_words(evidence)
    return sum(any(same_stem(word, other) for other in words) for word in content_words(question))


def same_stem(a: str, b: str) -> bool:
    """Tell whether two folded words are the same but for their endings."""
    if a[:COMMON_START] == b[:COMMON_START] and min(len(a), len(b)) >= COMMON_START:
        return True
    return _stem(a) == _stem(b)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
