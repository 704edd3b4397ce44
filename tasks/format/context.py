"""Builds a context: entries, the form where it is to stand, a change of it, an example in another form, and filler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.contexts import Context, Needle, Place, Question, Stream, build_haystack
from harness.contexts.context_task import GAP
from harness.errors import ConfigError
from harness.records import Span

from .entries import Entry, request
from .forms import Form
from .params import FormatParams, SpecAt

READ = "Read the text below. Among other things it holds entries about people. A request follows at the end."
WHERE: dict[SpecAt, str] = {
    "start": "The form of the reply is set here, before the text.",
    "middle": "The form of the reply is set in the text.",
    "end": "",
    "split": "One part of the form of the reply is set here, the other part behind the text.",
}
REMINDER: dict[SpecAt, str] = {
    "start": "Reply in the form that is set above the text.",
    "middle": "Reply in the form that the text sets.",
    "end": "Reply in the form that is set here.",
    "split": "Reply in the form whose first part is set above the text and whose second part is set here.",
}
CHANGES = "Where a later sentence changes the form or corrects an entry, the later one holds."
OPENING, CLOSING = "Form of the reply:", "End of the form."
EXAMPLE = "Another office replied to a request of its own like this:"


@dataclass(frozen=True)
class Plan:
    """What a context holds, whatever its length.

    Attributes:
        stated: the form as it is first set.
        form: the form that holds in the end.
        change: the sentence that leads from one to the other; empty where they are the same.
        example: a reply in another form; empty where there is none.
        decoy: that form.
        entries: all entries.
        windows: for each question the entries that it asks for, by index.
        example_name: the person of the example.
        ordered: whether a request names the order of the entries.
    """

    stated: Form
    form: Form
    change: str
    example: str
    decoy: Form | None
    entries: tuple[Entry, ...]
    windows: tuple[tuple[int, ...], ...]
    example_name: str
    ordered: bool


@dataclass(frozen=True, kw_only=True)
class FormContext(Context):
    """A built context with what scoring needs."""

    plan: Plan


@dataclass(frozen=True)
class _Piece:
    """A needle and what it is for: the index of its entry, or -1."""

    needle: Needle
    entry: int = -1


def windows(entries: int, asked: int) -> tuple[tuple[int, ...], ...]:
    """Return which entries each question asks for: first those that share none, then those that overlap."""
    starts = [start for offset in range(asked) for start in range(offset, entries, asked)] if asked < entries else [0]
    return tuple(tuple((start + step) % entries for step in range(asked)) for start in starts)


def build_context(plan: Plan, params: FormatParams, place: Place) -> FormContext:
    """Build a context of at most the place's length.

    Raises:
        InfeasibleLength: what is planted does not fit.
        ConfigError: the right answer alone is longer than the answer budget.
    """
    _check_budget(plan, params, place)
    head = _head(plan, params.spec_at)
    tails = [_tail(plan, params.spec_at, question) for question in range(len(plan.windows))]
    pieces = _pieces(plan, params.spec_at, Stream(*place.key, "placement"))
    count = place.counter.count
    budget = place.length - params.answer_budget - count(head) - max(count(GAP + tail) for tail in tails)
    names = [entry.name for entry in plan.entries]
    hay = build_haystack(
        "prose", [piece.needle for piece in pieces], budget, place.counter, (*place.key, "filler"), avoid=names
    )
    spans = [_shifted(span, piece, len(head)) for span, piece in zip(hay.spans, pieces, strict=True)]
    questions = tuple(_question(plan, index, tail, (pieces, spans)) for index, tail in enumerate(tails))
    return FormContext(head=head, body=hay.text, tokens=count(head + hay.text), questions=questions, plan=plan)


def _check_budget(plan: Plan, params: FormatParams, place: Place) -> None:
    needed = max(place.counter.count(gold(plan, question)) for question in range(len(plan.windows)))
    if needed > params.answer_budget:
        raise ConfigError(
            f"the right answer alone takes {needed} tokens",
            where="answer_budget",
            found=str(params.answer_budget),
            fix=f"set answer_budget = {2 * needed}, or ask for fewer entries or fields",
        )


def gold(plan: Plan, question: int) -> str:
    """Return the right reply to a question."""
    return plan.form.write([plan.entries[index].record for index in plan.windows[question]])


def _block(rules: Sequence[str]) -> str:
    return "\n".join([OPENING, *rules, CLOSING])


def _head(plan: Plan, at: SpecAt) -> str:
    parts = [" ".join(filter(None, [READ, WHERE[at], CHANGES]))]
    if at == "start":
        parts.append(_block(plan.stated.rules(split=False)))
    elif at == "split":
        parts.append(_block(plan.stated.rules(split=True)[:-1]))
    return GAP.join([*parts, ""])


def _tail(plan: Plan, at: SpecAt, question: int) -> str:
    parts = []
    if at == "end":
        parts += [_block(plan.stated.rules(split=False)), *filter(None, [plan.change])]
    elif at == "split":
        parts.append(_block(plan.stated.rules(split=True)[-1:]))
    people = [plan.entries[index].name for index in plan.windows[question]]
    return GAP.join([*parts, f"{request(people, ordered=plan.ordered)} {REMINDER[at]}"])


def _pieces(plan: Plan, at: SpecAt, stream: Stream) -> list[_Piece]:
    """Say what stands where: entries in equal strata, corrections and changes behind what they change."""
    strata = stream.shuffled(range(len(plan.entries)))
    pieces = []
    for index, entry in enumerate(plan.entries):
        depth = (strata[index] + stream.fraction()) / len(plan.entries)
        pieces.append(_Piece(Needle(text=entry.stated, value=entry.name, depth=depth), index))
        later = depth + (1 - depth) * (0.2 + 0.8 * stream.fraction())
        pieces += [_Piece(Needle(text=text, value=entry.name, depth=later), index) for text in entry.corrections]
    set_at = 0.4 + 0.2 * stream.fraction()
    changed_at = (set_at if at == "middle" else 0.1) + 0.3 * stream.fraction() + 0.05
    if at == "middle":
        block = f"\n{_block(plan.stated.rules(split=False))}\n"
        pieces.append(_Piece(Needle(text=block, value=OPENING, depth=set_at)))
    if plan.change and at != "end":
        pieces.append(_Piece(Needle(text=plan.change, value=plan.change, depth=changed_at)))
    if plan.example:
        text = f"\n{EXAMPLE}\n{plan.example}\n"
        pieces.append(
            _Piece(Needle(text=text, value=plan.example_name, depth=stream.fraction(), role="decoy", kind="example"))
        )
    return pieces


def _shifted(span: Span, piece: _Piece, by: int) -> Span:
    instruction = piece.entry < 0 and span.role == "gold"
    return replace(span, start=span.start + by, end=span.end + by, role="instruction" if instruction else span.role)


def _question(plan: Plan, index: int, tail: str, planted: tuple[Sequence[_Piece], Sequence[Span]]) -> Question:
    pieces, spans = planted
    window = plan.windows[index]
    seen, evidence = [], []
    for piece, span in zip(pieces, spans, strict=True):
        other = piece.entry >= 0 and piece.entry not in window
        seen.append(replace(span, role="decoy", kind="other_record") if other else span)
        if not other and span.role != "decoy":
            evidence.append(piece.needle.text.strip())
    people = [plan.entries[entry].name for entry in window]
    return Question(
        text=request(people, ordered=plan.ordered).removeprefix("Request: "),
        gold=(gold(plan, index),),
        tail=tail,
        evidence="\n".join(evidence),
        spans=tuple(seen),
    )
