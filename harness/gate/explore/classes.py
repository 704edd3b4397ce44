"""Classes of samples that nobody declared: every conjunction of up to three columns that enough samples share.

A column is the task, the length, or an axis. Numbers with more than four values are cut at their quartiles. Nothing
here looks at outcomes: what is searched must not depend on what is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.gate.bounds import FEWEST_CONTEXTS
from harness.sizes import format_size

if TYPE_CHECKING:
    import pandas as pd

MOST_CONDITIONS = 3
MOST_BINS = 4
FEWEST_SAMPLES = 10
AXIS = "axis."

Values = list[tuple[str, np.ndarray]]
"""Conditions that exclude each other, each with a mask of the samples that meet it."""


@dataclass(frozen=True, slots=True)
class SampleClass:
    """Samples that share up to three conditions.

    Attributes:
        conditions: such as `task=retrieval.exact` or `depth 0.25 to 0.5`.
        members: places of its samples, ascending.
        same: other conjunctions of as many conditions that are met by the very same samples.
    """

    conditions: tuple[str, ...]
    members: np.ndarray
    same: tuple[tuple[str, ...], ...] = ()


def make_classes(samples: pd.DataFrame, units: np.ndarray) -> tuple[list[SampleClass], list[str]]:
    """Return the classes of samples, those with fewer conditions first, and the names of the columns searched.

    Left out: classes of fewer than 10 samples or 6 contexts, in which harm could not be shown, those that hold all
    samples, and conjunctions met by the same samples as one of fewer conditions.

    Args:
        samples: one row a sample: `task`, `length` and the columns `axis.*`.
        units: number of each sample's context, from 0 on.
    """
    named = [(name, _values(samples[name], name)) for name in _columns(samples)]
    searched = [(name, values) for name, values in named if len(values) > 1]
    found: dict[bytes, list[tuple[tuple[str, ...], np.ndarray]]] = {}
    level: list[tuple[tuple[str, ...], int, np.ndarray]] = [((), -1, np.arange(len(samples)))]
    for _ in range(MOST_CONDITIONS):
        level = [
            ((*conditions, text), column, members)
            for conditions, last, whole in level
            for column in range(last + 1, len(searched))
            for text, mask in searched[column][1]
            if _enough(members := whole[mask[whole]], units) and len(members) < len(samples)
        ]
        level = [each for each in level if _is_new(found, each[0], each[2])]
    classes = [SampleClass(same[0][0], same[0][1], tuple(text for text, _ in same[1:])) for same in found.values()]
    return classes, [name.removeprefix(AXIS) for name, _ in searched]


def _columns(samples: pd.DataFrame) -> list[str]:
    return ["task", "length", *(name for name in map(str, samples.columns) if name.startswith(AXIS))]


def _enough(members: np.ndarray, units: np.ndarray) -> bool:
    return len(members) >= FEWEST_SAMPLES and len(np.unique(units[members])) >= FEWEST_CONTEXTS


def _is_new(
    found: dict[bytes, list[tuple[tuple[str, ...], np.ndarray]]], conditions: tuple[str, ...], members: np.ndarray
) -> bool:
    """Enter a class; one that holds the samples of another is only another name of it, if it is as short."""
    known = found.setdefault(members.tobytes(), [])
    if not known or len(known[0][0]) == len(conditions):
        known.append((conditions, members))
    return len(known) == 1


def _values(column: pd.Series, name: str) -> Values:
    """Return the conditions that a column gives; samples without a value meet none."""
    import pandas as pd

    short = name.removeprefix(AXIS)
    known = column.dropna()
    numeric = pd.api.types.is_numeric_dtype(known.infer_objects()) and not pd.api.types.is_bool_dtype(known)
    if numeric and name != "length" and known.nunique() > MOST_BINS:
        return _bins(column.to_numpy(float), short)
    text = format_size if name == "length" else _plain
    return [(f"{short}={text(value)}", (column == value).to_numpy(bool)) for value in sorted(known.unique(), key=str)]


def _plain(value: object) -> str:
    """Write a value of an axis; pandas makes floats of whole numbers where some are unset."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _bins(values: np.ndarray, name: str) -> Values:
    """Cut a number at its quartiles; where many samples share a value, there are fewer bins."""
    known = ~np.isnan(values)
    edges = np.unique(np.quantile(values[known], np.arange(1, MOST_BINS) / MOST_BINS))
    codes = np.searchsorted(edges, values, side="right")
    return [
        (_between(name, edges, code), (codes == code) & known)
        for code in range(len(edges) + 1)
        if ((codes == code) & known).any()
    ]


def _between(name: str, edges: Sequence[float] | np.ndarray, code: int) -> str:
    texts = edge_texts(edges)
    if code == 0:
        return f"{name} below {texts[0]}"
    if code == len(edges):
        return f"{name} from {texts[-1]}"
    return f"{name} {texts[code - 1]} to {texts[code]}"


def edge_texts(edges: Sequence[float] | np.ndarray) -> list[str]:
    """Write numbers short, but with all their digits where short ones would not tell them apart."""
    short = [f"{edge:g}" for edge in edges]
    return short if len(set(short)) == len(short) and "e" not in "".join(short) else [f"{edge:.15g}" for edge in edges]
