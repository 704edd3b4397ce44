"""`retrieval.exact` as a whole: it can be solved, cannot be gamed, and is the same wherever it is built."""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.contexts import InfeasibleLength, depth_bin, reference_counter
from harness.contracts import Cell
from harness.errors import ConfigError
from harness.hashing import content_sha256, prompt_sha256
from harness.reading import MODES
from harness.records import Message, Reply
from harness.registry import make_task
from tasks.retrieval.exact import ExactRetrieval
from tasks.retrieval.facts import ExactParams

COUNTER = reference_counter()
REFUSAL = "I'm sorry, but I can't help with that request."
METRICS = ["strict@1", "lenient@1", "precision@1", "recall@1", "f1@1", "ruler_compat@1"]
VARIANTS = [
    {},
    {"wording": "plain", "decoys": 0, "absent_rate": 0, "keys": 1},
    {"haystack": "records", "queries": 2},
    {"value_type": "uuid4", "keys": 4},
    {"reply_form": "sentence", "absent_rate": 0.5},
    {"reply_form": "sentence", "value_type": "money", "values_per_key": 2, "wording": "plain", "decoys": 2},
    {"value_type": "date", "haystack": "records", "absent_rate": 0.5},
    {"value_type": "adjective_noun", "values_per_key": 3, "keys": 3},
    {"value_type": "money", "queries": 4, "decoys": 12},
    {"value_type": "number10", "keys": 2, "values_per_key": 2, "queries": 2, "decoy_kinds": ["negated"]},
]


def cell(length=1024, contexts=2, questions=1):
    return Cell(length=length, contexts=range(contexts), questions=questions, counter=COUNTER)


def ask(task, where=None, seed=7):
    return list(task.samples(where or cell(questions=task.params.most_questions), seed))


def reply(text, **rest):
    return Reply(text=text, **{"finish_reason": "stop", **rest})


@pytest.mark.parametrize("params", VARIANTS)
@pytest.mark.parametrize(("length", "seeds"), [(1024, range(6)), (4096, range(3)), (32768, range(1))])
def test_the_oracle_scores_one(params, length, seeds):
    task = ExactRetrieval(params)
    for seed in seeds:
        for sample in ask(task, cell(length, 2, task.params.most_questions), seed):
            prompt = task.prompt(sample)
            gold = task.oracle(prompt)
            assert gold == sample.gold
            score = task.score(sample, reply(task.ideal_reply(gold)))
            assert (score.value, score.correct, score.mode, score.flags) == (1, True, None, ())
            assert (score.rung == "tagged") == (task.params.reply_form == "tagged")
            assert score.metrics == dict.fromkeys(METRICS, 1.0)


@pytest.mark.parametrize("params", VARIANTS)
def test_replies_that_know_nothing_earn_nothing(params):
    task = ExactRetrieval(params)
    samples = ask(task, cell(2048, 3, task.params.most_questions))
    for sample in samples:
        [message] = task.prompt(sample)
        body = message.content[len(sample.data["head"]) : -len(sample.data["tail"])]
        other = next((s.gold for s in samples if set(s.gold) != set(sample.gold)), ("1",))
        planted = task.ideal_reply(tuple(span.value for span in sample.spans))
        crowded = len(sample.spans) > len(sample.gold)
        for text in (
            "",
            REFUSAL,
            message.content,
            body,
            body[: len(body) // 2],
            body.replace("\n", " "),
            f"ANSWER: {' '.join(body.split())}",
            f"```\n{body}\n```",
            json.dumps({"answer": body}),
            sample.data["tail"],
            *sample.data["tail"].split("\n"),
            sample.data["tail"][:-2],
            sample.data["tail"].replace("\n", " ").upper(),
            sample.data["head"],
            sample.question,
            task.ideal_reply(other),
            *([planted, planted.replace("; ", "\nANSWER: "), planted.replace("; ", "\n")] if crowded else []),
        ):
            score = task.score(sample, reply(text))
            assert (score.value, score.correct) == (0, False), text[:80]
            assert score.mode in MODES
            assert score.mode != "unattributed"
            assert score.evidence


def test_a_right_answer_is_read_however_it_is_written():
    task = ExactRetrieval({"absent_rate": 0})
    [sample, *_] = ask(task)
    [gold] = sample.gold
    for text, strict in (
        (f"ANSWER: {gold}", 1),
        (f"answer:   {gold}.", 1),
        (f"**ANSWER:** {gold}", 0),
        (f"{sample.question} It is {gold}.", 0),
        (f'{{"answer": {gold}}}', 0),
        (f"<think>no idea</think>ANSWER: {gold}", 1),
        (f"{int(gold):,}", 0),
    ):
        score = task.score(sample, reply(text))
        assert (score.correct, score.metrics["lenient@1"], score.metrics["strict@1"]) == (True, 1, strict), text


def test_absence_is_read_however_it_is_said():
    for form in ("tagged", "sentence"):
        task = ExactRetrieval({"absent_rate": 1, "reply_form": form})
        [sample, *_] = ask(task)
        subject = sample.question.removeprefix("What is ").rstrip("?")
        for text in (
            "ANSWER: NONE",
            "none",
            "The text does not say.",
            f"No mention of {subject}.",
            f"{subject} is NONE.",
        ):
            assert task.score(sample, reply(text)).correct, text
        for text in ("", REFUSAL, "ANSWER: 1234567", "If it is not stated, say so.", "It may be there."):
            assert not task.score(sample, reply(text)).correct, text


def test_strict_is_the_form_that_was_asked_for():
    task = ExactRetrieval({"reply_form": "sentence", "absent_rate": 0})
    [sample, *_] = ask(task)
    for text, strict in ((f"It is {sample.gold[0]}.", 1), (f"It is {sample.gold[0]}.\nBye!", 0)):
        score = task.score(sample, reply(text))
        assert (score.correct, score.metrics["strict@1"]) == (True, strict)


def test_wrong_answers_are_traced():
    task = ExactRetrieval({"keys": 2, "decoys": 24, "absent_rate": 0})
    seen = Counter()
    for sample in ask(task, cell(4096, 2, 2)):
        for span in sample.spans:
            score = task.score(sample, reply(f"ANSWER: {span.value}"))
            assert score.mode == (None if span.role == "gold" else f"distractor.{span.kind}")
            assert span.role == "gold" or str(span.start) in score.evidence
            seen[span.kind] += 1
    assert len(seen) == 8
    [absent, *_] = ask(ExactRetrieval({"absent_rate": 1}))
    decoy = next(span for span in absent.spans if span.kind not in ("", "other_key"))
    score = task.score(absent, reply(f"ANSWER: {decoy.value}"))
    assert (score.mode, score.flags) == ("false_presence", (f"distractor.{decoy.kind}",))


def test_a_value_of_the_filler_is_named_as_such():
    task = ExactRetrieval({"haystack": "records", "absent_rate": 0})
    [sample, *_] = ask(task)
    [message] = task.prompt(sample)
    line = next(line for line in message.content.split("\n")[3:] if not any(s.value in line for s in sample.spans))
    value = line.split(" | ")[3]
    score = task.score(sample, reply(f"ANSWER: {value}"))
    assert score.mode == "distractor.filler"
    assert str(message.content.index(value)) in score.evidence


def test_several_values_earn_recall_and_precision():
    task = ExactRetrieval({"keys": 2, "values_per_key": 4, "absent_rate": 0})
    [sample, *_] = ask(task)
    wrong = next(span.value for span in sample.spans if span.role == "decoy")
    part = task.score(sample, reply(task.ideal_reply(sample.gold[:2])))
    assert (part.value, part.mode) == (0, "partial_recall")
    assert (part.metrics["recall@1"], part.metrics["precision@1"]) == (0.5, 1)
    assert part.metrics["f1@1"] == pytest.approx(2 / 3)
    more = task.score(sample, reply(task.ideal_reply((*sample.gold, wrong))))
    assert (more.value, more.mode, more.metrics["recall@1"]) == (0, "over_inclusion", 1)
    assert task.score(sample, reply(task.ideal_reply(sample.gold[::-1]))).value == 1


def test_no_absence_is_read_from_nothing():
    task = ExactRetrieval({"absent_rate": 1})
    [sample, *_] = ask(task)
    assert sample.gold == ()
    for text, f1 in (("ANSWER: NONE", 1), ("", 0), ("Well.", 0), (REFUSAL, 0), ("ANSWER: 1234567", 0)):
        score = task.score(sample, reply(text))
        assert (score.correct, score.metrics["f1@1"]) == (bool(f1), f1)


@pytest.mark.parametrize("params", VARIANTS)
def test_facts_are_the_same_at_every_length(params):
    task = ExactRetrieval(params)
    short, long = (ask(task, cell(length, 2, task.params.most_questions)) for length in (1024, 32768))
    for a, b in zip(short, long, strict=True):
        assert (a.gold, a.question, a.context_id, a.data) == (b.gold, b.question, b.context_id, b.data)
        assert [(s.value, s.kind, s.role) for s in a.spans] == [(s.value, s.kind, s.role) for s in b.spans]
        assert a.id != b.id
        texts = [[m.content[s.start : s.end] for s in x.spans] for x, [m] in ((a, task.prompt(a)), (b, task.prompt(b)))]
        assert texts[0] == texts[1]


@pytest.mark.parametrize("params", VARIANTS)
def test_offsets_point_at_what_is_planted(params):
    task = ExactRetrieval(params)
    for sample in ask(task, cell(2048, 2, task.params.most_questions)):
        [message] = task.prompt(sample)
        for span in sample.spans:
            planted = message.content[span.start : span.end]
            assert span.value in planted
            assert message.content.count(span.value) == 1
            assert message.content[span.start - 1] in " \n"
            assert planted.endswith(".") or " | " in planted
        assert {span.value for span in sample.spans if span.role == "gold"} == set(sample.gold)


def test_prompts_of_a_context_share_everything_before_the_question():
    task = ExactRetrieval()
    prompts = [task.prompt(sample)[0].content for sample in ask(task, cell(contexts=1, questions=8))]
    heads = {prompt[: prompt.index("Question: ")] for prompt in prompts}
    assert len(heads) == 1
    assert len(set(prompts)) == 8


def test_a_context_does_not_depend_on_its_neighbours_or_on_the_number_of_questions():
    task = ExactRetrieval()
    many = {s.id: task.prompt(s) for s in ask(task, cell(contexts=4, questions=8))}
    one = next(task.samples(Cell(length=1024, contexts=range(3, 4), questions=1, counter=COUNTER), 7))
    assert ExactRetrieval().prompt(one) == many[one.id]


@pytest.mark.parametrize("params", VARIANTS)
@pytest.mark.parametrize("length", [1024, 4096, 32768])
def test_lengths_are_kept(params, length):
    task = ExactRetrieval(params)
    for sample in ask(task, cell(length, 1, task.params.most_questions)):
        counted = COUNTER.count(task.prompt(sample)[0].content)
        assert counted - 2 <= sample.prompt_tokens <= counted + 3
        assert 0.97 * length <= counted + sample.answer_budget <= length


def test_depths_are_realised_and_balanced():
    task = ExactRetrieval({"absent_rate": 0.1})
    samples = ask(task, cell(8192, 20, 8))
    for sample in samples:
        assert sample.axes["absent"] == (not sample.gold) == ("depth" not in sample.axes)
        if sample.gold:
            [span] = [span for span in sample.spans if span.role == "gold"]
            [message] = task.prompt(sample)
            body = len(message.content) - len(sample.data["head"]) - len(sample.data["tail"])
            assert sample.axes["depth"] == pytest.approx((span.start - len(sample.data["head"])) / body, abs=0.02)
    bins = Counter(sample.axes.get("depth_bin") for sample in samples)
    assert 14 <= bins.pop(None) <= 18
    assert sorted(bins) == ["00-20%", "20-40%", "40-60%", "60-80%", "80-100%"]
    assert all(20 <= n <= 38 for n in bins.values())


@pytest.mark.parametrize(("depth", "name"), [(0, "00-20%"), (0.1999, "00-20%"), (0.2, "20-40%"), (1, "80-100%")])
def test_depth_bin(depth, name):
    assert depth_bin(depth) == name


def test_samples_are_plain_and_come_back_from_their_recipe():
    task = ExactRetrieval({"value_type": "money", "queries": 2})
    [sample, *_] = ask(task, cell(contexts=2, questions=2))[2:]
    assert json.loads(json.dumps(asdict(sample))) == json.loads(json.dumps(asdict(sample)))
    recipe = sample.recipe
    again = make_task(recipe.task, json.loads(json.dumps(recipe.params)))
    where = Cell(length=recipe.length, contexts=range(recipe.context, recipe.context + 1), questions=2, counter=COUNTER)
    rebuilt = list(again.samples(where, recipe.seed))[recipe.question]
    assert rebuilt == sample
    assert again.prompt(rebuilt) == task.prompt(sample)
    assert sample.id == "retrieval.exact/1k/c0001/q0"
    assert sample.context_id == "retrieval.exact/c0001"


SCRIPT = """
from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.hashing import prompt_sha256
from tasks.retrieval.exact import ExactRetrieval
task = ExactRetrieval({"decoys": 20, "haystack": "HAYSTACK"})
cell = Cell(length=2048, contexts=range(2), questions=3, counter=reference_counter())
print([prompt_sha256(task.prompt(s)) for s in task.samples(cell, 7)])
"""


@pytest.mark.parametrize("haystack", ["prose", "records"])
def test_bytes_are_the_same_in_another_process(haystack):
    task = ExactRetrieval({"decoys": 20, "haystack": haystack})
    here = [prompt_sha256(task.prompt(sample)) for sample in ask(task, cell(2048, 2, 3))]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("HAYSTACK", haystack)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
        env={"PYTHONHASHSEED": "5"},
    )
    assert done.stdout.strip() == str(here)


class OtherCounter:
    """Counts characters, to stand for any counter that is not the reference."""

    name, exact = "tokenizer:0123456789ab", True

    def count(self, text):
        return len(text)


def test_the_counter_of_the_cell_is_the_one_that_counts():
    task = ExactRetrieval()
    where = Cell(length=8192, contexts=range(1), questions=1, counter=OtherCounter())
    [sample] = task.samples(where, 7)
    assert sample.prompt_tokens == len(task.prompt(sample)[0].content)
    assert 0.97 * 8192 <= sample.prompt_tokens + sample.answer_budget <= 8192


def test_what_cannot_be_built_says_so():
    with pytest.raises(ConfigError, match="9 questions per context are asked"):
        list(ExactRetrieval().samples(cell(questions=9), 7))
    with pytest.raises(ConfigError, match="4 questions per context are asked"):
        list(ExactRetrieval({"queries": 3}).samples(cell(questions=4), 7))
    with pytest.raises(InfeasibleLength):
        next(ExactRetrieval({"keys": 64, "values_per_key": 8}).samples(cell(), 7))
    with pytest.raises(InfeasibleLength):
        next(ExactRetrieval().samples(cell(length=64), 7))
    with pytest.raises(ConfigError, match="the right answer alone takes"):
        next(ExactRetrieval({"keys": 8, "queries": 8, "value_type": "uuid4"}).samples(cell(8192), 7))
    with pytest.raises(ValidationError, match="asks about more keys than there are"):
        ExactParams(keys=2, queries=3)
    for wrong in (
        {"keys": 65},
        {"decoys": 33},
        {"haystack": "kv"},
        {"absent_rate": 1.1},
        {"decoy_kinds": []},
        {"x": 1},
    ):
        with pytest.raises(ValidationError):
            ExactParams(**wrong)


TASK = ExactRetrieval({"absent_rate": 0.5})
SAMPLES = ask(TASK, cell(contexts=2, questions=8))


@settings(max_examples=300)
@given(st.one_of(st.text(), st.text("ANSWER: 0123456789,\n<think>/`{}\"'", max_size=80)), st.sampled_from(SAMPLES))
def test_no_reply_fails_or_is_right_by_accident(text, sample):
    score = TASK.score(sample, reply(text))
    if score.correct:  # only ever by saying of an absent key that there is none
        assert (sample.gold, score.answer) == ((), ("NONE",))
        assert re.search(r"none|n/a|no|never|unknown|n't|unable", text.casefold())
        return
    assert score.value == 0 <= score.metrics["ruler_compat@1"] <= 1
    assert score.mode in MODES
    assert score.metrics["lenient@1"] >= score.metrics["strict@1"]
    json.dumps(asdict(score))


PIECES = [
    "ANSWER: ",
    "GOLD",
    "GOLD2",
    "NONE",
    "\n",
    " ",
    "```",
    '{"answer": "',
    '"}',
    "<think>",
    "</think>",
    "The ",
    ".",
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=10), st.sampled_from(SAMPLES))
def test_loose_is_never_below_strict_and_credit_means_the_gold(pieces, sample):
    golds = [*sample.gold, "1234567"]
    text = "".join(pieces).replace("GOLD2", "7654321").replace("GOLD", golds[0])
    score = TASK.score(sample, reply(text))
    assert score.metrics["lenient@1"] >= score.metrics["strict@1"]
    assert score.correct == (score.mode is None)
    if score.correct:
        assert score.answer == (sample.gold or ("NONE",))


def test_the_battery_finds_the_registered_task():
    task = make_task("retrieval.exact", {})
    assert [m.role for m in task.prompt(next(task.samples(cell(), 7)))] == ["user"]
    assert task.oracle([Message("user", task.prompt(next(task.samples(cell(), 7)))[0].content)])
    assert content_sha256(task.params.model_dump(mode="json"))
