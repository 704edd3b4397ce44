"""The README of the format family: its examples are what the code renders, and its tables are complete.

After a change of wording or filler, `python tests/test_format_readme.py` writes the examples anew.
"""

import re
from pathlib import Path

from format_samples import samples

from tasks.format.base import SHARED_AXES
from tasks.format.modes import MODES
from tasks.format.syntaxes import KINDS, SYNTAXES
from tasks.format.task import TASKS

README = Path(__file__).parent.parent / "tasks" / "format" / "README.md"
FIRST = re.compile(r"(?<=the right answer is\n).*?(?=\n\nThe forms of the other tasks)", re.DOTALL)
OTHERS = re.compile(r"(?<=each with a right reply:\n\n).*?(?=\n\n## Parameters)", re.DOTALL)


def first():
    task, [sample] = samples(
        "format.json",
        {"fields": 2, "depth": 1, "entries": 4, "amended": True, "answer_budget": 128},
        length=704,
        contexts=1,
        seed=1,
    )
    return f"`{sample.gold[0]}`.\n\n```text\n{task.prompt(sample)[0].content}\n```"


def others():
    parts = []
    for name, params in (
        *(("format.records", {"syntax": syntax}) for syntax in SYNTAXES),
        *(("format.template", {"kind": kind}) for kind in KINDS),
        ("format.constraints", {"level": 5, "fields": 3}),
    ):
        task, [sample] = samples(name, {"fields": 3, **params}, length=1024, contexts=1, seed=1)
        rules = "\n".join(task.context(sample).plan.form.rules(split=False))
        [(key, value)] = [(k, v) for k, v in params.items() if k != "fields"]
        parts.append(f"`{name}`, `{key} = {value}`:\n\n```text\n{rules}\n\n{sample.gold[0]}\n```")
    return "\n\n".join(parts)


def test_the_examples_are_what_the_code_renders():
    text = README.read_text("utf-8")
    assert FIRST.search(text)[0] == first()
    assert OTHERS.search(text)[0] == others()


def test_every_parameter_mode_and_axis_is_described():
    text = README.read_text("utf-8")
    for cls in TASKS:
        assert f"| `{cls.name}` |" in text
        for name, field in cls.Params.model_fields.items():
            default = TASKS[-1].Params.model_fields[name].default if name in TASKS[-1].Params.model_fields else ""
            described = re.search(rf"^\| `{name}` \| `?([^`|]*?)`? \|(.*)", text, re.MULTILINE)
            assert name == "shown" or str(field.default) in (described[1], str(default)), name
    for mode in MODES:
        assert f"`{mode}`" in text or f"`.{mode.rpartition('.')[2]}`" in text, mode
    for axis in (*SHARED_AXES, "depth", "syntax", "kind", "level", "length_tokens"):
        assert f"`{axis}`" in text
    for value in (*SYNTAXES, *KINDS):
        assert f"`{value}`" in text


if __name__ == "__main__":
    written = README.read_text("utf-8")
    written = FIRST.sub(lambda _: first(), written)
    README.write_text(OTHERS.sub(lambda _: others(), written), "utf-8")
