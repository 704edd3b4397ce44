"""Facts and statements: what is drawn, how it is worded, and that it reads back as what it is."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contexts import Stream
from harness.contexts.prose import prose_documents
from harness.reading import VALUE_TYPES
from tasks.retrieval.facts import DECOY_KINDS, ExactParams, draw_facts, draw_values, lookalike
from tasks.retrieval.statements import (
    ANSWER_TAG,
    ATTRIBUTES,
    FRAMES,
    INSTRUCTION,
    REMARKS,
    RULES,
    Statement,
    question,
    read_question,
    read_record,
    read_sentence,
    record,
    sentence,
    tail,
)

KEY = (7, "test")
TYPES = sorted(VALUE_TYPES)

params = st.builds(
    lambda keys, queries, **rest: ExactParams(keys=keys, queries=min(keys, queries), **rest),
    keys=st.integers(1, 64),
    queries=st.integers(1, 8),
    values_per_key=st.integers(1, 8),
    decoys=st.integers(0, 32),
    decoy_kinds=st.sets(st.sampled_from(DECOY_KINDS), min_size=1).map(sorted).map(tuple),
    value_type=st.sampled_from(TYPES),
    absent_rate=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
)


@given(params, st.integers(0, 1000))
def test_facts_are_whole_and_without_conflict(p, context):
    facts = draw_facts(p, KEY, context)
    kind = VALUE_TYPES[p.value_type]
    values = [kind.normal(fact.value) for fact in facts.planted]
    assert len(set(values)) == len(values) == p.keys * p.values_per_key + p.decoys
    golds = [fact for fact in facts.planted if fact.kind == "gold"]
    assert Counter(fact.name for fact in golds) == dict.fromkeys((fact.name for fact in golds), p.values_per_key)
    assert len({name for names in facts.asked for name in names}) == p.most_questions * p.queries
    assert len(facts.asked) == len(facts.absent) == p.most_questions
    for q, absent in enumerate(facts.absent):
        assert len(facts.gold(q)) == (0 if absent else p.queries * p.values_per_key)
        named = {fact.name for fact in golds} & set(facts.asked[q])
        assert named == (set() if absent else set(facts.asked[q]))
    for decoy in facts.planted[len(golds) :]:
        assert decoy.kind in p.decoy_kinds
        right_key = (decoy.name, decoy.attribute) in {(n, facts.attribute) for n in facts.asked[decoy.question]}
        assert right_key == (decoy.kind not in ("lookalike_key", "other_attribute"))
    assert all(0 <= fact.depth < 1 for fact in facts.planted)


def test_decoys_are_dealt_out_evenly():
    facts = draw_facts(ExactParams(keys=4, decoys=12), KEY, 3)
    decoys = [fact for fact in facts.planted if fact.kind != "gold"]
    assert Counter(fact.question for fact in decoys) == dict.fromkeys(range(4), 3)
    assert all(len({f.kind for f in decoys if f.question == q}) == 3 for q in range(4))


def test_facts_do_not_move_with_what_is_beside_them():
    plain = draw_facts(ExactParams(decoys=0, absent_rate=0), KEY, 5)
    for changes in ({"decoys": 8}, {"wording": "plain"}, {"haystack": "records"}, {"answer_budget": 64}):
        other = draw_facts(ExactParams(**{"decoys": 0, "absent_rate": 0, **changes}), KEY, 5)
        assert other.planted[:8] == plain.planted
        assert other.asked == plain.asked


def test_contexts_and_seeds_differ():
    draws = [draw_facts(ExactParams(), key, c).planted for key, c in product([KEY, (8, "test")], range(20))]
    assert len({fact.value for planted in draws for fact in planted}) > 0.99 * sum(map(len, draws))


def test_strata_are_balanced():
    p = ExactParams(keys=1, decoys=0, absent_rate=0)
    single = [draw_facts(p, KEY, c).planted[0].depth for c in range(40)]
    assert max(Counter(int(depth * 8) for depth in single).values()) <= 6
    assert min(Counter(int(depth * 8) for depth in single).values()) >= 4
    for context in range(5):
        golds = draw_facts(ExactParams(keys=8), KEY, context).planted[:8]
        assert sorted(int(fact.depth * 8) for fact in golds) == list(range(8))
    first = [draw_facts(ExactParams(keys=8), KEY, c).planted[0].depth for c in range(400)]
    assert all(35 <= n <= 65 for n in Counter(int(depth * 8) for depth in first).values())


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.25, 1.0])
def test_absent_questions_come_at_their_rate(rate):
    absent = [draw_facts(ExactParams(absent_rate=rate), KEY, c).absent for c in range(100)]
    for question_ in range(8):
        assert abs(sum(a[question_] for a in absent) - 100 * rate) <= 2
    assert abs(sum(map(sum, absent)) - 800 * rate) <= 2


@pytest.mark.parametrize("value_type", TYPES)
def test_values_are_of_their_type(value_type):
    kind = VALUE_TYPES[value_type]
    values = draw_values(value_type, 544, Stream("v"))
    assert len({kind.normal(value) for value in values}) == 544
    assert all(kind.exact.fullmatch(value) for value in values)
    more = draw_values(value_type, 100, Stream("v"), values)
    assert not set(more) & set(values)


def test_a_lookalike_is_one_letter_off():
    used = {"Niara Mumick"}
    for _ in range(32):
        name = lookalike("Niara Mumick", used, Stream("l"))
        assert sum(a != b for a, b in zip(name, "Niara Mumick", strict=True)) == 1
        assert name not in used
        used.add(name)


def statements(kind):
    for value_type in TYPES:
        values = draw_values(value_type, 2, Stream("s"))
        for attribute, value in product(ATTRIBUTES[value_type], values):
            yield Statement(kind, "Niara Mumick", attribute, value)


@pytest.mark.parametrize("kind", FRAMES)
def test_every_sentence_reads_as_itself_alone(kind):
    stream = Stream("wording")
    for statement in statements(kind):
        for several in (False, True):
            for wording in ("plain", "varied", "varied"):
                text = sentence(statement, wording, several, stream)
                assert list(read_sentence(text)) == [statement]
                assert statement.value.lower() in {value.lower() for value in values_in(text)}


def values_in(text):
    """The values in a text, as they stand there, whatever their type."""
    return {found.raw for kind in VALUE_TYPES.values() for found in kind.find(text)}


@pytest.mark.parametrize("kind", ["gold", *REMARKS])
def test_every_record_reads_as_itself(kind):
    stream = Stream("records")
    for statement in statements(kind):
        for wording in ("plain", "varied"):
            assert list(read_record(record(statement, wording, stream))) == [statement]


def test_there_are_enough_paraphrases_in_two_clause_orders():
    key_first = [frame for frame in FRAMES["gold"] if frame.index("{key}") < frame.index("{value}")]
    assert len(FRAMES["gold"]) >= 12
    assert abs(len(key_first) - len(FRAMES["gold"]) / 2) <= 1
    assert set(FRAMES) == {"gold", *REMARKS}
    assert all(len(frames) >= 3 for frames in FRAMES.values())


def test_the_plain_wording_is_one_sentence_a_kind():
    for kind, frames in FRAMES.items():
        texts = {sentence(Statement(kind, "A B", "gate code", "1"), "plain", False, Stream(i)) for i in range(20)}
        assert len(texts) == 1
        varied = {sentence(Statement(kind, "A B", "gate code", "1"), "varied", False, Stream(i)) for i in range(400)}
        assert len(varied) == 2 * len(frames)


@pytest.mark.parametrize("several", [1, 3])
@pytest.mark.parametrize("people", [("Niara Mumick",), ("Niara Mumick", "Fora Faelick"), ("A B", "C D", "E F")])
def test_questions_read_back(several, people):
    people = tuple(name if len(name) > 3 else f"{name[0]}a {name[2]}o" for name in people)
    for attributes in ATTRIBUTES.values():
        for attribute in attributes:
            text = question(attribute, people, several)
            assert read_question(f"Question: {text}") == (attribute, people)


def test_nothing_in_a_prompt_passes_for_a_tagged_answer():
    for several, people, absent in product((1, 3), (("A B",), ("A B", "C D")), (True, False)):
        asked = tail("gate code", people, several, may_be_absent=absent, form="tagged")
        lines = [INSTRUCTION, RULES, *asked.split("\n")]
        assert not any(line.lower().startswith(ANSWER_TAG.strip().lower()) for line in lines)
        assert ANSWER_TAG in asked
        assert ANSWER_TAG not in tail("gate code", people, several, may_be_absent=absent, form="sentence")


def test_the_filler_states_nothing():
    stream = Stream("filler")
    text = " ".join(s for n in range(200) for paragraph in prose_documents(stream, n) for s in paragraph).casefold()
    assert not [name for names in ATTRIBUTES.values() for name in names if name in text]
