"""The schemas say what the code does: what is written validates, what is wrong does not, nothing is left out."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, ValidationError
from test_emit import EVIL, STATES, hostile, many
from test_gate import answers, comparison, policy
from test_store import make_result, write

from harness.cli.main import cli
from harness.cli.schema import NAMES
from harness.gate import Verdict, VerdictRow, decide, emit, judge_several
from harness.gate.emit.several import emit_several
from harness.gate.explore.groups import Contrast, Groups, Standing
from harness.quickstart import POLICY, SWEEP
from harness.records import Estimate
from harness.registry import task_classes
from harness.schemas import SCHEMAS
from harness.schemas.describe import attributes_of
from harness.store import load_run

DOCUMENT = (Path(__file__).parents[1] / "docs/verdict_json.md").read_text()


def printed(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CliRunner().invoke(cli, ["schema", name], standalone_mode=False).stdout)
    return found


def check(name: str, value: Any) -> None:
    Draft202012Validator(printed(name)).validate(value)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_printed_is_a_schema(name: str) -> None:
    schema = printed(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert all(node["description"] for node in schema["$defs"].values())
    assert set(NAMES) == set(SCHEMAS)


@pytest.mark.parametrize("verdict", [*STATES, many(300), hostile(EVIL)], ids=lambda verdict: verdict.state)
def test_every_verdict_validates_and_holds_no_key_that_the_schema_lacks(verdict: Verdict) -> None:
    plain = json.loads(emit(verdict, "json"))
    check("verdict", plain)
    schema = printed("verdict")
    assert set(plain) == set(schema["properties"]) == set(schema["required"])
    for row in plain["rows"]:
        assert set(row) == set(schema["$defs"]["VerdictRow"]["properties"])


def test_guarded_rows_validate_too() -> None:
    file = {
        "mode": [{"mode": "truncated.*", "margin": 0.1}],
        "quantity": [{"quantity": "completion_tokens", "margin": 0.1}],
        "severity": {"margin": 5.0},
    }
    made = comparison({("t.a", 1024): answers(20, 3, losses=6)})
    made.pairs["base_completion_tokens"], made.pairs["cand_completion_tokens"] = 0, 9
    made.pairs.loc[~made.pairs["cand_correct"], "cand_mode"] = "truncated.answer"
    guarded = policy()
    guarded = type(guarded)("p", type(guarded.file).model_validate({"version": 1, **file}))
    plain = json.loads(emit(decide(made, guarded), "json"))
    assert {row["scope"] for row in plain["rows"]} == {"cell", "mode", "quantity", "severity"}
    check("verdict", plain)


def test_several_verdicts_validate_and_hold_no_key_that_the_schema_lacks(tmp_path: Path) -> None:
    write(tmp_path / "a", *(make_result(q) for q in range(4)), model="a")
    write(tmp_path / "b", *(make_result(q) for q in range(4)), model="b")
    write(tmp_path / "c", *(make_result(q, correct=q > 1) for q in range(4)), model="c")
    base, *others = (load_run(tmp_path / name) for name in "abc")
    plain = json.loads(emit_several(judge_several(base, others, None, datetime(2026, 1, 1, tzinfo=UTC)), "json"))
    check("verdicts", plain)
    schema = printed("verdicts")
    assert (set(plain), set(plain["groups"])) == tuple(
        set(node["properties"]) for node in (schema, schema["$defs"]["Groups"])
    )
    assert set(plain["groups"]["contrasts"][0]) == set(schema["$defs"]["Contrast"]["properties"])


@pytest.mark.parametrize(
    "change", [{"state": "passed"}, {"schema": "longcontext-harness/verdict@2"}, {"exit_code": 7}, {"alpha": "0.05"}]
)
def test_another_verdict_does_not_validate(change: dict[str, Any]) -> None:
    plain = json.loads(emit(STATES[0], "json"))
    with pytest.raises(ValidationError):
        check("verdict", plain | change)
    del plain["rows"][0]["margin"]
    with pytest.raises(ValidationError, match="'margin' is a required property"):
        check("verdict", plain)


def test_the_shipped_sweep_and_policy_validate() -> None:
    check("sweep", tomllib.loads(SWEEP.read_text()))
    check("gate", tomllib.loads(POLICY.read_text()))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gate", "version = 1\n[defaults]\nmargni = 0.1"),
        ("gate", "version = 2"),
        ("gate", "version = 1\n[[rule]]\nlength = '9q'"),
        ("sweep", "[sweep]\nname = 's'\nlengths = ['1k']\n[[model]]\nname = 'a'"),
        ("sweep", "[sweep]\nname = 's'\nlengths = ['long']\n[[model]]\nname = 'a'\n[[task]]\nname = 't'"),
        ("sweep", "[sweep]\nname = 's'\nlengths = ['1k']\n[[model]]\nname = 'a'\nmodle = 'x'\n[[task]]\nname = 't'"),
        (
            "sweep",
            "[sweep]\nname = 's'\nlengths = ['1k']\n[[model]]\nname = 'a'\nadapter = 'llama_cpp'\n[[task]]\nname = 't'",
        ),
        (
            "sweep",
            "[sweep]\nname = 's'\nlengths = ['1k']\n[[model]]\nname = 'a'\nmodel = 'x'\n[[task]]\nname = 'retrieval.exact'\nkyes = 3",
        ),
        ("sweep", "[sweep]\nname = 's'\nlengths = [0]\n[[model]]\nname = 'a'\n[[task]]\nname = 't'"),
    ],
)
def test_what_the_loader_refuses_does_not_validate(name: str, text: str) -> None:
    with pytest.raises(ValidationError):
        check(name, tomllib.loads(text))


def test_a_sweep_of_every_adapter_and_task_has_their_keys() -> None:
    nodes = printed("sweep")["$defs"]
    (openai,) = [
        each["then"]
        for each in nodes["ModelTable"]["allOf"]
        if each["if"]["properties"]["adapter"]["enum"] == ["openai"]
    ]
    assert {"model", "base_url", "api_key_env"} <= set(openai["properties"])
    named = [name for each in nodes["TaskTable"]["allOf"] for name in each["if"]["properties"]["name"]["enum"]]
    assert set(named) >= set(task_classes())
    check(
        "sweep",
        {
            "sweep": {"name": "s", "lengths": ["1k"]},
            "model": [{"name": "m", "adapter": "mine", "odd": 1}],
            "task": [{"name": "t", "odd": 1}],
        },
    )


@pytest.mark.parametrize("size", ["1k", "32K", "1.5m", "4096", 4096])
def test_sizes_validate_as_they_are_written(size: str | int) -> None:
    table = {"sweep": {"name": "s", "lengths": [size]}, "model": [{"name": "m", "model": "x"}], "task": [{"name": "t"}]}
    check("sweep", table)
    check("gate", {"version": 1, "rule": [{"length": size}, {"length": "*"}]})


def test_attributes_are_read_from_a_docstring() -> None:
    text = "What.\n\nAttributes:\n    a: one\n        and more.\n    b_c: two: three.\n\nRaises:\n    d: no."
    assert attributes_of(text) == {"a": "one and more.", "b_c": "two: three."}


def test_the_page_names_every_field_and_the_version() -> None:
    named = [
        field.name for kind in (Verdict, VerdictRow, Estimate, Groups, Standing, Contrast) for field in fields(kind)
    ]
    assert [name for name in named if f"`{name}`" not in DOCUMENT] == []
    assert printed("verdict")["title"] in DOCUMENT
    shown = json.loads(DOCUMENT.split("```json\n")[1].split("```")[0])
    check("verdict", shown)
