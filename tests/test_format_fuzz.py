"""No reply of any kind breaks a score of the format family or earns what it should not."""

import json

import pytest
from format_samples import VARIANTS, samples, score
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.format.modes import MODES

PICKED = VARIANTS[1::3]
PIECES = [
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    ",",
    ":",
    "|",
    ";",
    "- ",
    "<staff>",
    "</",
    "```",
    "\n",
    "NaN",
    "true",
    "None",
    "#",
    "&a",
    "*a",
    "\\",
]


def checked(task, sample, text, finish_reason="stop"):
    got = score(task, sample, text, finish_reason)
    assert got.correct == (got.mode is None) == (got.value == 1)
    assert got.mode is None or got.mode in MODES
    assert set(got.flags) <= set(MODES)
    assert all(0 <= value <= 1 for value in got.metrics.values())
    assert got.metrics["loose@1"] >= got.metrics["strict@1"] == got.value
    return got


@pytest.mark.parametrize(("name", "params"), PICKED)
@settings(max_examples=20, deadline=None)
@given(text=st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)))
def test_any_text_scores_nothing(name, params, text):
    task, [sample, *_] = samples(name, params)
    assert checked(task, sample, text).value == 0


@pytest.mark.parametrize(("name", "params"), PICKED)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_damaged_right_reply_is_scored_soundly(name, params, data):
    task, [sample, *_] = samples(name, params)
    gold = sample.gold[0]
    start = data.draw(st.integers(0, len(gold)))
    end = data.draw(st.integers(start, min(len(gold), start + 12)))
    text = gold[:start] + data.draw(st.sampled_from(["", *PIECES])) + gold[end:]
    got = checked(task, sample, text, data.draw(st.sampled_from(["stop", "length"])))
    again = checked(task, sample, f" \n{text}\n\n ", "stop")
    if got.mode != "truncated.answer":
        assert (again.mode, again.value) == (checked(task, sample, text).mode, got.value)


@pytest.mark.parametrize(("name", "params"), VARIANTS)
def test_white_space_around_a_reply_changes_nothing(name, params):
    task, [sample, *_] = samples(name, params)
    for text in (sample.gold[0], *task.mistakes(sample).values()):
        plain, spaced = score(task, sample, text), score(task, sample, f"\n \n{text} \n\n")
        assert (plain.mode, plain.flags, plain.metrics) == (spaced.mode, spaced.flags, spaced.metrics)


@pytest.mark.parametrize(("name", "params"), VARIANTS)
def test_a_cut_reply_is_truncated(name, params):
    task, [sample, *_] = samples(name, params)
    gold = sample.gold[0]
    for share in (0.3, 0.6, 0.9):
        cut = score(task, sample, gold[: int(len(gold) * share)], "length")
        assert cut.mode in ("truncated.answer", "prompt_echo"), (share, cut)
    assert score(task, sample, gold, "length").value == 1
    assert score(task, sample, "", "length").mode == "truncated.reasoning"
    assert score(task, sample, f"<think>{gold}", "length").mode == "truncated.reasoning"
    assert score(task, sample, f"<think>hm</think>{gold}").value == 1


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 30_000, "| a " * 30_000, "- a\n" * 30_000, "<staff>" * 15_000, "a;" * 60_000, '"' * 99_999,
     "- {a: " * 5_000, json.dumps([{"x": [[]]}] * 9_000), json.dumps([{f"k{i}": i for i in range(400)}] * 30), "\ud800{\udfff}"],
)  # fmt: skip
@pytest.mark.parametrize(("name", "params"), PICKED[:3])
def test_hostile_replies_are_scored(name, params, text):
    task, [sample, *_] = samples(name, params)
    assert checked(task, sample, text).value == 0
