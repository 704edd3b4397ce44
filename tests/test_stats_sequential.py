"""Early stopping: vectors, closed forms, and what repeated looks cost."""

from __future__ import annotations

from math import exp, inf, isinf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom

from harness.stats import betting_process, e_mcnemar, e_mcnemar_two_sided

DROPS = [0, 0, 0, 1, 0, -1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("losses", "gains", "one_sided", "two_sided"),
    [
        (5, 0, 10.5, 5.3333),
        (6, 0, 18.1429, 9.1429),
        (7, 0, 31.875, 16.0),
        (8, 0, 56.7778, 28.4444),
        (8, 1, 11.2556, 5.6889),
        (10, 2, 9.4406, 4.7739),
        (12, 3, 8.9065, 4.5011),
    ],
)
def test_e_mcnemar_vectors(losses: int, gains: int, one_sided: float, two_sided: float) -> None:
    assert e_mcnemar(losses, gains) == pytest.approx(one_sided, abs=5e-5)
    assert e_mcnemar_two_sided(losses, gains) == pytest.approx(two_sided, abs=5e-5)


@given(st.integers(0, 25), st.integers(0, 25))
def test_e_mcnemar_is_the_integrated_likelihood_ratio(losses: int, gains: int) -> None:
    expected = quad(lambda x: 2 * (2 * x) ** losses * (2 * (1 - x)) ** gains, 0.5, 1)[0]
    assert e_mcnemar(losses, gains) == pytest.approx(expected, rel=1e-7)


@given(st.integers(0, 300), st.integers(0, 300))
def test_e_mcnemar_is_fair_and_monotone(losses: int, gains: int) -> None:
    """Under a fair coin the expected next value is today's; a loss is evidence of harm, a gain against it."""
    now, lost, gained = e_mcnemar(losses, gains), e_mcnemar(losses + 1, gains), e_mcnemar(losses, gains + 1)
    assert (lost + gained) / 2 == pytest.approx(now, rel=1e-9)
    assert gained < now < lost


def test_e_mcnemar_far_out() -> None:
    assert e_mcnemar(0, 0) == e_mcnemar_two_sided(0, 0) == 1.0
    assert e_mcnemar(0, 3000) == pytest.approx(1 / 3001)
    assert isinf(e_mcnemar(4000, 0))
    assert e_mcnemar(0, 4000) < 1


def test_looking_after_every_flip_of_an_unchanged_model_raises_false_alarms_at_the_promised_rate() -> None:
    """Exact, by the distribution over (losses, gains) of the runs not yet stopped, for the first 300 flips."""
    going, stopped = {0: 1.0}, 0.0
    for flips in range(1, 301):
        after: dict[int, float] = {}
        for losses, chance in going.items():
            for now in (losses, losses + 1):
                after[now] = after.get(now, 0.0) + chance / 2
        stop = {losses for losses in after if losses > flips / 2 and e_mcnemar(losses, flips - losses) >= 20}
        stopped += sum(after[losses] for losses in stop)
        going = {losses: chance for losses, chance in after.items() if losses not in stop}
    assert 0.01 < stopped <= 0.05


def test_looking_at_a_fixed_n_test_after_every_flip_would_not() -> None:
    rng = np.random.default_rng(0)
    walks = (rng.random((400, 300)) < 0.5).cumsum(axis=1)
    flips = np.arange(1, 301)
    assert np.mean((binom.sf(walks - 1, flips, 0.5) <= 0.05).any(axis=1)) > 0.15


def test_betting_vector() -> None:
    expected = [1.026316, 1.053324, 1.081043, 0.540522, 0.540522, 0.540522, 0.545097, 0.550363, 0.556338, 0.563041]
    assert betting_process(DROPS, 0.05) == pytest.approx(expected, abs=5e-7)


def test_betting_on_no_flips_passes_after_the_stated_number_of_samples() -> None:
    for margin, needed in ((0.02, 296), (0.05, 116)):
        path = betting_process([0.0] * needed, margin)
        assert path[-1] >= 20 > path[-2]


@pytest.mark.parametrize("unit", [1.0, 0.125])
def test_a_candidate_at_its_margin_rarely_passes_however_often_one_looks(unit: float) -> None:
    rng, runs = np.random.default_rng(3), 300
    passed = 0
    for _ in range(runs):
        right = rng.random((400, round(1 / unit)))
        drops = ((right < 0.07).mean(axis=1) - (right > 0.98).mean(axis=1)).tolist()
        passed += max(betting_process(drops, 0.05)) >= 20
    assert passed / runs <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5


@given(st.lists(st.floats(-1, 1), max_size=30), st.floats(-0.5, 0.9), st.floats(-1, 1))
def test_betting_ignores_the_future_and_keeps_its_stake(drops: list[float], margin: float, last: float) -> None:
    path = betting_process(drops, margin)
    assert betting_process([*drops, last], margin)[: len(drops)] == path
    assert all(wealth > 0 for wealth in path)


def test_all_of_a_population_seen_is_certain() -> None:
    few = [0.0] * 98 + [1.0] * 2
    assert betting_process(few, 0.05, population=100)[-1] == inf
    assert betting_process([1.0] * 6 + [0.0] * 94, 0.05, population=100)[-1] < 20
    assert betting_process([0.0] * 96, 0.05, population=100)[-1] == inf  # four left cannot make up five
    assert betting_process([0.0] * 94, 0.05, population=100)[-1] < inf


def test_a_population_at_its_margin_rarely_passes() -> None:
    rng, runs = np.random.default_rng(5), 300
    drops = np.array([1.0] * 10 + [0.0] * 190)
    passed = sum(max(betting_process(rng.permutation(drops).tolist(), 0.05, population=200)) >= 20 for _ in range(runs))
    assert passed / runs <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5


def test_evidence_grows_at_the_growth_rate_of_the_bet() -> None:
    assert betting_process([0.0], 0.05)[0] == pytest.approx(1 + 0.5 / 0.95 * 0.05)
    assert betting_process([0.0] * 200, 0.05)[-1] == pytest.approx(exp(200 * np.log(1 + 0.5 / 0.95 * 0.05)))
