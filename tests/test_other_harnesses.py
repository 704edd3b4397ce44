"""Real logs of lm-eval and Inspect: imported, compared, exported, imported again; and the tutorial on them."""

from __future__ import annotations

import json
import math
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from in_process import Done, harness

from harness.cli.main import COMMANDS
from harness.store import load_run
from harness.store.run_dir import Run

ROOT = Path(__file__).parents[1]
PAGES = ("docs/other_harnesses.md", "docs/footguns.md")
TUTORIAL = (ROOT / PAGES[0]).read_text("utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("foreign")
    script = Path(__file__).with_name("foreign_logs.py")
    made_by = {"lm-eval": folder / "logs", "inspect": folder / "inspect"}
    calls = [
        subprocess.Popen([sys.executable, script, which, target], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for which, target in made_by.items()
    ]
    for call in calls:
        _, told = call.communicate(timeout=120)
        assert call.returncode == 0, told[-2000:]
    log = json.loads((folder / "inspect/b.json").read_text("utf-8"))
    log["plan"]["config"]["temperature"] = 0.7
    (folder / "inspect/warm.json").write_text(json.dumps(log))
    return folder


@pytest.fixture(scope="module")
def runs(made: Path) -> Path:
    for name in ("bf16", "int4", "int3", "chat"):
        assert harness("import", f"logs/acme__small-{name}", "--name", f"sums/{name}", cwd=made).returncode == 0
    for name in ("a.eval", "b.json", "warm.json"):
        done = harness("import", f"inspect/{name}", "--name", f"insp/{name[:-5]}", cwd=made)
        assert done.returncode == 0, done.stderr
    return made


def gate(cwd: Path, *args: str) -> Done:
    return harness("gate", *args, cwd=cwd)


def load(folder: Path, name: str) -> Run:
    return load_run(folder / "results" / name)


def scores(run: Run) -> dict[tuple[str, int], tuple[Any, ...]]:
    return {
        (r.sample_id, r.replicate): (r.outcome, r.score, r.reply.error and r.reply.error.kind, r.gold, r.reply.text)
        for r in run.results
    }


def test_twenty_lost_and_twenty_gained_pass_and_forty_lost_do_not(runs: Path) -> None:
    same, worse = gate(runs, "sums/bf16", "sums/int4"), gate(runs, "sums/bf16", "sums/int3")
    assert (same.returncode, worse.returncode) == (0, 1)
    assert "20/20" in same.stdout
    assert "no plan was locked" in same.stdout
    assert "on sums at 1k it answers 10.0 points fewer" in worse.stdout
    (runs / "gate.toml").write_text("version = 1\n[defaults]\nmargin = 0.15\n")
    assert gate(runs, "sums/bf16", "sums/int3", "--policy", "gate.toml").returncode == 0
    compared = json.loads(harness("compare", "sums/bf16", "sums/int4", "--json", cwd=runs).stdout)
    assert (len(compared["losses"]), len(compared["gains"])) == (20, 20)
    assert compared["modes"] == {"empty": {"baseline": 20, "candidate": 20}}


def test_another_chat_template_is_refused_by_name(runs: Path) -> None:
    done = gate(runs, "sums/bf16", "sums/chat")
    assert done.returncode == 4
    assert "chat_template_sha differs: None in the baseline, '" in done.stdout
    assert "system_instruction_sha differs" in done.stdout
    assert "prompt_hash differs for 400 of 400 samples" in done.stdout


def test_shuffled_lines_pair_as_before(runs: Path, tmp_path: Path) -> None:
    (file,) = (runs / "logs/acme__small-int4").glob("samples_*")
    lines = file.read_text().splitlines(keepends=True)
    rows = [json.loads(line) for line in reversed(lines)]
    renumbered = [{**row, "doc_id": 399 - row["doc_id"]} for row in rows]
    shutil.copytree(runs / "logs/acme__small-int4", tmp_path / "shuffled")
    (tmp_path / "shuffled" / file.name).write_text("".join(json.dumps(row) + "\n" for row in renumbered))
    assert harness("import", tmp_path / "shuffled", "--name", "sums/shuffled", cwd=runs).returncode == 0
    ours, theirs = load(runs, "sums/int4"), load(runs, "sums/shuffled")
    assert {key: each[1] for key, each in scores(ours).items()} == {
        key: each[1] for key, each in scores(theirs).items()
    }
    assert "20/20" in gate(runs, "sums/bf16", "sums/shuffled").stdout
    assert gate(runs, "sums/int4", "sums/shuffled").returncode == 0


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("max_length", 2048, "max_length differs: None in the baseline, 2048 in the candidate"),
        ("fewshot_as_multiturn", False, "fewshot_as_multiturn differs: True in the baseline, False in the candidate"),
        ("versions", {"sums": 2.0}, "sums: version differs: '1.0' in the baseline, '2.0' in the candidate"),
        ("n-shot", {"sums": 5}, "sums: num_fewshot differs: 0 in the baseline, 5 in the candidate"),
    ],
)
def test_settings_outside_the_prompt_are_refused_by_name(
    runs: Path, tmp_path: Path, key: str, value: Any, told: str
) -> None:
    shutil.copytree(runs / "logs/acme__small-int4", tmp_path / "log")
    (results,) = (tmp_path / "log").glob("results_*")
    results.write_text(json.dumps({**json.loads(results.read_text()), key: value}))
    assert harness("import", "log", cwd=tmp_path).returncode == 0
    done = gate(runs, "sums/bf16", str(tmp_path / "results/sums/acme_small-int4"))
    assert done.returncode == 4
    assert told in done.stdout


def test_what_a_log_without_its_results_file_does_not_say_is_unknown(runs: Path, tmp_path: Path) -> None:
    (file,) = (runs / "logs/acme__small-int4").glob("samples_*")
    (tmp_path / "alone").mkdir()
    shutil.copy(file, tmp_path / "alone")
    done = harness("import", "alone", cwd=tmp_path)
    assert "no results file beside the samples" in done.stdout
    told = gate(runs, "sums/bf16", str(tmp_path / "results/sums/alone"))
    assert told.returncode == 4
    assert "unknown in the candidate and not in the baseline: chat_template_sha, " in told.stdout
    assert "sums: num_fewshot" in told.stdout


def test_another_filter_and_a_missing_task_are_refused_by_name(runs: Path, tmp_path: Path) -> None:
    args = ("import", runs / "logs/acme__small-int4", "--filter", "loose")
    assert "exact_match, filter 'loose'" in harness(*args, cwd=tmp_path).stdout
    told = gate(runs, "sums/bf16", str(tmp_path / "results/sums/acme_small-int4")).stdout
    assert "sums: filter differs: 'strict' in the baseline, 'loose' in the candidate" in told
    done = harness("import", runs / "logs/dummy", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert (told["kind"], told["replies"], told["unknown"]) == (
        "control",
        20,
        ["finish reason", "tokens", "latency", "depth"],
    )
    run = load(tmp_path, "lm-eval/dummy")
    assert run.info.floors == {"pick": 0.5}
    assert {r.score.mode for r in run.results if r.score and not r.score.correct} == {"wrong_choice", "unattributed"}
    assert (
        "the tasks differ: only in the baseline none; only in the candidate pick"
        in gate(runs, "sums/bf16", str(tmp_path / "results/lm-eval/dummy")).stdout
    )


def test_unknown_is_never_zero(runs: Path) -> None:
    result = load(runs, "sums/bf16").results[0]
    assert result.reply.finish_reason == "unknown"
    assert result.reply.latency_s is None
    assert set(vars_of(result.reply.usage).values()) == {None}
    assert "depth" not in result.axes


def vars_of(usage: Any) -> dict[str, Any]:
    return {name: getattr(usage, name) for name in usage.__slots__}


def test_inspect_keeps_tokens_epochs_and_what_could_not_be_scored(runs: Path) -> None:
    run = load(runs, "insp/a")
    by_name = {(r.sample_id, r.replicate): r for r in run.results}
    assert len(by_name) == 40
    cut = by_name["sums/s7", 1]
    assert (cut.reply.finish_reason, cut.reply.usage.prompt_tokens, cut.reply.usage.cached_tokens) == ("length", 14, 3)
    failed = by_name["sums/s9", 0]
    assert failed.outcome == "invalid"
    assert failed.reply.error
    assert failed.reply.error.kind == "context_overflow"
    wrong = by_name["sums/s1", 0].score
    assert wrong
    assert (wrong.value, wrong.mode) == (0.0, "unattributed")
    assert "insp/a is a control model" in gate(runs, "insp/a", "insp/b").stdout


def test_values_of_inspect(made: Path, tmp_path: Path) -> None:
    done = harness("import", made / "inspect/a.eval", "--metric", "partly", "--name", "x/y", cwd=tmp_path)
    assert "4 without a score" in done.stdout
    run = load(tmp_path, "x/y")
    found = {r.sample_id: r.score for r in run.results if r.replicate == 0}
    told = {name: found[f"sums/{name}"] for name in ("s4", "s5", "s6", "s8")}
    assert {name: (s.value, s.correct, s.mode) for name, s in told.items() if s} == {
        "s4": (0.5, False, "partial"),
        "s5": (0.25, False, "unattributed"),
        "s6": (0.0, False, "no_answer"),
        "s8": (1.0, True, None),
    }
    unscored = next(r for r in run.results if r.sample_id == "sums/s3")
    assert unscored.score is None
    assert unscored.reply.error
    assert unscored.reply.error.kind == "scorer_failed"
    harness(
        "import", made / "inspect/a.eval", "--metric", "partly", "--correct-at", "0.2", "--name", "x/z", cwd=tmp_path
    )
    lenient = {r.sample_id: r.score for r in load(tmp_path, "x/z").results}
    assert lenient["sums/s5"].correct
    assert not lenient["sums/s4"].correct


def test_other_settings_of_inspect_are_refused_by_name(runs: Path) -> None:
    told = gate(runs, "insp/a", "insp/warm")
    assert told.returncode == 4
    assert "sums: generate config differs: {'temperature': 0.0} in the baseline, {'temperature': 0.7}" in told.stdout


def test_two_harnesses_and_own_runs_do_not_mix(runs: Path) -> None:
    told = gate(runs, "sums/bf16", "insp/a")
    assert told.returncode == 4
    assert "sums/bf16 is a log of lm-eval and insp/a is a log of inspect" in told.stdout


def test_the_zip_is_read_as_inspect_reads_it(made: Path) -> None:
    from inspect_ai.log import read_eval_log

    from harness.interop.imported import Choices
    from harness.interop.inspect_log import read_inspect

    theirs = read_eval_log(str(made / "inspect/a.eval"))
    ours = {(e.name, e.replicate + 1): e for e in read_inspect(made / "inspect/a.eval", Choices()).entries}
    assert len(ours) == len(theirs.samples or ())
    for sample in theirs.samples or ():
        entry = ours[str(sample.id), sample.epoch]
        assert (entry.reply.text, entry.gold) == (sample.output.completion, (sample.target,))
        value = sample.scores["includes"].value if sample.scores else None
        assert entry.value == ({"C": 1.0, "I": 0.0}[value] if value else None)


def test_lm_eval_comes_back_with_every_score(runs: Path, tmp_path: Path) -> None:
    done = harness("export", runs / "results/sums/int4", "--to", "lm-eval", "-o", "out", cwd=tmp_path)
    assert "400 prompts cannot be built again" in done.stderr
    (before,) = (runs / "logs/acme__small-int4").glob("samples_*")
    (after,) = (tmp_path / "out").glob("*/samples_*")
    kept = (
        "doc_id",
        "filter",
        "metrics",
        "exact_match",
        "resps",
        "filtered_resps",
        "target",
        "doc_hash",
        "prompt_hash",
    )
    told = [
        sorted([row[key] for key in kept] for row in map(json.loads, file.read_text().splitlines()))
        for file in (before, after)
    ]
    assert told[0] == told[1]
    assert len(told[0]) == 800
    assert harness("import", "out", "--name", "x/again", cwd=tmp_path).returncode == 0
    assert scores(load(tmp_path, "x/again")) == scores(load(runs, "sums/int4"))
    assert "20/20" in gate(runs, "sums/bf16", str(tmp_path / "results/x/again")).stdout
    (results,) = (tmp_path / "out").glob("*/results_*")
    assert json.loads(results.read_text())["results"]["sums"]["exact_match,strict"] == 0.95


def test_inspect_comes_back_with_every_score(runs: Path, tmp_path: Path) -> None:
    from inspect_ai.log import read_eval_log

    harness("export", runs / "results/insp/a", "--to", "inspect", "-o", "out.eval", cwd=tmp_path)
    before, after = read_eval_log(str(runs / "inspect/a.eval")), read_eval_log(str(tmp_path / "out.eval"))
    told = []
    for log in (before, after):
        values = {
            (str(s.id), s.epoch, name): "NaN" if isinstance(v.value, float) and math.isnan(v.value) else v.value
            for s in log.samples or ()
            for name, v in (s.scores or {}).items()
        }
        told.append(values)
    assert told[0] == told[1]
    assert len(told[0]) == 76
    assert harness("import", "out.eval", "--name", "x/again", cwd=tmp_path).returncode == 0
    assert scores(load(tmp_path, "x/again")) == scores(load(runs, "insp/a"))
    assert "scorer" not in gate(runs, "insp/a", str(tmp_path / "results/x/again")).stdout


def test_show_says_what_is_kept_and_score_refuses(runs: Path) -> None:
    lost = next(r for r in load(runs, "sums/bf16").results if r.score and not r.score.correct)
    shown = harness("show", "sums/bf16", lost.sample_id, cwd=runs)
    assert shown.returncode == 0
    assert "a log of lm-eval: the prompt is not kept and cannot be built again" in shown.stdout
    assert "What is " in shown.stdout
    assert "wrong: empty" in shown.stdout
    assert json.loads(harness("show", "sums/bf16", lost.sample_id, "--json", cwd=runs).stdout)["question"]
    refused = harness("score", "sums/bf16", cwd=runs)
    assert refused.returncode == 4
    assert "score it with lm-eval" in refused.stderr


def test_the_report_shows_questions_and_says_where_the_numbers_come_from(runs: Path) -> None:
    assert harness("report", "sums/bf16", "sums/int3", "-o", "r.html", cwd=runs).returncode == 0
    page = (runs / "r.html").read_text("utf-8")
    told = ("imported from", "exact_match", "What is kept of it", "What is 25 + 25?", "Lengths are estimates by")
    for text in told:
        assert text in page, text
    assert "The whole prompt, built again" not in page


def test_an_imported_run_can_be_a_baseline_on_file(runs: Path) -> None:
    done = harness("baseline", "accept", "sums/bf16", "--reason", "first", cwd=runs)
    assert done.returncode == 0, done.stderr
    file = done.stdout.strip()
    assert gate(runs, file, "sums/int3").returncode == 1
    refused = gate(runs, file, "sums/chat")
    assert refused.returncode == 4
    assert "chat_template_sha differs" in refused.stdout
    assert harness("export", file, "--to", "parquet", cwd=runs).returncode == 2


def test_the_same_log_again_changes_nothing_and_another_is_refused(runs: Path) -> None:
    file = runs / "results/sums/int4/samples.jsonl"
    before = file.stat().st_mtime_ns
    again = harness("import", "logs/acme__small-int4", "--name", "sums/int4", cwd=runs)
    assert again.returncode == 0
    assert "unchanged: the same log was imported before" in again.stdout
    assert file.stat().st_mtime_ns == before
    other = harness("import", "logs/acme__small-int3", "--name", "sums/int4", cwd=runs)
    assert other.returncode == 2
    assert "--name sums/OTHER" in other.stderr
    dry = harness("import", "logs/acme__small-int3", "--name", "sums/new", "--dry-run", cwd=runs)
    assert "not written: a dry run" in dry.stdout
    assert not (runs / "results/sums/new").exists()


def test_the_tutorial_runs_as_it_is_written(made: Path, tmp_path: Path) -> None:
    for folder in ("logs", "inspect"):
        shutil.copytree(made / folder, tmp_path / folder)
    codes = {"gate": 1}
    printed: dict[str, str] = {}
    commands = [line for block in blocks("") for line in block.splitlines() if line.startswith("harness ")]
    for command in commands:
        parts = shlex.split(command)
        done = harness(*parts[1:], cwd=tmp_path)
        assert done.returncode == codes.get(parts[1], 0), (command, done.stdout, done.stderr)
        printed[parts[1]] = printed.get(parts[1], "") + done.stdout
    assert set(printed) == {"import", "compare", "gate", "report", "export", "show"}
    for block in blocks("text"):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        assert all(any(line in text for text in printed.values()) for line in lines), lines
    assert (tmp_path / "reports/report.html").is_file()


def blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", TUTORIAL, re.DOTALL | re.MULTILINE)
    return [body for name, body in found if name == language]


@pytest.mark.parametrize("page", PAGES)
def test_links_and_commands_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target
    for command in re.findall(r"`harness ([a-z]+)", text):
        assert command in COMMANDS, command
