"""`code.output` and `code.call_chain` as wholes: solved by reading, labelled by misreading, the same everywhere."""

import re
from collections import Counter
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contexts import InfeasibleLength, reference_counter
from harness.contracts import Cell
from harness.errors import ConfigError
from harness.hashing import canonical_json
from harness.reading import fold
from harness.records import Message, Reply
from tasks.code.call_chain import CallChain
from tasks.code.kinds import DOTTED, INTEGER
from tasks.code.misreadings import MODES
from tasks.code.output import CodeOutput
from tasks.code.program import File, read_files, show

COUNTER = reference_counter()
BOTH = pytest.mark.parametrize("kind", [CodeOutput, CallChain])
VARIANTS = [
    {},
    {"hops": 1},
    {"hops": 5, "order": "topological"},
    {"hops": 8, "chains": 2},
    {"hops": 2, "chains": 2, "beside": 3},
]


def ask(task, length=2048, contexts=2, questions=2, seed=7):
    cell = Cell(length=length, contexts=range(contexts), questions=questions, counter=COUNTER)
    return list(task.samples(cell, seed))


def scored(task, sample, text, **rest):
    return task.score(sample, Reply(text=text, **{"finish_reason": "stop", **rest}))


@BOTH
@pytest.mark.parametrize("params", VARIANTS)
@pytest.mark.parametrize("length", [2048, 16384])
def test_the_oracle_scores_one(kind, params, length):
    task = kind(params)
    for sample in ask(task, length):
        gold = task.oracle(task.prompt(sample))
        score = scored(task, sample, task.ideal_reply(gold))
        assert (gold, score.value, score.mode, score.flags, score.rung) == (sample.gold, 1, None, (), "tagged")
        assert set(score.metrics.values()) == {1.0}


@BOTH
def test_1k_is_feasible_with_the_default_parameters_and_full(kind):
    task = kind()
    for sample in ask(task, 1024, 40, 4):
        [message] = task.prompt(sample)
        assert 0.97 * 1024 <= COUNTER.count(message.content) + sample.answer_budget <= 1024


@BOTH
@pytest.mark.parametrize("params", VARIANTS)
def test_every_planted_mistake_gets_its_own_label_and_no_credit(kind, params):
    task = kind(params)
    for sample in ask(task, 4096, 6):
        made = task.mistakes(sample)
        assert len(made) >= (5 if task.params.hops > 2 else 2)
        for mode, text in made.items():
            score = scored(task, sample, text)
            assert (score.value, score.mode) == (0, mode), (sample.id, text)
            assert score.evidence


def test_no_answer_has_two_explanations_and_each_context_has_most_misreadings():
    task = CodeOutput()
    share = Counter()
    for index in range(12):
        calls = task.plan((3, "collisions", index))[1]
        modes = set()
        for call in calls:
            values = {}
            for each in call.reading.wrong:
                assert each.trace.value != call.reading.right.value
                assert values.setdefault(each.trace.value, each.mode) == each.mode
            assert {MODES[name] for name in call.chain.misreadings} <= call.reading.modes
            modes |= call.reading.modes
            share.update(call.reading.modes)
        assert len(modes) >= 15
    assert len(share) == 16
    assert min(share.values()) >= 0.2 * 48


@BOTH
def test_facts_do_not_know_the_length_and_filler_does_not_know_the_facts(kind):
    short, long = ([(s.question, s.gold, s.data["foreseen"]) for s in ask(kind(), n)] for n in (2048, 32768))
    assert short == long
    task = kind()
    [sample] = ask(task, 32768, 1, 1)
    files = read_files(task.context(sample).body)
    words = Counter(word for text in files.values() for word in set(re.findall("[a-z]+", text)))
    entry = sample.question.partition("(")[0].rpartition(" ")[2]
    assert words[entry] == 1


@BOTH
def test_files_can_be_read_back_from_the_prompt(kind):
    task = kind()
    for sample in ask(task, 8192):
        body = task.context(sample).body
        files = read_files(body)
        assert "".join(show(File(path, text)) for path, text in files.items()).rstrip() == body
        content = task.prompt(sample)[0].content
        for span in sample.spans:
            assert content[span.start : span.end] == show(File(span.value, files[span.value])).rstrip()
        assert {span.role for span in sample.spans} >= {"evidence"}
        assert len(files) == sample.axes["files"]


def test_topological_order_shows_no_file_before_what_it_imports():
    task = CodeOutput({"order": "topological", "hops": 5})
    [sample] = ask(task, 16384, 1, 1)
    program = task.context(sample).program
    seen, later = set(), 0
    for module in program.sources:
        imported = re.findall(r"^(?:from|import) (\S+)", program.sources[module], re.MULTILINE)
        assert all(name in seen or any(other.startswith(f"{name}.") for other in seen) for name in imported)
        later += bool(imported)
        seen.add(module)
    assert later > 50


@BOTH
def test_the_same_bytes_again_and_another_seed_other_facts(kind):
    one, other = kind(), kind()
    assert [canonical_json(asdict(s)) for s in ask(one)] == [canonical_json(asdict(s)) for s in ask(other)[:]]
    assert [one.prompt(s) for s in ask(one)] == [other.prompt(s) for s in reversed(ask(other))][::-1]
    assert {s.question for s in ask(one)}.isdisjoint(s.question for s in ask(other, seed=8))


@BOTH
def test_the_evidence_is_enough_and_holds_nothing_misleading(kind):
    whole, control = kind(), kind({"shown": "evidence"})
    for sample, short in zip(ask(whole), ask(control), strict=True):
        prompt = control.prompt(short)
        assert whole.oracle(prompt) == sample.gold
        assert not any(span.value in prompt[0].content for span in sample.spans if span.role == "decoy")


@BOTH
def test_what_does_not_fit_is_said(kind):
    with pytest.raises(InfeasibleLength):
        ask(kind({"hops": 8, "chains": 8}), 1024)
    with pytest.raises(ConfigError, match="the right answer alone takes"):
        ask(kind({"answer_budget": 2}))


@BOTH
@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=300) | st.from_regex(r"(ANSWER: )?[-+0-9a-z_., /()]{0,60}", fullmatch=True))
def test_no_reply_breaks_the_score(kind, text):
    task = kind()
    [sample] = ask(task, 1024, 1, 1)
    score = scored(task, sample, text)
    assert score.correct == (score.mode is None)
    given = INTEGER if kind is CodeOutput else DOTTED
    assert not score.correct or set(given.find(fold(text)))


@BOTH
def test_replies_that_know_nothing_earn_nothing(kind):
    task = kind()
    for sample in ask(task):
        [message] = task.prompt(sample)
        assert isinstance(message, Message)
        body = task.context(sample).body
        for text in ("", "I cannot help with that.", message.content, body, sample.data["tail"], sample.question):
            score = scored(task, sample, text)
            assert score.value == 0
            assert score.metrics["strict@1"] == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ANSWER: 417", ["417"]),
        ("answer: -17", ["-17"]),
        ("ANSWER: **1,417**.", ["1417"]),
        ("ANSWER: \u221217", ["-17"]),
        ("- 17", ["17"]),
        ("ANSWER: +42", ["42"]),
        ("ANSWER: 42.0", ["42"]),
        ("ANSWER: 007", ["7"]),
        ("ANSWER: `42`", ["42"]),
        ("65 - 18 = 47", ["65", "18", "47"]),
        ("x-18", ["18"]),
        ("v2 is b12", []),
    ],
)
def test_integers_are_read_as_people_write_them(text, found):
    assert [value.canonical for value in INTEGER.find(fold(text).removeprefix("answer: "))] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ANSWER: alda.krudir.Nunom.krurdak, kremel.boro.pirko", ["alda.krudir.nunom.krurdak", "kremel.boro.pirko"]),
        ("`alda.krudir.pirko()` then `kremel.boro.pirko(65)`.", ["alda.krudir.pirko", "kremel.boro.pirko"]),
        ("in alda/krudir.py and krudir.py, e.g. 3.5", []),
    ],
)
def test_dotted_names_are_read_as_people_write_them(text, found):
    assert [value.canonical for value in DOTTED.find(fold(text).removeprefix("answer: "))] == found


def test_wrong_lists_that_no_misreading_explains_are_named_by_rules():
    task = CallChain({"hops": 4})
    [sample] = ask(task, 2048, 1, 1)
    gold = list(sample.gold)
    stray = min(task.context(sample).functions.difference(gold, *(calls for _, _, *calls in sample.data["foreseen"])))
    short = [name.rpartition(".")[2] for name in gold]
    for answer, mode in [
        ([f"wrong.{gold[0]}", *gold[1:]], "code.wrong_qualifier"),
        (short, "code.wrong_qualifier"),
        ([*gold, f"{gold[0]}_two"], "code.hallucinated_symbol"),
        ([gold[0], stray, *gold[1:]], "code.extra"),
        ([stray, *gold[1:]], "code.wrong_hop"),
        ([*gold[1:], gold[0]], "wrong_order"),
    ]:
        score = scored(task, sample, "ANSWER: " + ", ".join(answer))
        assert (score.mode, score.value) == (mode, 0), answer
    assert scored(task, sample, "ANSWER: " + ", ".join(gold[:2])).metrics["prefix@1"] == 2 / len(gold)
    assert scored(task, sample, "ANSWER: " + ", ".join(gold).upper()).correct


def test_an_integer_that_is_nearly_right_is_called_arithmetic():
    task = CodeOutput()
    for sample in ask(task):
        right, foreseen = int(sample.gold[0]), sample.data["foreseen"]
        if str(right + 10) not in foreseen:
            assert scored(task, sample, f"ANSWER: {right + 10}").mode == "code.arithmetic"
        assert scored(task, sample, "ANSWER: 123456").mode == "unattributed"
        assert scored(task, sample, "The function returns something.").mode == "fmt.none_found"
