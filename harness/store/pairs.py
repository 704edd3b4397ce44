"""Two runs, paired sample by sample by the content that both were asked: never by position, never by name alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from harness.store.frame import KEY, QUANTITIES, results_frame
from harness.store.imported import import_problems

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from harness.records import Result
    from harness.store.run_dir import Run, RunInfo

COMPARED = ("seed", "tokenizer", "lengths", "contexts", "questions_per_context")
"""Keys of `[sweep]` that both runs must share; tasks are compared whole."""

MODEL_COMPARED = ("sampling", "reasoning_budget", "runs", "system", "extra_body")
"""Keys of a model that change what is asked of it, or how; weights, caches and servers may differ."""

ASKED = ("sample_id", "outcome", "pair_sha256")
COUNTED = ("correct", "value", "mode", *QUANTITIES)


@dataclass(frozen=True)
class Comparison:
    """What two runs of the same samples can tell about each other.

    Attributes:
        pairs: one row a sample and replicate that both runs have scored: `task`, `length`, `context_id`, `sample_id`,
            `replicate`, `base_correct`, `cand_correct` (bool), `base_value`, `cand_value`, `base_mode`, `cand_mode`,
            `base_completion_tokens` and so on (see `QUANTITIES`), and a column `axis.<name>` for each axis.
        planned: results that each run should have.
        invalid_baseline: results without a score in the baseline, likewise `invalid_candidate`.
        missing: results planned and in neither state in one of the runs.
        problems: why the runs cannot be compared, as sentences; empty when they can.
        cells: results by task and length, with a score or not, of the run that has more of them.
        asked: one row a result that either run has, with a score or not: `task`, `length` and axes; None where outcomes
            were made up.
    """

    baseline: RunInfo
    candidate: RunInfo
    pairs: pd.DataFrame
    planned: int
    invalid_baseline: int
    invalid_candidate: int
    missing: int
    problems: tuple[str, ...]
    cells: Mapping[tuple[str, int], int] = field(default_factory=dict)
    asked: pd.DataFrame | None = None


def pair(baseline: Run, candidate: Run) -> Comparison:
    """Pair two runs. Whatever cannot be paired is counted or named, never dropped in silence."""
    base, cand = results_frame(baseline), results_frame(candidate)
    planned = max(baseline.info.planned, candidate.info.planned)
    places, others = _matched(baseline, candidate)
    rows, beside = (frame[list(ASKED)].iloc[at] for frame, at in ((base, places), (cand, others)))
    same = rows["pair_sha256"].to_numpy() == beside["pair_sha256"].to_numpy()
    scored = same & ((rows["outcome"] == "scored").to_numpy() & (beside["outcome"] == "scored").to_numpy())
    return Comparison(
        baseline=baseline.info,
        candidate=candidate.info,
        pairs=_pairs(base, places[scored], cand, others[scored]),
        planned=planned,
        invalid_baseline=baseline.invalid,
        invalid_candidate=candidate.invalid,
        missing=max(planned - len(base), planned - len(cand), 0),
        problems=tuple(_problems(baseline, candidate) + _unlike(rows[~same]) + _alone(base, cand, planned)),
        cells=_most(base, cand),
        asked=_asked(base, cand),
    )


def _matched(baseline: Run, candidate: Run) -> tuple[np.ndarray, np.ndarray]:
    """Return where the results that both runs have stand in the one and in the other, by sample and replicate."""
    base, cand = results_frame(baseline), results_frame(candidate)
    if _same_keys(base, cand):
        order = baseline.table.measured.order
        return order, order
    rows = base[KEY].assign(place=range(len(base)))
    both = rows.merge(cand[KEY].assign(other=range(len(cand))), on=KEY).sort_values(KEY)
    return both["place"].to_numpy(int), both["other"].to_numpy(int)


def _same_keys(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Tell whether two frames hold the same results in the same order."""
    return len(one) == len(other) and all(one[name].equals(other[name]) for name in KEY)


def _asked(base: pd.DataFrame, cand: pd.DataFrame) -> pd.DataFrame:
    """Return every result that either run has, scored or not, once, with its axes."""
    import pandas as pd

    frames = [frame[["task", "length", *KEY, *_axes(frame)]] for frame in (base, cand)]
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    if len(filled) == 1 or (_same_keys(base, cand) and list(frames[0]) == list(frames[1])):
        return filled[0]
    return pd.concat(filled, ignore_index=True).drop_duplicates(KEY)


def _axes(frame: pd.DataFrame) -> list[str]:
    return [name for name in map(str, frame.columns) if name.startswith("axis.")]


def _most(*frames: pd.DataFrame) -> dict[tuple[str, int], int]:
    """Return for each task and length how many results the frame has that has most of them."""
    sizes: list[dict[tuple[str, int], int]] = [
        cast("Any", frame.groupby(["task", "length"]).size().to_dict()) for frame in frames
    ]
    return {cell: max(size.get(cell, 0) for size in sizes) for cell in sorted(set().union(*sizes))}


def _pairs(base: pd.DataFrame, places: np.ndarray, cand: pd.DataFrame, others: np.ndarray) -> pd.DataFrame:
    """Return the rows at some places of one frame beside those at some of the other."""
    own = [name for name in _axes(cand) if name not in base]
    rows = base[["task", "length", "context_id", *KEY, *COUNTED, *_axes(base)]].iloc[places].reset_index(drop=True)
    beside = cand[[*COUNTED, *own]].iloc[others].reset_index(drop=True)
    found = rows.rename(columns={name: f"base_{name}" for name in COUNTED}).join(
        beside.rename(columns={name: f"cand_{name}" for name in COUNTED})
    )
    return found.astype({"length": int, "base_correct": bool, "cand_correct": bool})


def _problems(baseline: Run, candidate: Run) -> list[str]:
    """Name the settings that must agree and do not."""
    a, b = baseline.info.config, candidate.info.config
    found = ["both names mean the same run"] if _same_place(baseline.info, candidate.info) else []
    found += ["the baseline's file was made from these very replies"] if _same_replies(baseline, candidate) else []
    found += import_problems(baseline, candidate)
    found += [_differs(f"[sweep] {key}", a.get("sweep", {}), b.get("sweep", {}), key) for key in COMPARED]
    found += [_differs(f"[[model]] {key}", a.get("model", {}), b.get("model", {}), key) for key in MODEL_COMPARED]
    found.append(_differs("[[task]]", a, b, "task"))
    found += [
        f"the replies of {run.info.name} have no right answers to be held against: 'harness diff' compares such runs"
        for run in (baseline, candidate)
        if run.table.measured.outcomes["ungraded"]
    ]
    if baseline.info.role == "positive-control":
        found.append(f"{baseline.info.name} is a positive control, damaged on purpose, and was given as the baseline")
    if candidate.info.role == "baseline" != baseline.info.role:
        found.append(f"{candidate.info.name} is the sweep's baseline and was given as the candidate")
    return [text for text in found if text]


def _same_place(baseline: RunInfo, candidate: RunInfo) -> bool:
    try:
        return baseline.path.samefile(candidate.path)
    except (OSError, ValueError):  # a run that is on no disk
        return baseline.path == candidate.path


def _same_replies(baseline: Run, candidate: Run) -> bool:
    """Tell whether a baseline's file was made from this run: no two runs of a real model take the same times."""
    if baseline.info.accepted is None or baseline.info.name != candidate.info.name:
        return False
    taken = [{_key(r): r.reply.latency_s for r in run.measured} for run in (baseline, candidate)]
    return taken[0] == taken[1] and any(taken[0].values())


def _key(result: Result) -> tuple[str, int]:
    return result.sample_id, result.replicate


def _differs(what: str, a: Mapping[str, Any], b: Mapping[str, Any], key: str) -> str:
    before, after = a.get(key), b.get(key)
    return "" if before == after else f"{what} differs: {before!r} in the baseline, {after!r} in the candidate"


def _unlike(rows: pd.DataFrame) -> list[str]:
    if rows.empty:
        return []
    return [
        f"{len(rows)} samples of the same name have another prompt, gold answer or task version; "
        f"the first is {rows['sample_id'].iloc[0]}"
    ]


def _alone(base: pd.DataFrame, cand: pd.DataFrame, planned: int) -> list[str]:
    """Name samples that only one of two complete runs has; of incomplete runs they are missing, which says as much."""
    if _same_keys(base, cand):
        return []
    keys = [set(zip(frame["sample_id"], frame["replicate"], strict=True)) for frame in (base, cand)]
    alone = sorted(keys[0] ^ keys[1])
    if not alone or min(len(base), len(cand)) < planned:
        return []
    return [f"{len(alone)} samples are in one of the runs only; the first is {alone[0][0]}"]
