"""The noise floor: a baseline asked again, the canary, unstable samples, and change beyond noise."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from in_process import harness

from harness.errors import ConfigError, ExitCode
from harness.gate import judge, load_policy
from harness.gate.noise import drift_of, noise_of, split_replies
from harness.store import Run, load_run
from harness.sweep import load_sweep

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SWEEP = """
[sweep]
name = "aa"
lengths = ["1k"]
contexts = {contexts}
questions_per_context = 4
{more}

[[model]]
name = "base"
role = "baseline"
adapter = "simulated"
accuracy = 0.8
{noise}
runs = {runs}

[[model]]
name = "cand"
adapter = "simulated"
accuracy = 0.8
{noise}
noise_seed = 7
runs = {runs}

[[task]]
name = "retrieval.exact"
"""


def write(folder: Path, *, contexts: int = 20, more: str = "", noise: str = "", runs: int = 1) -> Path:
    file = folder / "sweep.toml"
    file.write_text(SWEEP.format(contexts=contexts, more=more, noise=noise, runs=runs))
    return file


def run(folder: Path, *args: str) -> None:
    done = harness("run", "sweep.toml", *args, cwd=folder)
    assert done.returncode == 0, done.stderr


def load(folder: Path, name: str) -> Run:
    return load_run(folder / "results/aa" / name)


def test_repeats_ask_the_baseline_again_and_may_be_added_later(tmp_path: Path) -> None:
    write(tmp_path)
    run(tmp_path)
    write(tmp_path, more="repeats = 1")
    again = harness("run", "sweep.toml", cwd=tmp_path)
    assert (again.returncode, "base: complete" in again.stderr, "changed" in again.stderr) == (0, True, False)
    repeat = load(tmp_path, "base.repeat1")
    assert (repeat.info.role, len(repeat.results)) == ("repeat", 80)
    assert repeat.info.config == load(tmp_path, "base").info.config
    shown = harness("noise", "aa/base", "--json", cwd=tmp_path)
    (noise,) = json.loads(shown.stdout)["noise"]
    assert (noise["repeat"], noise["unstable"], noise["same_text"]["value"]) == ("aa/base.repeat1", [], 1.0)
    assert (noise["icc"], noise["canary"]) == (None, "inconclusive")
    gated = harness("gate", "aa/base", "aa/cand", cwd=tmp_path)
    assert (
        "note: A/A: 0 of 80 answers differ between aa/base and aa/base.repeat1 (0.0 %, 95 % interval 0.0 to 4.5)"
        in gated.stdout
    )
    assert harness("report", "aa", "-o", "report.html", cwd=tmp_path).returncode == 0
    page = (tmp_path / "report.html").read_text().split('<script type="application/json"')[0]
    named = [line for line in page.splitlines() if "repeat1" in line]
    assert named
    assert all("A/A: " in line for line in named), "a repeat is no model of the report"


def flipped(run: Run, flips: np.ndarray, name: str, role: str = "repeat") -> Run:
    """Return a run whose answers differ at the places of `flips`."""
    from dataclasses import replace

    results = [
        replace(
            result,
            score=replace(
                result.score,
                correct=not result.score.correct,
                value=0.0,
                mode=None if not result.score.correct else "wrong",
            ),
        )
        if flip and result.score
        else result
        for result, flip in zip(run.results, flips, strict=True)
    ]
    info = replace(run.info, model=name, role=role, path=run.info.path.parent / name)
    return Run(info, tuple(results))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("aa")
    write(folder, contexts=75)
    run(folder, "--model", "base")
    return load(folder, "base")


def test_flips_unstable_samples_and_their_correlation(base: Run) -> None:
    flips = np.zeros(300, dtype=bool)
    flips[:24] = True  # six contexts of four
    found = noise_of(base, flipped(base, flips, "again"), load_policy(None))
    assert (found.overall.losses + found.overall.gains, found.overall.flip_rate.n, found.overall.contexts) == (
        24,
        300,
        75,
    )
    assert found.overall.flip_rate.value == 0.08
    assert {each.sample_id for each in found.unstable} == {result.sample_id for result in base.results[:24]}
    assert found.icc is not None
    assert found.icc.low <= found.icc.value <= found.icc.high
    few = flips.copy()
    few[19:] = False
    assert noise_of(base, flipped(base, few, "again"), load_policy(None)).icc is None


def test_a_baseline_worse_than_itself_makes_every_verdict_invalid(tmp_path: Path) -> None:
    write(tmp_path, contexts=30, more="repeats = 1", noise="noise = 0.0")
    run(tmp_path)
    damaged = tmp_path / "worse"
    damaged.mkdir()
    (damaged / "sweep.toml").write_text(
        (tmp_path / "sweep.toml").read_text().replace("accuracy = 0.8", "accuracy = 0.2")
    )
    run(damaged, "--model", "base.repeat1")
    source, target = (folder / "results/aa/base.repeat1" for folder in (damaged, tmp_path))
    (target / "samples.jsonl").write_bytes((source / "samples.jsonl").read_bytes())
    verdict = judge(load(tmp_path, "base"), load(tmp_path, "cand"), None, NOW)
    assert (verdict.state, verdict.exit_code) == ("invalid", ExitCode.INVALID)
    assert "the environment is not stable: the gate finds aa/base.repeat1 worse than aa/base" in verdict.sentence
    shown = harness("noise", "aa/base", cwd=tmp_path)
    assert (shown.returncode, "canary: the gate says regressed of the repeat" in shown.stdout) == (4, True)


def test_several_replies_to_a_sample_are_repeats_too(tmp_path: Path) -> None:
    write(tmp_path, contexts=30, noise="noise = 0.3", runs=2)
    run(tmp_path)
    parts = split_replies(load(tmp_path, "base"))
    assert [(part.info.name, len(part.results), part.info.planned) for part in parts] == [
        ("aa/base#1", 120, 120),
        ("aa/base#2", 120, 120),
    ]
    shown = harness("noise", "aa/base", "--candidate", "aa/cand", "--json", cwd=tmp_path)
    plain = json.loads(shown.stdout)
    (noise,) = plain["noise"]
    assert len(noise["unstable"]) > 0
    assert (plain["drift"]["replies"], plain["drift"]["n"]) == ([2, 2], 120)
    assert plain["drift"]["answers"]["p"] > 0.01
    text = harness("noise", "aa/base", "--candidate", "aa/cand", cwd=tmp_path).stdout
    assert "right or wrong: the two differ in" in text


def test_symmetric_churn_is_seen_at_the_same_accuracy(base: Run) -> None:
    rng = np.random.default_rng(0)

    def noisy(changed: np.ndarray, name: str) -> Run:
        return flipped(base, changed ^ (rng.random(300) < 0.03), name)

    same, churn = np.zeros(300, dtype=bool), np.zeros(300, dtype=bool)
    right = np.array([bool(result.score and result.score.correct) for result in base.results])
    churn[np.flatnonzero(right)[:6]] = churn[np.flatnonzero(~right)[:6]] = True
    baselines = [noisy(same, "a1"), noisy(same, "a2")]
    changed = drift_of(baselines, [noisy(churn, "b1"), noisy(churn, "b2")], ())
    unchanged = drift_of(baselines, [noisy(same, "c1"), noisy(same, "c2")], ())
    assert changed.answers is not None
    assert unchanged.answers is not None
    assert changed.answers.p < 0.01 < unchanged.answers.p
    assert changed.answers.excess == pytest.approx(0.04, abs=0.02)


def test_nothing_to_compare_with_is_said(tmp_path: Path) -> None:
    write(tmp_path, contexts=2)
    run(tmp_path)
    alone = harness("noise", "aa/base", cwd=tmp_path)
    assert (alone.returncode, "set repeats = 1 in [sweep]" in alone.stderr) == (2, True)
    other = harness("run", "sweep.toml", "--set", "sweep.name=bb", "--set", "sweep.seed=5", cwd=tmp_path)
    assert other.returncode == 0
    unlike = harness("noise", "aa/base", "bb/base", cwd=tmp_path)
    assert (unlike.returncode, "cannot be compared: [sweep] seed differs" in unlike.stdout) == (4, True)
    file = write(tmp_path, more="repeats = 1")
    file.write_text(file.read_text().replace('role = "baseline"', ""))
    with pytest.raises(ConfigError, match="no model has that role"):
        load_sweep(file)
