"""From paired samples to rows: tasks at lengths, their slices, all of it together, and what else the policy guards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from harness.gate.counting import Paired, Place, Row, Terms, counted, mean_of_replicates
from harness.gate.guards import guard_rows
from harness.gate.policy import Applied, CellKey, Policy
from harness.records import Estimate

if TYPE_CHECKING:
    import pandas as pd

LEVELS = ("off", "warn", "error")
CUT = "truncated"


def make_rows(pairs: pd.DataFrame, terms: Terms) -> list[Row]:
    """Return the rows that the policy does not leave out.

    One for each task and length, one for each slice of these, one over all required cells if there are several, and one
    for each thing that is guarded besides: failure modes, lengths of replies, their expected cost.

    Args:
        pairs: paired samples, as `harness.store.pair` makes them.
        terms: the policy and what else the numbers need.
    """
    policy = terms.policy
    samples = mean_of_replicates(pairs, policy.defaults.measure)
    cells = dict(cell_groups(samples, policy.defaults.slices))
    applied = {key: _applied(policy, key) for key in cells}
    rows = [
        _row(cells[key], Place("slice" if key[2] else "cell", *key), applied[key], terms)
        for key in sorted(cells, key=lambda key: (bool(key[2]), key))
        if applied[key].level != "off"
    ]
    kept = [key for key in cells if not key[2] and applied[key].level == "error"]
    inside = _inside(samples, kept)
    if len(kept) > 1:
        margin = policy.defaults.overall_margin or policy.defaults.margin
        rows.append(_row(inside, Place("overall"), Applied(margin, "error", "defaults"), terms))
    return rows + guard_rows(inside, terms)


def _applied(policy: Policy, key: CellKey) -> Applied:
    """Return margin and level of a cell or slice; a slice is never held stricter than its cell."""
    task, length, part = key
    own, cell = policy.applied(*key), policy.applied(task, length)
    if part and LEVELS.index(cell.level) < LEVELS.index(own.level):
        return Applied(own.margin, cell.level, cell.rule)
    return own


def drop_without_cut(pairs: pd.DataFrame, terms: Terms) -> Estimate | None:
    """Return the drop over the pairs in which no reply was cut by its budget; None where none or all of them were.

    A longer-winded model loses points to the budget alone; beside the drop over everything this says how many.
    """
    cut = pairs["base_mode"].fillna("").astype(str).str.startswith(CUT)
    cut |= pairs["cand_mode"].fillna("").astype(str).str.startswith(CUT)
    if not cut.any() or cut.all():
        return None
    whole = Place("overall", part="not truncated")
    return _row(
        mean_of_replicates(pairs[~cut], terms.policy.defaults.measure), whole, Applied(1.0, "warn", ""), terms
    ).drop


def cells_of(pairs: pd.DataFrame, slices: tuple[str, ...] = ()) -> list[CellKey]:
    """Return each task at each length that there are pairs for, and each slice of them."""
    return sorted(key for key, _ in cell_groups(pairs, slices))


def cell_groups(samples: pd.DataFrame, slices: tuple[str, ...] = ()) -> Iterator[tuple[CellKey, pd.DataFrame]]:
    """Yield the samples of each task at each length, and of each value of the slices' axes there. Unset is no value."""
    for axis in ("", *slices):
        by: list[Any] = ["task", "length"]
        if axis and f"axis.{axis}" not in samples:
            continue
        if axis:
            by.append(samples[f"axis.{axis}"].map(_plain, na_action="ignore"))
        for key, rows in samples.groupby(by, sort=True, observed=True, dropna=True):
            task, length, *value = cast("tuple[str, int, str]", key)
            yield (str(task), int(length), f"{axis}={value[0]}" if axis else ""), rows


def _plain(value: object) -> str:
    """Write a value of an axis; pandas makes floats of whole numbers where some are unset."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _inside(samples: pd.DataFrame, kept: list[CellKey]) -> pd.DataFrame:
    places = {(task, length) for task, length, _ in kept}
    return samples[[pair in places for pair in zip(samples["task"], samples["length"], strict=True)]]


def _row(cell: pd.DataFrame, place: Place, applied: Applied, terms: Terms) -> Row:
    base, cand = cell["base"].to_numpy(), cell["cand"].to_numpy()
    paired = Paired(
        drops=base - cand,
        base=base,
        cand=cand,
        clusters=cell["context_id"].to_numpy(),
        whole=terms.runs == 1 and terms.policy.defaults.measure == "right",
        chance=float(np.mean([terms.floors.get(str(task), 0.0) for task in cell["task"]])),
    )
    return counted(paired, place, applied, terms)
