"""Replies and rows made to break presets: lists of guesses, endless nesting, patterns without end, odd arguments."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from test_workload_presets import IFEVAL, ROWS, asked, scored

from harness.errors import ConfigError
from tasks.workload.scorers.row_schema import is_slow, without_slow_patterns

WORDS = [
    (["otter"], "Yes, the word for ann is otter.", None),
    (["otter", "finch"], "1. otter\n2. finch", None),
    (["otter", "finch"], "otter, finch, stone, river", "extra_items"),
    (["otter", "finch"], " ".join(["otter", "finch", *(f"w{i}x" for i in range(20))]), "fmt.prose_around"),
    (["ABCDE", "FGHIJ"], "VAR ABCDE and VAR FGHIJ hold it.", None),
    (["ABCDE", "FGHIJ"], "ABCDE FGHIJ KLMNO PQRST", "extra_items"),
    ([f"word{each}" for each in "abcdefghij"], ", ".join(f"word{each}" for each in "abcdefghij"), None),
]


@pytest.mark.parametrize(("outputs", "text", "mode"), WORDS)
def test_listing_what_stands_in_the_text_earns_rulers_points_and_not_ours(
    tmp_path: Path, outputs: list[str], text: str, mode: str | None
) -> None:
    found = scored(tmp_path, "ruler", text, outputs=outputs)
    assert (found.metrics["ruler.string_match_all@1"], found.mode) == (1.0, mode)


@pytest.mark.parametrize(
    ("target", "text", "published", "mode"),
    [
        ("two", "two", 1.0, None),
        ("two", "none, one, two, three", 0.0, "hedged_multi"),
        ("gray", "gray green white yellow", 0.0, "hedged_multi"),
        ("apple,milk", "the milk and the apple", 1.0, None),
        ("apple,milk", "the milk", 0.0, "missing_items"),
        ("kitchen", "the only one is the kitchen", 1.0, None),
    ],
)
def test_babilongs_closed_sets(tmp_path: Path, target: str, text: str, published: float, mode: str | None) -> None:
    found = scored(tmp_path, "babilong", text, question="What is it?", target=target)
    assert (found.metrics["babilong.label_set@1"], found.mode) == (published, mode)


@pytest.mark.parametrize(
    ("pattern", "slow"),
    [
        ("^(a|a)*$", True),
        ("^((a+))+$", True),
        ("^(a?){28}a{28}$", True),
        (r"^(\w+\s?)*$", True),
        ("^[a-z]+$", False),
        ("^(ab)+$", False),
        (r"^\(a+\)+$", False),
        ("^[(a|b)*]+$", False),
        ("^(foo|bar)$", False),
    ],
)
def test_patterns_that_may_take_for_ever(pattern: str, slow: bool) -> None:
    assert is_slow(pattern) == slow


def test_data_in_a_schema_are_no_patterns() -> None:
    skipped: list[str] = []
    schema = {
        "enum": [{"pattern": "(a+)+"}],
        "patternProperties": {"(a+)+": {}, "b": {}},
        "additionalProperties": False,
    }
    assert without_slow_patterns(schema, skipped) == {"enum": [{"pattern": "(a+)+"}], "patternProperties": {"b": {}}}
    assert skipped == ["(a+)+"]


@pytest.mark.parametrize("at", ["#/nowhere", "file:///etc/hostname", "http://127.0.0.1:9/x"])
def test_a_schema_that_refers_elsewhere_is_not_fetched(tmp_path: Path, at: str) -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": at}}}
    found = scored(tmp_path, "jsonschemabench", '{"a": 1}', json_schema=json.dumps(schema))
    assert (found.mode, found.metrics["jsonschemabench.compliance@1"]) == ("schema_violation.unresolved", 0.0)


def test_a_text_alone_is_json_where_the_schema_asks_for_one(tmp_path: Path) -> None:
    assert scored(tmp_path, "jsonschemabench", '"abc"', json_schema='{"type": "string"}').correct


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 3000 + "1" + "}" * 3000, "9" * 5000])
@pytest.mark.parametrize("name", ROWS)
def test_a_reply_made_to_break_a_reader_is_scored(tmp_path: Path, name: str, text: str) -> None:
    row = {"instruction_id_list": ["detectable_format:json_format"], "kwargs": [{}]} if name == "ifeval" else {}
    found = scored(tmp_path, name, text, **row)
    assert (found.correct, found.value) == (False, 0.0), "a reply without a score would leave the denominator"


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("length_constraints:number_words", {"num_words": 4, "relation": "at most"}, "known are less than, at least"),
        (
            "length_constraints:nth_paragraph_first_word",
            {"num_paragraphs": 1, "nth_paragraph": 0, "first_word": "tea"},
            "no paragraph 0",
        ),
        ("keywords:existence", {"keywords": ["("]}, "cannot be verified"),
        ("keywords:existence", {"keywords": None}, "lacks keywords"),
    ],
)
def test_arguments_without_sense_are_refused(tmp_path: Path, name: str, arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(told)):
        asked(tmp_path, "ifeval", {**IFEVAL, "instruction_id_list": [name], "kwargs": [arguments]})


def test_ifeval_refuses_what_it_cannot_verify(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no verifier for language:response_language"):
        asked(tmp_path, "ifeval", {**IFEVAL, "instruction_id_list": ["language:response_language"], "kwargs": [{}]})
    with pytest.raises(ConfigError, match="keywords:frequency lacks keyword, frequency, relation"):
        asked(tmp_path, "ifeval", {**IFEVAL, "instruction_id_list": ["keywords:frequency"], "kwargs": [{}]})


def test_guessing_among_the_like_replies_of_mrcr_is_the_floor(tmp_path: Path) -> None:
    task, _ = asked(tmp_path, "mrcr", ROWS["mrcr"])
    assert task.floor == 1 / ROWS["mrcr"]["n_needles"]
    stated, _ = asked(tmp_path, "mrcr", ROWS["mrcr"], floor=0.1)
    assert stated.floor == 0.1
    unsaid, _ = asked(tmp_path, "mrcr", {**ROWS["mrcr"], "n_needles": "some"})
    assert unsaid.floor == 0.0
