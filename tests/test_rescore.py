"""Saved replies scored again, labels of tasks, and plugins that fail: a row each, never the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import outside as harness

TASK = """
from harness.contexts import Context, ContextTask, Question
from harness.reading import VALUE_TYPES, grade, read_reply


class Say(ContextTask):
    name = "say.word"
    version = "1"
    summary = "say a number"

    def build(self, place):
        body = " ".join(["word"] * (place.length // 2))
        ask = [Question(text=f"{i}?", gold=(f"100000{i}",), tail=f"Say 100000{i}", evidence="") for i in range(4)]
        return Context(head="", body=body, tokens=place.counter.count(body), questions=tuple(ask))

    def score(self, sample, reply):
        SCORE
        reading = read_reply(reply, VALUE_TYPES["number7"], expected=1, asked=("", ""), context=lambda: "")
        return grade(reading, GOLD)

    def oracle(self, prompt):
        return (prompt[-1].content[-7:],)

    def ideal_reply(self, gold):
        return f"ANSWER: {gold[0]}"


TASKS = (Say,)
"""
SWEEP = """
[sweep]
name = "s"
lengths = ["1k"]
contexts = 2
questions_per_context = 2

[[model]]
name = "oracle"
adapter = "oracle"

[[task]]
name = "say.word"
"""
SICK = 'assert sample.recipe.question, "no first question"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "say").mkdir()
    (tmp_path / "sweep.toml").write_text(SWEEP)
    return tmp_path


def write(folder: Path, score: str = "", gold: str = "sample.gold") -> None:
    (folder / "say" / "task.py").write_text(TASK.replace("SCORE", score).replace("GOLD", gold))


def run(folder: Path, *more: str):
    return harness(*more, "--task-dir", "say", cwd=folder)


def replies(folder: Path) -> list[dict]:
    text = (folder / "results/s/oracle/samples.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_a_scorer_that_raises_costs_its_sample_and_keeps_the_reply(folder: Path) -> None:
    write(folder, score=SICK)
    done = run(folder, "run", "sweep.toml")
    assert done.returncode == 4, done.stderr
    assert "2 replies have no score: 2 scorer_failed" in done.stderr
    lost = [line for line in replies(folder) if line["outcome"] == "invalid"]
    assert [line["reply"]["text"] for line in lost] == ["ANSWER: 1000000"] * 2
    assert lost[0]["reply"]["error"]["message"] == "AssertionError: no first question"

    write(folder)
    dry = run(folder, "score", "s/oracle")
    assert "2 replies, " not in dry.stdout
    assert "invalid.scorer_failed  right         2" in dry.stdout
    assert "nothing was written" in dry.stderr
    assert [line["outcome"] for line in replies(folder)].count("invalid") == 2
    assert run(folder, "score", "s/oracle", "--write").returncode == 0
    assert [line["outcome"] for line in replies(folder)] == ["scored"] * 4
    [noted] = json.loads((folder / "results/s/oracle/run.json").read_text())["environment"]["rescored"]
    assert noted["changed"] == 2
    assert run(folder, "run", "sweep.toml").returncode == 0
    assert "rescored" in json.loads((folder / "results/s/oracle/run.json").read_text())["environment"]
    assert run(folder, "score", "s/oracle", "--json").stdout.startswith(
        '{\n  "replies": 4,\n  "written": false,\n  "changes": []'
    )


def test_another_score_is_shown_and_another_prompt_refused(folder: Path) -> None:
    write(folder)
    assert run(folder, "run", "sweep.toml").returncode == 0
    write(folder, gold='("7654321",)')
    changed = json.loads(run(folder, "score", "s/oracle", "--json").stdout)["changes"]
    assert [(c["before"], c["after"]) for c in changed] == [("right", "unattributed")] * 4
    (folder / "say" / "task.py").write_text(TASK.replace("SCORE", "").replace("GOLD", "()").replace("Say 1", "Say: 1"))
    refused = run(folder, "score", "s/oracle", "--write")
    assert refused.returncode == 4
    assert "the prompt that was sent cannot be built again" in refused.stderr


def test_one_task_asked_twice_under_labels(tmp_path: Path, sweep_text: str) -> None:
    (tmp_path / "sweep.toml").write_text(sweep_text + '\n[[task]]\nname = "retrieval.exact"\nhaystack = "records"\n')
    twice = harness("plan", "sweep.toml", cwd=tmp_path)
    assert twice.returncode == 2
    assert "a task is named twice: retrieval.exact, retrieval.exact; give each a label of its own" in twice.stderr
    label = '\n[[task]]\nname = "retrieval.exact"\nlabel = "records"\nhaystack = "records"\n'
    (tmp_path / "sweep.toml").write_text(sweep_text + label)
    assert harness("run", "sweep.toml", cwd=tmp_path).returncode == 0
    verdict = json.loads(harness("gate", "s/oracle", "s/lexical", "--json", cwd=tmp_path).stdout)
    assert [row["task"] for row in verdict["rows"]] == ["records", "retrieval.exact", ""]
    shown = harness("show", "s/lexical", "records/1k/c0001/q1", cwd=tmp_path)
    assert "axis        haystack = records" in shown.stdout
    assert "(built again, the same)" in shown.stdout
    assert "task records (retrieval.exact)" in (
        harness("report", "s/oracle", "s/lexical", "-o", "r.html", cwd=tmp_path) and (tmp_path / "r.html").read_text()
    )


def test_damaged_bytes_and_odd_files_are_named(tmp_path: Path, sweep_text: str) -> None:
    (tmp_path / "sweep.toml").write_text(sweep_text)
    assert harness("run", "sweep.toml", cwd=tmp_path).returncode == 0
    samples = tmp_path / "results/s/lexical/samples.jsonl"
    raw = samples.read_bytes()
    samples.write_bytes(raw.replace(b'"text":"', b'"text":"\xff', 1))
    damaged = harness("gate", "s/oracle", "s/lexical", cwd=tmp_path)
    assert (damaged.returncode, "changed after it was written" in damaged.stderr) == (4, True)
    listed = harness("runs", cwd=tmp_path)
    assert (listed.returncode, "s/oracle" in listed.stdout, "not listed" in listed.stderr) == (0, True, True)
    (tmp_path / "file").write_text("")
    unwritable = harness("report", "s/oracle", "-o", "file/r.html", cwd=tmp_path)
    assert (unwritable.returncode, "the report cannot be written" in unwritable.stderr) == (4, True)
    (tmp_path / ".env").write_bytes(b"A=\xff\n")
    dotenv = harness("runs", cwd=tmp_path)
    assert (dotenv.returncode, ".env: cannot be read" in dotenv.stderr) == (2, True)
    (tmp_path / ".env").unlink()
    samples.unlink()
    samples.mkdir()
    folder = harness("gate", "s/oracle", "s/lexical", cwd=tmp_path)
    assert (folder.returncode, "samples.jsonl: cannot be read" in folder.stderr) == (4, True)


def test_a_tokenizer_is_found_from_another_folder(tmp_path: Path, sweep_text: str) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "sweep.toml").write_text(sweep_text.replace("seed = 3", 'seed = 3\ntokenizer = "tokenizer.json"'))
    assert harness("run", "sweep.toml", cwd=tmp_path).returncode == 0
    (tmp_path / "elsewhere").mkdir()
    shown = harness("show", "../results/s/oracle", "retrieval.exact/1k/c0000/q0", cwd=tmp_path / "elsewhere")
    assert "(built again, the same)" in shown.stdout, shown.stderr
    (tmp_path / "tokenizer.json").unlink()
    lost = harness("show", "../results/s/oracle", "retrieval.exact/1k/c0000/q0", cwd=tmp_path / "elsewhere")
    assert (lost.returncode, "tokenizer.json" in lost.stderr) == (2, True)
