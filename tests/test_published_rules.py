"""Published acceptance rules, re-implemented: they give the figures that were published for them, or computed elsewhere."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy.stats import binom


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The study as a module; its neighbours are found beside it."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    return importlib.import_module("published_rules")


def scores(n: int, losses: int = 0, gains: int = 0, wrong: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return n paired scores: so many lost, gained, wrong in both; all others right in both."""
    base, cand = np.ones(n), np.ones(n)
    cand[:losses] = 0
    base[losses : losses + gains] = 0
    base[n - wrong :] = cand[n - wrong :] = 0
    return base, cand


def chances_of_net_losses(n: int, loss_rate: float, gain_rate: float) -> np.ndarray:
    """Return the probability of each number of losses less gains from -n to n."""
    found = np.ones(1)
    for _ in range(n):
        found = np.convolve(found, [gain_rate, 1 - loss_rate - gain_rate, loss_rate])
    return found


def chance(said: Callable[[np.ndarray, np.ndarray], bool], n: int, drop: float, flip_rate: float) -> float:
    """Return how often a rule that knows only the drop says something: losses come on top of even flips."""
    chances = chances_of_net_losses(n, flip_rate / 2 + drop, flip_rate / 2)
    nets = [net for net in range(-n, n + 1) if chances[net + n] > 1e-7]
    return float(sum(chances[net + n] for net in nets if said(*scores(n, losses=max(net, 0), gains=max(-net, 0)))))


@pytest.mark.parametrize(("n", "theta", "threshold"), [(512, 7.770234, 5.140168), (4096, 2.747193, 1.817324)])
def test_tensorrt_llms_table(rules: ModuleType, n: int, theta: float, threshold: float) -> None:
    assert (rules.trt_theta(n), rules.trt_threshold(n)) == pytest.approx((theta, threshold), abs=5e-7)


@pytest.mark.parametrize(("drop", "fails"), [(0.0, 0.000), (0.01, 0.000), (0.02, 0.006), (0.03, 0.050), (0.05, 0.447)])
def test_tensorrt_llm_takes_pairs_for_two_samples(rules: ModuleType, drop: float, fails: float) -> None:
    """At 512 samples and 6 % flips nominal 5 % of false alarms are none, and few true ones."""
    found = chance(lambda *pair: rules.tensorrt_llm([rules.Task(*pair)]) == "FAIL", 512, drop, 0.06)
    assert found == pytest.approx(fails, abs=0.003)


@pytest.mark.parametrize(
    ("tasks", "n", "flip_rate", "accepted"),
    [
        (10, 500, 0.06, (0.18, 0.12, 0.05, 0.00)),
        (10, 1000, 0.06, (0.40, 0.23, 0.06, 0.00)),
        (10, 200, 0.10, (0.04, 0.03, 0.02, 0.00)),
        (5, 200, 0.06, (0.26, 0.19, 0.12, 0.02)),
    ],
)
def test_modelopt_often_refuses_an_unchanged_model(
    rules: ModuleType, tasks: int, n: int, flip_rate: float, accepted: tuple[float, ...]
) -> None:
    def accept(drop: float) -> float:
        return chance(lambda *pair: rules.modelopt([rules.Task(*pair)]) == "ACCEPT", n, drop, flip_rate)

    unchanged = accept(0.0)
    found = [unchanged ** (tasks - 1) * accept(drop) for drop in (0.0, 0.01, 0.02, 0.05)]
    assert found == pytest.approx(accepted, abs=0.011)


@pytest.mark.parametrize(
    ("n", "passed"),
    [(10, (0.74, 0.60, 0.35)), (30, (0.40, 0.22, 0.04)), (50, (0.22, 0.08, 0.01)), (100, (0.05, 0.01, 0.00))],
)
def test_nel_gate_takes_no_flips_for_certainty(rules: ModuleType, n: int, passed: tuple[float, ...]) -> None:
    """Losses alone, at 3, 5 and 10 points: whenever none comes up, the interval is [0, 0]."""
    go = [rules.nemo([rules.Task(*scores(n, losses))]) == "GO" for losses in range(n + 1)]
    found = [float(binom.pmf(np.flatnonzero(go), n, drop).sum()) for drop in (0.03, 0.05, 0.10)]
    assert found == pytest.approx(passed, abs=0.006)


def test_nel_gate_has_three_answers(rules: ModuleType) -> None:
    def says(*pairs: tuple[np.ndarray, np.ndarray]) -> str:
        return str(rules.nemo([rules.Task(*pair) for pair in pairs]))

    assert says(scores(9)) == "INCONCLUSIVE"
    assert says(scores(10)) == "GO"
    assert says(scores(1000, 30, 20)) == "INCONCLUSIVE"
    assert says(scores(1000, 60, 10)) == "NO-GO"
    assert says(scores(1000), scores(1000, 60, 10), scores(9)) == "NO-GO"


def test_vllm_on_ten_needles(rules: ModuleType) -> None:
    """A model right in 90 % passes against 10 of 10 in 35 %, one right in 99 % fails in 10 %."""
    passes = [rules.vllm([rules.Task(*scores(10, losses))]) == "PASS" for losses in range(11)]
    by_errors = [float(binom.pmf(np.flatnonzero(passes), 10, rate).sum()) for rate in (0.10, 0.01)]
    assert by_errors == pytest.approx([0.349, 0.904], abs=0.001)


def test_vllm_refuses_what_became_much_better(rules: ModuleType) -> None:
    assert rules.vllm([rules.Task(*scores(100, gains=20))]) == "FAIL"
    assert rules.vllm([rules.Task(*scores(100, gains=5))]) == "PASS"


def test_llm_compressor_rounds_before_it_compares(rules: ModuleType) -> None:
    said = [rules.llm_compressor([rules.Task(*scores(1000, losses))]) for losses in (50, 54, 56)]
    assert said == ["PASS", "PASS", "FAIL"]


def test_mlperf_takes_a_share_of_the_reference_and_guards_the_length(rules: ModuleType) -> None:
    assert [rules.mlperf([rules.Task(*scores(1000, losses))]) for losses in (10, 11)] == ["PASS", "FAIL"]
    assert [rules.mlperf_strict([rules.Task(*scores(1000, losses))]) for losses in (1, 2)] == ["PASS", "FAIL"]
    lengths = [rules.mlperf([rules.Task(*scores(10), 100.0, tokens)]) for tokens in (89.0, 91.0, 109.0, 111.0)]
    assert lengths == ["FAIL", "PASS", "PASS", "FAIL"]


def test_modelopt_calls_a_large_gain_anomalous_before_it_calls_a_drop_a_regression(rules: ModuleType) -> None:
    drop, gain = rules.Task(*scores(100, losses=2)), rules.Task(*scores(100, gains=6))
    assert [rules.modelopt(tasks) for tasks in ([drop], [gain], [drop, gain])] == [
        "REGRESSION",
        "ANOMALOUS",
        "ANOMALOUS",
    ]
    assert rules.modelopt([rules.Task(*scores(500, losses=5))]) == "ACCEPT"
