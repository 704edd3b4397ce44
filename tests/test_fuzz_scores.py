"""No reply of any kind breaks the scoring of a built-in task, or earns credit without the right answer in it."""

import math
import re
import unicodedata
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.contexts import InfeasibleLength, reference_counter
from harness.contracts import Cell
from harness.reading import split_reasoning
from harness.records import Reply
from harness.registry import make_task, task_classes

TASKS = sorted(name for name, cls in task_classes().items() if not cls.given)
LONG_CHARS = 60
LENGTHS = (1024, 2048, 4096, 8192)
few = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)


@cache
def asked(name):
    """Return the task, and a few samples at the shortest length that it can do, some without an answer."""
    task = make_task(name, {})
    for length in LENGTHS:
        try:
            cell = Cell(length=length, contexts=range(4), questions=1, counter=reference_counter())
            return task, list(task.samples(cell, 20))
        except InfeasibleLength:
            continue
    raise AssertionError(f"{name} fits into none of {LENGTHS}")


def draw_sample(data, name):
    task, samples = asked(name)
    return task, data.draw(st.sampled_from(samples))


def letters(text):
    """Return the letters and digits of a text without the ends of plurals, which no task insists on."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in re.sub(r"s(?![^\W_])", "", folded) if c.isalnum())


def essence(value):
    """Return what no spelling of a value leaves out: an article may go."""
    return letters(re.sub("^(?:the|an?) ", "", value.casefold()))


def stands(value, visible):
    """Tell whether a value may have been read from a text: a whole document may be written in many ways."""
    if len(value) > LONG_CHARS:
        return len(visible) >= 0.8 * len(letters(value))
    return essence(value) in visible


def holds_the_answer(sample, reply):
    """Tell whether every right value stands in what is visible; where there is none, whether anything does."""
    visible = letters(split_reasoning(reply).visible)
    return all(stands(value, visible) for value in sample.gold) if sample.gold else bool(visible)


def check(task, sample, reply):
    score = task.score(sample, reply)
    assert math.isfinite(score.value)
    assert 0 <= score.value <= 1
    assert score.correct == (score.mode is None)
    assert score.mode not in score.flags
    assert all(math.isfinite(value) for value in score.metrics.values())
    loose = [score.metrics[name] for name in ("lenient@1", "loose@1") if name in score.metrics]
    assert all(score.metrics["strict@1"] <= value for value in loose)
    assert score == task.score(sample, reply)
    if not holds_the_answer(sample, reply):
        assert score.value <= task.floor, reply
        assert not score.correct or task.floor, reply
    return score


any_text = st.text(st.characters(), max_size=200)
odd_text = st.text(
    st.sampled_from("\ud800\x00\x1b\u202e\u200b\ufeff\u0301אب٣１ \n\t{}[]<>|`\"'\\,:;.-=#*_0aA"), max_size=80
)
finishes = st.sampled_from(["stop", "length", "content_filter", "error", "unknown"])
marks = [
    "ANSWER: ",
    "NONE",
    "\n",
    " ",
    "; ",
    ", ",
    "```",
    "<think>",
    "</think>",
    "{",
    "}",
    '"',
    "<answer>",
    "</answer>",
    "- ",
    "|",
]


@pytest.mark.parametrize("name", TASKS)
@few
@given(st.data())
def test_any_text_is_scored(name, data):
    task, sample = draw_sample(data, name)
    text = data.draw(st.one_of(any_text, odd_text, odd_text.map("ANSWER: {}".format)))
    check(task, sample, Reply(text=text, reasoning=data.draw(odd_text), finish_reason=data.draw(finishes)))


@pytest.mark.parametrize("name", TASKS)
@few
@given(st.data())
def test_mixtures_of_what_stands_in_the_prompt_are_scored(name, data):
    task, sample = draw_sample(data, name)
    prompt = task.prompt(sample)[-1].content
    cut = st.tuples(st.integers(0, len(prompt)), st.integers(1, 400)).map(lambda at: prompt[at[0] : at[0] + at[1]])
    planted = [span.value for span in sample.spans][:20]
    piece = st.one_of(st.sampled_from([*marks, *planted, *sample.gold]), cut)
    text = "".join(data.draw(st.lists(piece, max_size=12)))
    check(task, sample, Reply(text=text, finish_reason=data.draw(finishes)))


@pytest.mark.parametrize("name", TASKS)
@few
@given(st.data())
def test_a_slip_in_the_right_answer_earns_nothing(name, data):
    task, sample = draw_sample(data, name)
    text = task.ideal_reply(sample.gold)
    at = data.draw(st.integers(0, len(text) - 1))
    slip = data.draw(st.sampled_from(["", "7", "q", " ", "\n", "\u200b", text[at] * 2, text[at].swapcase(), text[:at]]))
    check(task, sample, Reply(text=text[:at] + slip + text[at + 1 :], finish_reason="stop"))


@pytest.mark.parametrize("name", TASKS)
def test_a_number_with_one_digit_more_is_another_number(name):
    task, samples = asked(name)
    for sample in samples:
        for value in filter(str.isdigit, sample.gold):
            for longer in (f"7{value}", f"{value}7"):
                reply = Reply(text=task.ideal_reply(sample.gold).replace(value, longer), finish_reason="stop")
                assert check(task, sample, reply).value <= task.floor


@pytest.mark.parametrize("name", TASKS)
@few
@given(st.data())
def test_reasoning_before_the_right_answer_changes_nothing(name, data):
    task, sample = draw_sample(data, name)
    text = task.ideal_reply(sample.gold)
    thought = data.draw(any_text).replace("<", "").replace("[", "").replace("◁", "")
    thought += data.draw(st.sampled_from(["", "\nANSWER: NONE", *(f"\nANSWER: {s.value}" for s in sample.spans[:9])]))
    alone = check(task, sample, Reply(text=text, finish_reason="stop"))
    assert alone.correct
    for reply in (
        Reply(text=f"<think>{thought}</think>\n{text}", finish_reason="stop"),
        Reply(text=f"{thought}</think>{text}", finish_reason="stop"),
        Reply(text=f"[THINK]{thought}[/THINK]{text}\n", finish_reason="stop"),
        Reply(text=text, reasoning=thought, finish_reason="stop"),
        Reply(text=f"<think>{thought}</think>{text}", reasoning=thought, finish_reason="stop"),
    ):
        assert check(task, sample, reply) == alone


@pytest.mark.parametrize("name", TASKS)
@few
@given(st.data())
def test_politeness_and_fences_take_nothing_from_a_tagged_answer(name, data):
    task, sample = draw_sample(data, name)
    text = task.ideal_reply(sample.gold)
    if not text.startswith("ANSWER:"):
        return
    words = st.text(st.sampled_from("abcdefg hijkl mnop, qrst. uvwxyz\n"), max_size=120)
    before = data.draw(
        st.one_of(words, st.sampled_from(["Sure!", "It may be so:", *(s.value for s in sample.spans[:9])]))
    )
    for reply in (f"{before}\n{text}", f"```\n{text}\n```", f"{before}\n```text\n{text}\n```", f"{text}\n\nThank you!"):
        assert check(task, sample, Reply(text=reply, finish_reason="stop")).correct


@pytest.mark.parametrize("name", TASKS)
def test_an_answer_inside_reasoning_alone_is_none(name):
    task, samples = asked(name)
    for sample in samples:
        text = task.ideal_reply(sample.gold)
        for finish, mode in (("stop", "empty.reasoning_only"), ("length", "truncated.reasoning")):
            for reply in (
                Reply(text=f"<think>{text}", finish_reason=finish),
                Reply(text=f"<think>{text}</think>", finish_reason=finish),
                Reply(text=f"{text}</think>\n", finish_reason=finish),
                Reply(text="", reasoning=text, finish_reason=finish),
            ):
                score = check(task, sample, reply)
                assert (score.value, score.mode) == (0, mode)
