"""The tracing family: golds agree with walking by hand, mistakes get their labels, and no reply breaks the scorer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contexts import InfeasibleLength, reference_counter
from harness.contracts import Cell
from harness.errors import ConfigError
from harness.records import Reply
from harness.registry import make_task
from tasks.tracing.graph import GraphParams, distances, shortest_paths
from tasks.tracing.lists import ListParams, Step, run, view
from tasks.tracing.puzzle import Ask, TracingParams
from tasks.tracing.variables import Note, VariablesParams, late_binding
from tasks.tracing.variables import run as carry_out

NAMES = ("tracing.variables", "tracing.list", "tracing.graph")
README = (Path(__file__).parents[1] / "tasks/tracing/README.md").read_text()


def samples(name: str, contexts: int = 6, length: int = 1024, seed: int = 5, **params):
    task = make_task(name, params)
    cell = Cell(length=length, contexts=range(contexts), questions=4, counter=reference_counter())
    return task, list(task.samples(cell, seed))


def reply(text: str, finish: str = "stop") -> Reply:
    return Reply(text=text, finish_reason=finish)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_prompt_has_the_answer_it_claims(name: str, seed: int) -> None:
    task, asked = samples(name, contexts=2, seed=seed)
    for sample in asked:
        assert sorted(task.oracle(task.prompt(sample))) == sorted(sample.gold)
        score = task.score(sample, reply(task.ideal_reply(sample.gold)))
        assert (score.correct, score.mode) == (True, None)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("tracing.variables", {"order": "shuffled", "hops": 8}),
        ("tracing.variables", {"early": 0, "late": 0, "chains": 6}),
        ("tracing.list", {"operations": 14, "lists": 5}),
        ("tracing.graph", {"nodes": 40, "degree": 3, "distance": 3}),
        ("tracing.graph", {"nodes": 30, "degree": 1}),
    ],
)
def test_other_parameters_are_answered_too(name: str, params: dict) -> None:
    task, asked = samples(name, length=4096, **params)
    for sample in asked:
        assert sorted(task.oracle(task.prompt(sample))) == sorted(sample.gold)
        for mode, text in task.mistakes(sample).items():
            assert task.score(sample, reply(text)).mode == mode


@pytest.mark.parametrize("name", NAMES)
def test_planted_mistakes_get_their_own_label_and_are_described(name: str) -> None:
    task, asked = samples(name, contexts=25)
    seen = set()
    for sample in asked:
        for mode, text in task.mistakes(sample).items():
            score = task.score(sample, reply(text))
            assert (score.mode, score.value) == (mode, 0.0)
            seen.add(mode)
    assert len(seen) >= 4
    assert all(f"`{mode.removeprefix('trace.')}`" in README for mode in seen)


def test_variables_by_hand() -> None:
    notes = [
        Note(0, "A", "", 5, 1),
        Note(0, "A", "", 20, 2),
        Note(0, "B", "A", 7, 3),
        Note(0, "A", "", 60, 4),
        Note(0, "C", "B", 0, 5),
    ]
    assert carry_out(notes) == {"A": 60, "B": 27, "C": 27}
    assert carry_out(notes, first_only=True) == {"A": 5, "B": 12, "C": 12}
    assert carry_out(notes, add=False) == {"A": 60, "B": 20, "C": 20}
    assert late_binding(notes) == {"A": 60, "B": 67, "C": 67}
    assert carry_out(notes[::-1])["C"] == 0


def test_lists_by_hand() -> None:
    steps = [Step(0, "start", (3, 1, 2)), Step(0, "append", (9,)), Step(0, "reverse"), Step(0, "prepend", (4,))]
    assert run(steps) == (4, 9, 2, 1, 3)
    assert run([*steps, Step(0, "sort"), Step(0, "pop"), Step(0, "remove", (2,))]) == (1, 3, 4)
    assert [view(kind, (4, 9)) for kind in ("length", "sum", "first", "whole")] == [("2",), ("13",), ("4",), ("4", "9")]
    assert view("first", ()) == ()


def test_graphs_by_hand() -> None:
    graph = {"A": ["B", "C"], "B": ["D"], "C": ["D"], "D": ["E"], "E": ["A"]}
    assert distances(graph, "A") == {"A": 0, "B": 1, "C": 1, "D": 2, "E": 3}
    assert shortest_paths(graph, "A", "D") == [("A", "B", "D"), ("A", "C", "D")]
    assert shortest_paths(graph, "D", "A") == [("D", "E", "A")]
    assert shortest_paths({"A": ["B"], "B": []}, "B", "A") == []


def test_an_answer_that_two_mistakes_explain_is_given_to_neither() -> None:
    wrong = (("trace.a", ("7",), ""), ("trace.b", ("7",), ""), ("trace.a", ("8",), ""), ("trace.c", ("1",), ""))
    assert [each.mode for each in Ask("", "", ("1",), wrong, ()).alternatives()] == ["trace.a"]


def test_a_broken_path_has_its_share_of_right_steps() -> None:
    task, asked = samples("tracing.graph", contexts=8)
    sample = next(s for s in asked if s.axes["operation"] == "path" and len(s.gold) >= 3)
    given = [*sample.gold[:-1], "nowhereham"]
    score = task.score(sample, reply(f"ANSWER: {', '.join(given)}"))
    assert score.metrics["prefix@1"] == pytest.approx((len(sample.gold) - 1) / len(sample.gold))
    assert not score.correct


@pytest.mark.parametrize(
    ("name", "text", "mode"),
    [
        ("tracing.variables", "ANSWER: 7777", "trace.invented_node"),
        ("tracing.list", "ANSWER: none of them", "false_absence"),
        ("tracing.list", "ANSWER: 1.5", "unattributed"),
        ("tracing.graph", "ANSWER: Atlantis", "trace.invented_node"),
        ("tracing.graph", "I'm sorry, but I can't help with that request.", "refusal.policy"),
    ],
)
def test_other_wrong_answers_are_named(name: str, text: str, mode: str) -> None:
    task, asked = samples(name)
    assert {task.score(sample, reply(text)).mode for sample in asked if sample.axes.get("asked") != "holders"} == {mode}


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=200) | st.text("0123456789.-, \nANSWER:", max_size=80))
def test_no_reply_breaks_the_scorer(name: str, text: str) -> None:
    task, asked = samples(name, contexts=1)
    for sample in asked:
        score = task.score(sample, reply(text))
        assert (score.mode is None) == score.correct


def test_what_does_not_fit_says_so() -> None:
    with pytest.raises(InfeasibleLength):
        samples("tracing.graph", nodes=200)
    with pytest.raises(ConfigError, match="the right answer alone takes"):
        samples("tracing.graph", length=32768, nodes=100, degree=4, distance=4)
    with pytest.raises(ConfigError, match="no question of every kind had an answer"):
        samples("tracing.graph", nodes=6, degree=4, distance=8)


def test_the_largest_parameters_are_drawn() -> None:
    task, asked = samples(
        "tracing.variables", contexts=1, length=32768, chains=16, hops=16, early=0, late=2, answer_budget=512
    )
    assert all(sorted(task.oracle(task.prompt(sample))) == sorted(sample.gold) for sample in asked)
    task, asked = samples("tracing.list", contexts=1, length=65536, lists=32, operations=40, answer_budget=512)
    assert all(task.oracle(task.prompt(sample)) == sample.gold for sample in asked)


def test_every_parameter_is_described_with_its_default() -> None:
    for params in (TracingParams, VariablesParams, ListParams, GraphParams):
        for name, field in params.model_fields.items():
            assert re.search(rf"^\| `{name}` \| `?{field.default}`? \|", README, re.MULTILINE), name
