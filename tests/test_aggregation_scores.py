"""Scores of the family `aggregation`: what earns 1, and which mistake a wrong answer shows."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.records import Reply
from harness.registry import make_task
from tasks.aggregation.rank import kendall_tau
from tasks.aggregation.values import CELL, GOOD, NUMBER, WORDS, canonical_number

TASKS = ("aggregation.count", "aggregation.total", "aggregation.rank", "aggregation.table")


def ask(name, params=None, length=1024, contexts=1, questions=1, seed=7):
    task = make_task(name, params or {})
    cell = Cell(length=length, contexts=range(contexts), questions=questions, counter=reference_counter())
    return task, list(task.samples(cell, seed))


def score(task, sample, text, **rest):
    return task.score(sample, Reply(text=text, **{"finish_reason": "stop", **rest}))


def one(operation, wanted=lambda gold: True):
    name = {"count": 0, "sum": 1, "median": 1, "percent": 1, "top": 2, "argmax": 2, "count_by": 3, "sum_by": 3}
    task, samples = ask(TASKS[name[operation]], {"operations": [operation]}, contexts=20)
    return task, next(sample for sample in samples if wanted(sample.gold))


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize(
    "params", [{}, {"haystack": "records"}, {"records": 2, "places": 3}, {"records": 30, "places": 1, "kinds": 3}]
)
def test_planted_mistakes_get_their_own_mode_and_no_credit(name, params):
    task, samples = ask(name, params, contexts=12)
    modes = Counter()
    for sample in samples:
        for mode, text in task.mistakes(sample).items():
            found = score(task, sample, text)
            assert (found.mode, found.value) == (mode, 0.0), text
            modes[mode] += 1
    expected = {"agg.filter_ignored", "agg.other_group", "agg.prefix_only.25", "agg.suffix_only.50"}
    assert expected <= set(modes) or params.get("records")
    assert len(modes) > 3


def test_numbers_are_read_in_many_spellings():
    task, sample = one("sum", lambda gold: len(gold[0]) == 3)
    (gold,) = sample.gold
    for text in (
        f"ANSWER: {gold}", gold, f"ANSWER: {gold} crates.", f"answer: **{gold}**", f"ANSWER: {gold}.0", f"ANSWER: 0{gold}",
        f"The sum is 3 + 4.\nANSWER: {gold}", f'{{"answer": {gold}}}', f"<think>12 + 13</think>{gold} crates",
    ):  # fmt: skip
        assert score(task, sample, text).value == 1, text
    for text in (
        f"ANSWER: -{gold}",
        f"ANSWER: {gold}.5",
        f"ANSWER: {gold}, or 17",
        f"ANSWER: {gold}1",
        f"ANSWER: {gold[:-1]}",
    ):
        assert score(task, sample, text).value == 0, text


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234", "1234"), ("1'234'567", "1234567"), ("12 345", "12345"), ("007", "7"), ("100", "100"), ("0", "0"),
     ("12.50", "12.5"), ("1200.0", "1200")],
)  # fmt: skip
def test_numbers_have_one_form(text, number):
    assert [each.canonical for each in NUMBER.find(f"it is {text} in all")] == [number]


def test_small_numbers_may_be_words():
    task, sample = one("count", lambda gold: gold == ("12",))
    for text in ("ANSWER: twelve", "Twelve.", "twelve deliveries", "ANSWER: Twelve deliveries"):
        assert score(task, sample, text).value == 1, text
    assert score(task, sample, "ANSWER: eleven").mode in {"agg.off_by_k", *task.mistakes(sample)}
    assert not score(task, sample, "I shall count to twelve and then tell you how many there are.").correct
    assert (WORDS["forty-two"], WORDS["ninety-nine"], WORDS["twenty"], len(WORDS)) == (42, 99, 20, 100)


def test_a_phrase_with_a_number_word_is_no_answer():
    task, samples = ask("aggregation.count", {"records": 2, "operations": ["count"]}, contexts=20)
    sample = next(sample for sample in samples if sample.gold == ("2",))
    assert score(task, sample, "Answer in two lines please, and I will think about it for a while.").value == 0
    assert score(task, sample, "two").value == 1


def test_near_numbers_are_in_bands():
    task, sample = one("sum")
    right = int(sample.gold[0])
    for share, bands in ((1.0, [1, 1, 1]), (1.03, [0, 1, 1]), (0.85, [0, 0, 1]), (2.5, [0, 0, 0])):
        metrics = score(task, sample, f"ANSWER: {round(right * share)}").metrics
        assert [metrics[f"within_{band}pct@1"] for band in (1, 5, 20)] == bands
        assert metrics["relative_error@1"] == pytest.approx(min(abs(share - 1), 1), abs=0.01)
    assert score(task, sample, "no idea").metrics["relative_error@1"] == 1


def test_numbers_that_nothing_explains_say_how_far_they_are_off():
    task, sample = one("sum")
    right = int(sample.gold[0])
    explained = {each.answer[0] for each in task.alternatives(sample)}

    def mode(n):
        assert str(n) not in explained
        return score(task, sample, f"ANSWER: {n}").mode

    assert mode(right + 1) == "agg.off_by_k"
    assert mode(right * 100) == "agg.magnitude"
    assert mode(10) == "agg.guess_round"
    assert mode(3) == "agg.undercount"
    assert mode(right * 7 + (3 if right * 7 % 10 != 7 else 4)) == "agg.overcount"


def test_absence_is_never_right():
    for name in TASKS:
        task, (sample,) = ask(name)
        assert score(task, sample, "ANSWER: NONE").mode == "false_absence"


@pytest.mark.parametrize("operation", ["top", "argmax"])
def test_goods_are_read_in_order(operation):
    task, sample = one(operation)
    gold = sample.gold
    for text in (
        f"ANSWER: {', '.join(gold)}", ", ".join(gold).upper(), "\n".join(f"- {good}" for good in gold),
        f"ANSWER: {', '.join(good[:-1] for good in gold)}", f"ANSWER: {' > '.join(gold)}",
    ):  # fmt: skip
        assert score(task, sample, text).value == 1, text
    if len(gold) > 1:
        assert score(task, sample, f"ANSWER: {', '.join(gold[:-1])}").value == 0
        assert score(task, sample, f"ANSWER: {', '.join(gold[::-1])}").metrics["kendall_tau@1"] == -1


@pytest.mark.parametrize("operation", ["count_by", "sum_by"])
def test_tables_are_read_in_many_forms(operation):
    task, sample = one(operation, lambda gold: len(gold) > 2)
    cells = [cell.split(": ") for cell in sample.gold]
    joined = {
        "line": "ANSWER: " + ", ".join(sample.gold),
        "other order": "ANSWER: " + "; ".join(sample.gold[::-1]),
        "lines": "ANSWER:\n" + "\n".join(sample.gold),
        "tagged lines": "\n".join(f"ANSWER: {cell}" for cell in sample.gold),
        "list": "\n".join(f"- **{good}**: {number}" for good, number in cells),
        "equals": "ANSWER: " + ", ".join(f"{good} = {number}" for good, number in cells),
        "table": "| goods | number |\n|---|---|\n" + "\n".join(f"| {good} | {number} |" for good, number in cells),
        "json": "{" + ", ".join(f'"{good}": {number}' for good, number in cells) + "}",
    }
    for form, text in joined.items():
        assert score(task, sample, text).value == 1, form
    assert score(task, sample, joined["line"]).metrics["strict@1"] == 1
    good, number = cells[0]
    wrong = f"ANSWER: {good}: {int(number) + 7}, " + ", ".join(sample.gold[1:])
    assert score(task, sample, wrong).mode == "agg.cell_error"
    assert score(task, sample, "ANSWER: " + ", ".join(sample.gold[:-1])).mode == "partial_recall"
    assert score(task, sample, f"{joined['line']}, {good}: {int(number) + 7}").value == 0


def test_a_copied_context_earns_nothing():
    for name in TASKS:
        task, samples = ask(name, {"records": 2, "repeats": 0}, contexts=6)
        for sample in samples:
            assert score(task, sample, task.context(sample).body).value == 0


@settings(max_examples=40, deadline=None)
@given(text=st.text(alphabet="answer: 0123456789,.lampsniod|-{}\n\"'é", max_size=200))
def test_no_text_breaks_a_score_and_spacing_changes_nothing(text):
    for task, sample in ASKED:
        found = score(task, sample, text)
        assert found.correct == (found.mode is None) == (found.value == 1)
        again = score(task, sample, re.sub(" ", "  ", text.upper()) + " \n")
        assert (again.value, again.mode) == (found.value, found.mode)


ASKED = [(task, sample) for task, (sample,) in map(ask, TASKS)]


@given(st.integers(0, 10**11))
def test_canonical_numbers_are_fixed_points(n):
    assert canonical_number(f"{n:,}") == str(n) == canonical_number(str(n))


def test_values_end_where_words_end():
    assert GOOD.find("snailshell lampshade") == ()
    assert [each.canonical for each in CELL.find("lamp: 1,200, nails - 3 and ropes=4x")] == ["lamps: 1200", "nails: 3"]


def test_kendalls_tau_counts_pairs():
    assert kendall_tau("abc", "abc") == 1
    assert kendall_tau("cba", "abc") == -1
    assert kendall_tau("bac", "abc") == pytest.approx(1 / 3)
    assert kendall_tau("a", "abc") == pytest.approx(2 / 3)
    assert kendall_tau("", "abc") == 0
