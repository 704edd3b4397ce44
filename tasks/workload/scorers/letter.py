"""The scorer `letter`: the letter of one of several choices.

A letter counts only where it can be nothing else. The ladder, on the reply without code fences and emphasis:

    whole       the reply is a letter, or its one line begins with a marked one: `(B)`, `b`, `B.`, `B) the text`, `B: …`
    marked      `answer: B`, `the answer is (B)`, `option B`, `choose B`; the last of them counts
    last_line   the last line is a letter
    text        a letter in brackets, or marked at the start of a line
    last_word   the last line ends in a letter

`A nice answer` begins with a word, not a letter; neither are `I` and `a` choices where they stand in a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from .base import Asked, BadAnswer, Fault, Found, Options, Scorer, texts_of
from .text import after_mark

_STRIPPED = re.compile(r"[*_`$]|\\(?:boxed|text|mathrm|textbf)(?=\{)|^[ \t]*(?:```|~~~).*$", re.MULTILINE)


class LetterOptions(Options):
    """Options of `letter`.

    Attributes:
        letters: the letters of the choices.
        after: the answer is what follows the last of these marks in the reply, up to the end of its line.
    """

    letters: str = Field(default="ABCDEFGHIJ", pattern=r"^[A-Z]{2,26}$")
    after: str = Field(default="", max_length=100)


class LetterScorer(Scorer):
    """Compares the letter of a choice."""

    Options = LetterOptions
    options: LetterOptions

    def __init__(self, options: LetterOptions, folders: Sequence[Path] = ()) -> None:
        super().__init__(options, folders)
        one = f"[{options.letters}]"
        words = "".join(letter for letter in "AI" if letter in options.letters)
        rest = "".join(letter for letter in options.letters if letter not in words)
        marked = rf"[(\[{{]\s{{0,3}}({one})\s{{0,3}}[)\]}}]"
        sure = (
            rf"([{rest or '-'}](?![A-Za-z0-9'’])|[{words or '-'}](?![A-Za-z0-9'’])(?!\s(?!because|since|as |is )[a-z]))"
        )
        word = r"(?:answer|option|choice|choose|chose|select|pick)(?:ed|s)?"
        verb = r"(?:is|are|would be|must be|should be)"
        self._bare = re.compile(rf"[(\[{{\s]*({one})[)\]}}.:\s]*", re.IGNORECASE)
        self._single = re.compile(rf"(?<![A-Za-z0-9'’])({one})(?![A-Za-z0-9'’])")
        self._whole = re.compile(rf"\s*(?:{marked}|({one})\s*(?:$|[).:\]](?:\s|$)|\s-\s))")
        self._alone = re.compile(rf"\s*(?:{marked}|({one}))\s*[.)]?\s*")
        self._marked = re.compile(
            rf"(?<![A-Za-z])(?i:{word})(?:\s(?i:{verb}))?\s{{0,3}}[:=–—-]?\s{{0,3}}"
            rf"(?:(?i:option|choice)\s{{0,3}})?(?:{marked}|{sure})"
        )
        self._bracketed = re.compile(rf"(?<![A-Za-z0-9]){marked}|(?m:^[ \t]{{0,20}}({one})[).:]\s)")
        self._others = re.compile(rf"(?<![A-Za-z0-9])(?:{marked}|({one})[).:](?=\s|$))")

    def gold(self, answer: Any) -> tuple[str, ...]:
        """The letter of the right choice."""
        letters = tuple(text.strip().strip("().").upper() for text in texts_of(answer))
        for letter in letters:
            if len(letter) != 1 or letter not in self.options.letters:
                raise BadAnswer(f"the answer {letter[:20]!r} is none of the letters {self.options.letters}")
        return letters

    def read(self, visible: str, asked: Asked) -> Found:
        """Read the letter."""
        text = after_mark(visible, self.options.after)
        if text is None:
            return Found(0.0, (visible,), (Fault("fmt.none_found", f"{self.options.after!r} is not in the reply"),), "")
        letters, rung = self.letters_in(_STRIPPED.sub("", unicodedata.normalize("NFKC", text)).strip())
        if not letters:
            return Found(0.0, (visible,), (Fault("fmt.none_found", "no letter of a choice is in the reply"),), "")
        if len(letters) > 1:
            told = f"one choice is asked for and {len(letters)} are given"
            return Found(0.0, letters, (Fault("hedged_multi", told),), rung, known=True)
        if letters[0] in asked.gold:
            return Found(1.0, letters, (), rung)
        told = f"it is {letters[0]}, and right is {' or '.join(asked.gold)}"
        return Found(0.0, letters, (Fault("wrong_value.other_choice", told),), rung, known=True)

    def letters_in(self, text: str) -> tuple[tuple[str, ...], str]:
        """Return the letters that a text gives, and the rung of the ladder on which they stand."""
        lines = [line for line in text.splitlines() if line.strip()] or [""]
        if bare := self._bare.fullmatch(text):
            return (bare[1].upper(),), "whole"
        whole = self._whole.match(text) if len(lines) == 1 else None
        if whole and not self._marked.search(text):
            return _different(whole, *self._others.finditer(text)), "whole"
        if marked := list(self._marked.finditer(text)):
            return (_letter(marked[-1]),), "marked"
        if last := self._alone.fullmatch(lines[-1]):
            return (_letter(last),), "last_line"
        found = _different(*self._bracketed.finditer(text))
        return (found, "text") if found else (self._ending(lines[-1]), "last_word")

    def _ending(self, line: str) -> tuple[str, ...]:
        """Return the letter that a line ends in; with the other letters of the line, where it has some."""
        single = list(self._single.finditer(line))
        if not single or line[single[-1].end() :].strip(" .!") or single[-1][1] == "I":
            return ()
        joined = (" and ", " or ", ", ")
        certain = (m for m in single if m[1] not in "AI" or m is single[-1] or line.startswith(joined, m.end()))
        return _different(*certain)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the letter."""
        return f"{self.options.after.rstrip()} {gold[0]}".strip()


def _different(*matches: re.Match[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_letter, matches)))


def _letter(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)
