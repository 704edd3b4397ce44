"""Failure modes: of a hundred questions, how many each mode costs a model, and what changed from the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.gate.kinds import KindsOfFailure, kinds_of_failure, shift_sentences
from harness.gate.wording import probability
from harness.reading.meanings import meaning_of
from harness.records import Estimate
from harness.registry import task_classes
from harness.render.arms import Arm, Arms, Match
from harness.render.estimates import rise, share

if TYPE_CHECKING:
    import pandas as pd

UNNAMED = "unattributed"
"""Wrong replies whose task gave no mode."""

BAR = 90
"""Pixels of the longest bar of a table."""


@dataclass(frozen=True, slots=True)
class ModeRow:
    """What one mode costs.

    Attributes:
        mode: its name, empty for the sum of all.
        baseline: share of questions that the baseline loses to it; None where there is no baseline.
        model: share of questions that the model loses to it.
        change: the rise of that share from the baseline; positive is worse.
        p: two-sided p of "as frequent as in the baseline", corrected for the number of modes; empty where not tested.
        baseline_width: length of the bar in pixels, likewise `width`.
    """

    mode: str
    baseline: Estimate | None
    model: Estimate
    change: Estimate | None
    baseline_width: float
    width: float
    p: str = ""


@dataclass(frozen=True, slots=True)
class ModeTable:
    """The modes of one model, the costliest first, their sum last.

    Attributes:
        kinds: how the failures compare with the baseline's, and `sentences`, the same in words at the verdict's alpha;
            without a verdict none.
    """

    arm: Arm
    baseline: Arm | None
    rows: tuple[ModeRow, ...]
    kinds: KindsOfFailure | None = None
    sentences: tuple[str, ...] = ()


def make_modes(arms: Arms) -> tuple[ModeTable, ...]:
    """Return a table for each compared candidate, and one for each run that is compared with none."""
    matches = [match for match in arms.matches if len(match.pairs)]
    compared = [arm for match in matches for arm in (match.baseline, match.candidate)]
    alone = [arm for arm in arms.arms if arm not in compared and len(arm.scored)]
    return (*map(_paired, matches), *(_single(arm, arms.icc_of(arm)) for arm in alone))


def meanings_of(arms: Arms) -> dict[str, str]:
    """Return what a reply of each mode that occurs does, where that is known."""
    kinds = task_classes()
    named = {task.get("name") for arm in arms.arms for task in arm.run.info.config.get("task", ())}
    own = {mode: text for name in sorted(named & set(kinds)) for mode, text in kinds[name].modes.items()}
    modes = {mode for arm in arms.arms for mode in arm.scored["mode"].dropna().unique().tolist()}
    found = {mode: meaning_of(str(mode), own) for mode in sorted(map(str, modes))}
    return {mode: text for mode, text in found.items() if text}


def _paired(match: Match) -> ModeTable:
    pairs = match.pairs
    base = _modes(pairs["base_mode"], pairs["base_correct"])
    cand = _modes(pairs["cand_mode"], pairs["cand_correct"])
    names = sorted(
        {*base, *cand} - {""}, key=lambda name: (-int((cand == name).sum()), -int((base == name).sum()), name)
    )
    rows = []
    for name in (*names, ""):
        before, after = _lost(base, name), _lost(cand, name)
        marked = pairs.assign(before=before, after=after)
        shares = share(marked, "before", match.icc), share(marked, "after", match.icc)
        rows.append((name, *shares, rise(pairs, before, after, match.icc)))
    longest = _longest([estimate for row in rows for estimate in row[1:3]])
    kinds = kinds_of_failure(pairs)
    p = {shift.mode: probability(shift.p) for shift in kinds.shifts}
    return ModeTable(
        match.candidate,
        match.baseline,
        tuple(
            ModeRow(name, before, after, change, _width(before, longest), _width(after, longest), p.get(name, ""))
            for name, before, after, change in rows
        ),
        kinds,
        tuple(shift_sentences(kinds, match.verdict.alpha)) if match.verdict else (),
    )


def _single(arm: Arm, icc: float) -> ModeTable:
    modes = _modes(arm.scored["mode"], arm.scored["correct"])
    names = sorted(set(modes) - {""}, key=lambda name: (-int((modes == name).sum()), name))
    rows = [(name, share(arm.scored.assign(lost=_lost(modes, name)), "lost", icc)) for name in (*names, "")]
    longest = _longest([estimate for _, estimate in rows])
    return ModeTable(
        arm, None, tuple(ModeRow(name, None, found, None, 0.0, _width(found, longest)) for name, found in rows)
    )


def _modes(modes: pd.Series[str], correct: pd.Series[bool]) -> pd.Series[str]:
    """Return one mode a reply: empty for a right one, `UNNAMED` for a wrong one without."""
    return modes.fillna(UNNAMED).astype(str).mask(correct.astype(bool), "")


def _lost(modes: pd.Series[str], name: str) -> pd.Series[bool]:
    """Mark the replies lost to a mode; the empty name stands for all of them."""
    return modes == name if name else modes != ""


def _longest(estimates: list[Estimate]) -> float:
    return max((estimate.value or 0.0 for estimate in estimates), default=0.0)


def _width(estimate: Estimate, longest: float) -> float:
    return round(BAR * (estimate.value or 0.0) / longest, 1) if longest else 0.0
