"""Types of values: what counts as one, when two are the same, and how one misses another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reading import VALUE_TYPES, near_miss
from harness.reading.value_modes import SLIPS
from harness.reading.values import edits

UUID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
RIGHT = {
    "number7": "1234567",
    "number10": "1234567890",
    "uuid4": UUID,
    "date": "2031-03-14",
    "adjective_noun": "amber-lantern",
    "money": "12345.67 dollars",
}


@pytest.mark.parametrize(
    ("kind", "text", "canonical"),
    [
        ("number7", "1234567", ["1234567"]),
        ("number7", "it is 1,234,567.", ["1234567"]),
        ("number7", "1 234 567 or 1_234_567", ["1234567"]),
        ("number7", "1'234'567", ["1234567"]),
        ("number7", "1234567,7654321;1234567", ["1234567", "7654321"]),
        ("number7", "**1234567**", ["1234567"]),
        ("number7", "12345678", []),
        ("number7", "12,345,678", []),
        ("number7", "1,234,567,890", []),
        ("number7", "3.1234567", []),
        ("number7", "1234567.5", []),
        ("number7", "x1234567", []),
        ("number10", "1,234,567,890 and 2345678901", ["1234567890", "2345678901"]),
        ("number10", "12345678901", []),
        ("uuid4", UUID.upper(), [UUID]),
        ("uuid4", UUID + "0", []),
        ("date", "14 March 2031, March 14th, 2031, 2031-03-14", ["2031-03-14"]),
        ("date", "1 Sept. 1999", ["1999-09-01"]),
        ("date", "the 3rd of May 1980", ["1980-05-03"]),
        ("date", "March 2031", []),
        ("date", "2031-03-141", []),
        ("adjective_noun", "Amber Lantern, amber-lantern", ["amber-lantern"]),
        ("adjective_noun", "well-known", []),
        ("money", "12,345.67 dollars", ["12345.67 dollars"]),
        ("money", "$12,345.67 = 12345.67 USD", ["12345.67 dollars"]),
        ("money", "€1 250,", ["1250.00 euros"]),
        ("money", "12,345.67", []),
        ("money", "12,345.67 crowns", []),
    ],
)
def test_find(kind, text, canonical):
    assert [found.canonical for found in VALUE_TYPES[kind].find(text.lower())] == canonical


@pytest.mark.parametrize(
    ("kind", "found", "right", "slip"),
    [
        ("number7", "1234576", "1234567", "transposition"),
        ("number7", "1234568", "1234567", "digit_error"),
        ("number7", "12345678", "1234567", "digit_error"),
        ("number7", "123456", "1234567", "dropped_digit"),
        ("number7", "12-34567", "1234567", "separator"),
        ("number7", "9999999", "1234567", ""),
        ("number10", "1234567899", "1234567890", "digit_error"),
        ("number10", "1294597999", "1234567890", ""),
        ("uuid4", UUID.replace("-", ""), UUID, "separator"),
        ("uuid4", UUID[:-4] + "4444", UUID, "digit_error"),
        ("uuid4", UUID[::-1], UUID, ""),
        ("date", "14.03.2031", "2031-03-14", "separator"),
        ("date", "03/14/2031", "2031-03-14", "separator"),
        ("date", "2031-03-15", "2031-03-14", "digit_error"),
        ("date", "march 2031", "2031-03-14", "rounding"),
        ("date", "april 2031", "2031-03-14", ""),
        ("date", "2044-07-14", "2031-03-14", ""),
        ("adjective_noun", "amber-lanterns", "amber-lantern", "digit_error"),
        ("adjective_noun", "amber-hinge", "amber-lantern", ""),
        ("money", "12345.67 euros", "12345.67 dollars", "unit"),
        ("money", "12,345.67", "12345.67 dollars", "unit"),
        ("money", "12346.00 dollars", "12345.67 dollars", "rounding"),
        ("money", "12,300", "12345.67 dollars", "rounding"),
        ("money", "12345.76 dollars", "12345.67 dollars", "transposition"),
        ("money", "99.00 dollars", "12345.67 dollars", ""),
    ],
)
def test_near_miss(kind, found, right, slip):
    assert near_miss(found, right, VALUE_TYPES[kind]) == slip


@pytest.mark.parametrize(
    ("kind", "text", "raw"),
    [
        ("number7", "about 123456 it is", ["123456"]),
        ("number7", "in 31 of them", []),
        ("number10", "12-3456-7890.", ["12-3456-7890"]),
        ("uuid4", UUID[:-2], [UUID[:-2]]),
        ("date", "14.03.2031", ["14.03.2031"]),
        ("adjective_noun", "blue-gorilla", ["blue-gorilla"]),
        ("money", "12,345.67 crowns", ["12,345.67 crowns"]),
    ],
)
def test_find_loose(kind, text, raw):
    assert [found.raw for found in VALUE_TYPES[kind].find_loose(text)] == raw


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("", "", 0), ("ca", "abc", 3), ("ab", "ba", 1), ("kitten", "sitting", 3), ("a", "", 1), ("abcd", "abdc", 1)],
)
def test_edits(a, b, distance):
    assert edits(a, b, 5) == distance


@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.integers(0, 8))
def test_edits_is_symmetric_and_cut_at_the_limit(a, b, most):
    full = edits(a, b, 100)
    assert edits(b, a, 100) == full
    assert edits(a, b, most) == min(full, most + 1)
    assert (full == 0) == (a == b)


@given(st.sampled_from(sorted(VALUE_TYPES)), st.text(alphabet="0123456789abcdef.,'_- $mary\n", max_size=300))
def test_nothing_makes_a_type_fail(name, text):
    kind = VALUE_TYPES[name]
    for found in kind.find(text):
        assert kind.normal(found.raw) == found.canonical
        assert kind.normal(found.canonical) == found.canonical
    assert set(kind.positions(text)) == {found.canonical for found in kind.find(text)}
    for found in kind.find_loose(text):
        assert near_miss(found.raw, RIGHT[name], kind) in ("", *SLIPS)
