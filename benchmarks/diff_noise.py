"""How often `harness diff` calls a change a change, and noise a change, where the truth is known.

    python benchmarks/diff_noise.py [--draws 200] [--requests 300] [--repeats 2] [--noise 0.03] [--churn 0.02]

Simulated replies, no model. Each request has one answer; a reply is another one with probability `noise`, never the
same twice. `none`: the candidate has the baseline's answers. `churn`: it has another answer to a share `churn` of the
requests, picked anew in each draw. `swap`: replies are right or wrong (baseline 80 %), noise flips them, and a share
`churn` of the requests goes from right to wrong while as many go from wrong to right: no accuracy is lost. `-shared`:
five requests a context, noise of a context comes and goes as a whole, and so does the churn. Shares are of draws with
p at most 0.05, with Clopper-Pearson 95 % intervals; coverage is how often the 95 % interval holds the true excess.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np

from harness.diff.changes import Change, changes_of
from harness.diff.pairing import Item
from harness.diff.replies import NOT_JSON, Read
from harness.stats import clopper_pearson

CASES = ("none", "churn", "swap", "none-shared", "churn-shared")
A_CONTEXT = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--noise", type=float, default=0.03)
    parser.add_argument("--churn", type=float, default=0.02)
    parser.add_argument("--only", nargs="*", default=CASES, choices=CASES)
    arguments = parser.parse_args()
    print("| case | called a change, % | mean excess, % | true excess, % | coverage, % | seconds a draw |")
    print("|---" * 6 + "|")
    for case in arguments.only:
        print(_line(case, arguments), flush=True)


def _line(case: str, told: argparse.Namespace) -> str:
    started = time.perf_counter()
    churn = 0.0 if case.startswith("none") else told.churn
    found = [_change(case, told, churn, np.random.default_rng([seed, 7])) for seed in range(told.draws)]
    seconds = (time.perf_counter() - started) / told.draws
    contexts = told.requests // (A_CONTEXT if case.endswith("-shared") else 1)
    truth = _truth(case, told.noise, round(churn * contexts) / contexts)
    rejected = sum(each.p <= 0.05 for each in found)
    inside = sum(_holds(each, truth) for each in found)
    mean = float(np.mean([each.excess.value for each in found]))
    return (
        f"| {case} | {_share(rejected, told.draws)} | {100 * mean:.2f} | {100 * truth:.2f} "
        f"| {_share(inside, told.draws)} | {seconds:.2f} |"
    )


def _truth(case: str, noise: float, churn: float) -> float:
    """Return the expected excess: of texts, changed requests times the chance that neither reply is noise."""
    return 2 * churn * (1 - 2 * noise) ** 2 if case == "swap" else churn * (1 - noise) ** 2


def _holds(change: Change, truth: float) -> bool:
    low, high = change.excess.low, change.excess.high
    return low is not None and high is not None and low <= truth <= high


def _share(count: int, n: int) -> str:
    low, high = clopper_pearson(count, n)
    return f"{100 * count / n:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _change(case: str, told: argparse.Namespace, churn: float, rng: np.random.Generator) -> Change:
    size = A_CONTEXT if case.endswith("-shared") else 1
    contexts = told.requests // size
    moved = np.repeat(rng.permutation(contexts) < round(churn * contexts), size)
    if case == "swap":
        items = _swapped(told, round(churn * told.requests), rng)
    else:
        noise = np.repeat(rng.random((contexts, 2 * told.repeats)) < told.noise, size, axis=0)
        items = [_texts(at, size, bool(moved[at]), noise[at]) for at in range(contexts * size)]
    return next(change for change in changes_of(items) if change.level == "normalised")


def _texts(at: int, size: int, moved: bool, noise: np.ndarray) -> Item:
    half = len(noise) // 2
    texts = [
        f"noise {number}" if noisy else "other" if moved and number >= half else "usual"
        for number, noisy in enumerate(noise)
    ]
    return _item(at, at // size, texts)


def _swapped(told: argparse.Namespace, each_way: int, rng: np.random.Generator) -> list[Item]:
    right = np.arange(told.requests) < 0.8 * told.requests
    after = right.copy()
    after[rng.choice(np.flatnonzero(right), each_way, replace=False)] = False
    after[rng.choice(np.flatnonzero(~right), each_way, replace=False)] = True
    truth = np.repeat(np.stack([right, after], axis=1), told.repeats, axis=1)
    shown = truth ^ (rng.random(truth.shape) < told.noise)
    return [_item(at, at, ["right" if each else "wrong" for each in row]) for at, row in enumerate(shown)]


def _item(at: int, context: int, texts: Sequence[str]) -> Item:
    reads = tuple(Read(text, text, NOT_JSON, False, None, frozenset(), None, None, None) for text in texts)
    half = len(reads) // 2
    return Item(f"r{at}", f"c{context}", {}, (), reads[:half], reads[half:])


if __name__ == "__main__":
    main()
