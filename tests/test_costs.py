from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.costs import (
    Tokens,
    break_even,
    cache_bytes,
    cached_tokens_room,
    capacity,
    fits,
    gpus_for,
    hosted_cost,
    memory_bytes,
    money,
    monthly,
    per_correct,
    utilisation_needed,
    weight_bytes,
)
from harness.declared import Price, SelfHosted

PRICE = Price(input=1.40, cached_input=0.26, output=4.40)
HOST = SelfHosted(gpus=24, gpu_memory_gb=80, gpu_hour=2.50, utilisation=0.4, fixed_per_month=9000)


def test_cached_tokens_have_a_price_of_their_own():
    # 10,000 fresh at 1.40, 20,000 cached at 0.26, 500 out at 4.40: 14,000 + 5,200 + 2,200 millionths
    assert money(Tokens(30_000, 20_000, 500), PRICE) == pytest.approx(0.0214)
    assert money(Tokens(30_000, 0, 500), PRICE) == pytest.approx(0.0442)


def test_without_a_price_of_their_own_cached_tokens_cost_what_others_do():
    assert money(Tokens(30_000, 20_000, 500), Price(input=1.4, output=4.4)) == pytest.approx(0.0442)
    free = Price(input=1.4, cached_input=0, output=4.4)
    assert money(Tokens(30_000, 20_000, 500), free) == pytest.approx(0.0162)


def test_an_unknown_number_of_cached_tokens_is_priced_in_full_and_an_unknown_length_not_at_all():
    assert money(Tokens(30_000, None, 500), PRICE) == money(Tokens(30_000, 0, 500), PRICE)
    assert money(Tokens(None, 20_000, 500), PRICE) is None
    assert money(Tokens(30_000, 20_000, None), PRICE) is None
    assert money(Tokens(0, 0, 0), PRICE) == 0


def test_a_right_answer_costs_the_more_the_fewer_there_are_and_nothing_can_be_said_of_none():
    assert per_correct(21.4, 0.8) == pytest.approx(26.75)
    assert per_correct(21.4, 0.0) is None
    assert per_correct(21.4, None) is None
    assert per_correct(None, 0.8) is None
    assert per_correct(0.0, 0.5) == 0


def test_machines_are_paid_around_the_clock():
    # 24 x 2.50 x 730 = 43,800, and 9,000
    assert monthly(HOST) == 52_800


def test_twice_the_utilisation_is_twice_the_work_at_half_the_cost():
    # 4,000 tokens x 2,628,000 s x 0.4 / 500 tokens
    low, high = (capacity(4000, used, 500) for used in (0.4, 0.8))
    assert low == pytest.approx(8_409_600)
    assert high == pytest.approx(16_819_200)
    assert 1000 * hosted_cost(HOST, low) == pytest.approx(6.27854, abs=1e-5)
    assert 1000 * hosted_cost(HOST, high) == pytest.approx(3.13927, abs=1e-5)


def test_break_even_is_where_machines_and_api_cost_the_same():
    # 52,800 a month / 0.0214 a task, of 21,024,000 tasks in full use
    even = break_even(HOST, 0.0214)
    assert even == pytest.approx(2_467_289.72, abs=0.01)
    assert utilisation_needed(even, capacity(4000, 1, 500)) == pytest.approx(0.117356, abs=1e-6)
    assert break_even(HOST, 0) is None
    assert break_even(HOST, None) is None


def test_what_is_unknown_of_machines_stays_unknown():
    assert capacity(None, 0.4, 500) is None
    assert capacity(4000, None, 500) is None
    assert capacity(4000, 0.4, None) is None
    assert capacity(4000, 0.4, 0) is None
    assert hosted_cost(HOST, None) is None
    assert utilisation_needed(None, 10) is None
    assert utilisation_needed(10, None) is None


def test_sixteen_cards_of_80_gb_do_not_hold_753_billion_parameters_at_16_bits():
    weights = weight_bytes(753, 16)
    sixteen, nineteen = (memory_bytes(SelfHosted(gpus=n, gpu_memory_gb=80, gpu_hour=1)) for n in (16, 19))
    assert weights == 1.506e12
    assert sixteen == 1.28e12
    assert fits(weights, sixteen) is False
    assert gpus_for(weights, 80) == 19
    assert fits(weights, nineteen) is True
    assert fits(weight_bytes(753, 8), sixteen) is True
    assert weight_bytes(753, 4) == 0.3765e12
    assert gpus_for(weight_bytes(640, 1), 80) == 1
    assert fits(80e9, 80e9) is True


def test_memory_that_is_not_stated_is_unknown():
    assert weight_bytes(None, 16) is None
    assert weight_bytes(753, None) is None
    assert memory_bytes(SelfHosted(gpus=16, gpu_hour=1)) is None
    assert fits(None, 1.0) is None
    assert fits(1.0, None) is None
    assert gpus_for(1.0, None) is None


def test_the_cache_of_a_token_and_how_many_fit_beside_the_weights():
    host = SelfHosted(gpus=24, gpu_memory_gb=80, gpu_hour=1, layers=80, kv_heads=8, head_dim=128)
    # 2 x 80 x 8 x 128 x 2 bytes, as of Llama 2 and 3 with 70B: 320 KiB
    assert cache_bytes(host) == 327_680
    assert cached_tokens_room(1.92e12, 0.14e12, 327_680) == 5_432_128
    assert cached_tokens_room(1.28e12, 1.506e12, 327_680) == 0
    assert cache_bytes(HOST) is None
    assert cached_tokens_room(1.92e12, 0.14e12, None) is None
    half = SelfHosted(gpus=1, gpu_hour=1, layers=80, kv_heads=8, head_dim=128, kv_bits=8)
    assert cache_bytes(half) == 163_840


counts = st.integers(0, 10**6)
prices = st.floats(0, 100)


@settings(max_examples=50, deadline=None)
@given(counts, counts, counts, prices, prices, prices)
def test_a_cheaper_cache_never_makes_a_task_dearer(prompt, cached, output, full, cheap, out):
    price = Price(input=max(full, cheap), cached_input=min(full, cheap), output=out)
    cached = min(cached, prompt)
    least, most = money(Tokens(prompt, cached, output), price), money(Tokens(prompt, None, output), price)
    assert 0 <= least <= most + 1e-12


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 64), st.floats(0.01, 20), st.floats(0, 1e5), st.floats(1e-6, 10))
def test_at_the_break_even_a_task_costs_the_same_either_way(gpus, hour, fixed, api):
    host = SelfHosted(gpus=gpus, gpu_hour=hour, fixed_per_month=fixed)
    assert hosted_cost(host, break_even(host, api)) == pytest.approx(api)
