"""Our own runs as logs of other harnesses and as tables, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from in_process import harness
from jsonschema import Draft7Validator

from harness.records import Reply, ReplyError, Result
from harness.store import RunWriter, load_run

SWEEP = """
[sweep]
name = "own"
seed = 3
lengths = ["1k"]
contexts = 3
questions_per_context = 2
[[model]]
name = "half"
role = "baseline"
adapter = "simulated"
accuracy = 0.5
runs = 2
[[task]]
name = "retrieval.exact"
[[task]]
name = "aggregation.count"
"""
REPLIES = 24

TEXT, NUMBER = {"type": "string"}, {"type": "number"}
TEXTS = {"type": "array", "items": TEXT}
TEXT_VALUES = {"type": "object", "additionalProperties": TEXT}


def table(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


EEE_LINE = table(
    schema_version=TEXT,
    evaluation_id=TEXT,
    model_id=TEXT,
    evaluation_name=TEXT,
    sample_id=TEXT,
    interaction_type={"const": "single_turn"},
    input=table(raw=TEXT, reference=TEXTS),
    output=table(raw=TEXTS),
    messages={"type": "null"},
    answer_attribution={
        "type": "array",
        "items": table(
            turn_idx={"type": "integer"},
            source=TEXT,
            extracted_value=TEXT,
            extraction_method=TEXT,
            is_terminal={"type": "boolean"},
        ),
    },
    evaluation=table(score=NUMBER, is_correct={"type": "boolean"}),
    metadata=TEXT_VALUES,
)
EEE_DOCUMENT = table(
    schema_version=TEXT,
    evaluation_id=TEXT,
    retrieved_timestamp=TEXT,
    source_metadata=table(
        source_type={"enum": ["documentation", "evaluation_run"]},
        source_organization_name=TEXT,
        evaluator_relationship={"enum": ["first_party", "third_party", "collaborative", "other"]},
        additional_details=TEXT_VALUES,
    ),
    model_info=table(name=TEXT, id=TEXT, additional_details=TEXT_VALUES),
    eval_library=table(name=TEXT, version=TEXT),
    evaluation_results={
        "type": "array",
        "items": table(
            evaluation_name=TEXT,
            source_data=table(dataset_name=TEXT, source_type={"const": "other"}),
            metric_config=table(lower_is_better={"type": "boolean"}, min_score=NUMBER, max_score=NUMBER),
            score_details=table(score=NUMBER, details=TEXT_VALUES),
        ),
    },
)
"""What the published schema requires of the parts that are written."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a simulated model, one of whose replies failed."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "sweep.toml").write_text(SWEEP)
    done = harness("run", "sweep.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    run = load_run(folder / "results/own/half")
    with RunWriter(run.info) as writer:
        writer.replace_all([failed(run.results[0]), *run.results[1:]])
    return folder


def failed(result: Result) -> Result:
    from dataclasses import replace

    error = ReplyError(kind="timeout", message="no answer in 60 s")
    return replace(result, outcome="invalid", score=None, reply=Reply(error=error, finish_reason="error"))


def kept(folder: Path, name: str) -> dict[tuple[str, int], tuple[Any, ...]]:
    return {
        (r.sample_id, r.replicate): (
            r.outcome, r.score, r.gold, r.reply.text, r.reply.error and r.reply.error.kind, r.context_id, r.recipe.length
        )
        for r in load_run(folder / "results" / name).results
    }  # fmt: skip


@pytest.mark.parametrize("form", ["inspect", "lm-eval"])
def test_our_runs_come_back_with_every_score_and_failure_mode(own: Path, tmp_path: Path, form: str) -> None:
    assert harness("export", own / "results/own/half", "--to", form, "-o", "out", cwd=tmp_path).returncode == 0
    done = harness("import", "out", "--name", "back/half", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert (told["kind"], told["replies"], told["invalid"]) == ("simulated", REPLIES, 1)
    ours = kept(own, "own/half")
    assert kept(tmp_path, "back/half") == ours
    assert len({each[1].mode for each in ours.values() if each[1]}) > 1
    floors = [load_run(path).info.floors for path in (own / "results/own/half", tmp_path / "results/back/half")]
    assert {task: floor for task, floor in floors[0].items() if floor} == floors[1] != {}
    refused = harness("gate", own / "results/own/half", tmp_path / "results/back/half", cwd=tmp_path)
    assert refused.returncode == 4
    assert "own/half was run here and back/half is a log of" in refused.stdout


def test_inspect_opens_what_is_written(own: Path, tmp_path: Path) -> None:
    from inspect_ai.log import list_eval_logs, read_eval_log, read_eval_log_sample_summaries

    harness("export", own / "results/own/half", "--to", "inspect", "-o", "out", cwd=tmp_path)
    found = sorted(list_eval_logs(str(tmp_path / "out")), key=lambda each: each.name)
    assert len(found) == 2
    summaries = read_eval_log_sample_summaries(found[1].name)
    assert sum(each.error is not None for each in summaries) == 1
    log = read_eval_log(found[1].name)
    assert (log.eval.task, log.eval.config.epochs, log.status) == ("retrieval.exact", 2, "success")
    assert log.eval.metadata
    assert log.eval.metadata["longcontext_harness"]["kind"] == "simulated"
    first = next(each for each in log.samples or () if not each.error)
    (turn,) = first.input
    assert "ANSWER:" in turn.text
    assert first.output.usage
    scores = [each.result.score.value for each in asked_of(own) if each.result.score]
    assert log.results
    assert log.results.scores[0].metrics["accuracy"].value == pytest.approx(sum(scores) / len(scores))


def asked_of(own: Path) -> Any:
    from datetime import UTC, datetime

    from harness.interop.exported import gather

    return gather(load_run(own / "results/own/half"), (), datetime.now(UTC)).asked["retrieval.exact"]


def test_a_log_scored_anew_counts_as_scored(own: Path, tmp_path: Path) -> None:
    harness("export", own / "results/own/half", "--to", "inspect", "-o", "out", cwd=tmp_path)
    from inspect_ai.log import read_eval_log, write_eval_log

    (file,) = (tmp_path / "out").glob("*retrieval*")
    log = read_eval_log(str(file))
    for each in log.samples or ():
        if each.scores:
            each.scores["harness"].value = 0.25
    write_eval_log(log, str(tmp_path / "new.eval"))
    harness("import", "new.eval", "--name", "x/y", cwd=tmp_path)
    values = {r.score.value for r in load_run(tmp_path / "results/x/y").results if r.score}
    assert values == {0.25}


def test_a_table_has_everything(own: Path, tmp_path: Path) -> None:
    import pandas as pd

    done = harness("export", own / "results/own/half", "--to", "parquet", "-o", "t.parquet", cwd=tmp_path)
    assert done.stdout.strip() == "t.parquet"
    rows = pd.read_parquet(tmp_path / "t.parquet")
    assert len(rows) == REPLIES
    lost = rows[rows["outcome"] == "invalid"].iloc[0]
    assert (lost["error"], lost["value"], lost["correct"]) == ("timeout", None, None) or pd.isna(lost["value"])
    run = load_run(own / "results/own/half")
    assert set(rows["pair_sha256"]) == {run.pair_sha256(each) for each in run.results}
    assert rows["kind"].unique().tolist() == ["simulated"]
    prompt = json.loads(rows["prompt"].iloc[0])
    assert prompt[0]["role"] == "user"
    assert "axis.length_tokens" in rows
    assert rows["recipe"].map(json.loads).iloc[0]["seed"] == 3


def test_records_of_every_eval_ever_follow_its_schema(own: Path, tmp_path: Path) -> None:
    done = harness("export", own / "results/own/half", "--to", "eee", "-o", "out", cwd=tmp_path)
    samples, document = (tmp_path / line for line in done.stdout.splitlines())
    Draft7Validator(EEE_DOCUMENT).validate(found := json.loads(document.read_text()))
    lines = [json.loads(line) for line in samples.read_text().splitlines()]
    for line in lines:
        Draft7Validator(EEE_LINE).validate(line)
    assert len(lines) == found["detailed_evaluation_results"]["total_rows"] == REPLIES - 1
    details = {each["evaluation_name"]: each["score_details"]["details"] for each in found["evaluation_results"]}
    assert sum(int(each["without_a_score"]) for each in details.values()) == 1


def test_what_cannot_be_exported_says_why(own: Path, tmp_path: Path) -> None:
    several = harness("export", own / "results/own/half", "--to", "inspect", "-o", "one.eval", cwd=tmp_path)
    assert several.returncode == 2
    assert "a log of Inspect holds one task" in several.stderr
    assert harness("export", "no/run", "--to", "parquet", cwd=tmp_path).returncode == 2
    (tmp_path / "file").write_text("")
    blocked = harness("export", own / "results/own/half", "--to", "eee", "-o", "file", cwd=tmp_path)
    assert blocked.returncode == 4
    assert "cannot be written" in blocked.stderr
