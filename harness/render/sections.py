"""A report in sections of sentences and tables: what Markdown and the terminal show of it, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.gate.emit.order import RULE, told, worst_first
from harness.gate.emit.table import SHAPES, footer, table_of
from harness.gate.verdict import State, Verdict
from harness.gate.wording import name_of, place
from harness.records import Estimate
from harness.render.document import Condition, Document, Loss, ModeLoss, Pair
from harness.render.formatting import UNKNOWN, count, interval, points, signed, signed_interval
from harness.sizes import format_size

OF_MODELS = (
    *("side_by_side", "unpaired", "shares", "effective", "positions", "depths", "modes", "losses", "costs"),
    *("savings", "machines", "seconds", "decision", "claims", "replies", "replies_shown"),
)
"""Parts of a document whose records name a model."""

FEW = 4
"""Verdicts that have a table each."""

WORST: tuple[State, ...] = ("invalid", "regressed", "insensitive", "inconclusive", "pass")
ALL = "all wrong answers"
AS_ON_PAGE = "in the order of the page"


@dataclass(frozen=True, slots=True)
class Table:
    """A table, the most important rows first.

    Attributes:
        order: the rule of that order, for where not all of it fits.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    order: str = AS_ON_PAGE


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with sentences, then tables, then a list.

    Attributes:
        share: of the room that there is, where there is little.
    """

    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    items: tuple[str, ...] = ()
    share: float = 0.05


def sections_of(document: Document) -> list[Section]:
    """Return what a report says, the verdicts first and the worst of them first; sections without content left out."""
    controls = {model.name for model in document.models if model.role == "positive-control"}
    judged = sorted(document.verdicts, key=lambda each: (each.candidate in controls, WORST.index(each.state)))
    found = [_first(document, judged)]
    found += [_change(each, 0.35 / len(judged)) for each in judged] if len(judged) <= FEW else [_changes(judged)]
    found += [make(_marked(document)) for make in MAKERS]
    return [section for section in found if section.sentences or section.tables or section.items]


def _marked(document: Document) -> Document:
    """Return the records with the kind of a model in its name where it is no language model."""
    marks = {each.name: f"{each.name} ({each.kind})" for each in document.models if each.kind != "model"}

    def marked(record: Any) -> Any:
        held = {name: getattr(record, name) for name in ("model", "baseline", "candidate") if hasattr(record, name)}
        return replace(record, **{name: marks.get(value, value) for name, value in held.items()})

    changes: dict[str, Any] = {name: tuple(map(marked, getattr(document, name))) for name in OF_MODELS}
    return replace(document, **changes)


def title_of(document: Document) -> str:
    """Return the question that the report answers."""
    baselines = {verdict.baseline for verdict in document.verdicts}
    if not baselines:
        return f"What the models answered: {', '.join(document.sweeps)}"
    they = "it" if len(document.verdicts) == 1 else "these models"
    return f"May {they} replace {', '.join(sorted(baselines))}?"


def _first(document: Document, judged: Sequence[Verdict]) -> Section:
    sentences = [] if document.decided else ["No verdict: no policy was applied. Nothing is decided here."]
    if sum(document.tally.values()) > 1:
        counted = ", ".join(f"{number} {state}" for state, number in document.tally.items())
        sentences.append(f"Of {sum(document.tally.values())} candidates: {counted}.")
    items = [f"{SHAPES[each.state]} {each.state}: {each.candidate}: {each.sentence}" for each in judged]
    for model in document.models:
        if model.without_score or model.missing:
            kinds = ", ".join(f"{kind} {count(number)}" for kind, number in model.without_score.items())
            failed = f"failed for reasons that are not the model's: {kinds}" if kinds else ""
            missing = f"never answered: {count(model.missing)}" if model.missing else ""
            told_of = "; ".join(filter(None, (failed, missing)))
            items.append(f"! {model.label}: of {count(model.planned)} planned replies, {told_of}")
    for kind in sorted({model.kind for model in document.models} - {"model"}):
        labels = ", ".join(model.label for model in document.models if model.kind == kind)
        sentences.append(f"Not language models but {kind}, their numbers say nothing about one: {labels}.")
    return Section("Verdicts" if document.decided else "No verdict", tuple(sentences), items=tuple(items), share=0.25)


def _change(verdict: Verdict, share: float) -> Section:
    rows = worst_first(told(verdict.rows))
    table = tuple(map(tuple, table_of(rows)))
    hidden = len(verdict.rows) - len(rows)
    return Section(
        f"Change from the baseline: {verdict.candidate} against {verdict.baseline}",
        (f"{hidden} slices pass and are not shown.",) if hidden else (),
        (Table(table[0], table[1:], RULE),) if rows else (),
        (
            *(f"{name_of(row)}: {row.reason}" for row in rows if row.state != "pass"),
            *(f"positive control {name}: {state}" for name, state in verdict.controls),
            *verdict.notes,
            f"{footer(verdict)}; exit code {int(verdict.exit_code)}",
        ),
        share,
    )


def _changes(judged: Sequence[Verdict]) -> Section:
    """Put the rows of many candidates in one table: a table each would leave room for a row or two."""
    names = {id(row): verdict.candidate for verdict in judged for row in verdict.rows}
    rows = worst_first([row for verdict in judged for row in told(verdict.rows)])
    head, *cells = table_of(rows)
    body = tuple((names[id(row)], *line) for row, line in zip(rows, cells, strict=True))
    hidden = sum(len(verdict.rows) for verdict in judged) - len(rows)
    sentences = [f"{hidden} slices pass and are not shown."] if hidden else []
    sentences.append("Why each row is as it is, and the notes of each verdict, are in the page.")
    baselines = ", ".join(sorted({verdict.baseline for verdict in judged}))
    terms = tuple(dict.fromkeys(footer(verdict) for verdict in judged))
    title = f"Change from the baseline {baselines}"
    return Section(title, tuple(sentences), (Table(("candidate", *head), body, RULE),), terms, 0.35)


def _side_by_side(document: Document) -> Section:
    head = ("pair", "where", "n (contexts)", "baseline right, %", "candidate right, %", "lost/gained", "drop, points")
    rows = tuple(
        (
            f"{row.candidate} against {row.baseline}",
            place(row.task, row.length) if row.task else "everything",
            f"{count(row.drop.n)} ({count(row.contexts)})",
            level(row.right_baseline),
            level(row.right),
            f"{count(row.losses)}/{count(row.gains)}",
            change(row.drop),
        )
        for row in sorted(
            document.side_by_side, key=lambda row: (row.candidate, bool(row.task), -(row.drop.value or 0))
        )
    )
    problems = (f"{each.candidate} against {each.baseline}: {'; '.join(each.problems)}" for each in document.unpaired)
    told_of = "Nothing was decided: no drop was held against a margin. A context counts as one sample; intervals 95 %."
    tables = (Table(head, rows, "by candidate, everything first, then the largest drop"),) if rows else ()
    return Section("Side by side", (told_of,) if rows else (), tables, tuple(problems), 0.2)


def _by_drop(row: Pair) -> tuple[str, bool, float]:
    return row.candidate, bool(row.task), -(row.drop.value or 0.0)


def _shares(document: Document) -> Section:
    rows = tuple(
        (row.model, place(row.task, row.length), level(row.right), count(row.right.n)) for row in document.shares
    )
    return Section("Shares right", (), _table(("model", "where", "right, % [95 %]", "n"), rows), share=0.1)


def _effective(document: Document) -> Section:
    rows = tuple(
        (
            each.model,
            each.task or "all tasks",
            each.words,
            each.interval_words,
            UNKNOWN if each.proven is None else format_size(each.proven),
            "; ".join(f"{format_size(point.length)} {level(point.right)}" for point in each.curve),
        )
        for each in document.effective
    )
    n = sorted({point.right.n for each in document.effective for point in each.curve})
    thresholds = sorted({each.threshold for each in document.effective})
    told_of = (
        "The longest length such that there and at every shorter one the share right reaches the threshold"
        f"{', ' + ' or '.join(f'{100 * each:.1f} %' for each in thresholds) if len(thresholds) < 4 else ''}; n of a "
    )
    asked = f"length {count(n[0])}" + (f" to {count(n[-1])}" if n[0] != n[-1] else "") if n else ""
    head = ("model", "task", "effective length", "95 %", "verdict proves up to", "right, % [95 %]")
    return Section("Effective context length", (f"{told_of}{asked}.",) if rows else (), _table(head, rows), share=0.08)


def _positions(document: Document) -> Section:
    rows = tuple(
        (
            each.model,
            each.task,
            each.depth,
            level(each.right),
            change(each.drop) if each.drop else UNKNOWN,
            count(each.right.n),
        )
        for each in document.positions
    )
    head = ("model", "task", "depth", "right, % [95 %]", "drop, points [95 %]", "n")
    return Section("Where in the text: all lengths together", (), _table(head, rows), share=0.08)


def _depths(document: Document) -> Section:
    drops = [cell for cell in document.depths if cell.drop and cell.drop.n]
    shares = [cell for cell in document.depths if cell.right and cell.right.n and not drops]
    drops.sort(key=lambda cell: -((cell.drop and cell.drop.value) or 0.0))
    shares.sort(key=lambda cell: (cell.right and cell.right.value) or 0.0)
    rows = tuple(
        (cell.model, place(cell.task, cell.length), cell.depth, *_shown(cell.drop, cell.right))
        for cell in (*drops, *shares)
    )
    what = "drop, points [95 %]" if drops else "right, % [95 %]"
    order = "the largest drop first" if drops else "the smallest share first"
    sentences = ("Slices are many and not corrected for that: leads, not verdicts.",) if rows else ()
    tables = _table(("model", "where", "depth", what, "n"), rows, order)
    return Section("Where in the text: by length", sentences, tables, share=0.1)


def _shown(drop: Estimate | None, right: Estimate | None) -> tuple[str, str]:
    if drop is not None:
        return change(drop), count(drop.n)
    return (level(right), count(right.n)) if right else (UNKNOWN, "0")


def _modes(document: Document) -> Section:
    def row(each: ModeLoss) -> tuple[str, ...]:
        before = level(each.lost_baseline) if each.lost_baseline else UNKNOWN
        rise = change(each.rise) if each.rise else UNKNOWN
        return (each.model, each.mode or ALL, before, level(each.lost), rise, count(each.lost.n))

    head = ("model", "failure mode", "baseline loses", "model loses", "rise", "n")
    sentences = ("Of a hundred questions, how many each failure mode costs; 95 % intervals.",) if document.modes else ()
    return Section("How it fails", sentences, _table(head, tuple(map(row, document.modes))), share=0.08)


def _losses(document: Document) -> Section:
    def row(each: Loss) -> tuple[str, ...]:
        found = (each.right, each.known, each.reasoning, each.finding, each.length_loss)
        where = place(each.task, each.length)
        return (each.model, where, count(each.right.n), *(level(part) if part else UNKNOWN for part in found))

    rows = tuple(map(row, document.losses))
    head = ("model", "where", "n", "right", "right without the text", "lost to reasoning", "to finding", "to length")
    return Section("Why points are lost", (), _table(head, rows), share=0.05)


def _money(document: Document) -> Section:
    rows = tuple(
        (
            row.model,
            "all" if row.length is None else format_size(row.length),
            ("at most " if row.at_most else "") + row.computed["thousand"],
            row.computed["against"],
            f"{row.computed['correct']} [{row.computed['correct_interval']}]",
            count(row.prompt_tokens.n),
        )
        for row in document.costs
        if row.computed
    )
    head = ("model", "length", "1,000 tasks", "against the baseline", "1,000 correct tasks [95 %]", "n")
    sentences = ("Computed from recorded tokens at declared prices.",) if rows else ("No price is stated.",)
    saved = tuple(
        f"{each.model} instead of {each.baseline}: {'at most ' if each.at_most else ''}{each.tasks}; of correct tasks "
        f"{each.correct_tasks}"
        for each in document.savings
    )
    machines = tuple(
        f"{each.model}, own machines: {', '.join(f'{name} {value}' for name, value in each.computed.items())}"
        for each in document.machines
    )
    return Section("Money", sentences, _table(head, rows), (*saved, *machines), 0.05)


def _seconds(document: Document) -> Section:
    rows = tuple(
        (
            row.model,
            format_size(row.length),
            f"{row.p50:.2f}",
            UNKNOWN if row.p95 is None else f"{row.p95:.2f}",
            count(row.n),
        )
        for row in document.seconds
    )
    sentences = ("Seconds as seen in the sweep, which is no load test.",) if rows else ()
    head = ("model", "length", "median, s", "95th percentile, s", "n")
    return Section("Time", sentences, _table(head, rows), share=0.03)


def _decision(document: Document) -> Section:
    def row(each: Condition) -> tuple[str, ...]:
        return (each.model, each.name, each.holds_if, each.state, each.mark, each.evidence)

    head = ("model", "condition", "holds if", "state", "mark", "evidence")
    return Section("The decision record", (), _table(head, tuple(map(row, document.decision))), share=0.04)


def _claims(document: Document) -> Section:
    rows = tuple(
        (row.model, row.what, row.claimed, row.found or UNKNOWN, row.mark, row.rests_on, f"{row.source}, {row.date}")
        for row in document.claims
    )
    head = ("model", "what", "claimed", "found", "mark", "rests on", "source")
    return Section("What others claim", (), _table(head, rows), share=0.04)


def _replies(document: Document) -> Section:
    rows = tuple(
        (
            row.model,
            row.kind,
            row.sample_id,
            row.mode,
            ", ".join(row.expected) or "none",
            ", ".join(row.read) or "nothing",
        )
        for row in document.replies
    )
    chosen = tuple(f"{each.model}: {each.shown} of {each.all} {each.kind}" for each in document.replies_shown)
    head = ("model", "kind", "sample", "failure mode", "expected", "read")
    sentences = (f"Shown in the page: {'; '.join(chosen)}.",) if chosen else ()
    return Section("Replies to read", sentences, _table(head, rows, "as the page chooses them"), share=0.08)


def _values(values: Sequence[str], none: str) -> str:
    return ", ".join(values) or none


def _about(document: Document) -> Section:
    return Section("What this does not show", items=document.limits, share=0.05)


def _models(document: Document) -> Section:
    items = tuple(
        f"{each.name}: {each.role}, {each.kind}, {count(each.replies)} of {count(each.planned)} replies"
        for each in document.models
    )
    return Section("What was run", items=items, share=0.05)


def _table(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], order: str = AS_ON_PAGE) -> tuple[Table, ...]:
    return (Table(head, rows, order),) if rows else ()


def level(estimate: Estimate) -> str:
    """Write a share with its interval."""
    return f"{points(estimate.value)} [{interval(estimate)}]"


def change(estimate: Estimate) -> str:
    """Write a difference with its interval."""
    return f"{signed(estimate.value)} [{signed_interval(estimate)}]"


MAKERS: Sequence[Callable[[Document], Section]] = (
    _side_by_side,
    _shares,
    _effective,
    _positions,
    _depths,
    _modes,
    _losses,
    _money,
    _seconds,
    _decision,
    _claims,
    _replies,
    _about,
    _models,
)
"""What makes each section after the verdicts, in the order of the page."""
