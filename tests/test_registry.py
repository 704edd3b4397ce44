"""Tasks and models are found by name, built in, from a folder or from a package."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigError, UnknownName
from harness.registry import adapter_names, make_task, model_class, task_classes

FAMILY = '''
"""A family of one task."""

from collections.abc import Iterator, Sequence

from harness.contracts import Cell, Task
from harness.records import Message, Reply, Sample, Score

from .words import WORD


class Word(Task):
    name = "mine.word"
    version = "1"
    summary = "say the word"

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        return iter(())

    def prompt(self, sample: Sample) -> list[Message]:
        return [Message("user", WORD)]

    def score(self, sample: Sample, reply: Reply) -> Score:
        return Score(value=0, correct=False, mode="wrong")

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        return (WORD,)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        return WORD


TASKS = (Word,)
'''


def family(folder: Path, text: str = FAMILY) -> Path:
    folder.mkdir()
    (folder / "task.py").write_text(text)
    (folder / "words.py").write_text('WORD = "plover"\n')
    return folder


def test_a_users_family_with_a_relative_import(tmp_path: Path) -> None:
    found = task_classes([family(tmp_path / "mine")])
    assert found["mine.word"].summary == "say the word"
    assert "retrieval.exact" in found
    assert make_task("mine.word", {}, task_dirs=[tmp_path]).oracle([]) == ("plover",)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (FAMILY.replace("TASKS = (Word,)", ""), "needs TASKS"),
        (FAMILY.replace("TASKS = (Word,)", "TASKS = [Word]"), "needs TASKS"),
        ("import nothing_of_that_name", "cannot be imported: ModuleNotFoundError"),
        (FAMILY.replace("mine.word", "retrieval.exact"), "two tasks are called retrieval.exact"),
    ],
)
def test_a_broken_family_is_named(tmp_path: Path, text: str, what: str) -> None:
    folder = family(tmp_path / "mine", text)
    with pytest.raises(ConfigError, match=what) as error:
        task_classes([folder])
    assert "task.py" in str(error.value)


def test_unknown_names_suggest_a_near_one() -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'retrieval.exact'"):
        make_task("retrieval.exakt", {})
    with pytest.raises(UnknownName, match=r"did you mean 'openai'"):
        model_class("opnai")


@pytest.mark.parametrize("name", adapter_names())
def test_every_adapter_is_a_model_with_a_line_about_it(name: str) -> None:
    cls = model_class(name)
    assert cls.__doc__
    assert cls.kind in ("model", "control", "simulated")


def test_a_family_that_cannot_be_imported_is_told_with_its_line(tmp_path: Path) -> None:
    for name, text, line in (("one", "x = 1\ny = unknown\n", 2), ("two", "x = 1\n\ndef f(:\n", 3)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "task.py").write_text(text)
        with pytest.raises(ConfigError) as error:
            task_classes([tmp_path / name])
        assert error.value.where == f"{tmp_path / name / 'task.py'}:{line}"


def test_a_task_that_lacks_something_is_told_what(tmp_path: Path) -> None:
    text = "from harness.contracts import Task\n\nclass Half(Task):\n    name = 'half.task'\n\nTASKS = (Half,)\n"
    (tmp_path / "task.py").write_text(text)
    with pytest.raises(ConfigError) as error:
        task_classes([tmp_path])
    assert error.value.what == "Half lacks version, summary, ideal_reply, oracle, prompt, samples, score"
