"""How far a candidate reaches: the effective length, the reach of a verdict, the first screen, depth, kinds of failure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from render_data import excerpts, judged, made_result, made_run, simulated_run
from test_render_parts import row
from test_render_report import Page, text_of

from harness.declared import Decision, Declared, parse_declared
from harness.gate.kinds import kinds_of_failure, shift_sentences
from harness.gate.reach import reach_of
from harness.gate.verdict import VerdictRow
from harness.records import Usage
from harness.render import render_report
from harness.render.arms import make_arms
from harness.render.effective import FRACTION, between, make_lengths, reached
from harness.render.maps import DEPTHS, MOST_MAPPED, make_maps
from harness.render.modes import make_modes
from harness.render.positions import make_positions
from harness.render.room import FEWEST_PICTURED, PICTURED, pictured
from harness.stats import EffectiveLength
from harness.store import pair

K = 1024
SECTIONS = ("verdict", "settle", "change", "lengths", "maps", "modes", "money", "replies", "about")
"""Ids of the numbered sections in the order in which a report is read."""

SWEEP = """
[sweep]
name = "kv-cache"
lengths = [1024, 4096, 16384]
contexts = 60
[[task]]
name = "retrieval.exact"
[[model]]
name = "f16"
role = "baseline"
adapter = "oracle"
price = { input = 2.0, output = 4.0 }
[[model]]
name = "q4"
adapter = "oracle"
price = { input = 1.0, output = 2.0 }
"""


def at(length: int | None, state: str, **changes: object) -> VerdictRow:
    return replace(row(0.0, -0.01, 0.02, state=state), length=length, **changes)  # type: ignore[arg-type]


def degraded(model: str, rates: dict[int, float], role: str = "candidate", contexts: int = 80):
    """Return a run with exactly these shares wrong at each length, each context asked once, depths in turn."""
    results = [
        made_result(
            f"{length}/{context}",
            correct=context >= round(rate * contexts),
            mode="hallucinated" if role == "candidate" else "refusal",
            length=length,
            context=context,
            depth=(context % 10) / 10 + 0.05,
        )
        for length, rate in rates.items()
        for context in range(contexts)
    ]
    return made_run(model, results, role=role, kind="simulated")


@pytest.fixture(scope="module")
def two() -> tuple[list, list]:
    runs = [
        degraded("f16", {K: 0.0, 4 * K: 0.0, 16 * K: 0.05}, role="baseline"),
        degraded("q4", {K: 0.0, 4 * K: 0.0, 16 * K: 0.5}),
    ]
    return runs, [judged(*runs)]


@pytest.fixture(scope="module")
def page(two) -> str:
    return render_report(*two, excerpts=excerpts)


def test_the_nine_sections_stand_in_their_order_and_are_numbered(page):
    ids = [attrs.get("id") for name, attrs in Page(page).elements if name == "section"]
    assert [name for name in ids if name in SECTIONS] == list(SECTIONS)
    assert page.count("<h2>") == len(SECTIONS)
    contents = page.split("<nav")[1].split("</nav>")[0]
    assert [part.split('"')[0] for part in contents.split('<li><a href="#')[1:]] == list(SECTIONS)
    assert "counter-increment: part" in page


def test_the_verdict_names_the_length_above_which_it_must_not_be_shipped(two, page):
    (verdict,) = two[1]
    assert verdict.state == "regressed"
    assert verdict.sentence.startswith(
        "Do not ship q4 above 4k tokens: on retrieval.exact at 16k it answers 45.0 points"
    )
    assert verdict.sentence in text_of(page.split("</header>")[0])


def test_the_reach_ends_at_the_first_length_that_does_not_pass():
    found = reach_of([at(K, "pass"), at(2 * K, "pass"), at(4 * K, "inconclusive"), at(8 * K, "pass")])
    assert (found.proven, found.lost, found.limited) == (2 * K, None, True)
    found = reach_of([at(8 * K, "regressed"), at(K, "pass"), at(None, "regressed", scope="overall")])
    assert (found.proven, found.lost, found.tested) == (K, 8 * K, (K, 8 * K))
    assert reach_of([at(K, "pass"), at(K, "inconclusive", part="lang=de")]).proven is None
    assert not reach_of([at(K, "pass"), at(2 * K, "pass")]).limited
    assert reach_of([]) == reach_of([at(K, "regressed", required=False)])
    assert reach_of([at(K, "inconclusive", assessable=False), at(2 * K, "pass")]).proven == 2 * K


@given(st.lists(st.sampled_from(["pass", "regressed", "inconclusive"]), min_size=1, max_size=8), st.integers(0, 7))
def test_a_worse_row_never_lengthens_the_reach(states, index):
    rows = [at(K * 2**i, state) for i, state in enumerate(states)]
    worse = [at(K * 2**i, "regressed" if i == index else state) for i, state in enumerate(states)]
    assert (reach_of(worse).proven or 0) <= (reach_of(rows).proven or 0)


def test_open_ends_of_lengths_are_written_as_open():
    tested = (K, 4 * K, 128 * K)
    assert [reached(length, tested) for length in (None, K, 4 * K, 128 * K)] == [
        "below 1k",
        "1k",
        "4k",
        "at least 128k",
    ]
    ends = [(None, None), (None, K), (K, 128 * K), (4 * K, 4 * K), (128 * K, 128 * K), (None, 128 * K)]
    assert [between(EffectiveLength(None, *each), tested) for each in ends] == [
        "below 1k",
        "below 1k to 1k",
        "1k to at least 128k",
        "4k",
        "at least 128k",
        "below 1k to at least 128k",
    ]


def test_the_effective_length_is_held_against_the_baseline_at_its_shortest_length(two):
    arms = make_arms(*two)
    (table,) = make_lengths(arms)
    base, cand = table.curves
    assert (table.task, table.lengths) == ("retrieval.exact", (K, 4 * K, 16 * K))
    assert base.threshold == cand.threshold == FRACTION
    assert (base.reached, cand.reached) == ("at least 16k", "4k")
    assert (cand.between, cand.reach.proven, cand.reach.lost) == ("4k", 4 * K, 16 * K)
    assert base.reach is None
    assert [point.share.value for point in cand.points] == [1.0, 1.0, 0.5]
    assert [point.x for point in cand.points] == sorted(point.x for point in cand.points)
    own = make_lengths(make_arms([degraded("alone", {K: 0.2, 4 * K: 0.4})], []))[0].curves[0]
    assert own.threshold == pytest.approx(FRACTION * 0.8)
    assert own.base == own.arm


def test_a_stated_threshold_holds_for_every_model(two):
    (table,) = make_lengths(make_arms(*two), 0.5)
    assert [(curve.threshold, curve.stated, curve.reached) for curve in table.curves] == [
        (0.5, True, "at least 16k"),
        (0.5, True, "at least 16k"),
    ]
    stated = Declared(decision=Decision(effective_at=0.5))
    text = text_of(render_report(*two, excerpts=excerpts, declared=stated))
    assert "Up to where it answers at least 50.0 %, as stated: at least 16k" in text
    assert "stated in the sweep" in text
    assert "at its shortest length" not in text


def test_all_tasks_stand_together_where_they_were_asked_alike():
    tasks = [("a", (K, 4 * K)), ("b", (K, 4 * K)), ("c", (K,)), ("d", (K, 2 * K))]
    results = [
        made_result(f"{task}/{length}/{i}", task=task, length=length, context=i, correct=task == "a")
        for task, lengths in tasks
        for length in lengths
        for i in range(4)
    ]
    tables = make_lengths(make_arms([made_run("m", results)], []))
    assert [(table.task, table.tasks) for table in tables] == [
        ("", ("a", "b")),
        ("a", ("a",)),
        ("b", ("b",)),
        ("d", ("d",)),
    ]
    assert [point.share.value for point in tables[0].curves[0].points] == [0.5, 0.5]
    assert [point.share.n for point in tables[0].curves[0].points] == [8, 8]


def test_the_section_on_lengths_shows_curve_numbers_and_limits(page):
    section = page.split('<section id="lengths">')[1].split("</section>")[0]
    text = text_of(section)
    assert section.count('<svg class="curve"') == 2
    assert "q4 simulated 4k 4k 85.0 of the baseline's 100.0 at 1k 4k 16k 80" in text
    assert "f16 simulated at least 16k" in text
    assert "50.0 39.3 to 60.7 n 80" in text
    assert "share right by length; effective length 4k, 95 % interval 4k" in section
    one = render_report([degraded("one", {K: 0.1})], excerpts=excerpts)
    assert "No task was asked at more than one length" in text_of(one)


def with_usage(run, prompt: int):
    usage = Usage(prompt_tokens=prompt, completion_tokens=10)
    return replace(run, results=tuple(replace(each, reply=replace(each.reply, usage=usage)) for each in run.results))


def test_the_first_screen_says_what_is_saved_or_that_it_is_not_known(two, page):
    declared = parse_declared(SWEEP, "sweep.toml")

    def first(runs, **more):
        return text_of(render_report(runs, two[1], excerpts=excerpts, **more).split("</header>")[0])

    assert "no prices were stated" in text_of(page.split("</header>")[0])
    assert "the price, or what the servers counted, is not known of both" in first(two[0], declared=declared)
    told = first([with_usage(run, 1000) for run in two[0]], declared=declared)
    assert "At the stated prices 50.0 % less for 1,000 tasks (1.02, 95 % interval 1.02 to 1.02; baseline 2.04)" in told
    assert "41.0 % less for 1,000 right answers (1.22, interval 1.16 to 1.31; baseline 2.07)" in told
    assert "tokens measured here (n 240 and 240) and prices declared" in told


def test_several_candidates_stand_side_by_side_on_the_first_screen(two):
    (base, cand), (verdict,) = two
    same = degraded("same", {K: 0.0, 4 * K: 0.0, 16 * K: 0.05})
    html = render_report([base, cand, same], [verdict, judged(base, same)], excerpts=excerpts)
    table = text_of(html.split('<table class="overview"')[1].split("</table>")[0])
    assert "q4 simulated ✕ regressed 4k 16k +15.0" in table
    assert "n 240 4k 4k" in table
    assert "same simulated ✓ pass 16k the longest tested none proven 0.0" in table


def test_the_profile_by_depth_has_the_drop_beside_the_share(two):
    (group,) = make_positions(make_arms(*two))
    base, cand = group.profiles
    assert [part.depth for part in cand.parts] == list(DEPTHS)
    assert [part.right.n for part in cand.parts] == [48] * 5
    assert [part.drop for part in base.parts] == [None] * 5
    assert all(
        part.drop.value == pytest.approx(before.right.value - part.right.value)
        for before, part in zip(base.parts, cand.parts, strict=True)
    )
    nowhere = make_arms([made_run("m", [made_result("a", depth=None)])], [])
    assert make_positions(nowhere) == ()


def test_the_shift_of_failure_modes_is_tested_and_said(two, page):
    (table,) = make_modes(make_arms(*two))
    rows = {each.mode: each for each in table.rows}
    assert rows["hallucinated"].p == "<0.001"
    assert rows[""].p == ""
    said = " ".join(table.sentences)
    assert "The mix of outcomes, right answers among them, differs beyond chance (p <0.001)." in said
    assert "More frequent than in the baseline: hallucinated (0 to 40 replies)." in said
    assert "The 36 replies that only the candidate got wrong fail in another mix of modes" in said
    assert "Of 4 replies that both got wrong, 0 fail alike" in said
    assert all(sentence in text_of(page) for sentence in table.sentences)


def test_what_is_not_shown_to_differ_is_not_called_the_same(two):
    base, _ = two[0]
    calm = kinds_of_failure(pair(base, made_run("same", base.measured, kind="simulated")).pairs)
    assert shift_sentences(calm, 0.05)[0].startswith("No other mix of outcomes is shown (p 1.000)")


def test_rows_beyond_the_room_are_listed_in_short_the_worst_first():
    few = [at(K, "pass")] * 5
    assert pictured(few, 1) == (few, ())
    rows = [at(K * (i + 1), "regressed" if i == PICTURED + 5 else "pass") for i in range(PICTURED + 10)]
    shown, brief = pictured(rows, 1)
    assert (len(shown), len(brief)) == (PICTURED, 10)
    assert shown[0].state == "regressed"
    assert len(pictured(rows, PICTURED)[0]) == FEWEST_PICTURED


def test_very_many_maps_are_cut_to_those_that_lost_most():
    models = [simulated_run(f"m{i:02}", {K: 0.1 + i / 100}, contexts=2) for i in range(MOST_MAPPED + 4)]
    base = simulated_run("base", {K: 0.0}, contexts=2, role="baseline")
    (group,) = make_maps(make_arms([base, *models], []))
    assert (len(group.models), group.asked) == (MOST_MAPPED, MOST_MAPPED + 5)
    assert group.models[0][0].arm.label == "base"


def test_a_plan_that_saw_no_damage_is_told_in_words(two):
    base, _ = two[0]
    same = degraded("same", {K: 0.0, 4 * K: 0.0, 16 * K: 0.05})
    blind = replace(judged(base, same), state="insensitive", controls=(("kv-cache/damaged", "pass"),))
    text = text_of(render_report([base, same], [blind], excerpts=excerpts))
    assert "No row is undecided." in text
    assert "this plan did not find the positive control worse ( kv-cache/damaged ✓ pass )" in text
