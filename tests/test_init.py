"""`harness init`: the first sweep and policy of a stranger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from in_process import harness

from harness.errors import ConfigError, HarnessError
from harness.gate import load_policy
from harness.scaffold.start import Start, start_files, write_files
from harness.sweep import load_sweep

MODELS = (
    "--baseline-url",
    "http://a:1/v1",
    "--baseline-model",
    "m",
    "--candidate-url",
    "http://b:1/v1",
    "--candidate-model",
    "m-fp8",
)


def test_the_files_are_a_sweep_and_a_policy_that_can_decide(tmp_path: Path) -> None:
    made = harness("init", *MODELS, "--key-env", "MY_KEY", cwd=tmp_path)
    assert (made.returncode, made.stdout.splitlines()) == (0, ["sweep.toml", "gate.toml"]), made.stderr
    sweep = load_sweep(tmp_path / "sweep.toml")
    assert [table.role for table in sweep.resolved.model] == ["baseline", "candidate"]
    assert sweep.raw["model"][1] == {
        "name": "candidate",
        "adapter": "openai",
        "base_url": "http://b:1/v1",
        "model": "m-fp8",
        "api_key_env": "MY_KEY",
    }
    assert load_policy(tmp_path / "gate.toml").defaults.margin == 0.05
    drawn = harness("simulate", "sweep.toml", "--scenario", "lossless", "--replicates", "100", "--json", cwd=tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    (lossless,) = json.loads(drawn.stdout)["scenarios"]
    assert lossless["pass"]["low"] > 0.8
    again = harness("init", cwd=tmp_path)
    assert (again.returncode, "nothing was written" in again.stderr) == (2, True)


def test_what_is_not_told_is_left_to_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = harness("init", "--dir", "new", "--lengths", "4k", "--tasks", "code.find", "--contexts", "5", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "set BASELINE_URL, BASELINE_MODEL, CANDIDATE_URL, CANDIDATE_MODEL" in made.stderr
    with pytest.raises(ConfigError, match="BASELINE_URL is not set"):
        load_sweep(tmp_path / "new/sweep.toml")
    for name in ("BASELINE_URL", "BASELINE_MODEL", "CANDIDATE_URL", "CANDIDATE_MODEL"):
        monkeypatch.setenv(name, "x")
    sweep = load_sweep(tmp_path / "new/sweep.toml")
    assert (sweep.resolved.sweep.lengths, sweep.resolved.sweep.contexts) == ([4096], 5)


@pytest.mark.parametrize("wrong", [{"lengths": ["32x"]}, {"tasks": ["retrieval.exakt"]}])
def test_what_cannot_work_is_said_before_anything_is_written(wrong: dict[str, list[str]]) -> None:
    with pytest.raises(HarnessError, match=next(iter(wrong.values()))[0]):
        start_files(Start(**wrong))


def test_every_line_that_is_commented_out_works_too(tmp_path: Path) -> None:
    files = start_files(Start(urls=("http://a", "http://b"), models=("m", "n")))
    gate = "\n".join(
        line.removeprefix("# ")
        if line.startswith(("# [", "# mode", "# task", "# length", "# margin", "# quantity", "# costs", "# slice"))
        else line
        for line in files["gate.toml"].splitlines()
    )
    write_files({"gate.toml": gate}, tmp_path)
    policy = load_policy(tmp_path / "gate.toml")
    assert (len(policy.file.rule), len(policy.file.mode), len(policy.file.quantity)) == (1, 1, 1)
    assert policy.file.severity
