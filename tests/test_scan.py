"""The search for classes that nobody declared: right p-values on tables small enough to count, and only news reported."""

from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.gate import Policy, Scan, scan
from harness.gate.emit.scan import scan_text
from harness.gate.explore.classes import make_classes
from harness.gate.policy import PolicyFile
from harness.stats import class_statistics, max_statistic, mcnemar


def enumerated(drops: list[int], units: list[int], classes: list[list[int]]) -> list[float]:
    """Return the adjusted p of each class by trying every way to swap the arms of whole units."""

    def statistics(signs: tuple[int, ...]) -> list[float]:
        found = []
        for members in classes:
            sums = dict.fromkeys(units, 0)
            for i in members:
                sums[units[i]] += signs[units[i]] * drops[i]
            squares = sum(each * each for each in sums.values())
            found.append(sum(sums.values()) / sqrt(squares) if squares else 0.0)
        return found

    count = max(units) + 1
    maxima = [max(0.0, *statistics(signs)) for signs in product((1, -1), repeat=count)]
    observed = statistics((1,) * count)
    return [sum(each >= statistic - 1e-9 for each in maxima) / len(maxima) for statistic in observed]


def found_by(drops: list[int], units: list[int], classes: list[list[int]], permutations: int = 4096) -> list[float]:
    arrays = [np.array(members, dtype=int) for members in classes]
    test = max_statistic(np.array(drops, dtype=float), np.array(units), arrays, permutations=permutations)
    return [test.p(float(each)) for each in test.statistics]


def test_two_classes_apart_are_counted_by_hand() -> None:
    """Three losses in each of two classes: one of them is all losses in 1 - (7 / 8) ** 2 of the swaps."""
    assert found_by([1] * 6, list(range(6)), [[0, 1, 2], [3, 4, 5]]) == pytest.approx([15 / 64, 15 / 64])


def test_one_class_is_mcnemars_test() -> None:
    drops = [1] * 7 + [-1] * 2 + [0] * 4
    assert found_by(drops, list(range(13)), [list(range(13))]) == pytest.approx([mcnemar(7, 2)])


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_p_values_are_those_of_full_enumeration(data: st.DataObject) -> None:
    n = data.draw(st.integers(3, 9))
    drops = data.draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=n, max_size=n))
    units = data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    members = st.lists(st.integers(0, n - 1), min_size=1, unique=True).map(sorted)
    classes = data.draw(st.lists(members, min_size=1, max_size=4))
    if any(drops):
        assert found_by(drops, units, classes) == pytest.approx(enumerated(drops, units, classes))
    else:
        assert found_by(drops, units, classes) == [1.0] * len(classes)


def test_drawn_swaps_come_near_the_exact_p_and_are_the_same_each_time() -> None:
    drops, units, classes = [1] * 9 + [-1] * 3, list(range(12)), [list(range(8)), list(range(4, 12))]
    exact, drawn = found_by(drops, units, classes), found_by(drops, units, classes, permutations=4000)
    assert drawn == pytest.approx(exact, abs=0.03)
    assert drawn != exact
    assert drawn == found_by(drops, units, classes, permutations=4000)


def test_contexts_are_swapped_whole() -> None:
    """Eight losses of one context are one loss: the same samples as contexts of their own are beyond chance."""
    assert found_by([1] * 8, [0] * 8, [list(range(8))]) == [0.5]
    assert found_by([1] * 8, list(range(8)), [list(range(8))]) == [1 / 256]


def test_the_statistic_is_mcnemars_with_a_sign() -> None:
    found = class_statistics(np.array([1.0, 1, 1, -1, 0]), np.arange(5), [np.arange(5), np.array([3]), np.array([4])])
    assert list(found) == pytest.approx([2 / sqrt(4), -1.0, 0.0])


def samples(contexts: int = 240, questions: int = 1) -> pd.DataFrame:
    """Make paired samples without a flip: two tasks, three lengths, four languages, a depth."""
    at = np.arange(contexts * questions) // questions
    number = np.arange(len(at))
    return pd.DataFrame(
        {
            "task": np.array(["t.a", "t.b"])[at % 2],
            "length": np.array([8192, 32768, 131072])[at // 2 % 3],
            "context_id": [f"c{each:03d}" for each in at],
            "sample_id": [f"s{each:04d}" for each in number],
            "replicate": 0,
            "base_correct": True,
            "cand_correct": True,
            "base_mode": None,
            "cand_mode": None,
            "axis.language": np.array(["de", "en", "fi", "sw"])[at // 6 % 4],
            "axis.depth": (number * 37 % 240) / 240,
        }
    )


def policy(**defaults: object) -> Policy:
    return Policy("p", PolicyFile.model_validate({"version": 1, "defaults": defaults}))


def lose(pairs: pd.DataFrame, where: pd.Series, every: int = 1) -> pd.DataFrame:
    lost = where & (np.cumsum(where) % every == 0)
    return pairs.assign(cand_correct=~lost)


def test_a_planted_conjunction_is_found_under_its_own_name_and_once() -> None:
    pairs = samples()
    planted = (pairs["axis.language"] == "fi") & (pairs["length"] == 131072)
    found = scan(lose(pairs, planted), policy(icc=0.0))
    assert [each.conditions for each in found.found] == [("length=128k", "language=fi")]
    (only,) = found.found
    assert (only.drop.n, only.contexts, only.losses, only.gains) == (20, 20, 20, 0)
    assert (only.drop.value, only.elsewhere.value) == (1.0, 0.0)
    assert only.p == 1 / (found.permutations + 1)
    assert set(only.samples) == set(only.lost) == set(pairs.loc[planted, "sample_id"])


def test_two_planted_classes_are_both_found() -> None:
    pairs = samples()
    planted = ((pairs["axis.language"] == "fi") & (pairs["task"] == "t.a")) | (pairs["axis.depth"] >= 0.75)
    names = [each.conditions for each in scan(lose(pairs, planted), policy()).found]
    assert names == [("depth from 0.746875",), ("task=t.a", "language=fi")]


def test_nothing_is_found_where_flips_are_even() -> None:
    pairs = samples()
    flip = np.random.default_rng(0).random(len(pairs))
    found = scan(pairs.assign(base_correct=flip > 0.05, cand_correct=flip < 0.95), policy())
    assert found.found == ()
    assert scan_text(found).startswith("searched ")
    assert "worse than the baseline in none" in scan_text(found)


def test_what_is_worse_everywhere_says_so() -> None:
    pairs = samples()
    found = scan(lose(pairs, pd.Series(True, pairs.index), every=4), policy())
    assert found.overall_p < 0.001
    assert "worse over all samples by 25.0" in scan_text(found)


def test_shared_contexts_are_searched_as_such() -> None:
    """One context of eight questions fails whole: no evidence by contexts, overwhelming by samples."""
    pairs = samples(contexts=60, questions=8)
    failed = lose(pairs, pairs["context_id"].isin(["c000", "c024"]))
    by_context, by_sample = scan(failed, policy()), scan(failed, policy(population="fixed"))
    assert (by_context.found, by_context.swapped) == ((), "contexts")
    assert by_sample.swapped == "samples"
    assert by_sample.found[0].conditions == ("task=t.a", "length=8k", "language=de")


def test_replies_to_one_sample_are_averaged_first() -> None:
    pairs = samples()
    twice = pd.concat([pairs, pairs.assign(replicate=1)], ignore_index=True)
    planted = (twice["axis.language"] == "fi") & (twice["length"] == 131072) & (twice["replicate"] == 1)
    (only,) = scan(lose(twice, planted), policy()).found
    assert (only.drop.n, only.drop.value) == (20, 0.5)


def classes_of(pairs: pd.DataFrame) -> tuple[dict[tuple[str, ...], int], list[str]]:
    classes, columns = make_classes(pairs, np.unique(pairs["context_id"], return_inverse=True)[1])
    return {each.conditions: len(each.members) for each in classes}, columns


def test_numbers_are_cut_at_quartiles_and_small_classes_left_out() -> None:
    sizes, columns = classes_of(samples())
    assert columns == ["task", "length", "language", "depth"]
    assert [size for names, size in sizes.items() if len(names) == 1 and "depth" in names[0]] == [60] * 4
    assert min(sizes.values()) >= 10
    assert max(map(len, sizes)) == 3


def test_columns_that_say_nothing_new_are_not_searched_twice() -> None:
    pairs = samples()
    pairs["axis.one"], pairs["axis.tongue"] = "x", pairs["axis.language"].str.upper()
    classes, columns = make_classes(pairs, np.arange(len(pairs)))
    assert "one" not in columns
    language = next(each for each in classes if each.conditions == ("language=de",))
    assert language.same == (("tongue=DE",),)
    assert len({each.members.tobytes() for each in classes}) == len(classes)


def test_unset_and_whole_and_boolean_values() -> None:
    pairs = samples()
    some = np.arange(len(pairs))
    pairs["axis.decoys"] = np.where(some % 3 == 0, np.nan, some % 3)
    pairs["axis.absent"] = some % 5 == 0
    names = {names[0] for names in classes_of(pairs)[0] if len(names) == 1}
    assert {"decoys=1", "decoys=2", "absent=True", "absent=False"} <= names


def test_the_order_of_the_rows_does_not_matter() -> None:
    pairs = samples()
    lossy = lose(pairs, pairs["axis.language"] == "fi", every=3)
    found: Scan = scan(lossy, policy())
    assert scan(lossy.sample(frac=1, random_state=1), policy()) == found
