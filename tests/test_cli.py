"""The command line as a user sees it: what it prints, and what it ends with."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_server import Answer, FakeServer, completion
from in_process import harness
from render_data import judged, made_result, made_run

from harness.cli.compare import comparison_text
from harness.errors import ExitCode
from harness.store import load_run, pair

SIMULATED = """
[[model]]
name = "{name}"
role = "{role}"
adapter = "simulated"
accuracy = {accuracy}
seed = 5
"""


def outside(*args: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call the command line in a process of its own."""
    code = "from harness.cli.main import main; main()"
    command = [sys.executable, "-c", code, *map(str, args)]
    root = str(Path(__file__).parents[1])
    return subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": root, **environment},
    )


@pytest.fixture
def simulated(tmp_path: Path) -> Path:
    """Runs of a simulated baseline, of the same again, and of a model that is much worse."""
    models = "".join(
        SIMULATED.format(name=name, role=role, accuracy=accuracy)
        for name, role, accuracy in (("base", "baseline", 0.9), ("same", "candidate", 0.9), ("bad", "candidate", 0.4))
    )
    task = '[[task]]\nname = "retrieval.exact"\nkeys = 4\ndecoys = 2\n'
    head = '[sweep]\nname = "s"\nlengths = ["1k"]\ncontexts = 60\nquestions_per_context = 1\n'
    (tmp_path / "sweep.toml").write_text(head + models + task)
    done = harness("run", "sweep.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "results/s/base\nresults/s/same\nresults/s/bad\n"
    return tmp_path


def test_exit_codes_of_the_gate(simulated: Path) -> None:
    def gate(candidate: str, *options: str) -> int:
        return harness("gate", "s/base", f"s/{candidate}", *options, cwd=simulated).returncode

    (simulated / "narrow.toml").write_text("version = 1\n[defaults]\nmargin = 0.02\n")
    (simulated / "wide.toml").write_text("version = 1\n[defaults]\nmargin = 0.1\n")
    (simulated / "wrong.toml").write_text("version = 1\n[defaults]\nmargni = 0.1\n")
    (simulated / "results/s/torn").mkdir()
    for name in ("run.json", "samples.jsonl"):
        text = (simulated / "results/s/same" / name).read_text()
        (simulated / "results/s/torn" / name).write_text(text[: len(text) // 2] if name == "samples.jsonl" else text)
    assert gate("same", "--policy", "wide.toml") == ExitCode.PASS
    assert gate("bad", "--policy", "wide.toml") == ExitCode.REGRESSED
    assert gate("same", "--policy", "narrow.toml") == ExitCode.INCONCLUSIVE
    assert gate("torn", "--policy", "wide.toml") == ExitCode.INVALID
    assert gate("same", "--policy", "wrong.toml") == ExitCode.USAGE
    assert gate("nobody") == ExitCode.USAGE
    assert harness("gate", "s/base", cwd=simulated).returncode == ExitCode.USAGE


def test_the_gates_formats_agree(simulated: Path) -> None:
    verdict = json.loads(harness("gate", "s/base", "s/bad", "--json", cwd=simulated).stdout)
    text = harness("gate", "s/base", "s/bad", cwd=simulated).stdout
    markdown = harness("gate", "s/base", "s/bad", "--format", "markdown", cwd=simulated).stdout
    assert verdict["sentence"] in text
    assert verdict["sentence"] in markdown
    assert "s/base is a simulated model: its numbers say nothing about a language model" in verdict["notes"]


def test_compare_never_decides(simulated: Path) -> None:
    done = harness("compare", "s/base", "s/bad", cwd=simulated)
    assert done.returncode == 0
    assert "no verdict here; under the default policy 'harness gate' would end with 1 (regressed)" in done.stdout
    plain = json.loads(harness("compare", "s/base", "s/bad", "--json", cwd=simulated).stdout)
    assert plain["gate_would_return"] == 1
    assert len(plain["losses"]) == plain["rows"][0]["losses"]


def test_compare_prints_names_of_others_as_text() -> None:
    results = [
        made_result(f"row \x1b[31m{number}", correct=number > 9, mode="odd\u202e", context=number)
        for number in range(20)
    ]
    baseline = made_run(
        "base", [replace(each, score=replace(each.score, correct=True, mode=None)) for each in results if each.score]
    )
    candidate = made_run("bad", results)
    text = comparison_text(pair(baseline, candidate), judged(baseline, candidate))
    assert "lost    row \\x1b[31m0" in text
    assert "odd\\u202e" in text
    assert all(char.isprintable() or char == "\n" for char in text)


def test_runs_and_report(simulated: Path) -> None:
    table = harness("runs", cwd=simulated).stdout.splitlines()
    assert table[0].split() == ["run", "role", "kind", "replies", "planned", "right", "invalid", "path"]
    assert table[1].split()[:5] == ["s/bad", "candidate", "simulated", "60", "60"]
    done = harness("report", "s", "-o", "out/r.html", cwd=simulated)
    assert done.stdout == "out/r.html\n"
    page = (simulated / "out/r.html").read_text()
    assert "Do not ship bad" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_show_rebuilds_the_prompt(simulated: Path) -> None:
    done = harness("show", "s/base", "retrieval.exact/1k/c0000/q0", "--json", cwd=simulated)
    shown = json.loads(done.stdout)
    prompt = shown["messages"][0]["content"]
    assert shown["question"] in prompt
    for value in shown["result"]["gold"]:
        assert value in prompt
    text = harness("show", "s/base", "retrieval.exact/1k/c0000/q0", cwd=simulated).stdout
    assert "built again, the same" in text
    assert "characters; --full prints them" in text
    wrong = harness("show", "s/base", "retrieval.exact/1k/c0000/q9", cwd=simulated)
    assert wrong.returncode == ExitCode.USAGE
    assert "the run has no sample" in wrong.stderr


def test_plan_says_what_it_can_decide(sweep_file: Path) -> None:
    plan = json.loads(harness("plan", sweep_file, "--json", cwd=sweep_file.parent).stdout)
    assert (plan["samples"], plan["cells"][0]["contexts"]) == (8, 4)
    assert plan["decides"][0]["pass_if_unchanged"] == 0.0
    assert plan["decides"][0]["contexts_for_0.9"] > 60
    assert "tokens and money are upper bounds" in harness("plan", sweep_file, cwd=sweep_file.parent).stdout


def test_hostile_text_cannot_drive_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b[2J\x1b]0;owned\x07\u202eANSWER: 1"
    with FakeServer([completion(evil, usage=None)]) as server:
        text = '[sweep]\nname = "e"\nlengths = ["1k"]\ncontexts = 1\nquestions_per_context = 1\n[[model]]\nname = "m"\n'
        text += f'model = "m"\nbase_url = "{server.url}"\n[[task]]\nname = "retrieval.exact"\n'
        (tmp_path / "s.toml").write_text(text)
        assert harness("run", "s.toml", cwd=tmp_path).returncode == 0
    shown = harness("show", "e/m", "retrieval.exact/1k/c0000/q0", cwd=tmp_path).stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "\\x1b[2J" in shown


def test_tasks_and_models(tmp_path: Path) -> None:
    assert "retrieval.exact" in harness("tasks", "list", cwd=tmp_path).stdout
    shown = harness("tasks", "show", "retrieval.exact", cwd=tmp_path).stdout
    assert "--- expected\nANSWER: " in shown
    assert "values_per_key" in shown
    adapters = harness("models", "list", cwd=tmp_path).stdout
    assert {"openai", "llama_cpp", "oracle", "lexical", "simulated"} <= {
        line.split()[0] for line in adapters.splitlines()
    }


def test_models_check_says_whether_a_prompt_arrives(tmp_path: Path, sweep_text: str) -> None:
    def answer(body: dict[str, Any]) -> Answer:
        tokens = len(body["messages"][-1]["content"]) // 4
        return completion("Amber Quill and Copper Wren", usage={"prompt_tokens": tokens})

    with FakeServer([answer]) as server:
        model = f'model = "m"\nbase_url = "{server.url}"'
        (tmp_path / "s.toml").write_text(sweep_text.replace('adapter = "lexical"', model))
        done = harness("models", "check", "s.toml", cwd=tmp_path)
    assert done.returncode == 0
    assert "lexical: ok" in done.stdout
    assert "whole at 1k: tokens seen " in done.stdout
    (tmp_path / "s.toml").write_text(sweep_text.replace('adapter = "lexical"', model))
    down = harness("models", "check", "s.toml", cwd=tmp_path)
    assert down.returncode == ExitCode.INVALID
    assert "cannot be reached" in down.stderr


def test_help_and_mistakes(tmp_path: Path) -> None:
    assert "Exit codes: 0 pass, 1 regressed" in harness("--help", cwd=tmp_path).stdout
    wrong = harness("gaet", cwd=tmp_path)
    assert wrong.returncode == ExitCode.USAGE
    assert "did you mean 'gate'" in wrong.stderr
    missing = harness("run", "nothing.toml", cwd=tmp_path)
    assert missing.returncode == ExitCode.USAGE
    assert missing.stderr.startswith("error: nothing.toml: no such file\n  fix: ")
    assert "Traceback" not in missing.stderr
    assert "Traceback" in harness("--debug", "run", "nothing.toml", cwd=tmp_path).stderr


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys; sys.argv = ['harness', '--help']\nfrom harness.cli.main import main\ntry: main()\nexcept SystemExit: pass\n"
    code += "print([m for m in ('pandas', 'scipy', 'numpy', 'openai', 'pydantic', 'jinja2') if m in sys.modules])"
    root = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": root})
    assert done.stdout.splitlines()[-1] == "[]"


def test_env_file_is_read_and_does_not_override(tmp_path: Path, sweep_text: str) -> None:
    (tmp_path / ".env").write_text("SWEEP_SIZE=1k\nSWEEP_NAME=from-file\n")
    text = sweep_text.replace('"1k"', '"${SWEEP_SIZE}"').replace('name = "s"', 'name = "${SWEEP_NAME}"')
    (tmp_path / "s.toml").write_text(text)
    plan = json.loads(harness("plan", "s.toml", "--json", cwd=tmp_path, SWEEP_NAME="from-shell").stdout)
    assert (plan["sweep"], plan["cells"][0]["length"]) == ("from-shell", 1024)


def test_quickstart_prints_a_sweep_that_loads(tmp_path: Path) -> None:
    printed = harness("quickstart", "--print", cwd=tmp_path).stdout
    (tmp_path / "sweep.toml").write_text(printed)
    (tmp_path / "gate.toml").write_text(harness("quickstart", "--print-policy", cwd=tmp_path).stdout)
    plan = json.loads(harness("plan", "sweep.toml", "--json", cwd=tmp_path).stdout)
    assert [model["role"] for model in plan["models"]] == ["baseline", "candidate", "candidate", "positive-control"]


def test_a_crash_is_never_taken_for_a_verdict(simulated: Path) -> None:
    """Python ends with 1 after an uncaught exception, which would read as "regressed"."""
    code = "import harness.gate as g\ndef crash(*_): raise ZeroDivisionError('oops')\ng.judge = crash\n"
    code += "from harness.cli.main import main; main()"
    root = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", code, "gate", "s/base", "s/same"]
    done = subprocess.run(command, cwd=simulated, capture_output=True, text=True, env={"PYTHONPATH": root})
    assert done.returncode == ExitCode.INVALID
    assert "internal error: ZeroDivisionError: oops" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_pipe_is_no_pass(simulated: Path) -> None:
    root = str(Path(__file__).parents[1])
    code = "from harness.cli.main import main; main()"
    command = f"{sys.executable} -c '{code}' gate s/base s/same --json; echo $? >&2"
    done = subprocess.run(
        ["bash", "-c", f"( {command} ) | true"], cwd=simulated, capture_output=True, text=True, env={"PYTHONPATH": root}
    )
    assert done.stderr.strip().splitlines()[-1] == "4"


def test_what_cannot_work_is_said_before_any_call(tmp_path: Path, sweep_text: str) -> None:
    (tmp_path / "short.toml").write_text(sweep_text.replace('"1k"', '"200"'))
    (tmp_path / "many.toml").write_text(sweep_text.replace("questions_per_context = 2", "questions_per_context = 9"))
    for command in ("plan", "run"):
        short = harness(command, "short.toml", cwd=tmp_path)
        assert short.returncode == ExitCode.USAGE
        assert short.stderr.startswith("error: short.toml: retrieval.exact at 200: what is planted needs")
        many = harness(command, "many.toml", cwd=tmp_path)
        assert many.returncode == ExitCode.USAGE
        assert "9 questions per context are asked" in many.stderr
    assert not (tmp_path / "results").exists()


def test_tasks_check_of_a_folder_without_tasks(tmp_path: Path) -> None:
    done = harness("tasks", "check", tmp_path, cwd=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "no task of its own in this folder" in done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_and_what_they_complete(shell: str, tmp_path: Path) -> None:
    script = outside("completion", shell, cwd=tmp_path)
    assert (script.returncode, "_HARNESS_COMPLETE" in script.stdout) == (0, True)
    words = {"_HARNESS_COMPLETE": "bash_complete", "COMP_WORDS": "harness ga", "COMP_CWORD": "1"}
    assert outside(cwd=tmp_path, **words).stdout.split() == ["plain,gate"]


def test_a_first_look_needs_no_file(tmp_path: Path) -> None:
    look = ("run", "--model", "any/model:7b", "--adapter", "lexical", "--task", "retrieval.exact", "--lengths", "1k,2k")
    done = harness(*look, "--contexts", "3", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "results/adhoc-any-model-7b/any-model-7b\n"), done.stderr
    assert len(load_run(tmp_path / "results/adhoc-any-model-7b/any-model-7b").results) == 24
    assert "complete, nothing to ask" in harness(*look, "--contexts", "3", cwd=tmp_path).stderr
    for wrong, complaint in (
        (("run",), "without a SWEEP.toml, one --model, --task, --lengths must be given"),
        (("run", "x.toml", "--task", "retrieval.exact"), "stand for a SWEEP.toml, and one is given"),
        ((*look[:-1], "1x"), "'1x' is not a size in tokens"),
        ((*look[:6], "retrieval.exakt", *look[7:]), "did you mean 'retrieval.exact'?"),
    ):
        refused = harness(*wrong, cwd=tmp_path)
        assert (refused.returncode, complaint in refused.stderr) == (2, True), refused.stderr
