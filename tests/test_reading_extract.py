"""The ladder from a reply to an answer: which rung finds what, and that no text breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading import VALUE_TYPES, extract, fold

NUMBER = VALUE_TYPES["number7"]


def read(text):
    return extract(fold(text), NUMBER)


@pytest.mark.parametrize(
    ("text", "rung", "strict", "values"),
    [
        ("ANSWER: 1234567", "tagged", True, ["1234567"]),
        ("  answer : 1,234,567. ", "tagged", True, ["1234567"]),
        ("I looked it up.\nANSWER: 1234567; 7654321", "tagged", True, ["1234567", "7654321"]),
        ("ANSWER: 1234567 and 7654321", "tagged", True, ["1234567", "7654321"]),
        ("ANSWER: it is 1234567", "tagged", False, ["1234567"]),
        ("ANSWER:\n1234567", "tagged", False, ["1234567"]),
        ("ANSWER:\n- 1234567\n- 7654321\nGood luck!", "tagged", False, ["1234567", "7654321"]),
        ("ANSWER: 1234567\nNo, wait.\nANSWER: 7654321", "tagged", True, ["7654321"]),
        ("ANSWER: 1234567\nANSWER: 7654321", "tagged", False, ["1234567", "7654321"]),
        ("ANSWER: 123456", "tagged", False, ["123456"]),
        ("Not 7654321.\n```\n1234567\n```", "fenced", False, ["1234567"]),
        ("```text\nANSWER: 1234567\n```\nDone with 7654321.", "fenced", False, ["1234567"]),
        ("```1234567```", "fenced", False, ["1234567"]),
        ("```\n1234567", "fenced", False, ["1234567"]),
        ('```json\n{"old": 7654321, "answer": 1234567}\n```', "fenced", False, ["1234567"]),
        ("Not 7654321.\n<answer>\n1234567\n</answer>\nNor 1111111.", "element", False, ["1234567"]),
        ("<answer>7654321</answer> or <answer>ANSWER: 1234567</answer>", "element", False, ["1234567"]),
        ("From 7654321 follows $\\boxed{1234567}$.\nDone.", "element", False, ["1234567"]),
        ("<answer>1234567", "last_line", False, ["1234567"]),
        ('Sure: {"old": 7654321, "answer": "1234567"}', "json", False, ["1234567"]),
        ('{"answer": ["1234567", 7654321]}', "json", False, ["1234567", "7654321"]),
        ('{"answer": {"the code": 1234567}}', "json", False, ["1234567"]),
        ('{broken {"answer": 1234567}', "json", False, ["1234567"]),
        ("**ANSWER:** 1234567", "tag_inside", False, ["1234567"]),
        ("Not 7654321. The final answer is **1234567**.", "tag_inside", False, ["1234567"]),
        ("The answer is 1234567? No, the answer is 7654321.", "tag_inside", False, ["7654321"]),
        ("Once it was 7654321.\nNow it is 1234567.", "last_line", False, ["1234567"]),
        ("The codes:\n1. 1234567\n2. 7654321", "last_line", False, ["1234567", "7654321"]),
        ("It is 1234567.\nHope this helps!", "text", False, ["1234567"]),
        ("It is 123456", "last_line", False, ["123456"]),
        ("no idea", "", False, []),
        ("", "", False, []),
    ],
)
def test_rungs(text, rung, strict, values):
    found = read(text)
    assert (found.rung, found.strict, list(found.canonical), found.none) == (rung, strict, values, False)


@pytest.mark.parametrize(
    ("text", "rung", "strict"),
    [
        ("ANSWER: NONE", "tagged", True),
        ("ANSWER: none.", "tagged", True),
        ("ANSWER: N/A", "tagged", False),
        ("ANSWER: The text does not say.", "tagged", False),
        ('{"answer": null}', "json", False),
        ("<answer>None</answer>", "element", False),
        ("**Answer:** NONE", "tag_inside", False),
        ("None", "last_line", False),
        ("Her box number is NONE.", "last_line", False),
        ("The text doesn't mention her box number.", "text", False),
        ("I could not find it.", "text", False),
    ],
)
def test_none(text, rung, strict):
    found = read(text)
    assert (found.none, found.values, found.rung, found.strict) == (True, (), rung, strict)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't provide that.",
        "I cannot list private codes.",
        "I will not say.",
        "Nonetheless, hello.",
        "None of your business, my friend, and there is much more that I would like to tell you about it.",
        "x " * 400 + "not mentioned",
    ],
)
def test_not_none(text):
    assert not read(text).none


def test_a_value_beats_a_statement_of_absence():
    assert read("The text does not mention others, but it is 1234567.").canonical == ("1234567",)


def test_a_marked_answer_is_not_replaced_by_a_better_one_above_it():
    assert read("The text says 1234567.\nANSWER: 123456").canonical == ("123456",)


reply_texts = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(
            ["ANSWER:", " 1234567", "\n", "```", "{", '"answer"', ":", "[", "]", "}", "none", "1", ",", "- ", "is"]
        ),
        max_size=60,
    ).map("".join),
)


@given(reply_texts, st.sampled_from(sorted(VALUE_TYPES)))
def test_no_text_breaks_the_ladder(text, name):
    found = extract(fold(text), VALUE_TYPES[name])
    assert found.found == bool(found.rung)
    assert not (found.none and found.values)
    assert not found.strict or found.rung == "tagged"


@given(reply_texts)
def test_case_and_spacing_do_not_matter(text):
    spaced = text.replace(" ", "  \t").replace("\n", " \n\n\n ")
    assert read(f"\n {spaced.upper()} ") == read(text.upper())


@pytest.mark.parametrize(
    "text",
    [
        "{" * 100_000,
        '{"a":' * 20_000,
        "answer is " * 10_000,
        "ANSWER: 1234567\n" * 6_000,
        "`" * 100_000,
        "1," * 50_000,
        "-" * 100_000,
        "a-" * 50_000,
        " " * 100_000,
        "not " * 25_000,
    ],
)
@pytest.mark.parametrize("name", sorted(VALUE_TYPES))
def test_hostile_texts_are_read(text, name):
    found = extract(fold(text), VALUE_TYPES[name])
    assert len(found.values) <= 2
