"""A load curve of the embedded model's variants, with fresh texts, so that nothing comes from the prompt cache.

    python benchmarks/load_curve.py results/reference/embedded.toml > results/reference/load.csv

Every model of the sweep that is no positive control is asked the first question of contexts that no sweep asks, one
after another: the server has one slot, so that concurrency is 1. Wall clock over all requests; let nothing else run.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from harness.contexts import reference_counter
from harness.contracts import Cell, Request
from harness.records import Reply
from harness.registry import make_task, model_class
from harness.sizes import parse_size
from harness.sweep import ModelTable, load_sweep, settings_of

COLUMNS = ("model", "concurrency", "requests_per_s", "output_tokens_per_s", "p50_s", "p95_s", "source")
UNSEEN = 10_000
"""The index of the first context: no sweep goes so far."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sweep", type=Path)
    parser.add_argument("--length", default="1k")
    parser.add_argument("--requests", type=int, default=16)
    arguments = parser.parse_args()
    sweep = load_sweep(arguments.sweep).resolved
    table = sweep.task[0]
    task = make_task(table.name, dict(table.model_extra or {}), folders=[arguments.sweep.parent])
    cell = Cell(
        length=parse_size(arguments.length),
        contexts=range(UNSEEN, UNSEEN + arguments.requests),
        questions=1,
        counter=reference_counter(),
    )
    requests = [
        Request(
            messages=task.prompt(sample),
            answer_budget=sample.answer_budget,
            sample=sample,
            task=task,
            sampling={"temperature": 0},
        )
        for sample in task.samples(cell, sweep.sweep.seed)
    ]
    out = csv.DictWriter(sys.stdout, COLUMNS)
    out.writeheader()
    asked = f"{len(requests) - 1} fresh prompts of {arguments.length}"
    what = f"benchmarks/load_curve.py on two cores, {datetime.now(UTC):%Y-%m-%d}, {asked}"
    for model in sweep.model:
        if model.role != "positive-control":
            out.writerow(asyncio.run(_measure(model, requests)) | {"source": what})


async def _measure(table: ModelTable, requests: list[Request]) -> dict[str, object]:
    async with model_class(table.adapter)(settings_of(table)) as model:
        await model.generate(requests[-1])  # the first reply of a server is its slowest
        start = time.perf_counter()
        replies: list[Reply] = [await model.generate(request) for request in requests[:-1]]
        seconds = time.perf_counter() - start
    latencies = [reply.latency_s or 0.0 for reply in replies]
    tokens = sum(reply.usage.completion_tokens or 0 for reply in replies)
    return {
        "model": table.name,
        "concurrency": 1,
        "requests_per_s": round(len(replies) / seconds, 4),
        "output_tokens_per_s": round(tokens / seconds, 3),
        "p50_s": round(float(np.quantile(latencies, 0.5)), 3),
        "p95_s": round(float(np.quantile(latencies, 0.95)), 3),
    }


if __name__ == "__main__":
    main()
