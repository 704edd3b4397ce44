"""The workflow that docs/ci.md shows is run step by step, as a runner would, against a server on the loopback address.

Left out are the steps that install the harness and those that use an action (checkout, Python, upload): a clone of a
local repository stands for the checkout. `gh` is a script that writes down what it was asked.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from fake_server import Answer, FakeServer, completion

from harness.cli.main import COMMANDS
from harness.contexts import reference_counter
from harness.records import Message
from harness.registry import make_task

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs/ci.md").read_text()
SKIPPED = ("Install",)
TASK = make_task("retrieval.exact", {})


def block(language: str, number: int = 0) -> str:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    return found[number]


WORKFLOW: dict[str, Any] = yaml.safe_load(block("yaml"))
GITLAB: dict[str, Any] = yaml.safe_load(block("yaml", 1))


def answer(body: dict[str, Any], right: bool = True) -> Answer:
    """Answer by reading the prompt, as the task's own oracle does."""
    text = body["messages"][-1]["content"]
    gold = TASK.oracle([Message("user", text)]) if "watchword" not in text else ("Amber Quill", "Copper Wren")
    said = TASK.ideal_reply(gold) if right else "I don't know."
    return completion(said, usage={"prompt_tokens": reference_counter().count(text), "completion_tokens": 9})


@dataclass
class Runner:
    """A runner with a remote repository, and what its jobs left behind."""

    home: Path
    env: dict[str, str]

    def git(self, *args: str, cwd: Path) -> str:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
        done = subprocess.run(["git", *identity, *args], cwd=cwd, env=self.env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def checkout(self, name: str) -> Path:
        self.git("clone", "--quiet", "remote.git", name, cwd=self.home)
        return self.home / name

    def bash(self, script: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=cwd, env=self.env, capture_output=True, text=True, timeout=120)

    def job(self, name: str) -> tuple[Path, dict[str, subprocess.CompletedProcess[str]]]:
        """Run the steps of a job; once one has failed, only those that are to run all the same."""
        folder = self.checkout(name)
        done: dict[str, subprocess.CompletedProcess[str]] = {}
        for step in WORKFLOW["jobs"][name]["steps"]:
            failed = any(each.returncode for each in done.values())
            if "run" in step and step["name"] not in SKIPPED and (not failed or "!cancelled()" in step.get("if", "")):
                done[step["name"]] = self.bash(step["run"], folder)
        return folder, done


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer([answer], models=None) as running:
        yield running


@pytest.fixture
def runner(tmp_path: Path, server: FakeServer) -> Runner:
    """A repository with the files that the page shows, and the environment of a job."""
    tools = tmp_path / "tools"
    tools.mkdir()
    scripts = {
        "harness": f'#!/bin/sh\nexec {sys.executable} -c "from harness.cli.main import main; main()" "$@"\n',
        "gh": '#!/bin/sh\necho "$@" >> "$HOME/gh.txt"\n',
    }
    for name, text in scripts.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    env = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "BASELINE_URL": server.url,
        "CANDIDATE_URL": server.url,
        "MODEL_KEY": "key",
        "REASON": "first release",
        "PULL_REQUEST": "7",
        "GITHUB_ACTOR": "ada",
        "GITHUB_RUN_ID": "11",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    made = Runner(tmp_path, env)
    made.git("init", "--quiet", "--bare", "remote.git", cwd=tmp_path)
    made.git("clone", "--quiet", "remote.git", "first", cwd=tmp_path)
    sweep = block("toml").replace('lengths = ["32k"]', 'lengths = ["1k"]').replace("context = 2", "context = 1")
    files = {"sweep.toml": sweep, "gate.toml": block("toml", 1), ".gitignore": block("gitignore")}
    for name, text in files.items():
        (tmp_path / "first" / name).write_text(text)
    made.git("add", ".", cwd=tmp_path / "first")
    made.git("commit", "--quiet", "-m", "first", cwd=tmp_path / "first")
    made.git("push", "--quiet", "origin", "HEAD:main", cwd=tmp_path / "first")
    return made


def all_passed(done: dict[str, subprocess.CompletedProcess[str]]) -> None:
    assert {name: each.stderr for name, each in done.items() if each.returncode} == {}


def test_the_workflow_from_the_first_baseline_to_a_red_gate(runner: Runner, server: FakeServer) -> None:
    folder, done = runner.job("baseline")
    all_passed(done)
    assert list(done) == ["Ask the baseline", "Accept it", "Propose it"]
    assert runner.git("show", "--stat", "--format=%an", "HEAD", cwd=folder).split()[:2] == [
        "ada",
        "results/baselines/ci--bf16.json",
    ]
    assert (runner.home / "gh.txt").read_text().startswith("pr create --title Replace the baseline")
    runner.git("push", "--quiet", "origin", "baseline-11:main", cwd=folder)  # the review

    folder, done = runner.job("gate")
    all_passed(done)
    assert list(done) == ["Check the server", "Ask the candidate", "Gate", "Summary", "Comment", "Report"]
    verdict = json.loads((folder / "out/verdict.json").read_text())
    assert (verdict["state"], verdict["pairs"], verdict["baseline"]) == ("pass", 60, "ci/bf16")
    assert done["Gate"].stdout.startswith("::notice title=pass::")
    summary = Path(runner.env["GITHUB_STEP_SUMMARY"]).read_text()
    assert "accepted 0 days ago" in summary
    assert "by ada: first release" in summary
    assert (
        "pr comment 7 --edit-last --create-if-none --body-file out/verdict.md" in (runner.home / "gh.txt").read_text()
    )
    assert "not kept in the baseline" in (folder / "out/report.html").read_text()
    assert ElementTree.parse(folder / "out/verdict.xml").getroot().get("failures") == "0"
    assert runner.git("status", "--porcelain", cwd=folder) == ""

    folder, done = runner.job("nightly")
    all_passed(done)
    assert json.loads((folder / "out/nightly.json").read_text())["candidate"] == "ci/bf16"

    server.answers[:] = [lambda body: answer(body, right=len(server.requests) % 2 == 0)]
    (runner.home / "gate").rename(runner.home / "green")
    folder, done = runner.job("gate")
    assert {name: each.returncode for name, each in done.items() if each.returncode} == {"Gate": 1}
    assert list(done)[-3:] == ["Summary", "Comment", "Report"]
    assert done["Gate"].stdout.startswith("::error title=regressed::Do not ship fp8")
    assert "✕ regressed: **ci/fp8** against **ci/bf16**" in Path(runner.env["GITHUB_STEP_SUMMARY"]).read_text()
    assert int(ElementTree.parse(folder / "out/verdict.xml").getroot().get("failures", "0")) > 0

    assert runner.bash(GITLAB["gate"]["script"][-1], folder).returncode == 1


def test_the_workflow_is_one_that_github_takes() -> None:
    """What can be checked without GitHub: its keys, pinned actions, and no expression inside a script."""
    steps = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    assert set(WORKFLOW[True]) == {"pull_request", "schedule", "workflow_dispatch"}  # YAML 1.1 reads `on` as true
    for job in WORKFLOW["jobs"].values():
        assert {"if", "runs-on", "steps"} <= set(job) <= {"if", "runs-on", "steps", "env", "permissions"}
    for step in steps:
        assert set(step) <= {"name", "uses", "with", "run", "if"}
        assert "${{" not in step.get("run", "")
        assert re.fullmatch(r"actions/[a-z-]+@v\d+", step.get("uses", "actions/x@v1"))
    assert WORKFLOW["defaults"]["run"]["shell"] == "bash"
    assert GITLAB["gate"]["artifacts"]["reports"]["junit"] in GITLAB["gate"]["script"][-1]


def test_the_fixture_of_the_page_is_the_one_there_is() -> None:
    code = block("python", 1).replace("def test_fp8(harness_gate):", "def run(harness_gate):")
    seen: list[tuple[tuple[str, ...], dict[str, str]]] = []
    space: dict[str, Any] = {}
    exec(code, space)
    space["run"](lambda *names, **options: seen.append((names, options)))
    assert seen == [(("results/baselines/ci--bf16.json", "ci/fp8"), {"policy": "gate.toml"})]
    assert block("python").splitlines()[-1] == 'pytest_plugins = ["harness.pytest_plugin"]'


@pytest.mark.parametrize("page", ["ci.md", "verdict_json.md"])
def test_links_and_commands_of_the_page_exist(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / "docs" / target).exists(), target
    for command in re.findall(r"harness ([a-z]+) ", text):
        assert command in COMMANDS, command
