"""Facts of the family `aggregation`: right answers by brute force, evenly scattered, no answer likelier than declared."""

from collections import Counter
from itertools import pairwise
from statistics import median_low

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contexts import InfeasibleLength, Stream, reference_counter
from harness.contracts import Cell
from harness.registry import make_task
from tasks.aggregation.measures import distinguishable, measure, percent, right_answer
from tasks.aggregation.records import Ask, Record, close_counts, count_range, draw_facts, uneven_counts

TASKS = ("aggregation.count", "aggregation.total", "aggregation.rank", "aggregation.table")
OPERATIONS = ("count", "distinct", "sum", "median", "percent", "top", "argmax", "count_by", "sum_by")
TASK_OF = {
    **dict.fromkeys(("count", "distinct"), TASKS[0]),
    **dict.fromkeys(("sum", "median", "percent"), TASKS[1]),
    **dict.fromkeys(("top", "argmax"), TASKS[2]),
    **dict.fromkeys(("count_by", "sum_by"), TASKS[3]),
}


def ask(name, params=None, length=1024, contexts=1, questions=1, seed=7):
    task = make_task(name, params or {})
    cell = Cell(length=length, contexts=range(contexts), questions=questions, counter=reference_counter())
    return task, list(task.samples(cell, seed))


def by_hand(asked, statements):
    """Work an answer out once more, one plain loop a measure."""
    mine = {}
    for each in statements:
        if each.record.place == asked.place and each.record.arrived:
            mine[each.record.number] = each.record
    crates, times = Counter(), Counter()
    for record in mine.values():
        crates[record.good] += record.crates
        times[record.good] += 1
    sizes = [record.crates for record in mine.values()]
    answers = {
        "count": [len(mine)],
        "distinct": [len(times)],
        "sum": [sum(sizes)],
        "median": [median_low(sizes)],
        "percent": [int(100 * times[asked.good] / len(mine) + 0.5)],
        "top": [good for good, _ in times.most_common(asked.top)],
        "argmax": [good for good, _ in crates.most_common(1)],
        "count_by": [f"{good}: {times[good]}" for good in sorted(times)],
        "sum_by": [f"{good}: {crates[good]}" for good in sorted(crates)],
    }
    return tuple(map(str, answers[asked.operation]))


@settings(max_examples=50, deadline=None)
@given(
    operation=st.sampled_from(OPERATIONS),
    seed=st.integers(0, 10**6),
    records=st.integers(2, 60),
    extra=st.tuples(*[st.integers(0, 12)] * 3),
    haystack=st.sampled_from(["prose", "records"]),
)
def test_gold_oracle_and_brute_force_agree(operation, seed, records, extra, haystack):
    others, repeats, called_off = extra
    params = {"records": records, "others": others, "repeats": repeats, "called_off": called_off, "haystack": haystack}
    task, samples = ask(
        TASK_OF[operation], {**params, "operations": [operation], "answer_budget": 128}, 8192, questions=2, seed=seed
    )
    for sample in samples:
        facts = task.context(sample).facts
        asked = facts.asks[sample.recipe.question]
        assert sample.gold == by_hand(asked, facts.statements) == task.oracle(task.prompt(sample))
        assert sample.axes["evidence"] == len({each.record.number for each in facts.told(asked)})


@pytest.mark.parametrize("name", TASKS)
def test_the_same_facts_stand_at_each_length_and_in_each_form(name):
    golds = {
        (length, haystack): [s.gold for s in ask(name, {"haystack": haystack}, length, 4, 2)[1]]
        for length in (1024, 2048, 16384)
        for haystack in ("prose", "records")
    }
    assert len({tuple(gold) for gold in golds.values()}) == 1


@pytest.mark.parametrize("name", TASKS)
def test_thousands_of_records_are_scattered_over_the_whole_context(name):
    task, (sample,) = ask(name, {"records": 4096, "places": 1, "repeats": 40}, 131072)
    assert task.oracle(task.prompt(sample)) == sample.gold
    assert sample.axes["density_bin"] == "over 50%"
    body = task.context(sample).body
    tenths = Counter(10 * span.start // (len(body) + 500) for span in sample.spans if span.role == "gold")
    assert len(tenths) == 10
    assert max(tenths.values()) < 1.3 * min(tenths.values())


def test_what_does_not_fit_is_infeasible():
    with pytest.raises(InfeasibleLength):
        ask("aggregation.count", {"records": 400}, 4096)


@pytest.mark.parametrize(("operation", "records"), [("count", 2), ("count", 12), ("distinct", 12), ("percent", 9)])
def test_no_answer_is_likelier_than_the_floor_says(operation, records):
    task, samples = ask(TASK_OF[operation], {"records": records, "operations": [operation], "places": 1}, contexts=100)
    commonest = max(Counter(sample.gold for sample in samples).values()) / len(samples)
    assert commonest < task.floor + 3.5 * (task.floor * (1 - task.floor) / len(samples)) ** 0.5


@pytest.mark.parametrize("operation", ["sum", "median", "percent", "top", "argmax", "count_by", "sum_by"])
def test_one_record_is_enough(operation):
    task, samples = ask(TASK_OF[operation], {"records": 1, "operations": [operation]}, contexts=4, questions=2)
    for sample in samples:
        assert sample.axes["evidence"] == 1
        assert task.oracle(task.prompt(sample)) == sample.gold
        assert len(sample.gold) == 1


def test_half_a_percent_is_rounded_up():
    assert [percent(part, 8) for part in (1, 3, 4, 8)] == [13, 38, 50, 100]


def test_a_tie_leaves_a_ranking_open():
    records = [Record(1, 5, "lamps", "A"), Record(2, 5, "nails", "A")]
    assert measure(Ask("argmax", "A"), records) == ()
    assert measure(Ask("top", "A", top=1), records) == ()
    assert measure(Ask("top", "A", top=1), [*records, Record(3, 1, "nails", "A")]) == ("nails",)


@given(n=st.integers(1, 5000), most=st.integers(2, 12))
def test_groups_have_different_sizes(n, most):
    for counts in (close_counts(n, most), uneven_counts(n, most, Stream("test", n))):
        assert sum(counts) == n
        assert all(a > b >= 1 for a, b in pairwise(counts))
        assert len(counts) <= most


@settings(max_examples=30, deadline=None)
@given(operation=st.sampled_from(OPERATIONS), seed=st.integers(0, 10**6), records=st.integers(2, 40))
def test_a_foreseen_answer_points_to_one_misreading_and_is_wrong(operation, seed, records):
    task = make_task(TASK_OF[operation], {"records": records, "operations": [operation]})
    facts = draw_facts(task.params, [operation, operation], 3, ("test", seed), 0)
    for asked in facts.asks:
        foreseen, _ = distinguishable(facts, asked)
        gold = right_answer(facts, asked)
        modes = {}
        for each in foreseen:
            modes.setdefault(each.answer, set()).add(each.mode)
        assert all(len(found) == 1 for found in modes.values())
        assert gold not in modes


def test_the_number_of_records_is_what_was_asked_for_except_where_it_is_the_answer():
    for operation in OPERATIONS:
        _, samples = ask(TASK_OF[operation], {"operations": [operation]}, contexts=5)
        evidence = {sample.axes["evidence"] for sample in samples}
        low, high = count_range(12)
        assert (evidence == {12}) if operation != "count" else (evidence <= set(range(low, high + 1)))


def test_a_delivery_told_twice_is_told_in_two_wordings():
    task, (sample,) = ask("aggregation.count", {"repeats": 12, "places": 1}, 2048)
    told = {}
    for each in task.context(sample).facts.statements:
        told.setdefault(each.record.number, []).append(each.wording)
    assert any(len(wordings) == 2 for wordings in told.values())
    assert all(len(set(wordings)) == len(wordings) for wordings in told.values())
