"""Every scorer of own data: right answers, traps, and that no reply breaks one or earns what it should not."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.battery.replies import REFUSAL, hostile
from harness.errors import ConfigError
from harness.records import Reply, Score
from tasks.workload.scorers import SCORERS, Asked, BadAnswer, judge, make_scorer, options_of

HEAD, TAIL = "Read the ticket below.\n\n", "\n\nWhich city does the customer live in? Give its name."
CONTEXT = " ".join(f"word{i} stands here and number {i} too" for i in range(300)) + " the city is Paris"
ORDER = {"product": "van", "priority": 2, "tags": ["a", "b"]}


def score(spec: Any, answer: Any, text: str, *, finish: Any = "stop", others: Sequence[Any] = ()) -> Score:
    scorer = make_scorer(spec, (Path(),))
    asked = Asked(
        gold=scorer.gold(answer),
        answer=answer,
        row={"id": 1},
        known=scorer.known([scorer.gold(each) for each in (answer, *others)]),
        prompt=(HEAD, TAIL),
        context=CONTEXT.lower,
    )
    return judge(scorer, asked, Reply(text=text, finish_reason=finish))


def outcome(spec: Any, answer: Any, text: str, **kwargs: Any) -> str:
    found = score(spec, answer, text, **kwargs)
    assert found.correct == (found.mode is None)
    assert found.correct or found.evidence
    return found.mode or "right"


PRICED = {"name": "number", "after": "Price:"}
EXACT = [
    ("exact", "Paris", "Paris", "right"),
    ("exact", "Paris", "  paris.\n", "right"),
    ("exact", "Paris", "**PARIS**", "right"),
    ("exact", "Paris", "'ＰＡＲＩＳ'", "right"),
    ("exact", "New York", "new \n york", "right"),
    ("exact", "Paris", "The answer is Paris", "fmt.prose_around"),
    ("exact", "Paris", "Parisian", "wrong_value"),
    ("exact", "Paris", "Lyon", "wrong_value.other_answer"),
    ("exact", "1.5", "1.5", "right"),
    ("exact", ["Paris", "Lutetia"], "lutetia", "right"),
    ("exact", 3, "3", "right"),
    ("exact", True, "true", "right"),
    ({"name": "exact", "ignore_case": False}, "Paris", "paris", "wrong_value"),
    ({"name": "exact", "ignore_punctuation": True}, "ACME, Inc.", "acme inc", "right"),
    ({"name": "exact", "after": "ANSWER:"}, "Paris", "It may be Lyon.\nAnswer: **Paris**\nBye", "right"),
    ({"name": "exact", "after": "ANSWER:"}, "Paris", "Paris", "fmt.none_found"),
    ("contains", "Paris", "They live in Paris, I think", "right"),
    ("contains", "Paris", "Parisian", "wrong_value"),
    ("contains", "12", "112 and 120", "wrong_value"),
    ("contains", "12", "It is 12.", "right"),
    ("contains", "北京", "答案是北京市", "right"),
    ("contains", "Paris", "Which city does the customer live in? Give its name. Paris", "prompt_echo"),
    ("contains", "Paris", CONTEXT, "context_parrot"),
    ({"name": "contains", "need": "all"}, ["x1", "y2"], "y2 and x1", "right"),
    ({"name": "contains", "need": "all"}, ["x1", "y2"], "x1", "missing_items"),
    ({"name": "regex", "pattern": r"priority = (\w+)"}, "high", "priority = low; no, priority = High", "right"),
    ({"name": "regex", "pattern": r"priority = (\w+)"}, "high", "priority = low", "wrong_value.other_answer"),
    ({"name": "regex", "pattern": r"priority = (\w+)"}, "high", "high", "fmt.none_found"),
    ("regex", r"^ref-\d{4}$", "REF-1234", "right"),
    ("regex", r"^ref-\d{4}$", "REF-123", "wrong_value"),
]
NUMBERS = [
    ("number", 1200, "1200", "right"),
    ("number", 1200, "$1,200.00", "right"),
    ("number", 1200, "1 200 km", "right"),
    ("number", 1200, "1.2e3", "right"),
    ("number", 1200, "We counted 7 and 9.\nANSWER: 1200", "right"),
    ("number", 1200, "In 2023 it was 1200", "hedged_multi"),
    ("number", 1200, "1200 or 1300", "hedged_multi"),
    ("number", 1200, "-1200", "wrong_value.sign"),
    ("number", 1200, "1.200", "wrong_value.magnitude"),
    ("number", 1200, "12000", "wrong_value.magnitude"),
    ("number", 1200, "1201", "wrong_value"),
    ("number", 1200, "2024-12-00", "fmt.none_found"),
    ("number", 4, "GPT-4", "fmt.none_found"),
    ("number", 3, "the 3rd", "fmt.none_found"),
    ("number", 3, "3.14", "wrong_value"),
    ("number", -3, "−3", "right"),
    ("number", 0.1, ".1", "right"),
    ("number", [3, 5], "5", "right"),
    ("number", 0.45, "45 %", "wrong_value.magnitude"),
    ("number", 10**30, "1" + "0" * 30, "right"),
    ("number", 1200, "one thousand two hundred", "fmt.none_found"),
    ({"name": "number", "relative": 0.01}, 1200, "1212", "right"),
    ({"name": "number", "relative": 0.01}, 1200, "1213", "wrong_value"),
    ({"name": "number", "absolute": 0.5}, "3.5", "4.0", "right"),
    ({"name": "number", "decimal": ","}, 1200.5, "1.200,5 €", "right"),
    (PRICED, 5, "2 parts.\nPrice: 5 EUR\nin 3 days", "right"),
]
LETTERS = [
    *(
        ("letter", "B", text, "right")
        for text in ("B", "b", "(B)", "B.", "**B**", "B) the van", "B: the van", "```\nB\n```")
    ),
    *(
        ("letter", "B", text, "right")
        for text in ("Answer: B", "The answer is (B).", "Option B", r"$\boxed{B}$", "I think B")
    ),
    ("letter", "B", "Answer: C. No, wait.\nAnswer: B", "right"),
    ("letter", "A", "Answer: A because it is late", "right"),
    ("letter", "A", "A nice answer", "fmt.none_found"),
    ("letter", "A", "Answer: A nice answer", "fmt.none_found"),
    ("letter", "I", "So do I", "fmt.none_found"),
    ("letter", "B", "A. B. C. D.", "hedged_multi"),
    ("letter", "B", "(A) or (B)", "hedged_multi"),
    ("letter", "B", "Both A and B", "hedged_multi"),
    ("letter", "B", "not A but B, or C", "hedged_multi"),
    ("letter", "B", "Vitamin B is good", "fmt.none_found"),
    ("letter", "(b)", "C", "wrong_value.other_choice"),
]
LISTS = [
    ("set_f1", ["a", "b", "c"], "c; b, a", "right"),
    ("set_f1", ["a", "b", "c"], "Here they are:\n1. A\n2) b\n- c.", "right"),
    ("set_f1", ["a", "b", "c"], '```json\n["c", "b", "a"]\n```', "right"),
    ("set_f1", ["a", "b", "c"], "a, b", "missing_items"),
    ("set_f1", ["a", "b", "c"], "a, b, c, d", "extra_items"),
    ("set_f1", ["a", "b", "c"], "a, b, d", "wrong_items"),
    ("set_f1", ["a", "b", "c"], "none", "missing_items.all"),
    ("set_f1", ["Paris, France", "Rome"], '["Rome", "Paris, France"]', "right"),
    ("set_f1", [], "None.", "right"),
    ("set_f1", [], "a", "extra_items"),
    ("set_f1", "a; b", "b\na", "right"),
    ({"name": "set_f1", "threshold": 0.8}, ["a", "b", "c"], "a, b", "right"),
    ("ordered_list", ["a", "b", "c"], "a, b, c", "right"),
    ("ordered_list", ["a", "b", "c"], "a, c, b", "wrong_order"),
    ("ordered_list", ["a", "b", "c"], "a, b", "missing_items"),
    ("ordered_list", ["a", "b", "c"], "a, b, b, c", "repeated_items"),
    ({"name": "ordered_list", "after": "LIST:"}, ["a", "b"], "I see z.\nList:\n- a\n- b", "right"),
]
JSON = [
    ("json_schema", ORDER, '{"tags": ["a", "b"], "priority": 2.0, "product": "van"}', "right"),
    ("json_schema", '{"priority": 2}', '```json\n{"priority": 2}\n```', "right"),
    ("json_schema", ORDER, '{"tags": ["a", "b"], "priority": "2", "product": "van"}', "wrong_field.priority"),
    ("json_schema", ORDER, '{"tags": ["b", "a"], "priority": 2, "product": "van"}', "wrong_field.tags"),
    ("json_schema", ORDER, '{"priority": 2, "product": "van"}', "missing_field.tags"),
    ("json_schema", ORDER, '{"tags": ["a", "b"], "priority": 2, "product": "van", "evil<b>": 1}', "extra_field"),
    ("json_schema", ORDER, 'Sure: {"tags": ["a", "b"], "priority": 2, "product": "van"}', "fmt.prose_around"),
    ("json_schema", ORDER, "{'tags': ['a', 'b'], 'priority': 2, 'product': 'van'}", "fmt.invalid_json.single_quotes"),
    ("json_schema", ORDER, '{"priority": 1, "priority": 2, "product": "van"}', "fmt.invalid_json.duplicate_key"),
    ("json_schema", ORDER, "van", "fmt.none_found"),
    ("json_schema", {"ok": True}, '{"ok": 1}', "wrong_field.ok"),
    ("json_schema", {"note": None}, '{"note": ""}', "wrong_field.note"),
    ({"name": "json_schema", "form": "bare"}, {"a": 1}, '```\n{"a": 1}\n```', "fmt.fenced"),
    ({"name": "json_schema", "form": "anywhere"}, {"a": 1}, 'It is {"a": 1}.', "right"),
    ({"name": "json_schema", "ignore": ["note"]}, {"a": 1, "note": "x"}, '{"a": 1, "note": "y"}', "right"),
    ({"name": "json_schema", "unordered": True}, {"a": [1, 2]}, '{"a": [2, 1]}', "right"),
    ({"name": "json_schema", "relative": 0.01}, {"a": 100}, '{"a": 100.9}', "right"),
    ({"name": "json_schema", "ignore_case": True}, {"a": "Van"}, '{"a": "van"}', "right"),
    ({"name": "json_schema", "threshold": 0.5}, {"a": 1, "b": 2}, '{"a": 1, "b": 3}', "right"),
    (
        {"name": "json_schema", "schema": {"properties": {"a": {"type": "integer"}}, "required": ["a"]}},
        {"a": 1},
        '{"a": "1"}',
        "schema_violation.type",
    ),
    (
        {"name": "json_schema", "schema": {"required": ["a"]}},
        {"a": 1},
        '{"b": "1"}',
        "schema_violation.required",
    ),
]
LITERALS = [
    ("code_literal", "[1, 2]", "[1,2]  # two", "right"),
    ("code_literal", "[1, 2]", "```python\n[1, 2]\n```", "right"),
    ("code_literal", "[1, 2]", "`[1, 2]`", "right"),
    ("code_literal", {"a": 1}, "{'a': 1}", "right"),
    ("code_literal", "'x'", '"x"', "right"),
    ("code_literal", "[1, 2]", "(1, 2)", "wrong_value.type"),
    ("code_literal", "1", "True", "wrong_value.type"),
    ("code_literal", "1", "1.0", "wrong_value.type"),
    ("code_literal", "{1: 'a'}", "{True: 'a'}", "wrong_value"),
    ("code_literal", "[1, 2]", "[1, 2", "unparsable_literal"),
    ("code_literal", "[1, 2]", "__import__('os').getcwd()", "unparsable_literal"),
]
OVERLAP = [
    ({"name": "token_f1", "threshold": 0.8}, "the quick brown fox", "A quick fox!", "right"),
    ({"name": "token_f1", "threshold": 0.9}, "the quick brown fox", "A quick fox!", "partly_right"),
    ({"name": "token_f1", "threshold": 0.5}, "the quick brown fox", "slow dogs", "wrong_value"),
    ({"name": "token_f1", "threshold": 0.5}, ["one two", "three"], "three", "right"),
]
CASES = [*EXACT, *NUMBERS, *LETTERS, *LISTS, *JSON, *LITERALS, *OVERLAP]


@pytest.mark.parametrize(("spec", "answer", "text", "expected"), CASES)
def test_replies_are_told_apart(spec: Any, answer: Any, text: str, expected: str) -> None:
    others = ["Lyon", "low"] if expected == "wrong_value.other_answer" else []
    assert outcome(spec, answer, text, others=others) == expected


def test_partial_credit_is_the_share_that_is_right() -> None:
    assert score("json_schema", ORDER, '{"tags": ["a", "x"], "priority": 2, "product": "van"}').value == 3 / 4
    assert score("json_schema", ORDER, '{"tags": ["a", "b"], "priority": 2, "product": "van", "x": 1}').value == 4 / 5
    assert score("set_f1", ["a", "b", "c"], "a, b").value == pytest.approx(0.8)
    assert score("ordered_list", ["a", "b", "c"], "a, x, c").value == pytest.approx(2 / 3)
    # SQuAD: 3 shared words of 4 given and 3 right
    found = score({"name": "token_f1", "threshold": 1.0}, "quick brown fox", "the quick brown fox jumps")
    assert found.metrics["token_f1@1"] == pytest.approx(2 * 3 / (4 + 3))


def test_what_the_question_lists_is_no_echo_of_it() -> None:
    """Classes that the question names are answers; a stretch of the question that is none stays an echo."""
    classes = ["delivered late because of the weather", "delivered to the wrong address", "never delivered at all"]
    asked = f"\n\nWhich of these is it: {', '.join(classes)}? Give one or several."

    def mode(spec: str, answer: Any, text: str) -> str | None:
        scorer = make_scorer(spec, ())
        golds = [scorer.gold(each if spec == "exact" else [each]) for each in classes]
        held = Asked(scorer.gold(answer), answer, {}, scorer.known(golds), (HEAD, asked), CONTEXT.lower)
        return judge(scorer, held, Reply(text=text, finish_reason="stop")).mode

    assert mode("exact", classes[0], classes[1]) == "wrong_value.other_answer"
    assert mode("exact", classes[0], "because of the weather, delivered") == "prompt_echo"
    assert mode("set_f1", classes[:1], ", ".join(classes[:2])) == "extra_items"
    assert mode("set_f1", classes[:1], ", ".join(classes[1:])) == "wrong_items"
    assert mode("set_f1", classes[:1], "Which of these is it: delivered late") == "prompt_echo"


def test_guessing_more_keys_gains_nothing() -> None:
    one = score("json_schema", {"a": 1, "b": 2}, '{"a": 1}').value
    many = score("json_schema", {"a": 1, "b": 2}, '{"a": 1, "x": 1, "y": 2, "z": 3}').value
    assert many < one


def test_names_that_a_model_invents_get_into_no_mode() -> None:
    found = score("json_schema", {"a": 1}, '{"a": 1, "<script>": 1}')
    assert found.mode == "extra_field"
    wide = {f"f{i}": i for i in range(30)}
    assert outcome("json_schema", wide, '{"f0": 1}') == "wrong_field"


def test_rouge_is_that_of_the_package() -> None:
    pytest.importorskip("rouge_score")
    from rouge_score.rouge_scorer import RougeScorer

    right, given = "The cat sat on the mat, again.", "the mat on which a cat sat 2 times"
    theirs = RougeScorer(["rougeL"]).score(right, given)["rougeL"].fmeasure
    spec = {"name": "rouge_l", "threshold": 0.9}
    assert score(spec, right, given).metrics["rouge_l@1"] == pytest.approx(theirs)
    assert outcome(spec, "быстрая лиса", "быстрая лиса") == "right"


@pytest.mark.parametrize(
    ("spec", "answer", "told"),
    [
        ("exact", "", "the answer is empty"),
        ("exact", {"a": 1}, "the answer is an object, not text"),
        ("exact", [], "the answer is an empty list"),
        ("exact", "...", None),
        ("number", "many", "the answer 'many' is no number"),
        ("number", "1 and 2", "the answer '1 and 2' is no number"),
        ("letter", "Z", "the answer 'Z' is none of the letters"),
        ("set_f1", [{"a": 1}], "something else than texts"),
        ("json_schema", "{", "the answer is not JSON"),
        ("json_schema", 3, "neither a JSON object nor a list"),
        ({"name": "json_schema", "schema": {"required": ["b"]}}, {"a": 1}, "the answer is not valid"),
        ("code_literal", "hello", "no literal of Python"),
        ({"name": "token_f1", "threshold": 0.5}, "the", "has no words"),
        ("regex", "(", "not a regular expression"),
    ],
)
def test_answers_that_cannot_be_compared_are_refused(spec: Any, answer: Any, told: str | None) -> None:
    scorer = make_scorer(spec, ())
    if told is None:
        assert scorer.gold(answer)
        return
    with pytest.raises(BadAnswer, match=told):
        scorer.gold(answer)


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("exakt", r"unknown scorer 'exakt' \(did you mean 'exact'\?\)"),
        ({"name": "exact", "tolerance": 1}, "unknown option 'tolerance'; it has threshold, ignore_case"),
        ({"name": "regex", "after": "x"}, "unknown option 'after'"),
        ("token_f1", "threshold: Field required"),
        ({"name": "number", "absolute": -1}, "absolute: Input should be greater than or equal to 0"),
        ({"absolute": 1}, "it needs a name"),
        ({"name": "letter", "letters": "a-d"}, "letters: String should match pattern"),
    ],
)
def test_options_are_checked(spec: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        options_of(spec)


def test_a_schema_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"required": ["a"]}')
    scorer = make_scorer({"name": "json_schema", "schema": "s.json"}, (tmp_path,))
    assert scorer.files() == {"s.json": b'{"required": ["a"]}'}
    with pytest.raises(BadAnswer, match="'a' is a required property"):
        scorer.gold({"b": 1})
    for text, told in (("{", "not JSON"), ('{"type": "thing"}', "not a JSON Schema")):
        (tmp_path / "s.json").write_text(text)
        with pytest.raises(ConfigError, match=told):
            make_scorer({"name": "json_schema", "schema": "s.json"}, (tmp_path,))


OWN = """
def share(reply, answer, row):
    return {"value": len(set(reply) & set(answer)) / len(set(answer)), "mode": "wrong_value.letters",
            "evidence": f"row {row['id']}", "metrics": {"n": len(reply)}}

def same(reply, answer, row):
    return reply == answer

def odd(reply, answer, row):
    return {"yes": 2, "no": None, "nan": float("nan")}[reply]
"""


def test_a_function_of_the_user_scores(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)

    def own(name: str, text: str) -> Score:
        scorer = make_scorer(f"own.py:{name}", (tmp_path,))
        asked = Asked(("abc",), "abc", {"id": 7}, frozenset(), (HEAD, TAIL), str)
        return judge(scorer, asked, Reply(text=text, finish_reason="stop"))

    found = own("share", "ab")
    assert (found.value, found.mode, found.evidence) == (pytest.approx(2 / 3), "wrong_value.letters", "row 7")
    assert found.metrics == {"n@own": 2.0}
    assert own("same", "abc").correct
    assert own("same", "<think>abc</think>abc").correct
    for text in ("yes", "no", "nan"):
        with pytest.raises(ValueError, match="no value from 0 to 1"):
            own("odd", text)
    with pytest.raises(ConfigError, match="cannot be imported"):
        own("missing", "a")


GOLDS: dict[str, tuple[Any, Any]] = {
    "exact": ("exact", "Paris"),
    "contains": ("contains", "Paris"),
    "number": ("number", 1234567),
    "letter": ("letter", "D"),
    "set_f1": ("set_f1", ["Paris", "Rome"]),
    "ordered_list": ("ordered_list", ["Paris", "Rome"]),
    "json_schema": ("json_schema", {"city": "Paris", "n": [1, 2]}),
    "regex": ({"name": "regex", "pattern": r"city: (\w+)", "written": "city: {answer}"}, "Paris"),
    "code_literal": ("code_literal", "['Paris', 2]"),
    "token_f1": ({"name": "token_f1", "threshold": 0.8}, "the city of Paris"),
    "labels": ("labels", "Paris"),
    "values": ("values", ["1234567", "7654321"]),
}


def test_what_matches_a_pattern_cannot_always_be_known() -> None:
    assert make_scorer("regex", ()).ideal_reply((r"^ref\. 12$",)) == "ref. 12"
    with pytest.raises(LookupError, match="cannot be known"):
        make_scorer("regex", ()).ideal_reply((r"ref-\d{4}",))


def test_every_scorer_is_tested() -> None:
    of_presets = {"reproduced", "instructions", "row_schema"}  # in test_workload_presets.py: they need columns
    assert set(GOLDS) | {"rouge_l"} | of_presets == set(SCORERS)


@pytest.mark.parametrize("name", GOLDS)
def test_the_right_answer_scores_one_and_ignorance_nothing(name: str) -> None:
    spec, answer = GOLDS[name]
    scorer = make_scorer(spec, ())
    right = scorer.ideal_reply(scorer.gold(answer))
    for text in (right, f"<think>It may be Rome.</think>{right}", f"\n{right}\n"):
        assert (outcome(spec, answer, text), score(spec, answer, text).value) == ("right", 1.0)
    for text in ("", " \n\t", REFUSAL, TAIL, HEAD + CONTEXT + TAIL, CONTEXT, f"<think>{right}"):
        found = score(spec, answer, text)
        assert (found.correct, found.value) == (False, 0.0), text
    cut = score(spec, answer, f"<think>{right}", finish="length")
    assert (cut.value, cut.mode) == (0.0, "truncated.reasoning")


@pytest.mark.parametrize("name", GOLDS)
def test_no_reply_breaks_a_score_or_takes_long(name: str) -> None:
    spec, answer = GOLDS[name]
    scorer = make_scorer(spec, ())
    asked = Asked(scorer.gold(answer), answer, {}, frozenset(), (HEAD, TAIL), CONTEXT.lower)
    for reply in hostile():
        found = judge(scorer, asked, reply)
        assert found.value == 0.0, reply.text[:60]
        assert found.mode


odd = st.text(st.sampled_from("\ud800\x00\u202e\u0301٣１ \n{}[]()<>|`\"'\\,:;.-=#*_0aAB1ParisRome"), max_size=60)


@pytest.mark.parametrize("name", GOLDS)
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_text_is_scored(name: str, data: st.DataObject) -> None:
    spec, answer = GOLDS[name]
    finish = data.draw(st.sampled_from(["stop", "length", "content_filter", "unknown"]))
    text = data.draw(odd | st.text(max_size=60))
    found = score(spec, answer, text, finish=finish)
    assert math.isfinite(found.value)
    assert 0 <= found.value <= 1
    assert found.correct == (found.mode is None)
    assert found.mode not in found.flags
    assert found == score(spec, answer, text, finish=finish)


@settings(max_examples=50, deadline=None)
@given(st.integers(-(10**12), 10**12) | st.decimals(-(10**9), 10**9, places=3))
def test_a_number_is_read_however_it_is_written(value: Any) -> None:
    for text in (str(value), f"{value:,}", f"{value:,}".replace(",", " "), f"**{value}** kg", f"ANSWER: {value}."):
        assert outcome("number", str(value), text) == "right", text
    assert outcome("number", str(value), str(value + 1)) != "right"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1, max_size=8), st.randoms())
def test_the_order_matters_to_lists_alone(items: list[str], random: Any) -> None:
    mixed = random.sample(items, len(items))
    assert outcome("set_f1", items, ", ".join(mixed)) == "right"
    assert outcome("ordered_list", items, "\n".join(mixed)) == ("right" if mixed == items else "wrong_order")


keys = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=8)
scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.sampled_from("abcXYZ 1"), max_size=6)
objects = st.dictionaries(
    keys, st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=6), min_size=1, max_size=5
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(objects, st.randoms())
def test_json_is_compared_by_its_fields(value: dict[str, Any], random: Any) -> None:
    names = random.sample(list(value), len(value))
    mixed = {name: value[name] for name in names}
    for text in (
        json.dumps(mixed),
        json.dumps(mixed, indent=2, ensure_ascii=False),
        f"```json\n{json.dumps(mixed)}\n```",
    ):
        assert outcome("json_schema", value, text) == "right"
    changed = {**mixed, names[0]: "another value"}
    found = score("json_schema", value, json.dumps(changed))
    assert not found.correct
    assert found.value < 1
    assert found.mode
    assert found.mode.startswith(("wrong_field", "missing_field", "extra_field"))
    fewer = {name: value[name] for name in names[1:]}
    assert not score("json_schema", value, json.dumps(fewer)).correct


literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None)
@given(literals, literals)
def test_literals_are_the_same_in_value_and_type(one: Any, other: Any) -> None:
    assert outcome("code_literal", repr(one), f"```python\n{one!r}\n```") == "right"
    if one != other:
        assert outcome("code_literal", repr(one), repr(other)) != "right"
