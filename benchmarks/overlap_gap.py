"""How far words alone get on `retrieval.latent`: the lexical control on twin questions at 32k tokens.

    python benchmarks/overlap_gap.py

Each fact is asked twice of one context: by a concept that its sentence implies, and in the sentence's own words. Prints
for one hop and for two, where the control may say "none" and where it must name somebody, the share of facts that the
control (BM25) finds of those that are stated, with its Wilson 95 % interval, the failure modes, and the paired gap:
facts found by the words alone and not by the concept, and the other way round. 40 contexts of 8 questions each; about
15 seconds on one core. The interval takes the questions of a context as independent.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter as Tally
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.adapters.lexical import LexicalModel, LexicalSettings
from harness.contexts import reference_counter
from harness.contracts import Cell, Request
from harness.records import Sample
from harness.registry import make_task
from harness.sizes import parse_size
from harness.stats import wilson

LENGTH = "32k"
CONTEXTS, QUESTIONS = 40, 8
SEED = 20


def main() -> None:
    """Measure every setting and print it."""
    for hops in (1, 2):
        for none_below in (0.5, 0.0):
            print(f"\nhops = {hops}, none_below = {none_below}, {LENGTH} tokens, {CONTEXTS} contexts")
            report(asked(hops, none_below))


def asked(hops: int, none_below: float) -> list[tuple[Sample, str | None]]:
    """Ask the control, and return each sample with the mode of its failure."""
    task, model = make_task("retrieval.latent", {"hops": hops}), LexicalModel(LexicalSettings(none_below=none_below))
    cell = Cell(length=parse_size(LENGTH), contexts=range(CONTEXTS), questions=QUESTIONS, counter=reference_counter())
    done = []
    for sample in task.samples(cell, SEED):
        request = Request(messages=task.prompt(sample), answer_budget=sample.answer_budget, sample=sample, task=task)
        done.append((sample, task.score(sample, asyncio.run(model.generate(request))).mode))
    return done


def report(done: list[tuple[Sample, str | None]]) -> None:
    """Print what was found of the facts that are stated, and how the pairs go together."""
    stated = [(sample, mode) for sample, mode in done if sample.gold]
    for overlap in ("latent", "lexical"):
        modes = Tally(mode for sample, mode in stated if sample.axes["overlap"] == overlap)
        n, right = modes.total(), modes.pop(None, 0)
        low, high = wilson(right, n)
        wrong = ", ".join(f"{mode} {count}" for mode, count in modes.most_common())
        print(f"  {overlap:8} {right}/{n} right, {right / n:.3f} [{low:.3f}, {high:.3f}]; wrong: {wrong or 'none'}")
    pairs: dict[tuple[str, object], dict[object, bool]] = {}
    for sample, mode in stated:
        pairs.setdefault((sample.context_id, sample.axes["object"]), {})[sample.axes["overlap"]] = mode is None
    lexical_only = sum(pair["lexical"] and not pair["latent"] for pair in pairs.values())
    latent_only = sum(pair["latent"] and not pair["lexical"] for pair in pairs.values())
    gap = (lexical_only - latent_only) / len(pairs)
    print(
        f"  gap      {gap:.3f} over {len(pairs)} pairs: {lexical_only} by words alone, {latent_only} by concept alone"
    )


if __name__ == "__main__":
    main()
