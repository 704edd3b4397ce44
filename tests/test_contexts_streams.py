"""Random streams: fixed for ever, independent by key, within their bounds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.contexts import Stream


def test_the_stream_of_a_key_never_changes() -> None:
    stream = Stream(7, "pin", 3)
    drawn = [stream.below(1000), stream.between(5, 9), round(stream.fraction(), 9), stream.choice("abcdef")]
    assert drawn == [301, 6, 0.50003613, "f"]
    assert Stream("pin").shuffled(range(8)) == [1, 7, 6, 3, 5, 0, 2, 4]


def test_keys_are_told_apart() -> None:
    keys = [(1, 23), (12, 3), (123,), ("1", "2", "3"), (1, 2, 4)]
    assert len({Stream(*key).bits(64) for key in keys}) == len(keys)


@given(seed=st.integers(), low=st.integers(-100, 100), width=st.integers(0, 50))
def test_draws_stay_in_their_bounds(seed: int, low: int, width: int) -> None:
    stream = Stream(seed)
    assert low <= stream.between(low, low + width) <= low + width
    assert 0 <= stream.below(width + 1) <= width
    assert 0 <= stream.fraction() < 1


@given(seed=st.integers(), items=st.lists(st.integers(), max_size=20), k=st.integers(0, 20))
def test_a_shuffle_keeps_every_item_and_a_sample_takes_some(seed: int, items: list[int], k: int) -> None:
    stream = Stream(seed)
    assert sorted(stream.shuffled(items)) == sorted(items)
    positions = stream.sample(range(len(items)), k)
    assert len(set(positions)) == len(positions) == min(k, len(items))


def test_every_item_and_order_comes_up() -> None:
    stream = Stream("even")
    draws = [stream.below(6) for _ in range(6000)]
    assert all(850 < draws.count(face) < 1150 for face in range(6))
    orders = [tuple(stream.shuffled("abc")) for _ in range(6000)]
    assert len(set(orders)) == 6
    assert all(850 < orders.count(order) < 1150 for order in set(orders))
