"""The pages on own data: the tutorial runs as it is written, and the task's page names everything there is."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.main import _exit_code
from tasks.workload.axes import LONGEST, MOST_VALUES
from tasks.workload.params import WorkloadParams
from tasks.workload.scorers import SCORERS
from tasks.workload.scorers.json_fields import MOST_NAMED

ROOT = Path(__file__).parents[1]
TUTORIAL = (ROOT / "docs/own_data.md").read_text("utf-8")
PAGE = (ROOT / "tasks/workload/README.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [body for name, body in found if name == language]


def test_the_tutorial_runs_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (script,) = blocks(TUTORIAL, "python")
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    sweep, policy, own = blocks(TUTORIAL, "toml")
    (tmp_path / "sweep.toml").write_text(sweep)
    (tmp_path / "gate.toml").write_text(policy)
    monkeypatch.chdir(tmp_path)
    printed = {}
    commands = [line for block in blocks(TUTORIAL, "") for line in block.splitlines()]
    for command in commands:
        monkeypatch.setattr(sys, "argv", shlex.split(command))
        code = int(_exit_code() or 0)
        out, err = capsys.readouterr()
        name = command.split()[1]
        assert code == (1 if name == "gate" else 0), (command, err)
        printed[name] = out
    assert list(printed) == ["validate", "plan", "run", "gate", "report", "show"]
    assert blocks(TUTORIAL, "text")[0].strip() in printed["validate"]
    assert "Do not ship quantised" in printed["gate"]
    assert "simulated" in printed["gate"]
    assert "language=" in printed["plan"]
    assert (tmp_path / "reports/report.html").is_file()
    assert "built again, the same" in printed["show"]
    (tmp_path / "sweep.toml").write_text(
        re.sub(r'\[\[model\]\]\nname = "today".*?\n\n', f"{own}\n", sweep, flags=re.DOTALL)
    )
    monkeypatch.setattr(sys, "argv", ["harness", "plan", "sweep.toml"])
    assert not _exit_code()


@pytest.mark.parametrize("document", ["docs/own_data.md", "tasks/workload/README.md"])
def test_links_lead_somewhere(document: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / document).read_text("utf-8")):
        assert ((ROOT / document).parent / target).exists(), target


def test_every_key_and_scorer_is_on_the_page() -> None:
    for key in WorkloadParams.model_fields:
        assert f"`{key}`" in PAGE, key
    for name, scorer in SCORERS.items():
        assert f"| `{name}` |" in PAGE, name
        for key, field in scorer.Options.model_fields.items():
            assert key == "name" or f"`{field.alias or key}`" in PAGE, (name, key)
    assert f"from 2 to {MOST_VALUES} different ones" in PAGE
    assert f"text of up to {LONGEST}" in PAGE
    assert f"where there are at most {MOST_NAMED}." in PAGE


def test_every_failure_mode_is_on_the_page() -> None:
    source = "".join(path.read_text("utf-8") for path in sorted((ROOT / "tasks/workload/scorers").glob("*.py")))
    modes = set(re.findall(r'Fault\(f?"([a-z_.]+)', source)) | set(re.findall(r'_named\("([a-z_]+)"', source))
    assert len(modes) > 15
    known = re.findall(r"`([a-z_.]+)(?:\.\*|\.[A-Z]+)?`", PAGE)
    for mode in modes - {"fmt.invalid_json.duplicate_key"}:
        assert mode.rstrip(".") in {name.rstrip(".") for name in known}, mode
