"""A control that searches instead of reading: how far does the overlap of words alone get?

It ranks the sentences of the context by BM25 against the words of the question and answers with what looks like a value
in the best one. It knows no task: what it takes from a sample is the question alone, and the task's own form of an
answer. Words are looked up where they stand in the text, so that a context is split into sentences once and never into
words; several questions on one context share that work.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from math import log
from typing import Any

from pydantic import Field

from harness.adapters.controls import local_reply, written
from harness.contracts import Model, Request, Settings
from harness.records import Message, Reply

K1, B = 1.2, 0.75
"""The usual free parameters of BM25: how soon repetition stops to count, and how much length does."""

STOP_WORDS = frozenset(
    "a all an and are as at be by did do does each for from give had has have how in is it its list name of on or s "
    "say state tell that the their there these this those to was were what when where which who whose with".split()
)
"""Words of a question that say nothing about what is asked for."""

CONTEXTS = 8
"""Contexts kept at the same time: several are asked side by side."""

LONGEST = 1000
"""Characters of a piece at most: text without ends of sentences is cut, at white space where there is some."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[ \t]+|[\r\n]+")
_PIECE = re.compile(rf"\S.{{0,{LONGEST - 2}}}(?<=\S)(?!\S)|\S{{1,{LONGEST}}}")
_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+(?:[-.,:/']\w+)*")
_DIGIT = re.compile(r"\d")
_ASKS_WHO = re.compile(r"\bwho(?:m|se)?\b", re.IGNORECASE)
_NAME = re.compile(r"(?<!\w)(?=([^\W\d_]\w+ [^\W\d_]\w+))")


class LexicalIndex:
    """The sentences of a text, and BM25 over them.

    The score of a sentence is the sum over the question's words of `idf * tf / (tf + K1 * (1 - B + B * length / mean))`
    (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond", equation 3.15), lengths in
    characters, with `idf = ln(1 + (N - n + 0.5) / (n + 0.5))`: their equation 3.3 without relevance information, and
    1 added so that a word of more than half of the sentences does not count against them.

    Args:
        text: the context.
    """

    def __init__(self, text: str) -> None:
        self.sentences = [piece for line in _SENTENCE_END.split(text) if line for piece in _PIECE.findall(line)]
        self._folded = "\n".join(self.sentences).casefold()
        self._lengths = [len(line) + 1 for line in self._folded.split("\n")]
        self._starts = [0, *accumulate(self._lengths)]
        self._mean = max(1, len(self._folded)) / max(1, len(self.sentences))
        self._found: dict[str, dict[int, int]] = {}

    def occurrences(self, word: str) -> dict[int, int]:
        """Return how often each sentence that has a word (casefolded) has it, by index of the sentence."""
        if word not in self._found:
            found: dict[int, int] = {}
            for match in re.finditer(re.escape(word) + r"(?!\w)", self._folded):
                start = match.start()
                if start and (self._folded[start - 1].isalnum() or self._folded[start - 1] == "_"):
                    continue
                sentence = bisect_right(self._starts, start) - 1
                found[sentence] = found.get(sentence, 0) + 1
            self._found[word] = found
        return self._found[word]

    def idf(self, word: str) -> float:
        """Return the weight of a word; it is greatest where no sentence has it."""
        n = len(self.occurrences(word))
        return log(1 + (len(self.sentences) - n + 0.5) / (n + 0.5))

    def ranked(self, words: Iterable[str], best: int) -> list[int]:
        """Return the indices of the sentences that score highest, best first; the earlier one where two are equal."""
        scores: dict[int, float] = {}
        for word in words:
            idf = self.idf(word)
            for sentence, times in self.occurrences(word).items():
                norm = K1 * (1 - B + B * self._lengths[sentence] / self._mean)
                scores[sentence] = scores.get(sentence, 0.0) + idf * times / (times + norm)
        return sorted(scores, key=lambda sentence: (-scores[sentence], sentence))[:best]

    def coverage(self, words: Sequence[str], sentence: int) -> float:
        """Return the share of the question's weight that a sentence has the words of."""
        total = sum(self.idf(word) for word in words)
        return sum(self.idf(word) for word in words if sentence in self.occurrences(word)) / total if total else 0.0


def question_words(question: str) -> list[str]:
    """Return the different words of a question in order, casefolded, without stop words if that leaves any."""
    words = list(dict.fromkeys(_WORD.findall(question.casefold())))
    return [word for word in words if word not in STOP_WORDS] or words


def find_value(index: LexicalIndex, sentence: str, question: str) -> str:
    """Return what looks like the value in a sentence: text that the question does not have, and that is rare.

    Tokens with a digit go first, then the rarest, then the longest. A value with digits goes on over neighbours with
    digits, one word between them at most (`14 March 1987`), and takes the word right behind it, its unit, unless that
    is a stop word. Where the question has every word of the sentence there is nothing to choose from, and it is
    returned whole. A question that asks who is answered with a name where there is one: two words with capitals.
    """
    known = set(_WORD.findall(question.casefold())) | STOP_WORDS
    if _ASKS_WHO.search(question) and (name := _name(index, sentence, known)):
        return name
    tokens = [match for match in _TOKEN.finditer(sentence) if not known.issuperset(_words(match[0]))]
    if not tokens:
        return sentence

    def rarest(at: int) -> tuple[int, int]:
        return len(index.occurrences(tokens[at][0].casefold())), -len(tokens[at][0])

    numbers = [at for at, token in enumerate(tokens) if _DIGIT.search(token[0])]
    first = last = min(numbers or range(len(tokens)), key=rarest)
    if not numbers:
        return tokens[first][0]
    while (near := _next_with_digit(tokens, sentence, first, -1)) is not None:
        first = near
    while (near := _next_with_digit(tokens, sentence, last, +1)) is not None:
        last = near
    if last + 1 < len(tokens) and _adjacent(tokens, sentence, last, last + 1):
        last += 1
    return sentence[tokens[first].start() : tokens[last].end()]


def _name(index: LexicalIndex, sentence: str, known: Container[str]) -> str:
    """Return the rarest pair of neighbouring words with capitals that the question does not have, or ""."""
    pairs = [match[1] for match in _NAME.finditer(sentence)]
    names = [pair for pair in pairs if pair.istitle() and not any(word in known for word in _words(pair))]
    return min(reversed(names), key=lambda pair: sum(len(index.occurrences(word)) for word in _words(pair)), default="")


def _words(token: str) -> list[str]:
    return _WORD.findall(token.casefold())


def _adjacent(tokens: Sequence[re.Match[str]], sentence: str, left: int, right: int) -> bool:
    return sentence[tokens[left].end() : tokens[right].start()].isspace()


def _next_with_digit(tokens: Sequence[re.Match[str]], sentence: str, at: int, step: int) -> int | None:
    """Return the next token with a digit, if nothing but white space and one token at most stands between."""
    for to in (at + step, at + 2 * step):
        if not 0 <= to < len(tokens) or not _adjacent(tokens, sentence, *sorted((to - step, to))):
            return None
        if _DIGIT.search(tokens[to][0]):
            return to
    return None


class LexicalSettings(Settings):
    """Keys of a `[[model]]` table with `adapter = "lexical"`.

    Attributes:
        values: how many sentences to take a value from: as many as the question asks for.
        none_below: the answer is "none" where the best sentence has less than this share of the weight (idf) of the
            question's words, divided by `values`.
    """

    values: int = Field(default=1, ge=1, le=64, description="how many sentences to take a value from")
    none_below: float = Field(default=0.5, ge=0, le=1, description="share of the question below which it says none")


class LexicalModel(Model):
    """Answers by word overlap alone."""

    Settings = LexicalSettings
    kind = "control"

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self._index = lru_cache(maxsize=CONTEXTS)(LexicalIndex)

    async def generate(self, request: Request) -> Reply:
        """Answer the values of the best sentences."""
        question = request.sample.question
        values = self._answer(self._index(context_of(request.messages, question)), question)
        return local_reply(request, written(request, values), "control:lexical")

    async def identity(self) -> dict[str, Any]:
        """Say how it ranks and when it says none."""
        return {"ranking": f"BM25 k1={K1} b={B}", **self.settings.model_dump()}

    def _answer(self, index: LexicalIndex, question: str) -> tuple[str, ...]:
        words, wanted = question_words(question), self.settings.values
        best = index.ranked(words, wanted)
        if not best or index.coverage(words, best[0]) < self.settings.none_below / wanted:
            return ()

        def place(sentence: int) -> int:
            """Where the question has the rarest word of the sentence: answers go in the order of the question."""
            found = [word for word in words if sentence in index.occurrences(word)]
            return words.index(max(found, key=index.idf))

        found = (find_value(index, index.sentences[sentence], question) for sentence in sorted(best, key=place))
        return tuple(dict.fromkeys(found))


def context_of(messages: Sequence[Message], question: str) -> str:
    """Return what stands before the question in a prompt; all of it where the question is not there word for word."""
    text = "\n".join(message.content for message in messages)
    at = text.rfind(question) if question else -1
    return text[:at] if at > 0 else text
