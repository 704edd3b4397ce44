"""Building haystacks: the budget, the places of needles, what the filler must not hold, and reproducibility."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from math import ceil
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contexts import Haystack, InfeasibleLength, Kind, Needle, build_haystack, record_line, reference_counter
from harness.contexts.streams import Stream
from harness.errors import ConfigError

KINDS: tuple[Kind, ...] = get_args(Kind)
REFERENCE = reference_counter()


class Power:
    """A counter that is not additive: the whole has more (or fewer) tokens than its parts."""

    name = "power"
    exact = False

    def __init__(self, exponent: float) -> None:
        self.exponent = exponent

    def count(self, text: str) -> int:
        return ceil(len(text) ** self.exponent / 4)


def needles(depths: list[float]) -> list[Needle]:
    return [
        Needle(text=f"The code of box {i} is {7_000_000 + i}.", value=str(7_000_000 + i), depth=depth)
        for i, depth in enumerate(depths)
    ]


def build(kind: Kind, depths: list[float], budget: int, key: int = 0) -> Haystack:
    return build_haystack(kind, needles(depths), budget, REFERENCE, ("test", key))


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    budget=st.integers(1024, 6000),
    depths=st.lists(st.floats(0, 1), max_size=20),
    key=st.integers(0, 10**6),
)
def test_it_is_never_over_the_budget_and_leaves_at_most_three_percent(
    kind: Kind, budget: int, depths: list[float], key: int
) -> None:
    stack = build(kind, depths, budget, key)
    assert stack.tokens == REFERENCE.count(stack.text)
    assert 0.97 * budget <= stack.tokens <= budget
    assert stack.fill_ratio == stack.tokens / budget


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    budget=st.integers(300, 5000),
    depths=st.lists(st.floats(0, 1), min_size=1, max_size=12),
)
def test_spans_point_at_the_needles_in_the_order_given(kind: Kind, budget: int, depths: list[float]) -> None:
    stack = build(kind, depths, budget)
    planted = needles(depths)
    assert [stack.text[span.start : span.end] for span in stack.spans] == [needle.text for needle in planted]
    assert [span.value for span in stack.spans] == [needle.value for needle in planted]
    ordered = sorted((span.start, span.end) for span in stack.spans)
    assert all(end < start for (_, end), (start, _) in pairwise(ordered))


@pytest.mark.parametrize("kind", KINDS)
def test_a_needle_stands_between_whole_sentences_or_lines(kind: Kind) -> None:
    stack = build(kind, [i / 40 for i in range(41)], 8192)
    for span in stack.spans:
        before, behind = stack.text[: span.start], stack.text[span.end :]
        if kind == "records":
            assert before == "" or before.endswith("\n")
            assert behind == "" or behind.startswith("\n")
        else:
            assert re.search(r"([.?] |\n\n)\Z", before)
            assert re.match(r" [A-Z]|\n\n[A-Z#]|\Z", behind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("depths", [[i / 10 for i in range(11)], [0.5] * 8, [0.9] * 4 + [0.1] * 4])
def test_realised_depths_are_close_to_those_asked_for(kind: Kind, depths: list[float]) -> None:
    stack = build(kind, depths, 16384)
    for span, depth in zip(stack.spans, depths, strict=True):
        assert span.start / len(stack.text) == pytest.approx(depth, abs=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_planted_before_counts_into_the_depth(kind: Kind) -> None:
    stack = build(kind, [0.1] * 20 + [0.9], 2048)
    assert stack.spans[0].start / len(stack.text) == pytest.approx(0.1, abs=0.02)
    assert stack.spans[-1].start / len(stack.text) == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_the_ends_are_reached(kind: Kind) -> None:
    stack = build(kind, [0, 1], 4096)
    assert stack.spans[0].start < 80
    assert stack.spans[1].end == len(stack.text)


@pytest.mark.parametrize("kind", KINDS)
def test_role_and_kind_of_a_needle_enter_its_span(kind: Kind) -> None:
    needle = Needle(text="A decoy.", value="decoy value", depth=0.5, role="decoy", kind="stale_value")
    span = build_haystack(kind, [needle], 1024, REFERENCE, ("test",)).spans[0]
    assert (span.role, span.kind, span.value) == ("decoy", "stale_value", "decoy value")


@pytest.mark.parametrize("kind", KINDS)
def test_the_filler_depends_on_its_key_and_not_on_needles(kind: Kind) -> None:
    def filler(depths: list[float], key: int) -> str:
        text = build(kind, depths, 4096, key).text
        return re.sub(r"The code of box \d+ is \d+\.\s", "", text)[:8000]

    assert filler([], 1) == filler([0.2, 0.6], 1)
    assert filler([], 1) != filler([], 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_longer_haystack_begins_with_the_documents_of_a_shorter_one(kind: Kind) -> None:
    short, long = build(kind, [], 4096).text, build(kind, [], 16384).text
    assert long.startswith(short[:8000])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_to_be_avoided_is_left_out_in_any_case_of_letters(kind: Kind) -> None:
    text = build(kind, [], 4096).text
    words = sorted(set(re.findall(r"[A-Za-z]{5,}", text)), key=text.count)
    avoid = [word.upper() for word in words[:30]]
    cleaned = build_haystack(kind, [], 4096, REFERENCE, ("test", 0), avoid=avoid)
    assert all(word.casefold() in text.casefold() for word in avoid)
    assert not any(word.casefold() in cleaned.text.casefold() for word in avoid)
    assert cleaned.fill_ratio >= 0.97


@pytest.mark.parametrize("kind", KINDS)
def test_a_needles_value_stands_nowhere_else(kind: Kind) -> None:
    text = build(kind, [], 4096).text
    value = "brass" if kind == "prose" else re.findall(r"\d{7}", text)[3]
    value = value if value in text else re.findall(r"the (\w{4,})", text)[0]
    needle = Needle(text=f"It is {value}.", value=value, depth=0.5)
    assert build_haystack(kind, [needle], 4096, REFERENCE, ("test", 0)).text.count(value) == 1


def test_a_string_that_is_everywhere_cannot_be_avoided() -> None:
    with pytest.raises(ConfigError, match="every document"):
        build_haystack("prose", [], 4096, REFERENCE, ("test",), avoid=["e"])


@pytest.mark.parametrize("exponent", [0.97, 1.0, 1.03])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("budget", [500, 1024, 20000])
def test_a_counter_need_not_be_additive(kind: Kind, exponent: float, budget: int) -> None:
    counter = Power(exponent)
    stack = build_haystack(kind, needles([0.1, 0.5, 0.9]), budget, counter, ("test",))
    assert stack.tokens == counter.count(stack.text) <= budget
    assert len(stack.spans) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_too_short_a_length_names_the_shortest_that_would_do(kind: Kind) -> None:
    with pytest.raises(InfeasibleLength) as caught:
        build(kind, [0.1, 0.5, 0.9], 20)
    needed = caught.value.needed
    assert str(needed) in str(caught.value)
    assert len(build(kind, [0.1, 0.5, 0.9], needed).spans) == 3
    with pytest.raises(InfeasibleLength):
        build(kind, [0.1, 0.5, 0.9], needed - 1)


@pytest.mark.parametrize("budget", [0, -5])
def test_no_room_at_all_is_infeasible(budget: int) -> None:
    with pytest.raises(InfeasibleLength):
        build("prose", [], budget)


def test_a_record_needle_is_one_more_line() -> None:
    line = record_line("Maren Tolvick", "access code", "7654321", Stream("line"))
    stack = build_haystack("records", [Needle(text=line, value="7654321", depth=0.5)], 2048, REFERENCE, ("test",))
    shape = re.compile(r"\d\d [A-Z][a-z]{2} \d\dh\d\d \| [A-Z][a-z]+ [A-Z][a-z]+ \| [a-z ]+ \| \d{7} \| \S.*")
    lines = stack.text.split("\n")
    assert line in lines
    assert sum(shape.fullmatch(other) is not None for other in lines) >= 0.9 * len(lines)


PROGRAM = """
import json
from hashlib import sha256
from harness.contexts import Needle, build_haystack, reference_counter
planted = [Needle(text="The code of box 1 is 7000001.", value="7000001", depth=0.5)]
texts = [build_haystack(kind, planted, 4096, reference_counter(), ("pin", 1)).text for kind in ("prose", "records")]
print(json.dumps([sha256(text.encode()).hexdigest()[:16] for text in texts]))
"""
PINNED = ["247c75cb50bc1686", "0ef6574581c80cdc"]
"""A change here changes every sample: raise the version of every task that uses haystacks."""


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_every_process_builds_the_same_bytes(seed: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout) == PINNED
