"""Which fields of a JSON reply agree: each path by itself, beside how well the baseline agrees with itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np

from harness.diff.changes import BY_CONTEXT, LEVEL, estimate
from harness.diff.pairing import Item
from harness.hashing import canonical_json
from harness.records import Estimate
from harness.stats import cluster_t

MOST_FIELDS = 200
"""Paths that are looked at, the most frequent ones: replies may invent keys without end."""

MOST_DEPTH = 12
Flat = dict[str, tuple[str, str]]
"""By path, the type of the value and its canonical text."""


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """One path, such as `customer.name` or `items[].price`.

    Attributes:
        n: requests where a reply of either model has it.
        between: share of pairs of a baseline's and a candidate's reply that agree on it; absence agrees with absence.
        within_baseline: the same of the baseline with itself, and `within_candidate`.
        loss: mean of the two less between, with its interval: disagreement beyond noise.
        missing: share of pairs in which the candidate alone lacks it; `extra`, in which the baseline alone does;
            `retyped`, in which the types differ; `changed`, in which the values do.
    """

    path: str
    n: int
    between: float
    within_baseline: float
    within_candidate: float
    loss: Estimate
    missing: float
    extra: float
    retyped: float
    changed: float


def fields_of(items: Sequence[Item]) -> tuple[FieldAgreement, ...]:
    """Return the agreement of every field, the one that lost most beyond noise first.

    Looked at are requests to which every reply of both models is JSON: one that is none is counted elsewhere.
    """
    flat = [
        (item.context_id, [_flat(r.value) for r in item.baseline], [_flat(r.value) for r in item.candidate])
        for item in items
        if all(read.is_json for read in (*item.baseline, *item.candidate))
    ]
    counts: dict[str, int] = {}
    for _, before, after in flat:
        for path in {path for each in (*before, *after) for path in each}:
            counts[path] = counts.get(path, 0) + 1
    paths = sorted(counts, key=lambda path: (-counts[path], path))[:MOST_FIELDS]
    found = (_field(path, flat) for path in paths)
    return tuple(sorted(found, key=lambda field: (-(field.loss.value or 0.0), field.path)))


def _field(path: str, flat: Sequence[tuple[str, list[Flat], list[Flat]]]) -> FieldAgreement:
    rows, contexts = [], []
    for context, before, after in flat:
        a, b = [each.get(path) for each in before], [each.get(path) for each in after]
        if any(a) or any(b):
            rows.append((*_agreement(a, b), *_kinds(a, b)))
            contexts.append(context)
    table = np.array(rows)
    between, within_a, within_b, missing, extra, retyped, changed = map(float, table.mean(axis=0))
    lost = cluster_t((table[:, 1] + table[:, 2]) / 2 - table[:, 0], contexts)
    loss = estimate(lost.mean, lost.interval(LEVEL), len(rows), BY_CONTEXT)
    return FieldAgreement(path, len(rows), between, within_a, within_b, loss, missing, extra, retyped, changed)


Values = Sequence[tuple[str, str] | None]


def _agreement(a: Values, b: Values) -> tuple[float, float, float]:
    pairs = [product(a, b), combinations(a, 2), combinations(b, 2)]
    between, within_a, within_b = ([x == y for x, y in each] for each in pairs)
    return sum(between) / len(between), sum(within_a) / len(within_a), sum(within_b) / len(within_b)


def _kinds(a: Values, b: Values) -> tuple[float, float, float, float]:
    kinds = [_kind(x, y) for x, y in product(a, b)]
    missing, extra, retyped, changed = (
        kinds.count(name) / len(kinds) for name in ("missing", "extra", "retyped", "changed")
    )
    return missing, extra, retyped, changed


def _kind(before: tuple[str, str] | None, after: tuple[str, str] | None) -> str:
    if before is None or after is None:
        return "same" if before is after else "missing" if after is None else "extra"
    if before[0] != after[0]:
        return "retyped"
    return "same" if before == after else "changed"


def _flat(value: Any) -> Flat:
    """Return the leaves by path; the items of a list are one path, compared as a whole and in their order."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path, leaf in _leaves(value, "", 0):
        found.setdefault(path or "(whole)", []).append((_type(leaf), canonical_json(leaf)))
    return {
        path: each[0] if len(each) == 1 else ("list of " + "/".join(sorted({kind for kind, _ in each})), str(each))
        for path, each in found.items()
    }


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value and depth < MOST_DEPTH:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list) and value and depth < MOST_DEPTH:
        for inner in value:
            yield from _leaves(inner, f"{path}[]", depth + 1)
    else:
        yield path, value


def _type(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", dict: "object", list: "array"}
    return kinds[type(value)]
