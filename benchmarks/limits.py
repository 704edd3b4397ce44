"""Where the gate's error rates do not hold: the tables of docs/noise.md and docs/statistics.md on that, made again.

    python benchmarks/limits.py [--draws 3000]

Each line has its rate with a 95 % Clopper-Pearson interval; the seed is fixed. About two minutes on one core.
"""

from __future__ import annotations

import argparse

import numpy as np

from harness.stats import clopper_pearson, effective_n_of, growth, sign_flip, upper_bound

ALPHA = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=3000)
    draws = parser.parse_args().draws
    print("a candidate at the margin that fails by whole contexts, under a policy with an icc: passes")
    for contexts, questions, icc, margin in (
        (20, 8, 0.05, 0.05),
        (20, 8, 0.2, 0.05),
        (40, 8, 0.1, 0.05),
        (10, 6, 0.1, 0.15),
    ):
        passes = _whole_contexts(contexts, questions, icc, margin, draws)
        _say(f"{contexts} x {questions}, icc {icc}, margin {100 * margin:.0f} points", passes, draws)
    print("a mean drop of 0, gains in whole contexts, losses scattered: harm at 5 % and beyond the margin")
    for contexts, questions, gaining, margin in (
        (20, 8, 0.1, 0.05),
        (40, 8, 0.05, 0.05),
        (40, 8, 0.1, 0.05),
        (20, 8, 0.05, 0.05),
    ):
        harms = _lopsided(contexts, questions, gaining, margin, draws)
        _say(
            f"{contexts} x {questions}, {gaining:.0%} of the contexts gain, margin {100 * margin:.0f} points",
            harms,
            draws,
        )
    print("lengths that grow by 10 % through rare loops (0.5 % of the replies, 21 times as long), margin 10 %: passes")
    for contexts in (20, 40, 100):
        fewer = max(draws // 5, 1)
        _say(f"{contexts} x 8", _rare_loops(contexts, 8, fewer), fewer)


def _whole_contexts(contexts: int, questions: int, icc: float, margin: float, draws: int) -> int:
    """Count draws in which contexts are lost whole with the margin's probability, and the bound is below it."""
    rng = np.random.default_rng(1)
    worth = effective_n_of([questions] * contexts, icc)
    lost = rng.binomial(contexts, margin, draws) / contexts
    return sum(upper_bound(share * worth, 0.0, worth, ALPHA) < margin for share in lost)


def _lopsided(contexts: int, questions: int, gaining: float, margin: float, draws: int) -> int:
    """Count draws in which a candidate with a mean drop of 0 would be called worse."""
    rng = np.random.default_rng(2)
    lost = gaining / (1 - gaining)
    found = 0
    for _ in range(draws):
        gains = rng.random(contexts) < gaining
        drops = np.where(gains, -questions, rng.binomial(questions, lost, contexts)).astype(float)
        found += sign_flip(drops.tolist()) <= ALPHA and drops.sum() / (contexts * questions) > margin
    return found


def _rare_loops(contexts: int, questions: int, draws: int) -> int:
    """Count draws in which a growth of 10 % is taken for less than that."""
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(draws):
        base = rng.lognormal(6, 0.3, (contexts, questions))
        cand = base * np.where(rng.random(base.shape) < 0.005, 21, 1)
        found += growth(base.sum(axis=1), cand.sum(axis=1)).high < 1.10
    return found


def _say(what: str, count: int, draws: int) -> None:
    low, high = clopper_pearson(count, draws, 0.95)
    print(f"  {what}: {100 * count / draws:.1f} % [{100 * low:.1f}, {100 * high:.1f}], {draws} draws", flush=True)


if __name__ == "__main__":
    main()
