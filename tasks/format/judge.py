"""Scores a reply: form and content apart, and one failure mode for a wrong one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.reading import (
    GENERIC,
    UNATTRIBUTED,
    Extraction,
    Found,
    Reading,
    Split,
    cap,
    fold,
    matches,
    split_reasoning,
)
from harness.reading.values import ADJECTIVE_NOUN
from harness.records import Reply, Score

from .content import Content, cells, compare
from .entries import Entry
from .forms import Form, Read
from .modes import EARLY, RANK

STALE = "fmt.stale_spec"

MAX_SHOWN = 20
"""Records that a score shows."""

WRAPPERS = ("fmt.prose_around", "fmt.fenced", "fmt.multiple_objects")
"""Faults of a complete answer: with these alone no budget cut it short."""

_RULES = tuple(rule for rule in GENERIC if rule.mode in EARLY and rule.mode != "truncated.answer")


@dataclass(frozen=True)
class Asked:
    """What a reply is held against.

    Attributes:
        form: the form asked for.
        others: other forms that a reply may follow instead, each with its failure mode.
        people: the entries asked for, in order.
        rest: the other entries of the text.
        prompt: instruction and question, as sent.
        context: gives the folded text between the two.
    """

    form: Form
    others: Sequence[tuple[str, Form]]
    people: Sequence[Entry]
    rest: Sequence[Entry]
    prompt: Sequence[str]
    context: Callable[[], str]


def judge(asked: Asked, reply: Reply) -> Score:
    """Score a reply."""
    split = split_reasoning(reply)
    visible = cap(split.visible)
    read = asked.form.read(visible, len(asked.people))
    content = compare(read.records, asked.people, asked.rest, asked.form.attributes)
    if content.right and not read.faults:
        return Score(
            value=1.0, correct=True, answer=_shown(read), rung=read.rung, metrics=_metrics(read, content, correct=True)
        )
    return _wrong(asked, reply, split, (visible, read, content))


def _wrong(asked: Asked, reply: Reply, split: Split, seen: tuple[str, Read, Content]) -> Score:
    visible, read, content = seen
    found = _generic(asked, reply, split, (visible, read, content))
    instead = followed(asked, visible, read) if read.faults else None
    if instead:
        mode, other = instead
        found[mode] = "it has " + ("the form before the change" if mode == STALE else "the form of the example")
        content = compare(other.records, asked.people, asked.rest, asked.form.attributes)
    for fault in (*read.faults, *content.faults) if read.found else read.faults:
        found.setdefault(fault.mode, fault.evidence)
    modes = sorted(found, key=lambda mode: RANK[mode])
    mode = modes[0] if modes else UNATTRIBUTED
    return Score(
        value=0.0,
        correct=False,
        mode=mode,
        flags=tuple(modes[1:]),
        answer=_shown(read),
        rung=read.rung,
        evidence=found.get(mode, "no rule says why it is wrong"),
        metrics=_metrics(read, content, correct=False),
    )


def _generic(asked: Asked, reply: Reply, split: Split, seen: tuple[str, Read, Content]) -> dict[str, str]:
    """Return the generic modes that hold. What has a right value is no refusal, no placeholder and no plain echo."""
    visible, read, content = seen
    folded = fold(visible)
    values = tuple(Found(row.get("name", ""), row.get("name", "")) for row in read.records if content.accuracy)
    reading = Reading(
        reply=reply,
        split=split,
        folded=folded,
        kind=ADJECTIVE_NOUN,
        extraction=Extraction(values=values, rung=read.rung, chunk=folded[:100]),
        expected=len(asked.people),
        asked=asked.prompt,
        context=asked.context,
    )
    found = matches(_RULES, reading)
    if reply.finish_reason == "length" and folded and not split.unclosed and _is_cut(asked, read):
        found["truncated.answer"] = "the budget ran out in the middle of the answer"
    return found


def _is_cut(asked: Asked, read: Read) -> bool:
    """Tell whether an answer that ended with the budget is not whole: in its form, or in its last record."""
    faults = {fault.mode for fault in read.faults}
    if not read.records or faults - set(WRAPPERS):
        return True
    last = read.records[-1]
    right = [cells(entry.record, asked.form.attributes) for entry in asked.people]
    return "fmt.prose_around" not in faults and last not in right


def followed(asked: Asked, visible: str, read: Read) -> tuple[str, Read] | None:
    """Return the form that a reply follows instead, and the reply read under it.

    Where the reply is as asked but for its wrapping, only an exact fit counts. The form before a change is followed
    even by a reply that breaks it, if it breaks the form after the change in the same ways and in others besides.
    """
    for mode, form in asked.others:
        other = form.read(visible, None)
        if other.follows and not (read.follows and other.faults):
            return mode, other
        if mode == STALE and read.found:
            before = form.read(visible, len(asked.people))
            if before.found and _broken(before) < _broken(read):
                return mode, before
    return None


def _broken(read: Read) -> set[str]:
    return {fault.mode for fault in (*read.schema, *read.constraints)}


def _shown(read: Read) -> tuple[str, ...]:
    return tuple(" | ".join(value[:100] for value in row.values()) for row in read.records[:MAX_SHOWN])


def _metrics(read: Read, content: Content, *, correct: bool) -> Mapping[str, float]:
    in_form = read.found and not read.schema and not read.constraints
    metrics = {
        "format@1": float(read.found and not read.text),
        "schema@1": float(read.found and not read.schema),
        "content@1": content.accuracy,
        "strict@1": float(correct),
        "loose@1": float(in_form and content.right),
    }
    if read.rules:
        metrics["constraints@1"] = 1 - len(read.constraints) / read.rules
    return metrics
