"""`harness diff` from a log to a page: real engine, a scripted server on the loopback address."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fake_server import Answer, FakeServer, completion
from in_process import Done, harness

SECRETS = {
    "mail": "maria.keller@example.org",
    "key": "sk-live-4f9aPlantedSecretKey0123456789",
    "bearer": "PlantedBearerToken.0987654321",
    "password": "correct-horse-7",
    "staff": "EMP-004711",
    "column": "planted.column@example.org",
}
SWEEP = """
[sweep]
name = "prod"

[[model]]
name = "old"
role = "baseline"
base_url = "{url}"
model = "old"

[[model]]
name = "new"
base_url = "{url}"
model = "new"

[diff]
max_tokens = 32
{more}
"""
ANSWERS = {"old": "The total is {}.", "new": "The total is {}."}


def write(folder: Path, url: str, lines: list[dict[str, Any]], more: str = "") -> None:
    (folder / "sweep.toml").write_text(SWEEP.format(url=url, more=more))
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def ask(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **more}


def number(body: dict[str, Any]) -> int:
    return int(re.findall(r"#(\d+)", body["messages"][-1]["content"])[-1])


def server(reply: Callable[[dict[str, Any]], str | Answer]) -> FakeServer:
    def answer(body: dict[str, Any]) -> Answer:
        found = reply(body)
        return completion(found) if isinstance(found, str) else found

    return FakeServer(answers=[answer], models=[{"id": "old"}, {"id": "new"}])


def diff(folder: Path, *args: str) -> Done:
    return harness("diff", "log.jsonl", "sweep.toml", *args, cwd=folder)


def told(done: Done) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["diffs"]
    return dict(found)


def test_a_change_is_found_sized_placed_and_shown(tmp_path: Path) -> None:
    def reply(body: dict[str, Any]) -> str:
        changed = body["model"] == "new" and number(body) % 4 == 0
        return f"The total is {number(body) + changed}."

    lines = [ask(f"Total of #{i}?", plan="free" if i % 4 == 0 else "team") for i in range(80)]
    with server(reply) as fake:
        write(tmp_path, fake.url, lines)
        done = diff(tmp_path, "--json", "-o", "out/diff.html")
        asked = len(fake.requests)
        again = diff(tmp_path, "--json")
        assert (asked, len(fake.requests)) == (320, 320)
    found = told(done)
    assert (again.returncode, again.stdout) == (0, done.stdout)
    exact, same = found["changes"][0], found["changes"][1]
    assert (exact["within_baseline"], same["excess"]["value"], same["stable"], same["moved"]) == (0.0, 0.25, 80, 20)
    assert same["p"] < 0.01
    assert same["excess"]["low"] < 0.25 < same["excess"]["high"]
    assert "changed beyond the baseline's own nondeterminism on 25.0 % (95 % interval" in found["sentence"]
    assert "never differed from itself" in found["sentence"]
    first = found["places"][0]
    assert (first["column"], first["p_adjusted"] < 0.01) == ("plan", True)
    assert {(place["value"], place["excess"]["value"]) for place in found["places"] if place["column"] == "plan"} == {
        ("free", 1.0),
        ("team", 0.0),
    }
    assert len(found["worst"]) == 20
    assert all(pair["stable"] for pair in found["worst"])
    text = diff(tmp_path).stdout
    assert not re.search(r"\b(pass|fail|regressed)\b", text, re.IGNORECASE)
    page = (tmp_path / "out/diff.html").read_text()
    assert "Content-Security-Policy" in page
    assert "<mark>" in page


def test_noise_is_not_called_a_change(tmp_path: Path) -> None:
    seen: dict[tuple[str, int], int] = {}

    def reply(body: dict[str, Any]) -> str:
        key = (body["model"], number(body))
        seen[key] = seen.get(key, 0) + 1
        noisy = hash_of(*key, seen[key]) < 0.3
        return f"The total is {number(body)}{' or so, ' + str(hash_of(*key, seen[key])) if noisy else ''}."

    with server(reply) as fake:
        write(tmp_path, fake.url, [ask(f"Total of #{i}?") for i in range(60)])
        found = told(diff(tmp_path, "--json"))
    same = found["changes"][1]
    assert same["within_baseline"] > 0.2
    assert same["p"] > 0.05
    assert found["sentence"].startswith("No change of new beyond the baseline's own nondeterminism was shown")


def hash_of(*parts: object) -> float:
    return int(sha256(repr(parts).encode()).hexdigest()[:8], 16) / 2**32


def test_an_interrupted_run_is_continued_and_more_repeats_are_added(tmp_path: Path) -> None:
    calls = 0

    def reply(body: dict[str, Any]) -> str | Answer:
        nonlocal calls
        calls += 1
        return (401, {}, {"error": {"message": "key expired"}}) if 25 <= calls < 40 else f"It is {number(body)}"

    with server(reply) as fake:
        write(tmp_path, fake.url, [ask(f"Total of #{i}?") for i in range(20)])
        stopped = diff(tmp_path, "--set", "model.concurrency=1", "--set", "model.attempts=1")
        assert (stopped.returncode, "in a row failed" in stopped.stderr) == (4, True)
        calls = 100
        found = told(diff(tmp_path, "--json"))
        assert (found["n"], found["lacking"]) == (20, [0, 0])
        before = len(fake.requests)
        more = told(diff(tmp_path, "--json", "--repeats", "3"))
        assert (more["repeats"], len(fake.requests) - before) == (3, 40)
    info = json.loads((tmp_path / "results/prod/old/run.json").read_text())
    assert (info["planned"], info["model"]) == (60, "old")


def test_what_fails_is_left_aside_and_said(tmp_path: Path) -> None:
    def reply(body: dict[str, Any]) -> str | Answer:
        bad = body["model"] == "new" and number(body) < 3
        return (400, {}, {"error": {"message": f"no, {SECRETS['mail']}"}}) if bad else "fine"

    with server(reply) as fake:
        write(tmp_path, fake.url, [ask(f"Total of #{i}?") for i in range(20)])
        found = told(diff(tmp_path, "--json"))
        shown = harness("gate", "prod/old", "prod/new", cwd=tmp_path)
        counted = harness("runs", cwd=tmp_path)
        sample = harness("show", "prod/old", "requests/line-000001", cwd=tmp_path)
        scored = harness("score", "prod/old", "--write", cwd=tmp_path)
        reported = harness("report", "prod", cwd=tmp_path)
    assert (found["n"], found["lacking"], found["errors"]) == (17, [0, 3], [{}, {"bad_request": 6}])
    assert "3 of 20 requests lack a reply of new and are left aside (failed calls: 6 bad_request)" in found["notes"]
    assert (shown.returncode, "'harness diff' compares such runs" in shown.stdout) == (4, True)
    assert counted.returncode == 0
    assert (sample.returncode, "--- reply\nfine" in sample.stdout, "stores no requests" in sample.stdout) == (
        0,
        True,
        True,
    )
    assert (scored.returncode, "no right answers to score replies by" in scored.stderr) == (4, True)
    assert (reported.returncode, "there is nothing to report" in reported.stderr) == (2, True)
    assert SECRETS["mail"] not in (tmp_path / "results/prod/new/samples.jsonl").read_text()


def test_nothing_answered_is_exit_code_4(tmp_path: Path) -> None:
    with server(lambda body: (400, {}, {"error": {"message": "no"}}) if body["model"] == "new" else "x") as fake:
        write(tmp_path, fake.url, [ask("#1"), ask("#2")])
        done = diff(tmp_path, "-o", "diff.html")
    assert done.returncode == 4
    assert "Nothing can be said of new" in done.stdout
    assert "Nothing can be said of new" in (tmp_path / "diff.html").read_text()


def test_planted_secrets_are_nowhere_on_disk(tmp_path: Path) -> None:
    text = (
        f"I am {SECRETS['mail']}, staff {SECRETS['staff']}, my key is {SECRETS['key']}; password: {SECRETS['password']}"
        f"\nAuthorization: Bearer {SECRETS['bearer']}\nRepeat it. #{{}}"
    )
    lines = [
        {
            "request": {
                **ask(text.format(i)),
                "user": SECRETS["mail"],
                "headers": {"Authorization": SECRETS["bearer"]},
            },
            "response": {"choices": [{"message": {"content": SECRETS["mail"]}}]},
            "customer": SECRETS["column"],
            "api_key": SECRETS["key"],
            "id": f"{SECRETS['mail']}-{i}",
        }
        for i in range(12)
    ]

    def reply(body: dict[str, Any]) -> Answer:
        whole = " ".join(SECRETS.values()) + (" and more" if body["model"] == "new" else "")
        return completion(whole, message={"reasoning_content": whole})

    with server(reply) as fake:
        write(tmp_path, fake.url, lines, more='[diff.patterns]\nstaff = "EMP-[0-9]+"')
        done = diff(tmp_path, "--json", "-o", "results/diff.html")
        plain = diff(tmp_path)
        assert SECRETS["mail"] in fake.requests[0]["messages"][0]["content"]
    found = told(done)
    assert found["worst"]
    stored = [path for path in (tmp_path / "results").rglob("*") if path.is_file()]
    assert {path.name for path in stored} >= {"run.json", "samples.jsonl", "diff.html"}
    for where in [*(path.read_text() for path in stored), done.stdout, done.stderr, plain.stdout]:
        for name, secret in SECRETS.items():
            assert secret not in where, name
    placeholders = set(re.findall(r"\[email:\w{8}\]", (tmp_path / "results/prod/old/samples.jsonl").read_text()))
    assert placeholders == set(
        re.findall(r"\[email:\w{8}\]", (tmp_path / "results/prod/new/samples.jsonl").read_text())
    )
    assert len(placeholders) == 2


def test_redacted_requests_are_sent_when_asked_for(tmp_path: Path) -> None:
    with server(lambda _: "ok") as fake:
        write(tmp_path, fake.url, [ask(f"I am {SECRETS['mail']} #{i}") for i in range(4)])
        assert diff(tmp_path, "--redact-sent").returncode == 0
        assert not any(SECRETS["mail"] in json.dumps(body) for body in fake.requests)
        refused = diff(tmp_path)
    assert (refused.returncode, "another configuration" in refused.stderr) == (2, True)


def test_a_request_is_sent_as_it_was_logged(tmp_path: Path) -> None:
    form = {"type": "json_object"}
    body = {"model": "x", "stream": True, **ask("#1", temperature=0.7, top_p=0.9, max_tokens=9, response_format=form)}
    lines = [{"request": body}, {"body": ask("#2", max_completion_tokens=11)}, ask("#3")]
    with server(lambda _: "{}") as fake:
        write(tmp_path, fake.url, lines)
        assert diff(tmp_path).returncode == 0
        sent = {number(each): each for each in fake.requests if each["model"] == "old"}
        assert {key: sent[1][key] for key in ("temperature", "top_p", "max_tokens", "response_format")} == {
            "temperature": 0.7,
            "top_p": 0.9,
            "max_tokens": 9,
            "response_format": form,
        }
        assert "stream" not in sent[1]
        assert [(sent[i]["temperature"], sent[i]["max_tokens"]) for i in (2, 3)] == [(0, 11), (0, 32)]
        write(tmp_path, fake.url, lines, more='sampling = "sweep"')
        assert diff(tmp_path, "--set", "sweep.name=other").returncode == 0
        last = next(each for each in reversed(fake.requests) if number(each) == 1)
        assert (last["temperature"], last["response_format"]) == (0, form)


def test_passes_take_turns(tmp_path: Path) -> None:
    with server(lambda _: "same") as fake:
        write(tmp_path, fake.url, [ask(f"#{i}") for i in range(3)])
        assert diff(tmp_path).returncode == 0
        order = [body["model"] for body in fake.requests]
    assert order == ["old"] * 3 + ["new"] * 3 + ["old"] * 3 + ["new"] * 3


def test_the_page_shows_hostile_replies_and_obeys_none(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script></pre><img src=x onerror=alert(2)>\u202e{{ 7 * 7 }}"

    def reply(body: dict[str, Any]) -> str:
        return f"{bad} \ud800 {number(body)}" if body["model"] == "new" else "fine"

    lines = [
        ask(f"{bad} #{i}", id=f"<b>{i}</b>\x1b[2J", kind="<i>x</i>\u202e\n", **{"k\x1b": i % 2}) for i in range(24)
    ]
    with server(reply) as fake:
        write(tmp_path, fake.url, lines)
        done = diff(tmp_path, "-o", "diff.html")
    assert done.returncode == 0, done.stderr
    assert not re.search("[\x1b\u202e\ud800]", done.stdout)
    assert "k\\x1b" in done.stdout
    page = (tmp_path / "diff.html").read_text()
    assert not re.search(r"<script|<img|<b>|<i>|on\w+\s*=\s*alert\(1", page)
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page.replace("</mark><mark>", "").replace("<mark>", "").replace("</mark>", "")
    assert "default-src &#39;none&#39;" in page
    assert not re.search(r"(?:src|href)=\"(?!#|data:,)", page)


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        ("[sweep]\nname='x'\n", "a \\[\\[model\\]\\] for each model"),
        (
            "[sweep]\nname='x'\n[[model]]\nname='a'\nadapter='null'\n[[model]]\nname='b'\nadapter='null'",
            'role = "baseline"',
        ),
        ("[sweep]\nname='x'\n[[model]]\nname='a'\nrole='baseline'\nadapter='null'", "another model beside"),
        ("[sweep]\nname='x'\n[diff]\nredct=[]\n[[model]]\nname='a'\nadapter='null'", "did you mean 'redact'"),
        ("[sweep]\nname='x'\n[diff]\nlabel='('\n[[model]]\nname='a'\nadapter='null'", "not a regular expression"),
        ("[sweep]\nname='x'\n[[model]]\nname='a'\nadapter='nul'", "unknown adapter 'nul'"),
    ],
)
def test_wrong_sweeps_are_refused_with_the_reason(tmp_path: Path, sweep: str, said: str) -> None:
    (tmp_path / "sweep.toml").write_text(sweep)
    (tmp_path / "log.jsonl").write_text(json.dumps(ask("x")))
    done = diff(tmp_path)
    assert done.returncode == 2
    assert re.search(said, done.stderr)


def test_a_sweep_with_a_diff_table_is_still_a_sweep(tmp_path: Path) -> None:
    (tmp_path / "sweep.toml").write_text(
        "[sweep]\nname='x'\nlengths=['1k']\ncontexts=1\n[[model]]\nname='a'\nadapter='oracle'\n"
        "[[task]]\nname='retrieval.exact'\n[diff]\nmax_tokens=5\n"
    )
    assert harness("plan", "sweep.toml", cwd=tmp_path).returncode == 0


def test_requests_longer_than_the_window_are_left_out_when_asked_for(tmp_path: Path) -> None:
    with server(lambda _: "ok") as fake:
        fake.models = [{"id": "old", "max_model_len": 200}, {"id": "new", "max_model_len": 200}]
        write(tmp_path, fake.url, [ask("#1"), ask("long " * 400 + "#2"), ask("#3")])
        refused = diff(tmp_path)
        assert (refused.returncode, "max_length in [diff]" in refused.stderr) == (2, True)
        write(tmp_path, fake.url, [ask("#1"), ask("long " * 400 + "#2"), ask("#3")], more="max_length = 200")
        done = diff(tmp_path, "--json", "--set", "sweep.name=shorter")
        assert (told(done)["n"], "1 longer than max_length = 200" in done.stderr) == (2, True)
