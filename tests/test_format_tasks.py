"""The format family as a whole: it can be solved, cannot be gamed, and names what it plants."""

import json
from itertools import pairwise

import pytest
from format_samples import RICH, VARIANTS, samples, score
from pydantic import ValidationError

from harness.battery import check_task
from harness.contexts import InfeasibleLength
from harness.errors import ConfigError
from tasks.format.json_task import JsonTask
from tasks.format.modes import MODES
from tasks.format.params import FormatParams

METRICS = {"format@1", "schema@1", "content@1", "strict@1", "loose@1"}


@pytest.mark.parametrize(("name", "params"), VARIANTS)
def test_the_oracle_scores_one_and_every_mistake_is_named(name, params):
    task, asked = samples(name, params)
    for sample in asked:
        gold = task.oracle(task.prompt(sample))
        assert gold == sample.gold
        right = score(task, sample, gold[0])
        assert (right.value, right.mode, right.flags, right.rung) == (1, None, (), "as_asked")
        assert set(right.metrics.values()) == {1.0}
        for mode, text in task.mistakes(sample).items():
            wrong = score(task, sample, text)
            assert (wrong.mode, wrong.value) == (mode, 0), (text, wrong.evidence)
            assert wrong.evidence
            assert mode not in wrong.flags
            assert set(wrong.metrics) >= METRICS


def test_the_planted_mistakes_cover_every_mode_of_form_and_content():
    planted = {
        mode
        for name, params in VARIANTS
        for task, asked in [samples(name, params)]
        for sample in asked
        for mode in task.mistakes(sample)
    }
    early = set(MODES[: MODES.index("fmt.followed_decoy_example")])
    unplanted = set(MODES) - early - planted
    assert unplanted == {"unattributed"}


def test_the_battery_passes_at_1k():
    assert [finding for finding in check_task("format.template", {}, lengths=(1024,)) if not finding.passed] == []


@pytest.mark.parametrize(("name", "params"), VARIANTS)
def test_replies_that_know_nothing_earn_nothing(name, params):
    task, [sample, *others] = samples(name, params)
    [message] = task.prompt(sample)
    for text in (
        "",
        "{}",
        "[]",
        "[{}]",
        "null",
        "<staff></staff>",
        "| a |\n|---|",
        message.content,
        sample.data["tail"],
        sample.question,
        sample.gold[0].split("\n")[0] if "\n" in sample.gold[0] else "[",
        *(other.gold[0] for other in others),
    ):
        got = score(task, sample, text)
        assert got.value == 0, text[:80]
        assert got.mode in MODES
        assert got.metrics["loose@1"] == 0


def test_form_and_content_are_two_axes():
    task, [sample, *_] = samples("format.json", RICH)
    made = task.mistakes(sample)
    fenced = score(task, sample, made["fmt.fenced"]).metrics
    assert (fenced["format@1"], fenced["schema@1"], fenced["content@1"], fenced["loose@1"]) == (0, 1, 1, 1)
    renamed = score(task, sample, made["schema.renamed_key"]).metrics
    assert (renamed["format@1"], renamed["schema@1"], renamed["content@1"], renamed["loose@1"]) == (1, 0, 1, 0)
    wrong = score(task, sample, made["content.wrong_value"]).metrics
    assert (wrong["format@1"], wrong["schema@1"], wrong["loose@1"]) == (1, 1, 0)
    assert wrong["content@1"] == pytest.approx(0.9)
    quotes = score(task, sample, made["fmt.invalid_json.other"])
    assert (quotes.rung, quotes.metrics["content@1"]) == ("repaired.other", 1)


def test_a_reply_in_another_form_is_named_after_it_and_still_read():
    task, [sample, *_] = samples("format.json", RICH)
    made = task.mistakes(sample)
    for mode in ("fmt.stale_spec", "fmt.followed_decoy_example"):
        for text in (made[mode], f"Here you are:\n{made[mode]}"):
            got = score(task, sample, text)
            assert got.mode == mode
            assert got.metrics["content@1"] == 1 or mode == "fmt.followed_decoy_example"
        assert score(task, sample, made[mode]).flags


def test_a_copy_of_the_example_is_named_after_it():
    task, [sample, *_] = samples("format.records", {**RICH, "syntax": "csv"})
    plan = task.context(sample).plan
    assert plan.example in task.prompt(sample)[0].content
    assert score(task, sample, plan.example).mode == "fmt.followed_decoy_example"


@pytest.mark.parametrize(("at", "where"), [("start", "head"), ("end", "tail"), ("split", "head"), ("middle", None)])
def test_the_form_stands_where_it_is_asked_to(at, where):
    task, [sample, *_] = samples("format.records", {"spec_at": at, "amended": True})
    head, tail = sample.data["head"], sample.data["tail"]
    body = task.context(sample).body
    parts = {"head": head, "tail": tail, "body": body}
    holders = {name for name, text in parts.items() if "Form of the reply:" in text}
    assert holders == ({"head", "tail"} if at == "split" else {where or "body"})
    assert ("Change of the form:" in tail) == (at == "end")
    assert ("Change of the form:" in body) == (at != "end")
    instructions = [span for span in sample.spans if span.role == "instruction"]
    assert len(instructions) == {"start": 1, "end": 0, "split": 1, "middle": 2}[at]


def test_a_later_change_stands_behind_the_form_that_it_changes():
    for seed in range(5):
        task, [sample, *_] = samples("format.json", {**RICH, "spec_at": "middle"}, seed=seed)
        content = task.prompt(sample)[0].content
        assert content.index("Form of the reply:") < content.index("Change of the form:")
        for entry in task.context(sample).plan.entries:
            for correction in entry.corrections:
                assert content.index(entry.stated) < content.index(correction)


def test_levels_of_a_ladder_hold_each_other():
    ladders = []
    for level in range(1, 6):
        task, asked = samples("format.constraints", {"level": level})
        ladders.append([task.context(sample).plan.form.ladder for sample in asked])
    for lower, higher in pairwise(ladders):
        for low, high in zip(lower, higher, strict=True):
            assert high[: len(low)] == low
            assert len(high) == len(low) + 1


def test_many_records_can_be_asked_for():
    params = {"syntax": "yaml", "entries": 60, "asked": 60, "answer_budget": 6000}
    task, [sample] = samples("format.records", params, length=16384, contexts=1)
    assert score(task, sample, sample.gold[0]).value == 1
    fewer = task.context(sample).plan.form.write([e.record for e in task.context(sample).plan.entries[:-1]])
    assert score(task, sample, fewer).mode == "fmt.wrong_count"


def test_parameters_that_cannot_be_met_are_refused():
    with pytest.raises(ValidationError, match="asked = 4"):
        JsonTask({"asked": 4, "entries": 3})
    with pytest.raises(ValidationError, match="do not fill depth"):
        JsonTask({"fields": 2, "depth": 4})
    with pytest.raises(ConfigError, match="answer alone takes"):
        samples("format.json", {"answer_budget": 20})
    with pytest.raises(InfeasibleLength):
        samples("format.json", {"entries": 40}, length=1024)
    assert FormatParams().asked <= FormatParams().entries


@pytest.mark.parametrize("shown", ["evidence", "nothing"])
def test_controls_show_what_they_say(shown):
    for name, params in VARIANTS[2:9:3]:
        task, [sample, *_] = samples(name, {**params, "shown": shown})
        content = task.prompt(sample)[0].content
        assert ("Entry for" in content) == (shown == "evidence")
        if shown == "evidence":
            assert task.oracle(task.prompt(sample)) == sample.gold


def test_a_schema_asks_for_what_it_should():
    _, asked = samples("format.json", {"fields": 10, "depth": 3, "answer_budget": 450}, contexts=6)
    texts = [sample.data["tail"] for sample in asked]
    for text in texts:
        for word in ('"pattern"', '"enum"', '"oneOf"', '"format": "date"', '["string", "null"]', '"uniqueItems"'):
            assert word in text
        schema = json.loads(text.split("(draft 2020-12): ")[1].split("\n")[0])
        assert json.dumps(schema).count('"required"') == json.dumps(schema).count('"additionalProperties": false')
    assert any('"const": "K' in text for text in texts)


def test_the_form_before_a_change_is_recognised_beside_another_fault():
    for seed in range(8):
        task, [sample, *_] = samples("format.json", {"amended": True, "fields": 9, "answer_budget": 400}, seed=seed)
        plan = task.context(sample).plan
        records = [plan.entries[index].record for index in plan.windows[0]]
        broken = json.loads(plan.stated.write(records))
        (broken if isinstance(broken, dict) else broken[0])["surplus"] = 1
        got = score(task, sample, json.dumps(broken))
        assert got.mode == "fmt.stale_spec"
        assert "schema.extra_key" in got.flags
        both = json.loads(sample.gold[0])
        (both if isinstance(both, dict) else both[0])["surplus"] = 1
        assert score(task, sample, json.dumps(both)).mode == "schema.extra_key"


def test_a_line_that_names_a_person_and_nothing_else_gives_no_entry():
    task, [sample, *_] = samples("format.constraints", {"asked": 1})
    person = task.context(sample).plan.entries[task.context(sample).plan.windows[0][0]].name
    assert score(task, sample, f"You asked for {person}.").mode == "fmt.none_found"
