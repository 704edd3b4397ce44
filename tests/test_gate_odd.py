"""Odd inputs that once led, or nearly led, to a wrong verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from in_process import harness
from render_data import made_result, made_run
from test_gate import answers, comparison
from test_gate_guards import EQUAL, LENGTH, judged, row_of, with_lengths
from test_gate_terms import by_language, sliced
from test_noise import load, run, write

from harness.errors import ConfigError
from harness.gate import Policy, decide, load_policy
from harness.gate.arrival import arrival_notes
from harness.gate.kinds import correlation_note
from harness.gate.noise import repeats_of
from harness.gate.planning.prove import prove
from harness.gate.planning.simulate import Scenario, Truth, outcomes, presets, uniform
from harness.gate.policy import PolicyFile
from harness.records import Usage
from harness.store import Run


def test_a_slice_without_a_single_score_is_not_forgotten() -> None:
    whole = sliced({"de": 0, "fr": 0, "sw": 0})
    silent = replace(whole, asked=whole.pairs, pairs=whole.pairs[whole.pairs["axis.language"] != "sw"])
    verdict = decide(silent, by_language())
    assert verdict.state == "invalid"
    assert verdict.sentence.startswith(
        "No verdict on cand: t.a at 1k, language=sw: 40 of 40 replies have no scored pair"
    )
    few = whole.pairs.drop(whole.pairs.index[whole.pairs["axis.language"] == "sw"][:2])
    assert decide(replace(whole, asked=whole.pairs, pairs=few), by_language()).state == "pass"


def test_growth_from_nothing_is_regressed() -> None:
    verdict = judged(with_lengths(EQUAL, np.zeros(80), np.full(80, 500.0)), quantity=LENGTH)
    assert (verdict.state, row_of(verdict, "quantity").drop.value) == ("regressed", None)
    assert "it has completion tokens where base has none" in verdict.sentence
    assert "from none at all; 10.0 are allowed" in row_of(verdict, "quantity").reason


def test_gains_never_widen_the_bound_of_several_replies() -> None:
    """One context that gains everything adds spread between contexts, and none of it is harm."""
    made = comparison({("t.a", 1024): answers(10, 20)}).pairs
    base = np.ones(200, dtype=bool)
    base[:15] = False
    policy = Policy("p", PolicyFile(version=1, defaults={"margin": 0.05, "icc": 0.1}))

    def bound(right: np.ndarray) -> float:
        twice = [made.assign(replicate=k, base_correct=right, cand_correct=True) for k in range(2)]
        found = decide(replace(EQUAL, planned=400, pairs=pd.concat(twice)), policy)
        return found.rows[0].drop.high or 1.0

    assert bound(base) <= bound(np.ones(200, dtype=bool))


def test_an_interval_never_excludes_no_harm_where_the_test_does_not() -> None:
    verdict = decide(comparison({("t.a", 1024): answers(100, 1, losses=8, gains=2)}), load_policy(None))
    row = verdict.rows[0]
    assert row.p_harm > 0.05
    assert (row.drop.low or 0) <= 0


def test_what_more_contexts_would_show_is_said_as_it_is() -> None:
    verdict = decide(comparison({("t.a", 1024): answers(100, 1, losses=8, gains=2)}), load_policy(None))
    assert verdict.sentence.endswith("more contexts would probably show it worse.")


def test_a_bound_and_a_margin_that_round_alike_are_told_apart() -> None:
    verdict = decide(comparison({("t.a", 1024): answers(58, 1)}), load_policy(None))
    assert verdict.rows[0].reason == "the drop may be as large as 5.03 points; 5.00 are allowed"


def test_a_pass_says_what_slices_may_have_lost_and_what_was_left_aside() -> None:
    policy = by_language(rule=[{"task": "t.a", "slice": "language=sw", "level": "warn"}])
    verdict = decide(sliced({f"l{i}": 0 for i in range(9)} | {"sw": 16}), policy)
    assert verdict.state == "pass"
    assert "in every task at every length the drop is below the allowed 10.0 points" in verdict.sentence
    assert verdict.sentence.endswith(", and in every slice below 30.0.")
    assert "regressed, but not required by the policy: t.a at 1k, language=sw" in verdict.notes


def test_repeats_are_those_of_the_named_baseline(tmp_path: Path) -> None:
    write(tmp_path, contexts=5, more="repeats = 1")
    run(tmp_path)
    base, cand = load(tmp_path, "base"), load(tmp_path, "cand")
    folder = base.info.path.parent
    assert repeats_of(base.info, [folder]) == [folder / "base.repeat1"]
    assert repeats_of(cand.info, [folder]) == []


def test_a_positive_control_is_no_baseline(tmp_path: Path) -> None:
    file = write(tmp_path, contexts=5)
    file.write_text(file.read_text().replace('name = "cand"', 'name = "cand"\nrole = "positive-control"'))
    run(tmp_path)
    done = harness("gate", "aa/cand", "aa/base", cwd=tmp_path)
    assert (
        done.returncode,
        "is a positive control, damaged on purpose, and was given as the baseline" in done.stdout,
    ) == (4, True)


def test_policies_that_decide_nothing_are_refused(tmp_path: Path) -> None:
    write(tmp_path, contexts=5, more='policy = "gate.toml"')
    (tmp_path / "gate.toml").write_text('version = 1\n[[rule]]\nlevel = "warn"\n')
    done = harness("run", "sweep.toml", cwd=tmp_path)
    assert (done.returncode, "the policy decides nothing" in done.stderr) == (2, True)
    (tmp_path / "gate.toml").write_text("version = 1\n[severity]\nmargin = 1000\n")
    with pytest.raises(ConfigError, match="a margin of 1000 guards nothing"):
        load_policy(tmp_path / "gate.toml")


def test_damage_by_whole_contexts_is_noted_and_can_be_simulated() -> None:
    made = comparison({("t.a", 1024): answers(20, 8)}).pairs
    lost = np.repeat(np.arange(20) < 3, 8)
    stated = Policy("p", PolicyFile(version=1, defaults={"icc": 0.1}))
    assert (
        "correlate within contexts at 1.00 (24 flips), above the icc of 0.1"
        in correlation_note(made.assign(cand_correct=~lost), stated)[0]
    )
    assert correlation_note(made.assign(cand_correct=~lost), load_policy(None)) == []
    scenario = next(each for each in presets(made, 0.1) if each.name == "whole-contexts")
    big = comparison({("t.a", 1024): answers(2000, 4)}).pairs
    pairs = next(outcomes(big, scenario, Truth(flip_rate=0.0, icc=0.0), 1, 1))
    assert pairs["base_correct"].mean() - pairs["cand_correct"].mean() == pytest.approx(0.1, abs=0.02)
    by_context = pairs[pairs["base_correct"]].groupby("context_id")["cand_correct"].mean()
    assert set(by_context) == {0.0, 1.0}
    none = next(outcomes(big, Scenario("s", "", uniform(0)), Truth(flip_rate=0.0, icc=0.0), 1, 1))
    assert (none["base_correct"] == none["cand_correct"]).all()


def test_continuous_scores_that_collapse_are_regressed_and_equal_ones_pass() -> None:
    """From .89 to .31, with hardly any answer wholly right: invisible to shares of right answers."""
    rng = np.random.default_rng(0)
    made = comparison({("t.a", 1024): np.zeros((60, 2, 2))}).pairs
    before, after = rng.normal(0.89, 0.05, 120).clip(0, 1), rng.normal(0.31, 0.1, 120).clip(0, 1)
    scored = Policy("p", PolicyFile(version=1, defaults={"measure": "score", "margin": 0.1, "icc": 0.1}))
    worse = replace(EQUAL, planned=120, pairs=made.assign(base_value=before, cand_value=after))
    verdict = decide(worse, scored)
    assert verdict.state == "regressed"
    assert "it scores 59.7 points less than base (90 % interval" in verdict.sentence
    assert decide(worse, Policy("p", PolicyFile(version=1))).state == "inconclusive"
    same = replace(worse, pairs=made.assign(base_value=before, cand_value=before))
    assert decide(same, scored).state == "pass"
    proof = prove(same, scored)
    assert proof.holds
    assert proof.turns_red is not None
    assert proof.turns_red <= 0.2


def test_a_server_that_cuts_long_prompts_is_named() -> None:
    def seen(name: str, share: float) -> Run:
        results = [
            replace(
                made,
                reply=replace(made.reply, usage=Usage(prompt_tokens=round(tokens * (share if tokens > 9000 else 1)))),
            )
            for tokens in (1024, 32768)
            for made in (made_result(f"{tokens}/{i}", length=tokens, context=i) for i in range(9))
        ]
        return made_run(name, results)

    (told,) = arrival_notes(seen("bf16", 1.0), seen("fp8", 0.75))
    assert "on retrieval.exact at 32k the server of kv-cache/fp8 counted 75 % of the prompt tokens" in told
    assert "the server of kv-cache/bf16 counted 75 %" in arrival_notes(seen("bf16", 0.75), seen("fp8", 1.0))[0]
    assert arrival_notes(seen("bf16", 1.0), seen("fp8", 0.95)) == []
    unknown = made_run("x", [made_result(f"{tokens}/{i}") for tokens in (1024, 32768) for i in range(9)])
    assert arrival_notes(unknown, seen("fp8", 0.75)) == []
