"""The visible answer apart from the reasoning, and texts in their one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading import cap, fold, split_reasoning
from harness.reading.text import MAX_CHARS
from harness.records import Reply


@pytest.mark.parametrize(
    ("text", "visible", "reasoning", "unclosed"),
    [
        ("ANSWER: 1", "ANSWER: 1", "", False),
        ("<think>hm</think>ANSWER: 1", "ANSWER: 1", "hm", False),
        ("<THINKING>hm</THINKING>\nANSWER: 1", "ANSWER: 1", "hm", False),
        ("so <think>a</think> x <think>b</think> y", "so  x  y", "a\nb", False),
        ("hm, hm</think>ANSWER: 1", "ANSWER: 1", "hm, hm", False),
        ("<think>hm, hm", "", "hm, hm", True),
        ("<think>a<think>b</think>c", "c", "a\nb", False),
        ("<think>a</think>ANSWER: 1<think>b", "ANSWER: 1", "a\nb", True),
        ("1 < 2 <thinker> </thinks>", "1 < 2 <thinker> </thinks>", "", False),
    ],
)
def test_tags(text, visible, reasoning, unclosed):
    split = split_reasoning(Reply(text=text))
    assert (split.visible, split.reasoning, split.unclosed) == (visible, reasoning, unclosed)


def test_field_of_the_server_comes_first():
    split = split_reasoning(Reply(text="a</think>b", reasoning="field"))
    assert (split.visible, split.reasoning) == ("b", "field\na")


@given(st.lists(st.sampled_from(["<think>", "</think>", "word ", "\n", "<", ">"]), max_size=40).map("".join))
def test_no_tag_is_left_and_no_character_is_visible_twice(text):
    split = split_reasoning(Reply(text=text))
    assert "<think>" not in split.visible.replace("</think>", "")
    assert "</think>" not in split.visible
    assert split.visible.count("word") + split.reasoning.count("word") == text.count("word")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Hello\t World \r\n\n\n x ", "hello world\nx"),
        ("ＡＢＣ １２３", "abc 123"),
        ("12–34 ‘x’ “y”", "12-34 'x' \"y\""),
        ("12\u200b34\u00a0x", "1234 x"),
        ("STRASSE straße", "strasse strasse"),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_fold_is_stable(text):
    assert fold(fold(text)) == fold(text)


def test_cap_keeps_the_start_and_the_end():
    text = "start" + "x" * 5_000_000 + "end"
    capped = cap(text)
    assert len(capped) == MAX_CHARS + 1
    assert capped.startswith("start")
    assert capped.endswith("end")
    assert cap("short") == "short"
