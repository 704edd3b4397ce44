"""What a plan can decide, and many tests at once: published sample sizes, exact power, oracles."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multinomial, norm
from statsmodels.stats.multitest import multipletests

from harness.stats import (
    Variances,
    benjamini_hochberg,
    contexts_needed,
    e_benjamini_hochberg,
    fewest_samples,
    holm,
    mcnemar,
    mcnemar_power,
    pass_probability,
    questions_per_context,
    replies_per_sample,
    samples_for_harm,
    samples_for_margin,
    samples_for_mean,
    smallest_drop,
    smallest_mean_drop,
    tarone,
    upper_bound,
)

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)
MILLER = Variances(between=1 / 9, within=1 / 6)


def test_holm_and_benjamini_hochberg_published() -> None:
    p = (0.001, 0.008, 0.012, 0.03, 0.2)
    assert holm(p) == pytest.approx([0.005, 0.032, 0.036, 0.06, 0.2])
    assert benjamini_hochberg(p) == pytest.approx([0.005, 0.02, 0.02, 0.0375, 0.2])
    assert holm([]) == benjamini_hochberg([]) == tarone([], []) == e_benjamini_hochberg([]) == []


@given(P_VALUES)
def test_holm_and_benjamini_hochberg_as_statsmodels(p: list[float]) -> None:
    assert holm(p) == pytest.approx(list(multipletests(p, method="holm")[1]))
    assert benjamini_hochberg(p) == pytest.approx(list(multipletests(p, method="fdr_bh")[1]))
    assert all(ranked <= strict + 1e-12 for ranked, strict in zip(benjamini_hochberg(p), holm(p), strict=True))


def test_tarone_does_not_count_tests_that_cannot_reject() -> None:
    """Ten rows, eight with one flip: only two could ever reach 5 % / 2, so those two are judged at 2.5 %."""
    flips = [(7, 0), (8, 1), *[(1, 0)] * 8]
    p = [mcnemar(*row) for row in flips]
    assert tarone(p, [2.0 ** -sum(row) for row in flips]) == [True, True] + [False] * 8
    assert min(holm(p)) > 0.05


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=1, max_size=10))
def test_tarone_rejects_whatever_bonferroni_does(rows: list[tuple[int, int]]) -> None:
    p = [mcnemar(*row) for row in rows]
    rejected = tarone(p, [2.0 ** -sum(row) for row in rows])
    assert all(found for found, value in zip(rejected, p, strict=True) if value <= 0.05 / len(rows))
    assert tarone(p, [0.0] * len(p)) == [value <= 0.05 / len(p) for value in p]


def test_tarone_keeps_the_family_wise_error() -> None:
    rng, runs = np.random.default_rng(8), 400
    wrong = 0
    for _ in range(runs):
        flips = rng.integers(0, 12, size=20)
        losses = rng.binomial(flips, 0.5)
        p = [mcnemar(int(x), int(m - x)) for x, m in zip(losses, flips, strict=True)]
        wrong += any(tarone(p, [2.0 ** -int(m) for m in flips]))
    assert wrong / runs <= 0.05 + 3 * sqrt(0.05 * 0.95 / runs)


def test_e_benjamini_hochberg() -> None:
    """Thresholds 100, 50, 33.3, 25, 20 at 5 %."""
    assert e_benjamini_hochberg((120, 31.9, 18.1, 5.3, 0.8)) == [True, False, False, False, False]
    assert e_benjamini_hochberg((0.8, 60, 34, 40, 5.3)) == [False, True, True, True, False]
    assert e_benjamini_hochberg((19.0,)) == [False]


def test_power_of_exact_mcnemar_published() -> None:
    """The vignette of exact2x2: powerPaired2x2(pb=.5, pc=.3, npairs=100), two-sided 5 %, gives .5693122."""
    assert mcnemar_power(0.5, 0.3, 100, 0.025) == pytest.approx(0.5693122, abs=2e-7)
    assert mcnemar_power(0.0, 0.0, 100) == 0.0


@pytest.mark.parametrize(
    ("n", "drop", "power"),
    [(30, 0.5, (0.93, 0.87, 0.69)), (50, 0.3, (0.87, 0.79, 0.60)), (100, 0.2, (0.95, 0.90, 0.80))],
)
def test_power_to_find_one_damaged_slice_of_20_50_and_200(n: int, drop: float, power: tuple[float, ...]) -> None:
    """With 2 % flips either way besides the drop, at 5 % over the number of slices."""
    found = [mcnemar_power(drop + 0.02, 0.02, n, 0.05 / slices) for slices in (20, 50, 200)]
    assert tuple(round(x, 2) for x in found) == power


def test_power_of_exact_mcnemar_adds_up_every_table() -> None:
    rates = [0.2, 0.05, 0.75]
    expected = sum(
        multinomial.pmf([x, y, 30 - x - y], 30, rates)
        for x in range(31)
        for y in range(31 - x)
        if mcnemar(x, y) <= 0.05
    )
    assert mcnemar_power(0.2, 0.05, 30) == pytest.approx(float(expected), abs=1e-12)


@pytest.mark.parametrize(
    ("drop", "flips", "n"),
    [
        (0.01, 0.04, 2471),
        (0.02, 0.04, 617),
        (0.02, 0.06, 926),
        (0.03, 0.06, 411),
        (0.05, 0.10, 246),
        (0.10, 0.15, 91),
        (0.30, 0.35, 22),
    ],
)
def test_samples_for_harm(drop: float, flips: float, n: int) -> None:
    assert samples_for_harm(drop, flips) == n
    assert smallest_drop(n, flips) == pytest.approx(drop, rel=0.03)
    found = smallest_drop(n, flips)
    assert found is not None
    assert found <= (norm.isf(0.05) + norm.ppf(0.8)) * sqrt(flips / n)
    assert mcnemar_power((flips + drop) / 2, (flips - drop) / 2, n) == pytest.approx(0.8, abs=0.09)


def test_drops_that_no_number_shows() -> None:
    assert samples_for_harm(0.0, 0.04) is samples_for_harm(0.05, 0.04) is None
    assert smallest_drop(10, 0.04) is smallest_drop(100, 0.0) is None


@pytest.mark.parametrize(
    ("margin", "flips", "n"),
    [
        *((0.01, 0.02, 1237), (0.01, 0.05, 3091), (0.01, 0.10, 6183), (0.02, 0.02, 309), (0.02, 0.05, 773)),
        *((0.05, 0.02, 59), (0.05, 0.05, 124), (0.05, 0.10, 247)),
    ],
)
def test_samples_for_margin(margin: float, flips: float, n: int) -> None:
    assert samples_for_margin(margin, flips) - n in {0, 1}  # the design's figures are to the nearest, ours rounded up


def test_samples_for_mean_published() -> None:
    """Miller 2024: omega squared 1/9, sigma squared 1/6, two-sided 5 %, power .8."""
    assert [samples_for_mean(0.03, MILLER, r, alpha=0.025) for r in (1, 10, inf)] == [3876, 1260, 969]
    found = [smallest_mean_drop(198, MILLER, r, alpha=0.025) for r in (1, 10)]
    assert found == pytest.approx([0.133, 0.076], abs=5e-4)


@pytest.mark.parametrize(("correlation", "ratio", "best"), [(0.05, 50, 31), (0.1, 50, 21), (0.3, 200, 22)])
def test_questions_per_context(correlation: float, ratio: float, best: int) -> None:
    found = questions_per_context(correlation, ratio, 1)
    assert found is not None
    assert round(found) == best

    def cost_of_precision(m: float) -> float:
        return (ratio + m) * (1 + (m - 1) * correlation) / m

    assert min(range(1, 200), key=cost_of_precision) in {best - 1, best, best + 1}


def test_optima_that_do_not_exist() -> None:
    assert questions_per_context(0.0, 50, 1) is replies_per_sample(Variances(0.0, 0.1), 1, 1) is None
    assert replies_per_sample(Variances(0.1, 0.4), 9, 1) == pytest.approx(6)


def test_contexts_needed() -> None:
    assert contexts_needed(lambda k: k / 100, 5, target=0.9) == 90
    assert contexts_needed(lambda k: 1.0, 5) == 5
    assert contexts_needed(lambda k: 0.5, 5, most=64) is None


@pytest.mark.parametrize(("margin", "n"), [(0.05, 59), (0.02, 149), (0.01, 299)])
def test_fewest_samples(margin: float, n: int) -> None:
    assert fewest_samples(margin) == n
    assert upper_bound(0, 0, n, 0.05) < margin + 1e-4
    assert upper_bound(0, 0, n - 2, 0.05) > margin


def test_ten_identical_samples_prove_no_small_margin() -> None:
    assert upper_bound(0, 0, 10, 0.05) == pytest.approx(1 - 0.05**0.1, abs=1e-6)


@pytest.mark.parametrize("n", [60, 247])
def test_pass_probability_adds_up_every_table_that_passes(n: int) -> None:
    tables = [(losses, gains) for losses in range(24) for gains in range(30)]
    passing = [table for table in tables if upper_bound(*table, n, 0.05) < 0.05]
    expected = sum(multinomial.pmf([x, y, n - x - y], n, [0.025, 0.025, 0.95]) for x, y in passing)
    assert pass_probability(n, 1, flip_rate=0.05, margin=0.05, icc=0) == pytest.approx(expected, abs=1e-6)


def test_pass_probability_counts_shared_contexts_at_what_they_are_worth() -> None:
    assert pass_probability(20, 8, flip_rate=0.04, margin=0.03, icc=0.1) == pass_probability(
        94, 1, flip_rate=0.04, margin=0.03, icc=0
    )
    assert pass_probability(59, 1, flip_rate=0.05, margin=0.05, icc=0) >= 0.975**59  # without a loss it passes
    assert pass_probability(58, 1, flip_rate=0, margin=0.05, icc=0) == 0
