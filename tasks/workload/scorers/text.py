"""Scorers of short texts: equal to the right answer, or holding it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from pydantic import Field

from .base import Asked, BadAnswer, Fault, Found, Options, Scorer, texts_of

_EDGES = " \t\n\"'`*_“”‘’«»"
_SPACELESS = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0x9FFF),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
)
"""Scripts in which words are not parted by blanks, or endings are glued on."""


class NormalOptions(Options):
    """Options of whatever compares short texts.

    Attributes:
        ignore_case: whether `Yes` is `yes`.
        ignore_punctuation: whether punctuation does not count at all; at the end a full stop never does.
    """

    ignore_case: bool = True
    ignore_punctuation: bool = False


class TextOptions(NormalOptions):
    """Options of the scorers that read a short text.

    Attributes:
        after: the answer is what follows the last of these marks in the reply, up to the end of its line.
    """

    after: str = Field(default="", max_length=100)


def normal(text: str, options: NormalOptions) -> str:
    """Return NFKC with single blanks, without outer quotes, emphasis and full stop; the rest as the options say."""
    folded = unicodedata.normalize("NFKC", text)
    if options.ignore_case:
        folded = unicodedata.normalize("NFKC", folded.casefold())
    if options.ignore_punctuation:
        folded = "".join(" " if unicodedata.category(c).startswith("P") else c for c in folded)
    return trimmed(" ".join(folded.split()))


def trimmed(text: str) -> str:
    """Return a text without outer quotes and emphasis, and without a full stop at its end."""
    bare = text.strip(_EDGES)
    return bare[:-1].rstrip(_EDGES) if bare.endswith((".", "。")) and not bare.endswith("..") else bare


def after_mark(visible: str, mark: str) -> str | None:
    """Return what follows the last mark of a reply in its line, or the next line; None where there is no mark."""
    if not mark:
        return visible
    at = visible.casefold().rfind(mark.casefold()) if len(visible.casefold()) == len(visible) else visible.rfind(mark)
    if at < 0:
        return None
    return next((line for line in visible[at + len(mark) :].splitlines() if line.strip(_EDGES)), "")


class NormalScorer(Scorer):
    """What the scorers of short texts share."""

    Options = NormalOptions
    options: NormalOptions

    def gold(self, answer: Any) -> tuple[str, ...]:
        """One acceptable answer, or a list of them."""
        texts = texts_of(answer)
        if empty := [text for text in texts if not normal(text, self.options)]:
            raise BadAnswer(f"the answer {empty[0]!r} is nothing after normalisation")
        return texts

    def known(self, golds: Iterable[tuple[str, ...]]) -> frozenset[str]:
        """Return every acceptable answer of every row, normalised."""
        return frozenset(normal(text, self.options) for gold in golds for text in gold)

    def wrong_value(self, given: str, asked: Asked) -> Fault:
        """Name a wrong value: another row's right answer is taken for this one, anything else is just wrong."""
        if given in asked.known:
            return Fault("wrong_value.other_answer", "it is the right answer of other rows")
        return Fault("wrong_value", "it is not the right answer")


class TextScorer(NormalScorer):
    """Those of them that read the whole reply, or what follows a mark."""

    Options = TextOptions
    options: TextOptions

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the first acceptable answer."""
        return f"{self.options.after.rstrip()} {gold[0]}".strip()


class ExactScorer(TextScorer):
    """The whole answer is the right one."""

    def read(self, visible: str, asked: Asked) -> Found:
        """Compare the whole reply, or what follows the mark."""
        text = after_mark(visible, self.options.after)
        if text is None:
            return Found(0.0, (visible,), (Fault("fmt.none_found", f"{self.options.after!r} is not in the reply"),), "")
        given = normal(text, self.options)
        rights = [normal(right, self.options) for right in asked.gold]
        rung = "after" if self.options.after else "whole"
        if given in rights:
            return Found(1.0, (text.strip(),), (), rung)
        faults = [self.wrong_value(given, asked)]
        if any(holds(given, right) for right in rights):
            faults.insert(0, Fault("fmt.prose_around", "the right answer stands in it among other words"))
        known = any(fault.mode == "wrong_value.other_answer" for fault in faults)
        return Found(0.0, (text.strip(),), tuple(faults), rung, known=known)


class ContainsOptions(TextOptions):
    """Options of `contains`.

    Attributes:
        need: whether one answer of a list is enough, or all must be there.
    """

    need: str = Field(default="any", pattern="^(?:any|all)$")


class ContainsScorer(TextScorer):
    """The right answer stands in the reply as whole words."""

    Options = ContainsOptions
    options: ContainsOptions
    searches = True

    def read(self, visible: str, asked: Asked) -> Found:
        """Look for the right answers."""
        text = after_mark(visible, self.options.after)
        if text is None:
            return Found(0.0, (visible,), (Fault("fmt.none_found", f"{self.options.after!r} is not in the reply"),), "")
        given = normal(text, self.options)
        hits = [right for right in asked.gold if holds(given, normal(right, self.options))]
        every = self.options.need == "all"
        share = len(hits) / len(asked.gold) if every else float(bool(hits))
        missing = len(asked.gold) - len(hits)
        fault = Fault("missing_items", f"{missing} of {len(asked.gold)} are not in it") if every and hits else None
        return Found(share, (text.strip(),), (fault or self.wrong_value(given, asked),), "text")

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write what is needed."""
        every = ", ".join(gold)
        return super().ideal_reply((every,) if self.options.need == "all" else gold)


def holds(text: str, piece: str) -> bool:
    """Tell whether a piece stands in a text, not as part of a longer word or number."""
    at = text.find(piece) if piece else -1
    while at >= 0:
        end = at + len(piece)
        if not _joined(text[at - 1 : at], piece[0]) and not _joined(piece[-1], text[end : end + 1]):
            return True
        at = text.find(piece, at + 1)
    return False


def _joined(before: str, behind: str) -> bool:
    """Tell whether two neighbouring characters belong to one word."""
    return bool(before and behind) and all(c.isalnum() and not _spaceless(c) for c in (before, behind))


def _spaceless(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _SPACELESS)


class RegexOptions(NormalOptions):
    """Options of `regex`.

    Attributes:
        pattern: its first group, or all of it, in its last match is the answer; unset, the row's answer is a pattern
            that must match somewhere.
        written: how a right answer is written, with `{answer}` in it: for controls and checks only.
    """

    pattern: str = Field(default="", max_length=1000)
    written: str = Field(default="{answer}", max_length=1000)


class RegexScorer(NormalScorer):
    """A pattern of the user finds the answer, or is the answer."""

    Options = RegexOptions
    options: RegexOptions
    searches = True

    def gold(self, answer: Any) -> tuple[str, ...]:
        """Acceptable answers, or patterns."""
        if self.options.pattern:
            return super().gold(answer)
        patterns = texts_of(answer)
        for pattern in patterns:
            compiled(pattern, ignore_case=self.options.ignore_case)
        return patterns

    def check(self) -> None:
        """Compile the pattern."""
        compiled(self.options.pattern, ignore_case=self.options.ignore_case)

    def read(self, visible: str, asked: Asked) -> Found:
        """Match."""
        if not self.options.pattern:
            return self._match_gold(visible, asked)
        found = list(compiled(self.options.pattern, ignore_case=self.options.ignore_case).finditer(visible))
        if not found:
            return Found(0.0, (visible,), (Fault("fmt.none_found", "the pattern matches nothing in the reply"),), "")
        last = found[-1]
        text = next((group for group in last.groups() if group is not None), last[0])
        given = normal(text, self.options)
        right = given in {normal(each, self.options) for each in asked.gold}
        return Found(float(right), (text,), () if right else (self.wrong_value(given, asked),), "pattern")

    def _match_gold(self, visible: str, asked: Asked) -> Found:
        for pattern in asked.gold:
            if match := compiled(pattern, ignore_case=self.options.ignore_case).search(visible):
                return Found(1.0, (match[0],), (), "pattern")
        return Found(0.0, (visible,), (Fault("wrong_value", "the pattern matches nothing in the reply"),), "")

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the answer as `written` says; of a pattern, what it says without its marks.

        Raises:
            LookupError: that does not match the pattern, and what would cannot be known.
        """
        if self.options.pattern:
            return self.options.written.replace("{answer}", gold[0])
        plain = re.sub(r"\\(.)", r"\1", gold[0].strip("^$"))
        text = self.options.written.replace("{answer}", plain)
        if not compiled(gold[0], ignore_case=self.options.ignore_case).search(text):
            raise LookupError(f"what matches {gold[0]!r} cannot be known")
        return text


def compiled(pattern: str, *, ignore_case: bool) -> re.Pattern[str]:
    """Compile a pattern of the user. Raises `BadAnswer`."""
    try:
        return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        raise BadAnswer(f"not a regular expression: {error}") from None
