"""The scorers `token_f1` and `rouge_l`: how much of a free text is the same. Both need a threshold of the user's.

`token_f1` is the F1 of SQuAD (Rajpurkar and others 2016): words in lower case, without punctuation and English
articles, as multisets. `rouge_l` is the F-measure of ROUGE-L (Lin 2004) by the package `rouge-score`, on words of any
script; on ASCII text it splits as that package does. Both take the best of several acceptable answers. Neither knows
what a text means: a reply with one wrong word in it can score high.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cached_property
from typing import Any

from pydantic import Field

from ..sources import optional
from .base import Asked, BadAnswer, Fault, Found, Options, Scorer, texts_of

_ARTICLES = frozenset({"a", "an", "the"})
_WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 3000


class OverlapOptions(Options):
    """Options of the scorers of free text: the threshold has no default, because none fits two tasks."""

    threshold: float = Field(gt=0, le=1)


class OverlapScorer(Scorer):
    """What both share."""

    Options = OverlapOptions
    metric = ""

    def gold(self, answer: Any) -> tuple[str, ...]:
        """One acceptable answer, or a list of them."""
        texts = texts_of(answer)
        if empty := [text for text in texts if not self.words(text)]:
            raise BadAnswer(f"the answer {empty[0]!r} has no words")
        return texts

    def words(self, text: str) -> list[str]:
        """Return the words that are compared."""
        return _WORD.findall(text.lower())[:MOST_WORDS]

    def similarity(self, given: str, right: str) -> float:
        """Return 0 to 1."""
        raise NotImplementedError

    def read(self, visible: str, asked: Asked) -> Found:
        """Take the best of the acceptable answers."""
        value = max(self.similarity(visible, right) for right in asked.gold)
        told = f"{self.metric} is {value:.2f}, and {self.options.threshold:g} is needed"
        fault = Fault("partly_right" if value >= self.options.threshold / 2 else "wrong_value", told)
        return Found(value, (visible,), (fault,), "whole", metrics={f"{self.metric}@1": value})


class TokenF1Scorer(OverlapScorer):
    """F1 of words."""

    metric = "token_f1"

    def words(self, text: str) -> list[str]:
        """Return words in lower case, without punctuation and articles."""
        plain = "".join(c for c in text.lower() if not unicodedata.category(c).startswith("P"))
        return [word for word in plain.split() if word not in _ARTICLES][:MOST_WORDS]

    def similarity(self, given: str, right: str) -> float:
        """Return the F1 of two multisets of words."""
        a, b = self.words(given), self.words(right)
        hits = sum((Counter(a) & Counter(b)).values())
        return 2 * hits / (len(a) + len(b)) if hits else 0.0


class RougeScorer(OverlapScorer):
    """F-measure of the longest common subsequence of words."""

    metric = "rouge_l"

    def similarity(self, given: str, right: str) -> float:
        """Return the F-measure of ROUGE-L."""
        return float(self._rouge.score(right, given)["rougeL"].fmeasure)

    def tokenize(self, text: str) -> list[str]:
        """Split a text for the package."""
        return self.words(text)

    @cached_property
    def _rouge(self) -> Any:
        package = optional("rouge_score.rouge_scorer", "the scorer rouge_l needs the package rouge-score", "score")
        return package.RougeScorer(["rougeL"], tokenizer=self)

    def check(self) -> None:
        """Import the package."""
        _ = self._rouge
