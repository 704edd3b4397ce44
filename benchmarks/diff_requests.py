"""Write a log of synthetic requests for `harness diff`: what a team's own log looks like, from our own prompts.

    python benchmarks/diff_requests.py requests.jsonl [--contexts 60] [--questions 5] [--seed 11]
    python benchmarks/diff_requests.py --sweep > sweep.toml
    harness diff requests.jsonl sweep.toml --set model.threads=1 -o diff.html

Each context is a text of some 500 tokens of `retrieval.exact`, or of 700 in every third one; its requests ask for one
value each. The third of them asks for a JSON object. Columns: `feature` (`lookup` or `extract`), `plan`, drawn and
without any meaning, and `context`. Same seed, same bytes.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

from harness.contexts.tokens import reference_counter
from harness.contracts import Cell
from harness.registry import make_task

PARAMS = {
    "keys": 6, "decoys": 0, "absent_rate": 0.0, "wording": "plain", "reply_form": "sentence", "answer_budget": 24,
}  # fmt: skip
MAX_TOKENS = {"lookup": 24, "extract": 32}
AS_JSON = 'Reply with a JSON object with one key, "answer", and nothing else.'

SWEEP = """\
[sweep]
name = "requests-diff"

[[model]]
name = "kv-f16"
role = "baseline"
adapter = "llama_cpp"
weights = "smollm2:q8_0"
kv_cache = "f16"
concurrency = 1

[[model]]
name = "kv-q8_0"
adapter = "llama_cpp"
weights = "smollm2:q8_0"
kv_cache = "q8_0"
concurrency = 1

[[model]]
name = "kv-q4_0"
adapter = "llama_cpp"
weights = "smollm2:q8_0"
kv_cache = "q4_0"
concurrency = 1

[diff]
label = '\\d{7}'
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--contexts", type=int, default=60)
    parser.add_argument("--questions", type=int, default=5)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--sweep", action="store_true", help="print the sweep that goes with it")
    arguments = parser.parse_args()
    if arguments.sweep:
        print(SWEEP, end="")
        return
    lines = list(requests(arguments.contexts, arguments.questions, arguments.seed))
    arguments.file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    print(f"{len(lines)} requests")


def requests(contexts: int, questions: int, seed: int) -> Iterator[dict[str, object]]:
    """Yield the lines of the log."""
    drawn = random.Random(seed)
    task = make_task("retrieval.exact", PARAMS)
    for context in range(contexts):
        cell = Cell(
            length=700 if context % 3 == 2 else 500,
            contexts=range(context, context + 1),
            questions=questions,
            counter=reference_counter(),
        )
        for question, sample in enumerate(task.samples(cell, seed)):
            (message,) = task.prompt(sample)
            feature = "extract" if question % 3 == 2 else "lookup"
            head, tail = message.content, ""
            if feature == "extract":
                head, _, _ = message.content.rpartition("\n")
                tail = f"\n{AS_JSON}"
            yield {
                "id": f"r{context:03}-{question}",
                "context": f"c{context:03}",
                "messages": [{"role": "user", "content": head + tail}],
                "max_tokens": MAX_TOKENS[feature],
                "temperature": 0,
                "feature": feature,
                "plan": drawn.choice(("free", "team")),
            }


if __name__ == "__main__":
    main()
