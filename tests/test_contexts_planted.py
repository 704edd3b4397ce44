"""Needles in prose: what is gold to one question is a decoy to another, and lengths are kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contexts import Context, InfeasibleLength, Needle, Place, Question, planted_context, reference_counter

COUNT = reference_counter().count
NEEDLES = (
    Needle(text="The gate of Arn is blue.", value="blue", depth=0.1),
    Needle(text="The gate of Bex is red.", value="red", depth=0.9),
    Needle(text="The gate of Bex was grey.", value="grey", depth=0.5, role="decoy", kind="stale_value"),
)
QUESTIONS = (
    Question(text="Arn?", gold=("blue",), tail="Which gate has Arn?", evidence=NEEDLES[0].text),
    Question(text="Bex?", gold=("red",), tail="Which gate has Bex now?", evidence=NEEDLES[1].text),
    Question(text="both?", gold=("blue", "red"), tail="Both?", evidence=f"{NEEDLES[0].text}\n{NEEDLES[1].text}"),
)


def built(length: int) -> Context:
    place = Place(key=(1, "t", "1", 0), index=0, length=length, counter=reference_counter())
    return planted_context(place, "Read.\n\n", NEEDLES, QUESTIONS, 32, avoid=("gate", "Arn", "Bex"))


def test_a_needle_is_gold_to_the_question_whose_evidence_it_is() -> None:
    roles = [[(span.role, span.kind) for span in question.spans] for question in built(1024).questions]
    gold, other, stale = ("gold", ""), ("decoy", "other_key"), ("decoy", "stale_value")
    assert roles == [[gold, other, stale], [other, gold, stale], [gold, gold, stale]]


def test_depth_is_that_of_the_one_needle_that_answers() -> None:
    axes = [question.axes for question in built(4096).questions]
    assert axes[0]["depth_bin"] == "00-20%"
    assert axes[1]["depth_bin"] == "80-100%"
    assert axes[1]["depth"] == pytest.approx(0.9, abs=0.02)
    assert axes[2] == {}


@settings(max_examples=20, deadline=None)
@given(st.integers(min_value=256, max_value=5000))
def test_lengths_are_kept_and_spans_are_true(length: int) -> None:
    context = built(length)
    for index, question in enumerate(context.questions):
        (message,) = context.messages(index)
        assert [message.content[span.start : span.end] for span in question.spans] == [each.text for each in NEEDLES]
        assert COUNT(message.content) + 32 <= length
    longest = max(COUNT(context.messages(index)[0].content) for index in range(3))
    assert longest + 32 >= 0.97 * length
    assert context.body.count("gate") == 3


def test_what_does_not_fit_says_so() -> None:
    with pytest.raises(InfeasibleLength):
        built(40)
