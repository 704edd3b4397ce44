"""Effective context length: what RULER and NoLiMa published, and what the interval is worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats import EffectiveLength, clopper_pearson, effective_length, effective_length_interval

RULER = """
Jamba-1.5-large 94B/398B; >128K; 96.7 96.6 96.4 96.0 95.4 95.1
Gemini-1.5-pro; >128K; 96.7 95.8 96.0 95.9 95.9 94.4
Qwen2.5-14B-Instruct-1M 14B; >128K; 97.5 97.1 94.6 94.9 94.9 92.2
Qwen3-235B-A22B 235B; >128K; 97.7 97.2 96.4 95.1 93.3 90.6
Qwen3-14B 14B; >128K; 98.0 97.8 96.4 96.1 94.0 85.1
Jamba-1.5-mini 12B/52B; >128K; 95.6 95.6 94.8 94.6 92.8 90.0
Qwen3-32B 32B; >128K; 98.4 96.0 96.2 94.4 91.8 85.6
EXAONE-4.0-32B 32B; >128K; 96.3 94.9 93.9 93.6 91.7 88.2
Qwen2.5-7B-Instruct-1M 7B; >128K; 96.8 95.3 93.0 91.1 90.4 84.4
Qwen3-30B-A3B 30B; 64K; 96.5 97.0 95.3 92.4 89.1 79.2
GPT-4-1106-preview; 64K; 96.6 96.3 95.2 93.2 87.0 81.2
Llama3.1 70B; 64K; 96.5 95.8 95.4 94.8 88.4 66.6
Qwen3-8B 8B; 64K; 96.3 96.0 91.8 91.2 82.1 77.4
Mistral-Large-2411 123B; 64K; 96.4 96.3 95.3 94.0 85.9 48.1
Command-R-plus-0824 104B; 32K; 96.0 95.1 94.0 92.4 85.4 64.6
Qwen2 72B; 32K; 96.9 96.1 94.9 94.1 79.8 53.7
Command-R-plus 104B; 32K; 95.6 95.2 94.2 92.0 84.3 63.1
Command-R-0824 32B; 64K; 94.7 93.7 93.1 90.8 86.6 74.7
GLM4 9B; 64K; 94.7 92.8 92.1 89.9 86.7 83.1
Llama3.1 8B; 32K; 95.5 93.8 91.6 87.4 84.7 77.0
ProLong 8B; 32K; 94.5 92.5 92.3 89.3 83.2 81.6
Command-R 35B; 32K; 93.8 93.3 92.4 89.5 84.9 76.0
MegaBeam-Mistral 7B; 32K; 93.8 92.5 92.0 89.2 83.7 83.7
Mistral-Large-2407 123B; 32K; 96.2 96.1 95.1 93.0 78.8 23.7
GradientAI/Llama3 70B; 16K; 95.1 94.4 90.8 85.4 80.9 72.1
Mixtral-8x22B 39B/141B; 32K; 95.6 94.9 93.4 90.9 84.7 31.7
Yi 34B; 32K; 93.3 92.2 91.3 87.5 83.2 77.3
Qwen3-4B 4B; 64K; 95.1 93.6 91.0 87.8 77.8 66.0
EXAONE-4.0-1.2B 1.2B; 32K; 87.0 86.7 88.8 81.1 77.4
Phi3-mini 3.8B; 32K; 92.2 91.5 90.7 87.5 80.6 66.7
Phi3-medium 14B; 32K; 93.3 93.2 91.1 86.8 78.6 46.1
Mixtral-8x7B 12.9B/46.7B; 32K; 94.9 92.1 92.5 85.9 72.4 44.5
GradientAI/Llama3 8B; 16K; 92.8 90.3 85.7 79.9 76.3 69.5
FILM-7B 7B; 32K; 92.8 88.2 88.1 86.9 70.1 27.1
InternLM2.5 7B; 4K; 88.1 85.5 84.5 82.7 75.5 68.9
Mistral 7B; 16K; 93.6 91.2 87.2 75.4 49.0 13.8
Mistral-Nemo; 16K; 87.8 87.2 87.7 69.0 46.8 19.0
GLM3 6B; 4K; 87.8 83.4 78.6 69.9 56.0 42.0
LWM 7B; <4K; 82.3 78.4 73.7 69.1 68.1 65.0
DBRX 36B/132B; 8K; 95.1 93.8 83.6 63.1 2.4 0.0
Qwen1.5 72B; 8K; 94.9 93.8 78.0 67.8 0.0 0.0
Together 7B; 4K; 88.2 81.1 69.4 63.0 0.0 0.0
LongChat 7B; <4K; 84.7 79.9 70.8 59.3 0.0 0.0
LongAlpaca 13B; <4K; 60.6 57.0 56.6 43.6 0.0 0.0
"""
"""Table of RULER's README: model, effective length as stated, mean score at 4K, 8K, 16K, 32K, 64K and 128K.

Threshold: 85.6, the score of Llama-2-7B at 4K.
"""

BREAK_THEIR_OWN_RULE = {
    "Qwen3-14B 14B": (">128K", "64K"),
    "Qwen2.5-7B-Instruct-1M 7B": (">128K", "64K"),
    "Qwen3-8B 8B": ("64K", "32K"),
    "Qwen3-4B 4B": ("64K", "32K"),
    "EXAONE-4.0-1.2B 1.2B": ("32K", "16K"),
}
"""Rows of RULER whose stated length has a score under 85.6: as stated, and by the rule."""

NOLIMA = """
GPT-4o; 8K; 99.3 98.1 98.0 95.7 89.2 81.6 69.7
Llama 3.3 70B; 2K; 97.3 94.2 87.4 81.5 72.1 59.5 42.7
Llama 3.1 405B; 2K; 94.7 89.0 85.0 74.5 60.1 48.4 38.0
Llama 3.1 70B; 2K; 94.5 91.0 81.8 71.2 62.7 51.8 43.2
Gemini 1.5 Pro; 2K; 92.6 86.4 82.7 75.4 63.9 55.5 48.2
Jamba 1.5 Mini; <1K; 92.4 76.3 74.1 70.8 62.2 52.7 43.6
Command R+; <1K; 90.9 77.0 73.5 66.3 39.5 21.3 7.4
Llama 4 Maverick; 2K; 90.1 81.6 78.3 68.8
Gemini 2.0 Flash; 4K; 89.4 87.7 87.5 77.9 64.7 48.2 41.0
Gemma 3 27B; <1K; 88.6 73.3 65.6 48.1 32.7 20.2 9.5
Mistral Large 2; 2K; 87.9 86.1 85.5 73.3 51.5 32.6 18.7
Claude 3.5 Sonnet; 4K; 87.6 85.4 84.0 77.6 61.7 45.7 29.8
Gemma 3 12B; 1K; 87.4 74.7 61.8 39.9 27.4 16.8 7.3
Gemini 1.5 Flash; <1K; 84.7 68.6 61.6 51.0 44.4 35.5 28.6
GPT-4o mini; <1K; 84.9 67.7 58.2 44.1 32.6 20.6 13.7
Llama 4 Scout; 1K; 81.7 72.3 61.8 50.8 35.5 26.9 21.6
Llama 3.1 8B; 1K; 76.7 65.7 54.4 44.1 31.9 22.6 14.2
Gemma 3 4B; <1K; 73.6 50.3 35.3 16.4 7.5 2.3 0.9
"""
"""Table of NoLiMa's README: model, effective length as stated, base score, score at 1K, 2K, 4K, 8K, 16K and 32K.

Threshold: 85 % of the base score.
"""


def named(length: int | None, first: int, last: int) -> str:
    if length is None:
        return f"<{first}K"
    return f">{length}K" if length == last == 128 else f"{length}K"


def by_length(scores: list[float], first: int) -> dict[int, float]:
    return {first * 2**i: score for i, score in enumerate(scores)}


def test_effective_lengths_of_ruler() -> None:
    differ, rows = {}, RULER.strip().splitlines()
    for row in rows:
        model, stated, scores = row.split("; ")
        found = named(effective_length(by_length([float(x) for x in scores.split()], 4), 85.6), 4, 128)
        if found != stated:
            differ[model] = (stated, found)
    assert len(rows) == 44
    assert differ == BREAK_THEIR_OWN_RULE


@pytest.mark.parametrize("row", NOLIMA.strip().splitlines(), ids=lambda row: row.split(";")[0])
def test_effective_lengths_of_nolima(row: str) -> None:
    _, stated, numbers = row.split("; ")
    base, *scores = (float(x) for x in numbers.split())
    assert named(effective_length(by_length(scores, 1), 0.85 * base), 1, 32) == stated


def test_nothing_measured_and_a_late_recovery() -> None:
    assert effective_length({}, 0.5) is None
    assert effective_length({4096: 0.4, 8192: 0.9}, 0.5) is None
    assert effective_length({16384: 0.9, 4096: 0.9, 8192: 0.4}, 0.5) == 4096


def test_interval_of_a_length_by_hand() -> None:
    """48 of 50 is at least 86.3 % and 30 of 50 at most 73.6 % at two-sided 95 %; 44 of 50 may be anything around 85 %."""
    counts = {4096: (48.0, 50.0), 8192: (44.0, 50.0), 16384: (30.0, 50.0)}
    assert effective_length_interval(counts, 0.85) == EffectiveLength(8192, 4096, 8192)
    assert clopper_pearson(48, 50)[0] == pytest.approx(0.8629, abs=1e-4)
    assert clopper_pearson(30, 50)[1] == pytest.approx(0.7359, abs=1e-4)


@pytest.mark.parametrize("shares", [(0.97, 0.93, 0.86, 0.84, 0.6), (0.86,) * 5, (0.84,) * 5])
def test_the_interval_of_a_length_holds_the_true_one(shares: tuple[float, ...]) -> None:
    truth = dict(zip((4, 8, 16, 32, 64), shares, strict=True))
    true = effective_length(truth, 0.85) or 0
    rng, held, runs = np.random.default_rng(7), 0, 300
    for _ in range(runs):
        counts = {length: (float(rng.binomial(60, share)), 60.0) for length, share in truth.items()}
        found = effective_length_interval(counts, 0.85, 0.90)
        held += (found.low or 0) <= true <= (found.high or 0)
    assert held / runs >= 0.90


@given(
    st.dictionaries(st.sampled_from([1, 2, 4, 8, 16]), st.integers(0, 40), min_size=1),
    st.floats(0.1, 0.99),
    st.sampled_from([0.8, 0.95]),
)
def test_the_interval_of_a_length_holds_the_estimate(right: dict[int, int], threshold: float, level: float) -> None:
    found = effective_length_interval({k: (float(v), 40.0) for k, v in right.items()}, threshold, level)
    assert (found.low or 0) <= (found.estimate or 0) <= (found.high or 0)


@given(st.dictionaries(st.integers(1, 64), st.floats(0, 1), max_size=6), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_never_reaches_further(scores: dict[int, float], one: float, other: float) -> None:
    lenient, strict = sorted((one, other))
    assert (effective_length(scores, strict) or 0) <= (effective_length(scores, lenient) or 0)
