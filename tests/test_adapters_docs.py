"""What the page about adapters says is run, so that it stays true."""

from __future__ import annotations

import asyncio
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fake_server import Answer, FakeServer
from test_adapters_openai import request

from harness.cli.models import command
from harness.contexts import reference_counter
from harness.engine.check import check_model
from harness.registry import adapter_names, model_class
from harness.sweep import ModelTable, settings_of

PAGE = (Path(__file__).parents[1] / "docs/adapters.md").read_text()
TABLES = [
    table for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL) for table in tomllib.loads(block)["model"]
]


@pytest.mark.parametrize(
    "raw", [each for each in TABLES if each.get("adapter") != "house"], ids=lambda raw: raw["name"]
)
def test_every_table_on_the_page_is_taken(raw: dict[str, object]) -> None:
    assert settings_of(ModelTable.model_validate(raw))


def test_every_adapter_of_a_server_is_on_the_page() -> None:
    for name in adapter_names():
        if model_class(name).kind == "model":
            assert f"| `{name}` |" in PAGE or f'adapter = "{name}"' in PAGE, name


def test_every_key_of_an_adapter_is_on_the_page_about_sweeps() -> None:
    sweeps = (Path(__file__).parents[1] / "docs/sweep.md").read_text()
    for name in adapter_names():
        if model_class(name).kind == "model":
            assert [key for key in model_class(name).Settings.model_fields if f"`{key}`" not in sweeps] == [], name


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the page's example as a package would be."""
    (tmp_path / "house_model.py").write_text(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0])
    section = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)[0]
    ((group, names),) = tomllib.loads(section)["project"]["entry-points"].items()
    info = tmp_path / "house-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in names.items()) + "\n")
    monkeypatch.syspath_prepend(str(tmp_path))


def table(url: str) -> ModelTable:
    (raw,) = (each for each in TABLES if each.get("adapter") == "house")
    return ModelTable.model_validate({**raw, "url": url})


@pytest.mark.usefixtures("house")
def test_the_example_answers_is_listed_and_is_checked() -> None:
    def answer(body: dict[str, Any]) -> Answer:
        return 200, {}, {"text": "Amber Quill and Copper Wren", "prompt_tokens": len(body["prompt"]) // 4}

    with FakeServer([answer], reply_path="/answer") as server:
        model = table(server.url.replace("/v1", "/answer"))
        found = asyncio.run(check_model(model, 2048, reference_counter()))
        sent = server.requests[0]
    assert (found.ok, found.kind, found.error) == (True, "model", "")
    assert [arrival.arrived for arrival in found.arrivals] == ["whole", "whole"]
    assert set(sent) == {"prompt", "max_tokens"}
    listed = CliRunner().invoke(command, ["list"], standalone_mode=False, catch_exceptions=False).stdout
    assert re.search(r"^house +model +url, timeout_s +The house's own server", listed, re.MULTILINE)


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {}, "rate_limit"),
        (413, {}, "context_overflow"),
        (500, {}, "server_error"),
        (400, {}, "bad_request"),
        (200, "no JSON", "bad_reply"),
        (200, {"answer": "x"}, "bad_reply"),
    ],
)
def test_the_example_types_its_errors(status: int, body: object, kind: str) -> None:
    with FakeServer([(status, {}, body)], reply_path="/answer") as server:
        model = table(server.url.replace("/v1", "/answer"))
        reply = asyncio.run(model_class("house")(settings_of(model)).generate(request()))
    assert reply.error is not None
    assert reply.error.kind == kind
