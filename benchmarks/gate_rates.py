"""The gate's error rates where the truth is known: 8 tasks and lengths x 26 languages x 50 independent samples.

    python benchmarks/gate_rates.py [--replicates 200] [--flip-rate 0.04] [--only lossless …] [--questions 1 --icc 0]

Outcomes are simulated (see `harness.gate.planning.simulate`); nothing here says anything about a language model. Each
of the 208 slices has a baseline accuracy of its own, drawn once from Beta(6, 1.5) with seed 0. Margins: 2 points over
all, 4 points a cell, 30 points a slice; alpha 5 % one-sided. With --questions, so many samples share a context, and
--icc is both the true correlation and the policy's.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import pandas as pd

from harness.gate import Policy
from harness.gate.planning.simulate import Rates, Scenario, Truth, made_up, simulate, uniform
from harness.gate.policy import PolicyFile
from harness.store import Comparison

CELLS, LANGUAGES, SAMPLES = 8, 26, 50


def main() -> None:
    arguments = _arguments()
    skeleton = skeleton_of_slices(arguments.questions)
    accuracies = np.random.default_rng(0).beta(6, 1.5, CELLS * LANGUAGES)
    slices = skeleton.pairs["task"] + skeleton.pairs["axis.language"]
    by_slice = dict(zip(dict.fromkeys(slices), accuracies, strict=True))
    policy = benchmark_policy(arguments.icc)
    truth = Truth(flip_rate=arguments.flip_rate, icc=arguments.icc, per_sample=slices.map(by_slice).to_numpy())
    print("| scenario | pass | regressed | inconclusive | seconds |\n|---|---|---|---|---|")
    for scenario in scenarios_of(slices):
        if not arguments.only or scenario.name in arguments.only:
            start = time.perf_counter()
            rates = simulate(skeleton, scenario, policy, truth, replicates=arguments.replicates)
            print(_line(rates, time.perf_counter() - start), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--flip-rate", type=float, default=0.04)
    parser.add_argument("--questions", type=int, default=1)
    parser.add_argument("--icc", type=float, default=0.0)
    parser.add_argument("--only", nargs="*", default=[])
    return parser.parse_args()


def benchmark_policy(icc: float) -> Policy:
    """Return margins of 2 points over all, 4 a cell and 30 a slice."""
    defaults = {"margin": 0.04, "overall_margin": 0.02, "slices": ["language"], "slice_margin": 0.3, "icc": icc}
    return Policy("benchmark", PolicyFile.model_validate({"version": 1, "defaults": defaults}))


def skeleton_of_slices(questions: int) -> Comparison:
    """Lay out the samples; those of one slice share contexts by `questions`."""
    rows = [
        {
            "task": f"task{cell}",
            "length": 32768,
            "context_id": f"{cell}/{language}/{sample // questions}",
            "sample_id": f"{cell}/{language}/{sample}",
            "replicate": 0,
            "axis.language": f"l{language:02d}",
        }
        for cell in range(CELLS)
        for language in range(LANGUAGES)
        for sample in range(SAMPLES)
    ]
    return made_up(pd.DataFrame(rows))


def scenarios_of(slices: pd.Series) -> list[Scenario]:
    """Return what may be true of the candidate, given the name of each sample's slice."""
    names = list(dict.fromkeys(slices))

    def hit(count: int, points: float, rest: float = 0.0) -> Scenario:
        chosen = slices.isin(names[:: len(names) // count][:count]).to_numpy()
        loss = np.where(chosen, points / 100, rest / 100)
        return Scenario(f"{count} slices -{points:g}" + (f", rest {-rest:+g}" if rest else ""), "", lambda _: loss)

    uniform_ones = [Scenario(f"uniform -{p}", "", uniform(p)) for p in (1, 2, 3, 5)]
    return [
        Scenario("no change", "", uniform(0)),
        *uniform_ones,
        hit(1, 20),
        hit(1, 40),
        hit(3, 40),
        hit(5, 60, rest=-1.5),
    ]


def _line(rates: Rates, seconds: float) -> str:
    cells = [
        f"{100 * e.value:.1f} [{100 * e.low:.1f}, {100 * e.high:.1f}]"
        for e in (rates.states["pass"], rates.states["regressed"], rates.states["inconclusive"])
    ]
    return f"| {rates.scenario.name} | {' | '.join(cells)} | {seconds:.0f} |"


if __name__ == "__main__":
    sys.exit(main())
