"""Times the scoring of replies: how many a second one core scores, for every task and kind of reply.

    python benchmarks/score_replies.py [--length 4k] [--seconds 0.3] [TASK ...]

Kinds: `right`, `wrong` (another sample's answer), `empty`, `refusal`, `prose` (2,000 characters that answer nothing)
and `echo` (the first 4,000 characters of the prompt, about 1k tokens). A rate is the best of three rounds, by processor
time, over samples whose contexts are built already. Ordinary replies are short: the median of the first four kinds
should be 5,000 a second. Rates depend on the machine and on what else it does.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.contexts import reference_counter
from harness.contracts import Cell, Task
from harness.records import Reply, Sample
from harness.registry import task_classes
from harness.sizes import parse_size

SHORT = ("right", "wrong", "empty", "refusal")
LONG = ("prose", "echo")
REFUSAL = "I'm sorry, but I can't help with that request."
PROSE = " ".join(f"Keeper {i} counted {i * 37 % 101} lamps on the {i}th evening and went home." for i in range(40))
SAMPLES = 12
ROUNDS = 3
SEED = 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--length", default="4k")
    parser.add_argument("--seconds", type=float, default=0.3)
    args = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}, {args.length}")
    print(f"{'replies/s':<28}" + "".join(f"{kind:>9}" for kind in (*SHORT, *LONG)))
    for name, cls in sorted(task_classes().items()):
        if cls.given or (args.tasks and name not in args.tasks):
            continue
        task = cls()
        replies = dict(kinds(task, samples(task, parse_size(args.length))))
        rates = {kind: rate(task, replies[kind], args.seconds / ROUNDS) for kind in (*SHORT, *LONG)}
        slow = "" if median(rates[kind] for kind in SHORT) >= 5_000 else "  below 5,000"
        print(f"{name:<28}" + "".join(f"{rates[kind]:>9,.0f}" for kind in (*SHORT, *LONG)) + slow)


def samples(task: Task, length: int) -> list[Sample]:
    cell = Cell(length=length, contexts=range(SAMPLES), questions=1, counter=reference_counter())
    return list(task.samples(cell, SEED))


def kinds(task: Task, asked: Sequence[Sample]) -> Iterator[tuple[str, list[tuple[Sample, Reply]]]]:
    """Yield the replies of each kind, one to each sample."""
    right = [task.ideal_reply(sample.gold) for sample in asked]
    texts: Mapping[str, list[str]] = {
        "right": right,
        "wrong": right[1:] + right[:1],
        "empty": [""] * len(asked),
        "refusal": [REFUSAL] * len(asked),
        "prose": [PROSE[:2_000]] * len(asked),
        "echo": [task.prompt(sample)[-1].content[:4_000] for sample in asked],
    }
    for kind, of_kind in texts.items():
        yield kind, [(s, Reply(text=text, finish_reason="stop")) for s, text in zip(asked, of_kind, strict=True)]


def rate(task: Task, replies: Sequence[tuple[Sample, Reply]], seconds: float) -> float:
    """Score the replies again and again; return how many a second in the best round."""
    best = 0.0
    for _ in range(ROUNDS):
        scored, begun, spent = 0, process_time(), 0.0
        while spent < seconds:
            for sample, reply in replies:
                task.score(sample, reply)
            scored, spent = scored + len(replies), process_time() - begun
        best = max(best, scored / spent)
    return best


if __name__ == "__main__":
    main()
