"""Own data: the same rows from every format, what is wrong with rows, contexts, lengths, axes and prompts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.errors import ConfigError
from harness.records import Message, Reply, Sample
from harness.registry import make_task
from tasks.workload.axes import axis_columns
from tasks.workload.prompts import CUT

PARAMS = {"data": "t.jsonl", "prompt": "{document}\n\n{question}", "answer": "{expected}", "score": "exact"}
LENGTHS = (256, 1024, 4096)
ROWS = [
    {"document": f"Ticket {i // 2}. " + "The van is late. " * (5 + 40 * (i // 4)), "question": f"What of {i}?",
     "expected": f"answer {i}", "language": "de" if i % 3 else "en", "urgent": i % 2 == 0, "score": i + 0.5, "n": i % 4}
    for i in range(12)
]  # fmt: skip


def write(folder: Path, rows: Sequence[Any], name: str = "t.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def task(folder: Path, **params: Any) -> Any:
    return make_task("workload", {**PARAMS, **params}, folders=(folder,))


def layout(made: Any, lengths: Sequence[int] = LENGTHS, seed: int = 0) -> Any:
    return made.layout(lengths, reference_counter(), seed)


def samples(made: Any, lengths: Sequence[int] = LENGTHS, seed: int = 0) -> list[Sample]:
    found = []
    for length, contexts in layout(made, lengths, seed).cells.items():
        for context, questions in contexts.items():
            cell = Cell(length=length, contexts=range(context, context + 1), questions=1, counter=reference_counter())
            asked = {sample.recipe.question: sample for sample in made.samples(cell, seed)}
            found += [asked[question] for question in questions]
    return found


def asked(made: Any, sample: Sample) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in made.prompt(sample)]


def to_csv(folder: Path) -> str:
    pd.DataFrame(ROWS).to_csv(folder / "t.csv", index=False)
    return "t.csv"


def to_tsv(folder: Path) -> str:
    pd.DataFrame(ROWS).to_csv(folder / "t.tsv", index=False, sep="\t")
    return "t.tsv"


def to_json(folder: Path) -> str:
    (folder / "t.json").write_text(json.dumps(ROWS))
    return "t.json"


def to_parquet(folder: Path) -> str:
    pytest.importorskip("pyarrow")
    pd.DataFrame(ROWS).to_parquet(folder / "t.parquet")
    return "t.parquet"


def to_disk(folder: Path) -> str:
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_list(ROWS).save_to_disk(str(folder / "saved"))
    return "saved"


@pytest.mark.parametrize("convert", [to_csv, to_tsv, to_json, to_parquet, to_disk])
def test_every_format_gives_the_same_samples(tmp_path: Path, convert: Callable[[Path], str]) -> None:
    write(tmp_path, ROWS)
    first, other = task(tmp_path), task(tmp_path, data=convert(tmp_path))
    assert first.pins() == other.pins()
    pairs = list(zip(samples(first), samples(other), strict=True))
    assert len(pairs) == len(ROWS)
    for one, two in pairs:
        assert (one.id, one.gold, one.axes, one.context_id) == (two.id, two.gold, two.axes, two.context_id)
        assert {name: type(value) for name, value in one.axes.items()} == {n: type(v) for n, v in two.axes.items()}
        assert asked(first, one) == asked(other, two)


def test_a_split_of_a_saved_data_set_is_named(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    parts = {"train": datasets.Dataset.from_list(ROWS[:6]), "test": datasets.Dataset.from_list(ROWS[6:])}
    datasets.DatasetDict(parts).save_to_disk(str(tmp_path / "saved"))
    assert len(samples(task(tmp_path, data="saved", split="test"))) == 6
    with pytest.raises(ConfigError, match="say which split") as error:
        task(tmp_path, data="saved").pins()
    assert error.value.allowed == "train, test"


def test_a_data_set_of_the_hub_needs_a_commit(tmp_path: Path) -> None:
    for revision in (None, "main"):
        with pytest.raises(ConfigError, match="needs its revision"):
            task(tmp_path, data="hf:someone/something", revision=revision).pins()


def test_a_data_set_is_loaded_through_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "repo"
    folder.mkdir()
    write(folder, ROWS, "train.jsonl")
    made = task(tmp_path, data=f"hf:{folder}", split="train")
    write(tmp_path, ROWS)
    assert made.pins() == task(tmp_path).pins()


def test_cells_of_a_csv(tmp_path: Path) -> None:
    lines = [f'"Doc {i},\nthe rest",q,{i},0{i},{i},{i}.5,{i == 1}' for i in range(3)]
    (tmp_path / "t.csv").write_text("\n".join(["document,question,expected,zip,n,x,flag", *lines, "short,row"]) + "\n")
    axes = ["zip", "n", "x", "flag"]
    with pytest.raises(ConfigError, match="1 of 4 rows") as error:
        samples(task(tmp_path, data="t.csv", axes=axes))
    assert "t.csv:8: it has 2 cells, and the first line 7" in error.value.found
    (tmp_path / "t.csv").write_text("\n".join(["document,question,expected,zip,n,x,flag", *lines]) + "\n")
    made = task(tmp_path, data="t.csv", axes=axes)
    found = samples(made)
    assert [sample.axes["zip"] for sample in found] == ["00", "01", "02"]
    assert [found[1].axes[name] for name in axes] == ["01", 1, 1.5, True]
    assert asked(made, found[1]) == [("user", "Doc 1,\nthe rest\n\nq")]
    assert found[1].data["row"] == "t.csv:4"


@pytest.mark.parametrize(
    ("lines", "count", "told"),
    [
        (['{"document": "a"'], 1, "t.jsonl:4: "),
        (["[1]"], 1, "t.jsonl:4: a row is an object, and this is list"),
        (['{"document": "a", "question": "b", "expected": NaN}'], 1, "NaN is no JSON number"),
        (['{"document": "a", "document": "b", "question": "c", "expected": "d"}'], 1, "the key 'document' stands there twice"),
        (['{"document": "a", "question": "b"}'] * 7, 7, "t.jsonl:8: answer: no column 'expected'\n    and 2 more"),
        (['{"document": "a", "question": null, "expected": "x"}'], 1, "t.jsonl:4: prompt: 'question' is null"),
        (['{"document": "a", "question": "b", "expected": ""}'], 1, "t.jsonl:4: answer: the answer is empty"),
    ],
)  # fmt: skip
def test_bad_rows_are_counted_and_shown(tmp_path: Path, lines: list[str], count: int, told: str) -> None:
    good = {"document": "a", "question": "b", "expected": "c"}
    write(tmp_path, [good, good, good, *lines, good])
    with pytest.raises(ConfigError, match=rf"^t.jsonl: {count} of {4 + len(lines)} rows cannot be used") as error:
        layout(task(tmp_path))
    assert told in error.value.found


def test_empty_lines_and_a_byte_order_mark_are_no_rows(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text("\ufeff" + "\n\n".join(map(json.dumps, ROWS)) + "\n\n", "utf-8")
    assert len(samples(task(tmp_path))) == len(ROWS)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"prompt": "{documnt} {question}"}, r"prompt names the column 'documnt', which no row has \(did you mean 'document'\?\)"),
        ({"answer": "{gold}"}, "answer names the column 'gold', which no row has"),
        ({"axes": ["languag"]}, r"axes names the column 'languag', which no row has \(did you mean 'language'\?\)"),
        ({"messages": "turns"}, "messages names the column 'turns'"),
        ({"id": "{urgent}"}, "12 rows share a name with another"),
    ],
)  # fmt: skip
def test_unknown_columns_are_named_with_what_there_is(tmp_path: Path, params: dict[str, Any], told: str) -> None:
    write(tmp_path, ROWS)
    with pytest.raises(ConfigError, match=told) as error:
        layout(task(tmp_path, **params))
    assert error.value.where.startswith("t.jsonl")
    assert error.value.allowed or error.value.fix


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("t.jsonl", None, "no such file"),
        ("t.jsonl", b"", "there are no rows"),
        ("t.jsonl", b'{"a": "\xff"}\n', "not UTF-8"),
        ("t.csv", b"a,b\n1,2\n1,2,3,4\n1\n", "2 of 3 rows cannot be used"),
        ("t.csv", b"a,a\n1,2\n", "not a table: two columns are called 'a'"),
        ("t.csv", b'a,b\n1,"2\n', "not a table"),
        ("t.json", b'{"a": 1}', "a list of objects"),
        ("t.xlsx", b"x", "data of the kind .xlsx are not known"),
        ("t.parquet", b"x", "not a Parquet file|need the package pyarrow"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, told: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        task(tmp_path, data=name).pins()


def test_changed_rows_are_refused(tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    pinned = task(tmp_path).pins()
    assert task(tmp_path, **pinned).pins() == pinned
    write(tmp_path, [*ROWS[:-1], {**ROWS[-1], "expected": "other"}])
    with pytest.raises(ConfigError, match=r"^t.jsonl: the data have changed") as error:
        task(tmp_path, **pinned).pins()
    assert error.value.allowed == pinned["data_sha256"]
    write(tmp_path, [json.dumps(row, indent=None, separators=(" ,", ": ")) for row in ROWS])
    assert task(tmp_path, **pinned).pins() == pinned  # other blanks, the same rows


def test_rows_that_share_a_document_share_a_context(tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    made = task(tmp_path)
    found = samples(made)
    assert len({sample.context_id for sample in found}) == 6
    for one, two in zip(found[::2], found[1::2], strict=True):
        assert one.context_id == two.context_id
        assert (one.recipe.context, one.recipe.question + 1) == (two.recipe.context, two.recipe.question)
    by_language = samples(task(tmp_path, context="{language}"))
    assert len({sample.context_id for sample in by_language}) == 2
    # the cluster is known by its content: another file with the same documents has the same clusters
    write(tmp_path, ROWS[:4], "part.jsonl")
    assert {s.context_id for s in samples(task(tmp_path, data="part.jsonl"))} <= {s.context_id for s in found}


def test_each_row_is_asked_at_the_shortest_length_that_holds_it(tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    made = task(tmp_path, answer_budget=64)
    found = samples(made)
    for sample in found:
        held = [length for length in LENGTHS if sample.prompt_tokens + 64 <= length]
        assert sample.recipe.length == min(held)
        assert sample.prompt_tokens == sum(reference_counter().count(text) for _, text in asked(made, sample))
    assert {sample.recipe.length for sample in found} == {256, 1024}
    assert list(layout(made).cells) == [256, 1024]


def test_rows_that_are_too_long(tmp_path: Path) -> None:
    long = {**ROWS[0], "document": "Start. " + "The order is late. " * 3000 + "End."}
    write(tmp_path, [*ROWS, long, {**long, "question": "And the end?"}])
    with pytest.raises(ConfigError, match=r"^t.jsonl:13: 2 of 14 rows are longer than the largest length, 4k") as error:
        layout(task(tmp_path))
    assert 'over_length = "skip" or "truncate"' in error.value.fix
    closed = task(tmp_path, over_length="skip", shown="nothing")
    assert [sample.data["row"] for sample in samples(closed)] == [f"t.jsonl:{i}" for i in range(1, 13)]
    skipping, cutting = task(tmp_path, over_length="skip"), task(tmp_path, over_length="truncate")
    assert len(samples(skipping)) == 12
    assert layout(skipping).notes == ("t.jsonl: 2 of 14 rows are longer than 4k and are left out",)
    assert layout(cutting).notes == ("t.jsonl: 2 of 14 rows are longer than 4k and are cut in the middle",)
    found = samples(cutting)
    assert [sample.axes["truncated"] for sample in found] == [False] * 12 + [True] * 2
    content = asked(cutting, found[-1])[-1][1]
    assert content.startswith("Start. The order")
    assert content.endswith("End.\n\nAnd the end?")
    assert content.count(CUT) == 1
    total = found[-1].prompt_tokens + found[-1].answer_budget
    assert 0.99 * 4096 < total <= 4096
    with pytest.raises(ConfigError, match="without its document a row is longer than 16"):
        layout(task(tmp_path, over_length="truncate", answer_budget=14), lengths=(16,))


def test_a_sample_is_built_again_from_its_recipe(tmp_path: Path) -> None:
    write(tmp_path, [*ROWS, {**ROWS[0], "document": "The order is late. " * 3000}])
    made = task(tmp_path, over_length="truncate")
    for sample in samples(made):
        recipe = sample.recipe
        again = make_task("workload", recipe.params, folders=(tmp_path,))
        cell = Cell(
            length=recipe.length, contexts=range(recipe.context, recipe.context + 1), questions=1,
            counter=reference_counter(),
        )  # fmt: skip
        twin = next(s for s in again.samples(cell, recipe.seed) if s.recipe.question == recipe.question)
        assert (twin, asked(again, twin)) == (sample, asked(made, sample))


def test_some_rows_are_drawn_contexts_first(tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    made = task(tmp_path, rows=6)
    found = samples(made)
    assert len({sample.context_id for sample in found}) == len(found) == 6
    assert layout(made).notes == ("t.jsonl: 6 of 12 rows, drawn with the seed",)
    assert [s.id for s in samples(task(tmp_path, rows=6))] == [s.id for s in found]
    assert {s.id for s in samples(made, seed=1)} != {s.id for s in found}
    assert len(samples(task(tmp_path, rows=9))) == 9
    assert len(samples(task(tmp_path, rows=99))) == 12


def test_columns_that_are_fit_become_axes(tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    assert set(samples(task(tmp_path))[0].axes) == {"length_tokens", "language", "urgent", "n"}
    assert set(samples(task(tmp_path, axes=["language"]))[0].axes) == {"length_tokens", "language"}
    assert set(samples(task(tmp_path, axes=[]))[0].axes) == {"length_tokens"}
    constant = [{"a": 1, "b": i, "c": "x" * 61 if i else "y", "d": [1], "e": i % 2} for i in range(5)]
    assert axis_columns(constant, ()) == ("e",)
    with pytest.raises(ConfigError, match="axes: 'document' is no number, truth value or short text"):
        layout(task(tmp_path, axes=["document"]))


def test_the_floor_is_what_one_answer_to_everything_earns(tmp_path: Path) -> None:
    write(tmp_path, [{**row, "expected": "no" if i % 4 else f"yes {i}"} for i, row in enumerate(ROWS)])
    made = task(tmp_path)
    found = samples(made)
    assert made.floor == 0.75
    earned = [made.score(sample, Reply(text="no", finish_reason="stop")).value for sample in found]
    assert sum(earned) / len(earned) == made.floor
    declared = task(tmp_path, floor=0.25)
    samples(declared)
    assert declared.floor == 0.25
    write(tmp_path, ROWS, "own.jsonl")
    unlike = task(tmp_path, data="own.jsonl")
    samples(unlike)
    assert unlike.floor == 0.0


def turns(*contents: str) -> list[dict[str, Any]]:
    return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(contents)]


def test_turns_are_sent_as_they_are(tmp_path: Path) -> None:
    history = turns("Here is the ticket: " + "late van " * 60, "Thank you.", "Which product?")
    parts = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
    ]
    write(tmp_path, [{"turns": history, "gold": "van"}, {"turns": parts, "gold": "hi"}])
    made = task(tmp_path, messages="turns", prompt="", answer="{gold}")
    first, second = sorted(samples(made), key=lambda sample: sample.id.rpartition("/")[2])
    assert asked(made, first) == [(turn["role"], turn["content"]) for turn in history]
    assert asked(made, second) == [("system", "Be brief."), ("user", "Hi")]
    assert first.question.endswith("Which product?")
    answered = [*history[:2]]
    write(tmp_path, [{"turns": answered, "q": "Which one?", "gold": "van", "who": "ACME"}], "asked.jsonl")
    other = task(
        tmp_path, data="asked.jsonl", messages="turns", prompt="{q}", system="You serve {who}.", answer="{gold}"
    )
    (sample,) = samples(other)
    assert asked(other, sample) == [
        ("system", "You serve ACME."), *((t["role"], t["content"]) for t in answered), ("user", "Which one?"),
    ]  # fmt: skip
    assert made.score(first, Reply(text="Van.", finish_reason="stop")).correct


def test_a_logged_answer_is_not_asked(tmp_path: Path) -> None:
    """As in files for fine-tuning: the last turn is what the assistant replied."""
    write(tmp_path, [{"messages": turns("Which city?", "Paris")}])
    made = task(tmp_path, messages="messages", prompt="", answer="{messages[-1].content}")
    (sample,) = samples(made)
    assert asked(made, sample) == [("user", "Which city?")]
    assert sample.gold == ("Paris",)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("hello", "turns: it is no list of turns"),
        ([{"role": "assistant", "content": "b"}], "turns: the last turn is not the user's"),
        ([{"role": "tool", "content": "x"}], "turns[0]: the role 'tool' is none of"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "turns[0]: only parts of the type text can be asked"),
        ([{"role": "user", "content": None}], "turns[0]: its content is no text"),
        (["hello"], "turns[0]: the role None is none of"),
    ],
)
def test_turns_that_are_none(tmp_path: Path, value: Any, told: str) -> None:
    write(tmp_path, [{"turns": value, "gold": "x"}])
    with pytest.raises(ConfigError) as error:
        layout(task(tmp_path, messages="turns", prompt="", answer="{gold}"))
    assert told in error.value.found


def test_a_long_turn_is_cut(tmp_path: Path) -> None:
    history = turns("The order is late. " * 2000, "I see.", "Which product?")
    write(tmp_path, [{"turns": history, "gold": "van"}])
    made = task(tmp_path, messages="turns", prompt="", answer="{gold}", over_length="truncate")
    (sample,) = samples(made)
    sent = asked(made, sample)
    assert CUT in sent[0][1]
    assert sent[1:] == [(turn["role"], turn["content"]) for turn in history[1:]]
    assert sample.prompt_tokens + sample.answer_budget <= 4096


def test_what_is_given_is_asked_word_for_word(tmp_path: Path) -> None:
    odd = "{question} {{x}} \u202e ⟨|im_end|⟩ \\n %s $x"
    write(tmp_path, [{"document": odd, "question": "q?", "expected": "{document}"}])
    made = task(tmp_path, system="S: {question}")
    (sample,) = samples(made)
    assert asked(made, sample) == [("system", "S: q?"), ("user", f"{odd}\n\nq?")]
    assert sample.gold == ("{document}",)
    assert made.oracle(made.prompt(sample)) == sample.gold
    with pytest.raises(LookupError):
        made.oracle([Message("user", "something else")])


def test_json_in_text_columns_is_decoded_where_told(tmp_path: Path) -> None:
    write(tmp_path, [{"document": "d", "question": "q", "expected": '["Paris", "Lutetia"]'}])
    (sample,) = samples(task(tmp_path, json_columns=["expected"]))
    assert sample.gold == ("Paris", "Lutetia")
    write(tmp_path, [{"document": "d", "question": "q", "expected": "[Paris"}], "bad.jsonl")
    with pytest.raises(ConfigError) as error:
        task(tmp_path, data="bad.jsonl", json_columns=["expected"]).pins()
    assert "bad.jsonl:1: expected: " in error.value.found


def test_documents_may_be_files_beside_the_data(tmp_path: Path) -> None:
    (tmp_path / "data/docs").mkdir(parents=True)
    (tmp_path / "data/docs/a.txt").write_text("The van is late.", "utf-8")
    (tmp_path / "secret.txt").write_text("secret")
    named = [{"document": "docs/a.txt", "question": f"What of {i}?", "expected": "van"} for i in range(2)]
    write(tmp_path / "data", named)
    made = task(tmp_path, data="data/t.jsonl", files=["document"])
    found = samples(made)
    assert [text for sample in found for _, text in asked(made, sample)] == [
        "The van is late.\n\nWhat of 0?", "The van is late.\n\nWhat of 1?",
    ]  # fmt: skip
    assert len({sample.context_id for sample in found}) == 1
    texts = write(tmp_path, [{**row, "document": "The van is late."} for row in named])
    assert made.pins() == task(tmp_path, data=texts.name).pins()  # the rows are the same
    for name, told in (
        ("../secret.txt", "'../secret.txt' is not in the folder of the data"),
        (str(tmp_path / "secret.txt"), "is not in the folder of the data"),
        ("docs/b.txt", "'docs/b.txt' cannot be read: No such file or directory"),
        (7, "it names no file"),
    ):
        write(tmp_path / "data", [{**named[0], "document": name}], "bad.jsonl")
        with pytest.raises(ConfigError) as error:
            task(tmp_path, data="data/bad.jsonl", files=["document"]).pins()
        assert told in error.value.found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.text(min_size=1).filter(str.strip)), min_size=1, max_size=12))
def test_whatever_the_rows_none_is_lost_or_asked_twice(tmp_path_factory: Any, rows: list[tuple[int, str]]) -> None:
    folder = tmp_path_factory.mktemp("rows")
    write(folder, [{"document": "x" * 300 * size, "question": text, "expected": "e"} for size, text in rows])
    found = samples(task(folder, answer_budget=8))
    assert sorted(sample.data["row"] for sample in found) == sorted(f"t.jsonl:{i + 1}" for i in range(len(rows)))
    assert len({sample.id.rpartition("/")[2] for sample in found}) == len(rows)
