"""Early stopping: vectors, closed forms, and what repeated looks cost."""

from __future__ import annotations

from itertools import product
from math import exp, inf, isinf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom

from harness.stats import (
    anytime_bounds,
    betting_process,
    contexts_without_loss,
    e_mcnemar,
    e_mcnemar_two_sided,
    harm_process,
    margin_process,
)

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


def over_all_bets(gains: list[float]) -> float:
    """Average the wealth over bets with the density of Beta(1, 1/3), by quadrature in u where the bet is 1 - u ** 3."""
    return float(quad(lambda u: np.prod([1 + (1 - u**3) * gain for gain in gains]), 0, 1)[0])


def test_harm_vector() -> None:
    """One loss is worth 1 + E[bet] = 1.75; a loss and a gain 1 - E[bet ** 2] = 5 / 14."""
    expected = [1, 1, 1, 1.75, 1.75, 5 / 14, 5 / 14, 5 / 14, 5 / 14, 5 / 14]
    assert harm_process(np.array(DROPS)) == pytest.approx(expected)


def test_margin_vector() -> None:
    expected = [1.039474, 1.080728, 1.123848, 0.267458, 0.273651, 0.407870, 0.418579, 0.429653, 0.441106, 0.452952]
    assert margin_process(np.array(DROPS), 0.05) == pytest.approx(expected, abs=5e-7)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=20), st.floats(-0.5, 0.9))
def test_both_processes_are_the_integral_over_bets(drops: list[float], margin: float) -> None:
    assert harm_process(np.array(drops))[-1] == pytest.approx(over_all_bets(drops), rel=1e-6, abs=1e-9)
    gains = [(margin - drop) / (1 - margin) for drop in drops]
    assert margin_process(np.array(drops), margin)[-1] == pytest.approx(over_all_bets(gains), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("margin", "needed"), [(0.02, 175), (0.05, 69), (0.1, 34), (0.15, 22), (0.3, 10)])
def test_a_margin_takes_so_many_contexts_without_any_flip(margin: float, needed: int) -> None:
    assert contexts_without_loss(margin, 0.05) == needed
    path = margin_process(np.zeros(needed), margin)
    assert path[-1] >= 20 > path[-2]


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.01, 1)), min_size=1, max_size=4),
    st.floats(0, 1),
)
def test_a_round_of_groups_is_a_fair_bet_however_the_groups_differ(
    groups: list[tuple[float, float, float]], chance: float
) -> None:
    """Each group's drop takes one of two values; where their weighted mean is at most 0, expected wealth is at most 1."""
    weights = [weight for _, _, weight in groups]
    means = [chance * high + (1 - chance) * low for high, low, _ in groups]
    excess = max(0.0, float(np.average(means, weights=weights)))
    values = [((high - excess) / (1 + excess), (low - excess) / (1 + excess)) for high, low, _ in groups]
    expected = 0.0
    for outcome in product((0, 1), repeat=len(groups)):
        drops = np.array([[value[place] for value, place in zip(values, outcome, strict=True)]])
        chances = [1 - chance if place else chance for place in outcome]
        expected += float(np.prod(chances)) * float(harm_process(drops, weights)[0])
    assert expected <= 1 + 1e-9


def test_groups_that_share_a_harm_bring_more_evidence_than_their_mean() -> None:
    rounds = np.full((10, 4), 0.2)
    assert harm_process(rounds)[-1] == pytest.approx(harm_process(np.full(40, 0.2))[-1])
    assert harm_process(rounds)[-1] > 50 * harm_process(rounds.mean(axis=1))[-1]


@given(st.lists(st.floats(-1, 1), max_size=25), st.floats(-0.9, 0.95))
def test_bounds_agree_with_the_tests(drops: list[float], margin: float) -> None:
    """The upper bound is the smallest margin ever proven; the lower one is the same of the arms swapped."""
    values = np.array(drops)
    low, high = anytime_bounds(values, 0.05)
    assert -1 <= low < high <= 1
    if drops and abs(high - margin) > 1e-6:
        assert (margin_process(values, margin).max() >= 20) == (high < margin)
    swapped = anytime_bounds(-values, 0.05)
    assert swapped == pytest.approx((-high, -low))


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), min_size=1, max_size=25), st.integers(0, 24))
def test_a_loss_turned_into_a_tie_never_makes_it_worse(drops: list[float], place: int) -> None:
    better = np.array(drops)
    better[place % len(drops)] -= 0.5 if better[place % len(drops)] > -1 else 0.0
    before = np.array(drops)
    assert (harm_process(better) <= harm_process(before) * (1 + 1e-9)).all()
    assert (margin_process(better, 0.1) >= margin_process(before, 0.1) * (1 - 1e-9)).all()


def test_evidence_never_overflows() -> None:
    assert harm_process(np.ones(3000))[-1] == inf
    assert margin_process(np.full(3000, -1.0), 0.1)[-1] == inf
    assert 0 <= margin_process(np.ones(3000), 0.1)[-1] < 1e-6


def whole_contexts(rng: np.random.Generator, shape: tuple[int, int], loss: float, gain: float) -> np.ndarray:
    """Draw means of eight questions, of which three in ten take what their context draws for all."""
    own, shared = rng.random((*shape, 8)), rng.random((*shape, 1))
    drawn = np.where(rng.random((*shape, 8)) < 0.3, shared, own)
    return np.asarray(((drawn < loss).astype(float) - (drawn > 1 - gain)).mean(axis=2))


def test_false_alarms_however_often_one_looks() -> None:
    runs = 600
    most = 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5
    unchanged = whole_contexts(np.random.default_rng(11), (runs, 200), 0.04, 0.04)
    assert np.mean(harm_process(unchanged[..., None]).max(axis=1) >= 20) <= most
    at_margin = whole_contexts(np.random.default_rng(12), (runs, 200), 0.07, 0.02)
    assert np.mean(margin_process(at_margin[..., None], 0.05).max(axis=1) >= 20) <= most


def test_a_drop_of_20_points_is_found_after_some_20_contexts() -> None:
    worse = whole_contexts(np.random.default_rng(13), (200, 120), 0.22, 0.02)
    reached = harm_process(worse[..., None]) >= 20
    assert reached.any(axis=1).all()
    assert np.median(reached.argmax(axis=1) + 1) <= 25
