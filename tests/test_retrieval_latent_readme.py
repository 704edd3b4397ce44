"""The family's README on latent, associations and ordinal: examples are what the code renders, tables are complete.

After a change of wording or filler, `python tests/test_retrieval_latent_readme.py` writes the examples anew.
"""

import re
from pathlib import Path

import pytest

from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.registry import make_task
from tasks.retrieval.recall import AssociationRecall

README = Path(__file__).parent.parent / "tasks" / "retrieval" / "README.md"
EXAMPLES = {
    "retrieval.latent": ({"items": 1, "others": 1, "answer_budget": 32, "absent_rate": 0}, 384, 2),
    "retrieval.associations": ({"items": 1}, 256, 0),
    "retrieval.ordinal": ({"needles": 2, "lookalikes": 1, "words": 30, "answer_budget": 96}, 420, 0),
}
"""Parameters, length and context of the example of each task."""

FLOORS = {
    "retrieval.latent": "**Floor: 0.**",
    "retrieval.associations": "{:.2f} at one hop, {:.2f} at two".format(
        *(AssociationRecall({"hops": hops}).floor for hops in (1, 2))
    ),
    "retrieval.ordinal": "**Floor: 1 / `needles`**",
}

BLOCK = re.compile(r"(right answer is )[^\n]*\n\n```text\n.*?\n```", re.DOTALL)


def sample_of(name):
    params, length, context = EXAMPLES[name]
    task = make_task(name, params)
    cell = Cell(length=length, contexts=range(context, context + 1), questions=1, counter=reference_counter())
    return task, next(task.samples(cell, 20))


def example(name):
    task, sample = sample_of(name)
    return f"`{task.ideal_reply(sample.gold)}`.\n\n```text\n{task.prompt(sample)[0].content}\n```"


def section(name, text):
    start = text.index(f"## `{name}`")
    end = text.find("\n## `", start)
    return text[start : end if end > 0 else None]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_is_what_the_code_renders(name):
    assert example(name) in section(name, README.read_text("utf-8"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_parameters_modes_and_axes_are_described(name):
    text = section(name, README.read_text("utf-8"))
    task, sample = sample_of(name)
    for field, info in type(task).Params.model_fields.items():
        default = "all 13" if field == "kinds" else str(info.default).lower()
        assert re.search(rf"^\| `{field}` \| `?{default}`? \|", text, re.MULTILINE), field
    modes = {mode for asked in (sample,) for mode in task.mistakes(asked)}
    for word in (*modes, *sample.axes):
        assert f"`{word}`" in text, word
    assert FLOORS[name] in text


if __name__ == "__main__":
    TEXT = README.read_text("utf-8")
    for task_name in EXAMPLES:
        old = section(task_name, TEXT)
        TEXT = TEXT.replace(old, BLOCK.sub(lambda found, n=task_name: found[1] + example(n), old))
    README.write_text(TEXT, "utf-8")
