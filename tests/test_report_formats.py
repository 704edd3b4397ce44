"""The same report as Markdown, JSON and lines for a terminal: one content, nothing computed twice."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from in_process import harness
from jsonschema import Draft202012Validator
from render_data import excerpts, made_result, made_run, simulated_run, sweep_of_four
from test_render_report import text_of
from written_runs import write_run, write_three

from harness.gate.emit.table import change
from harness.render.as_json import to_json
from harness.render.as_text import to_text
from harness.render.content import document_of
from harness.render.formatting import points, signed
from harness.render.markdown import to_markdown
from harness.render.report import make_content, render_content
from harness.render.sections import sections_of
from harness.schemas.written import report_schema


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("formats")
    write_three(made, contexts=6)
    return made


def test_the_suffix_or_the_option_names_the_format(folder: Path) -> None:
    done = harness("report", "kv-cache", "-o", "a.html", "-o", "a.md", "-o", "a.json", "-o", "a.txt", cwd=folder)
    assert done.stdout.split() == ["a.html", "a.md", "a.json", "a.txt"]
    assert (folder / "a.html").read_text().startswith("<!doctype html>")
    assert json.loads((folder / "a.json").read_text())["schema"] == "longcontext-harness/report@1"
    done = harness("report", "kv-cache", "--format", "text", cwd=folder)
    assert done.stdout == (folder / "a.txt").read_text()
    done = harness("report", "kv-cache", "--format", "md", "-o", "comment", cwd=folder)
    assert (folder / "comment").read_text().startswith("# May these models replace")
    done = harness("report", "kv-cache", "-o", "a.pdf", cwd=folder)
    assert done.returncode == 2
    assert ".html" in done.stderr


def test_json_follows_its_schema_and_every_share_has_interval_and_n(folder: Path) -> None:
    harness("report", "kv-cache", "-o", "b.json", cwd=folder)
    plain = json.loads((folder / "b.json").read_text())
    schema = json.loads(harness("schema", "report", cwd=folder).stdout)
    assert schema == report_schema()
    assert list(Draft202012Validator(schema).iter_errors(plain)) == []
    cells = [cell["right"] or cell["drop"] for cell in plain["depths"]]
    assert all(set(cell) == {"value", "low", "high", "n", "level", "method"} for cell in cells)
    assert list(Draft202012Validator(schema).iter_errors({**plain, "decided": "yes"}))


def test_the_numbers_of_all_formats_are_the_same() -> None:
    runs, verdicts = sweep_of_four()
    content = make_content(runs, verdicts, excerpts=excerpts)
    page, markdown, lines = text_of(render_content(content)), to_markdown(content), to_text(content)
    document = document_of(content)
    assert json.loads(to_json(content))["verdicts"][0]["sentence"] == document.verdicts[0].sentence
    for verdict in document.verdicts:
        for row in verdict.rows:
            assert f"{change(row)} " in lines
            assert change(row).replace("[", "\\[").replace("]", "\\]") in markdown
            assert signed(row.drop.value) in page
        assert verdict.sentence in page
        assert verdict.sentence in lines
    for mode in document.modes:
        assert signed(mode.rise.value if mode.rise else None) in page
        assert points(mode.lost.value) in lines


def test_simulated_and_control_models_are_marked_in_every_table() -> None:
    runs, verdicts = sweep_of_four()
    document = document_of(make_content(runs, verdicts, excerpts=excerpts))
    for section in sections_of(document):
        for table in section.tables:
            if "model" in table.head:
                at = table.head.index("model")
                assert all(row[at].endswith("(simulated)") for row in table.rows), section.title


def test_markdown_of_many_cells_fits_a_comment_and_says_what_is_cut() -> None:
    lengths = {1024 * 2**power: 0.1 for power in range(8)}
    runs = [simulated_run("base", lengths, contexts=2, role="baseline")]
    runs += [simulated_run(f"candidate-with-a-long-name-{n}", lengths, contexts=2) for n in range(12)]
    hostile = made_run(
        "h", [made_result(f"s{n}", correct=False, mode="x" * 900, answer=("|`<b>" * 99,)) for n in range(50)]
    )
    content = make_content([*runs, hostile], excerpts=excerpts)
    markdown = to_markdown(content)
    assert len(markdown.encode()) < 46_000
    assert "rows (by candidate, everything first, then the largest drop): they are in the page" in markdown
    assert "<b>" not in markdown


def test_sections_come_in_the_order_of_the_page(folder: Path) -> None:
    harness("report", "kv-cache", "--policy", "gate.toml", "-o", "c.md", cwd=folder)
    titles = re.findall(r"^## (.*)", (folder / "c.md").read_text(), re.MULTILINE)
    assert [title.partition(":")[0] for title in titles] == [
        "Verdicts",
        "Change from the baseline",
        "Change from the baseline",
        "Effective context length",
        "Where in the text",
        "Where in the text",
        "How it fails",
        "Money",
        "Replies to read",
        "What this does not show",
        "What was run",
    ]
    assert "kv-cache/q4" in titles[1], "a positive control comes last, however bad it is"


def test_without_a_policy_two_runs_stand_side_by_side(folder: Path) -> None:
    done = harness("report", "kv-cache/f16", "kv-cache/q4", "--no-verdict", "-o", "d.html", "-o", "d.json", cwd=folder)
    assert done.returncode == 0
    text = text_of((folder / "d.html").read_text())
    assert "Side by side" in text
    assert "nothing was decided" in text
    rows = json.loads((folder / "d.json").read_text())["side_by_side"]
    assert [(row["task"], row["length"]) for row in rows] == [
        ("retrieval.exact", 1024),
        ("retrieval.exact", 8192),
        ("", None),
    ]
    lost = harness("compare", "kv-cache/f16", "kv-cache/q4", "--json", "--policy", "gate.toml", cwd=folder)
    assert rows[2]["losses"] == len(json.loads(lost.stdout)["losses"])
    assert rows[2]["drop"]["value"] == pytest.approx((rows[2]["losses"] - rows[2]["gains"]) / rows[2]["drop"]["n"])
    assert rows[2]["drop"]["low"] < rows[2]["drop"]["value"] < rows[2]["drop"]["high"]


def test_two_candidates_stand_side_by_side_too(folder: Path) -> None:
    done = harness("report", "kv-cache/q4", "kv-cache/bad", "--format", "json", cwd=folder)
    rows = json.loads(done.stdout)["side_by_side"]
    assert {(row["baseline"], row["candidate"]) for row in rows} == {("kv-cache/q4", "kv-cache/bad")}


def test_runs_that_cannot_be_paired_say_why(tmp_path: Path) -> None:
    base = simulated_run("base", {1024: 0.1}, contexts=3, role="baseline")
    other = simulated_run("other", {1024: 0.1}, contexts=3)
    config = {**other.info.config, "sweep": {**other.info.config["sweep"], "seed": 8}}
    write_run(base, tmp_path / "results")
    write_run(replace(other, info=replace(other.info, config=config)), tmp_path / "results")
    done = harness("report", "kv-cache", "--no-verdict", "--format", "text", cwd=tmp_path)
    assert "seed" in done.stdout
    assert "kv-cache/other (simulated) against kv-cache/base (simulated):" in done.stdout


def sweep_file(name: str, decision: str = "") -> str:
    models = ("base", "cand") if name == "one" else ("base", "other")
    tables = "".join(f'[[model]]\nname = "{each}"\nprice = {{ input = {len(name)}, output = 2 }}\n' for each in models)
    claim = f'[[claim]]\nmodel = "{models[1]}"\nabout = "quality"\nvalue = 90\nsource = "{name}"\ndate = "2026"\n'
    return f'[sweep]\nname = "{name}"\n{tables}{claim}[decision]\n{decision}\n'


def test_several_sweeps_declare_together_and_conflicts_are_refused(tmp_path: Path) -> None:
    for sweep, model in (("one", "cand"), ("third", "other")):
        for name, role in (("base", "baseline"), (model, "candidate")):
            run = simulated_run(name, {1024: 0.1}, contexts=3, role=role)
            write_run(replace(run, info=replace(run.info, sweep=sweep)), tmp_path / "results")
    (tmp_path / "one.toml").write_text(sweep_file("one", 'currency = "EUR"'))
    (tmp_path / "third.toml").write_text(sweep_file("third", "tasks_per_month = 100"))
    (tmp_path / "usd.toml").write_text(sweep_file("third", 'currency = "USD"'))
    given = ("report", "one", "third", "--sweep", "one.toml", "--sweep")
    done = harness(*given, "third.toml", "-o", "r.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    plain = json.loads((tmp_path / "r.json").read_text())
    prices = {row["model"]: row["price"]["input"] for row in plain["costs"] if row["length"] is None}
    assert prices == {"one/base": 3, "one/cand": 3, "third/base": 5, "third/other": 5}
    assert [(row["model"], row["source"]) for row in plain["claims"]] == [("one/cand", "one"), ("third/other", "third")]
    assert harness("verify", "r.json", cwd=tmp_path).returncode == 0
    done = harness(*given, "usd.toml", "-o", "r.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "one and third state 'currency' differently" in done.stderr
    done = harness(*given, "one.toml", "-o", "r.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "two files declare the same sweep" in done.stderr


PICTURES = {"axis", "chart", "levels", "methods", "share_methods", "decision", "overview"}
"""What the page draws or repeats, and states of its own method."""


def test_nothing_of_the_page_is_missing_elsewhere() -> None:
    runs, verdicts = sweep_of_four()
    content = make_content(runs, verdicts, excerpts=excerpts)
    read: set[str] = set()

    class Seen(dict):  # type: ignore[type-arg]
        def __getitem__(self, key: str) -> object:
            read.add(key)
            return super().__getitem__(key)

    document_of(Seen(content))
    assert set(content) - read == PICTURES, "add what is new to harness/render/document.py, content.py and sections.py"
