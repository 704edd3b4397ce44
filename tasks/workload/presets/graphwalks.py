"""GraphWalks: nodes of a graph that is written as a list of edges."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .preset import Preset, Row, first_of, listed

_LIST = re.compile(r"Final Answer:\s*\[(.*)\]")


def adapt(row: Row) -> Row:
    """Read either name of the column with the right nodes; an empty list is an answer."""
    if "answer_nodes" not in row and "answer" not in row:
        raise ValueError("it has none of the columns answer_nodes, answer")
    nodes = row.get("answer_nodes", row.get("answer"))
    kept = {name: row[name] for name in ("problem_type", "prompt_chars") if row.get(name) is not None}
    return {**kept, "prompt": first_of(row, "prompt"), "nodes": [str(node) for node in listed(nodes)]}


def measure(row: Row, text: str) -> Mapping[str, float]:
    """Return F1 of the sets, read from the last line alone; without overlap it is 0, also where nothing is right."""
    found = _LIST.search(text.rstrip("\n").split("\n")[-1])
    given = {item.strip().strip("'\"") for item in found[1].split(",") if item.strip()} if found else set()
    gold = set(row["nodes"])
    hits = len(given & gold)
    return {"graphwalks.f1@1": 2 * hits / (len(given) + len(gold)) if hits else 0.0}


PRESET = Preset(
    name="graphwalks",
    source="openai/graphwalks: prompt, answer_nodes (before: answer), prompt_chars, problem_type",
    keys={
        "prompt": "{prompt}",
        "answer": "{nodes}",
        "score": {"name": "set_f1", "after": "Final Answer:"},
        "axes": ["problem_type"],
        "answer_budget": 2048,
    },
    official=("graphwalks.f1@1",),
    measure=measure,
    adapt=adapt,
    flaws=(
        "a right empty list earns 0",
        "only the last line is read",
        "whether a depth is meant exactly or at most is said in the prompt alone",
    ),
)
