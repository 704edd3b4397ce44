"""Several unchanged candidates against one baseline: how often is any called regressed, together and one by one?

    python benchmarks/several.py [--draws 400] [--candidates 5] [--flip-rate 0.08]

Simulated outcomes, no model: 4 tasks x 200 independent samples, one baseline that is right on 85 %, and so many
candidates that differ from it on the flip rate of the samples, as often for the better as for the worse. The margin is
half a point, so that hardly anything but the tests of harm decides. `one damaged` takes 10 points from one task of the
first candidate. "Alone" is what as many separate gates say. Intervals are Clopper-Pearson, 95 %; the seed is fixed.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial

import numpy as np
from gate_rates import skeleton_of_slices

from harness.gate import Policy, Verdict, decide
from harness.gate.decide import Counted, conclude, count
from harness.gate.policy import PolicyFile
from harness.gate.several import Others, decide_together
from harness.stats import clopper_pearson
from harness.store import Comparison

TASKS, SAMPLES = 4, 200
ACCURACY, DAMAGE = 0.85, 0.1
MARGIN = 0.005


def main() -> None:
    arguments = _arguments()
    samples = skeleton_of_slices(1)
    tasks = [f"task{number}" for number in range(TASKS)]
    kept = samples.pairs[samples.pairs["task"].isin(tasks)].groupby("task").head(SAMPLES).reset_index(drop=True)
    skeleton = replace(samples, pairs=kept, planned=len(kept))
    policy = Policy("benchmark", PolicyFile.model_validate({"version": 1, "defaults": {"margin": MARGIN}}))
    print("| truth | any unchanged one regressed, together | alone | the first one, together | alone |")
    print("|---" * 5 + "|")
    for truth, damaged in (("no change", False), ("one damaged", True)):
        tallies = []
        for draw in range(arguments.draws):
            drawn = _draw(skeleton, arguments, damaged, np.random.default_rng((draw, damaged)))
            together = decide_together([partial(_decided, count(each, policy)) for each in drawn])
            tallies.append((_regressed(together), _regressed([decide(each, policy) for each in drawn])))
        print(_line(truth, tallies, damaged), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--candidates", type=int, default=5)
    parser.add_argument("--flip-rate", type=float, default=0.08)
    return parser.parse_args()


def _decided(counted: Counted, others: Others | None) -> Verdict:
    return conclude(counted, others=others)


def _regressed(verdicts: list[Verdict]) -> list[bool]:
    return [verdict.state == "regressed" for verdict in verdicts]


def _draw(
    skeleton: Comparison, arguments: argparse.Namespace, damaged: bool, rng: np.random.Generator
) -> list[Comparison]:
    """Draw the outcomes of all candidates beside one baseline; only the first one may be damaged."""
    n, half = len(skeleton.pairs), arguments.flip_rate / 2
    base = rng.random(n) < ACCURACY
    hit = (skeleton.pairs["task"] == skeleton.pairs["task"].iloc[0]).to_numpy()
    found = []
    for number in range(arguments.candidates):
        loss = np.where(hit, DAMAGE, 0.0) if damaged and number == 0 else 0.0
        changed = rng.random(n)
        cand = np.where(base, changed >= (half + loss) / ACCURACY, changed < half / (1 - ACCURACY))
        pairs = skeleton.pairs.assign(base_correct=base, cand_correct=cand, base_mode=None, cand_mode=None)
        found.append(replace(skeleton, pairs=pairs))
    return found


def _line(truth: str, tallies: list[tuple[list[bool], list[bool]]], damaged: bool) -> str:
    unchanged = [sum(any(each[kind][int(damaged) :]) for each in tallies) for kind in (0, 1)]
    first = [sum(each[kind][0] for each in tallies) for kind in (0, 1)]
    return f"| {truth} | {' | '.join(_share(count, len(tallies)) for count in (*unchanged, *first))} |"


def _share(count: int, n: int) -> str:
    low, high = clopper_pearson(count, n)
    return f"{100 * count / n:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


if __name__ == "__main__":
    main()
