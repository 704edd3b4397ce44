"""The simulated model: realised rates are the declared ones, and models with one seed are coupled."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from statistics import correlation
from typing import Any

import pytest
from pydantic import ValidationError
from scipy.stats import binomtest, kstest

from harness.adapters.simulated import SimulatedModel, SimulatedSettings, draw
from harness.contexts import reference_counter
from harness.contracts import Cell, Request, Task
from harness.records import Message, Recipe, Reply, Sample, Score, Span
from harness.registry import make_task


class Echoing(Task):
    """A task whose right reply is the gold answer itself; its contexts have three sentences."""

    name = "test.simulated"
    version = "1"
    summary = "for simulated models"

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        raise NotImplementedError

    def prompt(self, sample: Sample) -> list[Message]:
        return [Message("user", "One is 1234567. Two is 7654321. Three is 2222222.\n\nWhat is one?")]

    def score(self, sample: Sample, reply: Reply) -> Score:
        raise NotImplementedError

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        raise NotImplementedError

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        return ";".join(gold) or "NONE"


def spans_of(*values: str) -> tuple[Span, ...]:
    return tuple(Span(role="decoy", value=value, start=0, end=1) for value in values)


SPANS = spans_of("1234567", "7654321", "2222222")


def sample_of(
    number: int,
    *,
    context: int = 0,
    length: int = 1024,
    gold: tuple[str, ...] = ("1234567",),
    spans: tuple[Span, ...] = SPANS,
    **axes: Any,
) -> Sample:
    recipe = Recipe(
        task="t", seed=0, params={}, length=length, counter="reference", context=context, question=0, questions=1
    )
    return Sample(
        id=f"t/{length}/c{context}/q{number}",
        task="t",
        version="1",
        context_id=f"t/c{context}",
        gold=gold,
        question="What is one?",
        spans=spans,
        axes={"length_tokens": length, **axes},
        recipe=recipe,
        prompt_tokens=20,
        answer_budget=16,
    )


def declared(**keys: Any) -> SimulatedSettings:
    return SimulatedSettings.model_validate(keys)


def outcomes(settings: SimulatedSettings, samples: Sequence[Sample]) -> list[bool]:
    return [draw(settings, sample, 0) < settings.accuracy_of(sample) for sample in samples]


def reply_to(settings: SimulatedSettings, sample: Sample, replicate: int = 0) -> Reply:
    task = Echoing()
    request = Request(messages=task.prompt(sample), answer_budget=16, sample=sample, task=task, replicate=replicate)
    return asyncio.run(SimulatedModel(settings).generate(request))


def consistent(k: int, n: int, p: float) -> bool:
    """Whether k of n is an ordinary result at rate p: exact binomial, two-sided, one in a thousand."""
    return bool(binomtest(k, n, p).pvalue > 0.001)


MANY = [sample_of(i, context=i) for i in range(4000)]


@pytest.mark.parametrize("icc", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("noise", [0.0, 0.4])
def test_the_draws_are_uniform_whatever_the_coupling(icc: float, noise: float) -> None:
    settings = declared(icc=icc, noise=noise, seed=3)
    assert kstest([draw(settings, sample, 0) for sample in MANY], "uniform").pvalue > 0.001


@pytest.mark.parametrize("accuracy", [0.0, 0.03, 0.5, 0.91, 1.0])
def test_realised_rate_is_the_declared_one(accuracy: float) -> None:
    right = outcomes(declared(accuracy=accuracy), MANY)
    assert consistent(sum(right), len(right), accuracy)


def test_the_model_is_right_exactly_where_the_draw_says_so() -> None:
    settings = declared(accuracy=0.6, noise=0.2, icc=0.1)
    replies = [reply_to(settings, sample) for sample in MANY[:100]]
    assert [reply.text == "1234567" for reply in replies] == outcomes(settings, MANY[:100])
    assert {reply.served_model for reply in replies} == {"simulated"}
    assert SimulatedModel.kind == "simulated"


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        (sample_of(0, length=1024), 0.9),
        (sample_of(0, length=32768), 0.8),
        (sample_of(0, length=65536), 0.8),
        (sample_of(0, length=131072), 0.3),
        (sample_of(0, depth=0.4), 0.9),
        (sample_of(0, depth=0.5), 0.6),
        (sample_of(0, depth=0.75), 0.7),
        (sample_of(0, depth=1.0), 0.7),
        (sample_of(0, length=131072, depth=0.6), 0.6),
        (sample_of(0, depth=0.6, language="sw"), 0.1),
        (sample_of(0, language="fi"), 0.9),
        (sample_of(0, language="sw", decoys=4), 0.2),
        (sample_of(0, depth=True), 0.7),
    ],
)
def test_the_most_specific_accuracy_counts(sample: Sample, expected: float) -> None:
    settings = declared(
        accuracy=0.9,
        by_length={"32k": 0.8, "128k": 0.3},
        by_depth=[{"from": 0.5, "to": 0.75, "accuracy": 0.6}, {"from": 0.75, "to": 1, "accuracy": 0.7}],
        by_slice=[
            {"axis": "language", "value": "sw", "accuracy": 0.1},
            {"axis": "decoys", "value": 4, "accuracy": 0.2},
        ],
    )
    assert settings.accuracy_of(sample) == expected


def test_with_one_seed_the_better_model_loses_nowhere() -> None:
    better, worse = outcomes(declared(accuracy=0.9), MANY), outcomes(declared(accuracy=0.7), MANY)
    losses = sum(a and not b for a, b in zip(better, worse, strict=True))
    assert not any(b and not a for a, b in zip(better, worse, strict=True))
    assert consistent(losses, len(MANY), 0.2)


def test_with_other_seeds_models_are_independent() -> None:
    one, other = outcomes(declared(accuracy=0.7), MANY), outcomes(declared(accuracy=0.7, seed=1), MANY)
    assert consistent(sum(a != b for a, b in zip(one, other, strict=True)), len(MANY), 2 * 0.7 * 0.3)


def test_noise_sets_the_rate_of_flips() -> None:
    quiet = outcomes(declared(accuracy=0.8), MANY)
    noisy = outcomes(declared(accuracy=0.8, noise=0.25), MANY)
    flips = sum(a != b for a, b in zip(quiet, noisy, strict=True))
    assert consistent(flips, len(MANY), 0.25 * 2 * 0.8 * 0.2)
    again = outcomes(declared(accuracy=0.8, noise=0.25, noise_seed=1), MANY)
    either = 1 - 0.75 * 0.75
    assert consistent(sum(a != b for a, b in zip(noisy, again, strict=True)), len(MANY), either * 2 * 0.8 * 0.2)


@pytest.mark.parametrize("icc", [0.0, 0.2, 0.6])
def test_outcomes_of_a_context_correlate_as_declared(icc: float) -> None:
    settings = declared(accuracy=0.7, icc=icc)
    first = outcomes(settings, [sample_of(0, context=c) for c in range(4000)])
    second = outcomes(settings, [sample_of(1, context=c) for c in range(4000)])
    assert correlation(list(map(float, first)), list(map(float, second))) == pytest.approx(icc, abs=4 / 4000**0.5)


@pytest.mark.parametrize(
    ("better", "worse", "noise", "expected"),
    [(0.9, 0.5, 0.0, 0.5), (0.7, 0.7, 1.0, 0.25), (0.7, 0.7, 0.5, 0.125), (0.9, 0.6, 0.5, 1 / 6)],
)
def test_differences_of_a_context_correlate_as_documented(
    better: float, worse: float, noise: float, expected: float
) -> None:
    icc, keep = 0.5, 1 - noise
    shared = better * (1 - better) - 2 * keep * worse * (1 - better) + keep**2 * worse * (1 - worse)
    losses = keep * (better - worse) + noise * better * (1 - worse)
    gains = noise * worse * (1 - better)
    documented = icc * shared / (losses + gains - (better - worse) ** 2)
    assert documented == pytest.approx(expected, abs=1e-9)
    differences = []
    for question in (0, 1):
        samples = [sample_of(question, context=c) for c in range(4000)]
        before = outcomes(declared(accuracy=better, icc=icc), samples)
        after = outcomes(declared(accuracy=worse, icc=icc, noise=noise), samples)
        differences.append([float(a) - float(b) for a, b in zip(before, after, strict=True)])
    assert correlation(*differences) == pytest.approx(expected, abs=0.08)


def test_losses_and_gains_of_a_noisy_candidate_are_the_documented_ones() -> None:
    better, worse, noise = 0.9, 0.6, 0.3
    before = outcomes(declared(accuracy=better), MANY)
    after = outcomes(declared(accuracy=worse, noise=noise), MANY)
    losses = sum(a and not b for a, b in zip(before, after, strict=True))
    gains = sum(b and not a for a, b in zip(before, after, strict=True))
    assert consistent(losses, len(MANY), (1 - noise) * (better - worse) + noise * better * (1 - worse))
    assert consistent(gains, len(MANY), noise * worse * (1 - better))


def test_replicates_draw_on_their_own() -> None:
    settings = declared(accuracy=0.5)
    pairs = [(draw(settings, sample, 0) < 0.5, draw(settings, sample, 1) < 0.5) for sample in MANY]
    assert consistent(sum(a == b for a, b in pairs), len(pairs), 0.5)


def test_the_same_request_gets_the_same_reply() -> None:
    settings = declared(accuracy=0.5, noise=0.5, icc=0.5, errors={"other_value": 1, "hallucinated": 1})
    assert [reply_to(settings, s) for s in MANY[:50]] == [reply_to(settings, s) for s in MANY[:50]]


@pytest.mark.parametrize(
    ("error", "text", "finish"),
    [
        ("refusal", "I'm sorry, but I can't help with that.", "stop"),
        ("empty", "", "stop"),
        ("truncated", "Let us go through the text from its beginning. It opens with", "length"),
        ("false_absence", "NONE", "stop"),
    ],
)
def test_errors_without_a_value(error: str, text: str, finish: str) -> None:
    reply = reply_to(declared(accuracy=0, errors={error: 1}), sample_of(0))
    assert (reply.text, reply.finish_reason, reply.error) == (text, finish, None)


def test_another_value_is_a_planted_one() -> None:
    settings = declared(accuracy=0)
    assert {reply_to(settings, sample).text for sample in MANY[:40]} == {"7654321", "2222222"}
    two = sample_of(0, gold=("1234567", "7654321"))
    assert reply_to(settings, two).text == "1234567;2222222"


def test_a_hallucinated_value_looks_right_and_is_nowhere_in_the_prompt() -> None:
    settings = declared(accuracy=0, errors={"hallucinated": 1})
    values = {reply_to(settings, sample).text for sample in MANY[:40]}
    assert len(values) == 40
    assert all(len(value) == 7 and value.isdecimal() for value in values)
    words = reply_to(settings, sample_of(0, gold=("brisk-lantern",))).text
    assert words != "brisk-lantern"
    assert [len(part) for part in words.split("-")] == [5, 7]


def test_kinds_of_errors_come_at_their_weights() -> None:
    settings = declared(accuracy=0, errors={"empty": 1, "refusal": 3, "truncated": 0})
    tally = Tally(reply_to(settings, sample).text for sample in MANY[:1000])
    assert len(tally) == 2
    assert consistent(tally[""], 1000, 0.25)


def test_what_cannot_happen_leaves_its_weight_to_the_others() -> None:
    both = {"other_value": 1, "false_absence": 1, "empty": 1}
    bare = [sample_of(i, gold=(), spans=()) for i in range(20)]
    assert {reply_to(declared(accuracy=0, errors=both), sample).text for sample in bare} == {""}
    only = reply_to(declared(accuracy=0), bare[0]).text
    assert len(only) == 7
    assert only.isdecimal()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"accuracy": 1.2}, "less than or equal to 1"),
        ({"accuracy": float("nan")}, "accuracy"),
        ({"by_length": {"thirty": 0.5}}, "is not a size in tokens"),
        ({"by_depth": [{"from": 0.5, "to": 0.5, "accuracy": 1}]}, "is not below"),
        ({"by_depth": [{"low": 0.5, "to": 0.7, "accuracy": 1}]}, "from"),
        ({"errors": {"hallucinated": 0}}, "a weight above 0"),
        ({"errors": {"halucinated": 1}}, "errors"),
        ({"errors": {"empty": float("inf")}}, "finite"),
        ({"mode": 1}, "Extra inputs"),
    ],
)
def test_bad_settings_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        declared(**keys)


def test_identity_says_what_was_declared() -> None:
    settings = declared(accuracy=0.9, by_length={"32k": 0.5}, by_depth=[{"from": 0, "to": 0.5, "accuracy": 0.2}])
    identity = asyncio.run(SimulatedModel(settings).identity())
    assert identity["accuracy"] == 0.9
    assert identity["by_length"] == {"32768": 0.5}
    assert identity["by_depth"] == [{"from": 0.0, "to": 0.5, "accuracy": 0.2}]


MODES = {
    "other_value": ("distractor.",),
    "hallucinated": ("hallucinated",),
    "refusal": ("refusal.policy",),
    "empty": ("empty",),
    "truncated": ("truncated.answer",),
    "false_absence": ("false_absence",),
}


@pytest.mark.parametrize("error", MODES)
def test_the_real_task_names_each_kind_of_error(error: str) -> None:
    task = make_task("retrieval.exact", {"absent_rate": 0})
    model = SimulatedModel(declared(accuracy=0, errors={error: 1}))
    cell = Cell(length=1024, contexts=range(3), questions=3, counter=reference_counter())
    for sample in task.samples(cell, seed=2):
        request = Request(messages=task.prompt(sample), answer_budget=64, sample=sample, task=task)
        score = task.score(sample, asyncio.run(model.generate(request)))
        assert not score.correct
        assert str(score.mode).startswith(MODES[error]), score


def test_on_the_real_task_no_error_is_right_where_the_answer_is_absent() -> None:
    task = make_task("retrieval.exact", {"absent_rate": 1})
    cell = Cell(length=1024, contexts=range(2), questions=2, counter=reference_counter())
    for error in MODES:
        model = SimulatedModel(declared(accuracy=0, errors={error: 1}))
        for sample in task.samples(cell, seed=2):
            request = Request(messages=task.prompt(sample), answer_budget=64, sample=sample, task=task)
            assert not task.score(sample, asyncio.run(model.generate(request))).correct, error


def test_a_misconception_is_made_wherever_it_can_be() -> None:
    """A model that always reads the definition that was replaced: the label of every such reply says so."""
    task = make_task("retrieval.exact", {"decoys": 6})
    cell = Cell(length=2048, contexts=range(4), questions=4, counter=reference_counter())
    mode = "distractor.stale_value"
    model = SimulatedModel(SimulatedSettings(accuracy=0.0, errors={mode: 1.0}))
    labels = []
    for sample in task.samples(cell, 3):
        request = Request(messages=task.prompt(sample), answer_budget=64, sample=sample, task=task)
        score = task.score(sample, asyncio.run(model.generate(request)))
        labels.append((mode in task.mistakes(sample), score.mode))
    assert {label for planted, label in labels if planted} == {mode}
    assert {label for planted, label in labels if not planted} <= {"hallucinated", "false_presence"}


def test_an_error_of_no_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="none of other_value"):
        SimulatedSettings(errors={"halucinated": 1.0})
