"""What tasks measure besides right and wrong: kept as columns, averaged, and shown where a reader looks for it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from in_process import harness
from render_data import excerpts, judged, made_result, made_run
from test_render_report import text_of

from harness.records import ReplyError, Result
from harness.render import render_report
from harness.render.arms import make_arms
from harness.render.content import document_of
from harness.render.metrics import MOST, make_metrics, means_of
from harness.render.report import make_content
from harness.stats import cluster_t
from harness.store.columns import Columns

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/presets.md").read_text("utf-8")


def measured(i: int, metrics: dict[str, float], **changes) -> Result:
    made = made_result(f"s{i}", context=i // 2, mode="refusal", **changes)
    return replace(made, score=replace(made.score, metrics=metrics)) if made.score else made


def test_a_metric_is_a_column_and_what_is_asked_again_goes_before():
    columns = Columns()
    for i, metrics in enumerate([{"f1@1": 0.5}, {}, {"f1@1": 1.0, "bleu@1": 31.0}]):
        columns.append(measured(i, metrics), "sha")
    failed = made_result("s2", error=ReplyError(kind="timeout", message=""))
    columns.put(2, failed, "sha")
    columns.put(1, measured(1, {"f1@1": 0.25}), "sha")
    for _ in range(2):
        metrics = columns.metrics()
        assert metrics["f1@1"].fillna(-1).tolist() == [0.5, 0.25, -1]
        assert metrics["bleu@1"].isna().all()
        assert metrics.index.tolist() == columns.frame().index.tolist()


def test_means_are_over_samples_and_intervals_over_contexts():
    values = [0.2, 0.4, 0.9, 0.7, 0.5, 0.5]
    results = [measured(i, {"f1@1": value, "strict@1": float(i < 3)}) for i, value in enumerate(values)]
    again = [replace(measured(i, {"f1@1": value}), replicate=1) for i, value in enumerate(values)]
    found = dict(means_of(made_run("m", [*results, *again]), 1.0))
    f1, strict = (found["retrieval.exact", 1024, metric] for metric in ("f1@1", "strict@1"))
    expected = cluster_t(values, [0, 0, 1, 1, 2, 2])
    assert (f1.value, f1.n, f1.method) == (pytest.approx(expected.mean), 6, "cluster-t")
    assert (f1.low, f1.high) == pytest.approx(expected.interval(0.95))
    assert (strict.value, strict.n, strict.method) == (0.5, 6, "Wilson")
    same = dict(means_of(made_run("m", [measured(i, {"f1@1": 0.3}) for i in range(4)]), 1.0))
    assert next(iter(same.values())).low is None, "no spread between contexts proves nothing"


def test_the_page_and_json_show_them_and_a_run_without_any_has_no_section():
    base = made_run("base", [measured(i, {"f1@1": 0.5 + i / 20}) for i in range(8)], role="baseline")
    cand = made_run("cand", [measured(i, {"f1@1": 0.25}) for i in range(8)])
    html = render_report([base, cand], [judged(base, cand)], excerpts=excerpts)
    section = text_of(html.split('<section id="metrics">')[1].split("</section>")[0])
    assert "f1@1 retrieval.exact at 1k 0.675" in section
    assert "0.250 n/a, n 8" in section
    document = document_of(make_content([base, cand], [], excerpts=excerpts))
    assert [(each.model, each.metric, each.mean.n) for each in document.metrics] == [
        ("kv-cache/base", "f1@1", 8),
        ("kv-cache/cand", "f1@1", 8),
    ]
    bare = made_run("bare", [made_result(f"s{i}", context=i) for i in range(4)])
    assert '<section id="metrics">' not in render_report([bare], excerpts=excerpts)


def test_thousands_of_means_leave_the_page_and_stay_in_json():
    many = {f"m{i}@1": 1.0 for i in range(MOST + 1)}
    run = made_run("many", [measured(0, many)])
    table = make_metrics(make_arms([run], []))
    assert (table.shown, len(table.rows)) == (False, MOST + 1)
    assert "have no room here" in render_report([run], excerpts=excerpts)


def test_the_example_of_the_presets_page_runs_and_prints_what_it_shows(tmp_path: Path) -> None:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (script,) = (body for name, body in blocks if name == "python")
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    sweep = next(body for name, body in blocks if name == "toml" and "[sweep]" in body)
    (tmp_path / "sweep.toml").write_text(sweep)
    commands = next(body for name, body in blocks if name == "" and "harness" in body).splitlines()
    for command in commands:
        done = harness(*shlex.split(command)[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    for shown in (body for name, body in blocks if name == "text"):
        assert shown in done.stdout + "\n"
    printed = harness("compare", "published/oracle", "published/parrot", "--json", cwd=tmp_path).stdout
    (metric,) = json.loads(printed)["metrics"]
    assert (metric["metric"], metric["candidate"]["value"]) == ("ruler.string_match_all@1", 1.0)
    shown = harness("show", "published/parrot", "niah/2k/r00001", cwd=tmp_path).stdout
    assert "metric      ruler.string_match_all@1 = 1\n" in shown
    refused = harness("compare", *["published/oracle"] * 3, "--metrics", cwd=tmp_path)
    assert refused.returncode == 2
    assert "--metrics is for one candidate at a time" in refused.stderr


def test_a_schema_that_refers_elsewhere_is_told_and_nothing_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"q": "Which?", "a": {"name": "x"}}\n' * 2)
    (tmp_path / "sweep.toml").write_text(
        '[sweep]\nname = "refs"\nlengths = ["1k"]\n[[model]]\nname = "o"\nadapter = "oracle"\n'
        '[[task]]\nname = "workload"\ndata = "rows.jsonl"\nprompt = "{q}"\nanswer = "{a}"\n'
        'score = { name = "json_schema", schema = { "$ref" = "http://127.0.0.1:9/schema.json" } }\n'
    )
    done = harness("validate", "sweep.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "refers to http://127.0.0.1:9/schema.json, and nothing is fetched" in done.stderr
