"""The engine: what is asked, in which order, what is retried, and what an interruption costs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_server import Answer, FakeServer, completion

from harness.engine.integrity import check_arrival
from harness.engine.retry import LONGEST_RETRY_AFTER_S, Patience
from harness.engine.run_model import Options, run_model
from harness.errors import ConfigError, ServerError, WrongRun
from harness.plan import make_plan
from harness.records import Reply, ReplyError, Result, Usage
from harness.store import load_run
from harness.sweep import load_sweep

SWEEP = """
[sweep]
name = "s"
seed = 3
lengths = ["1k"]
contexts = 3
questions_per_context = 2

[[model]]
name = "m"
adapter = "openai"
model = "m"
base_url = "{url}"
concurrency = {concurrency}
attempts = {attempts}

[[task]]
name = "retrieval.exact"
keys = 4
decoys = 0
"""


def error(kind: str, retry_after_s: float | None = None) -> Reply:
    return Reply(error=ReplyError(kind=kind, message="x", retry_after_s=retry_after_s))  # type: ignore[arg-type]


def patient(replies: list[Reply], attempts: int = 5) -> tuple[Reply, list[float]]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def call() -> Reply:
        return replies.pop(0)

    return asyncio.run(Patience(attempts, 1, sleep).send(call)), waits


def test_a_passing_failure_is_retried_with_growing_waits() -> None:
    reply, waits = patient([error("server_error"), error("timeout"), error("connection"), Reply(text="ok")])
    assert (reply.text, reply.attempts, waits) == ("ok", 4, [1.0, 2.0, 4.0])


def test_retry_after_is_respected_when_longer() -> None:
    assert patient([error("rate_limit", 30.0), Reply(text="ok")])[1] == [30.0]
    assert patient([error("rate_limit", 0.1), Reply(text="ok")])[1] == [1.0]


@pytest.mark.parametrize(
    "kind", ["bad_request", "auth", "not_found", "context_overflow", "content_filter", "bad_reply"]
)
def test_what_waiting_does_not_mend_is_not_retried(kind: str) -> None:
    reply, waits = patient([error(kind)])
    assert (reply.attempts, waits) == (1, [])


def test_retries_end() -> None:
    reply, waits = patient([error("server_error")] * 3, attempts=3)
    assert reply.attempts == 3
    assert len(waits) == 2
    reply, waits = patient([error("rate_limit", LONGEST_RETRY_AFTER_S + 1)])
    assert waits == []


def test_a_pause_that_one_request_is_told_holds_for_all() -> None:
    log: list[str] = []

    async def main() -> None:
        async def sleep(_: float) -> None:
            log.append("pause")
            await asyncio.sleep(0.02)
            log.append("over")

        patience = Patience(3, 2, sleep)
        first = [error("rate_limit"), Reply(text="a")]

        async def limited() -> Reply:
            return first.pop(0)

        async def other() -> Reply:
            log.append("other")
            return Reply(text="b")

        async def later() -> Reply:
            await asyncio.sleep(0.005)
            return await patience.send(other)

        await asyncio.gather(patience.send(limited), later())

    asyncio.run(main())
    assert log == ["pause", "over", "other"]


def test_a_limited_server_is_asked_less_at_once_and_slowly_more_again() -> None:
    """The server takes two at a time; eight are allowed. After its complaints hardly more than two are under way."""
    under_way = most = answered = 0
    history: list[float] = []

    async def call() -> Reply:
        nonlocal under_way, most, answered
        under_way += 1
        try:
            if under_way > 2:
                return error("rate_limit")
            await asyncio.sleep(0.001)
            answered += 1
            if answered > 20:
                most = max(most, under_way)
            return Reply(text="ok")
        finally:
            under_way -= 1

    async def main() -> None:
        async def sleep(_: float) -> None:
            await asyncio.sleep(0)

        patience = Patience(50, 8, sleep)

        async def worker() -> None:
            for _ in range(10):
                assert (await patience.send(call)).text == "ok"
                history.append(patience.limit)

        await asyncio.gather(*(worker() for _ in range(8)))

    asyncio.run(main())
    assert answered == 80
    assert min(history) < 3
    assert sum(history[20:60]) / 40 < 4
    assert most <= 4


@pytest.mark.parametrize(
    ("seen", "exact", "cut"), [(2048, False, True), (30000, False, False), (31000, True, True), (31800, True, False)]
)
def test_a_cut_prompt_is_no_answer(seen: int, exact: bool, cut: bool) -> None:
    reply = check_arrival(Reply(text="ok", usage=Usage(prompt_tokens=seen)), 32000, exact=exact)
    assert (reply.error is not None) == cut
    assert reply.text == ("" if cut else "ok")


def test_without_usage_nothing_is_said_about_arrival() -> None:
    assert check_arrival(Reply(text="ok"), 32000, exact=True).error is None


def run(server: FakeServer, tmp_path: Path, *, concurrency: int = 1, attempts: int = 1, **options: Any) -> Path:
    file = tmp_path / "sweep.toml"
    file.write_text(SWEEP.format(url=server.url, concurrency=concurrency, attempts=attempts))
    sweep = load_sweep(file)
    lines: list[str] = options.pop("said", [])
    limit = options.pop("limit", None)

    def start(*_: object) -> Callable[[Result], None]:
        return lambda result: None

    chosen = Options(results=tmp_path / "results", start=start, say=lines.append, **options)
    return run_model(sweep, sweep.resolved.model[0], make_plan(sweep, limit), chosen)


def test_a_contexts_questions_follow_each_other_on_one_prefix(tmp_path: Path) -> None:
    with FakeServer([completion(usage=None)]) as server:
        run(server, tmp_path)
        prompts = [body["messages"][0]["content"] for body in server.requests]
    assert len(prompts) == 6
    for first, second in zip(prompts[::2], prompts[1::2], strict=True):
        shared = os.path.commonprefix([first, second])
        assert len(shared) > 0.9 * len(first)
    assert len(os.path.commonprefix([prompts[0], prompts[2]])) < 200


def test_every_reply_is_kept_whatever_it_was(tmp_path: Path) -> None:
    answers: list[Any] = [completion(usage=None), (400, {}, {"error": {"message": "bad"}}), completion("", usage=None)]
    said: list[str] = []
    with FakeServer(answers) as server:
        path = run(server, tmp_path, said=said)
    assert said == ["m: 1 replies have no score: 1 bad_request; 'harness show' has the messages"]
    results = load_run(path).results
    assert len(results) == 6
    assert [result.outcome for result in results].count("invalid") == 1
    invalid = next(result for result in results if result.outcome == "invalid")
    assert invalid.score is None
    assert invalid.reply.error is not None
    assert results[2].score is not None
    assert results[2].score.mode == "empty"


def test_a_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with FakeServer([completion(usage=None)]) as server:
        run(server, tmp_path, limit=4)
        assert len(server.requests) == 4
        said: list[str] = []
        path = run(server, tmp_path, said=said)
        assert len(server.requests) == 6
        run(server, tmp_path, said=said)
        assert len(server.requests) == 6
    assert said == ["m: 4 replies on disk, 2 to go", "m: complete, nothing to ask"]
    assert len(load_run(path).results) == 6


def test_another_model_does_not_continue_a_run(tmp_path: Path) -> None:
    with FakeServer([completion(usage=None)], models=[{"id": "m", "root": "a", "created": 1}]) as server:
        path = run(server, tmp_path, limit=4)
        server.models = [{"id": "m", "root": "b", "created": 2}]
        with pytest.raises(WrongRun, match="another model answers now"):
            run(server, tmp_path)
        server.models = [{"id": "m", "root": "a", "created": 3}]
        run(server, tmp_path)
        before = load_run(path).info.identity
        run(server, tmp_path)
    assert load_run(path).info.identity == before != {}


def test_limit_spreads_over_contexts_then_questions(tmp_path: Path) -> None:
    with FakeServer([completion(usage=None)]) as server:
        path = run(server, tmp_path, limit=4)
    asked = sorted((r.recipe.context, r.recipe.question) for r in load_run(path).results)
    assert [context for context, _ in asked] == [0, 0, 1, 2]


def test_passing_errors_are_asked_again_and_lasting_ones_on_request(tmp_path: Path) -> None:
    answers: list[Any] = [(500, {}, {}), (400, {}, {}), completion(usage=None)]
    with FakeServer(answers) as server:
        path = run(server, tmp_path)
        assert load_run(path).invalid == 2
        run(server, tmp_path)
        assert load_run(path).invalid == 1
        run(server, tmp_path, retry_errors=True)
    assert load_run(path).invalid == 0
    assert len(server.requests) == 8


def test_a_server_that_goes_away_ends_the_run_and_loses_nothing(tmp_path: Path) -> None:
    with FakeServer([completion(usage=None), (401, {}, {})]) as server:
        with pytest.raises(ServerError, match="5 samples in a row failed"):
            run(server, tmp_path)
    run_ = load_run(tmp_path / "results" / "s" / "m")
    assert len(run_.results) == 6
    assert run_.invalid == 5


def test_a_length_beyond_the_window_is_refused_before_any_call(tmp_path: Path) -> None:
    with FakeServer(models=[{"id": "m", "max_model_len": 512}]) as server:
        with pytest.raises(ConfigError, match="the length 1k does not fit the window of m") as caught:
            run(server, tmp_path)
        assert server.requests == []
    assert caught.value.exit_code == 2
    assert "512 tokens" in str(caught.value)


def test_a_server_that_cuts_the_prompt_is_found_out(tmp_path: Path) -> None:
    def cut(_: dict[str, Any]) -> Answer:
        return completion(usage={"prompt_tokens": 256, "completion_tokens": 4})

    with FakeServer([cut]) as server:
        path = run(server, tmp_path)
    kinds = {result.reply.error.kind for result in load_run(path).results if result.reply.error}
    assert kinds == {"context_overflow"}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_in_the_middle_and_continued(tmp_path: Path, how: signal.Signals) -> None:
    """What was answered before the kill is on disk, and the same command asks only the rest."""

    def slow(_: dict[str, Any]) -> Answer:
        time.sleep(0.15)
        return completion(usage=None)

    with FakeServer([slow]) as server:
        file = tmp_path / "sweep.toml"
        file.write_text(SWEEP.format(url=server.url, concurrency=1, attempts=1))
        code = "from harness.cli.main import main; main()"
        command = [sys.executable, "-c", code, "run", str(file), "--results", str(tmp_path / "results")]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while len(server.requests) < 4:
            time.sleep(0.01)
            assert child.poll() is None
        child.send_signal(how)
        _, errors = child.communicate(timeout=20)
        assert child.returncode == (130 if how == signal.SIGINT else -9)
        if how == signal.SIGINT:
            assert b"the same command continues" in errors
        done = len(load_run(tmp_path / "results" / "s" / "m").results)
        assert done >= 3
        asked = len(server.requests)
        subprocess.run(command, check=True, capture_output=True)
        assert len(server.requests) == asked + 6 - done
    assert len(load_run(tmp_path / "results" / "s" / "m").results) == 6


def test_an_interrupt_stops_a_model_that_answers_at_once(tmp_path: Path, sweep_text: str) -> None:
    """Controls never wait for anything; they must let an interrupt in all the same."""
    (tmp_path / "s.toml").write_text(sweep_text.replace("contexts = 4", "contexts = 20000"))
    code = "from harness.cli.main import main; main()"
    command = [sys.executable, "-c", code, "run", "s.toml", "--model", "oracle"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    child = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    samples = tmp_path / "results/s/oracle/samples.jsonl"
    while not samples.exists() or samples.stat().st_size < 20_000:
        time.sleep(0.02)
        assert child.poll() is None
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=10)
    assert child.returncode == 130
    assert b"the same command continues" in errors
    assert b"Traceback" not in errors
    assert len(load_run(samples.parent).results) < 5000
