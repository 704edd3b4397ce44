"""A report is recomputed from its runs: whatever is altered in it or in them is found and named."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import Done, harness
from render_data import simulated_run
from written_runs import write_run, write_three

from harness.errors import ConfigError
from harness.render.figures import check_figure, figures_of
from harness.render.manifest import checksum_of, embedded, extracted
from harness.render.tokens import NUMBER, numbers_in, tokens_of
from harness.render.verified import Means, check_report
from harness.render.verify import Checked, Problem, differences, tells

ROOT = Path(__file__).parents[1]
FORMS = ("html", "md", "json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("verify")
    write_three(made, contexts=4)
    outputs = [part for form in FORMS for part in ("-o", f"r.{form}")]
    assert harness("report", "kv-cache", "--policy", "gate.toml", *outputs, cwd=made).returncode == 0
    return made


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


class Kept:
    """The page as it is made again: of a thousand altered pages only the comparison is new."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(self.text, "html")

    def found(self, altered: str) -> bool:
        return bool(differences(tokens_of(altered, "html"), self.tokens))


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "r.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def texts(folder: Path) -> list[str]:
    return [(folder / f"r.{form}").read_text(encoding="utf-8") for form in FORMS]


def verify(folder: Path, *arguments: str) -> Done:
    return harness("verify", *arguments, cwd=folder)


def test_untouched_reports_are_recomputed_in_every_format(folder: Path) -> None:
    done = verify(folder, "r.html", "r.md", "r.json", "--json")
    assert done.returncode == 0
    checked = json.loads(done.stdout)["files"]
    assert [each["state"] for each in checked] == ["recomputed"] * 3
    assert all(each["computed"] > 100 and each["problems"] == [] for each in checked)


def test_same_runs_same_bytes_wherever_the_report_is_made_again(copy: Path) -> None:
    before = (copy / "r.html").read_bytes()
    harness("report", "kv-cache", "--policy", "gate.toml", "-o", "r.html", cwd=copy)
    assert (copy / "r.html").read_bytes() == before


@pytest.mark.parametrize(
    ("form", "old", "new", "told"),
    [
        ("html", "paired replies on 4 ind", "paired replies on 5 ind", "independent contexts"),
        ("html", "exit code 3", "exit code 0", "exit code 3"),
        ("html", 'class="verdict is-inconclusive"', 'class="verdict is-pass"', "markup: class"),
        ("html", "</main>", " </main>", "altered after it was written"),
        ("html", "Undecided on q4", "Decided on q4", "Undecided on q4"),
        ("md", "? inconclusive", "✓ pass", "inconclusive"),
        ("json", '"exit_code": 3', '"exit_code": 0', "verdicts[0].exit_code"),
        ("json", '"decided": true', '"decided":  true', "altered after it was written"),
    ],
)
def test_an_altered_place_is_named(copy: Path, form: str, old: str, new: str, told: str) -> None:
    file = copy / f"r.{form}"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = verify(copy, file.name)
    assert done.returncode == 1
    assert told in done.stdout


def test_a_forged_checksum_helps_nobody(copy: Path) -> None:
    text = (copy / "r.html").read_text(encoding="utf-8")
    manifest = extracted(text, "r.html")
    assert manifest
    without = re.sub(r'<script type="application/json" id="manifest">.*?</script>\n', "", text)
    forged = embedded(without.replace("exit code 3", "exit code 0"), manifest)
    assert embedded(without, manifest) == text
    (copy / "r.html").write_text(forged, encoding="utf-8")
    done = verify(copy, "r.html")
    assert done.returncode == 1
    assert "altered after" not in done.stdout
    assert "xit code 0" in done.stdout


def test_every_digit_of_the_first_screen_is_named(page: str) -> None:
    kept = Kept(page[page.index("<header>") : page.index("</header>")])
    places = [found.start() for found in re.finditer(r"\d", kept.text)]
    assert len(places) > 40
    for place in places:
        digit = str((int(kept.text[place]) + 1) % 10)
        assert kept.found(kept.text[:place] + digit + kept.text[place + 1 :]), kept.text[place - 20 : place + 20]


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_any_digit_of_a_section_is_named(page: str, data: st.DataObject) -> None:
    sections = re.findall(r"<section.*?</section>", page, re.DOTALL)
    kept = Kept(data.draw(st.sampled_from([section for section in sections if len(section) < 40_000])))
    places = [found.start() for found in re.finditer(r"\d", kept.text)]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=4, max_size=4)):
        digit = data.draw(st.sampled_from("0123456789".replace(kept.text[place], "")))
        assert kept.found(kept.text[:place] + digit + kept.text[place + 1 :]), kept.text[place - 20 : place + 20]


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_no_character_of_any_file_can_be_changed(texts: list[str], data: st.DataObject) -> None:
    for text in texts:
        for place in data.draw(st.lists(st.integers(0, len(text) - 1), min_size=4, max_size=4)):
            new = data.draw(st.sampled_from([*"0123456789 xX\n", ""]))
            altered = text[:place] + new + text[place + 1 :]
            assert altered == text or not _holds(altered)


def _holds(text: str) -> bool:
    try:
        manifest = extracted(text, "")
    except ConfigError:
        return False
    return manifest is not None and checksum_of(text) == manifest.file_sha256


def test_a_run_that_changed_is_not_an_altered_report(copy: Path) -> None:
    samples = copy / "results/kv-cache/q4/samples.jsonl"
    samples.write_text("".join(samples.read_text().splitlines(keepends=True)[1:]))
    done = verify(copy, "r.html")
    assert done.returncode == 4
    assert "q4/samples.jsonl: changed since" in done.stdout
    assert "altered" not in done.stdout


def test_a_missing_run_a_swapped_run_and_a_new_control_are_named(copy: Path) -> None:
    runs = copy / "results/kv-cache"
    write_run(simulated_run("worse", {1024: 0.9}, contexts=2, role="positive-control"), copy / "results")
    done = verify(copy, "r.md")
    assert done.returncode == 4
    assert "worse/run.json: new since" in done.stdout
    shutil.rmtree(runs / "worse")
    (runs / "q4").rename(runs / "x")
    (runs / "bad").rename(runs / "q4")
    (runs / "x").rename(runs / "bad")
    assert "changed since" in verify(copy, "r.md").stdout
    shutil.rmtree(runs / "q4")
    done = verify(copy, "r.md")
    assert done.returncode == 4
    assert "run kv-cache/q4: is not there" in done.stdout


def test_another_policy_in_the_manifest_is_found(copy: Path) -> None:
    text = (copy / "r.html").read_text(encoding="utf-8")
    (copy / "r.html").write_text(text.replace("margin = 0.05", "margin = 0.50"), encoding="utf-8")
    done = verify(copy, "r.html")
    assert done.returncode == 1
    assert "margin" in done.stdout or "points" in done.stdout


def test_runs_are_found_beside_a_report_that_was_moved(copy: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert harness("verify", copy / "r.html", cwd=elsewhere).returncode == 0
    shutil.move(copy / "r.html", elsewhere / "r.html")
    assert harness("verify", "r.html", cwd=elsewhere).returncode == 4
    assert harness("verify", "r.html", "--results", copy / "results", cwd=elsewhere).returncode == 0


def test_the_command_under_a_reply_works_where_the_report_was_made(copy: Path) -> None:
    shutil.move(copy / "results", copy / "kept")
    harness("report", "kv-cache", "--results", "kept", "-o", "r.json", cwd=copy)
    replies = json.loads((copy / "r.json").read_text(encoding="utf-8"))["replies"]
    command = replies[0]["command"].split()
    assert command[:3] == ["harness", "show", f"kept/{replies[0]['model']}"]
    assert f"kept/{replies[0]['model']}: {replies[0]['sample_id']}" in harness(*command[1:], cwd=copy).stderr
    elsewhere = copy / "elsewhere"
    elsewhere.mkdir()
    assert harness("verify", copy / "r.json", cwd=elsewhere).returncode == 0


def test_a_report_of_another_harness_is_compared_number_by_number(folder: Path) -> None:
    text = (folder / "r.md").read_text(encoding="utf-8")
    manifest = extracted(text, "r.md")
    assert manifest
    body = text[: text.index("\n<!-- harness report manifest")]
    older = replace(manifest, harness="0.0.9", code="0" * 64)
    assert _checked(folder, embedded(body, older)).state == "recomputed"
    worded = _checked(folder, embedded(body.replace("nothing is shown beyond", "nothing was shown beyond"), older))
    assert worded.state == "recomputed"
    assert "written otherwise" in worded.notes[1]
    assert "not reproduced byte for byte" in worded.notes[0]
    assert _checked(folder, embedded(body.replace("exit code 3", "exit code 0"), older)).state == "differs"
    assert _checked(folder, embedded(body.replace("? inconclusive", "✓ pass"), older)).state == "differs"


def _checked(folder: Path, text: str) -> Checked:
    manifest = extracted(text, "r.md")
    assert manifest
    means = Means([folder / "results"], {}, (), lambda folders: lambda run, result: None)
    return check_report(folder / "r.md", text, manifest, means)


def test_what_names_no_runs_is_refused(copy: Path) -> None:
    done = verify(copy, "gate.toml")
    assert done.returncode == 2
    assert "names no runs" in done.stderr
    text = (copy / "r.html").read_text(encoding="utf-8")
    (copy / "r.html").write_text(text.replace("manifest@1", "manifest@9"), encoding="utf-8")
    assert "of another version" in verify(copy, "r.html").stderr
    assert verify(copy, "nowhere.html").returncode == 2


def test_code_of_tasks_is_run_only_from_folders_that_are_named(copy: Path) -> None:
    (copy / "tasks").mkdir()
    harness("report", "kv-cache", "--task-dir", "tasks", "-o", "t.md", cwd=copy)
    done = verify(copy, "t.md")
    assert done.returncode == 2
    assert "whose code would be run" in done.stderr
    assert verify(copy, "t.md", "--task-dir", "tasks").returncode == 0


def test_numbers_are_counted_where_they_stand() -> None:
    page = "<main><h2>Drops</h2><p>1,204 of 9 <b>−3.5</b></p><h2>Replies to read</h2><p>417</p></main>"
    assert numbers_in(tokens_of(page, "html")) == (3, 1)
    assert NUMBER.findall("+3.1 to −0.4, 90 %") == ["+3.1", "−0.4", "90"]


def test_only_numbers_and_states_tell() -> None:
    assert tells(Problem("", "pass", "regressed"))
    assert tells(Problem("", "3.1 points", "3.2 points"))
    assert not tells(Problem("", "the drop, 3.1", "drop: 3.1"))


def test_a_verdict_is_judged_again(copy: Path) -> None:
    names = ("kv-cache/f16", "kv-cache/q4")
    harness("gate", *names, "--policy", "gate.toml", "-o", "g.json", "-o", "g.md", cwd=copy)
    harness("gate", *names, "kv-cache/bad", "--policy", "gate.toml", "-o", "s.json", "-o", "s.md", cwd=copy)
    files = ("g.json", "g.md", "s.json", "s.md")
    done = verify(copy, *files, "--policy", "gate.toml")
    assert done.returncode == 0, done.stdout
    assert "cannot be said" not in done.stdout
    assert "another policy" in verify(copy, "g.json").stderr
    for file in files:
        text = (copy / file).read_text()
        place = text.rindex("exit_code") if file == "g.json" else text.index("7")
        digit = re.compile(r"\d").search(text, place)
        assert digit
        changed = str(9 - int(digit[0]))
        (copy / file).write_text(text[: digit.start()] + changed + text[digit.end() :])
        assert verify(copy, file, "--policy", "gate.toml").returncode == 1, file
    shutil.rmtree(copy / "results/kv-cache/q4")
    assert verify(copy, "g.json", "--policy", "gate.toml").returncode == 4


def test_a_verdict_knows_the_replies_it_was_given_from(copy: Path) -> None:
    names = ("kv-cache/f16", "kv-cache/q4")
    harness("gate", *names, "--policy", "gate.toml", "-o", "g.json", "-o", "g.md", cwd=copy)
    sources = dict(json.loads((copy / "g.json").read_text())["sources"])
    file = "kv-cache/q4/samples.jsonl"
    assert sources[file] == hashlib.sha256((copy / "results" / file).read_bytes()).hexdigest()
    assert {"kv-cache/f16/run.json", "kv-cache/bad/samples.jsonl"} <= set(sources), "the positive control has a say"
    run = copy / "results/kv-cache/q4/run.json"
    run.write_text(run.read_text() + "\n")
    told = verify(copy, "g.json", "--policy", "gate.toml")
    assert told.returncode == 4
    assert "kv-cache/q4/run.json" in told.stdout
    assert "changed since: sha256" in told.stdout
    assert "samples.jsonl" not in told.stdout
    assert "changed since" in verify(copy, "g.md", "--policy", "gate.toml").stdout
    (copy / "old.md").write_text(re.sub(r" evidence [0-9a-f]{8};", "", (copy / "g.md").read_text()))
    assert "names no runs" in verify(copy, "old.md").stderr


FIGURES = """\
Some words, and figures:

<!-- harness verify: compare kv-cache/f16 kv-cache/q4 --policy gate.toml -->
```text
$ harness compare kv-cache/f16 kv-cache/q4 --policy gate.toml
{}
```
"""


def test_marked_figures_of_a_readme_are_printed_again(copy: Path) -> None:
    printed = harness("compare", "kv-cache/f16", "kv-cache/q4", "--policy", "gate.toml", cwd=copy).stdout.rstrip()
    lines = printed.splitlines()
    readme = copy / "README.md"
    for shown in (printed, "\n".join([*lines[:3], "…", lines[-1]]), "…\n" + lines[2] + "\n..."):
        readme.write_text(FIGURES.format(shown))
        done = verify(copy, "README.md")
        assert done.returncode == 0, done.stdout
    for altered in (printed + "\nmore", "\n".join(lines[:-1]), "…\n" + "\n".join([lines[2], lines[1]])):
        readme.write_text(FIGURES.format(altered))
        assert verify(copy, "README.md").returncode == 1, altered
    for digit in list(re.finditer(r"\d", printed))[::7]:
        readme.write_text(FIGURES.format(printed[: digit.start()] + str(9 - int(digit[0])) + printed[digit.end() :]))
        found = check_figure(figures_of(readme.read_text(), "README.md")[0], printed)
        assert len(found) == 1
    readme.write_text(FIGURES.replace("compare kv-cache/f16", "compare kv-cache/f17").format(printed))
    assert verify(copy, "README.md").returncode == 4


@pytest.mark.parametrize(
    ("mark", "told"),
    [
        ("run sweep.toml", "no command that reads runs"),
        ("gate a b -o x.json", "must not write"),
        ("compare 'a", "cannot be read"),
        ("report s", "must be printed"),
    ],
)
def test_a_mark_that_is_no_reading_command_is_refused(mark: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        figures_of(f"<!-- harness verify: {mark} -->\n```\n1\n```\n", "README.md")


def test_a_mark_needs_a_block() -> None:
    for text in ("", "\nwords", "\n```\n1\n"):
        with pytest.raises(ConfigError, match="block"):
            figures_of(f"<!-- harness verify: gate a b -->{text}", "README.md")


def test_marks_that_are_shown_and_not_meant_are_left_alone() -> None:
    shown = "````\n<!-- harness verify: gate a b -->\n```\n1\n```\n````\n"
    meant = "<!-- harness verify: gate c d -->\n\n~~~text\n2\n~~~\n"
    assert [figure.command for figure in figures_of(shown + meant, "x.md")] == [("gate", "c", "d")]
    assert len(figures_of((ROOT / "docs/verify.md").read_text(), "verify.md")) == 0


def test_long_pages_are_compared_section_by_section() -> None:
    page = "<h2>A</h2>" + "".join(f"<p>{number}</p>" for number in range(2_000))
    altered = page.replace("<p>7</p>", "<p>8</p>").replace("<p>1990</p>", "<p>1991</p>")
    found = differences(tokens_of(altered, "html"), tokens_of(page, "html"))
    assert {(problem.where, problem.printed, problem.expected) for problem in found} >= {("A", "8", ""), ("A", "", "7")}
