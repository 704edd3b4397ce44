"""What early stopping finds, what it costs and how often it is wrong, where the truth is known.

    python benchmarks/early_stopping.py [harm] [alarms] [pass] [cost] [--replicates 2000]

Outcomes are simulated; nothing here says anything about a language model. A context has 8 questions, whose paired
outcomes (lost, gained, the same) are drawn with a given share of symmetric flips, a given drop, and a correlation
within the context (ICC): with probability sqrt(ICC) a question takes the number that its context has drawn for all, so
that at ICC 1 contexts are lost as a whole. Evidence and thresholds are those of `harness.stats` and
`harness.gate.early.sequential`: alpha 5 % one-sided, 208 slices beside 8 cells and the overall row (shares 2, 1, 1).
All is looked at after every context. Rates come with the half-width of their 95 % Monte Carlo interval. All parts take
some ten minutes on a core.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from math import log, sqrt

import numpy as np

from harness.gate.decide import SHARES
from harness.gate.verdict import Scope
from harness.stats import betting_process, e_mcnemar, effective_n_of, harm_process, margin_process, upper_bound

ALPHA, QUESTIONS = 0.05, 8
CELLS, LANGUAGES, CONTEXTS = 8, 26, 160
NEVER = 10**9
_mcnemar = lru_cache(maxsize=None)(e_mcnemar)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=[])
    parser.add_argument("--replicates", type=int, default=2000)
    arguments = parser.parse_args()
    for part in (harm, alarms, pass_at_margin, cost):
        name = part.__name__.split("_")[0]
        if not arguments.parts or name in arguments.parts:
            start = time.perf_counter()
            for line in part(arguments.replicates):
                print(line, flush=True)
            print(f"({name}: {time.perf_counter() - start:.0f} s)\n", flush=True)


def threshold(scope: Scope, rows: int) -> float:
    """Return the e-value of harm that decides where there are slices, cells and an overall row."""
    weight = SHARES["slice"] + SHARES["cell"] + SHARES["overall"]
    return rows * weight / (SHARES[scope] * ALPHA)


def contexts(rng: np.random.Generator, shape: tuple[int, ...], *, drop: float, flips: float, icc: float) -> np.ndarray:
    """Draw the outcomes of questions, shape x 8: 1 lost, -1 gained, 0 the same."""
    numbers = np.where(
        rng.random((*shape, QUESTIONS)) < sqrt(icc), rng.random((*shape, 1)), rng.random((*shape, QUESTIONS))
    )
    return (numbers < flips / 2 + drop).astype(np.int8) - (numbers > 1 - flips / 2)


def harm(replicates: int) -> Iterator[str]:
    """How many contexts find a drop of 20 points, and by which bets."""
    yield "Contexts until a drop of 20 points is found: median (90th percentile)"
    yield "| hypotheses | flips | ICC | Beta(1, 1/3) | even | running mean, cap 0.75 | cap 0.9 |"
    yield "|---|---|---|---|---|---|---|"
    widest = 0.0
    for name, least in (("one", 1 / ALPHA), ("208 slices", threshold("slice", CELLS * LANGUAGES))):
        for flips in (0.04, 0.08):
            for icc in (0.0, 0.3, 1.0):
                rng = np.random.default_rng(1)
                drops = contexts(rng, (replicates, 300), drop=0.2, flips=flips, icc=icc).mean(axis=-1)
                stops = [_first(process(drops), least) for process in PROCESSES]
                widest = max(widest, _spread(stops[0]) / float(np.median(stops[0])))
                yield f"| {name} | {flips:.0%} | {icc:g} | {' | '.join(map(_quantiles, stops))} |"
    yield f"95 % intervals of the medians in the first column: at most ± {widest:.0%} of the median"


def even_bets(drops: np.ndarray) -> np.ndarray:
    """Return e-values of harm with the stake spread evenly over the bets."""
    nodes, weights = np.polynomial.legendre.leggauss(32)
    logs = np.log1p(drops[..., None] * (nodes + 1) / 2).cumsum(axis=-2)
    top = logs.max(axis=-1, keepdims=True)
    found: np.ndarray = np.exp(np.minimum(np.log(np.exp(logs - top) @ (weights / 2)) + top[..., 0], 700))
    return found


def running_bets(drops: np.ndarray, cap: float) -> np.ndarray:
    """Return e-values of harm with one bet, set by the drops before: `betting_process` turned round."""
    return np.array([betting_process((-row).tolist(), 0.0, cap=cap) for row in drops[:500]])


PROCESSES: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    lambda drops: harm_process(drops[..., None]),
    even_bets,
    lambda drops: running_bets(drops, 0.75),
    lambda drops: running_bets(drops, 0.9),
)


def alarms(replicates: int) -> Iterator[str]:
    """How often an unchanged candidate is called worse, in any of 217 rows, at any of 1,280 looks."""
    yield f"False alarms, 8 cells x 160 contexts x 8 questions, 208 slices of 49 samples, {replicates} runs"
    yield "| slices | flips | ICC | any row is called worse |"
    yield "|---|---|---|---|"
    for slices in ("of questions", "of contexts"):
        for flips in (0.02, 0.04, 0.08):
            rng = np.random.default_rng(2)
            wrong = sum(_alarm(rng, flips, 0.3, slices) for _ in range(replicates))
            yield f"| {slices} | {flips:.0%} | 0.3 | {_rate(wrong, replicates)} |"
    yield from _by_questions(replicates)


def _by_questions(replicates: int) -> Iterator[str]:
    """Say what happens where questions are counted as if they were independent, and whole contexts flip."""
    for flips in (0.04, 0.08):
        drops = contexts(np.random.default_rng(5), (replicates, CONTEXTS), drop=0.0, flips=flips, icc=1.0)
        losses, gains = ((drops == sign).sum(axis=-1).cumsum(axis=-1) for sign in (1, -1))
        wrong = sum(
            any(_mcnemar(int(lost), int(won)) >= 1 / ALPHA for lost, won in zip(*run, strict=True))
            for run in zip(losses, gains, strict=True)
        )
        yield f"| none, one row; questions by e_mcnemar | {flips:.0%} | 1 | {_rate(wrong, replicates)} |"


def _alarm(rng: np.random.Generator, flips: float, icc: float, slices: str) -> bool:
    """Run once and say whether any threshold was ever reached; estimates and margins would only take alarms away."""
    drops = contexts(rng, (CELLS, CONTEXTS), drop=0.0, flips=flips, icc=icc)
    means = drops.mean(axis=-1)
    if harm_process(means.T).max() >= threshold("overall", 1):
        return True
    if harm_process(means[..., None]).max() >= threshold("cell", CELLS):
        return True
    least = threshold("slice", CELLS * LANGUAGES)
    return any(_reaches(observed, least) for observed in _by_language(rng, drops, slices))


def _by_language(rng: np.random.Generator, drops: np.ndarray, slices: str) -> Iterator[np.ndarray]:
    """Yield the means of contexts, cells x contexts, of each language; 0, which bets nothing, where there is none."""
    if slices == "of contexts":
        language = np.broadcast_to(rng.permutation(np.arange(CONTEXTS) % LANGUAGES)[None, :, None], drops.shape)
    else:
        drawn = rng.permuted(np.tile(np.arange(CONTEXTS * QUESTIONS) % LANGUAGES, (CELLS, 1)), axis=1)
        language = drawn.reshape(drops.shape)
    for value in range(LANGUAGES):
        inside = language == value
        yield (drops * inside).sum(axis=-1) / np.maximum(inside.sum(axis=-1), 1)


def _reaches(means: np.ndarray, least: float) -> bool:
    """Say whether any cell's evidence ever reaches a threshold; where its losses alone cannot, nothing is computed."""
    able = np.log1p(np.maximum(means, 0)).sum(axis=-1) >= log(least)
    return bool(able.any()) and bool(harm_process(means[able][..., None]).max() >= least)


def pass_at_margin(replicates: int) -> Iterator[str]:
    """How often a candidate that drops by exactly its margin is passed, looked at after each of 400 contexts."""
    yield f"P(pass) with a drop of exactly 5 points, margin 5 points, 400 contexts, {replicates} runs"
    yield "| flips | ICC 0 | ICC 0.3 | ICC 1 |"
    yield "|---|---|---|---|"
    for flips in (0.0, 0.04, 0.08):
        found = []
        for icc in (0.0, 0.3, 1.0):
            rng = np.random.default_rng(3)
            drops = contexts(rng, (replicates, 400), drop=0.05, flips=flips, icc=icc).mean(axis=-1)
            passed = (margin_process(drops[..., None], 0.05).max(axis=-1) >= 1 / ALPHA).sum()
            found.append(_rate(int(passed), replicates))
        yield f"| {flips:.0%} | {' | '.join(found)} |"


def cost(replicates: int) -> Iterator[str]:
    """How many contexts an unchanged candidate needs for a pass, beside a run of fixed size."""
    replicates = min(replicates, 1000)
    yield "Contexts for a pass of an unchanged candidate, 8 questions each"
    yield "| margin | flips | ICC | sequential, median | 90 % | fixed, 50 % pass | 90 % pass | icc unset, 50 % | 90 % |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for margin in (0.05, 0.15):
        for flips, icc in ((0.0, 0.0), (0.02, 0.1), (0.04, 0.1), (0.04, 0.3), (0.08, 0.3)):
            rng = np.random.default_rng(4)
            drops = contexts(rng, (replicates, 800), drop=0.0, flips=flips, icc=icc)
            stops = _first(margin_process(drops.mean(axis=-1)[..., None], margin), 1 / ALPHA)
            half, most = (_at(stops, share) for share in (0.5, 0.9))
            known = [_fixed(drops, margin, icc, share) for share in (0.5, 0.9)]
            unset = [_fixed(drops, margin, 1.0, share) for share in (0.5, 0.9)]
            cells = [half, most, *map(str, known), *map(str, unset)]
            yield f"| {100 * margin:.0f} points | {flips:.0%} | {icc:g} | {' | '.join(cells)} |"


def _fixed(drops: np.ndarray, margin: float, icc: float, share: float) -> int:
    """Return the fewest contexts with which the procedure for a fixed size passes in that share of the runs."""
    runs = drops[:200]
    losses, gains = ((runs == sign).sum(axis=-1).cumsum(axis=-1) for sign in (1, -1))

    def enough(n: int) -> bool:
        worth = effective_n_of([QUESTIONS] * n, icc)
        each = worth / (n * QUESTIONS)
        counts, repeats = np.unique(np.stack([losses[:, n - 1], gains[:, n - 1]], axis=1), axis=0, return_counts=True)
        passed = sum(
            int(repeat) for (lost, won), repeat in zip(counts, repeats, strict=True)
            if upper_bound(lost * each, won * each, worth, ALPHA) < margin
        )  # fmt: skip
        return bool(passed >= share * len(runs))

    low, high = 1, int(runs.shape[1])
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _first(e_values: np.ndarray, least: float) -> np.ndarray:
    """Return after how many contexts a threshold is first reached."""
    reached = e_values >= least
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1) + 1, NEVER)


def _spread(stops: np.ndarray) -> float:
    """Return half the width of the 95 % interval of the median, by order statistics."""
    half = 0.98 / sqrt(len(stops))
    low, high = np.quantile(stops, [0.5 - half, 0.5 + half])
    return float(high - low) / 2


def _at(stops: np.ndarray, share: float) -> str:
    value = int(np.quantile(stops, share, method="higher"))
    return "more" if value == NEVER else str(value)


def _quantiles(stops: np.ndarray) -> str:
    return f"{_at(stops, 0.5)} ({_at(stops, 0.9)})"


def _rate(count: int, n: int) -> str:
    share = count / n
    half = 1.96 * sqrt(max(share * (1 - share), 1 / n) / n)
    return f"{100 * share:.1f} ± {100 * half:.1f} %"


if __name__ == "__main__":
    main()
