"""What haystacks read like: not repetitive, English-like, free of anything that looks like a value."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from functools import cache
from typing import get_args

import pytest

from harness.contexts import Kind, build_haystack, prose, reference_counter
from harness.contexts import words as vocabulary
from harness.contexts.frames import FRAMES, HEADINGS
from harness.contexts.streams import Stream
from harness.reading import VALUE_TYPES
from harness.reading.words import ADJECTIVES, NOUNS

KINDS: tuple[Kind, ...] = get_args(Kind)
LENGTHS = {"4k": 4 << 10, "128k": 128 << 10, "1M": 1 << 20}


@cache
def text_of(kind: Kind, length: str) -> str:
    return build_haystack(kind, [], LENGTHS[length], reference_counter(), ("quality", 7)).text


def sentences(kind: Kind, text: str) -> list[str]:
    if kind == "records":
        return text.split("\n")
    body = re.sub(r"^# .*$", "", text, flags=re.MULTILINE)
    return [sentence for sentence in re.split(r"(?<=[.?])\s+", body.strip()) if sentence]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", LENGTHS)
def test_sentences_are_unique(kind: Kind, length: str) -> None:
    found = sentences(kind, text_of(kind, length))
    assert len(set(found)) >= 0.999 * len(found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", LENGTHS)
def test_runs_of_eight_words_hardly_ever_repeat(kind: Kind, length: str) -> None:
    words = text_of(kind, length).split()
    runs = Counter(hash(tuple(words[i : i + 8])) for i in range(len(words) - 7))
    assert 1 - len(runs) / runs.total() <= 0.02


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", LENGTHS)
def test_they_compress_like_english(kind: Kind, length: str) -> None:
    data = text_of(kind, length).encode()
    assert 0.25 <= len(zlib.compress(data)) / len(data) <= 0.45


@pytest.mark.parametrize("length", LENGTHS)
def test_prose_has_the_characters_per_token_of_english(length: str) -> None:
    text = text_of("prose", length)
    assert len(text) / reference_counter().count(text) == pytest.approx(4.4, rel=0.1)


def test_nothing_in_prose_reads_like_a_value() -> None:
    text = text_of("prose", "1M")
    assert {name: kind.find(text) for name, kind in VALUE_TYPES.items()} == dict.fromkeys(VALUE_TYPES, ())
    assert max(int(number) for number in re.findall(r"\d+", text)) < 10_000


def test_no_adjective_and_noun_of_the_vocabulary_make_a_value() -> None:
    for adjectives, nouns in (
        (vocabulary.ADJECTIVES, vocabulary.THINGS),
        (vocabulary.BUILDING_ADJECTIVES, vocabulary.BUILDINGS),
        (vocabulary.GROUND_ADJECTIVES, vocabulary.GROUNDS),
    ):
        assert not (set(adjectives) & set(ADJECTIVES) and set(nouns) & set(NOUNS))


def test_sentences_are_formed_like_english() -> None:
    for sentence in sentences("prose", text_of("prose", "128k")):
        assert re.fullmatch(r"[A-Z][A-Za-z0-9 ,-]*[.?]", sentence), sentence
        assert not re.search(r"\b(\w+) \1\b", sentence), sentence
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|  | ,|%", sentence), sentence
        assert not re.search(r"(?<!^)\b[A-HJ-Z]\b", sentence), sentence


def test_two_people_or_places_of_a_sentence_differ() -> None:
    name = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b")
    found = [name.findall(sentence) for sentence in sentences("prose", text_of("prose", "128k"))]
    pairs = [names for names in found if len(names) == 2]
    assert len(pairs) > 500
    assert all(a != b for a, b in pairs)


def test_documents_have_four_to_nine_paragraphs_and_a_folio() -> None:
    documents = re.split(r"^# ", text_of("prose", "128k"), flags=re.MULTILINE)[1:-1]
    assert len(documents) > 100
    for number, document in enumerate(documents, 1):
        heading, *paragraphs = document.strip().split("\n\n")
        assert heading.endswith(f", folio {number}")
        assert 4 <= len(paragraphs) <= 9


def test_there_are_four_registers_of_thirty_frames_or_more() -> None:
    assert set(FRAMES) == set(HEADINGS)
    assert len(FRAMES) == 4
    for frames in FRAMES.values():
        assert len(set(frames)) == len(frames) >= 30
        assert all(len(re.findall(r"\b[PQLMNJRHGSVUYCKDW]\b", frame)) >= 2 for frame in frames)


@pytest.mark.parametrize("name", [name for name in dir(vocabulary) if name.isupper()])
def test_word_lists_hold_nothing_twice(name: str) -> None:
    words = getattr(vocabulary, name)
    assert len(set(words)) == len(words) > 10
    assert all(re.fullmatch(r"[A-Za-z -]+", word) for word in words)


def test_adjectives_take_the_article_that_their_first_letter_says() -> None:
    assert not [word for word in vocabulary.ADJECTIVES if re.match(r"u[ns]e|uni|eu|one|hon|hour|heir", word)]


def test_a_document_whose_places_were_drawn_alike_still_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences that name two places need two: a cast is drawn again until its names differ."""
    drawn = iter(["Elwick", "Elwick", "Elwick", "Elwick", "Tarmoor", "Onford", "Ulmere"])
    monkeypatch.setattr(prose, "place_name", lambda stream: next(drawn))
    text = " ".join(" ".join(paragraph) for paragraph in prose.prose_documents(Stream("alike"), 1))
    assert "Elwick" in text
    assert "Tarmoor" in text
