"""What `retrieval.exact` covers beside one needle: several of them, several questions' worth, and none at all."""

import pytest

from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.records import Reply
from harness.registry import make_task


def ask(params, questions=2):
    task = make_task("retrieval.exact", params)
    cell = Cell(length=4096, contexts=range(8), questions=questions, counter=reference_counter())
    return task, list(task.samples(cell, 5))


def mode(task, sample, values):
    return task.score(sample, Reply(text=task.ideal_reply(tuple(values)), finish_reason="stop")).mode


@pytest.mark.parametrize(
    ("params", "gold"),
    [
        ({"keys": 8, "values_per_key": 1, "queries": 1}, 1),
        ({"keys": 4, "values_per_key": 4, "queries": 1}, 4),
        ({"keys": 8, "values_per_key": 1, "queries": 4}, 4),
        ({"keys": 4, "values_per_key": 2, "queries": 2}, 4),
    ],
)
def test_every_needle_of_a_question_is_planted_and_asked_for(params, gold):
    task, samples = ask({**params, "absent_rate": 0})
    for sample in samples:
        assert len(sample.gold) == gold
        planted = [span.value for span in sample.spans if span.role == "gold"]
        assert sorted(planted) == sorted(sample.gold)
        others = {span.value for span in sample.spans if span.kind == "other_key"}
        assert len(others) >= params["keys"] * params["values_per_key"] - gold
        assert mode(task, sample, sample.gold) is None
        if gold > 1:
            assert mode(task, sample, sample.gold[:-1]) == "partial_recall"
            assert mode(task, sample, [*sample.gold, sorted(others)[0]]) == "over_inclusion"


def test_absence_is_asked_for_and_told_apart():
    task, samples = ask({"absent_rate": 0.5}, questions=8)
    absent = [sample for sample in samples if sample.axes["absent"]]
    assert len(absent) == len(samples) / 2
    for sample in samples:
        assert mode(task, sample, ()) == (None if sample.axes["absent"] else "false_absence")
    wrong = next(span.value for span in absent[0].spans)
    assert absent[0].gold == ()
    assert mode(task, absent[0], [wrong]) == "false_presence"
