"""What the documents say is run, so that it stays true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.adapters.llama_cpp import LlamaCppSettings
from harness.adapters.openai import OpenAISettings
from harness.battery import check_task
from harness.cli.main import COMMANDS
from harness.gate import load_policy
from harness.gate.policy import Defaults, Mode, PolicyFile, Quantity, Rule, Severity
from harness.quickstart import POLICY, SWEEP
from harness.scaffold import family_files
from harness.sweep import ModelTable, SweepTable, TaskTable, load_sweep

ROOT = Path(__file__).parents[1]


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def test_the_task_of_the_contributing_guide_is_what_is_written_and_passes_the_battery(tmp_path: Path) -> None:
    (tmp_path / "tickets").mkdir()
    shown = blocks("CONTRIBUTING.md", "python")[0]
    assert shown == family_files("tickets.priority")["task.py"]
    (tmp_path / "tickets/task.py").write_text(shown)
    findings = check_task("tickets.priority", {}, [tmp_path / "tickets"], lengths=(1024, 4096))
    assert [finding for finding in findings if not finding.passed] == []


def test_the_sweep_of_the_readme_is_one(tmp_path: Path) -> None:
    (shown,) = blocks("README.md", "toml")
    (tmp_path / "sweep.toml").write_text(shown)
    assert load_sweep(tmp_path / "sweep.toml").resolved.sweep.name == "glm-fp8"
    assert load_sweep(SWEEP).resolved.sweep.name == "quickstart"
    assert load_policy(POLICY).defaults.margin == 0.15


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_links_and_commands_exist(document: str) -> None:
    text = (ROOT / document).read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / target).exists(), target
    for command in re.findall(r"`harness ([a-z]+)", text):
        assert command in COMMANDS, command


def test_the_tree_that_the_architecture_draws_exists() -> None:
    drawn = re.findall(r"^(harness/[\w/]+(?:\.py|/)?)", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)
    assert len(drawn) > 15
    for path in drawn:
        assert (ROOT / path).exists(), path


def test_the_sweep_page_names_every_key() -> None:
    text = (ROOT / "docs/sweep.md").read_text()
    tables = (
        SweepTable,
        ModelTable,
        TaskTable,
        OpenAISettings,
        LlamaCppSettings,
        PolicyFile,
        Defaults,
        Rule,
        Mode,
        Quantity,
        Severity,
    )
    keys = {key for table in tables for key in table.model_fields} - {"defaults", "rule", "mode", "severity"}
    assert [key for key in sorted(keys) if f"`{key}`" not in text and f"`{key} = " not in text] == []
