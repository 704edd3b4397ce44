"""The family's README: its example is what the code renders, and its tables are complete.

After a change of wording or filler, `python tests/test_retrieval_readme.py` writes the example anew.
"""

import re
from pathlib import Path

from harness.contexts import reference_counter
from harness.contracts import Cell
from harness.reading import MODES
from tasks.retrieval.exact import ExactRetrieval
from tasks.retrieval.facts import DECOY_KINDS, ExactParams
from tasks.retrieval.statements import FRAMES

README = Path(__file__).parent.parent / "tasks" / "retrieval" / "README.md"
TEXT = README.read_text("utf-8")
EXAMPLE = re.compile(r"`ANSWER: [^`]*`\.\n\n```text\n.*?\n```", re.DOTALL)


def example():
    kinds = ["stale_value", "lookalike_key", "negated"]
    task = ExactRetrieval({"keys": 2, "decoys": 3, "decoy_kinds": kinds, "answer_budget": 32})
    cell = Cell(length=384, contexts=range(1), questions=1, counter=reference_counter())
    sample = next(task.samples(cell, 7))
    return f"`{task.ideal_reply(sample.gold)}`.\n\n```text\n{task.prompt(sample)[0].content}\n```"


def test_the_example_is_what_the_code_renders():
    assert EXAMPLE.search(TEXT)[0] == example()


def test_every_parameter_is_described_with_its_default():
    for name, field in ExactParams.model_fields.items():
        default = "all six" if name == "decoy_kinds" else field.default
        assert re.search(rf"^\| `{name}` \| `?{default}`? \|", TEXT, re.MULTILINE), name


def test_every_mode_decoy_and_axis_is_described():
    for mode in MODES:
        family, _, leaf = mode.rpartition(".")
        assert f"`{mode}`" in TEXT or (family == "distractor" and f"`{leaf}`" in TEXT) or f"`.{leaf}`" in TEXT, mode
    for name in (*DECOY_KINDS, *ExactRetrieval.sliced_by, "length_tokens", "absent", "depth", "depth_bin"):
        assert f"`{name}`" in TEXT
    assert f"{len(FRAMES['gold'])} paraphrases" in TEXT


if __name__ == "__main__":
    README.write_text(EXAMPLE.sub(lambda _: example(), TEXT), "utf-8")
