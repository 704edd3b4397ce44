"""`harness models check`: what it finds out by asking servers of every kind, and what it says."""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fake_server import Answer, FakeServer, completion

from harness.cli.models import command
from harness.contexts import reference_counter
from harness.engine.check import check_model
from harness.engine.findings import Findings
from harness.engine.probe import TIGHT
from harness.errors import ExitCode
from harness.sweep import ModelTable

REPLY = "The watchwords are Amber Quill and Copper Wren."


def tokens(body: dict[str, Any]) -> int:
    return sum(reference_counter().count(turn["content"]) for turn in body["messages"])


def serve(
    window: int = 10**9,
    refused: dict[str, str] | None = None,
    field: str = "max_tokens",
    message: dict[str, Any] | None = None,
    roles: tuple[str, ...] = ("system", "user"),
    details: dict[str, Any] | None = None,
) -> Callable[[dict[str, Any]], Answer]:
    """Return a server's way to answer: it cuts at a window, refuses fields and roles, heeds one field for the budget."""

    def answer(body: dict[str, Any]) -> Answer:
        for name, complaint in (refused or {}).items():
            if name in body:
                return 400, {}, {"error": {"message": complaint, "param": name}}
        if wrong := [turn["role"] for turn in body["messages"] if turn["role"] not in roles]:
            return 400, {}, {"error": {"message": f"messages[0].role does not support '{wrong[0]}' with this model"}}
        long = "numbers" in body["messages"][-1]["content"]
        budget = body.get(field, 10**9)
        used = min(600 if long else 12, budget)
        usage = {"prompt_tokens": min(tokens(body), window), "completion_tokens": used, **(details or {})}
        finish = "length" if used == budget else "stop"
        text = "one, two" if long else REPLY
        return completion(text, message=message or {}, choice={"finish_reason": finish}, usage=usage)

    return answer


def check(answer: Callable[[dict[str, Any]], Answer] | Answer, length: int = 4096, **keys: Any) -> Findings:
    server_keys = {name: keys.pop(name) for name in ("models", "pages") if name in keys}
    with FakeServer([answer], **server_keys) as server:
        table = ModelTable.model_validate({"name": "m", "model": "m", "base_url": server.url, **keys})
        found = asyncio.run(check_model(table, length, reference_counter()))
        assert found.calls == len(server.requests)
    return found


def test_a_plain_server_needs_nothing() -> None:
    found = check(serve(), models=[{"id": "m", "max_model_len": 8192}])
    assert found.ok
    assert (found.fixes, found.notes, found.error) == ([], [], "")
    assert (found.calls, found.window) == (4, 8192)
    assert [(arrival.length, arrival.arrived, arrival.exact) for arrival in found.arrivals] == [
        (768, "whole", False),
        (4096, "whole", False),
    ]
    assert (found.max_tokens_field, found.budget_kept, found.system_role) == ("max_tokens", True, "system")
    assert found.usage == {"prompt": True, "completion": True, "cached": False, "reasoning": False}
    assert (found.same_text, found.temperature, found.reasoning) == (True, 0.0, "none seen")


def test_a_server_that_cuts_in_silence_is_caught_at_the_length_of_the_sweep() -> None:
    """Ollama answers with status 200 and counts what it left of the prompt."""
    found = check(serve(window=2048), length=8192)
    assert not found.ok
    assert [arrival.arrived for arrival in found.arrivals] == ["whole", "cut"]
    assert found.arrivals[1].seen == 2048
    assert "OLLAMA_CONTEXT_LENGTH=8192" in found.notes[0]
    assert "no request to /v1 can raise it" in found.notes[0]


@pytest.mark.parametrize(("window", "arrived"), [(3400, "cut"), (4200, "whole")])
def test_a_small_cut_is_seen_by_what_the_short_prompt_counted(window: int, arrived: str) -> None:
    """A tokenizer that makes 15 % more of the text than the reference counter does, which an estimate allows for."""

    def answer(body: dict[str, Any]) -> Answer:
        status, headers, reply = serve()(body)
        reply["usage"]["prompt_tokens"] = min(window, round(1.15 * tokens(body)))
        return status, headers, reply

    assert [arrival.arrived for arrival in check(answer, length=3800).arrivals] == ["whole", arrived]


def test_a_server_that_refuses_the_length_says_so() -> None:
    def answer(body: dict[str, Any]) -> Answer:
        if tokens(body) > 2048:
            return 400, {}, {"error": {"message": "This model's maximum context length is 2048 tokens."}}
        return serve()(body)

    found = check(answer)
    assert [arrival.arrived for arrival in found.arrivals] == ["whole", "refused"]
    assert not found.ok


def test_a_length_over_the_stated_window_is_not_even_asked() -> None:
    found = check(serve(), models=[{"id": "m", "max_model_len": 4096}], reasoning_budget=1)
    assert "4097 tokens (4k and reasoning) exceed the window" in found.error
    assert found.calls == 3


def test_without_a_count_the_first_word_of_the_text_tells() -> None:
    silent = completion(REPLY, usage=None)
    assert [arrival.arrived for arrival in check(silent).arrivals] == ["whole", "whole"]
    dumb = completion("I do not know.", usage=None)
    found = check(dumb)
    assert [arrival.arrived for arrival in found.arrivals] == ["unknown", "unknown"]
    assert found.usage == {"prompt": False, "completion": False, "cached": False, "reasoning": False}


UNSUPPORTED = "Unsupported parameter: '{}' is not supported with this model."


def test_the_field_for_the_budget_is_found() -> None:
    refusal = UNSUPPORTED.format("max_tokens") + " Use 'max_completion_tokens' instead."
    found = check(serve(refused={"max_tokens": refusal}, field="max_completion_tokens"))
    assert found.fixes == ['max_tokens_field = "max_completion_tokens"']
    assert (found.max_tokens_field, found.budget_kept, found.ok) == ("max_completion_tokens", True, False)
    settled = check(
        serve(refused={"max_tokens": refusal}, field="max_completion_tokens"),
        max_tokens_field="max_completion_tokens",
    )
    assert settled.ok


def test_a_field_that_is_taken_and_not_heeded_is_found() -> None:
    found = check(serve(field="max_tokens"), max_tokens_field="max_completion_tokens")
    assert found.fixes == ['max_tokens_field = "max_tokens"']
    unlimited = check(serve(field="nothing_heeds_it"))
    assert (unlimited.budget_kept, unlimited.fixes, unlimited.ok) == (False, [], False)


def test_sampling_that_is_refused_is_left_out_field_by_field() -> None:
    refused = {
        "temperature": "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1)",
        "seed": "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted'}]",
    }
    found = check(serve(refused=refused), sampling={"temperature": 0, "seed": 3, "top_p": 0.9, "logprobs": True})
    assert found.fixes == ["sampling = { top_p = 0.9, logprobs = true }"]
    assert len(found.notes) == 2
    assert found.arrivals[1].arrived == "whole"
    assert check(serve(refused=refused)).fixes == ["sampling = {}"]


def test_a_further_field_that_is_refused_is_left_out() -> None:
    refused = {"top_k": "Unrecognized request argument supplied: top_k"}
    body = {"top_k": 1, "chat_template_kwargs": {"enable_thinking": False, "stop": ["a", "b"]}}
    found = check(serve(refused=refused), extra_body=body)
    (line,) = found.fixes
    assert tomllib.loads(line) == {
        "extra_body": {"chat_template_kwargs": {"enable_thinking": False, "stop": ["a", "b"]}}
    }
    assert found.arrivals[1].arrived == "whole"


def test_an_error_that_names_no_field_ends_the_check() -> None:
    found = check((400, {}, {"error": {"message": "chat template missing"}}))
    assert found.error.startswith("bad_request: ")
    assert (found.calls, found.ok, found.arrivals) == (1, False, [])


def test_system_prompts_under_either_role_or_none() -> None:
    found = check(serve(roles=("developer", "user")))
    assert (found.system_role, found.ok) == ("developer", True)
    assert found.notes == ['a system prompt is taken with system_role = "developer" only']
    needed = check(serve(roles=("developer", "user")), system="Be brief.")
    assert needed.fixes == ['system_role = "developer"']
    none = check(serve(roles=("user",)))
    assert (none.system_role, none.ok) == ("", True)
    assert "a system prompt is not taken" in none.notes[0]


@pytest.mark.parametrize(
    ("message", "details", "where"),
    [
        ({"reasoning_content": "hm"}, {}, "in a field of its own"),
        ({"content": f"<think>hm</think>{REPLY}"}, {}, "in the text, between marks"),
        ({}, {"completion_tokens_details": {"reasoning_tokens": 9}}, "not shown, only counted"),
    ],
)
def test_where_reasoning_comes_back(message: dict[str, Any], details: dict[str, Any], where: str) -> None:
    found = check(serve(message=message, details=details))
    assert found.reasoning == where
    assert "give it a reasoning_budget" in found.notes[0]
    assert check(serve(message=message, details=details), reasoning_budget=512).notes == []


def test_a_count_that_leaves_out_the_cache_is_noticed() -> None:
    seen: set[str] = set()

    def answer(body: dict[str, Any]) -> Answer:
        status, headers, reply = serve()(body)
        if (text := body["messages"][-1]["content"]) in seen:
            reply["usage"]["prompt_tokens"] = 5
        seen.add(text)
        return status, headers, reply

    assert "leaves out what its cache held" in check(answer).notes[0]


def test_replies_that_differ_are_an_observation() -> None:
    count = iter(range(100))

    def answer(body: dict[str, Any]) -> Answer:
        status, headers, reply = serve()(body)
        reply["choices"][0]["message"]["content"] += str(next(count))
        return status, headers, reply

    found = check(answer, sampling={"temperature": 0.7})
    assert (found.same_text, found.temperature, found.ok) == (False, 0.7, True)


def test_the_budget_of_the_long_list_is_small() -> None:
    with FakeServer([serve()]) as server:
        table = ModelTable.model_validate({"name": "m", "model": "m", "base_url": server.url, "reasoning_budget": 900})
        asyncio.run(check_model(table, 768, reference_counter()))
        budgets = [body["max_tokens"] for body in server.requests]
    assert budgets == [948, 948, TIGHT]


def test_thinking_on_the_messages_api_wants_no_temperature() -> None:
    pytest.importorskip("anthropic", reason="the package anthropic is an extra")

    def answer(body: dict[str, Any]) -> Answer:
        if "thinking" in body and body.get("temperature", 1) != 1:
            said = "`temperature` may only be set to 1 when thinking is enabled."
            return 400, {}, {"type": "error", "error": {"type": "invalid_request_error", "message": said}}
        long = "numbers" in body["messages"][-1]["content"]
        blocks = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": REPLY}]
        usage = {"input_tokens": tokens(body), "output_tokens": 16 if long else 12}
        stop = "max_tokens" if long else "end_turn"
        return 200, {}, {"model": "c", "content": blocks, "stop_reason": stop, "usage": usage}

    with FakeServer([answer], reply_path="/v1/messages", pages={"/v1/models/c": {"id": "c"}}) as server:
        raw = {"name": "c", "adapter": "anthropic", "model": "c", "base_url": server.url, "reasoning_budget": 1024}
        table = ModelTable.model_validate(raw)
        found = asyncio.run(check_model(table, 2048, reference_counter()))
        system = server.requests[3]["system"]
    assert found.fixes == ["sampling = {}"]
    assert (found.reasoning, found.budget_kept, found.system_role) == ("in a field of its own", True, "system")
    assert system.startswith("You write")
    assert (found.calls, found.error, found.max_tokens_field) == (5, "", None)


SWEEP = """
[sweep]
name = "s"
lengths = ["1k", "2k"]

[[model]]
name = "m"
model = "m"
base_url = "{url}"
{more}

[[model]]
name = "lexical"
adapter = "lexical"

[[task]]
name = "retrieval.exact"
"""


def run(tmp_path: Path, url: str, *options: str, more: str = "") -> Any:
    (tmp_path / "s.toml").write_text(SWEEP.format(url=url, more=more))
    return CliRunner().invoke(
        command, ["check", str(tmp_path / "s.toml"), *options], standalone_mode=False, catch_exceptions=False
    )


def test_the_block_of_a_model_and_of_a_control(tmp_path: Path) -> None:
    models = [{"id": "m", "owned_by": "vllm", "max_model_len": 8192}]
    with FakeServer([serve()], models=models, pages={"/version": {"version": "0.32"}}) as server:
        done = run(tmp_path, server.url)
    seconds = [line for line in done.stdout.splitlines() if line.startswith("  seconds")]
    assert len(seconds) == 1
    assert [line for line in done.stdout.splitlines() if not line.startswith("  seconds")] == [
        "m: ok, 4 calls",
        f"  address    {server.url}",
        "  served     m vllm 0.32",
        "  window     8192 tokens",
        f"  arrival    whole at 768: {_seen(done.stdout, 0)}",
        f"  arrival    whole at 2k: {_seen(done.stdout, 1)}",
        f"  reply      {REPLY}",
        "  reasoning  none seen",
        "  budget     max_tokens, kept",
        "  system     taken, as role system",
        "  usage      prompt, completion; not reported: cached, reasoning",
        "  repeats    the same request twice gave the same text at temperature 0 (n = 2; short replies)",
        "lexical: ok, a control (lexical), 1 call: nothing is served",
    ]
    assert "None" not in done.stdout
    assert done.return_value == ExitCode.PASS


def _seen(out: str, place: int) -> str:
    arrivals = [line.partition(": ")[2] for line in out.splitlines() if line.startswith("  arrival")]
    assert arrivals[place].startswith("tokens seen ")
    return arrivals[place]


def test_the_variable_of_an_accepted_key_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-secret")
    with FakeServer([serve()], key="sk-secret") as server:
        done = run(tmp_path, server.url, "--model", "m", more='api_key_env = "MY_KEY"')
    assert "  key        accepted, from MY_KEY\n" in done.stdout
    assert "sk-secret" not in done.stdout


def test_what_must_change_is_written_as_toml_and_ends_with_2(tmp_path: Path) -> None:
    refusal = UNSUPPORTED.format("max_tokens")
    with FakeServer([serve(refused={"max_tokens": refusal}, field="max_completion_tokens")]) as server:
        done = run(tmp_path, server.url, "--model", "m")
        assert "m: the sweep must change, 5 calls" in done.stdout
        assert '  put into the sweep: max_tokens_field = "max_completion_tokens"' in done.stdout
        assert done.return_value == ExitCode.USAGE
        mended = run(tmp_path, server.url, "--model", "m", more='max_tokens_field = "max_completion_tokens"')
        assert mended.return_value == ExitCode.PASS
        settled = run(tmp_path, server.url, "--model", "m", more='max_tokens_field = "auto"')
        assert settled.return_value == ExitCode.PASS
        assert "  budget     max_completion_tokens, kept" in settled.stdout


def test_json_and_the_exit_code_of_a_cut_prompt(tmp_path: Path) -> None:
    with FakeServer([serve(window=2048)]) as server:
        done = run(tmp_path, server.url, "--json", "--length", "8k")
    first, second = json.loads(done.stdout)
    assert (first["model"], first["ok"], first["arrivals"][1]["arrived"]) == ("m", False, "cut")
    assert (second["kind"], second["ok"], second["calls"]) == ("control", True, 1)
    assert done.return_value == ExitCode.INVALID


def test_a_miss_lists_what_is_served_and_the_others_are_still_checked(tmp_path: Path) -> None:
    with FakeServer(models=[{"id": "mm"}, {"id": "other"}]) as server:
        done = run(tmp_path, server.url, "--json")
    first, second = json.loads(done.stdout)
    assert first["error"] == "the server has no model 'm' (did you mean 'mm'?)"
    assert (first["allowed"], second["ok"]) == ("mm, other", True)
    assert done.return_value == ExitCode.USAGE


def test_the_names_that_a_server_lists_cannot_steer_the_terminal(tmp_path: Path) -> None:
    with FakeServer(models=[{"id": "\x1b[2Jm"}]) as server:
        done = run(tmp_path, server.url, "--model", "m")
    assert "has no model 'm'" in done.stderr
    assert "\x1b" not in done.stderr


def test_what_a_server_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    with FakeServer([completion("\x1b[2J\u202eAmber Quill", usage=None)]) as server:
        done = run(tmp_path, server.url, "--model", "m")
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_a_length_that_is_none(tmp_path: Path) -> None:
    with FakeServer() as server, pytest.raises(Exception, match="not a size in tokens") as error:
        run(tmp_path, server.url, "--length", "many")
    assert getattr(error.value, "exit_code", None) == ExitCode.USAGE
