"""`retrieval.ordinal`: pieces are told apart, the right place is found in the prompt, and wrong copies are named."""

from difflib import SequenceMatcher
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.battery import check_task
from harness.contexts import InfeasibleLength, Stream, reference_counter
from harness.contracts import Cell
from harness.errors import ConfigError
from harness.records import Reply
from tasks.retrieval.conversation import MOST_ALIKE, grams, similarity
from tasks.retrieval.copies import COPIED, RESEMBLES
from tasks.retrieval.ordinal import ENDS, PLACES, OrdinalRetrieval
from tasks.retrieval.pieces import FORMATS, STYLES, TOPICS, Order, write


def ask(params=None, length=2048, contexts=1, questions=4, seed=7):
    task = OrdinalRetrieval(params)
    cell = Cell(length=length, contexts=range(contexts), questions=questions, counter=reference_counter())
    return task, list(task.samples(cell, seed))


def scored(task, sample, text, **rest):
    return task.score(sample, Reply(text=text, **{"finish_reason": "stop", **rest}))


def pieces_of(task, sample):
    return [each.piece for each in task.context(sample).asked_for]


def of_place(samples, place):
    return next(sample for sample in samples if sample.axes["place"] == place)


def test_there_are_many_different_pieces_to_each_order():
    for form in FORMATS:
        for style in STYLES:
            texts = [write(Order(style, form, TOPICS[0]), 60, Stream(form, style, i)) for i in range(10)]
            assert all(60 <= len(text.split()) <= 90 for text in texts)
            kept = [grams(text) for text in texts]
            assert max(similarity(a, b) for a, b in combinations(kept, 2)) < MOST_ALIKE < RESEMBLES
            assert all(TOPICS[0] in text.lower() for text in texts)


@pytest.mark.parametrize("needles", [2, 4, 8, 16])
def test_a_conversation_asks_the_same_several_times(needles):
    task, samples = ask({"needles": needles, "lookalikes": 6}, length=8192)
    context = task.context(samples[0])
    asked = context.asked_for
    assert [each.place for each in asked] == list(range(needles))
    assert len({each.request for each in asked}) == 1
    assert len({each.piece for each in asked}) == needles
    same = [each for each in context.exchanges if each.request == asked[0].request]
    assert same == asked
    target = asked[0].order
    alike = [each for each in context.exchanges if each.order and each.place < 0 and each.order.topic == target.topic]
    assert len(alike) == 4
    respects = [sum(getattr(each.order, n) != getattr(target, n) for n in ("style", "form")) for each in alike]
    assert respects == [1, 1, 1, 1]


def test_questions_ask_for_every_place_from_both_ends_once():
    _, samples = ask({"needles": 4}, questions=8)
    asked = {(sample.axes["place"], sample.axes["counted_from"]) for sample in samples}
    assert asked == {(place, end) for place in range(1, 5) for end in ("start", "end")}
    assert len({sample.data["nonce"] for sample in samples}) == 8


def test_the_question_says_which_one():
    task, samples = ask({"needles": 4}, questions=8)
    for sample in samples:
        end = sample.axes["counted_from"]
        ordinal = PLACES[sample.axes["place"] - 1 if end == "start" else 4 - sample.axes["place"]]
        assert f"Take the {ordinal} of these answers, counted from the {end} of" in sample.question
        assert sample.gold == (f"{sample.data['nonce']} {pieces_of(task, sample)[sample.axes['place'] - 1]}",)


def test_turns_are_messages():
    task, samples = ask({"layout": "turns"})
    messages = task.prompt(samples[0])
    assert [message.role for message in messages] == ["user", "assistant"] * (len(messages) // 2) + ["user"]
    assert messages[-1].content == samples[0].data["tail"]
    for span in samples[0].spans:
        assert messages[span.message].content[span.start : span.end] == span.value
        assert messages[span.message].role == "assistant"


def test_both_layouts_hold_the_same_pieces():
    (a, turns), (b, transcript) = ask({"layout": "turns"}), ask({"layout": "transcript"})
    assert pieces_of(a, turns[0]) == pieces_of(b, transcript[0])
    assert [s.question for s in turns] == [s.question for s in transcript]


def test_a_copy_is_right_whatever_its_case_and_nearly_word_for_word():
    task, samples = ask({"words": 80, "answer_budget": 256}, length=4096)
    for sample in samples:
        nonce, _, piece = sample.gold[0].partition(" ")
        words = piece.split()
        assert scored(task, sample, sample.gold[0]).metrics["strict@1"] == 1
        for text in (
            f"{nonce}\n{piece.upper()}",
            f'"{nonce} {piece}"',
            f"{nonce} {' '.join([*words[:9], 'x', *words[10:]])}",
        ):
            score = scored(task, sample, text)
            assert score.correct
            assert score.flags == ()
            assert score.metrics["similarity@1"] >= COPIED
        assert len(piece) > 400


def test_wrong_copies_are_named():
    task, samples = ask({"needles": 8}, length=4096, questions=16)
    sample = of_place(samples, 3)
    nonce, pieces = sample.data["nonce"], pieces_of(task, sample)
    right = pieces[2]
    modes = {
        f"{nonce} {right}": None,
        right: "missing_nonce",
        f"{right} {nonce}": "missing_nonce",
        f"a2b3c4d5 {right}": "missing_nonce",
        f"Sure, here you are: {nonce} {right}": "missing_nonce",
        f"{nonce} {pieces[1]}": "ordinal.off_by_one",
        f"{nonce} {pieces[3]}": "ordinal.off_by_one",
        f"{nonce} {pieces[5]}": "ordinal.from_end",
        f"{nonce} {pieces[0]}": "ordinal.first",
        f"{nonce} {pieces[7]}": "ordinal.last",
        f"{nonce} {pieces[4]}": "ordinal.other",
        f"{nonce} {right} {right}": "extra_text",
        f"{nonce} {right} {' '.join(f'And {n} more of it.' for n in range(9))}": "extra_text",
        f"{nonce} {right} {pieces[4]}": "blend",
        f"{nonce} {' '.join(right.split()[:25])}": "truncated_copy",
        f"{nonce} {pieces[0]} {right} {pieces[4]}": "context_parrot",
        f"{nonce} It was a quiet day by the sea, and there is nothing whatever to tell of it.": "hallucinated",
        f"{nonce}": "hallucinated",
        "": "empty",
        "I'm sorry, but I can't help with that.": "refusal.policy",
    }
    for text, mode in modes.items():
        assert scored(task, sample, text).mode == mode, text
    every_other = " ".join(word for i, word in enumerate(right.split()) if i % 6)
    assert scored(task, sample, f"{nonce} {every_other}").mode == "inexact_copy"


def test_a_copy_of_the_filler_is_traced():
    task, samples = ask({"lookalikes": 3}, length=8192)
    context = task.context(samples[0])
    target = context.asked_for[0].order
    nonce = samples[0].data["nonce"]
    for each in context.exchanges:
        if each.place < 0:
            score = scored(task, samples[0], f"{nonce} {each.piece}")
            order = each.order
            expected = (
                "hallucinated"
                if order is None
                else "wrong_topic"
                if order.topic != target.topic
                else "wrong_format"
                if order.form != target.form
                else "wrong_style"
            )
            assert score.mode in (expected, "hallucinated" if len(grams(each.piece)) < 5 else expected)


def test_with_two_needles_the_other_one_is_off_by_one():
    task, samples = ask({"needles": 2})
    for sample in samples:
        other = pieces_of(task, sample)[2 - sample.axes["place"]]
        score = scored(task, sample, f"{sample.data['nonce']} {other}")
        assert score.mode == "ordinal.off_by_one"
        assert "ordinal.from_end" in score.flags


def test_a_cut_reply_is_no_copy():
    task, samples = ask()
    words = samples[0].gold[0].split()
    assert scored(task, samples[0], " ".join(words[:30]), finish_reason="length").mode == "truncated_copy"
    assert scored(task, samples[0], "", finish_reason="length").mode == "truncated.reasoning"


def test_the_difflib_ratio_is_that_of_mrcr():
    task, samples = ask({"needles": 8}, length=4096)
    sample = samples[0]
    nonce, _, piece = sample.gold[0].partition(" ")
    backwards = 0
    for other in pieces_of(task, sample):
        ratio = SequenceMatcher(None, f" {other}", f" {piece}").ratio()
        backwards += ratio != SequenceMatcher(None, f" {piece}", f" {other}").ratio()
        assert scored(task, sample, f"{nonce} {other}").metrics["mrcr_compat@1"] == ratio
        assert scored(task, sample, other).metrics["mrcr_compat@1"] == 0
    assert backwards, "the order of the arguments should matter to some"


def test_the_floor_is_one_of_the_needles():
    for needles in (2, 4, 8, 16):
        assert OrdinalRetrieval({"needles": needles}).floor == 1 / needles


def test_what_cannot_be_built_says_so():
    with pytest.raises(ConfigError, match="the right answer alone takes"):
        ask({"words": 200}, length=8192)
    with pytest.raises(InfeasibleLength):
        ask({"needles": 16}, length=1024)


TASK, SAMPLES = ask({"needles": 8, "lookalikes": 3}, length=4096)
WORDS = [word for each in TASK.context(SAMPLES[0]).asked_for[:2] for word in each.piece.split()][:40]
PARTS = st.sampled_from([SAMPLES[0].data["nonce"], *pieces_of(TASK, SAMPLES[0]), "\n", "```", *WORDS])


@given(st.one_of(st.text(max_size=300), st.lists(PARTS, max_size=12).map(" ".join)))
@settings(max_examples=50)
def test_no_reply_fails_and_only_a_copy_is_right(text):
    score = scored(TASK, SAMPLES[0], text)
    assert score.correct is (score.mode is None)
    right = SAMPLES[0].gold[0].partition(" ")[2]
    if score.correct:
        assert similarity(grams(text.replace(SAMPLES[0].data["nonce"], " ", 1)), grams(right)) >= COPIED
        assert SAMPLES[0].data["nonce"] in text.casefold()
    assert score.metrics["strict@1"] <= score.value


@pytest.mark.parametrize("params", [{}, {"layout": "turns", "needles": 2}])
def test_the_battery_passes(params):
    assert [f for f in check_task("retrieval.ordinal", params, lengths=(1024,)) if not f.passed] == []


def test_ends_are_named_once():
    assert len(set(ENDS)) == 2
    assert len(PLACES) == 16
