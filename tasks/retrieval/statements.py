"""Every word that a prompt of this family holds beside the filler, and the grammar that reads it back.

A statement says that an attribute of an entity has a value, or says so in a way that does not count: formerly, wrongly,
in a plan, at another branch. Frames are sentences with two slots, `{key}` ("the gate code of Niara Mumick") and
`{value}`. No frame's sentence can be read as another's: the oracle relies on that, and a test holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from harness.contexts import ATTRIBUTES as NUMBERED
from harness.contexts import Stream, record_line
from harness.reading import NONE, VALUE_TYPES

Wording = Literal["plain", "varied"]
ReplyForm = Literal["tagged", "sentence"]

INSTRUCTION = "Read the text below. A question about it follows at the end."
RULES = "An entry that is former, wrong, only planned or from another branch does not count."
QUESTION_ONE = "What is the {attribute} of {names}?"
QUESTION_EACH = "What are the {attribute}s of {names}?"
QUESTION_ALL = "What are all the {attribute}s of {names}?"
ANSWER_ONE = 'Answer in one line: write "ANSWER: " and then the {attribute}, nothing else.'
ANSWER_MANY = 'Answer in one line: write "ANSWER: " and then the {attribute}s, separated by semicolons, nothing else.'
ANSWER_EACH = (
    'Answer in one line: write "ANSWER: " and then the {attribute}s in the order of the question, '
    "separated by semicolons, nothing else."
)
ANSWER_SENTENCE = "Answer in one short sentence."
IF_ABSENT_SAY_SO = "If the text does not say, say so."
IF_ABSENT = f'If the text does not say, write "ANSWER: {NONE}".'
IDEAL_SENTENCE = "It is {values}."
IDEAL_ABSENCE = "The text does not say."
ANSWER_TAG = "ANSWER: "
QUESTION_TAG = "Question: "
SEPARATOR = "; "

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "number7": tuple(NUMBERED),
    "number10": tuple(NUMBERED),
    "uuid4": tuple(NUMBERED),
    "date": (
        "hearing date",
        "renewal date",
        "delivery date",
        "inspection date",
        "departure date",
        "expiry date",
        "opening date",
        "payment date",
    ),
    "adjective_noun": (
        "call sign",
        "code word",
        "pass phrase",
        "cover name",
        "trade name",
        "stage name",
        "pen name",
        "user name",
    ),
    "money": (
        "annual fee",
        "monthly rent",
        "key deposit",
        "travel allowance",
        "security bond",
        "mooring fee",
        "licence fee",
        "repair grant",
    ),
}
"""Attributes by the type of their values; every plural ends in s."""

FRAMES: dict[str, tuple[str, ...]] = {
    "gold": (
        "{key} is {value}.",
        "{key} stands in the book as {value}.",
        "{key} has been confirmed as {value}.",
        "{key} reads {value} on the card.",
        "As the clerks have it, {key} is {value}.",
        "Anyone who asks is told that {key} is {value}.",
        "On the list by the door, {key} appears as {value}.",
        "The entry {value} is {key}.",
        "It is {value} that serves as {key}.",
        "The clerk wrote down {value} as {key}.",
        "With a steady hand {value} was entered as {key}.",
        "You will find {value} given as {key}.",
        "The label shows {value}, which is {key}.",
        "The office has assigned {value} as {key}.",
    ),
    "stale_value": (
        "{key} used to be {value}, which has since been withdrawn.",
        "In former years {key} was {value}, but that no longer holds.",
        "The old entry {value} was once {key} and has been struck out.",
    ),
    "negated": (
        "{key} is not {value}.",
        "It is a mistake to think that {key} is {value}.",
        "The entry {value} was wrongly taken for {key}.",
    ),
    "hypothetical": (
        "If the plan had been adopted, {key} would be {value}.",
        "Had the merger gone through, {key} would have become {value}.",
        "In a plan that was dropped, {value} was to become {key}.",
    ),
    "other_scope": (
        "At another branch, and only there, {key} is {value}.",
        "In the books of another branch {value} is given as {key}.",
        "Another branch alone uses {value} as {key}.",
    ),
}
"""The first frame of each kind is the plain one. Gold frames have the key first in one half, the value in the other."""

KEYS = ("the {attribute} of {name}", "{name}'s {attribute}")
KEYS_OF_SEVERAL = ("one of the {attribute}s of {name}", "one of {name}'s {attribute}s")

REMARKS: dict[str, tuple[str, ...]] = {
    "stale_value": ("since withdrawn", "former entry", "no longer"),
    "negated": ("wrong entry", "not correct", "struck out"),
    "hypothetical": ("only planned", "never adopted", "mere proposal"),
    "other_scope": ("other branch", "another branch", "branch only"),
}
"""What the last field of a record says where the record does not count."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a sentence or a record states; `kind` is `gold` where it counts, whoever it is about."""

    kind: str
    name: str
    attribute: str
    value: str


def sentence(statement: Statement, wording: Wording, several: bool, stream: Stream) -> str:
    """Write a statement as a sentence; `several` where its key has other values beside it."""
    frames, keys = FRAMES[statement.kind], KEYS_OF_SEVERAL if several else KEYS
    frame = frames[0] if wording == "plain" else stream.choice(frames)
    key = keys[0] if wording == "plain" else stream.choice(keys)
    text = frame.format(key=key.format(attribute=statement.attribute, name=statement.name), value=statement.value)
    return text[0].upper() + text[1:]


def record(statement: Statement, wording: Wording, stream: Stream) -> str:
    """Write a statement as a register line."""
    line = record_line(statement.name, statement.attribute, statement.value, stream)
    if statement.kind not in REMARKS:
        return line
    remarks = REMARKS[statement.kind]
    remark = remarks[0] if wording == "plain" else stream.choice(remarks)
    return f"{line.rpartition(' | ')[0]} | {remark}"


def question(attribute: str, names: Sequence[str], values_per_key: int) -> str:
    """Ask for the values of some keys."""
    template = QUESTION_ALL if values_per_key > 1 else QUESTION_ONE if len(names) == 1 else QUESTION_EACH
    *others, last = names
    listed = f"{', '.join(others)} and {last}" if others else last
    return template.format(attribute=attribute, names=listed)


def tail(attribute: str, names: Sequence[str], values_per_key: int, *, may_be_absent: bool, form: ReplyForm) -> str:
    """Return what stands below the context: the question, and how to answer it."""
    asked = QUESTION_TAG + question(attribute, names, values_per_key)
    if form == "sentence":
        return "\n".join([asked, ANSWER_SENTENCE, IF_ABSENT_SAY_SO] if may_be_absent else [asked, ANSWER_SENTENCE])
    template = ANSWER_MANY if values_per_key > 1 else ANSWER_ONE if len(names) == 1 else ANSWER_EACH
    lines = [asked, template.format(attribute=attribute)]
    return "\n".join([*lines, IF_ABSENT] if may_be_absent else lines)


_NAME = "[A-Z][a-z]+ [A-Z][a-z]+"
_ATTRIBUTE = "|".join(sorted({name for names in ATTRIBUTES.values() for name in names}))
_KEY = (
    rf"(?:(?:[Tt]he|[Oo]ne of the) (?P<attribute>{_ATTRIBUTE})s? of (?P<name>{_NAME})"
    rf"|(?:[Oo]ne of )?(?P<owner>{_NAME})'s (?P<owned>{_ATTRIBUTE})s?)"
)
_VALUE = "(?P<value>(?i:" + "|".join(kind.exact.pattern for kind in VALUE_TYPES.values()) + "))"
_ASKED = re.compile(rf"{QUESTION_TAG}What (?:is|are)(?: all)? the (?P<attribute>{_ATTRIBUTE})s? of (?P<names>[^?]+)\?")
_LONGEST = 400
"""Characters of a statement before the name in it, at most."""

_SENTENCE_END = re.compile(r"\n|[.?!] ")
_FULL_STOP = re.compile(r"\.(?= |$)")


@cache
def _grammar() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Turn each frame into a pattern."""
    return tuple(
        (kind, re.compile(re.escape(frame).replace(r"\{key\}", _KEY).replace(r"\{value\}", _VALUE)))
        for kind, frames in FRAMES.items()
        for frame in frames
    )


@cache
def _record_pattern() -> re.Pattern[str]:
    fields = ("[^|]+", f"(?P<name>{_NAME})", f"(?P<attribute>{_ATTRIBUTE})", _VALUE, "(?P<remark>[^|]+)")
    return re.compile(r" \| ".join(fields))


def read_sentence(text: str) -> Iterator[Statement]:
    """Yield each statement that a text of one sentence can be read as: one if it is a statement, none if it is not."""
    for kind, pattern in _grammar():
        if match := pattern.fullmatch(text):
            name, attribute = match["name"] or match["owner"], match["attribute"] or match["owned"]
            yield Statement(kind, name, attribute, match["value"])


def read_record(line: str) -> Iterator[Statement]:
    """Yield the statement of a register line, if it is one."""
    if match := _record_pattern().fullmatch(line):
        kind = next((kind for kind, remarks in REMARKS.items() if match["remark"] in remarks), "gold")
        yield Statement(kind, match["name"], match["attribute"], match["value"])


def read_question(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the attribute and the names that the last question of a prompt asks about."""
    match = list(_ASKED.finditer(text))[-1]
    return match["attribute"], tuple(re.split(", | and ", match["names"]))


def statements_about(name: str, text: str) -> Iterator[Statement]:
    """Yield what a context states about an entity, read with the frames and the record layout alone."""
    at = text.find(name)
    while at >= 0:
        before, line_end = text[max(0, at - _LONGEST) : at], text.find("\n", at)
        after = text[at : line_end if line_end >= 0 else None]
        stop = _FULL_STOP.search(after)
        yield from read_sentence(_SENTENCE_END.split(before)[-1] + after[: stop.end() if stop else None])
        yield from read_record(before.rpartition("\n")[2] + after)
        at = text.find(name, at + 1)


def ideal_reply(gold: Sequence[str], form: ReplyForm = "tagged") -> str:
    """Write a right answer the way the prompt asks for it."""
    if form == "sentence":
        return IDEAL_SENTENCE.format(values=SEPARATOR.join(gold)) if gold else IDEAL_ABSENCE
    return ANSWER_TAG + (SEPARATOR.join(gold) or NONE)


def find_gold(prompt: str) -> tuple[str, ...]:
    """Answer a rendered prompt by reading it: the frames tell what counts, the question tells what is asked."""
    attribute, names = read_question(prompt)
    context = prompt[: prompt.rindex(QUESTION_TAG)]
    return tuple(
        value
        for name in names
        for value in sorted(
            {
                statement.value
                for statement in statements_about(name, context)
                if (statement.kind, statement.name, statement.attribute) == ("gold", name, attribute)
            }
        )
    )
