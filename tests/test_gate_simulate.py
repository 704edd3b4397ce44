"""Simulated outcomes have the rates that were declared, and the table says what the gate makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from in_process import harness
from test_gate import answers, comparison, policy

from harness.gate.planning.simulate import (
    Scenario,
    Truth,
    from_length,
    last_cell,
    one_group,
    outcomes,
    presets,
    simulate,
    uniform,
)
from harness.stats import icc

SKELETON = comparison({("t.a", 1024): answers(200, 4), ("t.a", 4096): answers(200, 4), ("t.b", 4096): answers(200, 4)})
PAIRS = SKELETON.pairs


def drops(scenario: Scenario, truth: Truth, replicates: int = 40):
    made = list(outcomes(PAIRS, scenario, truth, replicates, seed=1))
    return np.mean([frame["base_correct"].astype(float) - frame["cand_correct"] for frame in made], axis=0), made


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (uniform(0), {1024: 0.0, 4096: 0.0}),
        (uniform(5), {1024: 0.05, 4096: 0.05}),
        (from_length(4096, 10), {1024: 0.0, 4096: 0.1}),
        (last_cell(40), {("t.a", 4096): 0.0, ("t.b", 4096): 0.4}),
    ],
)
def test_losses_are_as_declared(loss, expected) -> None:
    """Monte Carlo: 40 x 800 samples a cell; 0.01 is five standard errors and more."""
    mean, made = drops(Scenario("x", "", loss), Truth(flip_rate=0.04, icc=0, default=0.8))
    for place, value in expected.items():
        hit = PAIRS["length"] == (place if isinstance(place, int) else place[1])
        hit &= True if isinstance(place, int) else PAIRS["task"] == place[0]
        assert mean[hit.to_numpy()].mean() == pytest.approx(value, abs=0.01)
    assert np.mean([frame["base_correct"].mean() for frame in made]) == pytest.approx(0.8, abs=0.01)


def test_flips_and_their_correlation_are_as_declared() -> None:
    lossless = Scenario("x", "", uniform(0))
    _, made = drops(lossless, Truth(flip_rate=0.1, icc=0.3, default=0.8))
    assert np.mean([(f["base_correct"] != f["cand_correct"]).mean() for f in made]) == pytest.approx(0.1, abs=0.01)
    found = [
        icc(list(f["base_correct"].astype(float)), list(f["context_id"].astype(str) + f["length"].astype(str)))
        for f in made
    ]
    assert np.mean(found) == pytest.approx(0.3, abs=0.05)


def test_a_group_collapses_and_a_mode_appears() -> None:
    languages = np.tile(["de", "en", "sw"], len(PAIRS) // 3)
    truth = Truth(flip_rate=0, icc=0, default=1.0)
    hit = Scenario("x", "", one_group("axis.language", 60), mode="truncated.answer")
    frame = next(outcomes(PAIRS.assign(**{"axis.language": languages}), hit, truth, 1, seed=2))
    lost = frame[~frame["cand_correct"]]
    assert set(lost["axis.language"]) == {"sw"}
    assert len(lost) / (languages == "sw").sum() == pytest.approx(0.6, abs=0.08)
    assert set(lost["cand_mode"]) == {"truncated.answer"}


def test_the_gate_is_counted() -> None:
    few = policy(margin=0.05, icc=0.0)
    truth = Truth(flip_rate=0.02, icc=0.0)
    lossless, _, _, _, kv, *_ = presets(PAIRS, 0.05)
    fine = simulate(SKELETON, lossless, few, truth, replicates=20)
    assert fine.states["pass"].value >= 0.9
    assert sum(state.value for state in fine.states.values()) == pytest.approx(1)
    bad = simulate(SKELETON, kv, few, truth, replicates=20)
    assert (bad.states["regressed"].value, bad.states["pass"].value) == (1.0, 0.0)
    assert bad.states["regressed"].low == pytest.approx(
        0.8316, abs=1e-4
    )  # Clopper-Pearson for 20 of 20: .025 ** (1 / 20)


def test_the_command(tmp_path: Path, sweep_text: str) -> None:
    (tmp_path / "sweep.toml").write_text(sweep_text.replace("contexts = 4", "contexts = 30"))
    text = harness("simulate", "sweep.toml", "--replicates", "10", cwd=tmp_path)
    assert text.returncode == 0, text.stderr
    assert "simulated outcomes, no model: in % of 10 draws" in text.stdout
    plain = json.loads(harness("simulate", "sweep.toml", "--replicates", "10", "--json", cwd=tmp_path).stdout)
    assert plain["simulated"] is True
    assert [row["scenario"] for row in plain["scenarios"]][:3] == ["lossless", "fp8", "at-margin"]
    assert harness("run", "sweep.toml", cwd=tmp_path).returncode == 0
    noise = ("simulate", "sweep.toml", "--replicates", "10", "--json", "--noise", "s/oracle", "s/lexical")
    assumed = json.loads(harness(*noise, cwd=tmp_path).stdout)["assumed"]
    assert 0 < assumed["flip_rate"] < 1
    assert set(assumed["accuracy"]) == {"retrieval.exact@1024"}


def test_a_plan_that_can_hardly_pass_is_refused(tmp_path: Path, sweep_text: str) -> None:
    (tmp_path / "gate.toml").write_text(
        'version = 1\n[defaults]\nslices = ["depth_bin"]\nslice_margin = 0.9\nicc = 0.0\n'
    )
    head = sweep_text.replace('name = "s"', 'name = "s"\npolicy = "gate.toml"')
    (tmp_path / "sweep.toml").write_text(head)
    refused = harness("run", "sweep.toml", cwd=tmp_path)
    assert refused.returncode == 2
    assert (
        "an unchanged candidate could hardly pass: at a flip rate of 4 % it passes retrieval.exact at 1k (0 %)"
        in refused.stderr
    )
    assert "--allow-underpowered" in refused.stderr
    assert not (tmp_path / "results").exists()
    plan = harness("plan", "sweep.toml", cwd=tmp_path).stdout
    assert "never: too few" in plan
    assert "retrieval.exact at 1k, depth_bin=" in plan
    assert harness("run", "sweep.toml", "--allow-underpowered", cwd=tmp_path).returncode == 0
    wanted = next(int(line.split()[-2]) for line in plan.splitlines() if line.startswith("retrieval.exact at 1k "))
    (tmp_path / "sweep.toml").write_text(head.replace("contexts = 4", f"contexts = {wanted}"))
    found = json.loads(harness("plan", "sweep.toml", "--json", cwd=tmp_path).stdout)["decides"][0]
    assert found["pass_if_unchanged"] >= 0.9
    assert found["provable"] is True
