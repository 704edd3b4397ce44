"""Mistakes that are planted on `retrieval.exact` get their own label, whatever the values look like."""

from collections import Counter

import pytest

from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.reading import DECOYS
from harness.records import Reply
from tasks.retrieval.exact import ExactRetrieval

DISTRACTORS = {f"distractor.{kind}" for kind in DECOYS}
DIGITS = {f"near_miss.{slip}" for slip in ("transposition", "digit_error", "dropped_digit", "separator")}
INVENTED = {"chimera", "hallucinated"}
ALWAYS = {"false_absence", "fmt.none_found"} | DISTRACTORS
VARIANTS = [
    ({"absent_rate": 0}, ALWAYS | DIGITS | INVENTED | {"hedged_multi"}),
    ({"absent_rate": 1}, {"false_presence", "fmt.none_found"}),
    ({"value_type": "uuid4", "absent_rate": 0.5}, ALWAYS | DIGITS | INVENTED | {"hedged_multi", "false_presence"}),
    (
        {"value_type": "number10", "values_per_key": 2},
        ALWAYS | DIGITS | INVENTED | {"partial_recall", "over_inclusion"},
    ),
    ({"haystack": "records"}, {"distractor.filler"}),
    ({"haystack": "records", "queries": 2}, ALWAYS | DIGITS | INVENTED | {"partial_recall", "over_inclusion"}),
    ({"value_type": "money", "reply_form": "sentence"}, ALWAYS | {"near_miss.unit", "near_miss.rounding"}),
    ({"value_type": "date", "haystack": "records"}, ALWAYS | {"near_miss.rounding"}),
    ({"value_type": "adjective_noun"}, ALWAYS | {"near_miss.digit_error", "near_miss.dropped_digit"}),
]


@pytest.mark.parametrize(("params", "modes"), VARIANTS)
def test_each_mistake_gets_its_own_label(params, modes):
    task = ExactRetrieval(params)
    questions = min(task.params.most_questions, 4)
    cell = Cell(length=4096, contexts=range(8), questions=questions, counter=reference_counter())
    planted = Counter()
    for sample in task.samples(cell, 3):
        mistakes = task.mistakes(sample)
        assert mistakes == task.mistakes(sample)
        for mode, text in mistakes.items():
            score = task.score(sample, Reply(text=text, finish_reason="stop"))
            assert (score.value, score.mode) == (0, mode), text
            planted[mode] += 1
    assert modes <= set(planted)
