"""How a reply can go wrong whatever was asked: the first part of the ladder of failure modes.

A ladder is a tuple of rules in a declared order. All rules are evaluated; every one that holds is noted, and the first
that holds names the failure of a wrong reply. A rule looks at the folded reply alone, so that case and spacing cannot
change what it says, and answers with its evidence, a short sentence for people, or with "".

    empty                   nothing came back
    empty.reasoning_only    there is reasoning and no answer
    truncated.reasoning     the budget ran out before an answer began
    degenerate.loop         the reply repeats itself
    truncated.answer        the budget ran out in the middle of the answer
    refusal.policy          will not answer
    refusal.capability      says that it cannot read or process the text
    prompt_echo             repeats the instruction or the question
    context_parrot          repeats the context at length
    hedged_multi            gives several values where one is asked for
    placeholder             fills in nothing: `<value>`, `...`
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil
from typing import Generic, TypeVar

from harness.reading import lexicons
from harness.reading.extract import SHORT_CHARS, UNMARKED, Extraction, extract, has_tag
from harness.reading.lexicons import compiled
from harness.reading.reasoning import Split, split_reasoning
from harness.reading.text import cap, fold
from harness.reading.values import ValueType
from harness.records import Reply

LOOP_MIN_CHARS = 400
"""A shorter reply is too short to call it a loop: lists of values repeat words by nature.

A loop goes on until the budget cuts it, so it is tried before `truncated.answer`, which would hide it.
"""

LOOP_CUT_CHARS = 60
"""A reply that the budget cut is a loop from here on, if it ends in one stretch three times over."""

LOOP_BLOCK_CHARS = 200
LOOP_BLOCK_TIMES = 3
"""A last block of this many characters that occurs this often is a loop that was cut by the budget."""

LOOP_DISTINCT_NGRAMS = 0.25
"""Share of different word 8-grams below which a text repeats itself; ordinary prose has over 0.9."""

LOOP_COMPRESSED = 0.1
"""Compressed size over size below which a text repeats itself; English prose has 0.3 to 0.5."""

ECHO_MIN_CHARS = 40
"""Shorter overlaps with the instruction are ordinary: the answer's tag stands there too."""

ECHO_WHOLE_CHARS = 25
"""A reply of this length that is nothing but a stretch of them is an echo all the same."""

ECHO_SHARE = 0.6
"""Share of the reply that is one stretch of the instruction or the question."""

ECHO_HEAD_CHARS = 80
"""A reply that starts with this much of the prompt's start repeats the prompt."""

PARROT_MIN_CHARS = 400
"""A shorter quotation is evidence for an answer, not a parrot."""

PARROT_SHARE = 0.6
"""Share of the reply's word 8-grams that stand in the context word for word."""

PARROT_PROBES = 64
"""How many of the reply's 8-grams are looked up, evenly spread: enough for a share of 0.6 to be told from 0.3."""

GRAM = 8
"""Words in an n-gram: eight common words in the same order are copied, not met by chance."""

_REFUSAL, _INCAPABLE = compiled(lexicons.REFUSAL), compiled(lexicons.INCAPABLE)
_PLACEHOLDER = re.compile(
    r"\W*(?:[<\[{(][a-z _-]{2,40}[>\]})]|\.{3,}|_{3,}|x{3,}"
    r"|(?:the |your )?(?:value|answer|number)s?(?: here)?|tbd|todo)\W*"
)


@dataclass(frozen=True)
class Reading:
    """A reply, read: what every rule looks at.

    Attributes:
        reply: as it came back.
        split: visible answer and reasoning.
        folded: the visible answer, capped and folded.
        kind: the type of the values asked for.
        extraction: what was read from it.
        expected: how many values the question asks for; 0 where "none" is right, and where it asks for a list of
            any length, so that several values are never too many.
        asked: the instruction and the question, as sent.
        context: gives the text between the two, folded, in one line; called only when a rule needs it.
    """

    reply: Reply
    split: Split
    folded: str
    kind: ValueType
    extraction: Extraction
    expected: int
    asked: Sequence[str]
    context: Callable[[], str]

    @cached_property
    def words(self) -> list[str]:
        """The words of the visible answer."""
        return self.folded.split()

    @cached_property
    def one_line(self) -> str:
        """The visible answer with single spaces."""
        return " ".join(self.words)


def read_reply(
    reply: Reply, kind: ValueType, *, expected: int, asked: Sequence[str], context: Callable[[], str]
) -> Reading:
    """Read a reply to a question that asks for values of one type; the arguments are the attributes of `Reading`."""
    split = split_reasoning(reply)
    folded = fold(cap(split.visible))
    return Reading(reply, split, folded, kind, extract(folded, kind), expected, asked, context)


def is_own_answer(reading: Reading, modes: Collection[str]) -> bool:
    """Tell whether what was read was given as an answer, not swept up in a copy of the prompt.

    Values stand in the context, so a copy of the context gives none, unless a tagged line or an element for answers
    stands beside it: neither occurs in a context.
    "None" stands in the instruction, so it must still be said when the lines of the instruction are taken away.

    Args:
        reading: the reply, read.
        modes: the generic modes that hold for it.
    """
    extraction = reading.extraction
    if extraction.none:
        return _says_none_itself(reading)
    if "context_parrot" not in modes:
        return True
    marked = extraction.rung in ("tagged", "element") or (extraction.rung == "fenced" and has_tag(reading.folded))
    return marked and len(extraction.chunk) <= PARROT_MIN_CHARS


def _says_none_itself(reading: Reading) -> bool:
    own = reading.folded
    for part in reading.asked:
        for line in fold(part).split("\n"):
            own = own.replace(line.strip(" .\"'") or "\n", "\n")
    return extract(fold(own), reading.kind).none


Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """One failure mode: its name, and what shows it ("" where it does not hold)."""

    mode: str
    evidence: Callable[[Subject], str]


def matches(rules: Sequence[Rule[Subject]], subject: Subject) -> dict[str, str]:
    """Return the modes that hold, in the ladder's order, each with its evidence."""
    return {rule.mode: evidence for rule in rules if (evidence := rule.evidence(subject))}


def _cut(reading: Reading) -> bool:
    return reading.reply.finish_reason == "length"


def _thought(reading: Reading) -> bool:
    return bool(reading.split.reasoning) or bool(reading.reply.usage.reasoning_tokens)


def _empty(reading: Reading) -> str:
    blank = not reading.folded and not _thought(reading) and not _cut(reading)
    return "the reply is empty" if blank and reading.reply.finish_reason != "content_filter" else ""


def _reasoning_only(reading: Reading) -> str:
    return "there is reasoning and no answer" if not reading.folded and _thought(reading) and not _cut(reading) else ""


def _truncated_reasoning(reading: Reading) -> str:
    open_end = _cut(reading) and (reading.split.unclosed or not reading.folded)
    return "the budget ran out before an answer began" if open_end else ""


def _truncated_answer(reading: Reading) -> str:
    """Hold where the budget ran out, and nothing was read, or it runs up to the cut, or none of many was chosen."""
    if not _cut(reading) or not reading.folded or reading.split.unclosed:
        return ""
    extraction, values = reading.extraction, reading.extraction.values
    up_to_the_cut = bool(values) and reading.folded.endswith(values[-1].raw)
    undecided = extraction.rung in UNMARKED and len(values) > max(reading.expected, 1)
    if not extraction.found or up_to_the_cut or undecided:
        return "the budget ran out in the middle of the answer"
    return ""


def _loop(reading: Reading) -> str:
    text = reading.folded
    if _cut(reading) and (stretch := _threefold_end(text)):
        return f"it ends in {stretch!r} three times over"
    if len(text) < LOOP_MIN_CHARS:
        return ""
    if text.count(text[-LOOP_BLOCK_CHARS:]) >= LOOP_BLOCK_TIMES:
        return f"its last {LOOP_BLOCK_CHARS} characters occur {LOOP_BLOCK_TIMES} times or more"
    words = reading.words
    if _repeats(words):
        return f"fewer than {LOOP_DISTINCT_NGRAMS:.0%} of its {GRAM}-word sequences are different"
    encoded = text.encode("utf-8", "replace")
    if len(zlib.compress(encoded)) / len(encoded) < LOOP_COMPRESSED:
        return f"it compresses to less than {LOOP_COMPRESSED:.0%}"
    return ""


def _threefold_end(text: str) -> str:
    """Return the shortest stretch that a text ends in three times over, where that fills `LOOP_CUT_CHARS` or more."""
    for period in range(ceil(LOOP_CUT_CHARS / 3), min(len(text) // 3, LOOP_BLOCK_CHARS) + 1):
        if text[-period:] == text[-2 * period : -period] == text[-3 * period : -2 * period]:
            return text[-period:]
    return ""


def _repeats(words: Sequence[str]) -> bool:
    """Tell whether too few n-grams are different; there are at least as many as words that they begin with."""
    grams = max(len(words) - GRAM + 1, 0)
    enough = grams * LOOP_DISTINCT_NGRAMS
    if len(set(words[:grams])) >= enough:
        return False
    return len({tuple(words[i : i + GRAM]) for i in range(grams)}) < enough


def _refusal(reading: Reading) -> str:
    if reading.reply.finish_reason == "content_filter":
        return "the provider's content filter ended it"
    refusal = _short_match(_REFUSAL, reading)
    return refusal if not (refusal and _INCAPABLE.search(reading.folded)) else ""


def _incapable(reading: Reading) -> str:
    return _short_match(_INCAPABLE, reading)


def _short_match(pattern: re.Pattern[str], reading: Reading) -> str:
    """Quote the words that match, in a short reply without an answer."""
    if len(reading.folded) > SHORT_CHARS or reading.extraction.surely_found:
        return ""
    match = pattern.search(reading.folded)
    return f"it says {match[0]!r}" if match else ""


def _echo(reading: Reading) -> str:
    text = reading.one_line
    if len(text) < ECHO_WHOLE_CHARS:
        return ""
    asked = [_one_line(part) for part in reading.asked]
    if any(text in part for part in asked):
        return "all of it is a stretch of the instruction or the question"
    if len(text) >= ECHO_HEAD_CHARS:
        head = f"{asked[0]} {reading.context()[:ECHO_HEAD_CHARS]}"
        if text.startswith(head[:ECHO_HEAD_CHARS]):
            return "it starts like the prompt"
    if reading.extraction.values:  # a sentence that restates the question and then answers it is an answer
        return ""
    for part in asked:
        size = max(ECHO_MIN_CHARS, ceil(len(text) * ECHO_SHARE))
        if size <= len(part) and any(text[i : i + size] in part for i in range(len(text) - size + 1)):
            return f"at least {ECHO_SHARE:.0%} of it is a stretch of the instruction or the question"
    return ""


@lru_cache(maxsize=256)
def _one_line(part: str) -> str:
    return " ".join(fold(part).split())


def _parrot(reading: Reading) -> str:
    words = reading.words
    grams = len(words) - GRAM + 1
    if len(reading.folded) < PARROT_MIN_CHARS or grams < 1:
        return ""
    probes = min(grams, PARROT_PROBES)
    context = reading.context()
    missed = 0
    for start in (i * grams // probes for i in range(probes)):
        missed += " ".join(words[start : start + GRAM]) not in context
        if probes - missed < PARROT_SHARE * probes:
            return ""
    return f"{1 - missed / probes:.0%} of it stands in the context word for word"


def _hedged(reading: Reading) -> str:
    values = reading.extraction.values
    if reading.expected != 1 or len(values) < 2:
        return ""
    return f"one value is asked for and {len(values)} are given"


def _placeholder(reading: Reading) -> str:
    if reading.extraction.found:
        return ""
    chunk = reading.extraction.chunk or reading.folded
    return f"the answer is {chunk!r}" if len(chunk) <= 60 and _PLACEHOLDER.fullmatch(chunk) else ""


GENERIC: tuple[Rule[Reading], ...] = (
    Rule("empty", _empty),
    Rule("empty.reasoning_only", _reasoning_only),
    Rule("truncated.reasoning", _truncated_reasoning),
    Rule("degenerate.loop", _loop),
    Rule("truncated.answer", _truncated_answer),
    Rule("refusal.policy", _refusal),
    Rule("refusal.capability", _incapable),
    Rule("prompt_echo", _echo),
    Rule("context_parrot", _parrot),
    Rule("hedged_multi", _hedged),
    Rule("placeholder", _placeholder),
)
