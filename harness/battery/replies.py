"""Replies that must earn nothing: those that know nothing of the answer, and those that are made to break a reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from harness.battery.bench import Asked
from harness.contracts import Task
from harness.records import Reply

REFUSAL = "I'm sorry, but I can't help with that request."
MOST_WORDS = 12
"""Words at each end of a question that are tried as answers."""

PUNCTUATION = ".,;:?!\"'`()[]{}<>"


class Batch(NamedTuple):
    """A task's samples of one length."""

    task: Task
    asked: Sequence[Asked]


Ignorance = Callable[[Batch, int], Mapping[str, str]]
"""Replies to one sample of a batch that no knowledge of its answer went into, by the way they are made: `word 3`. The
mean of each way counts for itself, because a model may stick to the best."""


def context_of(asked: Asked) -> str:
    """Return a prompt without its instruction and its question, as far as the sample tells which they are."""
    text, data = asked.text, asked.sample.data
    head, tail = data.get("head"), data.get("tail")
    if isinstance(head, str) and isinstance(tail, str) and tail and tail in text:
        return text.removeprefix(head).rpartition(tail)[0].strip()
    return (text.rpartition(asked.sample.question)[0] or text).strip()


def written(task: Task, values: Sequence[str]) -> dict[str, str]:
    """Write values down: as a list, a line each, and the way the prompt asks for where that can hold them all."""
    texts = {"listed": ", ".join(values)} | ({"a line each": "\n".join(values)} if len(values) > 1 else {})
    try:
        asked_for = task.ideal_reply(tuple(values))
    except Exception:  # a task need not know how to write down what is no answer to it
        return texts
    return {**texts, "as asked for": asked_for} if all(value in asked_for for value in values) else texts


def _others(batch: Batch, index: int) -> dict[str, str]:
    """Answers of the next samples with another answer: one of the same context, one of another."""
    own = batch.asked[index].sample
    found: dict[str, str] = {}
    for step in range(1, len(batch.asked)):
        other = batch.asked[(index + step) % len(batch.asked)].sample
        if sorted(other.gold) != sorted(own.gold):
            way = "same context" if other.context_id == own.context_id else "another context"
            found.setdefault(way, batch.task.ideal_reply(other.gold))
    return found


def _words(batch: Batch, index: int) -> dict[str, str]:
    """The first words of the question and the last, each as an answer."""
    stripped = [word.strip(PUNCTUATION) for word in batch.asked[index].sample.question.split()]
    words = [word for word in stripped if word]
    places = {f"word {place}": word for place, word in enumerate(words[:MOST_WORDS], start=1)}
    places |= {f"word -{place}": word for place, word in enumerate(words[: -MOST_WORDS - 1 : -1], start=1)}
    written_down = {place: written(batch.task, (word,)) for place, word in places.items()}
    return {f"{place} {way}": text for place, texts in written_down.items() for way, text in texts.items()}


def _planted(batch: Batch, index: int) -> dict[str, str]:
    """Everything that is planted, unless just that is the answer."""
    sample = batch.asked[index].sample
    values = sorted({span.value for span in sample.spans if span.role in ("gold", "decoy")})
    return written(batch.task, values) if set(values) > set(sample.gold) else {}


def same_answer(batch: Batch, index: int) -> dict[str, str]:
    """The commonest answer of the batch; nothing where there is no answer: then to abstain is right."""
    golds = Counter(asked.sample.gold for asked in batch.asked if asked.sample.gold)
    if not batch.asked[index].sample.gold:
        return {}
    return {"": batch.task.ideal_reply(min(golds, key=lambda gold: (-golds[gold], gold)))}


KNOWING_NOTHING: Mapping[str, Ignorance] = {
    "an empty reply": lambda batch, index: {"": ""},
    "white space": lambda batch, index: {"": " \n\t\u00a0\n "},
    "a refusal": lambda batch, index: {"": REFUSAL},
    "an echo of the prompt": lambda batch, index: {"": batch.asked[index].text},
    "an echo of the context": lambda batch, index: {"": context_of(batch.asked[index])},
    "an echo of the question": lambda batch, index: {"": batch.asked[index].sample.question},
    "a word of the question": _words,
    "another sample's answer": _others,
    "a list of all planted values": _planted,
}

HUGE = 200_000
_TEXTS = (
    "\ud800",
    "ANSWER: \udfff\ud800\n",
    "\x00" * 100,
    "ANSWER: \x00\x1b[31m\x07",
    "\ufeff\u200b\u2060\u00ad",
    "\u202e?\u202c ANSWER: \u202d\u2066\u05e9\u05dc\u05d5\u05dd",
    "\u0627\u0644\u062c\u0648\u0627\u0628: \u0665\u0666\u0667",
    "Z\u0351\u036b\u0343\u036a" * 2_000,
    "\u0130\ufb03\u00df" * 2_000,
    "a" * HUGE,
    "9" * HUGE,
    "1" + "0" * 5_000,
    "1," * (HUGE // 2),
    "ANSWER: " * (HUGE // 8),
    "ANSWER:\n" * (HUGE // 8),
    "ANSWER: 1 " + " " * HUGE + "x",
    "[" * (HUGE // 2),
    '{"answer":' * (HUGE // 10),
    '{"answer": [[[[{"a": ' + "[" * 5_000 + "]" * 5_000,
    "<think>" * (HUGE // 7),
    "<think>" + "</think>" * (HUGE // 8),
    "```" * (HUGE // 3),
    "```json\n{\n```\n" * 10_000,
    "\\" * (HUGE // 2),
    '"' * (HUGE - 1),
    "'" * 999 + '"""' * 999,
    "((((" * 1_000,
    "|" * HUGE,
    "| a |\n|---|\n" * 10_000,
    "\r\n" * (HUGE // 2),
    "- - - -\n" * 10_000,
    "<a>" * 20_000,
    '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;"><!ENTITY d "&c;&c;">]><a>&d;</a>',
    "a: &a [*a, *a]\nb: !!python/object/apply:os.getcwd []",
    "%s %(x)s {0} {x} $x ${x} \\1 \\g<0>",
    "of.of." * 30_000,
    "= " * 50_000,
)


def hostile() -> Iterator[Reply]:
    """Yield replies of every shape that has broken a reader; none holds an answer."""
    for text in _TEXTS:
        yield Reply(text=text, finish_reason="stop")
    yield Reply(text="", finish_reason="length")
    yield Reply(text="<think>I begin", finish_reason="length")
    yield Reply(text="", reasoning="\ud800" * 10, finish_reason="stop")
    yield Reply(text="", finish_reason="content_filter")
    yield Reply(text="\n", finish_reason="unknown")
