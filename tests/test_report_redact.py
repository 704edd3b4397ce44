"""A redacted report holds no text of users, in no format, and its numbers are those of the whole one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from in_process import harness
from render_data import made_result, made_run
from written_runs import write_run

from harness.records import ReplyError, Result
from harness.store import Run

CANARY = "kanari"
POLICY = """\
version = 1
[defaults]
margin = 0.05
icc = 0.05
slices = ["customer"]
[[rule]]
task = "kanarilabel"
slice = "customer=kanari*"
margin = 0.2
"""
SWEEP = """\
[sweep]
name = "s"
[[model]]
name = "a"
price = { input = 1.0, output = 2.0 }
[[model]]
name = "b"
[decision]
data_sensitivity = "kanarisensitivity"
work = "kanariwork"
[[claim]]
model = "b"
about = "tokens_per_second"
value = 90
says = "kanarisays"
source = "https://kanarisource.example"
date = "2026-01-01"
"""
CURVE = '[{"model": "b", "concurrency": 4, "output_tokens_per_s": 80, "source": "kanarimeasured"}]'


def result_of(number: int, model: str) -> Result:
    wrong = model == "b" and number % 2 == 0
    failed = ReplyError(kind="server_error", message=f"kanarierror {number} at https://kanarihost/v1")
    made = made_result(
        f"kanarilabel/1k/kanariid-{number}",
        correct=not wrong,
        mode="hallucinated",
        task="kanarilabel",
        context=number // 2,
        text=f"kanarireply {number}",
        answer=(f"kanariread{number}",),
        reasoning="kanarireasoning",
        evidence="kanarievidence",
        error=failed if number == 5 else None,
    )
    return replace(
        made,
        axes={**made.axes, "customer": "kanarivalue" if number % 3 else "DE"},
        gold=(f"kanarigold{number}",),
        expected_by="/kanaricounter",
        recipe=replace(
            made.recipe,
            task="workload",
            counter="kanaritokens",
            params={"prompt": "kanariprompt {q}", "data": "/kanaripath"},
        ),
        reply=replace(made.reply, served_model="/srv/kanariserved"),
    )


def run_of(model: str, role: str) -> Run:
    run = made_run(model, [result_of(number, model) for number in range(24)], role=role, sweep="s")
    config = {
        "sweep": {"seed": 7, "lengths": [1024], "tokenizer": "/kanaritokenizer", "description": "kanaritext"},
        "model": {
            "name": model,
            "adapter": "openai",
            "base_url": "https://kanariurl/v1",
            "model": "org/public-7b" if model == "a" else "/models/kanarimodel.gguf",
            "system": "kanarisystem",
            "extra_body": {"kanarikey": "kanaribody"},
            "sampling": {"temperature": 0.5},
        },
        "task": [{"name": "workload", "label": "kanarilabel", "prompt": "kanariprompt", "data": "/kanaridata.csv"}],
    }
    info = replace(
        run.info, config=config, identity={"server": "kanariserver", "seed": 4, "template": "kanaritemplate"}
    )
    return Run(info, run.results)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("redact")
    write_run(run_of("a", "baseline"), made / "results")
    write_run(run_of("b", "candidate"), made / "results")
    (made / "gate.toml").write_text(POLICY)
    (made / "sweep.toml").write_text(SWEEP)
    (made / "load.json").write_text(CURVE)
    given = ("s", "--policy", "gate.toml", "--sweep", "sweep.toml", "--load-curve", "load.json")
    for name, more in (("whole", ()), ("red", ("--redact",)), ("slices", ("--redact", "--keep-slices"))):
        outputs = [part for form in ("html", "md", "json", "txt") for part in ("-o", f"{name}.{form}")]
        done = harness("report", *given, *outputs, *more, cwd=made)
        assert done.returncode == 0, done.stderr
    return made


@pytest.mark.parametrize("form", ["html", "md", "json", "txt"])
def test_no_text_of_users_is_left(folder: Path, form: str) -> None:
    whole = (folder / f"whole.{form}").read_text(encoding="utf-8").lower()
    assert whole.count(CANARY) > 20
    redacted = (folder / f"red.{form}").read_text(encoding="utf-8").lower()
    places = [
        redacted[max(place - 60, 0) : place + 60]
        for place in range(len(redacted))
        if redacted.startswith(CANARY, place)
    ]
    assert places == []
    assert "customer=de" not in redacted
    assert "[removed" in redacted.replace("\\[", "[")


def test_the_numbers_are_those_of_the_whole_report(folder: Path) -> None:
    whole, redacted = (json.loads((folder / f"{name}.json").read_text()) for name in ("whole", "red"))
    for old, new in zip(whole["verdicts"], redacted["verdicts"], strict=True):
        assert [(row["drop"], row["state"], row["margin"]) for row in old["rows"]] == [
            (row["drop"], row["state"], row["margin"]) for row in new["rows"]
        ]
    assert {row["part"] for row in redacted["verdicts"][0]["rows"]} == {"", "customer=value 1", "customer=value 2"}
    kept = [[{**row, "task": ""} for row in each["depths"]] for each in (whole, redacted)]
    assert kept[0] == kept[1]
    assert [row["lost"] for row in whole["modes"]] == [row["lost"] for row in redacted["modes"]]


def test_what_is_left_is_said_and_slices_stay_where_asked(folder: Path) -> None:
    text = (folder / "red.html").read_text(encoding="utf-8")
    assert "Redacted: questions" in text
    assert "workload no. 1" in text
    assert "org/public-7b" in text
    slices = (folder / "slices.md").read_text(encoding="utf-8")
    assert "customer=kanarivalue" in slices
    assert slices.count(CANARY) == slices.count("customer=kanarivalue")


def test_lengths_stand_for_texts(folder: Path) -> None:
    reply = json.loads((folder / "red.json").read_text())["replies"][0]
    assert reply["expected"] in (["[removed] (11 characters)"], ["[removed] (12 characters)"])
    assert reply["sample_id"].startswith("sample-")
    assert reply["command"] == "[removed]"


def test_a_redacted_report_is_verified_with_what_it_does_not_hold(folder: Path) -> None:
    done = harness("verify", "red.html", cwd=folder)
    assert done.returncode == 2
    assert "does not hold gate.toml" in done.stderr
    given = ("--policy", "gate.toml", "--sweep", "sweep.toml", "--load-curve", "load.json")
    assert harness("verify", "red.html", "red.md", "red.json", *given, cwd=folder).returncode == 0
