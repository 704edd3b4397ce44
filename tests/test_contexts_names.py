"""Invented names: distinct, far apart, and nothing that anybody minds reading."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contexts import Stream, names
from harness.contexts.names import given_name, place_name, surname

RUDE = re.compile(
    r"fuck|cunt|cock|dick|shit|piss|penis|semen|sex|cum|puss|nazi|nigg|rape|slut|whor|anal|anus|scum|skum|tits|turd|fart|crap|bitch|arse|faggot|kike|gook|damn"
)


def distance(a: str, b: str) -> int:
    @cache
    def rest(i: int, j: int) -> int:
        if i == len(a) or j == len(b):
            return len(a) - i + len(b) - j
        return min(rest(i + 1, j) + 1, rest(i, j + 1) + 1, rest(i + 1, j + 1) + (a[i] != b[j]))

    return rest(0, 0)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**9), n=st.integers(0, 20))
def test_names_are_two_words_and_pairwise_three_edits_apart(seed: int, n: int) -> None:
    found = names(Stream(seed), n)
    assert len(found) == n
    assert all(re.fullmatch(r"[A-Z][a-z]{3,} [A-Z][a-z]{3,}", name) for name in found)
    for a, b in combinations(found, 2):
        assert distance(a, b) >= 3
        assert not set(a.split()) & set(b.split())


def test_a_name_too_near_another_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    given_names = iter(["Maren", "Karen", "Maren", "Bisova", "Lothis"])
    surnames = iter(["Tolvick", "Tolvicks", "Zolgar", "Tolvick", "Cladwen"])
    module = import_module("harness.contexts.names")
    monkeypatch.setattr(module, "given_name", lambda stream: next(given_names))
    monkeypatch.setattr(module, "surname", lambda stream: next(surnames))
    assert names(Stream(), 2) == ["Maren Tolvick", "Lothis Cladwen"]


def test_names_to_avoid_are_avoided() -> None:
    first = names(Stream(5), 10)
    assert not set(first[::2]) & set(names(Stream(5), 10, avoid=first[::2]))


def test_hundreds_of_names_are_found() -> None:
    assert len(set(names(Stream("many"), 300))) == 300


def test_asking_for_more_names_than_there_are_ends() -> None:
    class Stuck(Stream):
        def below(self, n: int) -> int:
            return 3

    with pytest.raises(ValueError, match="cannot make 2 names"):
        names(Stuck(), 2)


@pytest.mark.parametrize("make", [given_name, surname, place_name])
def test_names_are_many_and_never_rude(make) -> None:
    stream = Stream("rude", make.__name__)
    found = {make(stream) for _ in range(20_000)}
    assert len(found) > 10_000
    assert not [name for name in found if RUDE.search(name.lower())]
