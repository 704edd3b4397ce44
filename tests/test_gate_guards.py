"""What a policy guards besides right answers: lengths of replies, their expected cost, several replies to a sample."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import inf, isclose
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gate import answers, comparison

from harness.errors import ConfigError
from harness.gate import Policy, Verdict, decide, emit, load_policy
from harness.gate.guards import length_note
from harness.gate.kinds import kinds_of_failure
from harness.gate.planning.simulate import Scenario, Truth, outcomes, presets, simulate, uniform
from harness.gate.policy import PolicyFile
from harness.gate.verdict import VerdictRow
from harness.stats import flip_rate_of_means, growth
from harness.store import Comparison


def with_lengths(found: Comparison, base: Any, cand: Any) -> Comparison:
    return replace(found, pairs=found.pairs.assign(base_completion_tokens=base, cand_completion_tokens=cand))


def judged(found: Comparison, **tables: Any) -> Verdict:
    return decide(found, Policy("p", PolicyFile(version=1, defaults={"margin": 0.2, "icc": 0.0}, **tables)))


def row_of(verdict: Verdict, scope: str) -> VerdictRow:
    return next(row for row in verdict.rows if row.scope == scope)


LENGTH = [{"quantity": "completion_tokens", "margin": 0.1}]
EQUAL = comparison({("t.a", 1024): answers(20, 4)})


def test_growth_by_all_subsets_is_the_inverted_sign_flip_test() -> None:
    base, cand = [4.0, 6.0, 5.0, 9.0, 2.0], [5.0, 6.0, 7.0, 10.0, 2.0]
    found = growth(base, cand, alpha=0.1)

    def p_of(ratio: Fraction, side: int) -> Fraction:
        x = [side * (Fraction(c) - ratio * Fraction(b)) for b, c in zip(base, cand, strict=True)]
        as_large = sum(
            sum(s * v for s, v in zip(signs, x, strict=True)) >= sum(x) for signs in product((1, -1), repeat=5)
        )
        return Fraction(as_large, 32)

    assert found.ratio == 30 / 26
    assert found.p == float(p_of(Fraction(1), 1))
    inside = Fraction(1, 10**6)
    high, low = Fraction(found.high).limit_denominator(100), Fraction(found.low).limit_denominator(100)
    assert p_of(high + inside, -1) <= Fraction(1, 10) < p_of(high - inside, -1)
    assert p_of(low - inside, 1) <= Fraction(1, 10) < p_of(low + inside, 1)


def test_growth_of_identical_replies_is_one_and_needs_five_contexts() -> None:
    assert growth([7.0] * 5, [7.0] * 5) == growth([1.0, 2, 3, 4, 5], [1.0, 2, 3, 4, 5])
    assert (growth([7.0] * 5, [7.0] * 5).low, growth([7.0] * 5, [7.0] * 5).high) == (1.0, 1.0)
    assert growth([7.0] * 4, [7.0] * 4).high == inf
    assert growth([], []).high == inf
    assert growth([0.0] * 6, [0.0] * 6).ratio == 1.0
    assert growth([0.0] * 6, [3.0] * 6).ratio == inf


def test_growth_covers_the_true_ratio() -> None:
    rng = np.random.default_rng(1)
    below = 0
    for _ in range(400):
        base = rng.lognormal(5, 0.5, 30)
        below += growth(base * rng.lognormal(0, 0.2, 30), 1.1 * base * rng.lognormal(0, 0.2, 30)).high < 1.1
    assert 6 <= below <= 34, "5 % of 400 are 20"


def test_longer_replies_regress_whatever_the_accuracy() -> None:
    rng = np.random.default_rng(0)
    base = rng.integers(100, 300, 80)
    verdict = judged(with_lengths(EQUAL, base, (base * 1.25).round()), quantity=LENGTH)
    row = row_of(verdict, "quantity")
    assert (verdict.state, row.unit, row.state) == ("regressed", "relative", "regressed")
    assert isclose(row.drop.value or 0, 0.25, abs_tol=0.01)
    assert verdict.sentence.startswith("Do not ship cand: its completion tokens are 25.0 % more than base's (90 %")
    assert verdict.sentence.endswith("the allowed rise is 10.0.")
    same = judged(with_lengths(EQUAL, base, base), quantity=LENGTH)
    assert same.state == "pass"
    assert same.sentence.endswith("; nothing else that is guarded rises by more than it may.")
    shorter = judged(with_lengths(EQUAL, base, base // 2), quantity=LENGTH)
    assert shorter.state == "pass"
    warned = judged(with_lengths(EQUAL, base, base * 2), quantity=[{**LENGTH[0], "level": "warn"}])
    assert (warned.state, row_of(warned, "quantity").state) == ("pass", "regressed")


def test_much_longer_replies_are_noted_where_no_policy_guards_them() -> None:
    base = np.arange(80) % 20 + 100
    policy = Policy("p", PolicyFile(version=1))
    longer = with_lengths(EQUAL, base, base * 1.2)
    assert length_note(longer.pairs, policy) == [
        "replies are 20.0 % longer in completion tokens (90 % interval 20.0 to 20.0 %, n 80)"
    ]
    assert length_note(with_lengths(EQUAL, base, base * 0.5).pairs, policy)[0].startswith("replies are 50.0 % shorter")
    assert length_note(with_lengths(EQUAL, base, base * 1.09).pairs, policy) == []
    assert length_note(EQUAL.pairs, policy) == []
    assert length_note(longer.pairs, Policy("p", PolicyFile(version=1, quantity=LENGTH))) == []


def test_lengths_that_nobody_told_never_pass() -> None:
    told = np.full(80, 50.0)
    told[:3] = np.nan
    for found in (EQUAL, with_lengths(EQUAL, told, told)):
        verdict = judged(found, quantity=LENGTH)
        assert verdict.state == "inconclusive"
        assert "samples do not say their completion_tokens: the server did not tell" in verdict.sentence
        json.loads(emit(verdict, "json"), parse_constant=pytest.fail)


def test_dearer_mistakes_regress_at_the_same_accuracy() -> None:
    right = answers(60, 1)
    right[:15] = False
    found = comparison({("t.a", 1024): right})
    wrong = ~found.pairs["base_correct"].to_numpy()
    modes = lambda name: np.where(wrong, name, None)  # noqa: E731
    found = replace(found, pairs=found.pairs.assign(base_mode=modes("false_absence"), cand_mode=modes("other_key")))
    prices = {"margin": 100.0, "costs": {"*": 1.0, "false_absence": 0.5, "other_key": 4.0}}
    verdict = judged(found, severity=prices)
    row = row_of(verdict, "severity")
    assert (verdict.state, row.state, row.unit) == ("regressed", "regressed", "loss")
    assert (row.baseline.value, row.candidate.value, row.drop.value) == (125.0, 1000.0, 875.0)
    assert verdict.sentence.startswith(
        "Do not ship cand: its mistakes cost 875.0 more per 1,000 tasks than base's (90 %"
    )
    assert row.drop.low is not None
    assert 100 < row.drop.low < 875 < (row.drop.high or 0)
    cheap = judged(found, severity={**prices, "costs": {"never seen": 4.0}})
    assert row_of(cheap, "severity").drop.value == 0.0
    assert cheap.state == "inconclusive", (
        "without a flip 60 samples prove 4.9 % of the 4,000 that it could cost, which is more than 100"
    )
    assert "✕" in emit(verdict, "markdown")
    assert "expected loss per 1,000 tasks" in emit(verdict, "junit")


@given(
    st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.sampled_from(["", "a", "b"])), min_size=12, max_size=40),
    st.data(),
)
@settings(max_examples=40, deadline=None)
def test_a_cheaper_mistake_never_worsens_the_row(modes: list[tuple[str, str]], data: st.DataObject) -> None:
    wrong = [i for i, (_, cand) in enumerate(modes) if cand]
    if not wrong:
        return
    better = list(modes)
    at = data.draw(st.sampled_from(wrong))
    better[at] = (modes[at][0], "" if modes[at][1] == "a" else "a")
    order = ["regressed", "inconclusive", "pass"]
    states = []
    for each in (modes, better):
        right = np.array([[[not base, not cand]] for base, cand in each])
        found = comparison({("t.a", 1024): right})
        base, cand = ([mode or None for mode in side] for side in zip(*each, strict=True))
        found = replace(found, pairs=found.pairs.assign(base_mode=base, cand_mode=cand))
        costs = {"margin": 300.0, "costs": {"a": 1.0, "b": 3.0}}
        states.append(row_of(judged(found, severity=costs), "severity").state)
    assert order.index(states[1]) >= order.index(states[0])


def test_prices_are_checked(tmp_path: Any) -> None:
    file = tmp_path / "gate.toml"
    for text, complaint in (
        ("[severity]\nmargin = 5\ndefault = 0", "nothing costs anything"),
        ("[severity]\nmargin = 5\ncosts = { wrong = -1 }", "greater than or equal to 0"),
        ("[severity]\ncosts = { wrong = 1 }", "'margin' is missing"),
        ('[[quantity]]\nquantity = "tokens"\nmargin = 0.1', "completion_tokens"),
        ('[[quantity]]\nquantity = "completion_tokens"\nmargins = 0.1', "did you mean 'margin'"),
    ):
        file.write_text(f"version = 1\n{text}\n")
        with pytest.raises(ConfigError, match=complaint):
            load_policy(file)


def test_which_modes_moved_and_whether_new_losses_look_like_the_old_failures() -> None:
    found = comparison({("t.a", 1024): answers(40, 1, losses=10)}).pairs
    base, cand = np.full(40, "", dtype=object), np.full(40, "", dtype=object)
    base[:20], cand[:20], cand[20:30] = "missed", "missed", "truncated.answer"
    kinds = kinds_of_failure(found.assign(base_mode=base, cand_mode=cand))
    assert [(s.mode, s.baseline, s.candidate) for s in kinds.shifts] == [
        ("truncated.answer", 0, 10),
        ("missed", 20, 20),
    ]
    assert kinds.shifts[0].p == pytest.approx(2 * 2 * 2**-10)
    assert kinds.shifts[1].p == 1.0
    assert kinds.p == pytest.approx(2 * 2**-10)
    assert (kinds.both_wrong, kinds.same_mode, kinds.kappa, kinds.new_losses) == (20, 20, None, 10)
    assert kinds.p_new is not None
    assert kinds.p_new < 0.001
    same = kinds_of_failure(found.assign(base_mode=base, cand_mode=base))
    assert (same.p, same.p_new, same.shifts[0].p) == (1.0, None, 1.0)


def test_kappa_of_failures_that_both_have() -> None:
    found = comparison({("t.a", 1024): answers(8, 1)}).pairs
    base, cand = list("aaaabbbb"), list("aaabbbbb")
    kinds = kinds_of_failure(found.assign(base_mode=base, cand_mode=cand))
    assert kinds.kappa == pytest.approx((7 / 8 - 0.5) / 0.5)


def skeleton(contexts: int, questions: int) -> Comparison:
    return comparison({("t.a", 1024): answers(contexts, questions)})


def test_several_replies_flip_as_often_as_declared_and_their_means_less() -> None:
    found = skeleton(4000, 1)
    for runs in (1, 2, 4):
        truth = Truth(flip_rate=0.06, icc=0.0, runs=runs)
        pairs = next(outcomes(found.pairs, Scenario("s", "", uniform(0)), truth, 1, 3))
        assert len(pairs) == 4000 * runs
        assert (pairs["base_correct"] != pairs["cand_correct"]).mean() == pytest.approx(0.06, abs=0.012)
        means = pairs.groupby("sample_id")[["base_correct", "cand_correct"]].mean()
        moved = (means["base_correct"] - means["cand_correct"]).abs().mean()
        assert moved == pytest.approx(flip_rate_of_means(0.06, runs), abs=0.01)
    lossy = next(outcomes(found.pairs, Scenario("s", "", uniform(10)), Truth(icc=0.0, runs=3), 1, 4))
    assert lossy["base_correct"].mean() - lossy["cand_correct"].mean() == pytest.approx(0.1, abs=0.02)


def test_a_verbose_candidate_fails_a_guarded_length_in_simulation() -> None:
    found = skeleton(40, 4)
    policy = Policy(
        "p", PolicyFile(version=1, defaults={"margin": 0.2, "icc": 0.1}, quantity=[{**LENGTH[0], "margin": 0.05}])
    )
    by_name = {each.name: each for each in presets(found.pairs, 0.2)}
    assert simulate(found, by_name["verbose"], policy, Truth(), replicates=20).states["regressed"].value > 0.8
    assert simulate(found, by_name["lossless"], policy, Truth(), replicates=20).states["regressed"].value < 0.2
