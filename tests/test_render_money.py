from __future__ import annotations

import html as escapes
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from render_data import judged, made_result, made_run, simulated_run
from test_render_hostile import HOSTILE
from test_render_report import Page, text_of

from harness.declared import Claim, Decision, Declared, Price, SelfHosted, Terms
from harness.errors import ConfigError
from harness.load_curve import LoadPoint
from harness.records import ReplyError, Usage
from harness.render import render_report
from harness.render.latency import percentile
from harness.render.money_figures import figure, fixed, memory
from harness.store import Run

PRICE = Price(input=1.40, cached_input=0.26, output=4.40)
HOST = SelfHosted(
    gpus=16, gpu_memory_gb=80, gpu_hour=2.50, utilisation=0.4, fixed_per_month=9000, parameters_b=753, bits=16,
    tokens_per_second=4000, layers=80, kv_heads=8, head_dim=128,
)  # fmt: skip
USAGE = Usage(prompt_tokens=30_000, cached_tokens=20_000, completion_tokens=500, reasoning_tokens=400)


def used(run: Run, usage: Usage = USAGE, kind: str = "model") -> Run:
    """Return a run whose replies say how long they were and took."""
    results = [
        replace(each, reply=replace(each.reply, usage=usage, latency_s=1.0 + 0.01 * i, served_model="served"))
        for i, each in enumerate(run.results)
    ]
    return Run(replace(run.info, kind=kind), tuple(results))


def small(model: str, right: int = 30, of: int = 40, **changes) -> Run:
    results = [made_result(f"q{i}", context=i, correct=i < right, mode="refusal") for i in range(of)]
    return used(made_run(model, results, **{"role": "candidate", **changes}), kind=changes.get("kind", "model"))


def declared(price=PRICE, host=HOST, decision=None, **changes) -> Declared:
    return Declared(
        sweep="kv-cache",
        terms={"api": Terms(price=price, concurrency=8), "own": Terms(self_hosted=host)},
        decision=decision or Decision(currency="EUR"),
        **changes,
    )


def two() -> list[Run]:
    return [small("api", role="baseline"), small("own", 29)]


def page(runs, stated=None, verdicts=()) -> str:
    return render_report(runs, verdicts, excerpts=lambda run, result: None, declared=stated)


def section(html: str, name: str = "money") -> str:
    return html.split(f'<section id="{name}">')[1].split("</section>", maxsplit=1)[0]


def outputs(html: str) -> dict[str, str]:
    found = re.findall(r'<output data-row="([^"]*)" data-out="([^"]*)">(.*?)</output>', html)
    return {f"{row} {name}": escapes.unescape(text) for row, name, text in found}


def test_a_thousand_tasks_and_a_thousand_correct_ones():
    found = outputs(page(two(), declared()))
    # 10,000 x 1.40 + 20,000 x 0.26 + 500 x 4.40 millionths a task; 30 of 40 right, Wilson 59.8 to 85.8 %
    assert found["0 thousand"] == "21.40"
    assert found["0 uncached"] == "44.20"
    assert found["0 correct"] == "28.53"
    assert found["0 correct_interval"] == "24.94 to 35.78"
    assert "1 thousand" not in found


def three(price=PRICE) -> tuple[list[Run], Declared]:
    """Return a baseline, a model on machines and one that is cheaper, at two lengths, and what is declared of them."""
    runs = [*two(), small("cheap")]
    at = [
        [replace(r, recipe=replace(r.recipe, length=2048 * (1 + i % 2))) for i, r in enumerate(run.results)]
        for run in runs
    ]
    stated = declared(price=price)
    stated = replace(stated, terms={**stated.terms, "cheap": Terms(price=Price(input=0.4, output=1.4))})
    return [Run(run.info, tuple(results)) for run, results in zip(runs, at, strict=True)], stated


def test_a_cost_is_held_against_the_baselines():
    found = outputs(page(*three()))
    # 12.70 against 21.40
    assert (found["2 thousand"], found["2 against"]) == ("12.70", "40.7 % less")
    assert found["2.2048 against"] == found["2.4096 against"] == "40.7 % less"
    assert "0 against" not in found
    # 38,200 a month / 8,409,600 tasks is 4.54 of a thousand
    assert (found["1 against.40.0"], found["1 against.80.0"]) == ("78.8 % less", "89.4 % less")
    assert outputs(page(*three(Price(input=0.2, output=1.4))))["2 against"] == "89.6 % more"
    assert outputs(page(*three(Price(input=0.4, output=1.4))))["2 against"] == "the same"


def test_machines_against_the_api_at_both_utilisations():
    html = page(two(), declared())
    found = outputs(html)
    # 16 x 2.50 x 730 + 9,000; 4,000 tokens a second for a month / 500 tokens
    assert (found["1 month"], found["1 full"]) == ("38,200", "21,024,000")
    assert found["1 reads"] == "240,000"
    assert (found["1 tasks.40"], found["1 tasks.80"]) == ("8,409,600", "16,819,200")
    assert (found["1 thousand.40"], found["1 thousand.80"], found["1 thousand.own"]) == ("4.54", "2.27", "4.54")
    assert (found["1 even.0"], found["1 needs.0"]) == ("1,785,047", "8.5 %")
    assert [found[f"1 reached.{name}.0"] for name in ("40", "80", "own")] == ["yes"] * 3
    assert (found["1 memory"], found["1 weights.16"], found["1 fits.16"]) == ("1.280 TB", "1.506 TB", "no")
    assert (found["1 cards.own"], found["1 fits.8"], found["1 cache"]) == ("19", "yes", "327.7 kB")
    assert '<p class="misfit">' in html
    assert '<p class="misfit" hidden>' in page(two(), declared(host=HOST.model_copy(update={"bits": 8})))


def test_every_figure_has_its_mark():
    money = section(page(two(), declared()))
    assert money.count('<small class="basis">measured</small>') >= 7
    assert money.count('<small class="basis">computed</small>') >= 6
    labels = re.findall(r"<label>(.*?)<small class=\"basis\">(.*?)</small>", money)
    assert len(labels) == 13
    marks = dict(labels)
    assert marks["Machines or GPUs"] == marks["Fixed costs a month"] == "declared by you"
    assert marks["Bits of a number in the cache"] == "not stated: 16 taken"
    assert marks["Tasks a month"] == "not stated"
    assert all(
        f'<th scope="col" class="number">{head}<small class="basis">declared by you' in money
        for head in ("Input", "Cached input", "Output")
    )


def test_a_load_curve_takes_the_place_of_what_was_declared_at_the_very_concurrency_alone():
    curve = tuple(
        LoadPoint(model="own", concurrency=c, output_tokens_per_s=speed, source="tool, 2026-11-01")
        for c, speed in ((32, 2000), (64, 2500))
    )
    at = page(two(), declared(decision=Decision(concurrency=32), curve=curve))
    assert outputs(at)["1 full"] == "10,512,000"
    assert "measured by a load test" in section(at)
    assert section(at).count('<tr class="chosen">') == 1
    beside = page(two(), declared(decision=Decision(concurrency=48), curve=curve))
    assert outputs(beside)["1 full"] == "21,024,000"
    assert "nothing is interpolated" in section(beside)
    assert "measured by a load test" not in section(beside)
    with pytest.raises(ConfigError, match="not in the report"):
        page(two(), declared(curve=(curve[0].model_copy(update={"model": "other"}),)))


def test_latency_is_told_with_its_n_and_is_no_load_test():
    text = text_of(section(page(two(), declared())))
    assert "Latency as seen in this sweep: not a load test" in text
    assert "api 1k 8 1.19 s 1.37 s 40" in text
    assert "own 1k not stated" in text
    few = page([small("api", 3, 5)], declared())
    assert "api 1k 8 1.02 s n/a 5" in text_of(section(few))
    assert percentile([3, 1, 2, 4], 0.5) == 2
    assert percentile([3, 1, 2, 4], 0.95) == 4
    assert percentile([7], 0.5) == 7


def test_the_picture_has_each_way_to_have_the_work_done():
    runs, stated = three()
    html = section(page(runs, stated))
    ways = text_of(html.split('<ol class="ways">')[1].split("</ol>")[0])
    assert "own machines" not in ways  # sixteen cards do not hold 1.506 TB
    assert ways.startswith("api , prices: 21.40; 75.0 % right, 59.8 to 85.8, n 40 cheap , prices: 12.70")
    small_enough = declared(host=HOST.model_copy(update={"bits": 8}))
    html = section(page(runs, replace(stated, terms={**stated.terms, **small_enough.terms})))
    assert "own , own machines at 40 %: 4.54; 72.5 % right" in text_of(html)
    # api and cheap are right as often, so cheap is best; own is cheaper and right less often, at 80 % and not at 40 %
    marks = {number: best for best, number in re.findall(r'<text class="name( best)?"[^>]*>(\d)', html)}
    assert marks == {"1": "", "2": " best", "3": "", "4": " best"}
    assert "Quality against cost" not in section(page(two(), declared()))


def test_unknown_usage_is_never_a_zero():
    silent = used(small("api"), Usage())
    found = outputs(page([silent], declared()))
    assert {found[f"0 {name}"] for name in ("thousand", "uncached", "correct", "correct_interval")} == {"n/a"}
    assert "40 did not say" in section(page([silent], declared()))
    one = replace(silent.results[0], reply=replace(silent.results[0].reply, usage=USAGE))
    known = outputs(page([Run(silent.info, (one, *silent.results[1:]))], declared()))
    assert known["0 thousand"] == "21.40"


def test_a_server_that_hides_its_cache_gives_an_upper_bound():
    told = replace(USAGE, cached_tokens=None)
    html = section(page([used(small("api"), told)], declared()))
    assert outputs(html)["0 thousand"] == "44.20"
    assert "<b>at most <output" in html
    assert "40 of 40 replies do not say what came from the cache" in text_of(html)
    plain = section(page([used(small("api"), told)], declared(price=Price(input=1.4, output=4.4))))
    assert "at most" not in plain
    some = small("api")
    mixed = Run(
        some.info, (replace(some.results[0], reply=replace(some.results[0].reply, usage=told)), *some.results[1:])
    )
    assert outputs(page([mixed], declared()))["0 thousand"] == "44.20"


def test_where_nothing_is_right_a_right_answer_has_no_price():
    found = outputs(page([small("api", right=0)], declared()))
    assert found["0 thousand"] == "21.40"
    assert found["0 correct"] == "n/a"
    assert re.fullmatch(r"[\d.]+ or more", found["0 correct_interval"])


def test_failed_calls_cost_nothing_here_and_count_nowhere():
    run = small("api")
    broken = made_result("broken", context=99, error=ReplyError(kind="timeout", message="no"))
    both = Run(run.info, (*run.results, broken))
    assert outputs(page([run], declared())) == outputs(page([both], declared()))


def test_without_prices_the_section_is_one_line_that_says_how():
    html = page([simulated_run("a", {1024: 0.1}, contexts=4)])
    text = text_of(section(html))
    assert len(section(html)) < 700
    assert text.startswith("Money and time No money: no price is stated. Give a model price = {")
    assert "<input" not in section(html)
    assert not [name for name in ("decision", "claims") if f'id="{name}"' in html]
    folded = section(page(two()))
    assert "<input" not in folded
    assert folded.count("<details") == folded.count("<table") == 2


def test_prices_of_another_sweep_are_not_taken():
    assert "no price is stated" in section(page(two(), replace(declared(), sweep="another")))


def test_a_made_up_model_is_labelled_beside_its_money():
    html = page([small("api", role="baseline", kind="simulated"), small("own", kind="control")], declared())
    named = section(html).split('<span class="model">')[1:]
    assert len(named) >= 8
    assert all('<span class="tag made-up">' in part[:200] for part in named)


@pytest.mark.parametrize(
    ("volume", "bits", "state"),
    [(None, 8, "not stated"), (1_785_000, 8, "does not hold"), (1_790_000, 8, "holds"), (8_500_000, 8, "open"), (1_790_000, 16, "open")],
)  # fmt: skip
def test_the_volume_is_held_against_break_even_capacity_and_memory(volume, bits, state):
    stated = declared(host=HOST.model_copy(update={"bits": bits}), decision=Decision(tasks_per_month=volume))
    record = section(page(two(), stated), "decision")
    assert outputs(record)["1 volume"] == state
    assert ("no number of" in record) == (volume is None)


@pytest.mark.parametrize(("leave", "state"), [(False, "holds"), (True, "does not hold"), (None, "not stated")])
def test_what_is_stated_of_the_data_is_a_condition_and_what_is_not_is_said(leave, state):
    decision = Decision(data_sensitivity="letters of patients", data_may_leave=leave)
    text = text_of(section(page(two(), declared(decision=decision)), "decision"))
    assert f"the data may not leave your machines {state} letters of patients" in text
    assert "declared by you" in text
    silent = text_of(section(page(two(), declared()), "decision"))
    assert "not stated nothing is stated about the data" in silent
    assert "[decision] data_sensitivity" in silent


def test_whether_the_model_is_good_enough_is_read_off_the_verdict():
    runs = two()
    for margin, state in ((0.5, "holds"), (0.03, "open")):
        verdict = judged(*runs, margin=margin)
        text = text_of(section(page(runs, declared(), [verdict]), "decision"))
        assert f"compared with {state} {verdict.state}: {verdict.sentence} measured" in text
    assert "open no verdict speaks of this model" in text_of(section(page(runs, declared()), "decision"))


def claim(**changes) -> Claim:
    return Claim.model_validate(
        {"model": "api", "about": "quality", "value": 91, "source": "a model card", "date": "2026-06-01", **changes}
    )


def test_a_claim_stands_beside_the_measurement_or_the_word_that_there_is_none():
    curve = (
        LoadPoint(model="own", concurrency=32, output_tokens_per_s=2000, p95_s=9.5, source="tool"),
        LoadPoint(model="own", concurrency=1, output_tokens_per_s=90, p95_s=1.5, source="tool"),
    )
    stated = declared(
        curve=curve,
        claims=(
            claim(task="retrieval.exact", length="1k", says="91 % on long documents"),
            claim(task="retrieval.exact", length="128k"),
            claim(),
            claim(about="cost_per_million", value=0.5),
            claim(about="cost_per_million", value=0.5, model="own"),
            claim(about="tokens_per_second", value=9000, model="own"),
            claim(about="tokens_per_second", value=9000),
            claim(about="p95_seconds", value=1, model="own"),
            claim(about="p50_seconds", value=1, model="own"),
            claim(model="absent"),
        ),
    )
    rows = [text_of(row) for row in section(page(two(), stated), "claims").split("<tr>")[2:]]
    # 21.40 for 30,500,000 tokens
    expected = [
        "75.0 measured retrieval.exact at 1k: 95 % interval 59.8 to 85.8, n 40",
        "not measured not measured here: no reply to retrieval.exact at 128k has a score",
        "not measured not measured here: no task of this sweep asks the same",
        "0.7016 computed recorded tokens at the stated prices, n 40",
        "not measured not measured here: no price is stated",
        "2,000 measured at 32 requests at the same time, the best of the load curve: tool",
        "not measured not measured here: no load curve has it, and a sweep is no load test",
        "1.50 measured at 1 requests at the same time, the best of the load curve: tool",
        "not measured not measured here: no load curve has it, and a sweep is no load test",
        "not measured not measured here: the report does not hold a run of this model",
    ]
    assert [row.endswith(end) for row, end in zip(rows, expected, strict=True)] == [True] * len(rows), rows
    assert "91 % on long documents a model card , 2026-06-01 91.00" in rows[0]
    planned = replace(stated, decision=Decision(concurrency=32))
    assert "9.50 measured at 32 requests at the same time: tool" in text_of(section(page(two(), planned), "claims"))


def page_of_others(text: str) -> str:
    """Render a page in which whatever people may write about money is `text`."""
    text = text or "empty"
    return page(
        two(),
        declared(
            decision=Decision(data_sensitivity=text, currency=text, tasks_per_month=5),
            claims=(claim(says=text, source=text, date=text, task=text), claim(model=text)),
            curve=(LoadPoint(model="own", concurrency=1, output_tokens_per_s=2, source=text),),
        ),
    )


TEXTS = [text for text in HOSTILE if "\ud800" not in text]  # no file of TOML or JSON in UTF-8 gives a lone surrogate
BENIGN = page_of_others("benign")


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_hostile_claims_add_no_element_and_no_character_that_deceives(text):
    html = page_of_others(text)
    assert [(tag, sorted(attrs)) for tag, attrs in Page(html).elements] == [
        (tag, sorted(attrs)) for tag, attrs in Page(BENIGN).elements
    ]
    assert re.findall(r"<script>.*?</script>", html, re.DOTALL) == re.findall(
        r"<script>.*?</script>", BENIGN, re.DOTALL
    )
    assert {c for c in html if not c.isprintable()} <= {"\n", "\t"}


def test_the_page_with_money_is_well_formed_and_the_same_each_time():
    stated = declared(decision=Decision(tasks_per_month=10**6), claims=(claim(),))
    html = page(two(), stated)
    assert html == page(two(), stated)
    found = Page(html)
    assert found.open == []
    ids = [attrs["id"] for _, attrs in found.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"] for attrs in found.all("a")} <= {f"#{name}" for name in ids}
    assert len(found.all("caption")) == len(found.all("table"))
    assert all("aria-label" in field for field in found.all("input") if field.get("type") == "number")
    assert not any(key.startswith("on") for _, attrs in found.elements for key in attrs)


def test_what_answered_is_told_by_the_replies():
    text = text_of(page(two()))
    assert "answered under the name (replies) served (40)" in text
    assert "prompt_tokens 40, cached_tokens 40, completion_tokens 40, reasoning_tokens 40; of 40" in text


def test_numbers_are_rounded_as_the_script_rounds_them():
    assert [fixed(value, 0) for value in (0.5, 1.5, 2.5, 1234567.5)] == ["1", "2", "3", "1,234,568"]
    assert [fixed(value, 2) for value in (0.125, 1.005, 1234.5)] == ["0.13", "1.00", "1,234.50"]
    assert [figure(value) for value in (None, 0, 0.0001, 0.05, 1, 999.996, 1000.5)] == [
        "n/a", "0", "0.000100", "0.0500", "1.00", "1,000.00", "1,001",
    ]  # fmt: skip
    assert [memory(value) for value in (None, 0, 999, 163_840, 90e9, 1.506e12)] == [
        "n/a", "0 B", "999 B", "163.8 kB", "90.0 GB", "1.506 TB",
    ]  # fmt: skip


def browser() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("no Chromium on this machine: the script is not compared with Python")
    return found


TYPE = """
const type = (name, value) => {
  const [row, key] = name.split(" ");
  const field = document.querySelector(`input[data-row="${row}"][data-in="${key}"]`);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
"""


def typed(html: str, fields: dict[str, str], folder: Path) -> str:
    """Return the page as a browser shows it after a reader typed into fields, named `ROW NAME`."""
    calls = "".join(f"type({name!r}, {value!r});" for name, value in fields.items())
    file = folder / "page.html"
    file.write_text(html.replace("</body>", f"<script>{TYPE}{calls}</script></body>"))
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [browser(), "--headless", "--no-sandbox", "--disable-gpu", profile, "--dump-dom", file.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=True).stdout


DEAR = Price(input=2.5, output=0)
BIG = HOST.model_copy(
    update={
        "gpus": 10_001, "gpu_memory_gb": 141, "gpu_hour": 0.125, "utilisation": 0.75, "fixed_per_month": 12.5,
        "parameters_b": 0.5, "bits": 12, "tokens_per_second": 333.25, "layers": 61, "kv_heads": 1, "head_dim": 576,
        "kv_bits": 8.5,
    }
)  # fmt: skip
BARE = SelfHosted(gpus=3, gpu_hour=0, parameters_b=753)
NONE = ("gpu_memory_gb", "utilisation", "tokens_per_second", "bits", "layers", "kv_heads", "head_dim")


@pytest.mark.parametrize(
    ("fields", "price", "host", "usage", "volume"),
    [
        ({"0 price.input": "1.40"}, PRICE, HOST, USAGE, None),
        (
            {"0 price.input": "2.5", "0 price.cached": "", "0 price.output": "0", "1 host.tasks_per_month": "1790000"},
            DEAR, HOST, USAGE, 1_790_000,
        ),
        ({f"1 host.{name}": f"{value:g}" for name, value in BIG.model_dump().items()}, PRICE, BIG, USAGE, None),
        (
            {"1 host.gpus": "3", "1 host.gpu_hour": "0", "1 host.fixed_per_month": "0", **{f"1 host.{n}": "" for n in NONE}},
            PRICE, BARE, USAGE, None,
        ),
        (
            {f"{row} {name}": value for row in "01" for name, value in (("prompt", "1000"), ("cached", ""), ("output", "7"))}
            | {"1 host.tasks_per_month": "5"},
            PRICE, HOST, Usage(prompt_tokens=1000, completion_tokens=7), 5,
        ),
    ],
    ids=["as stated", "prices", "machines", "unknown machines", "tokens"],
)  # fmt: skip
def test_the_script_computes_what_python_computes(tmp_path, fields, price, host, usage, volume):
    before = page(two(), declared())
    runs = [used(run, usage) for run in two()]
    wanted = outputs(
        page(runs, declared(price=price, host=host, decision=Decision(currency="EUR", tasks_per_month=volume)))
    )
    shown = typed(before, fields, tmp_path)
    assert outputs(shown) == wanted
    assert (outputs(before) == wanted) == ("1.40" in fields.values())
    assert shown.count("changed here") == before.count("changed here")
    assert 'class="when-scripted">' in shown


def test_a_changed_field_is_marked_and_hides_the_intervals_of_what_was_stated(tmp_path):
    runs, stated = three()
    told = [
        tuple(replace(r, reply=replace(r.reply, usage=replace(USAGE, completion_tokens=500 + i)))
        for i, r in enumerate(run.results))
        for run in runs
    ]  # fmt: skip
    runs = [Run(run.info, results) for run, results in zip(runs, told, strict=True)]
    before = page(runs, stated)
    shown = typed(before, {"0 price.output": "8.8"}, tmp_path)
    assert before.count('class="changed" hidden') == shown.count('class="changed" hidden=""') + 1
    assert shown.count('<small class="spread" hidden="">') == 6
    wanted = outputs(page(runs, three(PRICE.model_copy(update={"output": 8.8}))[1]))
    assert outputs(shown) == wanted
    assert {key for key, text in wanted.items() if outputs(before)[key] != text} >= {
        "0.2048 thousand",
        "2.2048 against",
    }
