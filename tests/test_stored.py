"""A run's file is read whole once and then result by result: what comes out is the same, whoever wrote the lines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_store import failed, make_info, make_result, write

from harness.errors import StoreError
from harness.hashing import checksum
from harness.store import Run, load_run, pair
from harness.store.frame import controls_frame, results_frame
from harness.store.lines import parse_line, to_line


@given(text=st.text(), gold=st.text(st.characters(codec=None), max_size=9))
def test_a_line_is_canonical_json_with_the_checksum_of_just_that(text, gold):
    result = make_result(text=text, gold=(gold,))
    line = to_line(result)
    assert len(line.decode().splitlines()) == 1
    assert parse_line(line[:-1], where="x") == result
    plain = json.loads(line)
    stated = plain.pop("crc32")
    assert stated == checksum(plain)
    if line.isascii() and b"\\u" not in line:
        content = line[: line.rindex(b',"crc32')] + b"}"
        assert stated == f"{crc32(content):08x}"


def test_lines_in_another_order_of_keys_are_read(tmp_path):
    write(tmp_path, make_result(0), make_result(1, text="é\u2028\ud800"))
    before = tuple(load_run(tmp_path).results)
    file = tmp_path / "samples.jsonl"
    lines = [json.loads(line) for line in file.read_bytes().split(b"\n")[:-1]]
    file.write_text("".join(json.dumps(dict(reversed(line.items())), indent=None) + "\n" for line in lines))
    assert load_run(tmp_path).results == before == (make_result(0), make_result(1, text="é\u2028\ud800"))


@pytest.mark.parametrize("place", [3, 200, -40, -12])
def test_any_changed_byte_is_found(tmp_path, place):
    write(tmp_path, make_result(0, text="a reply of some length " * 9))
    file = tmp_path / "samples.jsonl"
    raw = bytearray(file.read_bytes())
    raw[place] ^= 1
    file.write_bytes(raw)
    with pytest.raises(StoreError, match=r"samples.jsonl:1"):
        load_run(tmp_path)


def test_results_are_a_sequence(tmp_path):
    write(tmp_path, *(make_result(q) for q in range(4)))
    results = load_run(tmp_path).results
    assert len(results) == 4
    assert results[-1].sample_id == "t.a/1k/c0000/q3"
    assert results[1:3] == (make_result(1), make_result(2))
    assert results == [*results]
    with pytest.raises(IndexError):
        results[4]


def test_a_file_that_is_replaced_is_read_as_it_was(tmp_path):
    write(tmp_path, make_result(0), make_result(1))
    run = load_run(tmp_path)
    (tmp_path / "other").write_bytes(to_line(make_result(0, correct=False)))
    (tmp_path / "other").replace(tmp_path / "samples.jsonl")
    assert run.results == (make_result(0), make_result(1))
    assert load_run(tmp_path).results == (make_result(0, correct=False),)


def mixed() -> tuple:
    """Results with other axes than their neighbours, an error that was asked again, one that was not, controls."""
    control = make_result(3, sample_id="c", axes={"length_tokens": 1024, "control": "closed_book"})
    other = make_result(2, axes={"length_tokens": 1024, "kind": "x\ud800", "mixed": True})
    return (
        failed(0),
        control,
        replace(other, axes={**other.axes, "mixed": 0.5}, sample_id="o"),
        other,
        failed(1),
        make_result(0),
    )


def test_tables_are_the_same_from_a_file_and_from_memory(tmp_path):
    write(tmp_path, *mixed())
    stored = load_run(tmp_path)
    again, control, *others, late, answered = mixed()
    memory = Run(make_info(tmp_path), (answered, control, *others, late))
    assert again.sample_id == answered.sample_id
    assert stored.results == memory.results
    assert stored.measured == memory.measured
    assert stored.invalid == memory.invalid == 1
    frames = [results_frame(run).sort_index(axis="columns") for run in (stored, memory)]  # lines have their keys sorted
    assert frames[0].equals(frames[1])
    assert list(frames[0]["outcome"]) == ["scored", "scored", "scored", "invalid"]
    assert [type(value) for value in frames[0]["axis.mixed"][1:3]] == [float, bool]
    assert frames[0]["axis.kind"][1] == "x\\ud800"
    assert "axis.control" not in frames[0]
    assert list(controls_frame(stored)["control"]) == list(controls_frame(memory)["control"]) == ["closed_book"]


def test_pairs_do_not_depend_on_the_order_of_either_file(tmp_path):
    names = [3, 0, 2, 1]
    write(tmp_path / "a", *(make_result(q, correct=q != 1) for q in names))
    write(tmp_path / "b", *(make_result(q, correct=q != 2) for q in names), model="b")
    write(tmp_path / "c", *(make_result(q, correct=q != 2) for q in range(4)), model="b")
    base, same, other = (load_run(tmp_path / name) for name in "abc")
    assert pair(base, same).pairs.equals(pair(base, other).pairs)
    assert pair(base, same).cells == {("t.a", 1024): 4}


def held_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


def test_no_file_stays_open_after_its_run(tmp_path: Path):
    write(tmp_path, make_result(0))
    before = held_files()
    run = load_run(tmp_path)
    assert held_files() == before + 1
    del run
    assert held_files() == before
