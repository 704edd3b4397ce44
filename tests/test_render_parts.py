from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from render_data import excerpts, judged, made_result, made_run, simulated_run

from harness.errors import ConfigError
from harness.gate.verdict import VerdictRow
from harness.records import Estimate, Message, Recipe, ReplyError, Sample, Span
from harness.render import excerpt_of
from harness.render.arms import make_arms
from harness.render.cases import Leads, make_cases
from harness.render.chosen import MOST, ON_THE_PAGE, choose, first_of, room_of
from harness.render.estimates import rise, share
from harness.render.excerpts import AROUND
from harness.render.facts import flattened
from harness.render.forest import make_axis, strip_of
from harness.render.formatting import count, interval, percent, points, signed, signed_interval, spoken
from harness.render.maps import DEPTHS, NO_DEPTH, depth_label, make_maps
from harness.render.modes import make_modes
from harness.render.size import LARGE, TOO_LARGE, size_note
from harness.render.text import shortened, visible
from harness.stats import effective_n_of, tango_interval, wilson


def estimate(value, low, high, n=48, level=0.95):
    return Estimate(value=value, low=low, high=high, n=n, level=level, method="Wilson")


def row(value, low, high, margin=0.05, state="pass"):
    drop = estimate(value, low, high, level=0.9)
    same = estimate(0.9, 0.8, 0.95)
    return VerdictRow(
        scope="cell",
        task="t",
        length=1024,
        baseline=same,
        candidate=same,
        drop=drop,
        losses=1,
        gains=0,
        contexts=8,
        effective_n=8.0,
        margin=margin,
        p_harm=0.5,
        p_harm_adjusted=0.5,
        state=state,
        reason="",
    )


def test_numbers_follow_the_rules_of_the_page():
    assert [points(v) for v in (0.875, 0.0, 1.0, None, -0.0001, -0.05)] == [
        "87.5",
        "0.0",
        "100.0",
        "n/a",
        "0.0",
        "−5.0",
    ]
    assert [signed(v) for v in (0.031, -0.031, 0.0, -0.0, 0.00001, None)] == [
        "+3.1",
        "−3.1",
        "0.0",
        "0.0",
        "0.0",
        "n/a",
    ]
    assert interval(estimate(0.5, 0.4, 0.6)) == "40.0 to 60.0"
    assert interval(estimate(None, None, None)) == "n/a"
    assert signed_interval(estimate(0.0, -0.02, 0.03)) == "−2.0 to +3.0"
    assert [count(n) for n in (0, 12480, 36.6, None)] == ["0", "12,480", "37", "n/a"]
    assert [percent(level) for level in (0.9, 0.95, 0.975)] == ["90 %", "95 %", "97.5 %"]
    assert spoken(estimate(0.875, 0.75, 0.94)) == "87.5, 95 % interval 75.0 to 94.0, n 48"


def test_text_that_does_not_print_is_escaped_and_the_rest_is_not():
    assert visible("tab\tline\nümläut 漢字 שלום 😀") == "tab\tline\nümläut 漢字 שלום 😀"
    assert visible("\u202e\x00\r\u200b\ud800\u2028") == r"\u202e\x00\r\u200b\ud800\u2028"


@given(st.text(st.characters()), st.integers(1, 20), st.integers(1, 20))
def test_shortened_text_keeps_both_ends(text, head, tail):
    short = shortened(text, head, tail)
    assert short == text if len(text) <= head + tail else short.startswith(text[:head]) and short.endswith(text[-tail:])


def test_shares_average_the_replies_of_a_sample_first():
    replies = pd.DataFrame(
        {
            "sample_id": ["a", "a", "b", "b", "c"],
            "context_id": ["1", "1", "1", "1", "2"],
            "correct": [True, False, True, True, False],
        }
    )
    found = share(replies, "correct", 0.5)
    worth = effective_n_of([2, 1], 0.5)
    assert (found.value, found.n) == (0.5, 3)
    assert (found.low, found.high) == wilson(0.5 * worth, worth)
    assert share(replies.iloc[:0], "correct", 0.5).value is None


def test_a_rise_is_the_mean_of_paired_differences():
    pairs = pd.DataFrame({"sample_id": list("abcdefgh"), "context_id": list("abcdefgh")})
    before = pd.Series([True, True, True, False, False, False, True, True])
    after = pd.Series([True, False, False, True, True, True, True, True])
    found = rise(pairs, before, after, 0.0)
    assert found.value == pytest.approx(1 / 8)
    assert (found.low, found.high) == tango_interval(3, 2, 8, 0.95)
    assert rise(pairs.iloc[:0], before[:0], after[:0], 0.0).value is None


def test_the_axis_holds_zero_and_every_margin_and_marks_what_it_cuts():
    rows = [row(0.01, -0.02, 0.04), row(0.6, 0.5, 0.7), row(-0.4, -0.5, -0.3)]
    axis = make_axis(rows)
    assert axis.low <= 0.0
    assert axis.high >= 0.05
    assert 0.0 in axis.ticks
    assert (axis.low, axis.high) == (pytest.approx(-0.3), pytest.approx(0.3))
    inside, right, left = (strip_of(each, axis) for each in rows)
    assert (inside.value_off, inside.low_off, inside.high_off) == ("", "", "")
    assert inside.low < axis.x(0) < inside.value < inside.high < inside.margin
    assert (right.value_off, left.value_off) == ("right", "left")
    assert right.value == axis.x(axis.high)
    assert strip_of(row(None, None, None), axis) is None


@given(st.lists(st.tuples(*[st.floats(-1, 1)] * 3, st.floats(0.001, 0.5)), min_size=1, max_size=6))
def test_every_axis_is_usable(drops):
    rows = [row(*sorted(values)[1:2], min(values), max(values), margin) for *values, margin in drops]
    axis = make_axis(rows)
    assert axis.low < axis.high
    assert 2 <= len(axis.ticks) <= 9
    assert all(axis.low <= each.margin <= axis.high for each in rows)
    assert all(0 <= strip_of(each, axis).value <= 260 for each in rows)


def test_depths_fall_into_fifths():
    assert [depth_label(d) for d in (0.0, 0.19, 0.2, 0.999, 1, 1.0)] == [DEPTHS[i] for i in (0, 0, 1, 4, 4, 4)]
    assert {depth_label(d) for d in (None, float("nan"), "0.5", True, -0.1, 1.1)} == {NO_DEPTH}


def test_every_scored_question_is_in_exactly_one_cell_of_a_map():
    run = simulated_run("m", {1024: 0.2, 8192: 0.5}, contexts=10)
    no_depth = [made_result(f"absent{i}", depth=None) for i in range(3)]
    (task,) = make_maps(make_arms([made_run("m", [*run.results, *no_depth])], []))
    ((shares,),) = task.models
    assert sum(cell.estimate.n for cell in shares.cells) == len(run.results) + 3
    empty = [cell for cell in shares.cells if (cell.length, cell.depth) == (8192, NO_DEPTH)]
    assert [(cell.estimate.value, cell.estimate.n) for cell in empty] == [(None, 0)]


def test_the_modes_of_a_model_add_up_to_what_it_lost():
    runs = [simulated_run("a", {1024: 0.1}, role="baseline"), simulated_run("b", {1024: 0.4})]
    (table,) = make_modes(make_arms(runs, [judged(*runs)]))
    *modes, total = table.rows
    assert total.mode == ""
    assert len(modes) >= 3
    for side in ("baseline", "model", "change"):
        assert sum(getattr(each, side).value for each in modes) == pytest.approx(getattr(total, side).value)
    wrong = sum(not result.score.correct for result in runs[1].results)
    assert total.model.value == pytest.approx(wrong / len(runs[1].results))


def paired_lists(base_right, cand_right, lengths=None):
    """Return the case list of a candidate from strings of `1` (right), `0` (wrong) and `x` (no score)."""
    error = ReplyError(kind="timeout", message="late")

    def run(name, right, role):
        results = [
            made_result(
                f"s{i:03d}",
                correct=mark == "1",
                mode="hallucinated",
                length=lengths[i] if lengths else 1024,
                error=error if mark == "x" else None,
            )
            for i, mark in enumerate(right)
        ]
        return made_run(name, results, role=role)

    runs = [run("base", base_right, "baseline"), run("cand", cand_right, "candidate")]
    (cases,) = make_cases(make_arms(runs, []), excerpts)
    return cases


def test_flips_come_first_and_what_is_left_out_is_counted():
    cases = paired_lists("1110011", "1000101" + "", None)
    assert [case.kind for case in cases.cases] == ["lost", "lost", "lost", "gained", "wrong"]
    assert cases.counts == (("lost", 3, 3), ("gained", 1, 1), ("wrong", 1, 1))
    assert {case.mode for case in cases.cases} == {"hallucinated"}
    many = paired_lists("1" * 60 + "0" * 5, "0" * 65)
    assert len(many.cases) == first_of(MOST) == 40
    assert many.counts == (("lost", 40, 60), ("wrong", 0, 5))


def test_cells_take_turns_the_worst_first():
    lengths = [1024] * 10 + [8192] * 10
    cases = paired_lists("1" * 20, "1" * 7 + "0" * 3 + "0" * 6 + "1" * 4, lengths)
    assert [case.result.recipe.length for case in cases.cases] == [8192, 1024, 8192, 1024, 8192, 1024, 8192, 8192, 8192]


def test_every_red_place_has_a_reply_while_there_is_room():
    lengths = [1024] * 60 + [8192] * 2
    results = [
        made_result(
            f"s{i}", correct=i in (60, 3), mode="rare" if i == 50 else "hallucinated", context=i, length=length,
            depth=0.95 if i == 40 else 0.5,
        )
        for i, length in enumerate(lengths)
    ]  # fmt: skip
    arm = make_arms([made_run("m", results)], []).arms[0]
    shown, found = choose(arm, None, room_of(1))
    assert found == {"wrong": 60}
    assert len(shown) <= first_of(MOST) + 3
    assert {("rare", 1024), ("hallucinated", 8192)} <= {(row.mode, row.length) for row in shown}
    assert {row.depth for row in shown} == {"40–60 %", "80–100 %"}
    crowded, _ = choose(arm, None, room_of(ON_THE_PAGE // 10))
    assert room_of(5, on_the_page=100) == 20
    assert crowded[: first_of(10)] == shown[: first_of(10)]
    assert "rare" in {row.mode for row in crowded}, "modes keep their third of a small room"
    (cases,) = make_cases(make_arms([made_run("m", results)], []), excerpts)
    leads = Leads([cases])
    assert leads.to(cases.arm) == "reply-1-1"
    rare = leads.to(cases.arm, "retrieval.exact", 1024, mode="rare")
    assert [case.mode for case in cases.cases if case.anchor == rare] == ["rare"]
    assert leads.to(cases.arm, length=8192, mode="rare") == leads.to(cases.arm, "no.such") == ""


def test_a_reply_without_a_score_is_neither_lost_nor_wrong():
    cases = paired_lists("11x", "1xx")
    assert [(case.kind, case.mode) for case in cases.cases] == [("no score", "timeout")] * 2


def test_the_command_survives_a_shell():
    result = made_result("a b; rm -rf '~'", correct=False, replicate=2)
    (cases,) = make_cases(make_arms([made_run("m", [result])], []), excerpts)
    assert cases.cases[0].command == """harness show kv-cache/m 'a b; rm -rf '"'"'~'"'"'' --replicate 2"""


def sample_with(spans):
    recipe = Recipe(task="t", seed=0, params={}, length=1024, counter="reference", context=0, question=0, questions=1)
    return Sample(
        id="s",
        task="t",
        version="1",
        context_id="c",
        gold=(),
        question="Which?",
        spans=spans,
        axes={},
        recipe=recipe,
        prompt_tokens=1,
        answer_budget=1,
    )


def test_an_excerpt_is_the_gold_passage_and_what_stands_around_it():
    text = "a" * 1000 + "NEEDLE" + "b" * 10
    spans = (
        Span(role="decoy", value="x", start=0, end=3, message=1),
        Span(role="gold", value="y", start=1000, end=1006, message=1),
    )
    messages = [Message("system", "read"), Message("user", text)]
    found = excerpt_of(sample_with(spans), messages)
    assert (found.before, found.needle, found.after, found.question) == ("a" * AROUND, "NEEDLE", "b" * 10, "Which?")
    assert excerpt_of(sample_with(()), messages).needle == ""
    start = (Span(role="gold", value="y", start=5, end=9, message=1),)
    assert excerpt_of(sample_with(start), messages).before == "a" * 5


def test_nested_facts_are_flattened_and_unknown_is_not_zero():
    facts = flattened({"a": {"b": 1, "c": None}, "d": [1, "x"], "e": {}, "f": True, "g": "text"})
    assert facts == [("a.b", "1"), ("a.c", "n/a"), ("d", '[1, "x"]'), ("e", "n/a"), ("f", "true"), ("g", "text")]
    assert len(flattened({"template": "x" * 9000})[0][1]) < 400


def test_a_page_that_is_too_large_is_refused_and_a_large_one_is_told():
    assert size_note("x" * (LARGE - 1), Path("a.html")) == ""
    assert size_note("ü" * (LARGE // 2), Path("a.html")).startswith("a.html has 10.0 MB and opens slowly")
    with pytest.raises(ConfigError, match="too large to be opened"):
        size_note("x" * TOO_LARGE, Path("a.html"))
