"""The lexical control on `retrieval.exact` at the lengths of the mission: accuracy, and what a sample costs.

    python benchmarks/lexical_long.py

For each haystack, with decoys and without: 20 contexts of 8 questions at 32k and 128k tokens, one context of 8 at 1M.
Prints the accuracy with its Wilson 95 % interval, the failure modes, and medians of wall seconds: to build the first
sample of a context with its prompt and each further one, and to answer each. The interval takes the questions of a
context as independent, which they are not, and is that much too narrow. Takes about 20 seconds on one core.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter as Tally
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.adapters.lexical import LexicalModel, LexicalSettings
from harness.contexts import reference_counter
from harness.contracts import Cell, Request
from harness.registry import make_task
from harness.sizes import format_size, parse_size
from harness.stats import wilson

CELLS = {"32k": 20, "128k": 20, "1M": 1}
QUESTIONS = 8
SEED = 20
PARAMS: list[dict[str, object]] = [
    {"haystack": haystack, "decoys": decoys} for haystack in ("prose", "records") for decoys in (0, 16)
]


def main() -> None:
    for params in PARAMS:
        print(f"\nhaystack = {params['haystack']}, decoys = {params['decoys']}")
        for size, contexts in CELLS.items():
            print(measure(params, parse_size(size), contexts))


def measure(params: dict[str, object], length: int, contexts: int) -> str:
    """Ask one cell and return a line of figures."""
    task, model = make_task("retrieval.exact", params), LexicalModel(LexicalSettings())
    built: dict[bool, list[float]] = {True: [], False: []}
    answered: dict[bool, list[float]] = {True: [], False: []}
    modes: Tally[str | None] = Tally()
    for context in range(contexts):
        cell = Cell(
            length=length, contexts=range(context, context + 1), questions=QUESTIONS, counter=reference_counter()
        )
        samples = task.samples(cell, SEED)
        for question in range(QUESTIONS):
            start = perf_counter()
            sample = next(samples)
            messages = task.prompt(sample)
            ready = perf_counter()
            request = Request(messages=messages, answer_budget=sample.answer_budget, sample=sample, task=task)
            reply = asyncio.run(model.generate(request))
            built[question == 0].append(ready - start)
            answered[question == 0].append(perf_counter() - ready)
            modes[task.score(sample, reply).mode] += 1
    n, right = modes.total(), modes.pop(None, 0)
    low, high = wilson(right, n)
    times = [f"{median(times):.4f}" for part in (built, answered) for times in (part[True], part[False])]
    wrong = ", ".join(f"{mode} {count}" for mode, count in modes.most_common())
    return (
        f"{format_size(length):>5}  {right}/{n} right, {right / n:.3f} [{low:.3f}, {high:.3f}], {contexts} contexts; "
        f"build {times[0]} s, next {times[1]} s; answer {times[2]} s, next {times[3]} s; wrong: {wrong or 'none'}"
    )


if __name__ == "__main__":
    main()
