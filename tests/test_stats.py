"""The statistics against published worked examples, to the printed digits, and their properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.multitest import multipletests

from harness.stats import (
    clopper_pearson,
    cluster_t,
    durkalski,
    effective_n,
    fay_lumbard_lower,
    fay_lumbard_upper,
    fewest_samples,
    holm,
    icc,
    mcnemar,
    mcnemar_mid_p,
    newcombe_interval,
    obuchowski,
    pass_probability,
    sign_flip,
    tango_interval,
    tango_p,
    upper_bound,
    wilson,
)

COUNTS = st.integers(0, 30)

# Psychiatry data of Donner and Petryshen (1989): size, b, c of each of 29 clusters.
PSYCHIATRY_N = "7 6 7 6 4 6 5 8 4 7 3 6 7 6 5 4 6 5 4 3 5 4 4 2 3 2 2 3 1"
PSYCHIATRY_B = "0 1 1 1 0 3 3 3 1 0 0 1 0 0 0 0 0 0 3 1 1 2 0 0 0 0 0 0 0"
PSYCHIATRY_C = "4 2 3 2 1 3 0 2 2 4 2 4 3 2 1 3 1 2 0 0 0 2 1 2 2 0 0 1 1"


def psychiatry() -> tuple[list[int], list[int], list[int]]:
    n, b, c = ([int(x) for x in row.split()] for row in (PSYCHIATRY_N, PSYCHIATRY_B, PSYCHIATRY_C))
    return n, b, c


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


def test_sign_flip_of_fractions_agrees_with_the_exact_one() -> None:
    drops = [3, 2, 2, -1, 1, 4, 0, 2, -2, 1]
    assert sign_flip([d / 3 for d in drops]) == pytest.approx(sign_flip(drops), abs=0.005)


def test_clustered_published() -> None:
    n, b, c = psychiatry()
    assert obuchowski(b, c) == pytest.approx(7.19, abs=0.005)
    assert durkalski(b, c, n) == pytest.approx(7.542, abs=0.0005)
    drops, clusters = [], []
    for index, (size, b_count, c_count) in enumerate(zip(n, b, c, strict=True)):
        drops += [1] * b_count + [-1] * c_count + [0] * (size - b_count - c_count)
        clusters += [index] * size
    found = cluster_t(drops, clusters)
    assert found.mean == pytest.approx(-0.21481481, abs=1e-8)
    assert found.se == pytest.approx(0.06729086, abs=1e-8)
    fit = OLS(np.array(drops, dtype=float), np.ones(len(drops))).fit(
        cov_type="cluster", cov_kwds={"groups": np.array(clusters)}
    )
    assert found.se == pytest.approx(float(fit.bse[0]), rel=1e-9)


def test_icc_of_identical_and_of_unrelated_clusters() -> None:
    assert icc([1, 1, 0, 0, 1, 1], [0, 0, 1, 1, 2, 2]) == pytest.approx(1.0)
    assert icc([1, 0, 1, 0, 1, 0], [0, 0, 1, 1, 2, 2]) == pytest.approx(-1.0)
    assert icc([1, 1, 1, 1], [0, 0, 1, 1]) is None


def test_holm_published_and_as_statsmodels() -> None:
    p = (0.001, 0.008, 0.012, 0.03, 0.2)
    assert holm(p) == pytest.approx([0.005, 0.032, 0.036, 0.06, 0.2])
    shuffled = (0.03, 0.2, 0.001, 0.012, 0.008)
    assert holm(shuffled) == pytest.approx(list(multipletests(shuffled, method="holm")[1]))


def test_proportions() -> None:
    assert wilson(10, 10)[0] == pytest.approx(0.7225, abs=1e-4)
    assert clopper_pearson(0, 10, 0.90)[1] == pytest.approx(0.2589, abs=1e-4)
    assert clopper_pearson(10, 10, 0.95) == (pytest.approx(0.6915, abs=1e-4), 1.0)


def test_design_effect() -> None:
    assert effective_n(160, 20, 0.0) == 160
    assert effective_n(160, 20, 1.0) == 20
    assert effective_n(160, 20, 0.1) == pytest.approx(160 / 1.7)


@pytest.mark.parametrize(("margin", "n"), [(0.05, 59), (0.02, 149), (0.01, 299)])
def test_fewest_samples(margin: float, n: int) -> None:
    assert fewest_samples(margin) == n
    assert upper_bound(0, 0, n, 0.05) < margin + 1e-4
    assert upper_bound(0, 0, n - 2, 0.05) > margin


def test_ten_identical_samples_prove_no_small_margin() -> None:
    assert upper_bound(0, 0, 10, 0.05) == pytest.approx(1 - 0.05**0.1, abs=1e-6)


def test_pass_probability_of_independent_samples() -> None:
    """At 5 points and 5 % flips, 247 unchanged samples pass about nine times in ten or more, 60 rarely."""
    assert pass_probability(247, 1, flip_rate=0.05, margin=0.05, icc=0) > 0.85
    assert pass_probability(60, 1, flip_rate=0.05, margin=0.05, icc=0) < 0.35
    assert pass_probability(20, 8, flip_rate=0.04, margin=0.03, icc=0.1) < 0.6
