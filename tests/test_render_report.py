from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from render_data import excerpts, judged, made_result, made_run, simulated_run, sweep_of_four

from harness.errors import ConfigError, UnknownName
from harness.gate.emit.table import SHAPES
from harness.records import ReplyError
from harness.render import render_report
from harness.store import Run

VOID = {"meta", "link", "input", "col", "br", "hr", "img"}
CSP = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


class Page(HTMLParser):
    """Elements in order with their attributes; raises on a tag that closes nothing."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), f"an attribute stands twice in {self.get_starttag_text()}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def text_of(html: str) -> str:
    """Return the text of a page with single spaces."""
    words: list[str] = []
    parser = HTMLParser()
    parser.handle_data = words.append  # type: ignore[method-assign]
    parser.feed(html)
    return " ".join(" ".join(words).split())


def small_runs() -> tuple[Run, Run]:
    """Four questions: the candidate loses one, gains none, both miss one."""
    names = ("a", "b", "c", "d")
    baseline = [made_result(name, context=i, correct=name != "d", mode="refusal") for i, name in enumerate(names)]
    candidate = [
        made_result(
            name, context=i, correct=name in "ab", mode="hallucinated", answer=("7301946",), text="It is 7301946"
        )
        for i, name in enumerate(names)
    ]
    return made_run("base", baseline, role="baseline"), made_run("cand", candidate)


@pytest.fixture(scope="module")
def four() -> str:
    runs, verdicts = sweep_of_four()
    return render_report(runs, verdicts, excerpts=excerpts, caveats=["The weights are an upcast."])


def test_the_page_is_well_formed(four):
    page = Page(four)
    assert page.open == []
    assert four.lstrip().startswith("<!doctype html>")
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == len(page.all("title")) == 1
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"] for attrs in page.all("a")} <= {f"#{name}" for name in ids}


def test_the_page_asks_the_network_for_nothing(four):
    page = Page(four)
    assert {"http-equiv": "Content-Security-Policy", "content": CSP} in page.all("meta")
    targets = [attrs[key] for _, attrs in page.elements for key in ("src", "href", "action", "srcset") if key in attrs]
    assert targets
    assert all(target.startswith(("#", "data:")) for target in targets)
    assert not any(word in four for word in ("http://", "https://", "url(", "@import", "fetch(", "<iframe", "<object"))


def test_charts_and_tables_can_be_heard(four):
    page = Page(four)
    assert all("aria-label" in svg or svg.get("aria-hidden") == "true" for svg in page.all("svg"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all("scope" in cell for cell in page.all("th"))


def test_same_runs_same_bytes(tmp_path):
    code = (
        "from render_data import *; from harness.render import render_report;"
        "runs, verdicts = sweep_of_four();"
        "print(render_report(runs, verdicts, excerpts=excerpts))"
    )
    here = Path(__file__).parent
    pages = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{here}{os.pathsep}{here.parent}", "TZ": zone},
            cwd=tmp_path,
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(pages) == 1


def test_the_first_screen_answers_the_question(four):
    _, verdicts = sweep_of_four()
    first = text_of(four.split("</header>")[0])
    assert {verdict.state for verdict in verdicts} == {"pass", "inconclusive", "regressed"}
    assert "May these models replace kv-f16?" in first
    assert "Of 2 candidates (the positive control, damaged on purpose, apart): 1 ? inconclusive , 1 ✓ pass ." in first
    for verdict in verdicts:
        assert f"{SHAPES[verdict.state]} {verdict.state}" in first
        assert verdict.sentence in first
        assert all(note in first for note in verdict.notes)
    assert "240 paired replies on 60 independent contexts" in first
    assert first.index("Can this test see damage?") < first.index("weights-q4_0, damaged on purpose, is found worse")


def test_what_would_settle_it_is_said_for_open_rows(four):
    _, verdicts = sweep_of_four()
    needed = [row.more_contexts for row in verdicts[1].rows if row.state == "inconclusive"]
    settle = text_of(four.split('<section id="settle">')[1].split("</section>")[0])
    assert None in needed
    for number in needed:
        assert ("no number would" if number is None else f"about {number}") in settle
    assert "kv-q8_0" not in settle


def test_made_up_models_are_labelled_wherever_they_are_named(four):
    named = four.split('<span class="model">')[1:]
    assert len(named) > 20
    assert all('<span class="tag made-up">simulated</span>' in part[:200] for part in named)


def test_every_number_of_a_small_comparison_appears():
    baseline, candidate = small_runs()
    verdict = judged(baseline, candidate)
    text = text_of(render_report([baseline, candidate], [verdict], excerpts=lambda run, result: None))
    (row,) = verdict.rows
    assert (row.losses, row.gains, row.drop.n) == (1, 0, 4)
    change = text[text.index("Change from the baseline") : text.index("Up to which length it holds")]
    for part in ("n 4 on 4 contexts", "75.0", "50.0", "1 / 0", "+25.0", "5.0", row.reason):
        assert part in change
    for estimate in (row.baseline, row.candidate, row.drop):
        assert f"{100 * abs(estimate.low):.1f}" in change
        assert f"{100 * abs(estimate.high):.1f}" in change
    modes = text[text.index("How it fails Of") : text.index("Replies to read Of each")]
    assert "hallucinated 0.0" in modes
    assert "refusal 25.0" in modes
    assert "all wrong answers 25.0" in modes
    for part in ("1 of 1 lost, 1 of 1 wrong", "harness show kv-cache/cand c", "7301946"):
        assert part in text


def test_without_a_verdict_the_page_decides_nothing():
    baseline, candidate = small_runs()
    html = render_report([baseline, candidate], excerpts=lambda run, result: None)
    text = text_of(html)
    assert "No verdict: no policy was applied" in text.split("Shares right")[0]
    assert "75.0 30.1 to 95.4, n 4" in text
    assert "drop from base" in text
    assert "No policy was applied." in text
    assert 'class="verdict' not in html
    assert Page(html).open == []


def test_a_run_alone_and_an_empty_one_are_shown():
    alone = made_run("alone", [made_result("a"), made_result("b", correct=False)])
    text = text_of(render_report([alone], excerpts=excerpts))
    assert "What the model answered" in text
    assert "unattributed" in text
    empty = text_of(render_report([made_run("empty", [], planned=8)], excerpts=excerpts))
    assert "No reply has a score." in empty
    assert "of 8 planned replies, 8 were never answered" in empty


def test_replies_without_a_score_are_on_the_first_screen():
    error = ReplyError(kind="timeout", message="no answer within 60 s")
    results = [made_result("a"), made_result("b", error=error), made_result("c", error=error)]
    html = render_report([made_run("slow", results, planned=5)], excerpts=excerpts)
    first = text_of(html.split("</header>")[0])
    assert (
        "slow : of 5 planned replies, 2 failed for reasons that are not the model's (timeout 2) and 2 were never"
        in first
    )
    assert "no answer within 60 s" in text_of(html)


def test_runs_that_cannot_be_compared_give_no_differences():
    baseline, candidate = small_runs()
    other = made_run("cand", [made_result("zzz", length=2048)], planned=4)
    verdict = judged(baseline, other)
    html = render_report([baseline, other], [verdict], excerpts=excerpts)
    assert verdict.state == "invalid"
    assert "! invalid" in text_of(html.split("</header>")[0])
    assert "drop from" not in text_of(html)
    assert candidate.info.name == other.info.name


def test_a_run_without_a_verdict_stands_beside_judged_ones():
    baseline, candidate = small_runs()
    oracle = made_run("oracle", [made_result("a"), made_result("b")], kind="control")
    html = render_report(
        [baseline, candidate, oracle], [judged(baseline, candidate)], excerpts=lambda run, result: None
    )
    shares = text_of(html.split('<section id="shares">')[1].split("</section>")[0])
    assert "oracle control" in shares
    assert "100.0" in shares
    assert "base" not in shares.split("Where")[1]


def test_runs_of_two_sweeps_are_named_in_full():
    runs = [made_run("m", [made_result("a")], sweep=sweep) for sweep in ("one", "two")]
    text = text_of(render_report(runs, excerpts=excerpts))
    assert "one/m" in text
    assert "two/m" in text


def test_runs_that_do_not_fit_are_refused():
    baseline, candidate = small_runs()
    with pytest.raises(ConfigError, match="at least one run"):
        render_report([], excerpts=excerpts)
    with pytest.raises(ConfigError, match="share a name"):
        render_report([baseline, baseline], excerpts=excerpts)
    with pytest.raises(UnknownName, match="not in the report"):
        render_report([candidate], [judged(baseline, candidate)], excerpts=excerpts)


def test_what_the_report_does_not_show_is_read_off_the_runs(four):
    limits = text_of(four.split("What this does not show</h3>")[1].split("</section>")[0])
    assert limits.startswith("The weights are an upcast.")
    assert "kv-f16 (simulated)" in limits
    assert "beyond 8k tokens, nor for other work than retrieval.exact" in limits
    twice = made_run("m", [made_result("a"), made_result("a", replicate=1)])
    assert "asked once" in limits
    assert "asked once" not in text_of(render_report([twice], excerpts=excerpts))


def test_what_answered_and_the_terms_are_shown(four):
    text = text_of(four)
    assert "answered.seed 1" in text
    assert "gate.toml" in text
    assert "0.05 (policy)" in text
    assert "lengths in tokens 1k, 8k" in text
    assert "packages.scipy 1.17.1" in text


def test_excerpts_are_asked_for_what_is_shown_and_no_more():
    run = simulated_run("many", {1024: 0.9}, contexts=60)
    asked = []

    def count(run, result):
        asked.append(result.sample_id)

    render_report([run], excerpts=count)
    assert len(asked) == len(set(asked)) == 40


def test_the_baseline_is_shown_first_and_the_positive_control_last():
    runs, verdicts = sweep_of_four()
    html = render_report(runs[::-1], verdicts[::-1], excerpts=excerpts)
    maps = text_of(html.split('<section id="maps">')[1].split("<details")[0])
    assert maps.index("kv-f16 simulated") < maps.index("kv-q4_0 simulated") < maps.index("weights-q4_0 simulated")
