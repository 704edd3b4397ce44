"""Templates of own data: what stands in them, what is refused, and that nothing in a row is ever a template."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.workload.template import TemplateError, parse_template

ROW = {
    "text": "a {b} c",
    "n": 3,
    "ok": True,
    "none": None,
    "list": ["x", {"deep": 1.5}],
    "obj": {"a b": "inner"},
    "a.b": "dotted",
    "two words": "yes",
}
names = st.text(st.characters(blacklist_characters="{}.[]", blacklist_categories=["Cs"]), min_size=1).filter(
    lambda name: name == name.strip()
)
values = st.recursive(
    st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


def render(text: str, row: dict[str, Any] | None = None) -> str:
    return parse_template(text).render(ROW if row is None else row)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{text}!", "a {b} c!"),
        ("{n} {ok}", "3 true"),
        ("{list[0]}{list[-2]}", "xx"),
        ("{list[1].deep}", "1.5"),
        ("{obj.a b}", "inner"),
        ("{a.b}", "dotted"),
        ("{ two words }", "yes"),
        ("{{n}} {{{n}}}", "{n} {3}"),
        ('{{"a": {n}}}', '{"a": 3}'),
        ("{list}", '["x", {"deep": 1.5}]'),
        ("no places", "no places"),
    ],
)
def test_places_are_filled(text: str, expected: str) -> None:
    assert render(text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{missing}", "no column 'missing'"),
        ("{none}", "'none' is null"),
        ("{list[2]}", "'list' has no item 2: it is a list of 2"),
        ("{text[0]}", "'text' has no item 0: it is a text"),
        ("{obj.b}", "'obj' has no key 'b': it is an object with a b"),
        ("{list[1].deep.x}", "'list[1].deep' has no key 'x': it is a number"),
        ("{obj.a b.c}", "'obj.a b' has no key 'c': it is a text"),
    ],
)
def test_what_a_row_lacks_is_named(text: str, told: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(told)):
        render(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a { b", "a lone '{' at character 3; a brace is written {{"),
        ("a } b", "a lone '}' at character 3; a brace is written }}"),
        ("{}", "{} names no column"),
        ("{a[b]}", "{a[b]} cannot be read from '[b]' on; write {a.b} or {a[0]}"),
        ("{a..b}", "{a..b} cannot be read from '..b' on; write {a.b} or {a[0]}"),
    ],
)
def test_what_is_no_template_is_refused(text: str, told: str) -> None:
    with pytest.raises(TemplateError) as error:
        parse_template(text)
    assert str(error.value) == told


def test_python_formats_and_attributes_are_no_templates() -> None:
    with pytest.raises(TemplateError, match="has no key '__class__'"):
        render("{text.__class__}")
    with pytest.raises(TemplateError, match="no column 'n!r'"):
        render("{n!r}")
    with pytest.raises(TemplateError, match="no column 'n:>9'"):
        render("{n:>9}")


@settings(max_examples=50, deadline=None)
@given(names, values, st.text())
def test_any_value_stands_as_it_is(name: str, value: Any, around: str) -> None:
    """Braces in a value are text; braces in a template are doubled; nothing else happens."""
    quoted = around.replace("{", "{{").replace("}", "}}")
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    assert render(f"{quoted}{{{name}}}{quoted}", {name: value}) == f"{around}{shown}{around}"


@settings(max_examples=50, deadline=None)
@given(st.text(st.sampled_from("{}[].ab0- "), max_size=20))
def test_any_text_is_a_template_or_is_refused(text: str) -> None:
    try:
        parsed = parse_template(text)
    except TemplateError:
        assert set("{}") & set(text)
    else:
        written = "".join(
            part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else f"{{{part.text}}}"
            for part in parsed.parts
        )
        assert written.replace(" ", "") == text.replace(" ", "")
