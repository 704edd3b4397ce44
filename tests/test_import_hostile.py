"""Logs of other harnesses that are damaged or meant to harm: refused by name, and nothing is lost."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import harness
from test_import_rows import HEADER, eval_file, line, nemo, refusal, sample, taken, write

from harness.errors import HarnessError
from harness.interop import foreign, inspect_file
from harness.interop.imported import Choices, info_of
from harness.interop.keep import keep
from harness.store import load_run


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"{not json\n", "not a log that can be imported"),
        (b'{"doc_id": 1, "resps": [], "filtered_resps": []}\n{"doc_id": 2,', ":2: not JSON"),
        (b'{"doc_id": 1, "resps": [], "filtered_resps": []}\n[1]\n', ":2: the line is no JSON object"),
        (b'{"doc_id": 1, "doc_id": 2, "resps": [], "filtered_resps": []}\n', "'doc_id' stands twice in one object"),
        (b'{"doc_id": "1", "resps": [], "filtered_resps": []}\n', "'doc_id' is not what it may be"),
        (b'{"doc_id": 1, "resps": [], "filtered_resps": []}\n', "'metrics' is missing"),
        (b'{"doc_id": 1, "resps": [], "filtered_resps": [], "metrics": []}\n', "no metric of t is a share"),
        (b'{"doc_id": 1, "resps": [["x"]], "filtered_resps": ["x"], "metrics": ["e"], "e": 1}\n', "holds no request"),
        (b"\xff\xfe\n", "not a log that can be imported"),
        (b"", "not a log that can be imported"),
        (b"[" * 100_000, "not a log that can be imported"),
        (b'{"problem_idx": 1, "reward": 3}\n', "'reward' is no share"),
    ],
)
def test_damaged_lines_are_named(tmp_path: Path, text: bytes, told: str) -> None:
    file = tmp_path / "samples_t_1.jsonl"
    file.write_bytes(text)
    assert told in refusal(file)


def test_damaged_zips_and_what_unfolds_too_far_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = eval_file(tmp_path, [sample(1)])
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert "the zip is damaged" in refusal(file)
    position = whole.index(b"samples/1_epoch_1.json") + 40
    file.write_bytes(whole[:position] + b"\0\0\0\0" + whole[position + 4 :])
    assert "damaged" in refusal(file)
    file.write_bytes(whole)
    monkeypatch.setattr(inspect_file, "MAX_JSON_BYTES", 100)
    assert "too large to be read" in refusal(file)
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("anything", "x")
    assert "the zip holds no log of Inspect" in refusal(file)


def test_a_bomb_that_lies_about_its_size_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zstandard = pytest.importorskip("zstandard")
    packed = zstandard.compress(b" " * 5_000_000)
    file = tmp_path / "log.eval"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as opened:
        opened.writestr("header.json", packed)
    raw = bytearray(file.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        raw[raw.index(mark) + offset] = inspect_file.ZSTANDARD
    file.write_bytes(bytes(raw))
    monkeypatch.setattr(inspect_file, "MAX_JSON_BYTES", 1_000_000)
    assert "too large to be read" in refusal(file)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert 'pip install "longcontext-harness[inspect]"' in refusal(file)


def test_a_line_without_an_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "MAX_LINE_BYTES", 1000)
    file = write(tmp_path, [line(0, target="x" * 2000)])
    assert ":1: too large to be read" in refusal(file)


def test_control_characters_of_a_log_never_reach_the_terminal(tmp_path: Path) -> None:
    hostile = "\x1b]0;owned\x07 \u202e right"
    write(tmp_path / "log", [line(0, False, resps=[[hostile]], target=hostile, doc={"question": hostile})])
    done = harness("import", "log", "--name", "s/a", cwd=tmp_path)
    shown = harness("show", "s/a", "t/d0", cwd=tmp_path)
    for text in (done.stdout, shown.stdout):
        assert "\x1b" not in text
        assert "\u202e" not in text
    (result,) = load_run(tmp_path / "results/s/a").results
    assert (result.reply.text, result.gold) == (hostile, (hostile,))


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just({}) | st.just([[]])


@settings(max_examples=40, deadline=None)
@given(
    key=st.sampled_from([*line(0), *nemo(0), *sample(0)]),
    value=VALUES,
    which=st.sampled_from(["lm", "nemo", "inspect"]),
)
def test_no_value_of_a_log_is_a_crash(
    tmp_path_factory: pytest.TempPathFactory, key: str, value: Any, which: str
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    if which == "inspect":
        file = folder / "log.json"
        file.write_text(json.dumps({**HEADER, "samples": [{**sample(0), key: value}, sample(1)]}))
    else:
        rows = [line(0), line(1)] if which == "lm" else [nemo(0), nemo(1)]
        file = write(folder, [rows[0], {**rows[1], key: value}])
    try:
        log, results = taken(file)
    except HarnessError:
        return
    assert len(results) == len(log.entries) == 2
    keep(info_of(log, Choices(), ("s", "m"), "baseline", {}), results, folder / "run")
    assert len(load_run(folder / "run").results) == 2
