"""The ladder that finds JSON in a reply: each rung, each repair, and texts made to break it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.reading.json_ladder import NOTHING, REPAIRS, parse_json, read_json, too_deep, unfence

RIGHT = {"a": "x, y}", "b": [1, None, True], "c": {"d": "it's // # None"}}
TEXT = json.dumps(RIGHT)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "rung", "prose", "fenced"),
    [
        (TEXT, "as_asked", False, False),
        (f"\n {TEXT}\n", "as_asked", False, False),
        (f"```json\n{TEXT}\n```", "fenced", False, True),
        (f"```\n{TEXT}", "fenced", False, True),
        (f"Here:\n```json\n{TEXT}\n```\nDone.", "prose_around", True, True),
        (f"The answer is {TEXT}.", "prose_around", True, False),
        (f"See [x] and [note 1]: {TEXT}", "prose_around", True, False),
        (f"First {{not json}} then {TEXT}", "prose_around", True, False),
    ],
)
def test_a_whole_value_is_found_wherever_it_stands(text, rung, prose, fenced):
    found = read_json(text)
    assert (found.value, found.rung, found.prose, found.fenced) == (RIGHT, rung, prose, fenced)
    assert not found.repairs


def test_several_values_are_all_kept():
    found = read_json('{"a": 1}\n{"a": 2}')
    assert (found.rung, found.values, found.value, found.prose) == (
        "multiple_objects",
        ({"a": 1}, {"a": 2}),
        {"a": 2},
        False,
    )


@pytest.mark.parametrize(
    ("repair", "text", "value"),
    [
        ("single_quotes", "{'a': 'say \"no\"', 'b': 'it\\'s'}", {"a": 'say "no"', "b": "it's"}),
        ("trailing_comma", '[{"a": ",}",},]', [{"a": ",}"}]),
        ("comments", '[ // one\n{"a": "// none"} /* two */, {"b": 1} # three\n]', [{"a": "// none"}, {"b": 1}]),
        ("python_literals", '{"a": True, "b": None, "c": "None"}', {"a": True, "b": None, "c": "None"}),
        ("unescaped_newline", '{"a": "x\ny\tz"}', {"a": "x\ny\tz"}),
        ("unbalanced", '[{"a": [1, 2', [{"a": [1, 2]}]),
        ("unbalanced", '{"a": {"b": 1}}}', {"a": {"b": 1}}),
        ("unbalanced", '{"a": "cut of', {"a": "cut of"}),
        ("nan", '{"a": NaN, "b": -Infinity, "c": "NaN"}', {"a": None, "b": None, "c": "NaN"}),
        ("other", "{a: 1, b: word}", {"a": 1, "b": "word"}),
        ("other", "{“a”: “x”}", {"a": "x"}),
        ("other", '[{"a": 1} {"b": 2}]', [{"a": 1}, {"b": 2}]),
    ],
)
def test_each_repair_alone(repair, text, value):
    found = read_json(text)
    assert (found.value, found.rung, found.repairs) == (value, f"repaired.{repair}", (repair,))
    assert read_json(f"Here it is: {text}").repairs == (repair,)
    assert read_json(f"```\n{text}\n```").fenced


def test_several_repairs_name_only_those_that_are_needed():
    found = read_json("{'a': True, 'b': [1,],}")
    assert found.value == {"a": True, "b": [1]}
    assert (found.rung, found.repairs) == ("repaired.several", ("single_quotes", "trailing_comma", "python_literals"))


def test_no_repair_is_named_for_sound_json():
    assert read_json(TEXT).repairs == ()
    assert {name for name, _ in REPAIRS} >= {"single_quotes", "nan", "other"}


@pytest.mark.parametrize("text", ["", "no json", "null", "12", '"text"', '{"a":"it is "quoted" here"}', "12, 13"])
def test_what_is_no_object_is_not_found(text):
    assert read_json(text).value is NOTHING


def test_keys_that_occur_twice_are_reported():
    assert read_json('{"a": 1, "b": {"c": 1, "c": 2}}').duplicates == ("c",)
    assert read_json('{"a": 1, "b": {"a": 1}}').duplicates == ()


def test_huge_numbers_and_deep_nesting_are_bounded():
    assert read_json('{"a": ' + "9" * 5000 + "}").value["a"] == float("inf")
    assert parse_json("[" * 5000 + "]" * 5000) == (NOTHING, ())
    assert not too_deep([[1]], 2)
    assert too_deep([[1]], 1)


def test_the_longest_fence_is_taken():
    assert unfence("a\n```\nb\n```\nc\n~~~\nlonger\n~~~") == ("longer", "a\n\nc")
    assert unfence("none") == ("", "none")


@pytest.mark.parametrize(
    "text",
    [
        '\\"\n' * 30_000,
        "“\n" * 30_000,
        "/*" * 50_000,
        '[{"a": 1,' * 11_000,
        "{'a': " * 15_000,
        '["' * 50_000,
        "[1," * 33_000 + "]" * 1000,
        "{'a': True, 'b': None,} " * 4_000,
    ],
)
def test_hostile_texts_are_read(text):
    found = read_json(text)
    assert found.found == bool(found.rung)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(max_size=5), PLAIN, max_size=4))
def test_what_json_writes_is_read_as_asked(value):
    found = read_json(json.dumps(value))
    assert (found.value, found.rung) == (value, "as_asked")


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="{}[]\"',:\\ab1#/\n TrueNoe", max_size=60))
def test_any_text_is_read_without_a_crash(text):
    found = read_json(text)
    assert found.found == bool(found.rung)
    assert not found.found or isinstance(found.value, dict | list)
