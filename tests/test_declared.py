from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import cli
from harness.declared import Claim, load_declared
from harness.errors import ConfigError
from harness.load_curve import read_load_curve
from harness.sweep import load_sweep

SWEEP = """
[sweep]
name = "s"
lengths = ["1k"]
[decision]
data_sensitivity = "letters of patients"
data_may_leave = false
tasks_per_month = 250000
concurrency = 32
currency = "EUR"
[[model]]
name = "api"
adapter = "oracle"
role = "baseline"
price = { input = 1.40, cached_input = 0.26, output = 4.40 }
[[model]]
name = "own"
adapter = "oracle"
concurrency = 8
self_hosted = { gpus = 24, gpu_memory_gb = 80, gpu_hour = 2.50, utilisation = 0.4, fixed_per_month = 9000, parameters_b = 753, bits = 16, tokens_per_second = 4000 }
[[claim]]
model = "own"
about = "quality"
value = 91.5
task = "retrieval.exact"
length = "1k"
source = "a model card"
date = "2026-06-01"
[[task]]
name = "retrieval.exact"
"""
POINT = {"model": "own", "concurrency": 32, "output_tokens_per_s": 3100, "source": "load tool, 2026-11-01"}


def sweep_file(folder: Path, text: str = SWEEP) -> Path:
    file = folder / "sweep.toml"
    file.write_text(text)
    return file


def test_a_report_reads_what_a_sweep_declares(tmp_path):
    found = load_declared(sweep_file(tmp_path))
    assert found.sweep == "s"
    assert found.terms["api"].price.cached_input == 0.26
    assert found.terms["api"].concurrency == load_sweep(sweep_file(tmp_path)).resolved.model[0].concurrency == 4
    assert found.terms["own"].self_hosted.parameters_b == 753
    assert found.terms["own"].concurrency == 8
    assert (found.decision.tasks_per_month, found.decision.data_may_leave) == (250_000, False)
    assert found.claims == (
        Claim(model="own", about="quality", value=91.5, task="retrieval.exact", length=1024, source="a model card", date="2026-06-01"),
    )  # fmt: skip


def test_a_report_needs_none_of_the_variables_that_a_run_needs(tmp_path):
    text = SWEEP.replace('adapter = "oracle"\nrole', 'base_url = "${NOT_SET_ANYWHERE}"\nmodel = "m"\nrole')
    assert load_declared(sweep_file(tmp_path, text)).terms["api"].price.input == 1.4


def test_a_sweep_takes_the_same_keys_and_they_change_no_run(tmp_path):
    sweep = load_sweep(sweep_file(tmp_path))
    assert sweep.resolved.model[1].self_hosted.gpus == 24
    assert sweep.resolved.claim[0].length == 1024
    plain = SWEEP[: SWEEP.index("[decision]")] + SWEEP[SWEEP.index("[[model]]") :].replace("2.50", "9.99")
    before, after = (each.config_of("own") for each in (sweep, load_sweep(sweep_file(tmp_path, plain))))
    assert before == after
    assert "self_hosted" not in before["model"]


@pytest.mark.parametrize(
    ("change", "to", "told"),
    [
        ("gpu_hour", "gpu_hours", "did you mean 'gpu_hour'"),
        ("gpus = 24", "gpus = 0", "greater than or equal to 1"),
        ("utilisation = 0.4", "utilisation = 40", "less than or equal to 1"),
        ("tasks_per_month = 250000", "tasks_per_month = inf", "finite"),
        ('model = "own"\nabout', 'model = "owm"\nabout', "did you mean 'own'"),
        ('about = "quality"', 'about = "tokens_per_second"', "task and length belong to a claim about quality"),
        ('source = "a model card"', 'source = ""', "at least 1 character"),
        ('currency = "EUR"', 'curency = "EUR"', "did you mean 'currency'"),
    ],
)
def test_what_is_wrong_is_said_by_run_and_report_alike(tmp_path, change, to, told):
    assert change in SWEEP
    file = sweep_file(tmp_path, SWEEP.replace(change, to))
    with pytest.raises(ConfigError, match=told):
        load_declared(file)
    with pytest.raises(ConfigError):
        load_sweep(file)


def test_a_load_curve_is_the_same_as_json_and_as_csv(tmp_path):
    (tmp_path / "c.json").write_text(json.dumps([POINT, {**POINT, "concurrency": 64, "p95_s": 11.9}]))
    (tmp_path / "c.csv").write_text(
        "model,concurrency,requests_per_s,output_tokens_per_s,p50_s,p95_s,source\n"
        'own,32,,3100,,,"load tool, 2026-11-01"\nown,64,,3100,,11.9,"load tool, 2026-11-01"\n'
    )
    found = read_load_curve(tmp_path / "c.json")
    assert found == read_load_curve(tmp_path / "c.csv")
    assert [(point.concurrency, point.requests_per_s, point.p95_s) for point in found] == [
        (32, None, None),
        (64, None, 11.9),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "holds no line"),
        ("{", "not JSON"),
        (json.dumps([{**POINT, "throughput": 3}]), "unknown key 'throughput'"),
        (json.dumps([{key: value for key, value in POINT.items() if key != "source"}]), "'source' is missing"),
        (json.dumps([{**POINT, "concurrency": 0}]), "line 1 of the curve"),
        (json.dumps(["x"]), "line 1 of the curve"),
    ],
)
def test_what_is_wrong_with_a_load_curve_is_said(tmp_path, text, told):
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(ConfigError, match=told):
        read_load_curve(tmp_path / "c.json")


def test_a_load_curve_that_is_not_there_is_an_error_of_the_command(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_load_curve(tmp_path / "none.csv")


def harness(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def test_from_run_to_report_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = sweep_file(
        tmp_path, SWEEP.replace('lengths = ["1k"]', 'lengths = ["1k"]\ncontexts = 2\nquestions_per_context = 2')
    )
    assert harness("run", file).exit_code == 0
    (tmp_path / "c.json").write_text(json.dumps([POINT]))
    assert harness("report", "s", "--no-verdict", "-o", "plain.html").exit_code == 0
    assert "no price is stated" in (tmp_path / "plain.html").read_text()
    done = harness("report", "s", "--no-verdict", "--sweep", file, "--load-curve", "c.json", "-o", "full.html")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "full.html").read_text()
    assert 'data-out="thousand"' in page
    assert "measured by a load test" in page
    assert '<span class="tag made-up">control</span>' in page.split('<section id="money">')[1]

    # a price is no part of a run: with another one the run is complete and the page differs
    dearer = sweep_file(tmp_path, file.read_text().replace("input = 1.40", "input = 14.0"))
    assert "nothing to ask" in harness("run", dearer).stderr
    assert (
        harness("report", "s", "--no-verdict", "--sweep", dearer, "--load-curve", "c.json", "-o", "dear.html").exit_code
        == 0
    )
    assert (tmp_path / "dear.html").read_text() != page

    (tmp_path / "c.json").write_text(json.dumps([{**POINT, "model": "other"}]))
    for words in (("--load-curve", "c.json"), ("--sweep", "none.toml")):
        assert isinstance(harness("report", "s", "--no-verdict", *words).exception, ConfigError)
