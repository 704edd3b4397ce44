"""What may change in a reply without a change of its label: case, spacing, typography, reasoning, politeness.

Irrelevant are the case of letters, how many blanks and which stand between words or at the ends of lines, empty lines,
curly or straight quotes, long or short dashes, full or half width, and characters without width. Line breaks are not:
a line is what the tag begins and what an answer ends.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.reading import (
    GENERIC,
    MODES,
    UNATTRIBUTED,
    VALUE_TYPES,
    Alternative,
    ValueAnswer,
    classify,
    fold,
    grade,
    is_own_answer,
    matches,
    read_reply,
    split_reasoning,
)
from harness.records import Reply, Span

HEAD = "Read the text below. A question about it follows at the end."
TAIL = 'Question: What is the gate code of Niara Mumick?\nWrite "ANSWER: " and then the code, or "ANSWER: NONE".'
GOLD, STALE, OTHER, ABSENT = "7301946", "4417082", "2386119", "9999999"
CONTEXT = " ".join(f"The {i} keepers of house {i + 7} counted {i * 13 + 1000} lamps before dusk." for i in range(60))
KIND = VALUE_TYPES["number7"]
PLANTED = {
    GOLD: Span(role="gold", value=GOLD, start=5, end=12),
    STALE: Span(role="decoy", kind="stale_value", value=STALE, start=50, end=57),
    OTHER: Span(role="decoy", kind="other_key", value=OTHER, start=90, end=97),
}
FORESEEN = (Alternative("stale", (STALE,), "the old one"), Alternative("other", (OTHER,), "another's"))
many = settings(max_examples=50, deadline=None)


def read(text, expected=1, **reply):
    reply = Reply(text=text, **{"finish_reason": "stop", **reply})
    return read_reply(reply, KIND, expected=expected, asked=(HEAD, TAIL), context=lambda: fold(CONTEXT))


def label(text, gold=(GOLD,), **reply):
    """Return whether a reply is right, its label and every mode that is noted, by both ways of grading."""
    answer = ValueAnswer(read(text, len(gold), **reply), KIND, gold, False, lambda: PLANTED, dict)
    noted = classify(answer)
    right = answer.matches_gold and is_own_answer(answer.reading, noted)
    score = grade(answer.reading, gold, alternatives=FORESEEN)
    assert score.correct == right
    assert score.correct == (score.mode is None)
    assert right or next(iter(noted), UNATTRIBUTED) in MODES
    return right, None if right else next(iter(noted), UNATTRIBUTED), list(noted), score.mode, score.flags


pieces = st.sampled_from(
    [
        *(
            "ANSWER: ",
            "answer is ",
            "None",
            "not mentioned",
            "I cannot help.",
            "<value>",
            "...",
            "```",
            "{",
            '"answer": ',
        ),
        *(GOLD, STALE, OTHER, ABSENT, "7301964", "730196", "730-1946", "1,234,567", "The “old” one – ‘x’", "- ", "; "),
        *(
            "\n",
            " ",
            "\n",
            " ",
            "<think>",
            "</think>",
            "[THINK]",
            "[/THINK]",
            CONTEXT[300:900],
            TAIL,
            "ab " * 200,
            "是 的",
        ),
    ]
)
mixtures = st.lists(pieces, max_size=10).map("".join)
replies = st.fixed_dictionaries({"finish_reason": st.sampled_from(["stop", "length", "unknown"])})
golds = st.sampled_from([(), (GOLD,), (GOLD, STALE)])


def spaced(text):
    return "\n\t " + text.replace(" ", " \u00a0\t").replace("\n", "  \n \n\n") + " \r\n"


def wide(text):
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)


def typographic(text):
    return text.replace('"', "”").replace("'", "’").replace("-", "‑")


def zero_width(text):
    return text.replace("a", "a\u200b").replace("1", "\u20601").replace("is", "i\u00ads")


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase, spaced, typographic])
@many
@given(text=mixtures, reply=replies, gold=golds)
def test_what_is_irrelevant_changes_no_label(change, text, reply, gold):
    assert label(change(text), gold, **reply) == label(text, gold, **reply)


@pytest.mark.parametrize("change", [wide, zero_width])
@many
@given(text=mixtures.map(lambda text: split_reasoning(Reply(text=text)).visible), gold=golds)
def test_width_changes_no_label(change, text, gold):
    """Marks of reasoning are tokens of a model, not its writing: only the visible text may be written otherwise."""
    assert label(change(text), gold) == label(text, gold)


@many
@given(st.one_of(st.text(), mixtures))
def test_folding_twice_is_folding_once(text):
    once = fold(text)
    assert fold(once) == once
    assert fold(spaced(text)) == once
    assert fold(text.swapcase().swapcase()) == fold(text.swapcase().swapcase().lower())


@many
@given(text=st.one_of(st.text(), mixtures), gold=golds)
def test_loose_is_never_less_than_strict(text, gold):
    metrics = grade(read(text, len(gold)), gold).metrics
    assert 0 <= metrics["strict@1"] <= metrics["lenient@1"] <= 1
    assert metrics["lenient@1"] <= metrics["f1@1"] <= 1


@pytest.mark.parametrize("answer", [f"ANSWER: {GOLD}", f"answer:{GOLD}.", f"ANSWER:\n{GOLD}"])
@many
@given(
    before=st.one_of(
        st.sampled_from(
            ["Sure, here it is:", "Of course!", f"It used to be {STALE}.", CONTEXT, "I'm sorry to keep you."]
        ),
        st.text(st.sampled_from("abcdefg hijkl mnop, qrst. uvwxyz\n"), max_size=200),
    )
)
def test_politeness_reasoning_and_fences_take_nothing_from_a_right_answer(answer, before):
    for text in (
        f"{before}\n{answer}",
        f"```\n{answer}\n```",
        f"{before}\n\n```text\n{answer}\n```",
        f"<think>{before}\nANSWER: {STALE}</think>\n{answer}",
        f"<think>{before}</think>{before}\n{answer}",
        f"{before}\n<answer>{answer}</answer>",
    ):
        assert label(text)[:2] == (True, None), text
    assert label(answer, reasoning=f"{before}\nANSWER: {STALE}")[:2] == (True, None)


@pytest.mark.parametrize(
    "after", ["I hope this helps!", "Let me know if you need more.", "", "```", "</answer>", "<|im_end|>"]
)
def test_politeness_after_it_takes_nothing_either(after):
    assert label(f"ANSWER: {GOLD}\n{after}")[:2] == (True, None)


@many
@given(values=st.lists(st.sampled_from([GOLD, STALE, OTHER, ABSENT]), min_size=1, max_size=4), gold=golds)
def test_credit_is_given_for_exactly_the_right_values(values, gold):
    assert label(f"ANSWER: {'; '.join(values)}", gold)[0] == (set(values) == set(gold))
    assert label("\n".join(values), gold)[0] == (set(values) == set(gold))


@many
@given(text=st.one_of(st.text(), mixtures), reply=replies, gold=golds)
def test_wrong_replies_have_one_label_and_the_first_rule_gives_it(text, reply, gold):
    right, mode, noted, graded, _ = label(text, gold, **reply)
    assert (mode is None) == right == (graded is None)
    generic = list(matches(GENERIC, read(text, len(gold), **reply)))
    if generic and not right:
        assert mode == graded == generic[0]
    assert noted == [name for name in MODES if name in noted]
