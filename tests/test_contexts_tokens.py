"""Token counters: the reference, and those that read a tokenizer file."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.contexts import build_haystack, counter_named, reference_counter, tokenizer_file_counter
from harness.contexts.tokens import ASCII_CLASSES, SCRIPTS
from harness.errors import ConfigError

REFERENCE = reference_counter()


@pytest.fixture
def tokenizer_file(tmp_path: Path) -> Path:
    """A tokenizer of four words, in which everything else is one unknown piece."""
    path = tmp_path / "tokenizer.json"
    path.write_text(
        json.dumps(
            {
                "version": "1.0",
                "added_tokens": [],
                "post_processor": {"type": "BertProcessing", "sep": ["[UNK]", 0], "cls": ["[UNK]", 0]},
                "pre_tokenizer": {"type": "WhitespaceSplit"},
                "model": {
                    "type": "WordLevel",
                    "vocab": {"[UNK]": 0, "the": 1, "old": 2, "mill": 3},
                    "unk_token": "[UNK]",
                },
            }
        )
    )
    return path


def test_the_reference_adds_up_its_weights() -> None:
    weights = {**ASCII_CLASSES, **{name: weight for name, (_, _, weight) in SCRIPTS.items()}}
    text = "Ab 12,\nж語한"
    parts = ["upper", "lower", "space", "digit", "digit", "punctuation", "newline", "cyrillic", "cjk", "hangul"]
    assert REFERENCE.count(text) == -(-sum(weights[part] for part in parts) // 1000)


@pytest.mark.parametrize(
    "text", ["", "a", "The old mill stood by the river.", "1234567", "é", "語" * 100, "🙂", "\ud800"]
)
def test_the_reference_is_zero_only_for_nothing(text: str) -> None:
    assert (REFERENCE.count(text) == 0) == (text == "")


@given(st.text(), st.text())
def test_the_reference_is_additive_up_to_rounding(a: str, b: str) -> None:
    parts = REFERENCE.count(a) + REFERENCE.count(b)
    assert parts - 1 <= REFERENCE.count(a + b) <= parts


@given(st.text())
def test_the_order_of_characters_does_not_matter_to_the_reference(text: str) -> None:
    assert REFERENCE.count(text) == REFERENCE.count(text[::-1])


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("The ferry left the harbour before dawn and came back with nets, rope and two barrels of salt. ", 18, 24),
        ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", 18, 26),
        ("def total(rows):\n    return sum(row.amount for row in rows)\n", 12, 18),
        ("Старый смотритель маяка записал в журнал, что шторм пришёл с востока.", 17, 37),
        ("老灯塔看守人在日志里写道，风暴从东边来。", 14, 27),
    ],
)
def test_the_reference_is_in_the_range_of_real_tokenizers(text: str, low: int, high: int) -> None:
    assert low <= REFERENCE.count(text) <= high


def test_the_reference_says_that_it_is_an_estimate() -> None:
    assert (REFERENCE.name, REFERENCE.exact) == ("reference", False)


def test_a_tokenizer_file_counts_without_special_tokens(tokenizer_file: Path) -> None:
    counter = tokenizer_file_counter(tokenizer_file)
    assert counter.count("the old mill is old") == 5
    assert counter.count("") == 0
    assert counter.exact
    assert counter.name == f"tokenizer:{sha256(tokenizer_file.read_bytes()).hexdigest()[:12]}"


@pytest.mark.parametrize("kind", ["prose", "records"])
def test_a_haystack_is_fitted_by_a_tokenizer_file(tokenizer_file: Path, kind) -> None:
    counter = counter_named(str(tokenizer_file))
    stack = build_haystack(kind, [], 2000, counter, ("tokenizer",))
    assert 1940 <= stack.tokens == len(stack.text.split()) <= 2000


def test_a_counter_is_found_by_name() -> None:
    assert counter_named("reference").name == "reference"


def test_a_missing_tokenizer_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such tokenizer file") as caught:
        counter_named(str(tmp_path / "absent.json"))
    assert "absent.json" in str(caught.value)


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("{}")
    with pytest.raises(ConfigError, match=r"not a tokenizer\.json"):
        tokenizer_file_counter(path)


def test_without_the_package_the_fix_is_named(tokenizer_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(ConfigError, match="package tokenizers") as caught:
        tokenizer_file_counter(tokenizer_file)
    assert "pip install" in caught.value.fix
