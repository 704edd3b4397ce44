"""Paired tests and margins against published worked examples, to the printed digits, and their properties."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, multinomial

from harness.stats import (
    clopper_pearson,
    fay_lumbard_lower,
    fay_lumbard_upper,
    mcnemar,
    mcnemar_mid_p,
    mcnemar_mid_p_two_sided,
    mcnemar_two_sided,
    newcombe_interval,
    sign_flip,
    tang_interval,
    tang_p,
    tango_interval,
    tango_p,
    upper_bound,
    wilson,
)

COUNTS = st.integers(0, 30)


@pytest.mark.parametrize(
    ("losses", "gains", "two_sided", "two_sided_mid"),
    [
        (7, 1, 0.0703125, 0.0390625),  # Bentur 2009, in Fagerland et al. 2013
        (16, 6, 0.052479, 0.034690),  # Cavo 2012, in contingencytables
        (9, 2, 0.06543, None),  # the vignette of exact2x2
    ],
)
def test_mcnemar_published(losses: int, gains: int, two_sided: float, two_sided_mid: float | None) -> None:
    assert 2 * mcnemar(losses, gains) == pytest.approx(two_sided, abs=5e-6)
    if two_sided_mid is not None:
        assert 2 * mcnemar_mid_p(losses, gains) == pytest.approx(two_sided_mid, abs=5e-7)


def test_mcnemar_without_flips_shows_nothing() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar_mid_p(0, 0) == 0.5


@pytest.mark.parametrize(
    ("table", "level", "expected"),
    [
        ((4, 9, 3, 16), 0.95, (-0.027, 0.390)),  # Tango 1998, table VII
        ((43, 0, 1, 0), 0.90, (-0.096, 0.037)),  # Tango 1998, table V
        ((53, 16, 8, 9), 0.95, (-0.020, 0.207)),  # Agresti and Min 2005
        ((1, 1, 7, 12), 0.95, (-0.517, -0.026)),  # Fagerland 2014
        ((59, 6, 16, 80), 0.95, (-0.1240, -0.0054)),  # contingencytables
        ((8, 3, 1, 2), 0.95, (-0.1670, 0.4327)),  # Tang 2010
        ((0, 3, 0, 0), 0.95, (-0.1230, 1.0)),
        ((0, 0, 3, 0), 0.95, (-1.0, 0.1230)),
    ],
)
def test_tango_published(table: tuple[int, ...], level: float, expected: tuple[float, float]) -> None:
    _, losses, gains, _ = table
    digits = 4 if any(round(x, 3) != x for x in expected) else 3
    found = tango_interval(losses, gains, sum(table), level)
    assert [round(x, digits) for x in found] == pytest.approx(list(expected), abs=1e-9)


def test_tango_is_not_what_a_known_wrong_implementation_gives() -> None:
    low, high = tango_interval(9, 3, 32, 0.95)
    assert (round(low, 4), round(high, 4)) != (-0.0207, 0.3555)


def test_tango_without_flips() -> None:
    z2 = 1.6448536269514722**2
    assert tango_interval(0, 0, 100, 0.90)[1] == pytest.approx(z2 / (100 + z2), abs=1e-8)
    assert tango_p(0, 0, 100, z2 / (100 + z2)) == pytest.approx(0.05, abs=1e-8)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ((20, 12, 2, 16), (0.0562, 0.3292)),  # Newcombe 1998
        ((1, 1, 7, 12), (-0.507, -0.026)),
        ((59, 6, 16, 80), (-0.1186, -0.0046)),
        ((8, 3, 1, 2), (-0.1574, 0.4136)),
        ((1, 0, 0, 1), (-0.5734, 0.5734)),
    ],
)
def test_newcombe_published(table: tuple[int, int, int, int], expected: tuple[float, float]) -> None:
    assert newcombe_interval(*table) == pytest.approx(expected, abs=6e-4 if expected[0] == -0.507 else 6e-5)


@pytest.mark.parametrize(
    ("x", "m", "n", "expected"),
    [(1, 8, 21, (-0.5455, 0.0204)), (6, 22, 161, (-0.1268, 0.0006))],
)
def test_fay_lumbard_two_sided(x: int, m: int, n: int, expected: tuple[float, float]) -> None:
    found = fay_lumbard_lower(x, m - x, n, 0.975), fay_lumbard_upper(x, m - x, n, 0.975)
    assert found == pytest.approx(expected, abs=3e-4)


@pytest.mark.parametrize("n", [10, 100, 300])
def test_fay_lumbard_without_flips_is_the_rule_of_three(n: int) -> None:
    assert fay_lumbard_upper(0, 0, n, 0.95) == pytest.approx(1 - 0.05 ** (1 / n), abs=1e-9)


@given(losses=COUNTS, gains=COUNTS, ties=st.integers(1, 80))
def test_a_loss_turned_into_a_tie_never_looks_worse(losses: int, gains: int, ties: int) -> None:
    n = losses + 1 + gains + ties
    assert mcnemar(losses, gains) >= mcnemar(losses + 1, gains) - 1e-12
    assert tango_interval(losses, gains, n)[1] <= tango_interval(losses + 1, gains, n)[1] + 1e-9
    assert fay_lumbard_upper(losses, gains, n) <= fay_lumbard_upper(losses + 1, gains, n) + 1e-4


@given(losses=COUNTS, gains=COUNTS, ties=st.integers(1, 80))
def test_intervals_hold_the_estimate_and_mirror(losses: int, gains: int, ties: int) -> None:
    n = losses + gains + ties
    low, high = tango_interval(losses, gains, n)
    assert -1 <= low <= (losses - gains) / n <= high <= 1
    assert tango_interval(gains, losses, n) == pytest.approx((-high, -low), abs=1e-7)
    assert fay_lumbard_upper(losses, gains, n) >= (losses - gains) / n


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=1, max_size=40))
def test_sign_flip_with_one_sample_a_cluster_is_mcnemar(drops: list[int]) -> None:
    assert sign_flip(drops) == pytest.approx(mcnemar(drops.count(1), drops.count(-1)), abs=1e-12)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=10))
def test_sign_flip_is_the_share_of_all_sign_patterns(drops: list[int]) -> None:
    sizes = np.array([abs(d) for d in drops if d])
    patterns = np.array(np.meshgrid(*[[-1, 1]] * len(sizes))).reshape(len(sizes), -1) if len(sizes) else None
    expected = 1.0 if patterns is None else float(np.mean(sizes @ patterns >= sum(drops)))
    assert sign_flip(drops) == pytest.approx(expected, abs=1e-12)


def test_sign_flip_of_fractions_is_exact_too_and_otherwise_drawn_close_to_it() -> None:
    drops = [3, 2, 2, -1, 1, 4, 0, 2, -2, 1]
    assert sign_flip([d / 7 for d in drops]) == pytest.approx(sign_flip(drops), abs=1e-12)
    assert sign_flip([d * np.pi for d in drops]) == pytest.approx(sign_flip(drops), abs=0.003)


def test_proportions() -> None:
    assert wilson(10, 10)[0] == pytest.approx(0.7225, abs=1e-4)
    assert clopper_pearson(0, 10, 0.90)[1] == pytest.approx(0.2589, abs=1e-4)
    assert clopper_pearson(10, 10, 0.95) == (pytest.approx(0.6915, abs=1e-4), 1.0)


@pytest.mark.parametrize(
    ("losses", "gains", "two_sided", "mid"),
    [(7, 1, 0.0703125, 0.0390625), (1, 7, 0.0703125, 0.0390625), (6, 16, 0.052479, 0.034690)],
)
def test_mcnemar_two_sided_published(losses: int, gains: int, two_sided: float, mid: float) -> None:
    """Bentur 2009 and Cavo 2012, in Fagerland et al. 2013 and 2014."""
    assert mcnemar_two_sided(losses, gains) == pytest.approx(two_sided, abs=5e-7)
    assert mcnemar_mid_p_two_sided(losses, gains) == pytest.approx(mid, abs=5e-7)


@pytest.mark.parametrize(("rows", "flips"), [(1, 5), (10, 8), (50, 10), (200, 12)])
def test_fewest_flips_that_show_harm(rows: int, flips: int) -> None:
    assert mcnemar(flips, 0) <= 0.05 / rows < mcnemar(flips - 1, 0)


def test_without_samples_nothing_is_known() -> None:
    assert tango_interval(0, 0, 0) == newcombe_interval(0, 0, 0, 0) == (-1.0, 1.0)
    assert tango_p(0, 0, 0, 0.1) == fay_lumbard_upper(0, 0, 0) == 1.0
    assert fay_lumbard_lower(0, 0, 0) == -1.0


@given(losses=COUNTS, gains=COUNTS)
def test_mcnemar_is_the_binomial_test(losses: int, gains: int) -> None:
    flips = losses + gains
    expected = binomtest(losses, flips).pvalue if flips else 1.0
    assert mcnemar_two_sided(losses, gains) == pytest.approx(expected, rel=1e-9)
    assert mcnemar_mid_p(losses, gains) + mcnemar_mid_p(gains, losses) == pytest.approx(1.0)
    assert mcnemar_mid_p_two_sided(losses, gains) <= mcnemar_two_sided(losses, gains)
    assert mcnemar_mid_p_two_sided(2, 2) == pytest.approx(1 - 0.5 * 6 / 16)
    assert mcnemar_mid_p_two_sided(0, 0) == mcnemar_two_sided(0, 0) == 1.0


@pytest.mark.parametrize(
    ("table", "level", "expected", "digits"),
    [
        ((446, 16, 5, 690), 0.90, (0.958, 0.992), 3),  # Tang, Tang and Chan 2003
        ((43, 1, 0, 0), 0.90, (0.904, 1.039), 3),  # Tang, Tang and Chan 2003, with Tango's table V
        ((59, 16, 6, 80), 0.95, (0.7476, 0.9876), 4),  # contingencytables
    ],
)
def test_tang_published(table: tuple[int, ...], level: float, expected: tuple[float, float], digits: int) -> None:
    both, losses, gains, neither = table
    found = tang_interval(both, losses, gains, both + losses + gains + neither, level)
    assert found is not None
    assert tuple(round(x, digits) for x in found) == expected


@given(both=COUNTS, losses=COUNTS, gains=COUNTS, neither=COUNTS)
def test_tang_interval_is_what_its_test_does_not_reject(both: int, losses: int, gains: int, neither: int) -> None:
    n = both + losses + gains + neither
    found, mirrored = (tang_interval(both, *flips, n, 0.90) for flips in ((losses, gains), (gains, losses)))
    if both + losses + gains == 0:
        assert found is mirrored is tang_p(both, losses, gains, n, 0.9) is None
        return
    assert found is not None
    assert mirrored is not None
    low, high = found
    assert 0 <= low <= high
    assert mirrored[0] == pytest.approx(1 / high if high else 0, rel=1e-6)
    if both + losses and both + gains:
        assert low <= (both + gains) / (both + losses) <= high
        assert tang_p(both, losses, gains, n, low) == pytest.approx(0.05, abs=1e-6)


def test_a_ratio_of_nothing_is_unbounded_not_certain() -> None:
    """Three losses and nothing else: the test of no change gives z = 3 / sqrt(3), short of 1.96, so 1 is not excluded."""
    low, high = tang_interval(0, 3, 0, 10) or (1.0, 0.0)
    assert low == 0.0
    assert high > 1.0 > (tang_interval(0, 3, 0, 10, 0.90) or (0.0, 1.0))[1]
    assert tang_interval(0, 0, 3, 10) == (pytest.approx(1 / high), np.inf)


def size_at(n: int, margin: float, gain_rate: float, passes: Callable[[int, int], bool]) -> float:
    """Exact chance that a candidate whose true drop is the margin passes."""
    rates = [margin + gain_rate, gain_rate, 1 - margin - 2 * gain_rate]
    tables = [
        (x, y) for x in range(n + 1) for y in range(n + 1 - x) if multinomial.pmf([x, y, n - x - y], n, rates) > 1e-9
    ]
    return float(sum(multinomial.pmf([x, y, n - x - y], n, rates) for x, y in tables if passes(x, y)))


@pytest.mark.parametrize(("n", "margin", "tango"), [(11, 0.2, 0.086), (25, 0.1, 0.072), (65, 0.04, 0.070)])
def test_true_size_of_tango_and_of_the_bound_that_is_used(n: int, margin: float, tango: float) -> None:
    """Tango's test at 5 % lets a candidate at its margin pass too often where n is small; the gate's bound does not."""
    assert size_at(n, margin, 0, lambda x, y: tango_p(x, y, n, margin) < 0.05) == pytest.approx(tango, abs=6e-4)
    for gain_rate in (0.0, 0.01, 0.05):
        assert size_at(n, margin, gain_rate, lambda x, y: upper_bound(x, y, n, 0.05) < margin) <= 0.053
        assert size_at(n, margin, gain_rate, lambda x, y: fay_lumbard_upper(x, y, n) < margin) <= 0.05


@given(losses=st.integers(0, 9), gains=st.integers(0, 9), n=st.sampled_from([20, 59, 60, 61, 150]))
def test_the_bound_that_is_used_never_rises_when_a_sample_does_better(losses: int, gains: int, n: int) -> None:
    bound = upper_bound(losses + 1, gains, n, 0.05)
    assert upper_bound(losses, gains, n, 0.05) <= bound + 1e-7
    assert upper_bound(losses, gains + 1, n, 0.05) <= bound + 1e-7
    assert upper_bound(losses + 1, gains + 1, n, 0.05) <= bound + 1e-7


@given(losses=st.integers(0, 12), gains=st.integers(0, 12))
def test_fay_lumbard_agrees_with_exact_mcnemar(losses: int, gains: int) -> None:
    """Harm at 5 % by exact McNemar, exactly where the lower bound at 95 % is above no drop."""
    assert (fay_lumbard_lower(losses, gains, 40) > 1e-7) == (mcnemar(losses, gains) < 0.05)


def test_fay_lumbard_by_drawing() -> None:
    rng = np.random.default_rng(0)
    wins = rng.beta(4, 2, 400_000)
    expected = max(float(np.quantile(rng.beta(*share, 400_000) * (2 * wins - 1), 0.95)) for share in ((5, 36), (6, 35)))
    assert fay_lumbard_upper(3, 2, 40) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("n", "share", "by_wilson", "by_clopper_pearson"),
    [(30, 0.98, 0.978, 0.978), (50, 0.9, 0.970, 0.970), (50, 0.98, 0.922, 0.982), (100, 0.98, 0.949, 0.985)],
)
def test_exact_coverage(n: int, share: float, by_wilson: float, by_clopper_pearson: float) -> None:
    chances = binom.pmf(range(n + 1), n, share)
    for method, expected in ((wilson, by_wilson), (clopper_pearson, by_clopper_pearson)):
        held = [low <= share <= high for low, high in (method(x, n) for x in range(n + 1))]
        assert chances @ np.array(held) == pytest.approx(expected, abs=6e-4)


@pytest.mark.parametrize(
    ("margin", "needed"),
    [(0.10, (29, 46, 61, 76)), (0.15, (19, 30, 40, 50)), (0.20, (14, 22, 30, 37)), (0.30, (9, 14, 19, 24))],
)
def test_samples_at_which_few_losses_alone_prove_a_margin(margin: float, needed: tuple[int, ...]) -> None:
    """Whatever the gains: the drop is at most the rate of losses, bounded one-sided at 95 %."""
    for losses, n in enumerate(needed):
        assert clopper_pearson(losses, n, 0.90)[1] < margin <= clopper_pearson(losses, n - 1, 0.90)[1]


@given(successes=st.integers(0, 40), misses=st.integers(0, 40), level=st.sampled_from([0.8, 0.95]))
def test_proportion_intervals_are_those_of_scipy(successes: int, misses: int, level: float) -> None:
    n = successes + misses
    if n == 0:
        assert wilson(0, 0) == clopper_pearson(0, 0) == (0.0, 1.0)
        return
    found = binomtest(successes, n)
    for mine, method in ((wilson, "wilson"), (clopper_pearson, "exact")):
        low, high = found.proportion_ci(level, method=method)
        assert mine(successes, n, level) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
