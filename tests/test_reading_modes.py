"""Every failure mode has replies that it must catch and near misses that it must spare."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading import (
    GENERIC,
    MODES,
    UNATTRIBUTED,
    VALUE_TYPES,
    ValueAnswer,
    classify,
    fold,
    is_own_answer,
    read_reply,
)
from harness.reading.meanings import MEANINGS, meaning_of
from harness.records import Reply, Span, Usage
from harness.registry import task_classes

PAGE = (Path(__file__).parents[1] / "docs/failure_modes.md").read_text("utf-8")

HEAD = "Read the text below. A question about it follows at the end. Some of its entries do not count at all."
TAIL = 'Question: What is the gate code of Niara Mumick?\nAnswer in one line: write "ANSWER: " and then the gate code.'
CONTEXT = " ".join(f"The {i} keepers of house {i + 7} counted {i * 13 + 1000} lamps before dusk." for i in range(60))
GOLD = "7301946"
PLANTED = {
    GOLD: ("gold", ""),
    "4417082": ("decoy", "stale_value"),
    "5550001": ("decoy", "lookalike_key"),
    "5550002": ("decoy", "other_attribute"),
    "5550003": ("decoy", "negated"),
    "5550004": ("decoy", "hypothetical"),
    "5550005": ("decoy", "other_scope"),
    "2386119": ("decoy", "other_key"),
}
SECOND = "6120773"
FILLER = "9090909"
THOUGHT, NO_USAGE = Usage(reasoning_tokens=40), Usage()


def earns_credit(answer, modes):
    return answer.matches_gold and is_own_answer(answer.reading, modes)


def judge(text, *, gold=(GOLD,), ordered=False, kind="number7", tail=TAIL, **reply):
    reply = Reply(text=text, **{"finish_reason": "stop", **reply})
    kind = VALUE_TYPES[kind]
    context = " ".join(fold(CONTEXT).split())
    reading = read_reply(reply, kind, expected=len(gold), asked=(HEAD, tail), context=lambda: context)
    planted = {
        value: Span(role=role, kind=decoy, value=value, start=i * 50, end=i * 50 + 9)
        for i, (value, (role, decoy)) in enumerate(PLANTED.items())
    }
    planted |= {value: Span(role="gold", value=value, start=900, end=907) for value in gold}
    return ValueAnswer(reading, kind, gold, ordered, lambda: planted, lambda: {FILLER: 77})


def modes(*args, **kwargs):
    return list(classify(judge(*args, **kwargs)))


def primary(answer):
    found = classify(answer)
    return None if earns_credit(answer, found) else next(iter(found), UNATTRIBUTED)


LOOP = "the lamps were lit and the lamps were out and "
PARROT = " ".join(CONTEXT.split()[100:190])
OWN_WORDS = " ".join(f"word{i} and word{i * 7}" for i in range(80))
ASKED_FOR_NONE = f'{TAIL}\nIf the text does not say, write "ANSWER: NONE".'
NO_GOLD = {"gold": (), "tail": ASKED_FOR_NONE}
TWO = {"gold": (GOLD, SECOND)}
MONEY = {"gold": ("12345.67 dollars",), "kind": "money"}
CUT = {"finish_reason": "length"}
KIND_VALUES = {decoy: value for value, (_, decoy) in PLANTED.items() if decoy}

CAUGHT = [
    ("empty", "", {}),
    ("empty", " \n\t", {}),
    ("empty.reasoning_only", "<think>hm</think>", {}),
    ("empty.reasoning_only", "", {"reasoning": "hm"}),
    ("empty.reasoning_only", "", {"usage": THOUGHT}),
    ("truncated.reasoning", "<think>hm", {"finish_reason": "length"}),
    ("truncated.reasoning", "", {"finish_reason": "length", "reasoning": "hm"}),
    ("truncated.reasoning", "", {"finish_reason": "length"}),
    ("truncated.answer", "The code that you are", {"finish_reason": "length"}),
    ("truncated.answer", "ANSWER: 730194", {"finish_reason": "length"}),
    ("truncated.answer", f"So far there are 4417082, {SECOND} and some more in the", CUT),
    ("degenerate.loop", LOOP * 20, {}),
    ("degenerate.loop", "ab" * 400, {}),
    ("degenerate.loop", "The request is: " + "I am writing to you today. " * 4 + "I am wr", CUT),
    ("degenerate.loop", "- tus: tus\n" * 12 + "- tu", CUT),
    ("refusal.policy", "I'm sorry, but I can't help with that.", {}),
    ("refusal.policy", "Es tut mir leid, ich kann dabei nicht helfen.", {}),
    ("refusal.policy", "", {"finish_reason": "content_filter"}),
    ("refusal.policy", "I'm sorry, but I can't help with 730-1946.", {}),
    ("refusal.capability", "A file of 20,000 lines is too long for me.", {}),
    ("refusal.capability", "I cannot access the document that you mention.", {}),
    ("refusal.capability", "This text is too long for me.", {}),
    ("prompt_echo", TAIL, {}),
    ("prompt_echo", f"{HEAD}\n\n{CONTEXT}\n\n{TAIL}", {}),
    ("prompt_echo", "What is the gate code of Niara Mumick? Answer in one line", {}),
    ("prompt_echo", "Some of its entries do not count", {}),
    ("context_parrot", PARROT, {}),
    ("context_parrot", f"This is what it says:\n{' '.join(CONTEXT.split()[300:400])}", {}),
    ("hedged_multi", f"ANSWER: {GOLD} or {SECOND}", {}),
    ("hedged_multi", f"ANSWER: {SECOND}\nANSWER: {GOLD}", {}),
    ("placeholder", "ANSWER: <value>", {}),
    ("placeholder", "ANSWER: [gate code]", {}),
    ("placeholder", "ANSWER: ...", {}),
    ("placeholder", "ANSWER: XXXX", {}),
    ("false_absence", "ANSWER: NONE", {}),
    ("false_absence", "The text does not mention a gate code.", {}),
    ("false_presence", "ANSWER: 4417082", {"gold": ()}),
    ("false_presence", "ANSWER: 1111111", {"gold": ()}),
    ("partial_recall", f"ANSWER: {GOLD}", TWO),
    ("partial_recall", f"There is {SECOND}.", TWO),
    ("partial_recall", f"In 2023 there was {SECOND}.", TWO),
    ("over_inclusion", f"ANSWER: {GOLD}; {SECOND}; 4417082", TWO),
    ("over_inclusion", f"ANSWER: {FILLER}; {SECOND}; {GOLD}", TWO),
    ("distractor.stale_value", f"ANSWER: {GOLD}; 4417082", TWO),
    *((f"distractor.{decoy}", f"ANSWER: {value}", {}) for decoy, value in KIND_VALUES.items()),
    *((f"distractor.{decoy}", f"I read that it is {value}.", {}) for decoy, value in KIND_VALUES.items()),
    ("distractor.filler", f"ANSWER: {FILLER}", {}),
    ("distractor.filler", f"The gate code is {FILLER}.", {}),
    ("near_miss.transposition", "ANSWER: 7301964", {}),
    ("near_miss.transposition", "ANSWER: 7310946", {}),
    ("near_miss.digit_error", "ANSWER: 7301956", {}),
    ("near_miss.digit_error", "ANSWER: 73019466", {}),
    ("near_miss.dropped_digit", "ANSWER: 730196", {}),
    ("near_miss.dropped_digit", "ANSWER: 73016", {}),
    ("near_miss.separator", "ANSWER: 730-1946", {}),
    ("near_miss.separator", "ANSWER: 73.01946", {}),
    ("near_miss.separator", f"ANSWER: {GOLD}; 612-0773", TWO),
    ("near_miss.unit", "ANSWER: 12,345.67 euros", MONEY),
    ("near_miss.unit", "ANSWER: 12,345.67", MONEY),
    ("near_miss.rounding", "ANSWER: 12,346 dollars", MONEY),
    ("near_miss.rounding", "ANSWER: 12,345 dollars", MONEY),
    ("chimera", "ANSWER: 2386003", {}),
    ("chimera", "ANSWER: 5550119", {}),
    ("hallucinated", "ANSWER: 1111111", {}),
    ("hallucinated", "It must be 8888888.", {}),
    ("fmt.none_found", "Niara has one, I think.", {}),
    ("fmt.none_found", "ANSWER: the one on the card", {}),
    ("unattributed", f'{OWN_WORDS} If the text does not say, write "ANSWER: NONE".', NO_GOLD),
    (
        "unattributed",
        f'{OWN_WORDS}\nIf the text does not say,\nwrite\nIf the text does not say, write "ANSWER: NONE".',
        NO_GOLD,
    ),
]


@pytest.mark.parametrize(("mode", "text", "how"), CAUGHT)
def test_caught(mode, text, how):
    answer = judge(text, **how)
    assert primary(answer) == mode


SPARED = [
    ("empty", ".", {}),
    ("empty", "", CUT),
    ("empty", "", {"finish_reason": "content_filter"}),
    ("empty.reasoning_only", "<think>hm</think>ANSWER: 1111111", {}),
    ("empty.reasoning_only", "<think>hm</think>", CUT),
    ("empty.reasoning_only", "", {}),
    ("truncated.reasoning", "<think>hm", {}),
    ("truncated.reasoning", "<think>hm</think>ANSWER: 1111111", CUT),
    ("truncated.answer", "ANSWER: 4417082\nI hope that", CUT),
    ("truncated.answer", "The code that you are", {}),
    ("truncated.answer", "<think>The code that you are", CUT),
    ("truncated.answer", "The gate code is 4417082. I hope that", CUT),
    ("degenerate.loop", "1234567, " * 10, {}),
    ("degenerate.loop", "The request is: " + "I am writing to you today. " * 4 + "I am wr", {}),
    ("degenerate.loop", "The codes of the gate are 4417082, 5520931, 7301946, 8812003 and", CUT),
    ("degenerate.loop", OWN_WORDS, {}),
    ("refusal.policy", "I can't help noticing that it is 4417082.", {}),
    ("refusal.policy", "I can't help more than this.\nANSWER: 730194", {}),
    ("refusal.policy", "I cannot access the document.", {}),
    ("refusal.policy", "I can't help it. " + OWN_WORDS, {}),
    ("refusal.capability", "It is not too long a walk. ANSWER: 4417082", {}),
    ("refusal.capability", "The gate was open.", {}),
    ("prompt_echo", "ANSWER: NONE", {}),
    ("prompt_echo", "What is the gate code of Niara Mumick? Answer in one line: 4417082", {}),
    ("prompt_echo", "What is the gate code?", {}),
    ("prompt_echo", "What is the gate code of Niara Mumick? " + OWN_WORDS, {}),
    ("context_parrot", PARROT[:390], {}),
    ("context_parrot", OWN_WORDS, {}),
    ("context_parrot", f"{OWN_WORDS} {PARROT[:150]}", {}),
    ("hedged_multi", f"ANSWER: {GOLD}; {SECOND}", TWO),
    ("hedged_multi", "ANSWER: 4417082; 5550001", NO_GOLD),
    ("hedged_multi", f"Formerly {SECOND}.\nANSWER: 4417082", {}),
    ("hedged_multi", "ANSWER: 4417082, that is 4,417,082", {}),
    ("placeholder", "ANSWER: I do not have one", {}),
    ("placeholder", "ANSWER: 4417082 ...", {}),
    ("placeholder", "ANSWER: <value> 4417082", {}),
    ("false_absence", "ANSWER: NONE", NO_GOLD),
    ("false_absence", "ANSWER: 4417082", {}),
    ("false_absence", "There is no second one; it is 4417082.", {}),
    ("false_presence", "ANSWER: 4417082", {}),
    ("false_presence", "ANSWER: NONE", NO_GOLD),
    ("partial_recall", f"ANSWER: {GOLD}; 4417082", TWO),
    ("partial_recall", f"ANSWER: {GOLD}; {SECOND}", TWO),
    ("partial_recall", f"ANSWER: {GOLD}; 612077", TWO),
    ("partial_recall", "ANSWER: NONE", TWO),
    ("over_inclusion", f"ANSWER: {GOLD}; {SECOND}; 1111111", TWO),
    ("over_inclusion", f"ANSWER: {GOLD}; 4417082", TWO),
    *((f"distractor.{decoy}", f"ANSWER: {value}", {}) for decoy in KIND_VALUES for value in (GOLD, FILLER)),
    *((f"distractor.{decoy}", f"Not {value}.\nANSWER: 1111111", {}) for decoy, value in KIND_VALUES.items()),
    ("distractor.filler", "ANSWER: 1111111", {}),
    ("distractor.filler", "ANSWER: 4417082", {}),
    *(
        (f"near_miss.{slip}", f"ANSWER: {value}", {})
        for slip in ("transposition", "digit_error", "dropped_digit", "separator", "unit", "rounding")
        for value in (GOLD, "1111111", "4417082")
    ),
    ("near_miss.transposition", "ANSWER: 6491037", {}),
    ("near_miss.digit_error", "ANSWER: 7301177", {}),
    ("near_miss.dropped_digit", "ANSWER: 7301", {}),
    ("near_miss.separator", "ANSWER: 7,301,946", {}),
    ("near_miss.unit", "ANSWER: 12,345.99 euros", MONEY),
    ("near_miss.rounding", "ANSWER: 12,445 dollars", MONEY),
    ("chimera", "ANSWER: 2300003", {}),
    ("chimera", "ANSWER: 5550001", {}),
    ("wrong_order", f"ANSWER: {GOLD}; {SECOND}", {**TWO, "ordered": True}),
    ("wrong_order", f"ANSWER: {SECOND}; {GOLD}", TWO),
    ("hallucinated", f"ANSWER: {FILLER}", {}),
    ("hallucinated", "ANSWER: 7301964", {}),
    ("fmt.none_found", "ANSWER: NONE", {}),
    ("fmt.none_found", "", {}),
    ("fmt.none_found", "ANSWER: 73019", {}),
    ("unattributed", "ANSWER: NONE", NO_GOLD),
    ("unattributed", ASKED_FOR_NONE, NO_GOLD),
    ("unattributed", f"{OWN_WORDS} ANSWER: NONE", NO_GOLD),
]


@pytest.mark.parametrize(("mode", "text", "how"), SPARED)
def test_spared(mode, text, how):
    answer = judge(text, **how)
    assert mode not in classify(answer)
    assert primary(answer) != mode


NOTED = [
    ("wrong_order", f"ANSWER: {SECOND}; {GOLD}", {**TWO, "ordered": True}),
    ("wrong_order", f"ANSWER: {SECOND} and\n{GOLD}", {**TWO, "ordered": True}),
    ("truncated.answer", f"ANSWER: {GOLD}", CUT),
    ("truncated.reasoning", f"ANSWER: {GOLD}\n<think>Wait", CUT),
    ("context_parrot", f"{PARROT}\nANSWER: {GOLD}", {}),
]


@pytest.mark.parametrize(("mode", "text", "how"), NOTED)
def test_noted_on_a_right_answer(mode, text, how):
    answer = judge(text, **how)
    assert list(classify(answer)) == [mode]
    assert primary(answer) is None


def test_every_mode_has_two_replies_to_catch_and_two_to_spare():
    caught = Counter(mode for mode, _, _ in [*CAUGHT, *NOTED])
    spared = Counter(mode for mode, _, _ in SPARED)
    assert [mode for mode in MODES if caught[mode] < 2] == []
    assert [mode for mode in MODES if spared[mode] < 2] == []
    assert set(caught) | set(spared) == set(MODES)


@pytest.mark.parametrize(
    "text",
    [
        f"ANSWER: {GOLD}",
        f"<think>4417082?</think>ANSWER: {GOLD}",
        f"The old one was 4417082.\nANSWER: {GOLD}",
        f"{TAIL}\nANSWER: {GOLD}",
        f"What is the gate code of Niara Mumick? It is {GOLD}.",
        f"{PARROT}\nANSWER: {GOLD}",
        f"The label on the card shows {GOLD}.",
    ],
)
def test_right_answers_earn_credit(text):
    answer = judge(text)
    assert earns_credit(answer, classify(answer))


@pytest.mark.parametrize("text", [f"{PARROT} {GOLD}", f"ANSWER: {PARROT} {GOLD}", f"```\n{PARROT} {GOLD}\n```"])
def test_a_copy_of_the_context_earns_none(text):
    answer = judge(text)
    assert answer.matches_gold
    assert next(iter(classify(answer))) == "context_parrot"
    assert not earns_credit(answer, classify(answer))


@pytest.mark.parametrize(
    ("text", "earns"),
    [
        ("ANSWER: NONE", True),
        ("There is no mention of the gate code of Niara Mumick in the text.", True),
        (f"{ASKED_FOR_NONE}\nANSWER: NONE", True),
        (ASKED_FOR_NONE, False),
        (ASKED_FOR_NONE.replace("\n", " ").upper(), False),
        (ASKED_FOR_NONE[:-2], False),
        (ASKED_FOR_NONE.rpartition("\n")[2], False),
        ("If the text does not say", False),
    ],
)
def test_none_must_be_said_and_not_echoed(text, earns):
    kind = VALUE_TYPES["number7"]
    reading = read_reply(Reply(text=text), kind, expected=0, asked=(HEAD, ASKED_FOR_NONE), context=lambda: "")
    answer = ValueAnswer(reading, kind, (), False, dict, dict)
    assert earns_credit(answer, classify(answer)) == earns


@pytest.mark.parametrize(("mode", "text", "how"), [*CAUGHT, *NOTED, *SPARED])
def test_case_and_spacing_do_not_matter(mode, text, how):
    shouted = "\n" + text.replace(" ", "  ").replace("\n", "\n\n").upper() + " \n"
    assert modes(shouted, **how) == modes(text, **how)


snippets = ["ANSWER: ", GOLD, SECOND, "4417082", FILLER, "none", "\n", " ", "<think>", "</think>", "```", "{", "}", '"']
replies = st.builds(
    Reply,
    text=st.one_of(st.text(), st.lists(st.sampled_from([*snippets, PARROT, TAIL]), max_size=12).map("".join)),
    reasoning=st.sampled_from(["", "hm"]),
    finish_reason=st.sampled_from(["stop", "length", "content_filter", "unknown"]),
)


@given(replies, st.sampled_from([(), (GOLD,), (GOLD, SECOND)]))
def test_a_reply_without_credit_always_has_a_mode(reply, gold):
    answer = judge(reply.text, gold=gold, finish_reason=reply.finish_reason, reasoning=reply.reasoning)
    found = classify(answer)
    assert list(found) == [mode for mode in MODES if mode in found]
    assert all(found.values())
    assert found or earns_credit(answer, found)


@pytest.mark.parametrize("piece", ["a", "1234567 ", "ab cd ", "\n", "x.y-", "ANSWER: 7", "é", "{", "the "])
def test_megabytes_are_judged(piece):
    text = piece * (3_000_000 // len(piece))
    found = modes(text)
    assert found
    assert {rule.mode for rule in GENERIC} & set(found)


def test_what_a_mode_means_is_said_of_every_shared_one_and_of_parts_of_others():
    shared = set(re.findall(r"^\| `([a-z_.]+)` \|", PAGE.split("## What changes no label")[0], re.MULTILINE))
    assert shared <= set(MEANINGS)
    assert meaning_of("near_miss.digit_error", {}) == "gives the right answer with a slip"
    assert meaning_of("agg.undercount", {}) == meaning_of("", {}) == ""
    assert meaning_of("agg.undercount.by_two", {"agg.undercount": "is too small"}) == "is too small"


def test_every_mode_that_a_task_plants_has_a_meaning():
    planted = set(re.findall(r"^\| `([a-z_.]+)` \| \d+ \|", PAGE, re.MULTILINE))
    own = {mode: text for task in task_classes().values() for mode, text in task.modes.items()}
    assert len(planted) > 100
    assert sorted(mode for mode in planted if not meaning_of(mode, own)) == []
