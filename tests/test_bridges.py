"""Tasks of lm-evaluation-harness here, and ours there and in Inspect: one server, the same prompts, the same scores."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fake_server import Answer, FakeServer, completion
from in_process import Done, harness

from harness.errors import ConfigError
from harness.registry import make_task
from harness.store import Run, load_run

pytest.importorskip("lm_eval", reason="needs the extra lm-eval")
pytest.importorskip("inspect_ai", reason="needs the extra inspect")

ROWS = Path(__file__).parent / "lm_eval_rows"
SWEEP = """
[sweep]
name = "bridge"
lengths = ["1k"]
contexts = 4
questions_per_context = 3

[[model]]
name = "ours"
role = "baseline"
base_url = "{url}"
model = "m"

[[task]]
name = "retrieval.exact"
decoys = 0
absent_rate = 0.0

[[task]]
name = "workload"
label = "turns"
data = "turns.jsonl"
messages = "turns"
answer = "{{expected}}"
score = "contains"

[[task]]
name = "lm-eval:ifeval_rows"
include_path = "exported/rows"
"""
TURNS = [
    [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": f"The word is {word}."},
        {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "Which word was it?"},
    ]
    for word in ("plum", "fig", "pear")
]


REPLIES = ["plum fig", "my answer is yes.", '"Nothing, at all."', "<<joy>> * one\n* two P.S. four four"]


def answer(body: dict[str, Any]) -> Answer:
    """Answer from the prompt alone: rightly, wrongly or about anything, by its hash."""
    text = "\n".join(turn["content"] for turn in body["messages"])
    number = int(sha256(text.encode()).hexdigest(), 16)
    values = re.findall(r"\b\d{7}\b", text)
    texts = [f"ANSWER: {value}" for value in values] or REPLIES
    return completion(texts[number % len(texts)], usage=_usage(len(text)))


def _usage(prompt: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": 7, "total_tokens": prompt + 7}


@dataclass(frozen=True)
class Bridged:
    """What three harnesses made of the same samples."""

    folder: Path
    done: Done
    ours: Run
    lm_eval: dict[str, list[dict[str, Any]]]
    inspect: list[dict[str, Any]]
    requests: list[dict[str, Any]]


@pytest.fixture(scope="module")
def bridged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridged]:
    folder = tmp_path_factory.mktemp("bridges")
    (folder / "turns.jsonl").write_text(
        "".join(json.dumps({"turns": turns, "expected": turns[1]["content"][12:-1]}) + "\n" for turns in TURNS)
    )
    shutil.copytree(ROWS, folder / "exported/rows")
    with FakeServer([answer]) as server:
        (folder / "sweep.toml").write_text(SWEEP.format(url=server.url))
        exported = harness("tasks", "export", "sweep.toml", "lm", cwd=folder)
        assert exported.stdout.split() == ["retrieval_exact_1k", "turns_1k", "lm_eval_ifeval_rows_1k"]
        shutil.copytree(ROWS, folder / "lm/rows")
        others = [_lm_eval(folder, server.url), _inspect(folder, server.url)]
        done = harness("run", "sweep.toml", cwd=folder)
        for process in others:
            out, err = process.communicate(timeout=240)
            assert process.returncode == 0, (out + err)[-3000:]
        yield Bridged(
            folder,
            done,
            load_run(folder / "results/bridge/ours"),
            {
                path.name.partition("samples_")[2].rpartition("_")[0]: _lines(path)
                for path in (folder / "lm_out").rglob("samples_*.jsonl")
            },
            json.loads(next((folder / "logs").glob("*.json")).read_text())["samples"],
            server.requests,
        )


def _lm_eval(folder: Path, url: str) -> subprocess.Popen[str]:
    command = [
        *(
            sys.executable,
            "-m",
            "lm_eval",
            "run",
            "--model",
            "local-chat-completions",
            "--apply_chat_template",
            "--log_samples",
        ),
        *("--include_path", "lm", "--tasks", "retrieval_exact_1k,turns_1k,ifeval_rows", "--output_path", "lm_out"),
        *("--model_args", f"model=m,base_url={url}/chat/completions,num_concurrent=4"),
    ]
    return _started(command, folder, OPENAI_API_KEY="EMPTY")


def _inspect(folder: Path, url: str) -> subprocess.Popen[str]:
    command = [
        *(
            sys.executable,
            "-m",
            "inspect_ai",
            "eval",
            "harness/sweep",
            "-T",
            "sweep=sweep.toml",
            "--model",
            "openai-api/local/m",
        ),
        *("--log-dir", "logs", "--log-format", "json", "--display", "plain"),
    ]
    return _started(command, folder, LOCAL_API_KEY="EMPTY", LOCAL_BASE_URL=url)


def _started(command: list[str], folder: Path, **environment: str) -> subprocess.Popen[str]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, text=True, **streams)  # type: ignore[call-overload, no-any-return]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_lm_evals_task_gives_the_same_metrics_here_and_there(bridged: Bridged) -> None:
    assert bridged.done.returncode == 0
    theirs = {
        row["doc_id"]: {name: _mean(row[name]) for name in row["metrics"]} for row in bridged.lm_eval["ifeval_rows"]
    }
    ours = {r.recipe.context: r for r in bridged.ours.results if r.task == "lm-eval:ifeval_rows"}
    assert len(theirs) == len(ours) == 20
    for number, metrics in theirs.items():
        score = ours[number].score
        assert score is not None
        assert {name.partition(",")[0]: value for name, value in score.metrics.items()} == metrics
        assert score.value == metrics["prompt_level_strict_acc"]
    modes = {r.score.mode for r in ours.values() if r.score}
    assert {None, "instruction.punctuation.no_comma"} <= modes
    assert all(r.score.mode is None for r in ours.values() if r.score and r.score.correct)


def test_ours_have_the_same_prompts_and_scores_in_lm_eval(bridged: Bridged) -> None:
    for task, label in (("retrieval_exact_1k", "retrieval.exact"), ("turns_1k", "turns")):
        ours = {r.sample_id: r for r in bridged.ours.results if r.task == label}
        theirs = {row["doc"]["id"]: row for row in bridged.lm_eval[task]}
        assert set(theirs) == set(ours)
        for name, row in theirs.items():
            assert row["doc"]["prompt_sha256"] == ours[name].prompt_sha256
            score = ours[name].score
            assert score is not None
            assert (row["correct"], row["score"]) == (float(score.correct), score.value)
    assert 0 < sum(row["correct"] for row in bridged.lm_eval["retrieval_exact_1k"]) < 12


def test_ours_have_the_same_prompts_and_scores_in_inspect(bridged: Bridged) -> None:
    ours = {r.sample_id: r for r in bridged.ours.results}
    assert {sample["id"] for sample in bridged.inspect} == set(ours)
    for sample in bridged.inspect:
        mine, (found,) = ours[sample["id"]], sample["scores"].values()
        assert mine.score is not None
        assert found["value"] == float(mine.score.correct)
        assert (found["metadata"]["mode"], found["metadata"]["score"]) == (mine.score.mode, mine.score.value)
        assert found["metadata"]["prompt_sha256"] == mine.prompt_sha256


def test_what_was_sent_is_the_same_thrice(bridged: Bridged) -> None:
    sent: dict[str, int] = {}
    for body in bridged.requests:
        key = json.dumps([(turn["role"], turn["content"]) for turn in body["messages"]])
        sent[key] = sent.get(key, 0) + 1
        assert (body.get("max_tokens") or body.get("max_completion_tokens")) in (64, 128, 256)
    assert set(sent.values()) == {3}, "each prompt is asked by three harnesses"


def _mean(value: Any) -> float:
    return sum(value) / len(value) if isinstance(value, list) else float(value)


def test_the_page_runs(bridged: Bridged, tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs/bridges.md").read_text()
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    plain = [block for block in page.split("```")[1::2] if block.startswith("\n")]
    commands = [line for block in plain for line in block.strip().splitlines()]
    shutil.copytree(ROWS, tmp_path / "my_tasks")
    with FakeServer([answer], models=[{"id": "the-name-it-serves"}]) as server:
        (tmp_path / "sweep.toml").write_text(shown.replace("http://localhost:8000/v1", server.url))
        for command in commands:
            program, *arguments = command.split()
            assert program in ("harness", "lm_eval", "inspect")
            if program == "harness":
                done = harness(*arguments, cwd=tmp_path)
                assert done.returncode == 0, command + done.stderr
    assert (tmp_path / "exported/retrieval_exact_1k.yaml").exists()
    assert "--include_path exported --tasks retrieval_exact_1k" in page


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "lm-eval:nothing_such"}, "lm-eval has no task 'nothing_such'"),
        ({"name": "lm-eval:choices"}, "it asks for multiple_choice, which takes log-probabilities"),
        ({"name": "lm-eval:code"}, "it runs the code that a model writes"),
        ({"name": "lm-eval:often"}, "it scores 4 replies to a document together"),
        ({"name": "lm-eval:broken"}, "it cannot be loaded"),
        ({"name": "lm-eval:ifeval_rows", "metric": "bleu"}, "no such metric from 0 to 1"),
        ({"name": "lm-eval:ifeval_rows", "docs_sha256": "0"}, "have changed"),
        ({"name": "lm-eval:ifeval_rows", "lm_eval_version": "0.1"}, "another version of lm-evaluation-harness"),
        ({"name": "lm-eval:ifeval_rows", "include_path": "nowhere"}, "there is no such folder"),
    ],
)
def test_what_cannot_be_run_is_refused_by_name(tmp_path: Path, changes: dict[str, str], told: str) -> None:
    shutil.copytree(ROWS, tmp_path / "mine")
    plain = (ROWS / "ifeval_rows.yaml").read_text()
    others = {
        "choices": ("output_type: generate_until", "output_type: multiple_choice\ndoc_to_choice: [a, b]"),
        "code": ("num_fewshot: 0", "num_fewshot: 0\nunsafe_code: true"),
        "often": ("num_fewshot: 0", "num_fewshot: 0\nrepeats: 4"),
        "broken": ("doc_to_text: prompt", 'doc_to_text: "{{prompt | nothing_such}}"'),
    }
    for name, (before, after) in others.items():
        (tmp_path / f"mine/{name}.yaml").write_text(
            plain.replace("task: ifeval_rows", f"task: {name}").replace(before, after)
        )
    params = {"include_path": "mine", **changes}
    with pytest.raises(ConfigError) as found:
        make_task(params.pop("name"), params, folders=[tmp_path]).pins()
    assert told in str(found.value)
