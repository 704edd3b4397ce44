"""The family's README: its example is what the code renders, and its tables are complete.

After a change of wording or filler, `python tests/test_code_readme.py` writes the example anew.
"""

import re
from pathlib import Path

from harness.contexts import reference_counter
from harness.contracts import Cell
from tasks.code.base import CodeParams
from tasks.code.call_chain import CallChain
from tasks.code.idioms import IDIOMS
from tasks.code.links import LINKS
from tasks.code.misreadings import MODES
from tasks.code.output import CodeOutput

README = Path(__file__).parent.parent / "tasks" / "code" / "README.md"
TEXT = README.read_text("utf-8")
EXAMPLE = re.compile(r"`ANSWER: [^`]*`\.\n\n```text\n.*?```", re.DOTALL)


def example():
    task = CodeOutput({"hops": 2, "chains": 1})
    cell = Cell(length=480, contexts=range(1), questions=1, counter=reference_counter())
    sample = next(task.samples(cell, 6))
    return f"`{task.ideal_reply(sample.gold)}`.\n\n```text\n{task.prompt(sample)[0].content}\n```"


def test_the_example_is_what_the_code_renders():
    assert EXAMPLE.search(TEXT)[0] == example()


def test_every_parameter_is_described_with_its_default():
    for name, field in CodeParams.model_fields.items():
        assert re.search(rf"^\| `{name}` \| {field.default} \|", TEXT, re.MULTILINE), name


def test_every_idiom_link_mode_and_axis_is_described():
    planted = set()
    for kind in (CodeOutput, CallChain):
        task = kind()
        cell = Cell(length=2048, contexts=range(6), questions=4, counter=reference_counter())
        for sample in task.samples(cell, 1):
            planted |= {*task.mistakes(sample), *sample.axes}
    for name in (*IDIOMS, *LINKS, *MODES.values(), *planted):
        assert f"`{name}`" in TEXT, name


if __name__ == "__main__":
    README.write_text(EXAMPLE.sub(lambda _: example(), TEXT, count=1), "utf-8")
