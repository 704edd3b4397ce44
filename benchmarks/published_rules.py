"""What published acceptance rules say on the same data as the gate, on simulated outcomes and on recorded runs.

    python benchmarks/published_rules.py [--draws 400] [--flip-rate 0.04] [--only "no change" …] [--gate]
    python benchmarks/published_rules.py --runs BASELINE CANDIDATE… [--policy gate.toml]

Every rule here is our re-implementation from its published description; it is not its authors' code, and each was made
for another purpose than ours (docs/published_rules.md says which). Simulated data are those of gate_rates.py: 8 tasks x
26 languages x 50 independent samples. A task stands for one of a rule's benchmarks; MLPerf, which has one accuracy for
a benchmark, sees all samples as one. --gate adds our own gate, which takes a quarter of a second a draw. Rates have
95 % Clopper-Pearson intervals.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd
from gate_rates import CELLS, LANGUAGES, benchmark_policy, scenarios_of, skeleton_of_slices
from scipy.stats import norm, t

from harness.gate import Policy, decide, load_policy
from harness.gate.planning.simulate import Truth, outcomes
from harness.stats import clopper_pearson
from harness.store import load_run, pair

ACCEPTED = ("PASS", "ACCEPT", "GO")


@dataclass(frozen=True)
class Task:
    """Paired scores of one benchmark, from 0 to 1, and mean tokens of a reply where known."""

    base: np.ndarray
    cand: np.ndarray
    base_tokens: float | None = None
    cand_tokens: float | None = None

    @property
    def means(self) -> tuple[float, float]:
        """Score of the baseline and of the candidate."""
        return float(self.base.mean()), float(self.cand.mean())

    @property
    def drop(self) -> float:
        """Baseline less candidate, as one division, so that a drop of just the threshold is not lost to rounding."""
        return float((self.base - self.cand).mean())


def mlperf(tasks: Sequence[Task], share: float = 0.99) -> str:
    """MLPerf Inference, closed division: at least 99 % (or 99.9 %) of the reference's score.

    For Llama 3.1 405B also tokens a sample between 90 % and 110 % of the reference's (inference_policies ac93e89). The
    reference is a constant there; here it is the baseline as measured, over all samples.
    """
    whole = Task(np.concatenate([each.base for each in tasks]), np.concatenate([each.cand for each in tasks]))
    base, cand = whole.means
    ratios = [each.cand_tokens / each.base_tokens for each in tasks if each.base_tokens and each.cand_tokens]
    long = bool(ratios) and not 0.9 <= float(np.mean(ratios)) <= 1.1
    return "FAIL" if cand < share * base or long else "PASS"


def mlperf_strict(tasks: Sequence[Task]) -> str:
    """MLPerf Inference with the 99.9 % target."""
    return mlperf(tasks, 0.999)


def llm_compressor(tasks: Sequence[Task]) -> str:
    """llm-compressor's tests (ab1ba3e, tests/lmeval): candidate / baseline, rounded to two places, at least .95."""
    return "PASS" if all(round(cand / base, 2) >= 0.95 for base, cand in (each.means for each in tasks)) else "FAIL"


def modelopt(tasks: Sequence[Task]) -> str:
    """NVIDIA ModelOpt, day-0 release (a2fbac7, gate_compare.py): no task drops by more than 1 point.

    A task that gains more than 5 points makes the result ANOMALOUS, which comes first.
    """
    drops = [each.drop for each in tasks]
    if min(drops) < -0.05:
        return "ANOMALOUS"
    return "REGRESSION" if max(drops) > 0.01 else "ACCEPT"


def vllm(tasks: Sequence[Task], rtol: float = 0.08) -> str:
    """The lm-eval tests of vLLM (0731554, rtol .05; .08 since): np.isclose of expected and measured, two-sided."""
    return "PASS" if all(np.isclose(*each.means, rtol=rtol) for each in tasks) else "FAIL"


def nemo(tasks: Sequence[Task], max_drop: float = 0.015) -> str:
    """NeMo Evaluator, `nel gate` (ac66aff): the 95 % t interval of the paired deltas against max_drop, task by task.

    A task breaches when the whole interval lies beyond, passes when none of it does. Any breach is NO-GO, all passes
    are GO, anything else, or fewer than ten pairs, is INCONCLUSIVE. Without categories, no relative guard.
    """
    states = [_nemo_task(each.base - each.cand, max_drop) for each in tasks]
    return "NO-GO" if "BREACH" in states else "GO" if set(states) == {"PASS"} else "INCONCLUSIVE"


def _nemo_task(damage: np.ndarray, max_drop: float) -> str:
    n = len(damage)
    if n < 10:
        return "INSUFFICIENT_EVIDENCE"
    half = float(t.ppf(0.975, n - 1)) * float(damage.std(ddof=1)) / sqrt(n)
    low, high = float(damage.mean()) - half, float(damage.mean()) + half
    return "BREACH" if low > max_drop else "PASS" if high <= max_drop else "INSUFFICIENT_EVIDENCE"


def trt_threshold(n: int, sigma: float = 50.0, alpha: float = 0.05) -> float:
    """Return how many points below the reference TensorRT-LLM's test still accepts n samples."""
    return float(norm.isf(alpha)) * sqrt(2 * sigma**2 / n)


def trt_theta(n: int, sigma: float = 50.0, alpha: float = 0.05, beta: float = 0.2) -> float:
    """Return the drop in points that TensorRT-LLM's test is meant to find with probability 1 - beta."""
    return float(norm.isf(alpha) + norm.isf(beta)) * sqrt(2 * sigma**2 / n)


def tensorrt_llm(tasks: Sequence[Task]) -> str:
    """TensorRT-LLM's accuracy tests (README at 1374a96): a two-sample z test with sigma 50 points, alpha 5 %."""
    return "FAIL" if any(100 * each.drop > trt_threshold(len(each.base)) for each in tasks) else "PASS"


RULES: Mapping[str, Callable[[Sequence[Task]], str]] = {
    "MLPerf 99 %": mlperf,
    "MLPerf 99.9 %": mlperf_strict,
    "llm-compressor .95": llm_compressor,
    "ModelOpt 1 point": modelopt,
    "vLLM rtol .08": vllm,
    "nel gate 1.5 points": nemo,
    "TensorRT-LLM": tensorrt_llm,
}


COLUMNS: Mapping[str, tuple[Callable[[Sequence[Task]], str], Sequence[str]]] = {
    **{name: (rule, ACCEPTED) for name, rule in RULES.items()},
    "nel gate: NO-GO": (nemo, ("NO-GO",)),
}
OURS = ("pass", "regressed", "inconclusive")


def tasks_of(pairs: pd.DataFrame) -> dict[tuple[str, int], Task]:
    """Return the scores of each task at each length."""
    found = {}
    for (task, length), rows in pairs.groupby(["task", "length"], sort=True):
        tokens = [
            float(rows[name].astype(float).mean()) if name in rows and rows[name].notna().all() else None
            for name in ("base_completion_tokens", "cand_completion_tokens")
        ]
        scores = (rows[name].to_numpy(float) for name in ("base_correct", "cand_correct"))
        found[str(task), int(length)] = Task(*scores, *tokens)
    return found


def main() -> None:
    arguments = _arguments()
    if arguments.runs:
        _real(arguments.runs, load_policy(arguments.policy))
    else:
        _simulated(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--flip-rate", type=float, default=0.04)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--runs", nargs="*", type=Path, default=[])
    parser.add_argument("--policy", type=Path)
    return parser.parse_args()


def _simulated(arguments: argparse.Namespace) -> None:
    skeleton = skeleton_of_slices(1)
    slices = skeleton.pairs["task"] + skeleton.pairs["axis.language"]
    accuracies = np.random.default_rng(0).beta(6, 1.5, CELLS * LANGUAGES)
    by_slice = dict(zip(dict.fromkeys(slices), accuracies, strict=True))
    truth = Truth(flip_rate=arguments.flip_rate, icc=0.0, per_sample=slices.map(by_slice).to_numpy())
    policy = benchmark_policy(0.0)
    shown = [*COLUMNS, *(OURS if arguments.gate else ())]
    print(f"| truth | {' | '.join(shown)} |\n" + "|---" * (len(shown) + 1) + "|")
    for scenario in scenarios_of(slices):
        if arguments.only and scenario.name not in arguments.only:
            continue
        counts = dict.fromkeys([*COLUMNS, *OURS], 0)
        for pairs in outcomes(skeleton.pairs, scenario, truth, arguments.draws, seed=0):
            tasks = list(tasks_of(pairs).values())
            for name, (rule, words) in COLUMNS.items():
                counts[name] += rule(tasks) in words
            if arguments.gate:
                counts[decide(replace(skeleton, pairs=pairs), policy).state] += 1
        print(
            f"| {scenario.name} | {' | '.join(_share(counts[name], arguments.draws) for name in shown)} |", flush=True
        )


def _share(count: int, n: int) -> str:
    low, high = clopper_pearson(count, n)
    return f"{100 * count / n:.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _real(paths: Sequence[Path], policy: Policy) -> None:
    baseline, *candidates = [load_run(path) for path in paths]
    print(f"| candidate | lost/gained of n | {' | '.join(RULES)} | gate |\n" + "|---" * (len(RULES) + 3) + "|")
    for candidate in candidates:
        comparison = pair(baseline, candidate)
        tasks = tasks_of(comparison.pairs)
        for place, task in tasks.items():
            lost, gained = int((task.base > task.cand).sum()), int((task.base < task.cand).sum())
            drop = 100 * (task.means[0] - task.means[1])
            print(f"{candidate.info.model} {place}: {lost}/{gained} of {len(task.base)}, drop {drop:.1f}, {task.means}")
        verdict = decide(comparison, policy)
        said = " | ".join(rule(list(tasks.values())) for rule in RULES.values())
        flips = comparison.pairs["base_correct"] != comparison.pairs["cand_correct"]
        lost = int((flips & comparison.pairs["base_correct"]).sum())
        counts = f"{lost}/{int(flips.sum()) - lost} of {len(flips)}"
        print(f"| {candidate.info.model} | {counts} | {said} | {verdict.state} |", flush=True)


if __name__ == "__main__":
    main()
