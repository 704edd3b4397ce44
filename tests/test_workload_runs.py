"""Own data from the sweep to the verdict, as a user sees it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from harness.cli.main import _exit_code

SWEEP = """
[sweep]
name = "own"
seed = 4
lengths = ["512", "1k"]
{sweep}
[[model]]
name = "base"
role = "baseline"
adapter = "simulated"
accuracy = 0.95
seed = 1
price = {{ input = 2.0, output = 8.0 }}

[[model]]
name = "cand"
adapter = "simulated"
accuracy = {accuracy}
seed = 1

[[task]]
name = "workload"
label = "tickets"
data = "data/tickets.jsonl"
prompt = "{{document}}\\n\\n{{question}}"
answer = "{{expected}}"
{task}
"""


def rows(count: int = 120, long: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "document": f"Ticket {i}. " + "The van is late again. " * (20 + 50 * (i % 2) + (2000 if i < long else 0)),
            "question": "Which product is late, and how urgent is it? Reply in JSON.",
            "expected": {"product": ("van", "box", "cart")[i % 3], "urgency": i % 5},
            "language": ("en", "de")[i % 4 == 0],
        }
        for i in range(count)
    ]


def workplace(
    folder: Path,
    data: list[dict[str, Any]],
    *,
    accuracy: float = 0.9,
    sweep: str = "",
    task: str = 'score = "json_schema"',
) -> Path:
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data/tickets.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in data))
    (folder / "sweep.toml").write_text(SWEEP.format(sweep=sweep, accuracy=accuracy, task=task))
    return folder


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Harness = Callable[..., Done]


@pytest.fixture
def harness(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Harness:
    """Give a command in a folder; in this process, because starting one takes longer than most commands."""

    def command(*args: str | Path, cwd: Path, code: int = 0) -> Done:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["harness", *map(str, args)])
        done = Done(int(_exit_code() or 0), *capsys.readouterr())
        assert done.returncode == code, done.stderr
        return done

    return command


def replies(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]


def test_from_rows_to_a_verdict(harness: Harness, tmp_path: Path) -> None:
    """The sweep is named from another folder: its data are relative to it."""
    policy = "version = 1\n[defaults]\nmargin = 0.1\nslices = ['language']\nslice_margin = 0.4\n"
    place = workplace(tmp_path, rows(), accuracy=0.6, sweep='policy = "gate.toml"\n')
    (place / "gate.toml").write_text(policy)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    results = ("--results", place / "results")
    planned = json.loads(harness("plan", place / "sweep.toml", "--json", cwd=elsewhere).stdout)
    assert [(cell["length"], cell["contexts"], cell["samples"]) for cell in planned["cells"]] == [
        (512, 60, 60),
        (1024, 60, 60),
    ]
    assert {row["slice"] for row in planned["decides"] if row["slice"]} == {"language=de", "language=en"}
    overall = next(row for row in planned["decides"] if row["row"] == "overall")
    assert (overall["contexts"], overall["samples"]) == (120, 120)
    assert 20_000 < planned["models"][0]["input_tokens"] < 60_000  # as long as they are, not as the lengths
    done = harness("run", place / "sweep.toml", "--allow-underpowered", *results, cwd=elsewhere)
    assert "base: 120 of 120 replies" in done.stderr
    judged = harness("gate", "own/base", "own/cand", *results, "--json", cwd=elsewhere, code=1)
    verdict = json.loads(judged.stdout)
    assert verdict["state"] == "regressed"
    names = {(row["task"], row["length"], row.get("slice", "")) for row in verdict["rows"]}
    assert {("tickets", 512), ("tickets", 1024)} <= {name[:2] for name in names}
    modes = {line["score"]["mode"] for line in replies(place / "results/own/cand")}
    assert modes <= {None, "wrong_field.product", "wrong_field.urgency"}
    page = harness("report", "own", *results, "-o", tmp_path / "r.html", cwd=elsewhere)
    assert page.stdout.strip().endswith("r.html")
    assert "Which product is late" in (tmp_path / "r.html").read_text()
    assert "0 with another score" in harness("score", "own/base", *results, cwd=elsewhere).stdout
    shown = harness("show", "own/base", "tickets/512/r00001", *results, cwd=place).stdout
    assert "built again, the same" in shown
    assert "axis        language = de" in shown


def test_a_run_goes_on_and_refuses_other_rows(harness: Harness, tmp_path: Path) -> None:
    place = workplace(tmp_path, rows(20))
    first = harness("run", "sweep.toml", "--model", "base", "--limit", "3", cwd=place)
    assert "6 of 20 samples; a verdict needs all of them" in first.stderr
    assert "6 replies on disk, 14 to go" in harness("run", "sweep.toml", "--model", "base", cwd=place).stderr
    workplace(tmp_path, [*rows(20)[:-1], {**rows(20)[-1], "expected": {"product": "ship", "urgency": 9}}])
    again = harness("run", "sweep.toml", "--model", "base", cwd=place, code=2)
    assert "task[0].data_sha256: " in again.stderr
    shown = harness("show", "own/base", "tickets/512/r00001", cwd=place, code=2)
    assert "data/tickets.jsonl: the data have changed" in shown.stderr
    (place / "data/tickets.jsonl").unlink()
    shown = harness("show", "own/base", "tickets/512/r00001", cwd=place, code=2)
    assert "data/tickets.jsonl: no such file" in shown.stderr
    harness("report", "own", "-o", "r.html", cwd=place)


def test_rows_that_are_too_long_are_said_before_any_call(harness: Harness, tmp_path: Path) -> None:
    place = workplace(tmp_path, rows(30, long=2))
    refused = harness("plan", "sweep.toml", cwd=place, code=2)
    assert "2 of 30 rows are longer than the largest length, 1k" in refused.stderr
    for choice, done, count in (("skip", "left out", 28), ("truncate", "cut in the middle", 30)):
        told = f"data/tickets.jsonl: 2 of 30 rows are longer than 1k and are {done}"
        sets = ("--set", f"task.over_length={choice}", "--set", f"sweep.name={choice}")
        assert told in harness("plan", "sweep.toml", *sets, cwd=place).stdout
        ran = harness("run", "sweep.toml", "--model", "base", *sets, cwd=place)
        assert told in ran.stderr
        assert f"{count} of {count} replies" in ran.stderr


def test_rows_are_validated(harness: Harness, tmp_path: Path) -> None:
    place = workplace(tmp_path, rows(12))
    text = harness("validate", "sweep.toml", cwd=place).stdout
    for line in (
        "samples   6 at 512, 6 at 1k",
        "axes      language (en 9, de 3)",
        "ok    12 right answers score 1, 12 empty replies earn nothing",
        '{"product": "van", "urgency": 0}',
    ):
        assert line in text
    found = json.loads(harness("validate", "sweep.toml", "--json", cwd=place).stdout)
    assert found["tasks"][0]["axes"] == {"language": [{"value": "en", "samples": 9}, {"value": "de", "samples": 3}]}
    assert [model["money"] is None for model in found["models"]] == [False, True]
    twins = [*rows(12), {**rows(12)[0], "expected": {"product": "ship", "urgency": 1}}, rows(12)[1]]
    failing = harness("validate", "sweep.toml", cwd=workplace(tmp_path, twins), code=1)
    assert "FAIL  1: the same prompt is asked as before, and another answer is right" in failing.stdout
    assert "warn  1: the same prompt is asked as before, with the same right answer" in failing.stdout
    one = [{**row, "document": "The same handbook."} for row in rows(12)]
    assert "only 1 different contexts" in harness("validate", "sweep.toml", cwd=workplace(tmp_path, one[:1])).stdout


OWN = """
def product(reply, answer, row):
    {body}
"""


def test_a_function_of_the_user_scores_a_run(harness: Harness, tmp_path: Path) -> None:
    place = workplace(tmp_path, rows(10), task='score = "scorers.py:product"')
    right = "return {'value': answer['product'] in reply, 'mode': 'wrong_value.product'}"
    for body, code, told in (("return 3", 4, "10 scorer_failed"), (right, 0, "10 of 10 replies")):
        (place / "scorers.py").write_text(OWN.format(body=body))
        done = harness("run", "sweep.toml", "--model", "base", "--set", f"sweep.name=n{code}", cwd=place, code=code)
        assert told in done.stderr
    harness("validate", "sweep.toml", cwd=place)
    versions = {line["version"] for line in replies(place / "results/n0/base")}
    (place / "scorers.py").write_text(OWN.format(body="return False"))
    assert "FAIL  10: the right answer" in harness("validate", "sweep.toml", cwd=place, code=1).stdout
    refused = harness("run", "sweep.toml", "--model", "base", "--set", "sweep.name=n0", cwd=place, code=2)
    assert "task[0].scorer_sha256: " in refused.stderr
    assert "with another score" in harness("score", "n0/base", "--write", cwd=place).stdout
    lines = replies(place / "results/n0/base")
    assert not any(line["score"]["correct"] for line in lines)
    assert versions.isdisjoint({line["version"] for line in lines})
    (place / "scorers.py").write_text("def product(reply:\n")
    assert "the scorer cannot be imported: SyntaxError" in harness("validate", "sweep.toml", cwd=place, code=2).stderr


@pytest.mark.parametrize(
    ("task", "told"),
    [
        ('scor = "exact"', "unknown key 'scor' (did you mean 'score'?)"),
        ('score = "exakt"', "unknown scorer 'exakt' (did you mean 'exact'?)"),
        ('score = { name = "json_schema", schema = "missing.json" }', "missing.json: no such file"),
        ('score = { name = "number", margin = 1 }', "score 'number': unknown option 'margin'"),
        ('score = "exact"', "12 of 12 rows cannot be used"),
        ('score = "json_schema"\nsystem = "{langage}"', "did you mean 'language'?"),
        ('score = "json_schema"\nsystem = "{"', "system: a lone '{' at character 1"),
    ],
)
def test_what_is_wrong_in_a_sweep_is_said_with_its_place(
    harness: Harness, tmp_path: Path, task: str, told: str
) -> None:
    done = harness("plan", "sweep.toml", cwd=workplace(tmp_path, rows(12), task=task), code=2)
    assert told in done.stderr


def test_closed_book_is_the_one_control_of_own_data(harness: Harness, tmp_path: Path) -> None:
    other = 'score = "json_schema"\n\n[[task]]\nname = "retrieval.exact"\nkeys = 4\ndecoys = 0\n'
    controls = 'controls = ["closed_book", "oracle_context"]\ncontexts = 2\nquestions_per_context = 1\n'
    place = workplace(tmp_path, rows(12), sweep=controls, task=other)
    planned = json.loads(harness("plan", "sweep.toml", "--json", cwd=place).stdout)
    assert planned["notes"] == ["tickets has no oracle_context: its contexts are given"]
    found = [(c["task"], c["control"], c["length"], c["samples"]) for c in planned["cells"] if c["control"]]
    assert ("tickets", "closed_book", 512, 12) in found
    assert ("retrieval.exact", "oracle_context", 512, 2) in found
    assert ("tickets", "oracle_context") not in {cell[:2] for cell in found}
    harness("run", "sweep.toml", cwd=place)
    shown = harness("show", "own/base", "tickets/512-nothing/r00002", cwd=place).stdout
    assert "--- user\nWhich product is late, and how urgent is it? Reply in JSON.\n" in shown
    harness("report", "own", "-o", "r.html", cwd=place)
    page = (place / "r.html").read_text()
    assert "Right without the text" in page


def test_own_data_have_no_battery(harness: Harness, tmp_path: Path) -> None:
    place = workplace(tmp_path, rows(4))
    assert "those of workload are given" in harness("tasks", "check", "workload", cwd=place, code=2).stderr
    assert "harness validate SWEEP.toml" in harness("tasks", "show", "workload", cwd=place).stdout
    shown = json.loads(harness("tasks", "show", "workload", "--json", cwd=place).stdout)
    assert shown["params"]["required"] == ["data", "answer", "score"]


def test_simulated_models_take_one_row_for_another(harness: Harness, tmp_path: Path) -> None:
    """Their mistakes are right answers of other rows, so that a dry run shows real failure modes."""
    place = workplace(tmp_path, rows(12))
    sets = ("--set", "model.accuracy=0", "--set", "model.errors={ mistake = 1 }")
    harness("run", "sweep.toml", "--model", "base", *sets, cwd=place)
    modes = {line["score"]["mode"] for line in replies(place / "results/own/base")}
    assert modes == {"wrong_field.product"}


def test_what_is_optional_is_asked_for_by_name(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = workplace(tmp_path, rows(4))
    (place / "data/tickets.parquet").write_bytes(b"PAR1")
    for name in ("pyarrow", "pyarrow.parquet", "datasets"):
        monkeypatch.setitem(sys.modules, name, None)
    for data in ("data/tickets.parquet", "hf:a/b"):
        sets = ("--set", f"task.data={data}", "--set", f"task.revision={'a' * 40}")
        done = harness("plan", "sweep.toml", *sets, cwd=place, code=2)
        assert 'fix: pip install "longcontext-harness[data]"' in done.stderr


def test_generated_tasks_are_validated_too(harness: Harness, sweep_file: Path) -> None:
    text = harness("validate", sweep_file, cwd=sweep_file.parent).stdout
    assert "samples   8 at 1k; 2 of them looked at" in text
    assert "ok    2 right answers score 1" in text
