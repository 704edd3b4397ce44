"""The oracle, null and echo controls: what they answer, and that they earn what a control must earn."""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from harness.adapters.controls import EchoModel, NullModel, OracleModel
from harness.contexts import reference_counter
from harness.contracts import Cell, Model, Request, Task
from harness.records import Message, Recipe, Reply, Sample, Score
from harness.registry import make_task, model_class
from harness.sweep import ModelTable, settings_of


class Lamps(Task):
    """The colour of a lamp, stated in one of three sentences."""

    name = "test.lamps"
    version = "1"
    summary = "the colour of a lamp"

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        yield sample_of(self.name, "blue")

    def prompt(self, sample: Sample) -> list[Message]:
        text = f"The hall is cold. The lamp is {sample.gold[0]}. A dog sleeps."
        return [Message("system", "Be brief."), Message("user", f"{text}\n\nWhich colour has the lamp?")]

    def score(self, sample: Sample, reply: Reply) -> Score:
        right = reply.text == sample.gold[0]
        return Score(value=float(right), correct=right, mode=None if right else "other")

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        return tuple(re.findall(r"lamp is (\w+)", prompt[-1].content))

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        return ", ".join(gold) or "NONE"


class BrokenOracle(Lamps):
    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        raise IndexError("no lamp here")


def sample_of(task: str, gold: str) -> Sample:
    recipe = Recipe(task=task, seed=0, params={}, length=64, counter="reference", context=0, question=0, questions=1)
    return Sample(
        id=f"{task}/64/c0000/q0",
        task=task,
        version="1",
        context_id=f"{task}/c0000",
        gold=(gold,),
        question="Which colour has the lamp?",
        spans=(),
        axes={"length_tokens": 64},
        recipe=recipe,
        prompt_tokens=20,
        answer_budget=16,
    )


def ask(model: Model, task: Task, sample: Sample) -> Reply:
    request = Request(messages=task.prompt(sample), answer_budget=16, sample=sample, task=task)
    return asyncio.run(model.generate(request))


def test_oracle_reads_the_prompt_and_not_the_gold_answer() -> None:
    task = Lamps()
    sample = sample_of(task.name, "blue")
    lied_to = replace(sample, gold=("red",))
    request = Request(messages=task.prompt(sample), answer_budget=16, sample=lied_to, task=task)
    reply = asyncio.run(OracleModel(OracleModel.Settings()).generate(request))
    assert (reply.text, reply.finish_reason, reply.served_model) == ("blue", "stop", "control:oracle")


def test_oracle_that_fails_is_an_error_of_that_sample() -> None:
    task = BrokenOracle()
    reply = ask(OracleModel(OracleModel.Settings()), task, sample_of(task.name, "blue"))
    assert reply.error is not None
    assert reply.error.kind == "bad_reply"
    assert reply.error.message == "the oracle of test.lamps failed: IndexError: no lamp here"
    assert (reply.text, reply.finish_reason) == ("", "error")


def test_null_gives_its_one_reply() -> None:
    task = Lamps()
    sample = sample_of(task.name, "blue")
    assert ask(NullModel(NullModel.Settings()), task, sample).text == ""
    fixed = NullModel(NullModel.Settings.model_validate({"reply": "NONE"}))
    assert ask(fixed, task, sample).text == "NONE"
    assert asyncio.run(fixed.identity()) == {"reply": "NONE"}


def test_echo_repeats_every_message() -> None:
    task = Lamps()
    reply = ask(EchoModel(EchoModel.Settings()), task, sample_of(task.name, "blue"))
    assert reply.text == (
        "Be brief.\n\nThe hall is cold. The lamp is blue. A dog sleeps.\n\nWhich colour has the lamp?"
    )


def test_usage_counts_prompt_and_answer_by_the_reference() -> None:
    task = Lamps()
    sample = sample_of(task.name, "blue")
    usage = ask(OracleModel(OracleModel.Settings()), task, sample).usage
    count = reference_counter().count
    assert usage.prompt_tokens == sum(count(message.content) for message in task.prompt(sample))
    assert usage.completion_tokens == count("blue")
    assert (usage.cached_tokens, usage.reasoning_tokens) == (None, None)


@pytest.mark.parametrize("name", ["oracle", "null", "echo", "lexical", "replay"])
def test_controls_are_labelled_and_found_by_name(name: str) -> None:
    assert model_class(name).kind == "control"


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError):
        OracleModel.Settings.model_validate({"reply": "x"})


@pytest.mark.parametrize("params", [{}, {"haystack": "records", "decoys": 0}, {"queries": 2, "value_type": "date"}])
def test_on_the_real_task_the_oracle_is_always_right_and_null_and_echo_never_are(params: dict[str, object]) -> None:
    task = make_task("retrieval.exact", {**params, "absent_rate": 0})
    cell = Cell(length=2048, contexts=range(4), questions=3, counter=reference_counter())
    samples = list(task.samples(cell, seed=5))
    controls: list[tuple[Model, float]] = [
        (OracleModel(OracleModel.Settings()), 1.0),
        (NullModel(NullModel.Settings()), 0.0),
        (EchoModel(EchoModel.Settings()), 0.0),
    ]
    for model, expected in controls:
        assert {task.score(sample, ask(model, task, sample)).value for sample in samples} == {expected}


def test_every_example_in_the_documentation_is_valid() -> None:
    text = (Path(__file__).parents[1] / "docs/controls.md").read_text(encoding="utf-8")
    tables = [
        table for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) for table in tomllib.loads(block)["model"]
    ]
    for table in tables:
        settings_of(ModelTable.model_validate(table))
    assert {table["adapter"] for table in tables} == {"oracle", "null", "echo", "lexical", "simulated", "replay"}


def test_a_null_that_says_none_is_right_exactly_where_the_answer_is_absent() -> None:
    task = make_task("retrieval.exact", {"absent_rate": 0.5})
    model = NullModel(NullModel.Settings.model_validate({"reply": "ANSWER: NONE"}))
    cell = Cell(length=2048, contexts=range(4), questions=4, counter=reference_counter())
    right = {sample.id: task.score(sample, ask(model, task, sample)).correct for sample in task.samples(cell, seed=5)}
    absent = {sample.id: not sample.gold for sample in task.samples(cell, seed=5)}
    assert right == absent
    assert set(absent.values()) == {True, False}
