"""The tasks about a program's parts: by hand, against CPython, and label by label."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.records import Reply
from harness.registry import make_task
from tasks.code.impact import changed
from tasks.code.program import Program, read_files
from tasks.code.resolve import definition, imported

NAMES = ("code.resolve", "code.impact", "code.references", "code.find", "code.locate")
README = (Path(__file__).parents[1] / "tasks/code/README.md").read_text()
PROGRAM = Program(
    {
        "a/__init__.py": "from a.b import f",
        "a/b.py": "def f(x):\n    return x + 1",
        "a/c.py": "def f(x):\n    return x + 2",
        "d/e.py": "from a import f as g\nimport a.c as h\nfrom a import b\n\ndef top(x):\n    return g(x) + h.f(x) + b.f(x)",
    }
)


def samples(name: str, contexts: int = 5, length: int = 2048, seed: int = 3, **params):
    task = make_task(name, params)
    cell = Cell(length=length, contexts=range(contexts), questions=4, counter=reference_counter())
    return task, list(task.samples(cell, seed))


def reply(text: str) -> Reply:
    return Reply(text=text, finish_reason="stop")


def test_imports_by_hand() -> None:
    bound = imported(PROGRAM, "d.e")
    assert {name: definition(PROGRAM, source) for name, source in bound.items()} == {
        "g": "a.b.f",
        "h.f": "a.c.f",
        "b.f": "a.b.f",
    }


def test_changes_by_hand() -> None:
    before = {
        "a/k.py": "LIMIT = 5",
        "a/m.py": "from a.k import LIMIT\n\ndef low(x):\n    return x + LIMIT",
        "a/n.py": "from a.m import low\n\ndef high(x):\n    return low(x) - 2\n\ndef other(x):\n    return x - 2",
    }
    after = {**before, "a/k.py": "LIMIT = 6"}
    assert changed(Program(before), Program(after)) == ("a.m.low", "a.n.high")


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), hops=st.integers(2, 5))
def test_the_prompt_has_the_answer_and_mistakes_their_labels(name: str, seed: int, hops: int) -> None:
    more = {} if name in ("code.references", "code.find") else {"hops": max(hops, 3)}
    task, asked = samples(name, contexts=1, length=4096, seed=seed, answer_budget=160, **more)
    for sample in asked:
        assert task.oracle(task.prompt(sample)) == sample.gold
        assert task.score(sample, reply(task.ideal_reply(sample.gold))).correct
        for mode, text in task.mistakes(sample).items():
            assert task.score(sample, reply(text)).mode == mode


@pytest.mark.parametrize("name", NAMES)
def test_every_mode_is_planted_and_described(name: str) -> None:
    task, asked = samples(name, contexts=20)
    modes = {mode for sample in asked for mode in task.mistakes(sample)}
    assert len(modes) >= 4
    assert all(f"`{mode}`" in README for mode in modes)


def test_python_itself_resolves_the_same(tmp_path: Path) -> None:
    task, asked = samples("code.resolve", contexts=4, hops=3)
    for index, sample in enumerate(asked):
        folder = tmp_path / str(index)
        text = task.prompt(sample)[0].content
        path = sample.question.split("In ")[1].split(".py")[0]
        name = sample.question.split("that ")[1].split(" ")[0]
        for file, source in read_files(text.rpartition("Question: ")[0]).items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(source)
        found = f"import json, {path.replace('/', '.')} as m; f = m.{name}; print(json.dumps([f.__module__, f.__qualname__]))"
        done = subprocess.run([sys.executable, "-c", found], cwd=folder, capture_output=True, text=True, check=True)
        module, qualname = json.loads(done.stdout)
        if "<locals>" not in qualname:  # a decorator hides the function behind its own
            assert (f"{module}.{qualname}",) == sample.gold


def test_python_itself_sees_the_same_change(tmp_path: Path) -> None:
    task, asked = samples("code.impact", contexts=3, length=1024)
    for index, sample in enumerate(asked):
        text = task.prompt(sample)[0].content
        constant, home = sample.question.split(" in ")[0], sample.question.split(" in ")[1].split(" is ")[0]
        values = []
        for raised in (0, 1):
            folder = tmp_path / f"{index}-{raised}"
            modules = []
            for file, source in read_files(text.rpartition("Question: ")[0]).items():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                body = source + (f"\n{constant} += 1" if raised and file == home else "")
                (folder / file).write_text(body)
                modules.append(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
            (folder / "all.json").write_text(json.dumps(modules))
            code = (
                "import importlib, json, types\nout = {}\n"
                "for name in json.load(open('all.json')):\n"
                "    module = importlib.import_module(name)\n"
                "    for key, value in vars(module).items():\n"
                "        if isinstance(value, types.FunctionType) and value.__module__ == name and value.__qualname__ == key:\n"
                "            try: out[f'{name}.{key}'] = value(305)\n"
                "            except TypeError: pass\n"
                "print(json.dumps({k: v for k, v in out.items() if isinstance(v, int)}))"
            )
            done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
            values.append(json.loads(done.stdout))
        differ = tuple(sorted(name for name in values[0] if values[0][name] != values[1].get(name)))
        assert differ == sample.gold


def test_python_itself_finds_the_function(tmp_path: Path) -> None:
    task, asked = samples("code.find", contexts=4, length=1024)
    words = {"three": 3, "four": 4, "five": 5, "six": 6}
    for index, sample in enumerate(asked):
        module, _, function = sample.gold[0].rpartition(".")
        text = read_files(task.prompt(sample)[0].content.rpartition("Question: ")[0])
        (tmp_path / f"m{index}.py").write_text(text[module.replace(".", "/") + ".py"])
        code = f"import m{index} as m; print(m.{function}(100))"
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        _, _, _, times, *_, sign, number = sample.question.rstrip("?").split(" ")
        assert int(done.stdout) == 100 * words[times] + (-1 if sign == "less" else 1) * int(number)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=200))
def test_no_reply_breaks_the_scorer(name: str, text: str) -> None:
    task, asked = samples(name, contexts=1)
    for sample in asked:
        score = task.score(sample, reply(text))
        assert (score.mode is None) == score.correct
