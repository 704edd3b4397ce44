"""The fixture ends a test as the verdict says, shows the verdict's text, and never lets an open one pass in silence."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from test_store import make_info, make_result

from harness.store import RunWriter, load_run
from harness.store.baseline import write_baseline
from harness.store.run_dir import Acceptance

pytest_plugins = ["pytester"]


def put(root: Path, model: str, right: int, planned: int = 80) -> None:
    info = replace(make_info(root / "results/s" / model, planned=planned, model=model), kind="simulated")
    with RunWriter(info) as writer:
        for q in range(80):
            writer.append(make_result(q, correct=q < right, context_id=f"t.a/c{q:04d}"))


@pytest.fixture
def runs(pytester: pytest.Pytester) -> pytest.Pytester:
    """Runs of a baseline and of candidates that pass, are worse, stay open, are incomplete."""
    for model, right in (("base", 79), ("same", 79), ("bad", 30), ("open", 76)):
        put(pytester.path, model, right)
    put(pytester.path, "torn", 79, planned=90)
    (pytester.path / "gate.toml").write_text("version = 1\n[defaults]\nmargin = 0.05\n")
    (pytester.path / "warn.toml").write_text('version = 1\n[defaults]\non_inconclusive = "warn"\n')
    pytester.makeconftest('pytest_plugins = ["harness.pytest_plugin"]')
    return pytester


def run(pytester: pytest.Pytester, call: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(f"def test_release(harness_gate):\n    verdict = {call}\n    assert verdict.state == 'pass'\n")
    return pytester.runpytest_inprocess("-rsx", *options)


def test_a_pass_gives_the_verdict(runs: pytest.Pytester) -> None:
    run(runs, "harness_gate('s/base', 's/same', policy='gate.toml')").assert_outcomes(passed=1)


def test_a_regression_fails_with_the_text_of_the_verdict(runs: pytest.Pytester) -> None:
    result = run(runs, "harness_gate('s/base', 's/bad', policy='gate.toml')")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "✕ REGRESSED  s/bad against s/base",
            "Do not ship bad: on t.a at 1k it answers * points fewer questions correctly than base*",
            "*s/bad is a simulated model*",
            "exit code 1",
        ]
    )
    assert "def gate(" not in result.stdout.str()


@pytest.mark.parametrize(("undecided", "outcome"), [("fail", "failed"), ("skip", "skipped"), ("xfail", "xfailed")])
def test_an_open_verdict_never_passes(runs: pytest.Pytester, undecided: str, outcome: str) -> None:
    result = run(runs, f"harness_gate('s/base', 's/open', policy='gate.toml', undecided={undecided!r})")
    result.assert_outcomes(**{outcome: 1})
    assert "undecided" in result.stdout.str()
    assert "the drop lies between" in result.stdout.str()


def test_a_policy_that_warns_makes_a_warning(runs: pytest.Pytester) -> None:
    call = "harness_gate('s/base', 's/open', policy='warn.toml', undecided='skip')"
    runs.makepyfile(f"def test_release(harness_gate):\n    assert {call}.state == 'inconclusive'\n")
    result = runs.runpytest_inprocess("-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*UndecidedWarning: undecided, and the policy lets it through: Undecided on open*"])
    runs.runpytest_inprocess("-W", "error").assert_outcomes(failed=1)


def test_what_cannot_be_compared_fails(runs: pytest.Pytester) -> None:
    torn = run(runs, "harness_gate('s/base', 's/torn')")
    torn.assert_outcomes(failed=1)
    torn.stdout.fnmatch_lines(["! INVALID *", "*10 of 90 planned replies are missing*"])
    missing = run(runs, "harness_gate('s/base', 's/nobody')")
    missing.assert_outcomes(failed=1)
    missing.stdout.fnmatch_lines(["*there is no run here*"])


def test_a_baselines_file_and_another_folder_of_results(runs: pytest.Pytester) -> None:
    path = runs.path / "results/s/base"
    accepted = Acceptance(reason="first", by="Ada", at="2026-11-01T12:00:00+00:00", role="candidate")
    write_baseline(runs.path / "kept/s--base.json", load_run(path), accepted)
    path.rename(runs.path / "gone")
    (runs.path / "results").rename(runs.path / "elsewhere")
    call = "harness_gate('kept/s--base.json', 's/same', policy='gate.toml', results='elsewhere')"
    run(runs, call).assert_outcomes(passed=1)


def test_nothing_loads_it_unasked_and_loading_it_is_cheap(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(harness_gate): ...")
    pytester.runpytest_inprocess().stdout.fnmatch_lines(["*fixture 'harness_gate' not found*"])
    code = "import sys, harness.pytest_plugin; print([m for m in ('pandas', 'scipy', 'numpy', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
