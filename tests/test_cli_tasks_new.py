"""`harness tasks new` and `check` as a newcomer uses them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.scaffold import family_files, write_family

SWEEP = """
[sweep]
name = "first"
lengths = ["1k"]
contexts = 3
questions_per_context = 2

[[model]]
name = "oracle"
role = "baseline"
adapter = "oracle"

[[task]]
name = "tickets.priority"
"""


def harness(*args: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    code = "from harness.cli.main import main; main()"
    root = str(Path(__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )


def test_a_new_task_passes_the_battery_and_its_own_tests_and_runs(tmp_path: Path) -> None:
    made = harness("tasks", "new", "tickets.priority", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines() == ["tickets/task.py", "tickets/README.md", "tickets/test_tickets.py"]
    for step in (
        "tasks check tickets",
        "tasks show tickets.priority --task-dir tickets",
        "[[task]]",
        "--task-dir tickets",
    ):
        assert step in made.stderr

    checked = harness("tasks", "check", "tickets", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "checks pass" in checked.stdout.splitlines()[-1]

    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "tickets"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    assert "2 passed" in tested.stdout, tested.stdout + tested.stderr

    (tmp_path / "sweep.toml").write_text(SWEEP)
    ran = harness("run", "sweep.toml", "--task-dir", "tickets", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    lines = (tmp_path / "results/first/oracle/samples.jsonl").read_text().splitlines()
    scores = [json.loads(line)["score"] for line in lines]
    assert [score["value"] for score in scores] == [1.0] * 6


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "tickets").mkdir()
    (tmp_path / "tickets/README.md").write_text("mine")
    made = harness("tasks", "new", "tickets.priority", cwd=tmp_path)
    assert made.returncode == 2
    assert made.stderr.startswith("error: tickets/README.md: the file is there already, and nothing was written")
    assert [path.name for path in (tmp_path / "tickets").iterdir()] == ["README.md"]


def test_a_folder_may_be_named(tmp_path: Path) -> None:
    made = harness("tasks", "new", "tickets.priority", "--dir", "our tasks", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "our tasks/tickets/task.py").is_file()
    assert "harness tasks check 'our tasks/tickets'" in made.stderr


@pytest.mark.parametrize(
    "name",
    ["", "tickets", "Tickets.priority", "tickets.", "tickets.a.b", "9.a", "../x.y", "a b.c", "class.x", "x.import"],
)
def test_a_bad_name_is_told_what_is_allowed(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as error:
        write_family(name, tmp_path)
    assert "family.task" in error.value.allowed
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_a_built_in_task_is_taken(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is a task retrieval\.exact already"):
        write_family("retrieval.exact", tmp_path)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.from_regex(r"[a-z][a-z0-9_]{0,12}\.[a-z][a-z0-9_]{0,12}", fullmatch=True))
def test_any_good_name_gives_python_that_compiles(name: str) -> None:
    try:
        files = family_files(name)
    except ConfigError as error:
        assert "keyword" in error.allowed  # noqa: PT017 (most names are good; the bad ones must say why)
        return
    family = name.partition(".")[0]
    assert list(files) == ["task.py", "README.md", f"test_{family}.py"]
    for path, text in files.items():
        assert "$" not in text
        if path.endswith(".py"):
            compile(text, path, "exec")
    assert f'name = "{name}"' in files["task.py"]


def test_check_prints_what_fails_and_ends_with_one(tmp_path: Path) -> None:
    task = write_family("tickets.priority", tmp_path)[0]
    task.write_text(task.read_text().replace("return tuple(re.findall(NOW", "return tuple(re.findall(BEFORE"))
    checked = harness("tasks", "check", "tickets", "--lengths", "1k", cwd=tmp_path)
    assert checked.returncode == 1
    assert "Traceback" not in checked.stdout + checked.stderr
    failed = [line for line in checked.stdout.splitlines() if line.startswith("FAIL")]
    assert any(
        "the oracle scores 1" in line and "tickets.priority/1k/c0000/q0: the oracle finds" in line for line in failed
    )
    as_json = harness("tasks", "check", "tickets", "--lengths", "1k", "--json", cwd=tmp_path)
    assert as_json.returncode == 1
    findings = json.loads(as_json.stdout)["tickets.priority"]
    assert {f["check"] for f in findings if not f["passed"]} >= {"the oracle scores 1"}
    assert all(f["seconds"] >= 0 for f in findings)


def test_a_task_that_is_not_found_hints_at_the_option(tmp_path: Path) -> None:
    write_family("tickets.priority", tmp_path)
    (tmp_path / "sweep.toml").write_text(SWEEP)
    for arguments in (("run", "sweep.toml"), ("plan", "sweep.toml"), ("tasks", "show", "tickets.priority")):
        done = harness(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert "unknown task 'tickets.priority'" in done.stderr
        assert "fix: a task of your own is found with --task-dir FOLDER" in done.stderr
