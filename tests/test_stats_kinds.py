"""Kinds of failures, drift, positions, replies: published examples, exact small ones, properties."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import SquareTable

from harness.stats import (
    Variances,
    arm_swap,
    bhapkar,
    bowker,
    cluster_t,
    excess_flips,
    pass_at_k,
    pass_hat_k,
    position_profile,
    stuart_maxwell,
    variances,
    wilson,
)

# Unaided vision of 7477 women: Stuart (1955), grades of the right eye by grades of the left.
VISION = [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]

OUTCOMES = st.lists(st.tuples(st.sampled_from("cwat"), st.sampled_from("cwat")), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("test", "statistic", "df", "p"),
    [(stuart_maxwell, 11.9566, 3, 0.007533), (bhapkar, 11.9757, 3, 0.007467), (bowker, 19.1066, 6, 0.003987)],
)
def test_vision_published(test, statistic: float, df: int, p: float) -> None:  # type: ignore[no-untyped-def]
    found = test(VISION)
    assert (found.statistic, found.df, found.p) == (
        pytest.approx(statistic, abs=5e-5),
        df,
        pytest.approx(p, abs=5e-7),
    )


@given(st.lists(st.integers(1, 40), min_size=9, max_size=9))
def test_categories_agree_with_statsmodels(cells: list[int]) -> None:
    table = np.array(cells).reshape(3, 3)
    oracle = SquareTable(table, shift_zeros=False)
    for method, test in (("stuart_maxwell", stuart_maxwell), ("bhapkar", bhapkar)):
        expected, found = oracle.homogeneity(method), test(table.tolist())
        assert found is not None
        assert (found.statistic, found.df) == (pytest.approx(expected.statistic, abs=1e-7), expected.df)
    symmetry, found = oracle.symmetry("bowker"), bowker(table.tolist())
    assert found is not None
    assert (found.statistic, found.df) == (pytest.approx(symmetry.statistic, abs=1e-9), symmetry.df)


def test_two_categories_are_the_asymptotic_mcnemar() -> None:
    found = stuart_maxwell([[1, 7], [1, 12]])  # Bentur 2009, in Fagerland et al. 2014: p .0338949
    assert found is not None
    assert found.p == pytest.approx(0.0338949, abs=5e-8)


def test_categories_that_never_change_do_not_matter() -> None:
    with_idle = [[5, 3, 0, 0], [1, 4, 0, 0], [0, 0, 9, 0], [0, 0, 0, 0]]
    found, bare = stuart_maxwell(with_idle), stuart_maxwell([[5, 3], [1, 4]])
    assert found is not None
    assert bare is not None
    assert (found.statistic, found.df) == (pytest.approx(bare.statistic), bare.df)
    assert [test([[4, 0], [0, 2]]) for test in (stuart_maxwell, bhapkar, bowker)] == [None] * 3
    assert bhapkar([[0, 4], [0, 0]]) is None


def test_arm_swap_by_hand() -> None:
    found = arm_swap("ccccccwwaa", "ccaaaacwaa")
    assert (found.statistic, found.p, found.exact) == (pytest.approx(10 / 3), 4 / 32, True)


def test_arm_swap_of_nothing_changed() -> None:
    assert arm_swap("cw", "cw").p == 1.0
    assert arm_swap("", "").p == 1.0


@given(OUTCOMES, st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_arm_swap_is_the_share_of_all_swaps_of_contexts(pairs: list[tuple[str, str]], contexts: list[int]) -> None:
    contexts = contexts[: len(pairs)]

    def statistic(swapped: frozenset[int]) -> float:
        arms = [(b, a) if c in swapped else (a, b) for (a, b), c in zip(pairs, contexts, strict=True)]
        counts = [([a for a, _ in arms].count(k), [b for _, b in arms].count(k)) for k in "cwat"]
        return sum((a - b) ** 2 / (a + b) for a, b in counts if a + b)

    observed, names = statistic(frozenset()), sorted(set(contexts))
    subsets = [
        frozenset(n for n, on in zip(names, mask, strict=True) if on) for mask in product((0, 1), repeat=len(names))
    ]
    expected = np.mean([statistic(subset) >= observed - 1e-9 for subset in subsets])
    found = arm_swap([a for a, _ in pairs], [b for _, b in pairs], contexts)
    assert (found.statistic, found.p) == (pytest.approx(observed), pytest.approx(expected))


def test_arm_swap_of_many_changes_is_drawn_and_agrees_with_mcnemar() -> None:
    found = arm_swap(["c"] * 30 + ["w"] * 10, ["w"] * 30 + ["c"] * 10)
    assert not found.exact
    assert found.p == pytest.approx(0.00222, abs=0.001)  # two-sided exact McNemar of 30 losses and 10 gains: .002221


def test_excess_flips_by_hand() -> None:
    baseline = [[1, 1], [1, 1], [1, 0], [0, 0], [0, 0]]
    candidate = [[1, 1], [0, 0], [1, 1], [0, 0], [1, 1]]
    found = excess_flips(baseline, candidate)
    assert found is not None
    assert (found.between, found.within_baseline, found.within_candidate, found.excess) == pytest.approx(
        (0.5, 0.2, 0.0, 0.4)
    )


def test_excess_flips_need_two_replies_in_both_arms() -> None:
    assert excess_flips([[1], [0]], [[1, 1], [0, 0]]) is None
    assert excess_flips([[1, 1]], [[1]]) is None
    assert excess_flips([], []) is None


def test_excess_flips_see_a_change_that_the_score_does_not() -> None:
    """2 % of 300 samples lost and as many gained under 3 % noise: the truth is .04 * .94 ** 2 = .0353."""
    rng = np.random.default_rng(1)
    before = np.where(np.arange(300) % 10 < 7, 0.97, 0.03)
    after = before.copy()
    after[[*range(0, 60, 10), *range(7, 67, 10)]] = 1 - after[[*range(0, 60, 10), *range(7, 67, 10)]]

    def replies(chances: np.ndarray) -> list[list[int]]:
        return (rng.random((300, 2)) < chances[:, None]).astype(int).tolist()

    changed = [excess_flips(replies(before), replies(after), permutations=200) for _ in range(20)]
    same = [excess_flips(replies(before), replies(before), permutations=200) for _ in range(60)]
    assert np.mean([x.excess for x in changed if x]) == pytest.approx(0.0353, abs=0.005)
    assert all(x and x.p <= 0.05 for x in changed)
    assert np.mean([bool(x and x.p <= 0.05) for x in same]) <= 0.05 + 3 * (0.05 * 0.95 / 60) ** 0.5


def test_excess_flips_of_texts_equal_those_of_labels() -> None:
    texts = excess_flips([["x", "y"], ["x", "x"]], [["x", "x"], ["z", "z"]])
    labels = excess_flips([[0, 1], [0, 0]], [[0, 0], [2, 2]])
    assert texts == labels


def test_position_profile() -> None:
    depths, scores = [0.0, 0.1, 0.3, 0.55, 0.95, 1.0], [1, 1, 0, 1, 1, 0]
    profile = position_profile(depths, scores, bins=4)
    assert [(part.start, part.end, part.n, part.share) for part in profile] == [
        (0.0, 0.25, 2, 1.0),
        (0.25, 0.5, 1, 0.0),
        (0.5, 0.75, 1, 1.0),
        (0.75, 1.0, 2, 0.5),
    ]
    assert (profile[3].low, profile[3].high) == wilson(1, 2)


def test_position_profile_knows_nothing_where_nothing_stands() -> None:
    empty = position_profile([0.9], [1.0], bins=2)[0]
    assert (empty.n, empty.share, empty.low, empty.high) == (0, None, None, None)


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), max_size=40), st.integers(1, 8))
def test_position_profile_loses_no_sample(samples: list[tuple[float, int]], bins: int) -> None:
    profile = position_profile([d for d, _ in samples], [s for _, s in samples], bins=bins, worth=0.5)
    assert sum(part.n for part in profile) == len(samples)
    assert sum(part.n * (part.share or 0) for part in profile) == pytest.approx(sum(s for _, s in samples))


def test_pass_at_k_and_pass_hat_k_published() -> None:
    assert pass_at_k(3, 10, 5) == pytest.approx(0.9166667, abs=5e-8)
    assert pass_hat_k(6, 8, 4) == pytest.approx(0.2142857, abs=5e-8)
    assert pass_at_k(1, 2, 3) is pass_hat_k(1, 2, 3) is pass_at_k(1, 2, 0) is None


@given(st.integers(1, 12), st.data())
def test_pass_at_k_grows_and_pass_hat_k_falls(replies: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, replies))
    some, every = ([f(right, replies, k) or 0.0 for k in range(1, replies + 1)] for f in (pass_at_k, pass_hat_k))
    assert some[0] == pytest.approx(every[0]) == pytest.approx(right / replies)
    assert (some, every) == (sorted(some), sorted(every, reverse=True))
    assert (some[-1], every[-1]) == (right > 0, right == replies)


def test_variances_by_hand_and_recovered() -> None:
    assert variances([[0, 1], [1, 1]]) == Variances(0.0, 0.25)  # means .5 and 1 differ by chance alone
    assert variances([[0, 0], [1, 1]]) == Variances(0.5, 0.0)
    assert variances([[0, 1]]) is variances([[0], [1]]) is None
    rng = np.random.default_rng(2)
    chance = rng.beta(2, 2, size=3000)
    found = variances((rng.random((3000, 4)) < chance[:, None]).astype(float).tolist())
    assert found is not None
    assert (found.between, found.within) == (pytest.approx(0.05, abs=0.006), pytest.approx(0.2, abs=0.006))


def test_the_interval_of_mean_pass_at_k_is_over_samples() -> None:
    values = [pass_at_k(right, 10, 5) or 0.0 for right in (0, 1, 3, 10)]
    found = cluster_t(values, range(4)).interval(0.95)
    spread = float(np.std(values, ddof=1)) / 2
    assert found == pytest.approx((np.mean(values) - 3.182446 * spread, np.mean(values) + 3.182446 * spread), abs=1e-5)
