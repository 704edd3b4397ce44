"""What a plan decides when the truth is known: how often it passes, fails or stays open under declared changes.

Replies are not simulated, outcomes are. The baseline is right on a sample with its cell's accuracy. An unchanged
candidate differs from it on a share of the samples, the flip rate, as often for the better as for the worse: that is
what nondeterminism does. A scenario then adds losses. Samples of one context are correlated: with probability sqrt(icc)
a sample takes the random number that its context shares, else one of its own, so two samples of a context share it with
probability icc.

With several replies to a sample, twice the flip rate of the samples are unsettled: each reply to them, of either model,
is right half of the time. All others are answered alike each time, so that two single replies differ at the flip rate.
Lengths of replies are lognormal: a mean of their own for each sample, and a coefficient of variation of replies to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.gate.decide import decide
from harness.gate.policy import Policy
from harness.gate.verdict import State
from harness.plan import CellPlan, Plan, samples_of
from harness.records import Estimate
from harness.stats import clopper_pearson
from harness.store import Comparison, RunInfo

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of the models.

    Attributes:
        accuracy: of the baseline, by task and length; `default` elsewhere.
        per_sample: of the baseline, sample by sample; instead of both.
        flip_rate: share of samples on which an unchanged candidate differs from the baseline.
        icc: correlation of outcomes of two samples of one context.
        runs: replies to each sample.
        spread: coefficient of variation of the lengths of replies to one sample.
    """

    flip_rate: float = 0.04
    icc: float = 0.1
    default: float = 0.85
    runs: int = 1
    spread: float = 0.2
    accuracy: Mapping[tuple[str, int], float] | None = None
    per_sample: np.ndarray | None = None

    def accuracies(self, samples: pd.DataFrame) -> np.ndarray:
        """Return the baseline's accuracy on each sample."""
        if self.per_sample is not None:
            return self.per_sample
        known = self.accuracy or {}
        places = zip(samples["task"], samples["length"], strict=True)
        return np.array([known.get(place, self.default) for place in places])


@dataclass(frozen=True, slots=True)
class Scenario:
    """A declared change of the candidate.

    Attributes:
        name: `lossless` …
        summary: what it does, for people.
        loss: share of samples lost on top of the flips, sample by sample: a function of the frame of samples.
        mode: failure mode of what is lost; `relabel` is the share of all replies that changes to it without a loss.
        longer: by which share replies grow.
        whole_contexts: share of the contexts on which everything is lost besides.
        harmful: whether a verdict of `pass` would be wrong.
    """

    name: str
    summary: str
    loss: Callable[[pd.DataFrame], np.ndarray]
    mode: str = "hallucinated"
    relabel: float = 0.0
    longer: float = 0.0
    whole_contexts: float = 0.0
    harmful: bool = True


@dataclass(frozen=True, slots=True)
class Rates:
    """How often each state came out, with its Clopper-Pearson interval."""

    scenario: Scenario
    states: Mapping[State, Estimate]


def uniform(points: float) -> Callable[[pd.DataFrame], np.ndarray]:
    """Lose so many points of every sample."""
    return lambda samples: np.full(len(samples), points / 100)


def from_length(shortest: int, points: float) -> Callable[[pd.DataFrame], np.ndarray]:
    """Lose so many points at lengths from `shortest` on."""
    return lambda samples: np.where(samples["length"].to_numpy() >= shortest, points / 100, 0.0)


def one_group(column: str, points: float) -> Callable[[pd.DataFrame], np.ndarray]:
    """Lose so many points where a column has the last of its values, and nothing elsewhere."""

    def loss(samples: pd.DataFrame) -> np.ndarray:
        values = samples[column]
        return np.where((values == values.max()).to_numpy(), points / 100, 0.0)

    return loss


def last_cell(points: float) -> Callable[[pd.DataFrame], np.ndarray]:
    """Lose so many points in one task at its longest length."""

    def loss(samples: pd.DataFrame) -> np.ndarray:
        hit = (samples["length"] == samples["length"].max()) & (samples["task"] == samples["task"].max())
        return np.where(hit.to_numpy(), points / 100, 0.0)

    return loss


def presets(samples: pd.DataFrame, margin: float) -> tuple[Scenario, ...]:
    """Return the scenarios that make sense for a plan.

    Args:
        samples: its samples, with their axes.
        margin: the policy's margin, at which a pass is just wrong.
    """
    longest = int(samples["length"].max())
    found = [
        Scenario("lossless", "nothing but nondeterminism", uniform(0), harmful=False),
        Scenario("fp8", "1 point lost everywhere", uniform(1), harmful=margin <= 0.01),
        Scenario("at-margin", f"{100 * margin:g} points lost everywhere: a pass is just wrong", uniform(100 * margin)),
        Scenario(
            "whole-contexts",
            f"{100 * margin:g} points lost, by whole contexts: the icc of noise does not know of them",
            uniform(0),
            whole_contexts=margin,
        ),
        Scenario("int4", "5 points lost everywhere, 15 at the longest length", _int4(longest), harmful=margin <= 0.15),
        Scenario("kv-bug", "40 points lost in one task at its longest length", last_cell(40), harmful=margin <= 0.4),
        Scenario(
            "abstention-shift",
            "3 points lost, and a tenth of all wrong answers become refusals to find",
            uniform(3),
            mode="false_absence",
            relabel=0.02,
            harmful=margin <= 0.03,
        ),
        Scenario(
            "verbose",
            "replies 12 % longer, 5 points lost to those that are cut off",
            uniform(5),
            mode="truncated.answer",
            relabel=0.02,
            longer=0.12,
            harmful=margin <= 0.05,
        ),
    ]
    if "axis.language" in samples and samples["axis.language"].nunique() > 1:
        summary = "60 points lost in one language, nothing elsewhere"
        found.append(Scenario("language-collapse", summary, one_group("axis.language", 60)))
    return tuple(found)


def _int4(longest: int) -> Callable[[pd.DataFrame], np.ndarray]:
    return lambda samples: np.where(samples["length"].to_numpy() >= longest, 0.15, 0.05)


def skeleton_of(plan: Plan) -> Comparison:
    """Return a plan's samples as a comparison of two runs without outcomes.

    Where contexts are made, axes are taken from the shortest length: which values there are and how many samples have
    each hardly depends on it. Where they are given, each length has its own.
    """
    import pandas as pd

    cells = [cell for cell in plan.cells if not cell.control]
    first = {_kept(cell): cell for cell in reversed(cells)}
    asked = {
        key: [sample for context in cell.wanted for sample in samples_of(cell, context, plan)]
        for key, cell in first.items()
    }
    rows = [
        {
            "task": cell.label,
            "length": cell.length,
            "context_id": sample.context_id,
            "sample_id": f"{sample.id}@{cell.length}",
            "replicate": 0,
            **{f"axis.{name}": value for name, value in sample.axes.items() if name != "length_tokens"},
        }
        for cell in cells
        for sample in asked[_kept(cell)]
    ]
    return made_up(pd.DataFrame(rows), {cell.label: cell.task.floor for cell in cells})


def made_up(pairs: pd.DataFrame, floors: Mapping[str, float] | None = None) -> Comparison:
    """Return pairs that no model answered as a comparison of two complete runs that are on no disk."""
    infos = [
        RunInfo(
            sweep="simulated",
            model=role,
            kind="simulated",
            role=role,
            path=Path(role),
            config={},
            planned=len(pairs),
            identity={},
            environment={},
            floors=floors or {},
        )
        for role in ("baseline", "candidate")
    ]
    return Comparison(infos[0], infos[1], pairs, len(pairs), 0, 0, 0, ())


def _kept(cell: CellPlan) -> tuple[str, int]:
    """Return which cells share their samples: those of a task, unless its contexts are given."""
    return cell.label, cell.length if cell.task.given else 0


def simulate(
    skeleton: Comparison, scenario: Scenario, policy: Policy, truth: Truth, *, replicates: int, seed: int = 0
) -> Rates:
    """Decide so many simulated comparisons.

    Args:
        skeleton: the plan's samples, as a comparison whose outcomes do not matter.
        scenario: what is true of the candidate.
        policy: what decides.
        truth: what is true of the baseline, and of noise.
        replicates: how many comparisons.
        seed: of all randomness.
    """
    counts: Counter[State] = Counter()
    for pairs in outcomes(skeleton.pairs, scenario, truth, replicates, seed):
        counts[decide(replace(skeleton, pairs=pairs), policy).state] += 1
    states: tuple[State, ...] = ("pass", "regressed", "inconclusive", "invalid")
    return Rates(scenario, {state: _share(counts[state], replicates) for state in states})


def outcomes(
    samples: pd.DataFrame, scenario: Scenario, truth: Truth, replicates: int, seed: int
) -> Iterator[pd.DataFrame]:
    """Yield simulated outcomes of the samples, one frame a replicate."""
    rng = np.random.default_rng(seed)
    accuracy = truth.accuracies(samples)
    _, context = np.unique(samples["context_id"].astype(str), return_inverse=True)
    loss = scenario.loss(samples)
    places = np.repeat(np.arange(len(samples)), truth.runs)
    draw = _one_reply if truth.runs == 1 else _several_replies
    for _ in range(replicates):
        base, cand = draw(rng, context, accuracy, loss, truth)
        cand = cand & ~_lost_contexts(rng, context, scenario, accuracy)[places]
        replies = samples.iloc[places] if truth.runs > 1 else samples
        marked = _numbers(rng, context, truth.icc)[places]
        mode = np.where(~cand & (marked < _relabelled(scenario, base, cand)), scenario.mode, "hallucinated")
        tokens = {f"{side}_{name}": values for side, name, values in _lengths(rng, places, truth, scenario)}
        yield replies.assign(
            replicate=np.tile(np.arange(truth.runs), len(samples)),
            base_correct=base,
            cand_correct=cand,
            base_value=base.astype(float),
            cand_value=cand.astype(float),
            base_mode=np.where(base, "", "hallucinated"),
            cand_mode=np.where(cand, "", mode),
            **tokens,
        ).reset_index(drop=True)


def _lost_contexts(
    rng: np.random.Generator, context: np.ndarray, scenario: Scenario, accuracy: np.ndarray
) -> np.ndarray:
    """Mark the samples of contexts that are lost as a whole, so many that the scenario's share of points is."""
    share = scenario.whole_contexts / max(float(accuracy.mean()), 1e-9)
    found: np.ndarray = (rng.random(context.max(initial=0) + 1) < share)[context]
    return found


def _one_reply(
    rng: np.random.Generator, context: np.ndarray, accuracy: np.ndarray, loss: np.ndarray, truth: Truth
) -> tuple[np.ndarray, np.ndarray]:
    half = truth.flip_rate / 2
    to_wrong = np.clip((half + loss) / np.maximum(accuracy, 1e-9), 0, 1)
    to_right = np.clip(half / np.maximum(1 - accuracy, 1e-9), 0, 1)
    base = _numbers(rng, context, truth.icc) < accuracy
    changed = _numbers(rng, context, truth.icc)
    return base, np.where(base, changed >= to_wrong, changed < to_right)


def _several_replies(
    rng: np.random.Generator, context: np.ndarray, accuracy: np.ndarray, loss: np.ndarray, truth: Truth
) -> tuple[np.ndarray, np.ndarray]:
    """Draw which samples are unsettled, then each reply; a sample's replies follow each other."""
    right = _numbers(rng, context, truth.icc) < accuracy
    changed = _numbers(rng, context, truth.icc)
    lost = right & (changed < loss / np.maximum(accuracy, 1e-9))
    gained = ~right & (changed < -loss / np.maximum(1 - accuracy, 1e-9))
    unsettled = (_numbers(rng, context, truth.icc) < 2 * truth.flip_rate) & ~lost & ~gained
    arms = [
        rng.random((len(context), truth.runs)) < np.where(unsettled, 0.5, settled)[:, None]
        for settled in (right, (right & ~lost) | gained)
    ]
    return arms[0].ravel(), arms[1].ravel()


def _lengths(
    rng: np.random.Generator, places: np.ndarray, truth: Truth, scenario: Scenario
) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield completion tokens of both models: around 200, samples differing by a factor of about two."""
    of_sample = (200 * rng.lognormal(0.0, 0.5, places.max(initial=0) + 1))[places]
    sigma = np.sqrt(np.log1p(truth.spread**2))
    for side, factor in (("base", 1.0), ("cand", 1.0 + scenario.longer)):
        drawn = factor * of_sample * rng.lognormal(-(sigma**2) / 2, sigma, len(places))
        yield side, "completion_tokens", np.rint(drawn)


def _relabelled(scenario: Scenario, base: np.ndarray, cand: np.ndarray) -> np.ndarray:
    """Return how likely a wrong reply has the scenario's mode: what is newly lost always, the rest as declared."""
    wrong = max(float((~cand).mean()), 1e-9)
    return np.where(base & ~cand, 1.0 if scenario.mode != "hallucinated" else 0.0, scenario.relabel / wrong)


def _numbers(rng: np.random.Generator, context: np.ndarray, icc: float) -> np.ndarray:
    own, shared = rng.random(len(context)), rng.random(context.max(initial=0) + 1)
    return np.where(rng.random(len(context)) < icc**0.5, shared[context], own)


def _share(count: int, n: int) -> Estimate:
    low, high = clopper_pearson(count, n, LEVEL)
    return Estimate(value=count / n, low=low, high=high, n=n, level=LEVEL, method="Clopper-Pearson")
