"""One verdict in every format: what is hostile in it stays text, what is long is cut by a rule, and all agree."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gate import answers, comparison, policy, verdict_on

from harness.errors import ConfigError, ExitCode
from harness.gate import FORMATS, Verdict, VerdictRow, decide, emit
from harness.gate.emit import form_of
from harness.gate.emit.order import worst_first

EVIL = "a|b`c*d_e<img src=x onerror=alert(1)>@octocat #12 [x](http://e.vil) ![i](//e) $x$ &lt; ~~s~~ www.e.vil"
CONTROL = "n\r\n::error::owned\x1b[2J\x00\x07\u202e\ud800\ufffe,:%\u2028"
VERDICT = verdict_on({("t.a", 1024): answers(20, 1, losses=9), ("t.a", 2048): answers(20, 1)}, margin=0.1)
LOST, OPEN, _ = VERDICT.rows


def many(count: int, name: str = "") -> Verdict:
    """Return a verdict of that many rows, open but for one in a hundred, the worst of them last."""
    lost = [replace(LOST, task=f"t.{i}{name}", drop=replace(LOST.drop, value=i / count)) for i in range(count // 100)]
    rest = [replace(OPEN, task=f"u.{i}{name}") for i in range(count - len(lost))]
    return replace(VERDICT, rows=(*rest, *lost), notes=tuple(f"note {i} {name}" for i in range(300)))


def hostile(text: str) -> Verdict:
    rows = tuple(
        replace(row, task=f"t{text}", part=f"p{text}", scope="slice", reason=f"r{text}", rule=text)
        for row in VERDICT.rows
    )
    names: dict[str, Any] = dict.fromkeys(
        ("baseline", "candidate", "sentence", "policy", "estimand", "icc_source"), f"s{text}"
    )
    return replace(VERDICT, rows=rows, notes=(f"n{text}",), controls=((f"c{text}", "regressed"),), **names)


def test_every_format_says_the_same() -> None:
    plain = json.loads(emit(VERDICT, "json"))
    for form in ("text", "markdown", "github", "junit"):
        text = emit(VERDICT, form).replace("%25", "%").replace("\\", "")
        assert plain["sentence"] in text
        for row in plain["rows"]:
            assert row["reason"] in text


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "json"])
def test_control_characters_are_shown_and_never_sent(form: str) -> None:
    text = emit(hostile(CONTROL), form)
    for char in "\x1b\x00\x07\u202e\ud800\ufffe\r\u2028":
        assert char not in text
    text.encode("utf-8")
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::error::owned")]
    if form != "github":
        assert "\\x1b[2J" in text.replace("\\\\", "\\").replace("\\[", "[")


def test_json_keeps_every_string_as_it_is() -> None:
    text = emit(hostile(CONTROL), "json")
    assert text.isascii()
    assert json.loads(text)["candidate"] == f"s{CONTROL}"


def test_markdown_is_read_as_nothing_but_text() -> None:
    text = emit(hostile(EVIL), "markdown")
    assert not re.search(r"<(?!/?sub>)", text)
    for live in (
        r"(?<!\\)`",
        r"@\w",
        r"#\d",
        "://",
        r"www\.e",
        r"(?<!\\)\[",
        r"(?<!\\)\$",
        r"(?<!\\)~",
    ):
        assert not re.search(live, text), live
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in rows] == [10] * 5
    assert "&amp;lt;" in text


@settings(max_examples=50, deadline=None)
@given(name=st.text(st.characters(), max_size=40))
def test_no_name_breaks_out_of_a_cell_or_of_xml(name: str) -> None:
    verdict = hostile(name)
    table = [line for line in emit(verdict, "markdown").splitlines() if line.startswith("|")]
    assert [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in table] == [10] * 5
    cases = list(ElementTree.fromstring(emit(verdict, "junit").encode()).iter("testcase"))
    assert len(cases) == 4
    lines = emit(verdict, "github").split("\n")
    assert all(re.match(r"::(error|warning|notice) title=[^:,\r\n]*::", line) for line in lines)


def test_two_thousand_rows_fit_a_comment_the_worst_of_them_first() -> None:
    for name in ("", "\U0001f600" * 300, "&" * 300, "\x00" * 300):
        text = emit(many(2000, name), "markdown")
        assert len(text.encode()) <= 60_000
        first = next(line for line in text.splitlines() if line.startswith("| ✕"))
        assert "t." in first
        assert "19" in first
        assert re.search(r"… and \d+ more rows \(worst first: required rows before others", text)
        assert re.search(r"… and \d+ more reasons", text)
        assert bool(re.search(r"… and \d+ more notes", text)) == bool(name)


def test_what_is_cut_and_what_is_shown_add_up() -> None:
    text = emit(many(2000), "markdown")
    shown = len([line for line in text.splitlines() if line.startswith("| ")]) - 2
    cut = re.search(r"… and (\d+) more rows", text)
    assert cut
    assert shown + int(cut[1]) == 2000


def test_worst_first_puts_what_decides_before_what_does_not() -> None:
    def row(name: str, **changes: Any) -> VerdictRow:
        return replace(LOST, task=name, **changes)

    noted = row("noted", required=False)
    ordered = worst_first([
        replace(OPEN, task="blind", assessable=False), noted, replace(OPEN, task="open"), row("lost"),
        row("more", drop=replace(LOST.drop, value=0.9)), row("fine", state="pass"),
    ])  # fmt: skip
    assert [each.task for each in ordered] == ["more", "lost", "open", "fine", "noted", "blind"]


def test_github_gets_no_more_annotations_than_it_shows() -> None:
    lines = emit(many(2000), "github").split("\n")
    kinds = [line.split(" ")[0].strip(":") for line in lines]
    assert (kinds.count("error"), kinds.count("warning")) == (10, 9)
    assert lines[-1] == "::notice title=rows left out::1971 more rows would be warnings"
    assert "t.19 at 1k" in lines[1]


def test_percent_line_ends_colon_and_comma_are_escaped_where_they_end_something() -> None:
    line = emit(hostile("100 %, a:b"), "github").split("\n")[1]
    assert line.startswith("::error title=regressed::t100 %25, a:b at 1k")


@pytest.mark.parametrize("policies", [{"on_inconclusive": "warn"}, {}])
def test_an_undecided_verdict_warns_or_fails_as_the_policy_says(policies: dict[str, Any]) -> None:
    verdict = verdict_on({("t.a", 1024): answers(20, 1)}, **policies)
    root = ElementTree.fromstring(emit(verdict, "junit"))
    if policies:
        assert emit(verdict, "github").startswith("::warning title=inconclusive::Undecided on cand")
        assert (root.get("errors"), root.get("skipped")) == ("0", "2")
    else:
        assert emit(verdict, "github").startswith("::error title=inconclusive::Undecided on cand")
        assert (root.get("errors"), root.get("skipped")) == ("2", "0")


STATES: list[Verdict] = [
    VERDICT,
    verdict_on({("t.a", 1024): answers(60, 1)}, margin=0.05),
    verdict_on({("t.a", 1024): answers(20, 1)}),
    verdict_on({("t.a", 1024): answers(20, 1)}, on_inconclusive="warn"),
    verdict_on({("t.a", 1024): answers(60, 1) & False}),
    decide(comparison({}), policy()),
    decide(comparison({("t.a", 1024): answers(60, 1)}, missing=4), policy()),
    decide(comparison({("t.a", 1024): answers(60, 1)}), policy(), [("control", "pass")]),
]


@pytest.mark.parametrize("verdict", STATES, ids=lambda verdict: f"{verdict.state}-{int(verdict.exit_code)}")
def test_junit_fails_exactly_when_the_gate_does(verdict: Verdict) -> None:
    root = ElementTree.fromstring(emit(verdict, "junit"))
    bad = root.findall(".//failure") + root.findall(".//error")
    assert bool(bad) == (verdict.exit_code != ExitCode.PASS)
    assert int(root.get("tests", "")) == len(root.findall(".//testcase")) == len(verdict.rows) + 1
    assert int(root.get("failures", "")) + int(root.get("errors", "")) == len(bad)
    assert [len(case) for case in root.iter("testcase")] == [1] * (len(verdict.rows) + 1)


def test_slices_that_pass_are_counted_in_markdown() -> None:
    fine = tuple(replace(OPEN, scope="slice", part=f"language={i}", state="pass") for i in range(7))
    text = emit(replace(VERDICT, rows=(*VERDICT.rows, *fine)), "markdown")
    assert "7 slices pass and are not shown." in text
    assert "language=" not in text


def test_a_suffix_names_a_format() -> None:
    assert [form_of(Path(name)) for name in ("a.json", "b.md", "c.xml", "d.txt")] == [
        "json",
        "markdown",
        "junit",
        "text",
    ]
    with pytest.raises(ConfigError, match="names no format"):
        form_of(Path("x.html"))
