"""`retrieval.latent`: questions share no word with their evidence, have one answer, and wrong ones are named."""

import asyncio
import re
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.adapters.lexical import LexicalModel, LexicalSettings
from harness.battery import check_task
from harness.contexts import Place, Stream, names, reference_counter
from harness.contracts import Cell, Request
from harness.errors import ConfigError
from harness.reading import fold
from harness.records import Reply
from tasks.retrieval.association_table import TABLE
from tasks.retrieval.associations import (
    associations,
    latent_question,
    lexical_question,
    people_who,
    reaching,
    read_facts,
    stated,
    without_article,
)
from tasks.retrieval.latent_facts import KindName, LatentParams, draw_latent_facts
from tasks.retrieval.overlap import content_words, same_stem, shared_words
from tasks.retrieval.people import PERSON, is_chimera, name_slip
from tasks.retrieval.task import TASKS

COUNTER = reference_counter()
PERSON_NAME = "Maren Tolvick"


def ask(params=None, length=1024, contexts=3, questions=8, seed=7, name="retrieval.latent"):
    task = {task.name: task for task in TASKS}[name](params)
    cell = Cell(length=length, contexts=range(contexts), questions=questions, counter=COUNTER)
    return task, list(task.samples(cell, seed))


def mode(task, sample, text, **rest):
    score = task.score(sample, Reply(text=text, **{"finish_reason": "stop", **rest}))
    return "right" if score.correct else score.mode


def facts(seed, index=0, **params):
    place = Place(key=(seed, "t", "1", index), index=index, length=1024, counter=COUNTER)
    return draw_latent_facts(LatentParams(**params), place)


def test_the_table_is_large_and_sound():
    table = associations()
    assert len(table) >= 150
    assert len({each.object for each in table}) == len(table)
    assert set(get_args(KindName)) == {kind.name for kind in TABLE}
    for each in table:
        assert 1 <= len(each.chain) <= 3
        assert all(part == part.strip() and part for part in (each.object, *each.chain))
        assert not shared_words(each.object, " ".join(each.chain))


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.name)
def test_latent_questions_share_no_word_with_what_answers_them(kind):
    for hops in (1, 2):
        for each in reaching(hops, (kind.name,)):
            question = latent_question(kind, hops, each.concept(hops))
            passing = kind.passing[hops - 1].format(person=PERSON_NAME, concept=each.concept(hops))
            assert shared_words(question, passing) >= 1
            for form in range(len(kind.stated)):
                sentence = stated(kind, form, PERSON_NAME, each.object)
                assert not shared_words(question, sentence), (question, sentence)
                assert shared_words(lexical_question(kind, form, each.object), sentence) >= 2


def test_latent_questions_share_no_word_with_any_frame_but_those_in_passing():
    for kind in TABLE:
        for other in TABLE:
            for form in range(len(other.stated)):
                frame = stated(other, form, PERSON_NAME, "")
                for hops in (1, 2):
                    assert not shared_words(latent_question(kind, hops, ""), frame), (kind.name, frame)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("lives", "living", True),
        ("composer", "composition", True),
        ("paint", "painter", True),
        ("owns", "owner", True),
        ("plays", "plants", False),
        ("cat", "caught", False),
        ("rome", "rents", False),
    ],
)
def test_stems(a, b, same):
    assert same_stem(a, b) is same


def test_content_words_leave_out_what_means_nothing():
    assert content_words("Who lives in the Paris of 1900, in Paris?") == ["lives", "paris"]


@pytest.mark.parametrize("hops", [1, 2])
@pytest.mark.parametrize("seed", range(12))
def test_nobody_but_the_answer_fits(hops, seed):
    drawn = facts(seed, hops=hops, items=8, others=24, absent_rate=0.25)
    text = "\n".join(each.sentence for each in drawn.planted)
    kinds = {each.object: each for each in associations()}
    for index, item in enumerate(drawn.items):
        concept = item.fact.concept(hops)
        gold = drawn.person(index, "gold")
        assert bool(gold) is not item.absent
        assert people_who(latent_question(item.fact.kind, hops, concept), text) == ((gold,) if gold else ())
        assert people_who(lexical_question(item.fact.kind, item.form, item.fact.object), text) == (
            (gold,) if gold else ()
        )
        named = [each for thing, each in kinds.items() if re.search(rf"(?<!\w){re.escape(thing)}(?!\w)", text)]
        fitting = [each.object for each in named if concept in each.chain]
        assert fitting == ([] if item.absent else [item.fact.object])
        assert concept in drawn_sentence(drawn, index, "surface")
        if wider := drawn_sentence(drawn, index, "wider"):
            ((_, thing),) = read_facts(item.fact.kind, wider)
            assert kinds[thing].wider(hops) == item.fact.wider(hops) != ""


def drawn_sentence(drawn, item, part):
    return next((each.sentence for each in drawn.planted if (each.item, each.part) == (item, part)), "")


def test_items_are_of_different_kinds_while_there_are_some():
    for seed in range(5):
        assert len({item.fact.kind.name for item in facts(seed, items=10).items}) == 10


@pytest.mark.parametrize("hops", [1, 2])
def test_twins_ask_for_the_same_person_in_two_ways(hops):
    _, samples = ask({"hops": hops})
    for latent, lexical in zip(samples[::2], samples[1::2], strict=True):
        assert (latent.axes["overlap"], lexical.axes["overlap"]) == ("latent", "lexical")
        assert (latent.gold, latent.context_id) == (lexical.gold, lexical.context_id)
        assert latent.axes["object"] == lexical.axes["object"]
        assert latent.axes["shared_words"] == 0
        assert lexical.axes["shared_words"] >= 2 or lexical.axes["absent"]
        assert latent.data["tail"].partition("\n")[2] == lexical.data["tail"].partition("\n")[2]


def test_one_way_of_asking_alone():
    for overlap in ("latent", "lexical"):
        _, samples = ask({"overlap": overlap}, questions=4)
        assert {sample.axes["overlap"] for sample in samples} == {overlap}


def test_the_filler_holds_neither_thing_nor_concept():
    task, samples = ask({"hops": 1}, length=8192)
    for sample in samples:
        text = task.prompt(sample)[0].content
        body = text[len(sample.data["head"]) : text.index(sample.data["tail"])]
        for span in sorted(sample.spans, key=lambda span: span.start, reverse=True):
            start = len(sample.data["head"])
            body = body[: span.start - start] + body[span.end - start :]
        item = next(each for each in associations() if each.object == sample.axes["object"])
        for unwanted in (item.concept(1), item.object):
            assert len(unwanted) < 3 or without_article(unwanted).casefold() not in body.casefold()


def test_wrong_people_are_traced():
    task, samples = ask()
    sample = next(s for s in samples if s.gold and "wider" in s.data["parts"])
    twin = samples[samples.index(sample) + 1]
    surface, wider = sample.data["parts"]["surface"], sample.data["parts"]["wider"]
    right = sample.gold[0]
    given, family = right.split()
    concept = next(e for e in associations() if e.object == sample.axes["object"]).concept(1)
    assert mode(task, sample, f"ANSWER: {right}") == "right"
    assert mode(task, sample, f"**answer:** {right.upper()}.") == "right"
    assert mode(task, sample, f"It is {right} who fits, because of the place.") == "right"
    assert mode(task, sample, f"ANSWER: {surface}") == "latent_surface"
    assert mode(task, sample, f"ANSWER: {wider}") == "hop_long"
    assert mode(task, sample, f"ANSWER: {concept}") == "hop_short"
    assert mode(task, sample, f"ANSWER: {sample.axes['object']}") == "hop_short"
    assert mode(task, twin, f"ANSWER: {surface}") == "distractor.other_key"
    assert mode(task, sample, f"ANSWER: {right}; {surface}") == "hedged_multi"
    assert mode(task, sample, "ANSWER: NONE") == "false_absence"
    assert mode(task, sample, f"ANSWER: {given}") == "near_miss.partial_name"
    assert mode(task, sample, f"ANSWER: {given} {family[:-1]}") == "near_miss.misspelt_name"
    assert mode(task, sample, f"ANSWER: {given} {surface.split()[1]}") == "chimera"
    assert mode(task, sample, "ANSWER: Bob Smith") == "hallucinated"
    assert mode(task, sample, "I do not know who that could be.") == "fmt.none_found"
    assert mode(task, sample, "") == "empty"


def test_an_absent_person():
    task, samples = ask({"absent_rate": 1})
    sample = samples[0]
    assert sample.gold == ()
    assert sample.axes["absent"] is True
    assert mode(task, sample, "ANSWER: NONE") == "right"
    assert mode(task, sample, "The text does not mention anyone who fits.") == "right"
    assert mode(task, sample, f"ANSWER: {sample.data['parts']['surface']}") == "false_presence"


def test_absent_facts_come_at_their_rate():
    _, samples = ask({"absent_rate": 0.25}, contexts=24)
    assert sum(s.axes["absent"] for s in samples) / len(samples) == pytest.approx(0.25, abs=0.02)


def test_words_alone_find_the_twins_and_nothing_else():
    task, samples = ask({"absent_rate": 0}, length=8192, contexts=3)
    model = LexicalModel(LexicalSettings())
    right = {"latent": 0, "lexical": 0}
    for sample in samples:
        request = Request(messages=task.prompt(sample), answer_budget=64, sample=sample, task=task)
        right[sample.axes["overlap"]] += task.score(sample, asyncio.run(model.generate(request))).correct
    assert right == {"latent": 0, "lexical": 12}


@given(st.integers(0, 10**6))
@settings(max_examples=30)
def test_every_invented_name_is_read_as_a_name(seed):
    name = names(Stream(seed, "name"), 1)[0]
    assert PERSON.find(fold(f"It is {name}'s, no doubt.")) == PERSON.find(fold(name))
    assert [found.raw for found in PERSON.find(fold(name))] == [fold(name)]


def test_plain_prose_holds_no_name():
    assert not PERSON.find("the person who lives in paris is not named anywhere in this rather long text")


def test_slips_of_names():
    assert name_slip("maren", "maren tolvick") == "partial_name"
    assert name_slip("maren tolvik", "maren tolvick") == "misspelt_name"
    assert name_slip("moran tolvuk", "maren tolvick") == ""
    people = ("maren tolvick", "skithur gaeldale")
    assert is_chimera("maren gaeldale", people)
    assert not is_chimera("maren tolvick", people)
    assert not is_chimera("gaeldale", people)


def test_what_cannot_be_asked_says_so():
    with pytest.raises(ConfigError, match="too few different concepts"):
        ask({"kinds": ["instrument"], "hops": 2})
    with pytest.raises(ValidationError):
        LatentParams(kinds=("weather",))
    with pytest.raises(ValidationError):
        LatentParams(kinds=())


@pytest.mark.parametrize("name", ["retrieval.latent", "retrieval.associations"])
def test_the_battery_passes(name):
    assert [f for f in check_task(name, {"hops": 2}, lengths=(1024,)) if not f.passed] == []


def recall(thing, hops=1):
    task, samples = ask({"hops": hops, "items": 64}, contexts=4, questions=64, name="retrieval.associations")
    return task, next(sample for sample in samples if sample.axes["object"] == thing)


@pytest.mark.parametrize(
    ("thing", "hops", "text", "expected"),
    [
        ("the Eiffel Tower", 1, "ANSWER: Paris", "right"),
        ("the Eiffel Tower", 1, "It stands in Paris.", "right"),
        ("the Eiffel Tower", 1, "ANSWER: Paris, France", "right"),
        ("the Eiffel Tower", 1, "ANSWER: France", "hop_long"),
        ("the Eiffel Tower", 1, "ANSWER: London", "wrong_association"),
        ("the Eiffel Tower", 1, "ANSWER: Paris or London", "hedged_multi"),
        ("the Eiffel Tower", 2, "ANSWER: France", "right"),
        ("the Eiffel Tower", 2, "ANSWER: Paris", "hop_short"),
        ("Big Ben", 2, "ANSWER: the UK", "right"),
        ("the Royal Mile", 2, "ANSWER: the United Kingdom", "right"),
        ("Hamlet", 1, "ANSWER: William Shakespeare", "right"),
        ("the New World Symphony", 1, "ANSWER: Antonin Dvorak", "right"),
        ("a Labrador", 1, "ANSWER: Dogs.", "right"),
        ("a Labrador", 1, "A Labrador.", "hop_short"),
        ("the oboe", 1, "ANSWER: The woodwinds", "right"),
        ("tweed", 1, "ANSWER: nothing I ever heard of, sorry", "fmt.none_found"),
    ],
)
def test_associations_are_read_in_their_usual_spellings(thing, hops, text, expected):
    assert mode(*recall(thing, hops), text) == expected


def test_contexts_go_through_the_whole_table():
    _, samples = ask({"items": 8}, contexts=29, questions=8, name="retrieval.associations", length=256)
    assert {sample.axes["object"] for sample in samples} == {each.object for each in associations()}
