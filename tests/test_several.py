"""Several candidates at once: one error rate for all of them, each with its own verdict, and groups of equals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from render_data import made_result, made_run

from harness.cli.compare import command as compare_command
from harness.cli.gate import command as gate_command
from harness.cli.run import command as run_command
from harness.errors import ConfigError, ExitCode
from harness.gate import Policy, Several, groups, judge, judge_each, judge_several
from harness.gate.emit.groups import groups_text
from harness.gate.emit.several import LONGEST_MARKDOWN, emit_several
from harness.gate.explore.groups import letters_of
from harness.gate.policy import PolicyFile
from harness.stats import holm, mcnemar_two_sided
from harness.store import Run

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CELLS = {"t.a": 60, "t.b": 60}


def run_of(model: str, wrong: Mapping[str, int] | None = None, cells: Mapping[str, int] = CELLS, **fields: Any) -> Run:
    """Make a run, one sample a context; the last so many of each task are wrong."""
    results = [
        made_result(f"{task}/{i}", correct=i < n - (wrong or {}).get(task, 0), mode="other", task=task, context=i)
        for task, n in cells.items()
        for i in range(n)
    ]
    return made_run(model, results, **fields)


def policy(**defaults: Any) -> Policy:
    return Policy("p", PolicyFile.model_validate({"version": 1, "defaults": {"margin": 0.1, **defaults}}))


BASE = run_of("base", role="baseline")
SAME = run_of("same")
BAD = run_of("bad", {"t.a": 30})
WORSE = run_of("worse", {"t.a": 40, "t.b": 30})


def several(*candidates: Run, **defaults: Any) -> Several:
    return judge_several(BASE, candidates, policy(**defaults), NOW)


def test_each_candidate_has_its_own_verdict_and_the_worst_exit_code_stands_for_all() -> None:
    found = several(SAME, BAD)
    assert [(v.candidate, v.state) for v in found.verdicts] == [
        ("kv-cache/same", "pass"),
        ("kv-cache/bad", "regressed"),
    ]
    assert found.exit_code == ExitCode.REGRESSED


@pytest.mark.parametrize(
    ("candidates", "margin", "code"),
    [
        ((SAME, SAME), 0.1, ExitCode.PASS),
        ((SAME, SAME), 0.01, ExitCode.INCONCLUSIVE),
        ((BAD, SAME), 0.01, ExitCode.REGRESSED),
        ((BAD, run_of("half", cells={"t.a": 30, "t.b": 30}, planned=120)), 0.01, ExitCode.INVALID),
    ],
)
def test_the_order_of_exit_codes(candidates: tuple[Run, ...], margin: float, code: ExitCode) -> None:
    named = [
        made_run(f"{run.info.model}{i}", run.results, planned=run.info.planned) for i, run in enumerate(candidates)
    ]
    assert judge_several(BASE, named, policy(margin=margin), NOW).exit_code == code


def test_harm_is_corrected_over_the_candidates_and_by_scope() -> None:
    runs = (BAD, run_of("some", {"t.a": 7, "t.b": 3}), SAME)
    rows = [row for verdict in several(*runs).verdicts for row in verdict.rows]
    for scope, number in (("cell", 6), ("overall", 3)):
        family = [row for row in rows if row.scope == scope]
        assert len(family) == number
        assert [row.p_harm_adjusted for row in family] == pytest.approx(holm([row.p_harm for row in family]))


def test_what_is_beyond_chance_alone_may_be_chance_among_many() -> None:
    """Seven of sixty lost: p = 2 ** -7 = .0078 is under the cells' share of .025 for two cells, and not for six."""
    lossy = run_of("lossy", {"t.a": 7})
    alone, among = judge(BASE, lossy, policy(), NOW), several(lossy, SAME, run_of("equal"))
    assert (alone.state, among.verdicts[0].state) == ("regressed", "inconclusive")
    assert [row.p_harm for row in alone.rows] == [row.p_harm for row in among.verdicts[0].rows]


def test_one_candidate_is_judged_as_ever() -> None:
    assert several(BAD).verdicts[0] == judge(BASE, BAD, policy(), NOW)


def test_passes_are_each_candidates_own() -> None:
    verdict, alone = several(SAME, BAD, WORSE).verdicts[0], judge(BASE, SAME, policy(), NOW)
    assert verdict.notes == (
        *alone.notes,
        "its tests of harm are corrected (Holm) together with those of the other candidates",
    )
    assert replace(verdict, notes=alone.notes) == alone


def test_a_cell_in_which_several_are_regressed_throws_suspicion_on_the_baseline() -> None:
    assert several(BAD, SAME).notes == ()
    assert several(BAD, WORSE, SAME).notes == (
        "t.a at 1k: 2 of 3 candidates are regressed here; suspect the shared baseline or the configuration of the runs "
        "first",
    )


def test_a_positive_control_among_the_candidates_throws_none() -> None:
    damaged = run_of("damaged", {"t.a": 40}, role="positive-control")
    assert several(BAD, damaged).notes == ()


def test_a_candidate_named_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="given twice"):
        several(BAD, SAME, BAD)


@pytest.mark.parametrize(
    ("apart", "letters"),
    [
        ([], ["a", "a", "a"]),
        ([(0, 2)], ["a", "ab", "b"]),
        ([(0, 1), (0, 2)], ["a", "b", "b"]),
        ([(0, 1), (0, 2), (1, 2)], ["a", "b", "c"]),
    ],
)
def test_letters_of_three(apart: list[tuple[int, int]], letters: list[str]) -> None:
    assert list(letters_of([0, 1, 2], set(apart)).values()) == letters


@given(st.integers(1, 7), st.data())
@settings(max_examples=50, deadline=None)
def test_a_letter_is_shared_exactly_where_two_are_not_apart(n: int, data: st.DataObject) -> None:
    pairs = list(combinations(range(n), 2))
    apart = {pair for pair in pairs if data.draw(st.booleans())}
    letters = letters_of(range(n), apart)
    assert all(bool(set(letters[i]) & set(letters[j])) == ((i, j) not in apart) for i, j in pairs)
    assert all(letters.values())


def test_groups_test_every_pair_both_ways() -> None:
    found = groups([BASE, run_of("some", {"t.a": 6}), WORSE], policy())
    p = [mcnemar_two_sided(6, 0), mcnemar_two_sided(70, 0), mcnemar_two_sided(64, 0)]
    assert [each.p for each in found.contrasts] == pytest.approx(p)
    assert [each.p_adjusted for each in found.contrasts] == pytest.approx(holm(p))
    assert [(each.name, each.letters) for each in found.standings] == [
        ("kv-cache/base", "a"),
        ("kv-cache/some", "b"),
        ("kv-cache/worse", "c"),
    ]
    assert [round(each.right.value or 0, 3) for each in found.standings] == [1.0, 0.95, 0.417]


def test_the_best_comes_first_and_equals_share_a_letter() -> None:
    found = groups([WORSE, SAME, BASE], policy())
    assert [each.problem for each in found.contrasts] == ["", "", ""]
    assert [(each.name, each.letters) for each in found.standings] == [
        ("kv-cache/base", "a"),
        ("kv-cache/same", "a"),
        ("kv-cache/worse", "b"),
    ]


def test_runs_without_a_sample_in_common_are_not_called_equal() -> None:
    other = made_run("other", [made_result("elsewhere/0")])
    found = groups([BASE, other], policy())
    assert found.contrasts[0].drop is None
    text = groups_text(found)
    assert "not told apart" not in text
    assert "no scored sample in common" in text
    assert [each.letters for each in found.standings] == ["", ""]


def test_contexts_are_what_is_independent() -> None:
    """One context of 40 questions fails whole: nothing is told apart, where samples would."""
    cells = [(context, question) for context in range(10) for question in range(40)]

    def shared(model: str, wrong: int) -> Run:
        results = [made_result(f"{c}/{q}", correct=c != wrong, mode="other", context=c) for c, q in cells]
        return made_run(model, results)

    pair = [shared("one", -1), shared("two", 3)]
    assert groups(pair, policy()).contrasts[0].p == 1.0
    assert groups(pair, policy(population="fixed")).contrasts[0].p == pytest.approx(2 * 0.5**40)


def test_every_format_shows_every_candidate() -> None:
    found = several(BAD, WORSE, SAME)
    for form in ("text", "markdown", "junit", "github", "json"):
        shown = emit_several(found, form).replace("\\", "").replace("%25", "%")
        assert all(verdict.sentence in shown for verdict in found.verdicts), form
    text = emit_several(found, "text")
    assert text.splitlines()[-1] == "exit code 1: the worst one, in the order 4, 1, 3, 0"
    assert "note: t.a at 1k: 2 of 3 candidates are regressed here" in text
    assert "share a letter" in text


def test_json_of_several_is_a_list_under_a_schema_of_its_own() -> None:
    plain = json.loads(emit_several(several(BAD, SAME), "json"))
    assert plain["schema"] == "longcontext-harness/verdicts@1"
    assert [verdict["schema"] for verdict in plain["verdicts"]] == ["longcontext-harness/verdict@1"] * 2
    assert plain["exit_code"] == 1
    assert [each["letters"] for each in plain["groups"]["standings"]] == ["a", "a", "b"]


def test_junit_has_a_suite_for_each_candidate_and_adds_up() -> None:
    root = ElementTree.fromstring(emit_several(several(BAD, SAME), "junit"))
    suites = root.findall("testsuite")
    assert [suite.get("name") for suite in suites] == [f"kv-cache/{c} against kv-cache/base" for c in ("bad", "same")]
    assert root.get("tests") == str(len(root.findall(".//testcase")))
    assert [len(suite.findall(".//failure")) > 0 for suite in suites] == [True, False]


def test_annotations_keep_to_what_github_shows() -> None:
    cells = {f"t.{i:02d}": 60 for i in range(12)}
    runs = [run_of(name, dict.fromkeys(cells, 30), cells) for name in ("one", "two", "three")]
    found = judge_several(run_of("base", cells=cells, role="baseline"), runs, policy(), NOW)
    lines = emit_several(found, "github").splitlines()
    assert [line.startswith("::error title=regressed::Do not ship") for line in lines[:4]] == [True] * 3 + [False]
    assert sum(line.startswith("::error") for line in lines) == 10
    assert sum(line.startswith("::warning") for line in lines) == 10
    assert "::notice title=annotations left out" in lines[-1]


def test_a_comment_stays_below_what_github_takes() -> None:
    cells = {f"t.{i:02d}": 20 for i in range(100)}
    runs = [run_of(f"run{i}", dict.fromkeys(cells, 10), cells) for i in range(4)]
    text = emit_several(judge_several(run_of("base", cells=cells, role="baseline"), runs, policy(), NOW), "markdown")
    assert len(text.encode()) < LONGEST_MARKDOWN + 1000
    assert "does not fit in here" in text
    assert all(f"run{i}" in text for i in range(4))


SWEEP = """
[sweep]
name = "s"
lengths = ["1k"]
contexts = 60
questions_per_context = 1
"""
MODEL = '[[model]]\nname = "{}"\nrole = "{}"\nadapter = "simulated"\naccuracy = {}\nseed = 5\n'


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("several")
    models = [("base", "baseline", 0.9), ("same", "candidate", 0.9), ("bad", "candidate", 0.4)]
    task = '[[task]]\nname = "retrieval.exact"\nkeys = 4\ndecoys = 2\n'
    (folder / "sweep.toml").write_text(SWEEP + "".join(MODEL.format(*each) for each in models) + task)
    invoked(run_command, folder / "sweep.toml", "--results", folder)
    return folder


def invoked(command: click.Command, *args: str | Path) -> tuple[Any, str]:
    found = CliRunner().invoke(command, list(map(str, args)), standalone_mode=False)
    if found.exception:
        raise found.exception
    return found.return_value, found.stdout


def test_the_command_judges_several(results: Path) -> None:
    code, text = invoked(gate_command, "s/base", "s/same", "s/bad", "--results", results)
    assert code == ExitCode.REGRESSED
    assert "2 candidates, their tests of harm corrected together" in text
    alone, text = invoked(gate_command, "s/base", "s/bad", "--json", "--results", results)
    assert (alone, json.loads(text)["schema"]) == (ExitCode.REGRESSED, "longcontext-harness/verdict@1")


def test_compare_shows_groups_of_several_and_searches_one(results: Path) -> None:
    code, text = invoked(compare_command, "s/base", "s/same", "s/bad", "--results", results)
    assert code is None
    assert "share a letter" in text
    _, text = invoked(compare_command, "s/base", "s/bad", "--scan", "--json", "--results", results)
    assert json.loads(text)["scan"]["overall_p"] < 0.05
    _, text = invoked(compare_command, "s/base", "s/bad", "--scan", "--results", results)
    assert "worse over all samples" in text
    with pytest.raises(ConfigError, match="one candidate at a time"):
        invoked(compare_command, "s/base", "s/same", "s/bad", "--scan", "--results", results)


def test_verdicts_alone_are_those_of_several_and_guard_modes_too():
    runs = [run_of("one", {"t.a": 9}), run_of("two")]
    guarded = Policy("p", PolicyFile.model_validate({"version": 1, "mode": [{"mode": "other", "margin": 0.05}]}))
    verdicts = judge_each(BASE, runs, guarded, NOW)
    assert verdicts == list(judge_several(BASE, runs, guarded, NOW).verdicts)
    assert all("mode" in {row.scope for row in verdict.rows} for verdict in verdicts)
    assert judge_each(BASE, runs[:1], guarded, NOW) == [judge(BASE, runs[0], guarded, NOW)]
