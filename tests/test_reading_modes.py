"""Every failure mode has a reply that it must catch and one that it must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading import GENERIC, MODES, VALUE_TYPES, ValueAnswer, classify, fold, is_own_answer, read_reply
from harness.records import Reply, Span, Usage

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


def judge(text, *, gold=(GOLD,), ordered=False, finish="stop", reasoning="", usage=NO_USAGE):
    reply = Reply(text=text, reasoning=reasoning, finish_reason=finish, usage=usage)
    kind = VALUE_TYPES["number7"]
    context = " ".join(fold(CONTEXT).split())
    reading = read_reply(reply, kind, expected=len(gold), asked=(HEAD, TAIL), context=lambda: context)
    planted = {
        value: Span(role=role, kind=decoy, value=value, start=i * 50, end=i * 50 + 9)
        for i, (value, (role, decoy)) in enumerate(PLANTED.items())
    }
    planted |= {value: Span(role="gold", value=value, start=900, end=907) for value in gold}
    return ValueAnswer(reading, kind, gold, ordered, lambda: planted, lambda: {FILLER: 77})


def modes(*args, **kwargs):
    return list(classify(judge(*args, **kwargs)))


LOOP = "the lamps were lit and the lamps were out and "
PARROT = " ".join(CONTEXT.split()[100:190])
OWN_WORDS = " ".join(f"word{i} and word{i * 7}" for i in range(80))

CAUGHT = [
    ("empty", "", {}),
    ("empty", " \n\t", {}),
    ("empty.reasoning_only", "<think>hm</think>", {}),
    ("empty.reasoning_only", "", {"reasoning": "hm"}),
    ("empty.reasoning_only", "", {"usage": THOUGHT}),
    ("truncated.reasoning", "<think>hm", {"finish": "length"}),
    ("truncated.reasoning", "", {"finish": "length", "reasoning": "hm"}),
    ("truncated.reasoning", "", {"finish": "length"}),
    ("truncated.answer", "The code that you are", {"finish": "length"}),
    ("truncated.answer", "ANSWER: 730194", {"finish": "length"}),
    ("degenerate.loop", LOOP * 20, {}),
    ("degenerate.loop", "ab" * 400, {}),
    ("refusal.policy", "I'm sorry, but I can't help with that.", {}),
    ("refusal.policy", "Es tut mir leid, ich kann dabei nicht helfen.", {}),
    ("refusal.policy", "", {"finish": "content_filter"}),
    ("refusal.capability", "I cannot access the document that you mention.", {}),
    ("refusal.capability", "This text is too long for me.", {}),
    ("prompt_echo", TAIL, {}),
    ("prompt_echo", f"{HEAD}\n\n{CONTEXT}\n\n{TAIL}", {}),
    ("prompt_echo", "What is the gate code of Niara Mumick? Answer in one line", {}),
    ("prompt_echo", "Some of its entries do not count", {}),
    ("context_parrot", PARROT, {}),
    ("hedged_multi", f"ANSWER: {GOLD} or {SECOND}", {}),
    ("hedged_multi", f"ANSWER: {SECOND}\nANSWER: {GOLD}", {}),
    ("placeholder", "ANSWER: <value>", {}),
    ("placeholder", "ANSWER: [gate code]", {}),
    ("placeholder", "ANSWER: ...", {}),
    ("placeholder", "ANSWER: XXXX", {}),
    ("false_absence", "ANSWER: NONE", {}),
    ("false_presence", "ANSWER: 4417082", {"gold": ()}),
    ("false_presence", "ANSWER: 1111111", {"gold": ()}),
    ("partial_recall", f"ANSWER: {GOLD}", {"gold": (GOLD, SECOND)}),
    ("over_inclusion", f"ANSWER: {GOLD}; {SECOND}; 4417082", {"gold": (GOLD, SECOND)}),
    ("distractor.lookalike_key", "ANSWER: 5550001", {}),
    ("distractor.other_attribute", "ANSWER: 5550002", {}),
    ("distractor.stale_value", "ANSWER: 4417082", {}),
    ("distractor.stale_value", f"ANSWER: {GOLD}; 4417082", {"gold": (GOLD, SECOND)}),
    ("distractor.negated", "ANSWER: 5550003", {}),
    ("distractor.hypothetical", "ANSWER: 5550004", {}),
    ("distractor.other_scope", "ANSWER: 5550005", {}),
    ("distractor.other_key", "ANSWER: 2386119", {}),
    ("distractor.filler", f"ANSWER: {FILLER}", {}),
    ("near_miss.transposition", "ANSWER: 7301964", {}),
    ("near_miss.digit_error", "ANSWER: 7301956", {}),
    ("near_miss.dropped_digit", "ANSWER: 730196", {}),
    ("near_miss.separator", "ANSWER: 730-1946", {}),
    ("chimera", "ANSWER: 2386003", {}),
    ("hallucinated", "ANSWER: 1111111", {}),
    ("fmt.none_found", "Niara has one, I think.", {}),
]


@pytest.mark.parametrize(("mode", "text", "how"), CAUGHT)
def test_caught(mode, text, how):
    answer = judge(text, **how)
    assert next(iter(classify(answer))) == mode
    assert not earns_credit(answer, classify(answer))


SPARED = [
    ("empty", ".", {}),
    ("empty.reasoning_only", "<think>hm</think>ANSWER: 1111111", {}),
    ("truncated.reasoning", "<think>hm", {}),
    ("truncated.reasoning", "<think>hm</think>ANSWER: 1111111", {"finish": "length"}),
    ("truncated.answer", "ANSWER: 4417082\nI hope that", {"finish": "length"}),
    ("truncated.answer", "The code that you are", {}),
    ("degenerate.loop", "1234567, " * 10, {}),
    ("degenerate.loop", OWN_WORDS, {}),
    ("refusal.policy", "I can't help noticing that it is 4417082.", {}),
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
    ("hedged_multi", f"ANSWER: {GOLD}; {SECOND}", {"gold": (GOLD, SECOND)}),
    ("hedged_multi", "ANSWER: 4417082; 5550001", {"gold": ()}),
    ("hedged_multi", f"Formerly {SECOND}.\nANSWER: 4417082", {}),
    ("placeholder", "ANSWER: I do not have one", {}),
    ("placeholder", "ANSWER: 4417082 ...", {}),
    ("false_absence", "ANSWER: NONE", {"gold": ()}),
    ("false_absence", "ANSWER: 4417082", {}),
    ("false_presence", "ANSWER: 4417082", {}),
    ("partial_recall", f"ANSWER: {GOLD}; 4417082", {"gold": (GOLD, SECOND)}),
    ("over_inclusion", f"ANSWER: {GOLD}; {SECOND}; 1111111", {"gold": (GOLD, SECOND)}),
    *((f"distractor.{kind}", f"ANSWER: {GOLD}", {}) for _, kind in PLANTED.values() if kind),
    *((f"distractor.{kind}", f"ANSWER: {FILLER}", {}) for _, kind in PLANTED.values() if kind),
    ("distractor.filler", "ANSWER: 1111111", {}),
    *(
        (f"near_miss.{slip}", f"ANSWER: {value}", {})
        for slip in ("transposition", "digit_error", "dropped_digit", "separator", "unit", "rounding")
        for value in (GOLD, "1111111", "4417082")
    ),
    ("chimera", "ANSWER: 2300003", {}),
    ("wrong_order", f"ANSWER: {GOLD}; {SECOND}", {"gold": (GOLD, SECOND), "ordered": True}),
    ("wrong_order", f"ANSWER: {SECOND}; {GOLD}", {"gold": (GOLD, SECOND)}),
    ("hallucinated", f"ANSWER: {FILLER}", {}),
    ("fmt.none_found", "ANSWER: NONE", {}),
    ("fmt.none_found", "", {}),
]


@pytest.mark.parametrize(("mode", "text", "how"), SPARED)
def test_spared(mode, text, how):
    assert mode not in modes(text, **how)


def test_every_mode_has_both_cases():
    elsewhere = {"wrong_order", "near_miss.unit", "near_miss.rounding", "unattributed"}
    assert {mode for mode, _, _ in CAUGHT} | elsewhere == set(MODES)
    assert {mode for mode, _, _ in SPARED} | {"unattributed"} == set(MODES)


def test_wrong_order_is_noted_on_a_right_answer():
    answer = judge(f"ANSWER: {SECOND}; {GOLD}", gold=(GOLD, SECOND), ordered=True)
    assert list(classify(answer)) == ["wrong_order"]
    assert answer.matches_gold


@pytest.mark.parametrize(
    ("text", "mode"), [("12,345.67 euros", "unit"), ("12,346 dollars", "rounding"), ("12,345.67", "unit")]
)
def test_slips_of_money(text, mode):
    kind = VALUE_TYPES["money"]
    reading = read_reply(Reply(text=f"ANSWER: {text}"), kind, expected=1, asked=(HEAD, TAIL), context=lambda: "")
    answer = ValueAnswer(reading, kind, ("12345.67 dollars",), False, dict, dict)
    assert list(classify(answer)) == [f"near_miss.{mode}"]


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


ASKED_FOR_NONE = f'{TAIL}\nIf the text does not say, write "ANSWER: NONE".'


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


@pytest.mark.parametrize(("mode", "text", "how"), [*CAUGHT, *SPARED])
def test_case_and_spacing_do_not_matter(mode, text, how):
    shouted = "\n" + text.replace(" ", "  ").replace("\n", "\n\n").upper().replace("</THINK>", "</think>") + " \n"
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
    answer = judge(reply.text, gold=gold, finish=reply.finish_reason, reasoning=reply.reasoning)
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
