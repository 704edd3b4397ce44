"""The lexical control: BM25 against a direct computation, and what it takes for the value."""

from __future__ import annotations

import asyncio
import re
from itertools import pairwise
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adapters.lexical import (
    K1,
    LONGEST,
    B,
    LexicalIndex,
    LexicalModel,
    LexicalSettings,
    context_of,
    find_value,
    question_words,
)
from harness.contexts import reference_counter
from harness.contracts import Cell, Request
from harness.records import Message, Sample
from harness.registry import make_task

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
WORDS = ("crane", "harbour", "lamp", "Ärmel", "x1")
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join), min_size=1, max_size=8)


def bm25(sentences: list[str], words: list[str]) -> list[float]:
    """Score sentence by sentence with the formula of the docstring, as directly as can be."""
    folded = [sentence.casefold() for sentence in sentences]
    mean = len("\n".join(folded)) / len(folded)
    scores = []
    for sentence in folded:
        score = 0.0
        for word in words:
            n = sum(word in re.findall(r"\w+", other) for other in folded)
            tf = re.findall(r"\w+", sentence).count(word)
            idf = log(1 + (len(folded) - n + 0.5) / (n + 0.5))
            score += idf * tf / (tf + K1 * (1 - B + B * (len(sentence) + 1) / mean))
        scores.append(score)
    return scores


@given(TEXTS, st.lists(st.sampled_from([word.casefold() for word in WORDS]), min_size=1, unique=True))
def test_ranking_is_bm25(sentences: list[str], words: list[str]) -> None:
    index = LexicalIndex("\n".join(sentences))
    scores = bm25(sentences, words)
    ranked = index.ranked(words, best=len(sentences))
    assert set(ranked) == {i for i, score in enumerate(scores) if score > 0}
    for better, worse in pairwise(ranked):
        assert scores[better] >= scores[worse] - 1e-9


@given(st.text(max_size=200), st.text(max_size=40))
def test_no_text_breaks_it(text: str, question: str) -> None:
    index = LexicalIndex(text)
    words = question_words(question)
    for sentence in index.ranked(words, 1):
        assert 0 < index.coverage(words, sentence) <= 1 + 1e-9
        assert find_value(index, index.sentences[sentence], question) in index.sentences[sentence]


def test_words_are_whole_words_in_any_case() -> None:
    index = LexicalIndex("The CRANE stands. Two cranes stand. A crane_2 and decrane. Crane, crane!")
    assert index.occurrences("crane") == {0: 1, 3: 2}


def test_text_without_sentences_is_cut_at_white_space() -> None:
    words = LexicalIndex("4815162 " * 1000).sentences
    assert all(len(piece) <= LONGEST and piece.replace("4815162", "").isspace() for piece in words)
    assert sum(piece.count("4815162") for piece in words) == 1000
    solid = LexicalIndex("x" * 2500 + " y").sentences
    assert [len(piece) for piece in solid] == [LONGEST, LONGEST, 502]


def test_a_word_in_no_sentence_weighs_most() -> None:
    index = LexicalIndex("The crane is red.\nThe lamp is blue.\nThe door is red.")
    assert index.idf("unheard") > index.idf("crane") > index.idf("red") > index.idf("the") > 0


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("The gate code of Niara Mumick is 4815162.", "4815162"),
        ("In the register of 12 halls, Niara Mumick's gate code reads 4815162.", "4815162"),
        ("The gate code of Niara Mumick fell due on 14 March 1987.", "14 March 1987"),
        ("It is 12,345.67 francs that serves as the gate code of Niara Mumick.", "12,345.67 francs"),
        (f"The gate code of Niara Mumick is {UUID}.", UUID),
        ("09 Apr 16h53 | Niara Mumick | gate code | 4815162 | -", "4815162"),
        ("The gate code of Niara Mumick is brisk-lantern.", "brisk-lantern"),
        ("What is the gate code of Niara Mumick?", "What is the gate code of Niara Mumick?"),
    ],
)  # fmt: skip
def test_the_value_is_what_is_rare_and_not_asked(sentence: str, value: str) -> None:
    filler = "The halls are listed in the register by 12 and 14.\n09 Apr 16h53 fell due in March of 1987, it serves.\n"
    index = LexicalIndex(filler * 30 + sentence)
    assert find_value(index, index.sentences[-1], "What is the gate code of Niara Mumick?") == value


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("Pavova Steinrey has slept for years round the corner from the Blue Tower.", "Pavova Steinrey"),
        ("Every Saturday Jelor Cliskell turns up at the Blue Tower.", "Jelor Cliskell"),
        ("At the Blue Tower nobody is ever seen.", "nobody"),
    ],
)  # fmt: skip
def test_a_question_for_a_person_is_answered_with_a_name(sentence: str, name: str) -> None:
    index = LexicalIndex("Every Saturday the bells ring.\nHas slept for years.\n" * 9 + sentence)
    assert find_value(index, index.sentences[-1], "Who has ever slept or turns up at the Blue Tower?") == name


def test_the_context_is_what_stands_before_the_question() -> None:
    messages = [Message("system", "Rules."), Message("user", "What is it? A text.\n\nQuestion: What is it?\nBe brief.")]
    assert context_of(messages, "What is it?") == "Rules.\nWhat is it? A text.\n\nQuestion: "
    assert context_of(messages, "Not there?") == "Rules.\nWhat is it? A text.\n\nQuestion: What is it?\nBe brief."
    assert context_of([], "What?") == ""


def accuracy(params: dict[str, object], settings: LexicalSettings, length: int = 4096) -> tuple[float, list[Sample]]:
    task, model = make_task("retrieval.exact", params), LexicalModel(settings)
    cell = Cell(length=length, contexts=range(6), questions=2, counter=reference_counter())
    samples, right = [], 0
    for sample in task.samples(cell, seed=11):
        request = Request(messages=task.prompt(sample), answer_budget=64, sample=sample, task=task)
        right += task.score(sample, asyncio.run(model.generate(request))).correct
        samples.append(sample)
    return right / len(samples), samples


@pytest.mark.parametrize("value_type", ["number7", "number10", "uuid4", "date", "adjective_noun", "money"])
def test_it_finds_what_shares_its_words_with_the_question(value_type: str) -> None:
    share, _ = accuracy({"value_type": value_type, "decoys": 0, "absent_rate": 0.2}, LexicalSettings())
    assert share == 1.0


def test_several_values_come_in_the_order_of_the_question() -> None:
    share, _ = accuracy({"queries": 3, "decoys": 0, "absent_rate": 0}, LexicalSettings(values=3))
    assert share == 1.0


def test_it_is_misled_by_decoys_with_the_same_words() -> None:
    kinds = ["stale_value", "negated", "other_scope"]
    share, _ = accuracy(
        {"haystack": "records", "decoys": 16, "decoy_kinds": kinds, "absent_rate": 0}, LexicalSettings()
    )
    assert 0 < share < 0.9


def test_absence_is_told_by_the_share_of_the_question_that_is_found() -> None:
    params: dict[str, object] = {"decoys": 0, "absent_rate": 0.5}
    assert accuracy(params, LexicalSettings())[0] == 1.0
    share, samples = accuracy(params, LexicalSettings(none_below=0.0))
    assert share == sum(bool(sample.gold) for sample in samples) / len(samples) < 1.0


def test_questions_on_one_context_share_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []

    class Counted(LexicalIndex):
        def __init__(self, text: str) -> None:
            built.append(text)
            super().__init__(text)

    monkeypatch.setattr("harness.adapters.lexical.LexicalIndex", Counted)
    accuracy({}, LexicalSettings())
    assert len(built) == len(set(built)) == 6
