"""A baseline on file: the same verdict as the run gave, nothing of what was said, and no way to accept half a run."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from click.testing import Result as Done
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_store import failed, make_info, make_result, write

from harness.cli.main import cli
from harness.errors import RunError, StoreError, UnknownName, UsageError
from harness.gate import Policy, judge
from harness.gate.baselines import check_acceptable
from harness.gate.policy import PolicyFile
from harness.records import Result, Usage
from harness.store import Run, load_run, pair
from harness.store.baseline import baseline_text, file_name, holds, load_baseline, write_baseline
from harness.store.run_dir import Acceptance

ACCEPTED = Acceptance(reason="first release", by="Ada", at="2026-11-01T12:00:00+00:00", role="baseline")
NOW = datetime(2026, 11, 11, 12, tzinfo=UTC)
LOOSE = Policy("p", PolicyFile(version=1, defaults={"margin": 0.9, "max_invalid": 0.5}))


def results(correct: str = "1101") -> list[Result]:
    usage = Usage(prompt_tokens=905, completion_tokens=40, reasoning_tokens=30)
    made = [make_result(q, correct=right == "1", text="SECRET reply") for q, right in enumerate(correct)]
    return [replace(r, reply=replace(r.reply, usage=usage, latency_s=0.1 + q)) for q, r in enumerate(made)]


def run_of(path: Path, made: list[Result], **changes: object) -> Run:
    info = replace(make_info(path), role="baseline")
    return Run(replace(info, **changes), tuple(made))  # type: ignore[arg-type]


def filed(tmp_path: Path, made: list[Result] | None = None, accepted: Acceptance = ACCEPTED) -> Run:
    run = run_of(tmp_path / "run", made or results())
    path = tmp_path / file_name(run.info)
    write_baseline(path, run, accepted)
    return load_run(path)


def candidate(tmp_path: Path, correct: str = "1001") -> Run:
    write(tmp_path / "cand", *results(correct), model="cand")
    return load_run(tmp_path / "cand")


def test_a_file_gives_the_pairs_and_the_verdict_of_the_run(tmp_path: Path) -> None:
    made = [*results("110"), failed(3)]
    run, other = run_of(tmp_path / "run", made), candidate(tmp_path)
    live, kept = pair(run, other), pair(filed(tmp_path, made), other)
    pd.testing.assert_frame_equal(kept.pairs, live.pairs, check_like=True)
    assert (kept.problems, kept.invalid_baseline, kept.missing) == ((), 1, 0)
    a, b = judge(run, other, LOOSE, NOW), judge(filed(tmp_path, made), other, LOOSE, NOW)
    assert (a.state, a.rows, a.sentence) == (b.state, b.rows, b.sentence)
    assert set(b.notes) - set(a.notes) == {
        "the baseline is the file s--m.json, accepted 10 days ago (2026-11-01) by Ada: first release"
    }


def test_nothing_of_what_was_said_is_in_the_file(tmp_path: Path) -> None:
    errored = replace(failed(1), reply=replace(failed(1).reply, text="SECRET"))
    text = baseline_text(run_of(tmp_path, [make_result(0, text="SECRET", gold=("SECRET",)), errored]), ACCEPTED)
    assert "SECRET" not in text
    assert "no answer" not in text
    assert '"timeout"' in text


def test_the_same_results_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    made = results()
    twice = [*made, *[replace(r, replicate=1) for r in made]]
    text = baseline_text(run_of(tmp_path, twice), ACCEPTED)
    assert text == baseline_text(run_of(tmp_path, twice[::-1]), ACCEPTED)
    assert text.isascii()
    assert [line for line in text.splitlines() if '"t.a/1k/c0000/q0", 1,' in line] != []
    assert len(text.splitlines()) == len(baseline_text(run_of(tmp_path, made), ACCEPTED).splitlines()) + 4


@given(correct=st.text("01", min_size=1, max_size=12), depth=st.floats(0, 1), name=st.text(max_size=8))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_scores_and_axes_survive(tmp_path: Path, correct: str, depth: float, name: str) -> None:
    made = [replace(r, axes={"depth": depth, "who": name, "absent": False}) for r in results(correct)]
    kept = filed(tmp_path, made)
    assert [
        (r.sample_id, r.axes, r.score and r.score.correct, r.reply.usage, r.reply.latency_s) for r in kept.results
    ] == [
        (r.sample_id, r.axes, r.score and r.score.correct, r.reply.usage, r.reply.latency_s)
        for r in sorted(made, key=lambda r: r.sample_id)
    ]


def test_controls_are_left_out(tmp_path: Path) -> None:
    control = make_result(0, sample_id="control", axes={"control": "closed_book"})
    assert [r.sample_id for r in filed(tmp_path, [*results("1"), control]).results] == ["t.a/1k/c0000/q0"]


def test_a_slip_of_an_editor_is_found(tmp_path: Path) -> None:
    path = filed(tmp_path).info.path
    whole = path.read_text()
    path.write_text(whole.replace("false, 0.0", "true, 1.0", 1))
    with pytest.raises(StoreError, match="changed after it was accepted"):
        load_run(path)
    path.write_text("<<<<<<< ours\n" + whole)
    with pytest.raises(StoreError, match="not JSON"):
        load_run(path)
    path.write_text(whole.replace("baseline@1", "baseline@2"))
    with pytest.raises(StoreError, match="not a baseline of this version"):
        load_run(path)
    with pytest.raises(UnknownName, match="there is no baseline here"):
        load_baseline(tmp_path / "none.json")


def test_who_accepts_it_is_no_part_of_what_it_holds(tmp_path: Path) -> None:
    kept = filed(tmp_path, accepted=replace(ACCEPTED, reason="again", by="Bob"))
    assert holds(kept.info.path, run_of(tmp_path / "run", results()))
    assert not holds(kept.info.path, run_of(tmp_path / "run", results("1100")))


@pytest.mark.parametrize(
    ("made", "changes", "kind", "what"),
    [
        (results("111"), {}, RunError, "1 of 4 planned replies are missing"),
        ([*results("111"), failed(3)], {}, RunError, "1 of 4 replies have no score"),
        (results(), {"role": "candidate"}, UsageError, "--promote"),
        (results(), {"role": "positive-control"}, UsageError, "cannot be a baseline"),
        (results(), {"accepted": ACCEPTED}, UsageError, "already"),
    ],
)
def test_what_no_verdict_could_rest_on_is_refused(
    tmp_path: Path, made: list[Result], changes: dict[str, object], kind: type[Exception], what: str
) -> None:
    strict = Policy("p", PolicyFile(version=1))
    with pytest.raises(kind, match=what):
        check_acceptable(run_of(tmp_path, made, **changes), strict, promoted=False)
    check_acceptable(run_of(tmp_path, results()), strict, promoted=False)
    check_acceptable(run_of(tmp_path, results(), role="candidate"), strict, promoted=True)


def test_a_baseline_that_is_too_old_gives_no_verdict(tmp_path: Path) -> None:
    defaults = {"margin": 0.9, "max_baseline_age_days": 10}
    policy = Policy("p", PolicyFile(version=1, defaults=defaults))
    other = candidate(tmp_path)
    kept = filed(tmp_path)
    assert judge(kept, other, policy, NOW).state != "invalid"
    late = judge(kept, other, policy, NOW + timedelta(hours=3))
    assert late.state == "invalid"
    assert "the baseline was accepted 10.1 days ago, and the policy allows 10" in late.sentence
    assert judge(run_of(tmp_path / "run", results()), other, policy, NOW + timedelta(days=99)).state != "invalid"


def test_a_run_is_not_compared_with_its_own_file(tmp_path: Path) -> None:
    kept = filed(tmp_path)
    assert pair(kept, run_of(tmp_path / "run", results())).problems == (
        "the baseline's file was made from these very replies",
    )
    later = [replace(r, reply=replace(r.reply, latency_s=9.0)) for r in results()]
    assert pair(kept, run_of(tmp_path / "run", later)).problems == ()


SWEEP = """
[sweep]
name = "s"
lengths = ["1k"]
contexts = 8
questions_per_context = 1
[[model]]
name = "base"
role = "baseline"
adapter = "simulated"
accuracy = 0.9
[[model]]
name = "bad"
adapter = "simulated"
accuracy = 0.3
[[task]]
name = "retrieval.exact"
keys = 2
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sweep.toml").write_text(SWEEP)
    assert harness("run", "sweep.toml").return_value == 0
    return tmp_path


def harness(*args: str) -> Done:
    return CliRunner().invoke(cli, args, standalone_mode=False)


def test_accept_then_gate_without_the_run(here: Path) -> None:
    accepted = harness("baseline", "accept", "s/base", "--reason", "first", "--by", "Ada")
    file = "results/baselines/s--base.json"
    assert accepted.stdout.splitlines() == [file]
    live = json.loads(harness("gate", "s/base", "s/bad", "--json").stdout)
    (here / "results/s/base").rename(here / "gone")
    kept = harness("gate", file, "s/bad", "--json")
    plain = json.loads(kept.stdout)
    assert (plain["rows"], plain["state"], kept.return_value) == (live["rows"], live["state"], live["exit_code"])
    assert any("accepted 0 days ago" in note for note in plain["notes"])
    compared = harness("compare", file, "s/bad").stdout
    assert "no verdict here" in compared
    assert "by Ada: first" in compared
    noise = json.loads(
        harness("simulate", "sweep.toml", "--noise", file, "s/bad", "--replicates", "10", "--json").stdout
    )
    lost = live["rows"][0]["losses"] + live["rows"][0]["gains"]
    assert noise["assumed"]["flip_rate"] == pytest.approx(lost / 8)
    listed = json.loads(harness("baseline", "list", "--json").stdout)
    assert [(row["run"], row["replies"], row["by"], row["reason"]) for row in listed] == [("s/base", 8, "Ada", "first")]
    shown = json.loads(harness("baseline", "show", "s/base", "--json").stdout)
    assert (shown["cells"][0]["right"]["n"], shown["kind"], len(shown["sha256"])) == (8, "simulated", 64)
    assert "retrieval.exact at 1k  8 (8)" in harness("baseline", "show", file).stdout


def test_accept_shows_what_it_replaces(here: Path) -> None:
    first = harness("baseline", "accept", "s/base", "--reason", "first", "--by", "Ada")
    again = harness("baseline", "accept", "s/base", "--reason", "again", "--by", "Bob")
    file = here / first.stdout.strip()
    assert "nothing was written" in again.stderr
    before = json.loads(file.read_text())
    assert before["accepted"]["reason"] == "first"
    text = (here / "sweep.toml").read_text().replace("accuracy = 0.9", "accuracy = 0.2")
    (here / "sweep.toml").write_text(text)
    (here / "results/s/base").rename(here / "gone")
    harness("run", "sweep.toml", "--model", "base")
    changed = harness("baseline", "accept", "s/base", "--reason", "new server", "--by", "Bob")
    assert "against the baseline that it replaces" in changed.stdout
    assert "lost    retrieval.exact/1k/c" in changed.stdout
    assert json.loads(file.read_text())["accepted"]["replaces"] == before["sha256"]
    assert before["sha256"] in harness("baseline", "show", "s--base").stdout


def test_accept_refuses_with_a_way_out(here: Path) -> None:
    refused = harness("baseline", "accept", "s/bad", "--reason", "x", "--by", "Ada")
    assert isinstance(refused.exception, UsageError)
    assert "--promote" in refused.exception.fix
    assert isinstance(harness("baseline", "accept", "s/base", "--reason", " ", "--by", "A").exception, UsageError)
    promoted = harness("baseline", "accept", "s/bad", "--reason", "x", "--by", "Ada", "--promote")
    kept = json.loads((here / promoted.stdout.strip()).read_text())
    assert (kept["role"], kept["accepted"]["role"]) == ("baseline", "candidate")


def test_what_a_file_does_not_keep_is_said_where_it_would_be_shown(here: Path) -> None:
    file = harness("baseline", "accept", "s/base", "--reason", "first", "--by", "Ada").stdout.strip()
    shown = harness("show", file, "retrieval.exact/1k/c0000/q0")
    assert "not kept in the baseline's file" in shown.stdout
    assert harness("report", file, "s/bad", "-o", "r.html").exception is None
    page = (here / "r.html").read_text()
    assert "not kept in the baseline&#39;s file" in page
    assert "(empty)" not in page
