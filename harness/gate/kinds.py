"""Are the failures of the same kind? Which failure modes became more or less frequent, and what new losses look like.

Two variants may have equally many wrong answers and fail in other ways: one abstains where the other invents. What is
tested is the mix of all outcomes, right answers among them, by swapping the two models context by context. Nothing here
decides a verdict; a mode that must not rise is guarded by the policy.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.gate.policy import Policy
from harness.gate.wording import MOST_NAMED, probability
from harness.stats import arm_swap, holm, icc, sign_flip

if TYPE_CHECKING:
    import pandas as pd

RIGHT = ""
PERMUTATIONS = 5_000
FEWEST_FLIPS = 20
"""With fewer flips a correlation of flips says nothing."""


@dataclass(frozen=True, slots=True)
class ModeShift:
    """One failure mode: replies with it in both runs, and the two-sided p of "as frequent", Holm over the modes."""

    mode: str
    baseline: int
    candidate: int
    p: float


@dataclass(frozen=True, slots=True)
class KindsOfFailure:
    """How the failures of two runs compare.

    Attributes:
        p: of "the same mix of outcomes", two-sided, by swapping arms context by context.
        shifts: every failure mode that either run has, the most changed first.
        both_wrong: replies that both got wrong, and `same_mode`, those of them with the same failure mode.
        kappa: agreement of their modes beyond chance (Cohen 1960); None with one mode or none.
        new_losses: replies lost; `p_new` is the p of "their modes are mixed as the baseline's failures are", by
            permutation of replies, which takes them for independent; None without losses or failures to compare.
    """

    p: float
    shifts: tuple[ModeShift, ...]
    both_wrong: int
    same_mode: int
    kappa: float | None
    new_losses: int
    p_new: float | None


def kinds_of_failure(pairs: pd.DataFrame, *, losses: bool = True) -> KindsOfFailure:
    """Compare the failure modes of paired replies, as `harness.store.pair` makes them.

    Args:
        pairs: one row a paired reply.
        losses: whether to test the mix of what was lost; without, `p_new` is None.
    """
    base = pairs["base_mode"].fillna(RIGHT).astype(str).to_numpy()
    cand = pairs["cand_mode"].fillna(RIGHT).astype(str).to_numpy()
    _, contexts = np.unique(pairs["context_id"].astype(str), return_inverse=True)
    both = (base != RIGHT) & (cand != RIGHT)
    lost = (base == RIGHT) & (cand != RIGHT)
    return KindsOfFailure(
        p=arm_swap(base.tolist(), cand.tolist(), contexts.tolist()).p,
        shifts=_shifts(base, cand, contexts),
        both_wrong=int(both.sum()),
        same_mode=int((base[both] == cand[both]).sum()),
        kappa=_kappa(base[both], cand[both]),
        new_losses=int(lost.sum()),
        p_new=_other_mix(base[base != RIGHT].tolist(), cand[lost].tolist()) if losses else None,
    )


def _shifts(base: np.ndarray, cand: np.ndarray, contexts: np.ndarray) -> tuple[ModeShift, ...]:
    modes = sorted({*base, *cand} - {RIGHT})
    rises = [np.bincount(contexts, weights=(cand == mode).astype(float) - (base == mode)) for mode in modes]
    p = holm([min(1.0, 2 * min(sign_flip(list(rise)), sign_flip(list(-rise)))) for rise in rises])
    found = [
        ModeShift(mode, int((base == mode).sum()), int((cand == mode).sum()), each)
        for mode, each in zip(modes, p, strict=True)
    ]
    return tuple(sorted(found, key=lambda shift: (shift.p, -abs(shift.candidate - shift.baseline), shift.mode)))


def _kappa(base: np.ndarray, cand: np.ndarray) -> float | None:
    modes = sorted({*base, *cand})
    if len(modes) < 2:
        return None
    agreed = float((base == cand).mean())
    by_chance = float(sum((base == mode).mean() * (cand == mode).mean() for mode in modes))
    return (agreed - by_chance) / (1 - by_chance)


def _other_mix(known: Sequence[Hashable], new: Sequence[Hashable]) -> float | None:
    """Return the p of "both lists are drawn from one mix", by permutation of the labels, with a fixed seed.

    The statistic is the chi-square of the table of lists by modes; the observed order is counted in.
    """
    if not known or not new:
        return None
    _, codes = np.unique(np.array([*known, *new], dtype=str), return_inverse=True)
    totals = np.bincount(codes)
    expected = totals * len(new) / len(codes)
    # Shuffling the labels deals the modes of the new losses without replacement: one draw of that law a permutation.
    dealt = np.random.default_rng(0).multivariate_hypergeometric(totals, len(new), size=PERMUTATIONS)
    observed = np.bincount(codes[len(known) :], minlength=len(totals))
    statistics = ((np.vstack([observed, dealt]) - expected) ** 2 / totals).sum(axis=1)
    return (int(np.count_nonzero(statistics[1:] >= statistics[0] - 1e-9)) + 1) / (PERMUTATIONS + 1)


def shift_sentences(found: KindsOfFailure, alpha: float) -> list[str]:
    """Say in words whether the candidate fails in another way than the baseline, each sentence with its p or n."""
    differs = (
        f"The mix of outcomes, right answers among them, differs beyond chance (p {probability(found.p)})"
        if found.p <= alpha
        else f"No other mix of outcomes is shown (p {probability(found.p)}), which does not prove that it is the same"
    )
    moved = [each for each in found.shifts if each.p <= alpha]
    rose = [_counted(each) for each in moved if each.candidate > each.baseline]
    fell = [_counted(each) for each in moved if each.candidate < each.baseline]
    sentences = [f"{differs}."]
    sentences += [f"More frequent than in the baseline: {_first(rose)}."] if rose else []
    sentences += [f"Less frequent: {_first(fell)}."] if fell else []
    if found.both_wrong:
        kappa = "" if found.kappa is None else f" (agreement beyond chance, kappa: {found.kappa:.2f})"
        sentences.append(f"Of {found.both_wrong:,} replies that both got wrong, {found.same_mode:,} fail alike{kappa}.")
    if found.p_new is not None:
        mix = "in another mix of modes" if found.p_new <= alpha else "in no other mix of modes, as far as is shown,"
        sentences.append(
            f"The {found.new_losses:,} replies that only the candidate got wrong fail {mix} than the baseline's "
            f"failures (p {probability(found.p_new)})."
        )
    return sentences


def _counted(shift: ModeShift) -> str:
    return f"{shift.mode} ({shift.baseline:,} to {shift.candidate:,} replies)"


def _first(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"


def besides(pairs: pd.DataFrame, policy: Policy) -> list[str]:
    """Say what else of a run of a fixed size a reader must know: other kinds of failure, differences by contexts."""
    return kinds_note(pairs, policy.defaults.alpha) + correlation_note(pairs, policy)


def correlation_note(pairs: pd.DataFrame, policy: Policy) -> list[str]:
    """Say that the differences go by whole contexts more than the policy assumes, where enough of them are there."""
    assumed = policy.defaults.icc
    if assumed is None or policy.defaults.population == "fixed" or pairs.empty:
        return []
    drops = pairs["base_correct"].to_numpy(float) - pairs["cand_correct"].to_numpy(float)
    found = icc(drops, pairs["context_id"].astype(str).to_numpy()) if np.count_nonzero(drops) >= FEWEST_FLIPS else None
    if found is None or found <= assumed:
        return []
    return [
        f"the differences correlate within contexts at {found:.2f} ({np.count_nonzero(drops)} flips), above the icc of "
        f"{assumed:g} that the policy states: the bounds may be too narrow"
    ]


def kinds_note(pairs: pd.DataFrame, alpha: float) -> list[str]:
    """Say that the mix of outcomes differs, and which modes moved, where that is beyond chance; else nothing."""
    if pairs.empty:
        return []
    found = kinds_of_failure(pairs, losses=False)
    if found.p > alpha:
        return []
    moved = [f"{each.mode} {each.baseline} to {each.candidate}" for each in found.shifts if each.p <= alpha]
    named = f": {', '.join(moved[:MOST_NAMED])}" if moved else ""
    return [f"the mix of outcomes differs between the two (p {probability(found.p)}){named}"]
