"""The report in a real browser, from disk and without a network: nothing runs, nothing is asked for, all can use it.

Skipped where Chromium, Node or the npm packages are missing; with HARNESS_REQUIRE_BROWSER=1 they are installed, and
missing ones are an error.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from browser.chromium import install, look_at, missing
from browser.corpus import ASK, CORPUS
from render_data import excerpts as plain_excerpts
from render_data import judged, made_result, made_run, sweep_of_four
from test_render_money import declared, three, two

from harness.declared import Claim
from harness.records import ReplyError, Result
from harness.render import Excerpt, render_report
from harness.store import Run

REQUIRED = os.environ.get("HARNESS_REQUIRE_BROWSER") == "1"
SIZES = {"phone": (360, 740), "laptop": (1280, 800), "wall": (3840, 2160)}
TEXTS = list(CORPUS.values())


def hostile_result(i: int, text: str, *, correct: bool) -> Result:
    made = made_result(
        f"{text}/{i}", correct=correct, mode=f"{text} m", task=f"{text} t", context=i, text=f"r {text}",
        answer=(text, f"a {text}"), reasoning=f"why {text}", evidence=f"e {text}",
    )  # fmt: skip
    reply = replace(made.reply, served_model=text)
    return replace(made, gold=(text, "gold"), reply=reply, axes={**made.axes, text[:99]: text})


def hostile_excerpts(run: Run, result: Result) -> Excerpt:
    text = result.gold[0]
    return Excerpt(f"b {text}", f"n {text}", f"a {text}", f"q {text}")


def page_of_samples() -> str:
    """Every text in every field of a sample: half are lost answers, half have no score."""
    baseline = [hostile_result(i, text, correct=True) for i, text in enumerate(TEXTS)]
    candidate = [
        hostile_result(i, text, correct=False)
        if i % 2
        else replace(
            hostile_result(i, text, correct=False),
            outcome="invalid",
            score=None,
            reply=replace(baseline[i].reply, error=ReplyError(kind="server_error", message=text)),
        )
        for i, text in enumerate(TEXTS)
    ]
    runs = [made_run("base", baseline, role="baseline"), made_run("cand", candidate)]
    alone = made_run("alone", [hostile_result(i, text, correct=False) for i, text in enumerate(TEXTS)])
    return render_report([*runs, alone], [judged(*runs, margin=0.9)], excerpts=hostile_excerpts)


def page_of_names() -> str:
    """Every text as the name of a model, in what it says of itself, in notes and in claims."""
    same = [made_result(f"s{i}", context=i, correct=i % 3 > 0, mode="refusal") for i in range(6)]
    baseline = made_run("base", same, role="baseline")
    named = [
        made_run(f"{text[:4000]}{i}", [replace(result, reply=replace(result.reply, text=text)) for result in same],
                 kind=text[:99], identity={text[:999]: text[:9999], "n": {text[:50]: [text[:999]]}})
        for i, text in enumerate(TEXTS)
    ]  # fmt: skip
    verdict = replace(judged(baseline, named[0], margin=0.9), notes=tuple(TEXTS), policy=TEXTS[0], icc_source=TEXTS[5])
    claims = tuple(
        Claim(model=run.info.model, about="quality", value=50, source=text, date=text[:99], says=text)
        for run, text in zip(named, TEXTS, strict=True)
        if text.isprintable()  # a sweep's file is TOML, which holds no lone surrogate
    )
    stated = replace(declared(), claims=claims)
    return render_report(
        [baseline, *named],
        [verdict],
        excerpts=hostile_excerpts,
        caveats=[text[:5000] for text in TEXTS],
        declared=stated,
    )


def page_in_full() -> str:
    """A page with every section: four models with verdicts, prices, machines, claims."""
    runs, verdicts = sweep_of_four()
    stated = declared(claims=(Claim(model="own", about="quality", value=90, source="a page", date="2026-01-01"),))
    return render_report([*runs, *two()[1:]], verdicts, excerpts=plain_excerpts, caveats=["One."], declared=stated)


def page_with_prices() -> str:
    """A page whose first screen says what is saved."""
    runs, stated = three()
    return render_report(runs, [judged(*runs[::2])], excerpts=plain_excerpts, declared=stated)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What the browser says of all pages, in one start."""
    if REQUIRED:
        install()
    if lacking := missing():
        assert not REQUIRED, f"required, and missing: {lacking}"
        pytest.skip(f"missing: {lacking}; HARNESS_REQUIRE_BROWSER=1 installs the npm packages")
    folder = tmp_path_factory.mktemp("pages")
    written = {
        "samples": page_of_samples(),
        "names": page_of_names(),
        "raw": "<!doctype html><title>x</title>" + "<hr>".join([*TEXTS[:2], CORPUS["image"]]),
        "full": page_in_full(),
        "priced": page_with_prices(),
    }
    files = {name: folder / f"{name}.html" for name in written}
    for name, html in written.items():
        files[name].write_bytes(html.encode())
    return look_at([*hostile_jobs(files), *looks(files["full"]), *edits(files["priced"])])


def hostile_jobs(files: dict[str, Path]) -> list[dict[str, object]]:
    typed = [CORPUS["selector"], CORPUS["jinja"], "<img src=x onerror=window.ran=1>"]
    return [
        {
            "name": "samples",
            "file": str(files["samples"]),
            "use": typed,
            "values": {"title": "document.title", "h1": H1},
        },
        {"name": "names", "file": str(files["names"]), "use": typed, "values": {"h1": H1}},
        {"name": "raw", "file": str(files["raw"]), "axe": True},
    ]


H1 = "[...document.querySelectorAll('h1')].map((each) => getComputedStyle(each).visibility).join()"
COUNTED = """(() => {
  const search = document.getElementById("filter-text"), type = (text) => {
    search.value = text; search.dispatchEvent(new Event("input", {bubbles: true}));
    return [...document.querySelectorAll("details.case")].filter((each) => !each.hidden).length; };
  return [type(""), type("no such text"), type("truncated.answer")]; })()"""

LED = """[...document.querySelectorAll("a.lead-to")].map((link) => {
  link.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
  const shown = [...document.querySelectorAll("details.case")].filter((each) => !each.hidden);
  const keys = ["model", "task", "length", "depth", "mode"].filter((key) => link.dataset[key]);
  return shown.includes(document.querySelector(link.getAttribute("href")).closest("details"))
    && shown.every((each) => keys.every((key) => each.dataset[key] === link.dataset[key])); })"""
EDITED = """(() => {
  const field = document.querySelector("#money input"), notes = [...document.querySelectorAll(".edited")];
  const figures = () => [...document.querySelectorAll("#money output")].map((each) => each.textContent).join();
  const first = () => [...document.querySelectorAll("#verdict .saving b")].map((each) => each.textContent).join();
  const look = () => ({told: notes.length && notes.every((each) => !each.hidden), figures: figures(), first: first()});
  const before = look();
  field.value = "77"; field.dispatchEvent(new Event("input", {bubbles: true}));
  const changed = look();
  document.getElementById("money-reset").click();
  return [before, changed, look()]; })()"""
OPEN = """(() => {
  const places = [...document.querySelectorAll("details.case")].filter((each) => each.open);
  return [places.length, places[0]?.querySelector("dl").id, document.getElementById("filter").hidden]; })()"""


def looks(file: Path) -> list[dict[str, object]]:
    """The same page at three widths, light and dark, shut and open, and by the keyboard."""
    page = {"file": str(file), "axe": True}
    return [
        {**page, "name": "phone", "size": SIZES["phone"], "open": True},
        {**page, "name": "laptop", "size": SIZES["laptop"]},
        {**page, "name": "dark", "size": SIZES["laptop"], "dark": True, "open": True},
        {**page, "name": "wall", "size": SIZES["wall"]},
        {"file": str(file), "name": "keys", "tabs": 400, "values": {"counted": COUNTED, "led": LED}},
        {"file": str(file), "name": "bare", "noscript": True, "anchor": "#reply-1-2", "values": {"open": OPEN}},
    ]


def edits(file: Path) -> list[dict[str, object]]:
    return [{"file": str(file), "name": "edited", "values": {"edited": EDITED}}]


@pytest.mark.parametrize("name", ["samples", "names"])
def test_hostile_text_runs_nothing_and_asks_for_nothing(seen, name):
    found = seen[name]
    assert found["ran"] is None
    assert found["asked"] == []
    assert found["events"] == []
    assert found["values"]["h1"] == "visible"
    assert found["wide"] <= 0


def test_the_same_texts_unescaped_do_run_and_ask(seen):
    """Or the test above could not fail."""
    found = seen["raw"]
    assert found["ran"]
    assert any(address.startswith(ASK) for address in found["asked"])
    assert found["events"]


@pytest.mark.parametrize("name", ["phone", "laptop", "dark", "wall"])
def test_axe_finds_nothing(seen, name):
    assert seen[name]["axe"] == []
    assert any(found.startswith("html-has-lang") for found in seen["raw"]["axe"])


@pytest.mark.parametrize("name", ["phone", "laptop", "wall"])
def test_the_page_is_no_wider_than_the_screen(seen, name):
    assert seen[name]["wide"] <= 0


@pytest.mark.parametrize("name", ["phone", "laptop", "dark", "wall", "keys"])
def test_the_browser_has_nothing_to_say(seen, name):
    assert (seen[name]["events"], seen[name]["asked"]) == ([], [])


def test_the_keyboard_reaches_all_and_the_focus_is_seen(seen):
    reached = seen["keys"]["tabs"]
    names = [each["name"] for each in reached]
    assert {"input filter-text", "button filter-expand"} <= set(names)
    assert sum(name.startswith("summary") for name in names) > 20
    assert [each["name"] for each in reached if not each["seen"]] == []


def test_links_from_red_places_lead_to_their_replies(seen):
    led = seen["keys"]["values"]["led"]
    assert len(led) > 20
    assert all(led)


def test_without_scripts_a_link_still_opens_its_reply(seen):
    assert seen["bare"]["values"]["open"] == [1, "reply-1-2", True]


def test_the_filter_shows_what_fits(seen):
    everything, nothing, some = seen["keys"]["values"]["counted"]
    assert everything > some > nothing == 0


def test_a_changed_price_moves_its_section_and_the_first_screen_says_that_it_stays(seen):
    before, changed, reset = seen["edited"]["values"]["edited"]
    assert (before["told"], changed["told"], reset["told"]) == (False, True, False)
    assert changed["figures"] != before["figures"] == reset["figures"]
    assert before["first"] == changed["first"] != ""
