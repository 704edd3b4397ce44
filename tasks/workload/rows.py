"""Rows made into what is asked: checked against the templates, with their answers, axes and contexts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from harness.errors import ConfigError
from harness.records import Axis

from .axes import axis_columns, axis_value
from .loading import BadRows, Row, Table
from .params import WorkloadParams
from .prompts import Prompting, prompting_of
from .scorers import Scorer
from .template import Template, TemplateError, naming, parse_template


@dataclass(frozen=True, slots=True)
class Item:
    """A row, ready to be asked.

    Attributes:
        row: as read.
        name: how its sample is called.
        shared: what it shares with the other rows of its context.
        answer: its right answer, as a value.
        gold: the same as a sample keeps it.
        axes: what it can be sliced by.
    """

    row: Row
    name: str
    shared: str
    answer: Any
    gold: tuple[str, ...]
    axes: Mapping[str, Axis]


@dataclass(frozen=True)
class Rows:
    """All rows of a workload.

    Attributes:
        table: as read.
        prompting: how a row becomes a prompt.
        items: the rows, in their order.
        axes: the columns that are axes.
    """

    table: Table
    prompting: Prompting
    items: tuple[Item, ...]
    axes: tuple[str, ...]

    @cached_property
    def contexts(self) -> tuple[tuple[Item, ...], ...]:
        """The rows by context, in the order of their first rows."""
        groups: dict[str, list[Item]] = {}
        for item in self.items:
            groups.setdefault(item.shared, []).append(item)
        return tuple(map(tuple, groups.values()))

    @cached_property
    def golds(self) -> Counter[tuple[str, ...]]:
        """How often each answer is right."""
        return Counter(item.gold for item in self.items)

    @property
    def floor(self) -> float:
        """What the commonest answer earns when it is given to every row; 0 where no answer is right twice."""
        most = max(self.golds.values())
        return most / len(self.items) if most > 1 and len(self.golds) > 1 else 0.0


def rows_of(table: Table, params: WorkloadParams, scorer: Scorer) -> Rows:
    """Check every row against the templates and the scorer.

    Raises:
        ConfigError: a column is unknown, or rows are bad; all are counted and the first are shown.
    """
    values = [row.values for row in table.rows]
    _check_columns(table, params)
    prompting = prompting_of(params.prompt, params.system, params.messages, values)
    axes = axis_columns(values, _used(params)) if params.axes is None else tuple(params.axes)
    bad, items = BadRows(table.name), []
    for row in table.rows:
        try:
            items.append(_item(row, prompting, params, scorer, axes))
        except TemplateError as error:
            bad.add(row.where, str(error))
    bad.check(len(table.rows), "mend the template that is named, or these rows, or remove them")
    _check_names(table, items)
    return Rows(table, prompting, tuple(items), axes)


def _item(row: Row, prompting: Prompting, params: WorkloadParams, scorer: Scorer, axes: Sequence[str]) -> Item:
    rendered = prompting.render(row.values)
    if not rendered.messages[-1].content.strip():
        raise TemplateError("the prompt is empty")
    with naming("answer"):
        template = parse_template(params.answer)
        answer = template.only.value(row.values) if template.only else template.render(row.values)
        gold = scorer.gold(answer)
    with naming("context"):
        shared = parse_template(params.context).render(row.values) if params.context else _shared(prompting, row)
    with naming("id"):
        name = parse_template(params.id).render(row.values) if params.id else f"r{row.number:05d}"
        if not name.strip() or not name.isprintable() or len(name) > 80:
            raise TemplateError(f"{name[:80]!r} cannot name a row; 1 to 80 characters can")
    return Item(row, name, shared, answer, gold, _axes(row, axes))


def _shared(prompting: Prompting, row: Row) -> str:
    """Return what makes two rows samples of one context: the document, or all turns but the last."""
    rendered = prompting.render(row.values)
    if prompting.document or len(rendered.messages) == 1:
        return rendered.document
    return "\0".join(f"{turn.role}\0{turn.content}" for turn in rendered.messages[:-1])


def _axes(row: Row, names: Sequence[str]) -> dict[str, Axis]:
    axes = {}
    for name in names:
        value = axis_value(row.values.get(name))
        if value is None or not axis_value(name):
            raise TemplateError(f"axes: {name!r} is no number, truth value or short text")
        axes[name] = value
    return axes


def _templates(params: WorkloadParams) -> dict[str, Template]:
    keys = ("prompt", "system", "answer", "context", "id")
    return {key: parse_template(getattr(params, key)) for key in keys if getattr(params, key)}


def _used(params: WorkloadParams) -> set[str]:
    """Return the columns that stand in the prompt, the answer or the name of a row."""
    names = {name for t in _templates(params).values() for place in t.places for name in (place.column, place.text)}
    return {*names, params.messages}


def _check_columns(table: Table, params: WorkloadParams) -> None:
    """Refuse a template that names a column which no row has."""
    known = set(table.columns)
    named = [(key, place.column, place.text) for key, t in _templates(params).items() for place in t.places]
    named += [("messages", params.messages, params.messages)] if params.messages else []
    named += [("axes", name, name) for name in params.axes or ()]
    for key, column, text in named:
        if column not in known and text not in known:
            near = get_close_matches(column, known, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise ConfigError(
                f"{key} names the column {column!r}, which no row has{hint}",
                where=table.name,
                allowed=", ".join(table.columns),
            )


def _check_names(table: Table, items: Sequence[Item]) -> None:
    times = Counter(item.name for item in items)
    twins = [item for item in items if times[item.name] > 1]
    if twins:
        raise ConfigError(
            f"{len(twins)} rows share a name with another",
            where=twins[0].row.where,
            found=twins[0].name,
            fix="let id name a column that differs in every row, or leave it out",
        )
