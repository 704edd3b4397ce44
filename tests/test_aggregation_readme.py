"""The family's README: its example is what the code renders, and its tables are complete.

After a change of wording or filler, `python tests/test_aggregation_readme.py` writes the example anew.
"""

import re
from pathlib import Path

import pytest

from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.registry import make_task

README = Path(__file__).parent.parent / "tasks" / "aggregation" / "README.md"
TEXT = README.read_text("utf-8")
EXAMPLE = re.compile(r"`ANSWER: [^`]*`\.\n\n```text\n.*?```", re.DOTALL)
NAMES = ("aggregation.count", "aggregation.total", "aggregation.rank", "aggregation.table")


def ask(name, params, length, contexts=1):
    task = make_task(name, params)
    cell = Cell(length=length, contexts=range(contexts), questions=1, counter=reference_counter())
    return task, list(task.samples(cell, 7))


def example():
    few = {"records": 6, "places": 1, "others": 3, "repeats": 2, "called_off": 2, "answer_budget": 32}
    task, (sample,) = ask("aggregation.count", {"operations": ["count"], **few}, 512)
    return f"`{task.ideal_reply(sample.gold)}`.\n\n```text\n{task.prompt(sample)[0].content}\n```"


def test_the_example_is_what_the_code_renders():
    assert EXAMPLE.search(TEXT)[0] == example()


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_described(name):
    task, samples = ask(name, {}, 1024, 8)
    for field, info in task.Params.model_fields.items():
        default = {"operations": "all", "answer_budget": 64}.get(field, info.default)
        assert re.search(rf"^\| `{field}` \| `?{default}`? \|", TEXT, re.MULTILINE), field
    assert f"{task.floor:.3f} ({name.partition('.')[2]})" in TEXT or not task.floor
    for operation in task.operations:
        assert f"`{operation}`" in TEXT
    for sample in samples:
        assert {axis for axis in sample.axes if f"`{axis}`" not in TEXT} == set()
        for mode in task.mistakes(sample):
            assert f"`{mode}`" in TEXT or f"`.{mode.rpartition('.')[2]}`" in TEXT, mode


if __name__ == "__main__":
    README.write_text(EXAMPLE.sub(lambda _: example(), TEXT), "utf-8")
