"""`code.output` and `code.call_chain`: time to build and to score, and how often each mistake occurs.

    python benchmarks/code_repositories.py

Building is timed with empty caches, one repository at a time; scoring on every planted mistake of 12 contexts, each
reply scored once before. The share of a mistake is that of the samples on which it is planted; the last line says how
many of all planted mistakes get their own label, over 1 to 8 hops.
"""

from __future__ import annotations

import sys
from collections import Counter as Tally
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent.parent))

from harness.contexts import Place, reference_counter
from harness.contracts import Cell
from harness.records import Reply, Sample
from tasks.code.base import CallTask
from tasks.code.call_chain import CallChain
from tasks.code.output import CodeOutput

COUNTER = reference_counter()


def build(task: CallTask, length: int) -> None:
    times, files = [], 0
    for index in range(5):
        place = Place(key=(1, task.name, "timed", index), index=index, length=length, counter=COUNTER)
        begun = perf_counter()
        context = task.build(place)
        times.append(perf_counter() - begun)
        files = len(context.program.sources)
    print(f"{task.name} at {length}: {median(times):.3f} s, {length / median(times):,.0f} tokens/s, {files} files")


def mistakes(task: CallTask, contexts: int, length: int) -> list[tuple[Sample, str, Reply]]:
    cell = Cell(length=length, contexts=range(contexts), questions=4, counter=COUNTER)
    return [
        (sample, mode, Reply(text=text, finish_reason="stop"))
        for sample in task.samples(cell, 11)
        for mode, text in task.mistakes(sample).items()
    ]


def score(task: CallTask) -> None:
    replies = mistakes(task, 12, 131072)
    for sample, _, reply in replies:
        task.score(sample, reply)
    begun = perf_counter()
    for sample, _, reply in replies:
        task.score(sample, reply)
    print(f"{task.name}: {len(replies) / (perf_counter() - begun):,.0f} wrong replies scored a second, at 128k")


def shares(task: CallTask) -> None:
    made = mistakes(task, 100, 4096)
    tally = Tally(mode for _, mode, _ in made)
    samples = len({sample.id for sample, _, _ in made})
    print(", ".join(f"{mode} {times / samples:.0%}" for mode, times in tally.most_common()))


def labels(kind: type[CallTask]) -> None:
    right = planted = 0
    for hops in range(1, 9):
        task = kind({"hops": hops})
        for sample, mode, reply in mistakes(task, 20, 8192):
            planted += 1
            right += task.score(sample, reply).mode == mode
    print(f"{kind.name}: {right} of {planted} planted mistakes get their own label")


if __name__ == "__main__":
    for each in (CodeOutput, CallChain):
        for tokens in (32768, 131072, 1048576):
            build(each(), tokens)
        score(each())
        shares(each())
        labels(each)
