"""A run on disk: what is complete is never lost, and what is damaged is never read as if it were not."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StoreError, UnknownName, WrongRun
from harness.records import Recipe, Reply, ReplyError, Result, Score, Usage
from harness.store import RunInfo, RunWriter, load_run, pair
from harness.store.lines import from_line, to_line
from harness.store.run_dir import write_atomically


def make_result(question: int = 0, *, correct: bool = True, text: str = "7", **changes: object) -> Result:
    recipe = Recipe(
        task="t.a", seed=1, params={"k": 2}, length=1024, counter="reference", context=0, question=question, questions=4
    )
    result = Result(
        sample_id=f"t.a/1k/c0000/q{question}",
        task="t.a",
        version="1",
        context_id="t.a/c0000",
        replicate=0,
        axes={"length_tokens": 1024, "depth": 0.25, "absent": False},
        recipe=recipe,
        gold=("7",),
        prompt_sha256=f"{question:064x}",
        expected_tokens=900,
        expected_by="reference",
        outcome="scored",
        reply=Reply(text=text, finish_reason="stop", usage=Usage(prompt_tokens=905), latency_s=0.5),
        score=Score(value=float(correct), correct=correct, mode=None if correct else "wrong", answer=("7",)),
    )
    return replace(result, **changes)  # type: ignore[arg-type]


def failed(question: int = 0) -> Result:
    reply = Reply(error=ReplyError(kind="timeout", message="no answer"), finish_reason="error")
    return make_result(question, outcome="invalid", reply=reply, score=None)


def make_info(path: Path, *, seed: int = 1, planned: int = 4, model: str = "m") -> RunInfo:
    config = {"sweep": {"seed": seed, "tokenizer": "reference"}, "model": {"sampling": {}}, "task": [{"name": "t.a"}]}
    return RunInfo(
        sweep="s",
        model=model,
        kind="model",
        role="candidate",
        path=path,
        config=config,
        planned=planned,
        identity={},
        environment={},
    )


def write(path: Path, *results: Result, **changes: object) -> RunInfo:
    info = make_info(path, **changes)  # type: ignore[arg-type]
    with RunWriter(info) as writer:
        for result in results:
            writer.append(result)
    return info


@given(text=st.text(), reasoning=st.text(st.characters(codec=None)))
def test_a_line_gives_back_any_reply_whole(text: str, reasoning: str) -> None:
    result = make_result(text=text)
    result = replace(result, reply=replace(result.reply, reasoning=reasoning))
    line = to_line(result)
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert from_line(json.loads(line), where="x:1") == result


def test_what_is_appended_is_read_back(tmp_path: Path) -> None:
    write(tmp_path, make_result(0), failed(1))
    run = load_run(tmp_path)
    assert run.results == (make_result(0), failed(1))
    assert run.invalid == 1
    assert run.info.name == "s/m"


def test_a_torn_last_line_is_left_out_and_then_cut_off(tmp_path: Path) -> None:
    write(tmp_path, make_result(0), make_result(1))
    file = tmp_path / "samples.jsonl"
    file.write_bytes(file.read_bytes()[:-30])
    assert [r.sample_id for r in load_run(tmp_path).results] == ["t.a/1k/c0000/q0"]
    write(tmp_path, make_result(2))
    assert [r.sample_id for r in load_run(tmp_path).results] == ["t.a/1k/c0000/q0", "t.a/1k/c0000/q2"]


def test_a_changed_digit_is_found(tmp_path: Path) -> None:
    write(tmp_path, make_result(0), make_result(1))
    file = tmp_path / "samples.jsonl"
    file.write_text(file.read_text().replace('"value":1.0', '"value":0.0', 1))
    with pytest.raises(StoreError, match=r"samples.jsonl:1: the line was changed"):
        load_run(tmp_path)


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    write(tmp_path, make_result(0), make_result(1))
    file = tmp_path / "samples.jsonl"
    file.write_text("{broken\n" + file.read_text())
    with pytest.raises(StoreError, match=r"samples.jsonl:1: the line is not JSON"):
        load_run(tmp_path)


def test_a_later_answer_replaces_an_error_but_not_an_answer(tmp_path: Path) -> None:
    write(tmp_path, failed(0))
    write(tmp_path, make_result(0))
    assert load_run(tmp_path).invalid == 0
    write(tmp_path, make_result(0, correct=False))
    with pytest.raises(StoreError, match="answered a second time"):
        load_run(tmp_path)


def test_another_sweeps_directory_is_not_touched(tmp_path: Path) -> None:
    write(tmp_path, make_result(0))
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(WrongRun, match=r"sweep\.seed: 1 -> 2"):
        write(tmp_path, make_result(1), seed=2)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with RunWriter(make_info(tmp_path)), pytest.raises(StoreError, match="another process is writing"):
        write(tmp_path, make_result(0))


def test_no_run_and_a_foreign_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="there is no run here"):
        load_run(tmp_path)
    (tmp_path / "run.json").write_text('{"format": "something else"}')
    with pytest.raises(StoreError, match="not a run of this version"):
        load_run(tmp_path)


def test_a_full_disk_keeps_what_was_complete(tmp_path: Path) -> None:
    """The limit on file size stands in for a full disk: the write fails in the middle of a line."""
    code = (
        "import resource, signal, sys; sys.path.insert(0, 'tests');"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from pathlib import Path; import test_store as t; from harness.errors import StoreError;"
        "w = t.RunWriter(t.make_info(Path(sys.argv[1]))); w.__enter__();"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000));"
        "\ntry:\n for i in range(9): w.append(t.make_result(i))"
        "\nexcept StoreError as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert "cannot write: File too large" in done.stdout, done.stderr
    file = tmp_path / "samples.jsonl"
    assert file.read_bytes().endswith(b"}\n")
    assert 3 <= len(load_run(tmp_path).results) < 9
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 5000


def test_two_writers_of_one_file_leave_one_of_their_texts_whole(tmp_path: Path) -> None:
    texts = [char * 200_000 for char in "abcdefgh"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_atomically(tmp_path / "plan.lock", text), texts * 4))
    assert (tmp_path / "plan.lock").read_text() in texts
    assert [file.name for file in tmp_path.iterdir()] == ["plan.lock"]


def test_a_file_that_cannot_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", "before")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(tmp_path / "a", "x" * 10_000 + "\ud800")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a", "before")]


def test_pairs_by_content_whatever_the_order(tmp_path: Path) -> None:
    results = [make_result(q, correct=q != 1) for q in range(4)]
    write(tmp_path / "a", *results)
    write(tmp_path / "b", *reversed([make_result(q, correct=q != 2) for q in range(4)]))
    comparison = pair(load_run(tmp_path / "a"), load_run(tmp_path / "b"))
    assert comparison.problems == ()
    assert comparison.missing == 0
    lost = comparison.pairs.query("base_correct and not cand_correct")
    assert list(lost["sample_id"]) == ["t.a/1k/c0000/q2"]


def test_what_cannot_be_paired_is_named_and_counted(tmp_path: Path) -> None:
    write(tmp_path / "a", make_result(0), make_result(1), failed(2))
    write(tmp_path / "b", make_result(0, prompt_sha256="f" * 64), make_result(1), make_result(2), seed=2)
    comparison = pair(load_run(tmp_path / "a"), load_run(tmp_path / "b"))
    assert len(comparison.pairs) == 1
    assert comparison.invalid_baseline == 1
    assert comparison.missing == 1
    assert comparison.problems == (
        "[sweep] seed differs: 1 in the baseline, 2 in the candidate",
        "1 samples of the same name have another prompt, gold answer or task version; the first is t.a/1k/c0000/q0",
    )


def test_an_empty_run_pairs_with_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a", make_result(0))
    write(tmp_path / "b")
    comparison = pair(load_run(tmp_path / "a"), load_run(tmp_path / "b"))
    assert comparison.pairs.empty
    assert comparison.missing == 4


def test_a_run_is_not_its_own_candidate(tmp_path: Path) -> None:
    write(tmp_path / "a", *[make_result(q) for q in range(4)])
    run = load_run(tmp_path / "a")
    assert pair(run, run).problems == ("both names mean the same run",)


def test_complete_runs_of_other_samples_do_not_pair_in_part(tmp_path: Path) -> None:
    write(tmp_path / "a", make_result(0), make_result(1), planned=2)
    write(tmp_path / "b", make_result(1), make_result(2), planned=2)
    comparison = pair(load_run(tmp_path / "a"), load_run(tmp_path / "b"))
    assert len(comparison.pairs) == 1
    assert comparison.problems == ("2 samples are in one of the runs only; the first is t.a/1k/c0000/q0",)


@pytest.mark.parametrize(
    ("table", "key", "value"), [("sweep", "lengths", [1024]), ("model", "system", "Be brief."), ("model", "runs", 2)]
)
def test_settings_that_change_what_is_asked_must_agree(tmp_path: Path, table: str, key: str, value: object) -> None:
    write(tmp_path / "a", *[make_result(q) for q in range(4)])
    info = make_info(tmp_path / "b")
    config = {**info.config, table: {**info.config[table], key: value}}
    with RunWriter(replace(info, config=config)) as writer:
        for q in range(4):
            writer.append(make_result(q))
    problems = pair(load_run(tmp_path / "a"), load_run(tmp_path / "b")).problems
    assert len(problems) == 1
    assert f"{key} differs" in problems[0]
