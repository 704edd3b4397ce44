"""Clusters: published clustered data, what a sample in a large cluster is worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp
from statsmodels.regression.linear_model import OLS

from harness.stats import (
    ChiSquare,
    ClusterMean,
    cluster_t,
    durkalski,
    effective_n,
    effective_n_of,
    icc,
    obuchowski,
    wilson,
)

# Psychiatry data of Donner and Petryshen (1989): size, b, c of each of 29 clusters.
PSYCHIATRY_N = "7 6 7 6 4 6 5 8 4 7 3 6 7 6 5 4 6 5 4 3 5 4 4 2 3 2 2 3 1"
PSYCHIATRY_B = "0 1 1 1 0 3 3 3 1 0 0 1 0 0 0 0 0 0 3 1 1 2 0 0 0 0 0 0 0"
PSYCHIATRY_C = "4 2 3 2 1 3 0 2 2 4 2 4 3 2 1 3 1 2 0 0 0 2 1 2 2 0 0 1 1"

# Thyroid data of Obuchowski (1998): the same of 21 clusters.
THYROID_N = "3 3 3 1 3 4 3 2 2 1 3 2 3 2 2 3 3 3 2 1 2"
THYROID_B = "0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0"
THYROID_C = "2 1 0 0 1 0 0 0 0 0 0 0 0 0 2 0 0 1 0 0 0"

# Data of Liang and others (1992), as given by Short and others (2020): (events, cluster size, clusters).
LIANG = [
    *((0, 1, 36), (1, 1, 12), (0, 2, 15), (1, 2, 7), (2, 2, 1), (0, 3, 5), (1, 3, 7), (2, 3, 3), (3, 3, 2)),
    *((0, 4, 3), (1, 4, 3), (2, 4, 1), (0, 6, 1), (2, 6, 1), (3, 6, 1), (4, 6, 1), (6, 6, 1)),
]

CLUSTERED = st.lists(st.lists(st.integers(-1, 1), min_size=1, max_size=5), min_size=2, max_size=8)


def numbers(row: str) -> list[int]:
    return [int(x) for x in row.split()]


def samples(sizes: list[int], ups: list[int], downs: list[int]) -> tuple[list[float], list[int]]:
    values: list[float] = []
    clusters: list[int] = []
    for index, (size, up, down) in enumerate(zip(sizes, ups, downs, strict=True)):
        values += [1.0] * up + [-1.0] * down + [0.0] * (size - up - down)
        clusters += [index] * size
    return values, clusters


def statistic(found: ChiSquare | None) -> float:
    assert found is not None
    assert found.df == 1
    return found.statistic


def test_psychiatry_published() -> None:
    """Durkalski 2003 and Yang 2010."""
    n, b, c = numbers(PSYCHIATRY_N), numbers(PSYCHIATRY_B), numbers(PSYCHIATRY_C)
    assert statistic(obuchowski(b, c)) == pytest.approx(7.19, abs=0.005)
    assert statistic(durkalski(b, c, n)) == pytest.approx(7.542, abs=0.0005)
    found = cluster_t(*samples(n, b, c))
    assert found.mean == pytest.approx(-0.21481481, abs=5e-9)
    assert found.se == pytest.approx(0.06729086, abs=5e-9)
    assert found.df == 28


def test_thyroids_published() -> None:
    """Obuchowski's statistic as Durkalski (2003) gives it; the chi-square law gives the p of 2.86 as .091."""
    n, b, c = numbers(THYROID_N), numbers(THYROID_B), numbers(THYROID_C)
    assert sum(n) == 51
    assert statistic(obuchowski(b, c)) == pytest.approx(2.86, abs=0.005)
    assert statistic(durkalski(b, c, n)) == pytest.approx(2.32, abs=0.005)
    found = obuchowski(b, c)
    assert found is not None
    assert found.p == pytest.approx(0.091, abs=5e-4)


def test_icc_and_worth_of_unequal_clusters_published() -> None:
    """ICC .1855 (Short 2020), variance inflation 1.349 and Wilson interval (.2285, .3728) (Saha 2016, in ratesci)."""
    sizes = [size for _, size, times in LIANG for _ in range(times)]
    events = [event for event, _, times in LIANG for _ in range(times)]
    found = icc(*samples(sizes, events, [0] * len(sizes)))
    assert (sum(events), sum(sizes)) == (60, 203)
    assert found == pytest.approx(0.1855, abs=5e-5)
    worth = effective_n_of(sizes, found or 0.0)
    assert 203 / worth == pytest.approx(1.349, abs=5e-4)
    assert wilson(60 * worth / 203, worth) == pytest.approx((0.2285, 0.3728), abs=5e-5)
    assert effective_n(203, len(sizes), found or 0.0) > 1.1 * worth  # the mean size would promise too much


@given(CLUSTERED)
def test_cluster_t_is_least_squares_with_cluster_robust_covariance(groups: list[list[int]]) -> None:
    values = [float(x) for group in groups for x in group]
    clusters = [i for i, group in enumerate(groups) for _ in group]
    found = cluster_t(values, clusters)
    if len(values) > len(set(clusters)) and len(set(values)) > 1:
        fit = OLS(np.array(values), np.ones(len(values))).fit(
            cov_type="cluster", cov_kwds={"groups": np.array(clusters), "use_correction": False}
        )
        k = len(groups)
        assert found.se == pytest.approx(float(fit.bse[0]) * (k / (k - 1)) ** 0.5, abs=1e-9)
    assert found.mean == pytest.approx(sum(values) / len(values))
    assert found.df == len(groups) - 1


@given(CLUSTERED)
def test_arrays_and_lists_give_the_same(groups: list[list[int]]) -> None:
    values = [float(x) for group in groups for x in group]
    clusters = [f"c{i}" for i, group in enumerate(groups) for _ in group]
    assert cluster_t(np.array(values), np.array(clusters)).se == pytest.approx(cluster_t(values, clusters).se)
    assert icc(np.array(values), np.array(clusters)) == pytest.approx(icc(values, clusters))


def test_interval_and_p_of_a_clustered_mean() -> None:
    found = cluster_t([0.5, -0.1, 0.2, 0.2], "abcd")
    low, high = found.interval(0.90) or (0, 0)
    assert found.p_above(low) == pytest.approx(0.05)
    assert found.p_below(high) == pytest.approx(0.05)
    assert found.p_above() == pytest.approx(ttest_1samp([0.5, -0.1, 0.2, 0.2], 0, alternative="greater").pvalue)


def test_no_spread_or_one_cluster_proves_nothing() -> None:
    for found in (cluster_t([0, 0, 0, 0], "aabb"), cluster_t([1, 0, 1], "aaa")):
        assert found.interval() is found.p_above() is found.p_below(0.05) is None
    assert cluster_t([1, 0, 1], "aaa") == ClusterMean(pytest.approx(2 / 3), None, 0)
    with pytest.raises(ValueError, match="at least one"):
        cluster_t([], [])
    assert obuchowski([1, 0], [1, 0]) is durkalski([1, 0], [1, 0], [2, 2]) is None


def test_icc_of_identical_and_of_unrelated_clusters() -> None:
    assert icc([1, 1, 0, 0, 1, 1], [0, 0, 1, 1, 2, 2]) == pytest.approx(1.0)
    assert icc([1, 0, 1, 0, 1, 0], [0, 0, 1, 1, 2, 2]) == pytest.approx(-1.0)
    assert icc([1, 1, 1, 1], [0, 0, 1, 1]) is None
    assert icc([1, 0, 1], [0, 1, 2]) is None


def test_design_effect() -> None:
    assert effective_n(160, 20, 0.0) == 160
    assert effective_n(160, 20, 1.0) == 20
    assert effective_n(160, 20, 0.1) == pytest.approx(160 / 1.7)
    assert effective_n_of([], 0.5) == 0


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), st.floats(0, 1))
def test_unequal_clusters_are_never_worth_more_than_equal_ones(sizes: list[int], correlation: float) -> None:
    worth, equal = effective_n_of(sizes, correlation), effective_n(sum(sizes), len(sizes), correlation)
    assert 0 < worth <= equal * (1 + 1e-9)
    assert effective_n_of([5] * len(sizes), correlation) == pytest.approx(
        effective_n(5 * len(sizes), len(sizes), correlation)
    )


def test_worth_is_what_the_variance_of_a_mean_over_clusters_says() -> None:
    """Clusters of 1 and of 9 samples whose values share a cluster effect: variance of the mean is 1 / worth."""
    sizes, correlation = [1, 9] * 10, 0.3
    rng = np.random.default_rng(4)
    shared = np.repeat(rng.normal(size=(4000, len(sizes))), sizes, axis=1) * correlation**0.5
    own = rng.normal(size=shared.shape) * (1 - correlation) ** 0.5
    assert np.var((shared + own).mean(axis=1)) == pytest.approx(1 / effective_n_of(sizes, correlation), rel=0.08)


def test_size_of_tests_on_shared_contexts() -> None:
    """10 contexts of 20 samples that fail together: treating samples as independent cries wolf, cluster-t seldom."""
    rng, runs, naive, robust = np.random.default_rng(6), 400, 0, 0
    clusters = np.repeat(np.arange(10), 20)
    for _ in range(runs):
        drops = np.repeat(rng.normal(0, 0.2, 10), 20) + rng.normal(0, 0.4, 200)
        naive += drops.mean() / (drops.std(ddof=1) / 200**0.5) > 1.645
        robust += (cluster_t(drops.tolist(), clusters.tolist()).p_above() or 1.0) <= 0.05
    assert naive / runs > 0.15
    assert robust / runs <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5
