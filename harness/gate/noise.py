"""The noise floor: what differs when the same model is asked the same twice, and what of a candidate's change is more.

Servers are not deterministic: batches, kernels and sampling flip answers of an unchanged model. A run of the baseline
beside itself (A/A) says how often, where, and whether the gate itself would hold that for a regression. Nothing here
enters a verdict but the canary: a baseline that is found worse than itself makes every verdict on this server invalid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.gate.decide import decide
from harness.gate.kinds import FEWEST_FLIPS
from harness.gate.policy import Policy
from harness.gate.rows import cell_groups
from harness.gate.verdict import State
from harness.gate.wording import points
from harness.records import Estimate
from harness.stats import ExcessFlips, clopper_pearson, excess_flips, icc
from harness.store import Comparison, Run, RunInfo, load_info, pair
from harness.store.run_dir import RUN_FILE

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
RESAMPLES = 500

Answers = list[tuple[bool, str]]
"""Replies to one sample, each as (right, text)."""


@dataclass(frozen=True, slots=True)
class NoiseRow:
    """How often answers differ in a task at a length, in a slice of it, or overall.

    Attributes:
        part: the slice as `axis=value`, else empty; `task` is empty and `length` None for the row over everything.
        losses: samples right in the first run alone, `gains` in the second alone.
        flip_rate: share of samples whose answers differ, with its Clopper-Pearson interval; samples that share a
            context are taken as independent, so it is a little too narrow.
    """

    task: str
    length: int | None
    part: str
    contexts: int
    losses: int
    gains: int
    flip_rate: Estimate


@dataclass(frozen=True, slots=True)
class Unstable:
    """A sample whose answers differ between two runs of the same model."""

    sample_id: str
    run: str
    right: tuple[bool, bool]
    modes: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Noise:
    """What two runs of one model tell of noise.

    Attributes:
        same_text: share of replies that are the same to the letter; unknown where a run keeps no texts.
        icc: correlation of the paired differences within a context with a bootstrap interval over contexts, None with
            fewer than `FEWEST_FLIPS` flips or where no context has two samples.
        canary: what the gate makes of the second run as a candidate: it must not be `regressed`.
        problems: why the two cannot be compared; then the rest is empty.
    """

    baseline: str
    repeat: str
    rows: tuple[NoiseRow, ...]
    same_text: Estimate
    icc: Estimate | None
    canary: State
    canary_sentence: str
    unstable: tuple[Unstable, ...]
    problems: tuple[str, ...]

    @property
    def overall(self) -> NoiseRow:
        """The row over everything."""
        return self.rows[-1]


@dataclass(frozen=True, slots=True)
class Drift:
    """What of a candidate's change is more than noise.

    Attributes:
        flips: samples whose first replies differ in being right, of `n`.
        on_unstable: of these, those on samples that are unstable in the baseline.
        answers: excess of disagreement in being right beyond what each model shows with itself, `texts` the same of
            whole replies; None without two replies a sample from each.
        replies: replies to a sample that were used of the baseline and of the candidate.
    """

    candidate: str
    n: int
    flips: int
    on_unstable: int
    answers: ExcessFlips | None
    texts: ExcessFlips | None
    replies: tuple[int, int]


def noise_of(baseline: Run, repeat: Run, policy: Policy) -> Noise:
    """Compare two runs of one model; the policy gives slices and the canary's margins."""
    comparison = pair(baseline, repeat)
    verdict = decide(comparison, policy)
    pairs = comparison.pairs
    usable = not comparison.problems and len(pairs) > 0
    return Noise(
        baseline=baseline.info.name,
        repeat=repeat.info.name,
        rows=tuple(_rows(comparison, policy)) if usable else (),
        same_text=_same_text(baseline, repeat),
        icc=_icc_of(comparison) if usable else None,
        canary=verdict.state,
        canary_sentence=verdict.sentence,
        unstable=tuple(_unstable(comparison)) if usable else (),
        problems=comparison.problems if usable else comparison.problems or ("no sample of the two could be paired",),
    )


def repeats_of(baseline: RunInfo, folders: Iterable[Path]) -> list[Path]:
    """Return the runs in some sweeps' folders that ask this very baseline again.

    A repeat is of the run beside it that has the role `baseline`; where that run is not there, its name must begin with
    the baseline's.
    """
    found = []
    for folder in dict.fromkeys(folders):
        infos = [load_info(file.parent) for file in sorted(folder.glob(f"*/{RUN_FILE}"))]
        bases = [info.model for info in infos if info.role == "baseline"]
        found += [
            info.path
            for info in infos
            if info.role == "repeat"
            and (baseline.model in bases if bases else info.model.startswith(f"{baseline.model}.repeat"))
        ]
    return found


def split_replies(run: Run) -> list[Run]:
    """Return a run with several replies to each sample as runs with one reply each."""
    by_replicate: dict[int, list[int]] = defaultdict(list)
    for place, result in enumerate(run.measured):
        by_replicate[result.replicate].append(place)
    if len(by_replicate) < 2:
        return [run]
    model = {**run.info.config.get("model", {}), "runs": 1}
    return [
        Run(
            replace(
                run.info,
                model=f"{run.info.model}#{replicate + 1}",
                path=run.info.path / f"#{replicate + 1}",
                planned=run.info.planned // len(by_replicate),
                config={**run.info.config, "model": model},
            ),
            tuple(replace(run.measured[place], replicate=0) for place in places),
        )
        for replicate, places in sorted(by_replicate.items())
    ]


def drift_of(baselines: Sequence[Run], candidates: Sequence[Run], unstable: Sequence[Unstable]) -> Drift:
    """Compare all runs of a baseline with all runs of a candidate, each with one reply a sample.

    Args:
        baselines: the baseline and its repeats.
        candidates: the candidate and its repeats.
        unstable: what `noise_of` found in the baseline.
    """
    first = pair(baselines[0], candidates[0]).pairs
    flipped = first[first["base_correct"] != first["cand_correct"]]
    names = {each.sample_id for each in unstable}
    sides = [_replies_of(runs) for runs in (baselines, candidates)]
    both = sorted(set(sides[0]) & set(sides[1]))
    base, cand = ([side[sample] for sample in both] for side in sides)
    told = not any(run.info.accepted for run in (*baselines, *candidates))
    return Drift(
        candidate=candidates[0].info.name,
        n=len(first),
        flips=len(flipped),
        on_unstable=int(flipped["sample_id"].isin(names).sum()),
        answers=_excess(base, cand, 0),
        texts=_excess(base, cand, 1) if told else None,
        replies=(len(baselines), len(candidates)),
    )


def _excess(base: Sequence[Answers], cand: Sequence[Answers], which: int) -> ExcessFlips | None:
    """Compare what stands at one place of each reply: whether it is right, or its text."""
    before, after = ([[reply[which] for reply in replies] for replies in side] for side in (base, cand))
    return excess_flips(before, after)


def _replies_of(runs: Sequence[Run]) -> dict[str, Answers]:
    """Return each sample's replies, of samples that all runs have scored."""
    found: dict[str, Answers] = defaultdict(list)
    for run in runs:
        for result in run.measured:
            if result.score:
                found[result.sample_id].append((result.score.correct, result.reply.text))
    return {sample: replies for sample, replies in found.items() if len(replies) == len(runs)}


def _rows(comparison: Comparison, policy: Policy) -> Iterator[NoiseRow]:
    pairs = comparison.pairs
    groups = dict(cell_groups(pairs, policy.defaults.slices))
    for task, length, part in sorted(groups, key=lambda key: (bool(key[2]), key)):
        rows = groups[task, length, part]
        yield _row(rows, task, length, part)
    yield _row(pairs, "", None, "")


def _row(rows: pd.DataFrame, task: str, length: int | None, part: str) -> NoiseRow:
    losses = int((rows["base_correct"] & ~rows["cand_correct"]).sum())
    gains = int((~rows["base_correct"] & rows["cand_correct"]).sum())
    return NoiseRow(task, length, part, rows["context_id"].nunique(), losses, gains, _share(losses + gains, len(rows)))


def _share(count: int, n: int) -> Estimate:
    if not n:
        return Estimate(value=None, low=None, high=None, n=0, level=LEVEL, method="none")
    low, high = clopper_pearson(count, n, LEVEL)
    return Estimate(value=count / n, low=low, high=high, n=n, level=LEVEL, method="Clopper-Pearson")


def _same_text(baseline: Run, repeat: Run) -> Estimate:
    """Return the share of replies that are the same to the letter, reasoning included."""
    if baseline.info.accepted or repeat.info.accepted:
        return _share(0, 0)
    first, second = (
        {(r.sample_id, r.replicate): (r.reply.reasoning, r.reply.text) for r in run.measured if r.score}
        for run in (baseline, repeat)
    )
    both = first.keys() & second.keys()
    return _share(sum(first[key] == second[key] for key in both), len(both))


def _icc_of(comparison: Comparison) -> Estimate | None:
    """Estimate the correlation of paired differences within a context; its interval resamples contexts."""
    pairs = comparison.pairs
    drops = pairs["base_correct"].to_numpy(float) - pairs["cand_correct"].to_numpy(float)
    _, context = np.unique(pairs["context_id"].astype(str), return_inverse=True)
    found = icc(drops, context) if np.count_nonzero(drops) >= FEWEST_FLIPS else None
    if found is None:
        return None
    members = [np.flatnonzero(context == k) for k in range(context.max() + 1)]
    rng = np.random.default_rng(0)
    drawn = [
        _icc_again(drops, [members[k] for k in rng.integers(0, len(members), len(members))]) for _ in range(RESAMPLES)
    ]
    low, high = np.quantile([value for value in drawn if value is not None], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(
        value=found, low=float(low), high=float(high), n=len(members), level=LEVEL, method="bootstrap of contexts"
    )


def _icc_again(drops: np.ndarray, contexts: Sequence[np.ndarray]) -> float | None:
    return icc(drops[np.concatenate(contexts)], np.repeat(np.arange(len(contexts)), list(map(len, contexts))))


def _unstable(comparison: Comparison) -> Iterator[Unstable]:
    pairs = comparison.pairs
    for row in pairs[pairs["base_correct"] != pairs["cand_correct"]].itertuples():
        yield Unstable(
            sample_id=str(row.sample_id),
            run=comparison.baseline.name,
            right=(bool(row.base_correct), bool(row.cand_correct)),
            modes=(str(row.base_mode or ""), str(row.cand_mode or "")),
        )


def noise_notes(noises: Sequence[Noise], comparison: Comparison) -> list[str]:
    """Say what is known of the noise floor beside a verdict.

    Args:
        noises: of the baseline with each of its repeats.
        comparison: of the baseline with the candidate.
    """
    notes = [f"{each.repeat} cannot be used as a repeat: {each.problems[0]}" for each in noises if each.problems]
    usable = [each for each in noises if each.rows]
    for each in usable:
        row = each.overall
        rate = row.flip_rate
        notes.append(
            f"A/A: {row.losses + row.gains} of {rate.n} answers differ between {each.baseline} and {each.repeat} "
            f"({points(rate.value)} %, {100 * LEVEL:.0f} % interval {points(rate.low)} to {points(rate.high)})"
        )
    names = {each.sample_id for noise in usable for each in noise.unstable}
    pairs = comparison.pairs
    lost = [] if pairs.empty else pairs[pairs["base_correct"] & ~pairs["cand_correct"]]["sample_id"].tolist()
    shaky = sum(name in names for name in lost)
    if shaky:
        notes.append(
            f"{shaky} of the {len(lost)} losses are on samples that differ between runs of the baseline; they count"
        )
    return notes


def canary(noises: Sequence[Noise]) -> list[str]:
    """Return what speaks against the environment: repeats that the gate finds worse than the baseline."""
    return [
        f"the environment is not stable: the gate finds {each.repeat} worse than {each.baseline}, the same model"
        for each in noises
        if each.canary == "regressed"
    ]
