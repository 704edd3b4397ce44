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


IN_THE_FIELD = [
    "<think>4417082?</think>ANSWER: 1",
    "<think>\nANSWER: 4417082\n</think>\n\nANSWER: 1",
    "<thought>4417082</thought>ANSWER: 1",
    "<seed:think>4417082</seed:think>ANSWER: 1<seed:eos>".replace("<seed:eos>", "</s>"),
    "<reasoning>4417082</reasoning>\n<|im_end|>ANSWER: 1<|im_end|>",
    "<reflection>4417082</reflection>ANSWER: 1",
    "[THINK]4417082[/THINK]ANSWER: 1</s>",
    "4417082[/THINK]ANSWER: 1",
    "◁think▷4417082◁/think▷ANSWER: 1",
    "<|START_THINKING|>4417082<|END_THINKING|><|START_RESPONSE|>ANSWER: 1<|END_RESPONSE|>",
    "<|begin_of_thought|>4417082<|end_of_thought|>\n<|begin_of_solution|>ANSWER: 1<|end_of_solution|>",
    "<|inner_prefix|>4417082<|inner_suffix|>ANSWER: 1",
    "<|channel|>analysis<|message|>4417082<|end|><|start|>assistant<|channel|>final<|message|>ANSWER: 1<|return|>",
    "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary to=x <|constrain|>json"
    "<|message|>4417082<|end|><|start|>assistant<|channel|>final<|message|>ANSWER: 1",
    "4417082<|end|><|start|>assistant<|channel|>final<|message|>ANSWER: 1",
    "<|channel|>analysis 4417082<|channel|>final<|message|>ANSWER: 1",
    "<|channel>thought\n4417082<channel|>ANSWER: 1<|im_end|>\n<|endoftext|>",
    "analysisThe user wants 4417082.assistantfinalANSWER: 1",
    "Here is my thought process:\n4417082\nHere is my response:\nANSWER: 1",
    "<think></think>\n4417082</think>ANSWER: 1",
    "<think>4417082</think>ANSWER: 1\n</think>\n",
]


@pytest.mark.parametrize("shout", [str, str.upper, str.lower])
@pytest.mark.parametrize("text", IN_THE_FIELD)
def test_reasoning_of_every_kind_is_told_from_the_answer(text, shout):
    split = split_reasoning(Reply(text=shout(text)))
    assert split.visible.lower() == "answer: 1"
    assert "4417082" in split.reasoning
    assert not split.unclosed


@pytest.mark.parametrize(
    "text",
    [
        "<think>4417082 ANSWER: 1",
        "[THINK]4417082",
        "◁think▷4417082",
        "<|START_THINKING|>4417082",
        "<|channel|>analysis<|message|>4417082",
        "<|channel|>analysis 4417082",
        "<|channel>thought 4417082",
        "analysisThe user wants 4417082",
        "Here's my thought process: 4417082",
    ],
)
def test_reasoning_that_was_cut_is_unclosed(text):
    split = split_reasoning(Reply(text=text, finish_reason="length"))
    assert (split.visible, split.unclosed) == ("", True)
    assert "4417082" in split.reasoning


@pytest.mark.parametrize(
    "text",
    [
        "Analysis of the text: 1",
        "analysis_result 1",
        "analysisThe user stopped",
        "Here is my answer: 1",
        "Here is my thought process: none",
        "[THINKER] 1 [/REST]",
        "x<y and y>z",
        "```json\n[1]\n```",
        "<answer>1</answer>",
        "a <|im_end|> b",
        "final 1",
    ],
)
def test_what_only_looks_like_a_mark_stays_visible(text):
    split = split_reasoning(Reply(text=text, finish_reason="stop"))
    assert (split.visible, split.reasoning, split.unclosed) == (text, "", False)


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


@pytest.mark.parametrize(
    "piece",
    [
        "</think>",
        "<think>",
        "x</think>",
        "[THINK]",
        "<|a|>",
        "<|channel|>analysis ",
        "<|channel|>final",
        "<",
        "analysisx",
        "\n",
    ],
)
@pytest.mark.parametrize("start", ["", "<think>", "analysisx", "here is my thought process", "<|a|>"])
def test_megabytes_of_marks_are_split(piece, start):
    text = start + piece * (1_000_000 // len(piece))
    split = split_reasoning(Reply(text=text, finish_reason="length"))
    assert len(split.visible) + len(split.reasoning) <= len(text) + text.count("<") + text.count("[")
