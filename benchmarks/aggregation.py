"""Measures the family `aggregation`: time to build a context, and how often each mistake can be told from the others.

    python benchmarks/aggregation.py [--length 128k] [--contexts 150]

The first table has the wall seconds of the first context of each task, by records, at the length, and the density that
it realises. The second has, over contexts of 1k with the default parameters, the share of samples on which a mistake
has an answer of its own, and how many of these replies got another label. Times depend on the machine.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.contexts import reference_counter
from harness.contracts import Cell, Task
from harness.records import Reply, Sample
from harness.registry import make_task
from harness.sizes import parse_size

NAMES = ("aggregation.count", "aggregation.total", "aggregation.rank", "aggregation.table")
RECORDS = (12, 256, 2048, 4096)
SEED = 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--length", default="128k")
    parser.add_argument("--contexts", type=int, default=150)
    args = parser.parse_args()
    print("task\trecords\tseconds\tdensity")
    for name in NAMES:
        for records in RECORDS:
            task = make_task(name, {"records": records, "places": 1})
            begun = perf_counter()
            (sample,) = samples(task, parse_size(args.length), 1, 1)
            print(f"{name}\t{records}\t{perf_counter() - begun:.2f}\t{sample.axes['density']:.4f}")
    for name in NAMES:
        shares(make_task(name, {}), args.contexts)


def samples(task: Task, length: int, contexts: int, questions: int) -> list[Sample]:
    cell = Cell(length=length, contexts=range(contexts), questions=questions, counter=reference_counter())
    return list(task.samples(cell, SEED))


def shares(task: Task, contexts: int) -> None:
    asked = samples(task, 1024, contexts, 2)
    planted: Counter[str] = Counter()
    mislabelled: Counter[str] = Counter()
    for sample in asked:
        for mode, text in task.mistakes(sample).items():
            planted[mode] += 1
            mislabelled[mode] += task.score(sample, Reply(text=text, finish_reason="stop")).mode != mode
    print(f"\n{task.name}, {len(asked)} samples\nmode\tplanted\tmislabelled")
    for mode, times in sorted(planted.items()):
        print(f"{mode}\t{times / len(asked):.0%}\t{mislabelled[mode]}")


if __name__ == "__main__":
    main()
