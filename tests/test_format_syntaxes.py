"""Rows in each syntax: what is read, what is refused, and how near misses are told apart."""

import json

import pytest
from format_samples import samples, score
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.format.attributes import ATTRIBUTES, BY_NAME, normal
from tasks.format.entries import find_records
from tasks.format.rows import Layout
from tasks.format.rules import KINDS, Rule, find_rule
from tasks.format.schema_faults import is_variant
from tasks.format.syntaxes import READERS, SYNTAXES, WRITERS

LAYOUT = Layout(("person", "seat", "remark"), "staff", "member", ";")
ROWS = [
    {"person": "Ana Bel", "seat": 17, "remark": 'a; "b" & <c> | d'},
    {"person": "Cor Dun", "seat": 23, "remark": "e: f"},
]
CELL = st.text(alphabet='ab "&<>|:;,#-', min_size=1, max_size=12).map(str.strip).filter(lambda t: t and t.strip("-# "))


def read(syntax, text, layout=LAYOUT):
    return READERS[syntax](text, layout)


def modes(rows):
    return [fault.mode for fault in (*rows.text, *rows.schema)]


def plain(rows):
    return [{key: str(value) for key, value in row.items()} for row in rows]


def layout_of(syntax):
    return Layout(LAYOUT.keys, LAYOUT.root, LAYOUT.item, {"csv": ";", "tsv": "\t"}.get(syntax, ""))


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_is_written_is_read(syntax):
    layout = layout_of(syntax)
    text = WRITERS[syntax](ROWS, layout)
    for variant in (text, f"\n\n{text}\n", text.replace("\n", "\r\n") if syntax != "yaml" else text):
        rows = read(syntax, variant.strip(), layout)
        assert (plain(rows.rows), modes(rows), rows.rung) == (plain(ROWS), [], "as_asked"), variant
    assert modes(read(syntax, f"```\n{text}\n```", layout)) == ["fmt.fenced"]
    assert modes(read(syntax, f"Here they are.\n\n{text}\n\nThat is all.", layout)) == ["fmt.prose_around"]
    assert modes(read(syntax, f"So:\n```\n{text}\n```\nDone.", layout)) == ["fmt.prose_around", "fmt.fenced"]
    assert not read(syntax, "There are no entries.", layout).rung


@pytest.mark.parametrize("syntax", SYNTAXES)
@settings(max_examples=25, deadline=None)
@given(cells=st.lists(CELL, min_size=2, max_size=4))
def test_any_cells_survive(syntax, cells):
    layout = layout_of(syntax)
    rows = [{"person": f"P{i}", "seat": 10 + i, "remark": text} for i, text in enumerate(cells)]
    found = read(syntax, WRITERS[syntax](rows, layout).strip(), layout)
    assert plain(found.rows) == plain(rows)
    assert modes(found) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("person,seat,remark\nAna,1,x", ["fmt.delimiter"]),
        ("person;seat;remark\nAna;1", ["fmt.delimiter"]),
        ('person;seat;remark\nAna;1;"x', ["fmt.delimiter"]),
        ("Ana;1;x\nCor;2;y", ["schema.missing_key"]),
        ("person;seat;remark\nAna;1;x\n\nI hope this helps; bye.", ["fmt.prose_around"]),
    ],
)
def test_near_misses_of_csv(text, expected):
    assert modes(read("csv", text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| person | seat | remark |\n| Ana | 1 | x |", ["fmt.delimiter"]),
        ("| person | seat | remark |\n|---|:-:|--:|\n| Ana | 1 |", ["fmt.delimiter"]),
        ("| person | seat | remark |\n|---|---|---|\n| Ana | 1 | a \\| b |", []),
    ],
)
def test_near_misses_of_a_markdown_table(text, expected):
    rows = read("markdown", text)
    assert modes(rows) == expected
    assert not expected or rows.rows[0]["person"] == "Ana"


@pytest.mark.parametrize(
    "text",
    [
        "- person: &x Ana\n  seat: *x",
        "- &a [*a, *a]\n- person: x",
        "- person: !!python/object/apply:os.getcwd []",
        "- " * 3000 + "x",
        "[" * 30 + "{person: x}" + "]" * 30,
        "a: &a [1,1]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]",
    ],
)
def test_yaml_that_could_do_harm_is_not_built(text):
    assert list(read("yaml", text).rows) == []


def test_yaml_is_read_as_of_version_1_2():
    [row] = read("yaml", "- person: yes\n  seat: 001239\n  remark: 1834-05-12\n  id: '007'\n  on: true").rows
    assert row == {"person": "yes", "seat": 1239, "remark": "1834-05-12", "id": "007", "on": True}
    assert "seat: '007'" in WRITERS["yaml"]([{"seat": "007"}], LAYOUT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("person: Ana\nseat: 1", ["fmt.wrong_root_type"]),
        ("people:\n- person: Ana\n  seat: 1", ["fmt.wrong_root_type"]),
        ("The entries are:\n- person: Ana\n  seat: 1", ["fmt.prose_around"]),
        ("- person: [Ana\n  seat: 1", ["fmt.invalid_yaml"]),
        ("- person: Ana: Bel\n  seat: 1", ["fmt.invalid_yaml"]),
    ],
)
def test_near_misses_of_yaml(text, expected):
    assert modes(read("yaml", text)) == expected


MEMBER = "<member><person>Ana</person><seat>1</seat></member>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'<?xml version="1.0"?><staff>{MEMBER}</staff>', []),
        (MEMBER * 2, ["fmt.tag_missing"]),
        (MEMBER, ["fmt.tag_missing"]),
        (f"<people>{MEMBER}</people>", ["fmt.tag_missing"]),
        (f"<staff>{MEMBER}", ["fmt.tag_unclosed"]),
        ("<staff><member><person>Ana</member></staff>", ["fmt.tag_unclosed"]),
        ("<staff><member><person>A & B</person></member></staff>", ["fmt.invalid_xml"]),
        ("<staff><member><person>A &amp; B</person></member></staff>", []),
        ("<staff><member><person>A</person><person>B</person></member></staff>", ["fmt.duplicate_key"]),
        ("<staff><member id='1'><person>A</person></member></staff>", ["schema.extra_key"]),
        ("<staff>and<member><person>A</person></member></staff>", ["schema.extra_key"]),
    ],
)
def test_near_misses_of_xml(text, expected):
    rows = read("xml", text)
    assert modes(rows) == expected
    assert rows.rows[0]["person"][0] in "AB"


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE staff [<!ENTITY a "x">]><staff><member><person>&a;</person></member></staff>',
        '<!DOCTYPE s SYSTEM "file:///etc/passwd"><staff></staff>',
        "<staff>" * 20_000,
    ],
)
def test_xml_with_a_document_type_or_deep_nesting_is_refused(text):
    rows = read("xml", text)
    assert "as_asked" not in rows.rung
    assert all("x" not in value for row in rows.rows for value in row.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"person": "A"}\n\n{"person": "B"}', []),
        ('[{"person": "A"}, {"person": "B"}]', ["fmt.wrong_root_type"]),
        ('{\n "person": "A"\n}\n{\n "person": "B"\n}', ["fmt.wrong_root_type"]),
        ('{"person": "A",}\n{"person": "B"}', ["fmt.invalid_json.trailing_comma"]),
        ('{"person": "A"\n{"person": "B"}', ["fmt.invalid_json.unbalanced"]),
        ('Entries:\n{"person": "A"}\n{"person": "B"}', ["fmt.prose_around"]),
    ],
)
def test_near_misses_of_json_lines(text, expected):
    rows = read("jsonl", text)
    assert modes(rows) == expected
    assert [row["person"] for row in rows.rows] == ["A", "B"]


@pytest.mark.parametrize(
    ("change", "mode"),
    [
        (lambda lines: lines, None),
        (lambda lines: [lines[0].replace("  ", " "), *lines[1:]], "fmt.verbatim"),
        (lambda lines: [lines[0].lower(), *lines[1:]], "fmt.verbatim"),
        (lambda lines: lines[1:], "fmt.verbatim"),
        (lambda lines: [lines[0], "", *lines[1:]], None),
        (lambda lines: [*lines, "Done."], "fmt.prose_around"),
        (lambda lines: lines[:-1], "fmt.wrong_count"),
    ],
)
def test_a_notice_must_be_copied_letter_for_letter(change, mode):
    task, [sample, *_] = samples("format.template", {"kind": "verbatim"})
    assert score(task, sample, "\n".join(change(sample.gold[0].split("\n")))).mode == mode


def test_near_misses_of_bullets_and_lines():
    task, [sample, *_] = samples("format.template", {"kind": "bullets"})
    gold, bullet = sample.gold[0], sample.gold[0][0]
    assert score(task, sample, gold.replace(f"{bullet} ", "1. ")).mode == "fmt.tag_missing"
    assert score(task, sample, gold.split("\n")[0]).mode == "fmt.wrong_count"
    task, [sample, *_] = samples("format.template", {"kind": "lines"})
    separator = task.context(sample).plan.form.separator
    tight = sample.gold[0].replace(separator, separator.strip())
    assert score(task, sample, tight).mode == "fmt.delimiter"
    assert score(task, sample, tight).metrics["content@1"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_is_read_back_and_can_be_broken(kind):
    broken = {
        "letter_case": ("Ab", Rule(kind, ("a small letter",))),
        "keyword": ("basalt and basalt", Rule(kind, ("basalt",))),
        "opening": ("a winter", Rule(kind, ("winter",))),
        "ending": ("copper a", Rule(kind, ("copper",))),
        "order": ("b", Rule(kind, ("z", "a"))),
        "length": ("one two", Rule(kind, ("3", "4"))),
        "forbidden_word": ("The end", Rule(kind, ("the", "of"))),
        "charset": ("a, b", Rule(kind, ())),
    }
    text, rule = broken[kind]
    assert find_rule(rule.text) == rule
    assert rule.broken([text], ["ana", "bel"])
    kept = {"keyword": "Basalt x", "opening": "Winter", "ending": "a COPPER", "length": "a b c"}.get(kind, "other")
    assert not rule.broken([kept], ["bel", "ana"])


@pytest.mark.parametrize(("key", "right", "same"), [
    ("seatNumber", "seat_number", True),
    ("SEAT", "seat", True),
    ("seat", "seats", True),
    ("set", "seat", True),
    ("desk", "seat", False),
    ("workplace", "work_kit", False),
])  # fmt: skip
def test_which_keys_are_variants(key, right, same):
    assert is_variant(key, right) is same


def test_the_names_of_fields_are_no_variants_of_each_other():
    keys = [key for attribute in BY_NAME.values() for key in attribute.keys]
    assert len(set(keys)) == len(keys)
    assert [(a, b) for a in keys for b in keys if a != b and is_variant(a, b)] == []


def test_equal_values_are_one_text_whatever_their_type():
    assert normal(17) == normal("17") == normal(17.0) == normal(" 17 ")
    assert normal("41.50") == normal(41.5)
    assert normal("007") != normal(7)
    assert normal(None) == normal("none") == normal("")
    assert normal(True) == normal("Yes") == normal("true") != normal(1)
    assert normal(["A b", "c"]) == normal(["a  b", "C"])


def test_an_entry_says_what_it_holds():
    for seed in range(6):
        task, [sample] = samples("format.json", {"fields": 10, "answer_budget": 500}, contexts=1, seed=seed)
        plan = task.context(sample).plan
        asked = [plan.entries[index].record for index in plan.windows[0]]
        assert find_records(task.prompt(sample)[0].content) == asked
        assert json.loads(sample.gold[0])
    assert len({attribute.name for attribute in ATTRIBUTES}) == 10
