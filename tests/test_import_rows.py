"""Logs of other harnesses made by hand: odd values, hostile files, and what each is refused for."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from in_process import harness

from harness.errors import ConfigError
from harness.gate import decide, load_policy
from harness.interop.imported import Choices, Log, bucket, info_of, names_of, notes_of, results_of
from harness.interop.keep import keep
from harness.interop.recognise import read_logs
from harness.records import Result
from harness.store import load_run, pair


def line(number: int, right: bool = True, **changes: Any) -> dict[str, Any]:
    row = {
        "doc_id": number,
        "doc": {"question": f"Which is number {number}?", "article": number // 5},
        "target": str(number),
        "arguments": {"gen_args_0": {"arg_0": f"Text. Which is number {number}?", "arg_1": {"until": []}}},
        "resps": [[str(number) if right else "none of them"]],
        "filtered_resps": [str(number)],
        "filter": "none",
        "metrics": ["exact"],
        "doc_hash": f"d{number}",
        "prompt_hash": f"p{number}",
        "target_hash": f"t{number}",
        "exact": float(right),
    }
    return {**row, **changes}


def write(folder: Path, rows: list[dict[str, Any]], name: str = "samples_t_1.jsonl") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def taken(file: Path, **chosen: Any) -> tuple[Log, list[Result]]:
    choices = Choices(**chosen)
    log = read_logs([file], choices)
    return log, results_of(log, choices)


def refusal(file: Path, **chosen: Any) -> str:
    with pytest.raises(ConfigError) as refused:
        taken(file, **chosen)
    return str(refused.value)


def nemo(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "problem_idx": number,
        "repeat": 0,
        "reward": 1.0,
        "prompt": f"Question {number}",
        "model_response": f"reply {number}",
        "extracted_answer": str(number),
        "expected_answer": str(number),
        "scoring_details": {"method": "exact"},
        "metadata": {"category": "a"},
        "tokens": 0,
        "latency_ms": 1500.0,
    }
    return {**row, **changes}


def sample(number: int, epoch: int = 1, value: Any = "C", **changes: Any) -> dict[str, Any]:
    row = {
        "id": number,
        "epoch": epoch,
        "input": f"Question {number}",
        "target": str(number),
        "messages": [],
        "output": {
            "model": "m",
            "choices": [{"message": {"role": "assistant", "content": "yes"}, "stop_reason": "stop"}],
        },
        "scores": {"exact": {"value": value}},
        "metadata": {},
    }
    return {**row, **changes}


HEADER = {
    "version": 2,
    "status": "success",
    "eval": {"task": "t", "model": "m", "dataset": {}, "config": {}},
    "plan": {},
}


def eval_file(folder: Path, samples: list[dict[str, Any]], packed: int = zipfile.ZIP_DEFLATED) -> Path:
    file = folder / "log.eval"
    with zipfile.ZipFile(file, "w", packed) as opened:
        for each in samples:
            opened.writestr(f"samples/{each['id']}_epoch_{each['epoch']}.json", json.dumps(each))
        opened.writestr("header.json", json.dumps(HEADER))
    return file


def test_the_length_of_a_ruler_document_is_its_metric(tmp_path: Path) -> None:
    rows = [
        line(n, metrics=["4096", "8192"], **{"4096": 1.0 if n % 2 else -1, "8192": -1 if n % 2 else 0.5})
        for n in range(4)
    ]
    log, results = taken(write(tmp_path, rows))
    assert log.taken == {"t": "the metric of each document's own length"}
    assert sorted((r.recipe.length, r.score.value) for r in results if r.score) == [(4096, 1)] * 2 + [(8192, 0.5)] * 2
    assert {r.axes["length_tokens"] for r in results} == {4096, 8192}


def test_which_metric_is_the_score(tmp_path: Path) -> None:
    rows = [
        line(n, metrics=["bleu", "per_token", "acc", "f1"], bleu=34.5, per_token=[True, False], acc=True, f1=0.5)
        for n in range(2)
    ]
    file = write(tmp_path, rows)
    log, (first, _) = taken(file)
    assert log.taken == {"t": "acc (the first of 4 metrics)"}
    assert first.score
    assert (first.score.value, dict(first.score.metrics)) == (1.0, {"bleu@?": 34.5, "f1@?": 0.5})
    assert first.recipe.params["rows"][0]["metrics"]["per_token"] == [True, False]
    assert taken(file, metric="f1")[1][0].score.value == 0.5  # type: ignore[union-attr]
    assert "no share" in refusal(file, metric="bleu")
    assert "'per_token'" in refusal(file, metric="nope")
    assert "no metric of t is a share" in refusal(write(tmp_path / "b", [line(0, metrics=["bleu"], bleu=34.5)]))


def test_a_metric_of_which_less_is_better_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, [line(0, metrics=["loss", "acc"], loss=0.5, acc=1.0)])
    results = {
        "results": {},
        "versions": {},
        "configs": {"t": {}},
        "higher_is_better": {"t": {"loss": False, "acc": True}},
    }
    (tmp_path / "results_1.json").write_text(json.dumps(results))
    assert taken(file)[0].taken == {"t": "acc (the first of 2 metrics)"}
    assert "less is better" in refusal(file, metric="loss")


def test_what_was_not_scored_is_invalid_and_not_wrong(tmp_path: Path) -> None:
    _, (scored, unscored) = taken(write(tmp_path, [line(0), line(1, exact=float("nan"))]))
    assert (scored.outcome, unscored.outcome, unscored.score) == ("scored", "invalid", None)
    assert unscored.reply.error
    assert unscored.reply.error.kind == "scorer_failed"
    assert unscored.reply.text == "1"


def test_old_logs_without_hashes_and_with_lists_are_read(tmp_path: Path) -> None:
    rows = [line(n, arguments=[[f"Which is number {n}?", {"until": []}]]) for n in range(2)]
    old = [{key: value for key, value in row.items() if not key.endswith("_hash")} for row in rows]
    _, results = taken(write(tmp_path, old))
    assert len({r.prompt_sha256 for r in results}) == 2


def test_turns_of_a_chat_are_counted_as_text(tmp_path: Path) -> None:
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which one?"}]
    rows = [
        line(n, arguments={"gen_args_0": {"arg_0": sent, "arg_1": {}}}, doc={})
        for n, sent in enumerate([json.dumps(turns), [json.dumps(turns)], "Be brief.\n\nWhich one?"])
    ]
    log, results = taken(write(tmp_path, rows))
    assert {entry.prompt for entry in log.entries} == {"Be brief.\n\nWhich one?"}
    assert [r.recipe.params["question"] for r in results][:2] == ["Which one?", "Which one?"]


def test_choices_and_weighed_texts_have_no_reply_of_their_own(tmp_path: Path) -> None:
    choices = {f"gen_args_{i}": {"arg_0": "Q", "arg_1": text} for i, text in enumerate((" one", " two", " three"))}
    chances = [["-3.0", "False"], "(-1.5, False)", ["-2.0", "False"]]
    rows = [
        line(0, False, arguments=choices, resps=[[each] for each in chances], filtered_resps=chances),
        line(1, False, arguments={"gen_args_0": {"arg_0": "Q", "arg_1": " word"}}, resps=[[["-1.0", "True"]]]),
    ]
    log, (chosen, weighed) = taken(write(tmp_path, rows))
    assert chosen.score
    assert (chosen.reply.text, chosen.score.mode, chosen.score.answer) == (" two", "wrong_choice", ("two",))
    assert weighed.score
    assert (weighed.reply.text, weighed.score.mode, weighed.score.answer) == ("", "unattributed", ())
    assert log.floors == {}
    assert taken(write(tmp_path / "b", [rows[0]]))[0].floors == {"t": 1 / 3}


def test_a_document_is_there_once_under_the_filter_that_is_taken(tmp_path: Path) -> None:
    both = [line(n, filter=name) for n in range(3) for name in ("strict", "loose")]
    assert len(taken(write(tmp_path, both))[1]) == 3
    assert "document 2 has no line under the filter 'loose'" in refusal(write(tmp_path, both[:-1]), filter="loose")
    assert "document 0 stands twice under the filter 'strict'" in refusal(write(tmp_path, [*both, both[0]]))


def test_equal_documents_keep_names_of_their_own(tmp_path: Path) -> None:
    _, results = taken(write(tmp_path, [line(0), line(1, doc_hash="d0"), line(2)]))
    assert [r.sample_id for r in results] == ["t/d0", "t/d0-2", "t/d2"]


def test_clusters_and_slices(tmp_path: Path) -> None:
    file = write(tmp_path, [line(n) for n in range(10)])
    _, results = taken(file, cluster_by="doc.article", slices=("doc.article",))
    assert {r.context_id for r in results} == {"t/doc.article=0", "t/doc.article=1"}
    assert {r.axes["article"] for r in results} == {0, 1}
    assert "'t/d0' has no column 'doc.book'" in refusal(file, cluster_by="doc.book")
    assert "no sample has the column 'book'" in refusal(file, slices=("book",))
    assert "cannot be a slice" in refusal(file, slices=("doc",))


@pytest.mark.parametrize(("tokens", "length"), [(0, 1024), (1024, 1024), (1025, 2048), (100_000, 131_072)])
def test_the_bucket_of_a_prompt(tokens: int, length: int) -> None:
    assert bucket(tokens) == length


def test_a_prompt_longer_than_the_window_is_named(tmp_path: Path) -> None:
    long = {"gen_args_0": {"arg_0": "word " * 4000, "arg_1": {}}}
    file = write(tmp_path, [line(0, arguments=long), line(1)])
    (tmp_path / "results_1.json").write_text(
        json.dumps({"results": {}, "versions": {}, "configs": {"t": {}}, "max_length": 2048})
    )
    log, results = taken(file)
    assert notes_of(log, results)[-1].startswith("prompts longer than the max_length of 2048 tokens")


def test_a_prompt_that_the_server_counted_short_is_named(tmp_path: Path) -> None:
    output = {"choices": [{"message": {"content": "yes"}}], "usage": {"input_tokens": 900, "output_tokens": 1}}
    log, results = taken(
        eval_file(tmp_path, [sample(1, output=output, input="word " * 4000), sample(2, output=output)])
    )
    assert notes_of(log, results) == (
        "prompts that the server may have cut, for it counted far fewer tokens than they have: 1",
    )


def test_several_tasks_are_one_run_and_several_runs_are_refused(tmp_path: Path) -> None:
    write(tmp_path, [line(0)], "samples_a_1.jsonl")
    write(tmp_path, [line(0)], "samples_b_1.jsonl")
    log, results = taken(tmp_path)
    assert (names_of(log)[0], [r.sample_id for r in results]) == ("lm-eval", ["a/d0", "b/d0"])
    write(tmp_path, [line(0)], "samples_a_2.jsonl")
    assert "'a' is in several of the logs" in refusal(tmp_path)
    other = write(tmp_path / "other", [nemo(0)], "results.jsonl")
    with pytest.raises(ConfigError, match="several harnesses"):
        read_logs([tmp_path / "samples_b_1.jsonl", other], Choices())


def test_results_without_samples_say_how_to_get_them(tmp_path: Path) -> None:
    file = tmp_path / "results_1.json"
    file.write_text(json.dumps({"results": {}, "versions": {}, "configs": {}}))
    assert "--log_samples" in refusal(file)
    write(tmp_path, [line(0)])
    assert len(taken(file)[1]) == 1


def test_rows_of_nemo(tmp_path: Path) -> None:
    failed = nemo(
        1, reward=0.0, scoring_details={"method": "infra_error", "error": "Read timed out"}, model_response=""
    )
    bare = {"problem_idx": 2, "repeat": 1, "reward": 0.5, "expected_answer": "2"}
    log, results = taken(write(tmp_path / "bench", [nemo(0), failed, bare], "results.jsonl"))
    assert (log.harness, names_of(log)[0]) == ("nemo-evaluator", "bench")
    good, bad, third = results
    assert good.score
    assert good.score.correct
    assert good.reply.latency_s == 1.5
    assert good.reply.usage.completion_tokens is None
    assert bad.outcome == "invalid"
    assert bad.reply.error
    assert bad.reply.error.kind == "timeout"
    assert (third.replicate, third.recipe.length, third.axes) == (1, 0, {})
    assert third.score
    assert (third.score.value, third.score.mode) == (0.5, "unattributed")


def test_nemo_is_paired_by_content_and_its_settings_must_agree(tmp_path: Path) -> None:
    kept = []
    for name, rows, temperature in (
        ("a", [nemo(n) for n in range(6)], 0.0),
        ("b", [nemo(n, reward=0.0, problem_idx=5 - n) for n in range(6)], 0.6),
    ):
        file = write(tmp_path / name, rows, "results.jsonl")
        bundle = {"config": {"model": name, "temperature": temperature}, "benchmark": {"name": "bench"}}
        (tmp_path / name / "eval-1.json").write_text(json.dumps(bundle))
        kept.append(stored(file, tmp_path, name))
    problems = pair(*(load_run(path) for path in kept)).problems
    assert "bench: temperature differs: 0.0 in the baseline, 0.6 in the candidate" in problems
    assert any("6 samples of the same name have another prompt" in each for each in problems)


def stored(file: Path, folder: Path, name: str, **chosen: Any) -> Path:
    choices = Choices(**chosen)
    log = read_logs([file], choices)
    role = "candidate" if name == "b" else "baseline"
    path = folder / "results/s" / name
    keep(info_of(log, choices, ("s", name), role, {}), results_of(log, choices), path)
    return path


def test_a_log_of_unknown_length_gets_a_verdict_and_a_report(tmp_path: Path) -> None:
    rows = [{"problem_idx": n, "repeat": 0, "reward": float(n % 9 > 0), "expected_answer": str(n)} for n in range(80)]
    worse = [{**row, "reward": float(row["problem_idx"] % 3 > 0)} for row in rows]
    runs = [
        load_run(stored(write(tmp_path / name / "bench", found, "results.jsonl"), tmp_path, name))
        for name, found in (("a", rows), ("b", worse))
    ]
    for run in runs:
        assert {r.recipe.length for r in run.results} == {0}
    verdict = decide(pair(*runs), load_policy(None))
    assert (verdict.state, "on bench at unknown length" in verdict.sentence) == ("regressed", True)
    assert harness("report", "s/a", "s/b", "-o", "r.html", cwd=tmp_path).returncode == 0
    assert "unknown length" in (tmp_path / "r.html").read_text("utf-8")


def test_flips_of_two_logs_are_tested_as_pairs(tmp_path: Path) -> None:
    wrong = {"a": set(range(20)), "b": set(range(20, 40))}
    runs = [
        load_run(stored(write(tmp_path / name, [line(n, n not in bad) for n in range(300)]), tmp_path, name))
        for name, bad in wrong.items()
    ]
    comparison = pair(*runs)
    assert comparison.problems == ()
    verdict = decide(comparison, load_policy(None))
    (row,) = verdict.rows
    assert (verdict.state, row.losses, row.gains, row.p_harm > 0.4) == ("pass", 20, 20, True)


def test_members_packed_in_either_way_are_read_and_the_last_of_a_name_counts(tmp_path: Path) -> None:
    file = eval_file(tmp_path, [sample(1), sample(2)])
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(file, "a") as opened:
        opened.writestr("samples/2_epoch_1.json", json.dumps(sample(2, value="I")))
    _, results = taken(file)
    assert [r.score.value for r in results if r.score] == [1.0, 0.0]


def test_a_sample_in_pieces_is_put_together(tmp_path: Path) -> None:
    whole = sample(1, input="attachment://1")
    pieces = {
        "sample.json": {key: each for key, each in whole.items() if key not in ("messages", "metadata")}
        | {"message_refs": [[0, 1], [2, 99]]},
        "metadata.json": {"page": 7},
        "messages/0.json": [{"role": "user", "content": "attachment://0"}, {"role": "assistant", "content": "dropped"}],
        "messages/2.json": [{"role": "assistant", "content": "yes"}],
        "attachments/0.json": ["the prompt", "the question"],
    }
    file = tmp_path / "log.eval"
    with zipfile.ZipFile(file, "w") as opened:
        for name, each in pieces.items():
            opened.writestr(f"samples/1_epoch_1/{name}", json.dumps(each))
        opened.writestr("header.json", json.dumps(HEADER))
    log, (found,) = taken(file, slices=("metadata.page",))
    (entry,) = log.entries
    assert (entry.prompt, entry.question, found.axes["page"]) == ("the prompt", "the question", 7)
    assert found.score
    assert found.score.correct


def test_an_evaluation_that_did_not_end_is_incomplete(tmp_path: Path) -> None:
    header = {**HEADER, "status": "started", "eval": {**HEADER["eval"], "dataset": {"sample_ids": [1, 2, 3]}}}  # type: ignore[dict-item]
    file = tmp_path / "log.eval"
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("_journal/start.json", json.dumps(header))
        opened.writestr("samples/1_epoch_1.json", json.dumps(sample(1)))
    log, results = taken(file)
    assert (log.planned, len(results)) == (3, 1)
    assert log.notes == ("the evaluation ended with the status 'started'",)


def test_an_error_message_in_place_of_a_reply_is_no_reply(tmp_path: Path) -> None:
    told = {"choices": [{"message": {"content": "maximum context length is 8192"}, "stop_reason": "model_length"}]}
    cut = {**told, "usage": {"input_tokens": 5, "output_tokens": 7}}
    _log, (refused, answered) = taken(eval_file(tmp_path, [sample(1, output=told), sample(2, output=cut)]))
    assert refused.outcome == "invalid"
    assert refused.reply.error
    assert refused.reply.error.kind == "context_overflow"
    assert (answered.outcome, answered.reply.finish_reason) == ("scored", "length")


def test_what_a_filter_of_the_provider_refused_is_an_answer(tmp_path: Path) -> None:
    output = {"choices": [{"message": {"content": ""}, "stop_reason": "content_filter"}], "error": "not allowed"}
    _, (found,) = taken(eval_file(tmp_path, [sample(1, value="I", output=output)]))
    assert found.score
    assert (found.outcome, found.reply.finish_reason, found.score.mode) == (
        "scored",
        "content_filter",
        "refusal.policy",
    )


def test_the_name_of_a_task_leads_nowhere(tmp_path: Path) -> None:
    spec = {**HEADER, "eval": {**HEADER["eval"], "task": "../../up/task", "model": "../../up"}}
    (tmp_path / "log.json").write_text(json.dumps({**spec, "samples": [sample(n) for n in range(3)]}))
    assert harness("import", "log.json", "--name", "s/m", cwd=tmp_path).returncode == 0
    for form in ("lm-eval", "inspect", "parquet", "eee"):
        done = harness("export", "s/m", "--to", form, "-o", f"{form}/out", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert all(tmp_path / form / "out" in (tmp_path / file).resolve().parents for file in done.stdout.split())
    assert harness("import", "lm-eval/out", "--name", "s/again", cwd=tmp_path).returncode == 0
    runs = [load_run(tmp_path / "results/s" / name).results for name in ("m", "again")]
    assert [(r.sample_id, r.task, r.score) for r in runs[0]] == [(r.sample_id, r.task, r.score) for r in runs[1]]


def test_a_log_is_known_by_its_content_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text(json.dumps({**HEADER, "samples": [sample(1)]}, indent=1))
    assert len(taken(tmp_path / "log.txt")[1]) == 1
    eval_file(tmp_path, [sample(1)]).rename(tmp_path / "log.json")
    assert len(taken(tmp_path / "log.json")[1]) == 1


def test_parts_attachments_and_several_turns_of_inspect(tmp_path: Path) -> None:
    parts = [{"type": "reasoning", "reasoning": "let me see"}, {"type": "text", "text": "attachment://x"}]
    output = {"model": "m", "choices": [{"message": {"content": parts}, "stop_reason": "stop"}], "time": 2.0}
    turns = [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": parts}]
    given_sample = sample(
        1, input=[{"role": "user", "content": "Q"}], output=output, attachments={"x": "four"}, messages=turns
    )
    _, (found,) = taken(eval_file(tmp_path, [given_sample]))
    assert (found.reply.text, found.reply.reasoning, found.reply.latency_s) == ("four", "let me see", None)


def test_scorers_with_several_values_need_a_name(tmp_path: Path) -> None:
    file = eval_file(tmp_path, [sample(n, value={"first": 1, "second": 0.5}) for n in range(2)])
    assert "--metric with one of exact/first, exact/second" in refusal(file)
    _log, results = taken(file, metric="exact/second")
    assert [r.score.value for r in results if r.score] == [0.5, 0.5]
    assert results[0].score
    assert dict(results[0].score.metrics) == {"exact/first@0": 1.0}


def test_a_scorer_may_have_a_slash_in_its_name(tmp_path: Path) -> None:
    file = eval_file(tmp_path, [sample(1, scores={"pkg/exact": {"value": "C"}, "other": {"value": {"a/b": 0.5}}})])
    assert taken(file)[0].taken == {"t": "pkg/exact (the first of 2 scorers)"}
    assert taken(file, metric="pkg/exact")[1][0].outcome == "scored"
    assert "no scorer 'pkg'" in refusal(file, metric="pkg")
