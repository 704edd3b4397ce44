"""The family's own interpreter says what CPython says about the very same files."""

import json
import os
import subprocess
import sys

import pytest

from harness.contexts import Place, reference_counter
from tasks.code.call_chain import CallChain
from tasks.code.interpreter import EvaluationError, Machine
from tasks.code.output import CodeOutput
from tasks.code.program import Program, read_files

DRIVER = """
import importlib, json, sys

def called(root, module, name, argument):
    sys.path.insert(0, root)
    importlib.invalidate_caches()
    calls = []

    def note(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(root) and "<locals>" not in code.co_qualname:
            calls.append(frame.f_globals["__name__"] + "." + code.co_qualname)

    try:
        function = getattr(importlib.import_module(module), name)
        sys.setprofile(note)
        try:
            value = function(argument)
        except TypeError:
            value = None
        finally:
            sys.setprofile(None)
    finally:
        sys.path.remove(root)
    return [value, calls] if isinstance(value, int) else None

found, before = [], set(sys.modules)
for root, asked in json.load(sys.stdin):
    found.append([called(root, *each) for each in asked])
    for module in set(sys.modules) - before:
        del sys.modules[module]
print(json.dumps(found))
"""


def functions(program):
    """Every name that a module binds by a definition or, for what a factory made, by an assignment."""
    for module, names in program.defined.items():
        yield from ([module, name, 211] for name in sorted(names) if name.islower())


def ours(program, module, name, argument):
    try:
        trace = Machine(program).run(f"{module}.{name}", argument)
    except EvaluationError:
        return None
    return [trace.value, trace.calls]


def cpython(folder, bodies, asked):
    roots = []
    for number, body in enumerate(bodies):
        for path, text in read_files(body).items():
            file = folder / f"r{number}" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "\n")
        roots.append(str(folder / f"r{number}") + "/")
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", DRIVER],
        input=json.dumps(list(zip(roots, asked, strict=True))),
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("hops", [1, 2, 3, 5, 8])
def test_every_function_of_a_repository_does_what_cpython_does(tmp_path, hops):
    order = "topological" if hops == 2 else "shuffled"
    task = CodeOutput({"hops": hops, "chains": 2, "order": order, "beside": 2 if hops == 3 else 0})
    bodies = []
    for index in range(4):
        place = Place(key=(hops, "cpython", index), index=index, length=4096, counter=reference_counter())
        bodies.append(task.build(place).body)
    programs = [Program(read_files(body)) for body in bodies]
    asked = [list(functions(program)) for program in programs]
    expected = [[ours(program, *each) for each in calls] for program, calls in zip(programs, asked, strict=True)]
    assert cpython(tmp_path, bodies, asked) == expected
    assert sum(each is not None for each in expected[0]) > 100


@pytest.mark.parametrize("kind", [CodeOutput, CallChain])
def test_the_right_answers_are_what_cpython_does(tmp_path, kind):
    task = kind({"hops": 4})
    bodies, asked, golds = [], [], []
    for index in range(30):
        key = (index, "gold")
        context = task.build(Place(key=key, index=index, length=2048, counter=reference_counter()))
        calls = [call.chain for call in task.plan(key)[1]]
        bodies.append(context.body)
        asked.append([[*chain.entry.rsplit(".", 1), chain.argument] for chain in calls])
        golds.append([question.gold for question in context.questions])
    for gold, found in zip(golds, cpython(tmp_path, bodies, asked), strict=True):
        if kind is CodeOutput:
            assert [(str(value),) for value, _ in found] == gold
        else:
            assert [tuple(calls) for _, calls in found] == gold
