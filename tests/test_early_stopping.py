"""Early stopping, end to end: what is asked, what is decided, and that nobody can bend the rule afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import click
import numpy as np
import pytest
from click.testing import CliRunner

from harness.cli.main import cli
from harness.errors import ConfigError, HarnessError, RunError, StoreError, WrongRun
from harness.gate import emit
from harness.gate.early.hypotheses import design_of
from harness.gate.early.rule import load_rule, make_rule, record_rule
from harness.gate.early.sequential import standing
from harness.gate.early.steering import EarlyStop
from harness.gate.early.verdict import decide_early
from harness.gate.policy import Policy, PolicyFile
from harness.records import Reply, ReplyError, Result
from harness.store import Run, load_run, pair

SWEEP = """
[sweep]
name = "s"
seed = 5
lengths = ["1k", "2k"]
contexts = {contexts}
questions_per_context = 2
policy = "gate.toml"

[[model]]
name = "base"
role = "baseline"
adapter = "simulated"
accuracy = 0.95
concurrency = 1

[[model]]
name = "cand"
adapter = "simulated"
accuracy = {accuracy}
concurrency = {concurrency}

[[task]]
name = "retrieval.exact"
keys = 2
decoys = 0
"""
POLICY = """
version = 1
[defaults]
margin = 0.2
"""


def write(folder: Path, *, accuracy: float = 0.95, concurrency: int = 1, contexts: int = 30, more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    text = SWEEP.format(accuracy=accuracy, concurrency=concurrency, contexts=contexts)
    (folder / "sweep.toml").write_text(text + more)
    (folder / "gate.toml").write_text(POLICY)
    return folder


def harness(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a command with the results of a folder: exit code, stdout, stderr."""
    everything = [*arguments, "--results", str(folder / "results")]
    done = CliRunner().invoke(cli, everything, standalone_mode=False)
    if isinstance(done.exception, HarnessError):
        return int(done.exception.exit_code), done.stdout, f"{done.stderr}{done.exception}"
    if isinstance(done.exception, click.UsageError):
        return 2, done.stdout, f"{done.stderr}{done.exception}"
    if done.exception:
        raise done.exception
    return int(done.return_value or 0), done.stdout, done.stderr


def run(folder: Path, *options: str) -> tuple[int, str, str]:
    return harness(folder, "run", str(folder / "sweep.toml"), "--until-decided", *options)


def lines(folder: Path, model: str = "cand") -> list[bytes]:
    return (folder / "results/s" / model / "samples.jsonl").read_bytes().splitlines(keepends=True)


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A candidate that loses half of its right answers, asked until that is decided."""
    folder = write(tmp_path_factory.mktemp("early") / "bad", accuracy=0.4)
    code, _, told = run(folder)
    assert code == 0, told
    return folder


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A candidate that answers as the baseline does."""
    folder = write(tmp_path_factory.mktemp("early") / "same")
    code, _, told = run(folder)
    assert code == 0, told
    return folder


def test_a_bad_candidate_stops_early_and_fails(bad: Path) -> None:
    asked = len(lines(bad))
    assert len(lines(bad, "base")) == 120
    assert asked < 80
    code, text, _ = harness(bad, "gate", "s/base", "s/cand")
    assert code == 1
    assert f"{120 - asked} of 120 replies not asked" in text
    assert "the e-value of harm is" in text
    assert "sequential: e-values over the means of contexts" in text
    assert "incomplete" not in text


def test_an_equal_candidate_passes_early(same: Path) -> None:
    asked = len(lines(same))
    assert 2 * 2 * 16 <= asked < 120
    code, text, _ = harness(same, "gate", "s/base", "s/cand")
    assert code == 0
    assert "PASS" in text
    assert f"stopped after {asked // 4} of 30 contexts: {120 - asked} of 120 replies not asked" in text


def test_the_run_says_what_is_open_and_what_it_saved(tmp_path: Path) -> None:
    _, _, told = run(write(tmp_path / "x", accuracy=0.4))
    assert "cand: 0 of 30 contexts, open: retrieval.exact at 1k (pass 1 of 20, harm 1 of 80)" in told
    assert "replies not asked" in told.splitlines()[-1]
    assert "decided, nothing to ask" in run(tmp_path / "x")[2]


def test_order_and_policy_are_on_disk_before_the_first_reply(tmp_path: Path) -> None:
    folder = write(tmp_path / "x")
    run(folder, "--model", "base")
    baseline = load_run(folder / "results/s/base")
    rule = make_rule(baseline, Policy("gate.toml", PolicyFile.model_validate({"version": 1})), 5)
    assert sorted(rule.order) == sorted({result.context_id for result in baseline.results})
    assert list(rule.order) != sorted(rule.order)
    assert rule == make_rule(baseline, rule.policy, 5)
    assert rule.order != make_rule(baseline, rule.policy, 6).order
    guide = EarlyStop(baseline, rule, lambda line: None)
    target = tmp_path / "cand"
    target.mkdir()
    guide.begin(Run(replace(baseline.info, path=target, model="cand"), ()))
    written = json.loads((target / "stopping.json").read_text())
    assert written["order_seed"] == rule.seed
    assert written["policy_sha256"] == rule.policy.sha256
    assert load_rule(target) == rule


def test_replies_come_in_the_recorded_order(bad: Path) -> None:
    rule = load_rule(bad / "results/s/cand")
    assert rule is not None
    seen = list(dict.fromkeys(result.context_id for result in load_run(bad / "results/s/cand").results))
    assert tuple(seen) == rule.order[: len(seen)]


def test_an_interrupted_run_asks_the_same_and_ends_the_same(bad: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "x", accuracy=0.4)
    assert run(folder)[0] == 0
    samples = folder / "results/s/cand/samples.jsonl"
    whole = lines(folder)
    samples.write_bytes(b"".join(whole[:13]) + whole[13][:40])  # killed in the middle of a line and of a context
    code, text, _ = harness(folder, "gate", "s/base", "s/cand")
    assert code == 3, text
    assert "the same command with --until-decided continues, without any correction" in text
    assert "3 of 30 contexts count so far, 13 of 120 replies are there" in text
    assert run(folder)[0] == 0
    key = [(r.sample_id, r.reply.text) for r in load_run(folder / "results/s/cand").results]
    assert key == [(r.sample_id, r.reply.text) for r in load_run(bad / "results/s/cand").results]


@pytest.mark.parametrize("accuracy", [0.4, 0.95])
def test_four_workers_and_one_come_to_the_same_verdict(accuracy: float, tmp_path: Path) -> None:
    verdicts = []
    for concurrency in (1, 4):
        folder = write(tmp_path / str(concurrency), accuracy=accuracy, concurrency=concurrency)
        assert run(folder)[0] == 0
        verdicts.append(json.loads(harness(folder, "gate", "s/base", "s/cand", "--json")[1]))
    assert verdicts[0]["rows"] == verdicts[1]["rows"]
    assert verdicts[0]["state"] == verdicts[1]["state"] == ("pass" if accuracy == 0.95 else "regressed")


def test_a_look_at_any_time_decides_nothing_that_the_run_would_not(bad: Path) -> None:
    """Cut the replies after every other line: inconclusive until the end, then regressed, and never anything else."""
    baseline, candidate = load_run(bad / "results/s/base"), load_run(bad / "results/s/cand")
    rule = load_rule(candidate.info.path)
    assert rule is not None
    states = []
    for n in range(0, len(candidate.results) + 1, 2):
        cut = Run(candidate.info, candidate.results[:n])
        states.append(decide_early(pair(baseline, cut), (baseline, cut), rule).state)
    assert states[:-1] == ["inconclusive"] * (len(candidate.results) // 2)
    assert states[-1] == "regressed"


def test_what_was_asked_beyond_a_gap_does_not_count(bad: Path) -> None:
    """A context that is not complete holds back all behind it, however they came out."""
    baseline, candidate = load_run(bad / "results/s/base"), load_run(bad / "results/s/cand")
    rule = load_rule(candidate.info.path)
    assert rule is not None
    holed = Run(candidate.info, candidate.results[1:])
    found = standing(design_of(baseline, rule), pair(baseline, holed), holed)
    assert (found.used, found.counts[0], found.settled) == (0, 0, False)


def fixed(folder: Path) -> tuple[int, str, str]:
    return harness(folder, "run", str(folder / "sweep.toml"), "--allow-underpowered")


def test_a_run_cannot_change_its_kind(tmp_path: Path) -> None:
    folder = write(tmp_path / "x", contexts=20)
    assert fixed(folder)[0] == 0
    code, _, told = run(folder)
    assert code == 2
    assert "begun as one of a fixed size" in told
    assert "without --until-decided" in told


def test_nor_the_other_way_round(bad: Path) -> None:
    code, _, told = fixed(bad)
    assert code == 2
    assert "add --until-decided" in told


def test_a_rule_without_replies_is_taken_back(tmp_path: Path) -> None:
    folder = write(tmp_path / "x", contexts=20)
    run(folder, "--model", "base")
    baseline = load_run(folder / "results/s/base")
    rule = make_rule(baseline, Policy("p", PolicyFile(version=1)), 5)
    cand = folder / "results/s/cand"
    cand.mkdir()
    record_rule(cand, rule)
    assert fixed(folder)[0] == 0
    assert load_rule(cand) is None


def test_the_policy_of_the_run_is_the_policy_of_its_verdict(bad: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(POLICY.replace("0.2", "0.6"))
    code, text, _ = harness(bad, "gate", "s/base", "s/cand", "--policy", str(other))
    assert code == 4
    assert "the run was stopped by the policy recorded with it, gate.toml" in text
    assert "defaults.margin: 0.2 -> 0.6" in text
    assert harness(bad, "gate", "s/base", "s/cand", "--policy", str(bad / "gate.toml"))[0] == 1


def test_a_changed_policy_does_not_continue_a_run(tmp_path: Path) -> None:
    folder = write(tmp_path / "x", accuracy=0.4)
    assert run(folder)[0] == 0
    (folder / "gate.toml").write_text(POLICY.replace("0.2", "0.3"))
    code, _, told = run(folder)
    assert code == 2
    assert "begun by another stopping rule" in told


def test_a_rule_that_was_edited_is_refused(bad: Path) -> None:
    rule = load_rule(bad / "results/s/cand")
    assert rule is not None
    file = bad / "results/s/cand/stopping.json"
    before = file.read_text()
    file.write_text(before.replace('"margin": 0.2', '"margin": 0.9'))
    try:
        with pytest.raises(StoreError, match="changed or damaged"):
            load_rule(file.parent)
    finally:
        file.write_text(before)


def invalid(result: Result) -> Result:
    error = ReplyError(kind="timeout", message="x")
    return replace(result, outcome="invalid", score=None, reply=Reply(error=error))


def with_invalid(candidate: Run, places: Sequence[int]) -> Run:
    results = [invalid(r) if n in places else r for n, r in enumerate(candidate.results)]
    return Run(candidate.info, tuple(results))


def test_a_failed_call_is_no_zero(same: Path) -> None:
    """One of two replies on a context failed: the context counts as the mean of the other, and nothing is lost."""
    baseline, candidate = load_run(same / "results/s/base"), load_run(same / "results/s/cand")
    rule = load_rule(candidate.info.path)
    assert rule is not None
    policy = Policy("p", PolicyFile.model_validate({"version": 1, "defaults": {"margin": 0.2, "max_invalid": 0.05}}))
    lenient = replace(rule, policy=policy)
    cut = with_invalid(candidate, [0])
    found = standing(design_of(baseline, lenient), pair(baseline, cut), cut)
    assert all(not track.drops.any() for track in found.tracks.values())
    assert found.counts[2] == 1
    verdict = decide_early(pair(baseline, cut), (baseline, cut), lenient)
    assert verdict.state == "pass"
    assert {row.losses for row in verdict.rows} == {0}


def test_too_many_failed_calls_keep_a_run_going_and_make_its_verdict_invalid(same: Path) -> None:
    baseline, candidate = load_run(same / "results/s/base"), load_run(same / "results/s/cand")
    rule = load_rule(candidate.info.path)
    assert rule is not None
    cut = with_invalid(candidate, [0, 5, 9])
    found = standing(design_of(baseline, rule), pair(baseline, cut), cut)
    assert not found.settled
    assert found.open_cells
    verdict = decide_early(pair(baseline, cut), (baseline, cut), rule)
    assert verdict.state == "invalid"
    assert "have no score (infrastructure), more than the 1.0% allowed" in verdict.sentence


def test_what_cannot_be_decided_early_is_refused_before_any_call(tmp_path: Path) -> None:
    folder = write(tmp_path / "x", contexts=10)
    code, _, told = run(folder)
    assert code == 2
    assert "cannot be proven by early stopping, even if no answer ever differs" in told
    assert "10 contexts, 16 needed" in told
    assert not (folder / "results").exists()
    (folder / "gate.toml").write_text(POLICY + 'population = "fixed"\n')
    assert "speaks of new contexts" in run(folder)[2]
    (folder / "gate.toml").write_text(POLICY + '[[quantity]]\nquantity = "completion_tokens"\nmargin = 0.1\n')
    assert "no early decision on it is valid" in run(folder)[2]
    assert harness(folder, "run", str(folder / "sweep.toml"), "--baseline", "x")[0] == 2
    assert run(folder, "--limit", "4")[0] == 2


def test_the_baseline_must_be_there_and_complete(tmp_path: Path) -> None:
    folder = write(tmp_path / "x")
    code, _, told = run(folder, "--model", "cand")
    assert code == 2
    assert "the baseline base was not run yet" in told
    assert run(folder, "--model", "base")[0] == 0
    (folder / "results/s/base/samples.jsonl").write_bytes(b"".join(lines(folder, "base")[:-3]))
    code, _, told = run(folder, "--model", "cand")
    assert code == 4
    assert "the baseline is not complete: 3 of 120 replies are missing" in told


def test_a_recorded_baseline_from_elsewhere(bad: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "x", accuracy=0.4)
    text = (folder / "sweep.toml").read_text()
    (folder / "sweep.toml").write_text(text.replace('role = "baseline"\n', "").replace('name = "base"', 'name = "old"'))
    assert "has the role baseline" in run(folder, "--model", "cand")[2]
    code, _, told = run(folder, "--model", "cand", "--baseline", str(bad / "results/s/base"))
    assert code == 0, told
    assert len(lines(folder)) == len(lines(bad))


def test_a_baseline_that_was_asked_something_else_is_refused_before_any_call(bad: Path, tmp_path: Path) -> None:
    folder = write(tmp_path / "x", accuracy=0.4)
    other = str(bad / "results/s/base")
    code, _, told = run(folder, "--model", "cand", "--baseline", other, "--set", "sweep.seed=6")
    assert code == 4
    assert "cannot be compared with the baseline s/base" in told
    assert "[sweep] seed differs" in told
    assert lines(folder) == []


def test_all_formats_show_a_sequential_verdict(bad: Path) -> None:
    for form, wanted in (
        ("markdown", "the e-value of harm is"),
        ("github", "::error title=regressed::"),
        ("junit", "the e-value of harm is"),
        ("json", '"missing": '),
    ):
        code, text, _ = harness(bad, "gate", "s/base", "s/cand", "--format", form)
        assert code == 1
        assert wanted in text
        if form == "junit":
            assert ElementTree.fromstring(text.split("?>", 1)[1]).find(".//failure") is not None
    code, _, told = harness(bad, "report", "s", "-o", str(bad / "report.html"))
    assert code == 0, told
    assert "replies not asked" in (bad / "report.html").read_text()


def test_proof_and_comparison_know_of_it(bad: Path, same: Path) -> None:
    _, _, told = harness(same, "gate", "s/base", "s/cand", "--prove")
    assert "a point beyond the margin everywhere the verdict is inconclusive" in told
    assert "points more lost in every cell would turn it regressed" in told
    _, text, _ = harness(bad, "compare", "s/base", "s/cand")
    assert "'harness gate' would end with 1 (regressed)" in text


def test_rows_speak_of_the_contexts_that_count(bad: Path) -> None:
    found = json.loads(harness(bad, "gate", "s/base", "s/cand", "--json")[1])
    for row in found["rows"]:
        assert row["drop"]["method"] == "confidence sequence over context means"
        assert row["effective_n"] == row["contexts"] == len(lines(bad)) // 4
        assert row["p_harm_adjusted"] >= row["p_harm"] > 0
        assert row["drop"]["low"] < row["drop"]["value"] < row["drop"]["high"]


def test_cells_are_closed_one_by_one(tmp_path: Path) -> None:
    """One length is proven, the other hardly above what is allowed: the first is asked no more."""
    folder = write(tmp_path / "x", more="")
    text = (folder / "sweep.toml").read_text().replace("accuracy = 0.95\nconcurrency = 1\n\n[[task]]", "{}")
    part = 'accuracy = 0.95\nconcurrency = 1\nby_length = { "2k" = 0.8 }\n\n[[task]]'
    (folder / "sweep.toml").write_text(text.replace("{}", part))
    assert run(folder)[0] == 0
    counts = {1024: 0, 2048: 0}
    for result in load_run(folder / "results/s/cand").results:
        counts[result.recipe.length] += 1
    assert counts[1024] < counts[2048]


def test_several_replies_to_a_sample_are_averaged_first(tmp_path: Path) -> None:
    folder = write(tmp_path / "x", accuracy=0.4)
    text = (folder / "sweep.toml").read_text().replace('adapter = "simulated"\n', 'adapter = "simulated"\nruns = 2\n')
    (folder / "sweep.toml").write_text(text)
    assert run(folder)[0] == 0
    code, out, _ = harness(folder, "gate", "s/base", "s/cand", "--json")
    assert code == 1
    rows = json.loads(out)["rows"]
    assert rows[0]["drop"]["n"] == 2 * rows[0]["contexts"]
    baseline, candidate = (load_run(folder / "results/s" / name) for name in ("base", "cand"))
    rule = load_rule(candidate.info.path)
    assert rule is not None
    found = standing(design_of(baseline, rule), pair(baseline, candidate), candidate)
    assert set(np.unique(np.concatenate([track.drops.ravel() * 4 for track in found.tracks.values()]) % 1)) <= {0, 0.5}


def test_an_incomplete_baseline_makes_no_rule(same: Path) -> None:
    baseline = load_run(same / "results/s/base")
    with pytest.raises(RunError, match="not complete"):
        make_rule(Run(baseline.info, baseline.results[1:]), Policy("p", PolicyFile(version=1)), 0)


def test_a_rule_that_matches_nothing_is_an_error(same: Path) -> None:
    baseline = load_run(same / "results/s/base")
    policy = Policy("p", PolicyFile.model_validate({"version": 1, "rule": [{"task": "code.*"}]}))
    with pytest.raises(ConfigError, match="matches nothing"):
        design_of(baseline, make_rule(baseline, policy, 0))


def test_another_rule_over_replies_is_refused(bad: Path) -> None:
    baseline = load_run(bad / "results/s/base")
    with pytest.raises(WrongRun, match="another stopping rule"):
        record_rule(bad / "results/s/cand", make_rule(baseline, Policy("p", PolicyFile(version=1)), 9))


def test_a_round_holds_a_context_of_each_task(tmp_path: Path) -> None:
    """With two tasks the row over both speaks of whole rounds, and both are asked alike until it is proven."""
    folder = write(tmp_path / "x", more='\n[[task]]\nname = "retrieval.ordinal"\n', contexts=20)
    (folder / "gate.toml").write_text(POLICY.replace("0.2", "0.3") + "[severity]\nmargin = 300\n")
    assert run(folder)[0] == 0
    rule = load_rule(folder / "results/s/cand")
    assert rule is not None
    assert len(rule.rounds) == 20
    for contexts in rule.rounds:
        assert sorted(name.split("/")[0] for name in contexts) == ["retrieval.exact", "retrieval.ordinal"]
    assert len({contexts[0].split("/")[0] for contexts in rule.rounds}) == 2
    rows = json.loads(harness(folder, "gate", "s/base", "s/cand", "--json")[1])["rows"]
    by_scope = {row["scope"]: row for row in rows}
    assert by_scope["overall"]["contexts"] == by_scope["severity"]["contexts"] == 10
    assert by_scope["cell"]["contexts"] == 10
    assert all(row["state"] == "pass" for row in rows)


def test_a_verdict_is_the_same_object_as_of_a_fixed_run(same: Path) -> None:
    baseline, candidate = (load_run(same / "results/s" / name) for name in ("base", "cand"))
    rule = load_rule(candidate.info.path)
    assert rule is not None
    verdict = decide_early(pair(baseline, candidate), (baseline, candidate), rule)
    assert [row.scope for row in verdict.rows] == ["cell", "cell", "overall"]
    for form in ("text", "json", "markdown", "junit", "github"):
        assert emit(verdict, form)
