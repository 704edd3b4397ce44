"""Does a better candidate ever get a worse verdict? Random data sets, one loss of each turned into a tie.

    python benchmarks/monotone.py [--datasets 10000]

Each data set has its own number of contexts (3 to 120), questions (1 to 8), replies a sample (1 to 3), accuracy, flip
rate, drop, correlation of flips, margins, slices and policy. Besides, contexts that are byte for byte alike in both
models are compared with the same contexts with a few flips, where no row has gained on balance: they must never do
worse.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

import numpy as np
import pandas as pd

from harness.gate import Policy, decide
from harness.gate.planning.simulate import made_up
from harness.gate.policy import PolicyFile
from harness.stats import clopper_pearson
from harness.store import Comparison

ORDER = {"pass": 0, "inconclusive": 1, "regressed": 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=10_000)
    count = parser.parse_args().datasets
    rng = np.random.default_rng(0)
    worse = states = identical_worse = tried = compared = 0
    for _ in range(count):
        comparison, policy = _dataset(rng), _policy(rng)
        before = decide(comparison, policy)
        better = _without_a_loss(comparison, rng)
        if better is not None:
            tried += 1
            after = decide(better, policy)
            worse += ORDER[after.state] > ORDER[before.state]
            rows = zip(before.rows, after.rows, strict=True)
            states += any(ORDER[b.state] > ORDER[a.state] for a, b in rows if a.assessable and b.assessable)
        pairs = comparison.pairs
        same = decide(replace(comparison, pairs=pairs.assign(cand_correct=pairs["base_correct"])), policy)
        if all((row.drop.value or 0.0) >= 0 for row in before.rows):
            compared += 1
            identical_worse += ORDER[same.state] > ORDER[before.state]
    for name, bad, n in (
        ("a loss turned into a tie: verdict worse", worse, tried),
        ("a loss turned into a tie: some row worse", states, tried),
        ("identical replies: verdict worse than with flips", identical_worse, compared),
    ):
        low, high = clopper_pearson(bad, n, 0.95)
        print(f"{name}: {bad} of {n} (95 % interval {100 * low:.3f} to {100 * high:.3f} %)")


def _dataset(rng: np.random.Generator) -> Comparison:
    contexts, questions, runs = int(rng.integers(3, 121)), int(rng.integers(1, 9)), int(rng.choice([1, 1, 1, 2, 3]))
    accuracy, flips, drop, shared = rng.uniform(0.3, 1), rng.uniform(0, 0.15), rng.uniform(0, 0.3), rng.uniform(0, 1)
    n = contexts * questions
    context = np.repeat(np.arange(contexts), questions)
    cell = rng.integers(0, rng.integers(1, 4), contexts)[context]
    number = np.where(rng.random(n) < shared, rng.random(contexts)[context], rng.random(n))
    base = np.repeat(rng.random(n) < accuracy, runs)
    number = np.where(rng.random(n * runs) < 0.5, np.repeat(number, runs), rng.random(n * runs))
    cand = np.where(base, number >= flips / 2 + drop, number < flips / 2)
    pairs = pd.DataFrame(
        {
            "task": np.repeat(np.array([f"t{c}" for c in cell]), runs),
            "length": 1024,
            "context_id": np.repeat(np.array([f"c{c}" for c in context]), runs),
            "sample_id": np.repeat(np.array([f"s{i}" for i in range(n)]), runs),
            "replicate": np.tile(np.arange(runs), n),
            "base_correct": base,
            "cand_correct": cand,
            "base_mode": np.where(base, None, "wrong"),
            "cand_mode": np.where(cand, None, "wrong"),
            "axis.part": np.repeat(np.array([f"p{i % 3}" for i in range(n)]), runs),
        }
    )
    return made_up(pairs)


def _policy(rng: np.random.Generator) -> Policy:
    defaults = {
        "margin": float(rng.choice([0.02, 0.05, 0.1, 0.2])),
        "slices": ["part"] if rng.random() < 0.5 else [],
        "icc": [None, 0.0, 0.1, 0.5][int(rng.integers(4))],
        "population": "fixed" if rng.random() < 0.2 else "contexts",
    }
    modes = [{"mode": "wrong", "margin": 0.1}] if rng.random() < 0.3 else []
    severity = {"margin": 100.0} if rng.random() < 0.3 else None
    return Policy(
        "random", PolicyFile.model_validate({"version": 1, "defaults": defaults, "mode": modes, "severity": severity})
    )


def _without_a_loss(comparison: Comparison, rng: np.random.Generator) -> Comparison | None:
    pairs = comparison.pairs
    losses = np.flatnonzero(pairs["base_correct"] & ~pairs["cand_correct"])
    if not len(losses):
        return None
    right, mode = pairs["cand_correct"].to_numpy().copy(), pairs["cand_mode"].to_numpy().copy()
    at = rng.choice(losses)
    right[at], mode[at] = True, None
    return replace(comparison, pairs=pairs.assign(cand_correct=right, cand_mode=mode))


if __name__ == "__main__":
    sys.exit(main())
