"""Checks that the same is asked again: by another process, in another order, at another length, in the controls."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise

from harness.battery.bench import CONTEXTS, OTHER_SEED, Asked, Bench, Told, digest, every, short
from harness.battery.scores import oracle_complaint
from harness.contexts import ContextParams
from harness.contracts import Task
from harness.hashing import canonical_json, prompt_sha256
from harness.records import Reply
from harness.sizes import format_size

SOME_CONTEXTS = CONTEXTS[3:]


def same_in_new_process(bench: Bench) -> Told:
    """The same bytes come from a fresh interpreter with another hash seed."""
    expected = digest(bench.batches[bench.shortest])
    dirs = [str(folder) for folder in bench.task_dirs]
    argument = canonical_json([bench.task.name, dict(bench.params), dirs, bench.shortest, bench.questions])
    done = subprocess.run(
        [sys.executable, "-m", "harness.battery", argument],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "77"},
    )
    if done.returncode:
        return False, short((done.stderr.strip().splitlines() or ["no message"])[-1])
    found = (done.stdout.strip().splitlines() or ["nothing"])[-1]
    return found == expected, f"sha256 {expected[:12]}" + ("" if found == expected else f", there {found[:12]}")


def same_in_other_order(bench: Bench) -> Told:
    """A context does not depend on which others were built, or when."""
    alone = bench.ask(bench.fresh(), bench.shortest, SOME_CONTEXTS)
    among = {asked.id: asked.bytes for asked in bench.batches[bench.shortest]}
    told = every(
        alone, bench.task, lambda a: "" if among.get(a.id) == a.bytes else "other bytes than among six contexts"
    )
    return (True, f"contexts {SOME_CONTEXTS[0]} to {SOME_CONTEXTS[-1]} alone") if told[0] else told


def same_from_recipe(bench: Bench) -> Told:
    """A sample of each length is built again from its recipe alone, byte for byte."""
    last = [batch[-1] for batch in bench.batches.values()]

    def complaint(asked: Asked) -> str:
        recipe = asked.sample.recipe
        task = bench.fresh(**recipe.params)
        again = bench.ask(task, recipe.length, range(recipe.context, recipe.context + 1), recipe.seed)
        return "" if asked.bytes in {other.bytes for other in again} else "other bytes"

    return every(last, bench.task, complaint)


def other_seed_other_facts(bench: Bench) -> Told:
    """Another seed asks something else on another text."""
    own = bench.batches[bench.shortest]
    other = bench.ask(bench.fresh(), bench.shortest, seed=OTHER_SEED)
    if [asked.facts for asked in own] == [asked.facts for asked in other]:
        return False, "the same questions and answers"
    pairs = zip(own, other, strict=True)
    same = [a.id for a, b in pairs if prompt_sha256(a.messages) == prompt_sha256(b.messages)]
    return not same, f"{len(same)} prompts are the same; {same[0]}" if same else f"{len(own)} samples"


def same_facts_at_every_length(bench: Bench) -> Told:
    """Questions, answers and what is planted for them do not know the length."""
    for (short_, batch), (long, others) in pairwise(bench.batches.items()):
        for one, other in zip(batch, others, strict=True):
            if one.facts != other.facts:
                return False, f"{one.id} asks and answers something else at {format_size(long)}"
        if len(batch) != len(others):
            return False, f"{len(batch)} samples at {format_size(short_)}, {len(others)} at {format_size(long)}"
    return True, ", ".join(map(format_size, bench.batches))


def has_controls(task: Task) -> bool:
    """Whether a task's prompts can leave out the context."""
    return issubclass(task.Params, ContextParams)


def evidence_is_enough(bench: Bench) -> Told:
    """The control that shows the evidence alone still holds the answer, and is the same at every length."""
    task = bench.fresh(shown="evidence")
    first, *rest = [bench.ask(task, length) for length in list(bench.batches)[:2]]
    own = {_question(asked): [asked.sample.question, asked.sample.gold] for asked in bench.batches[bench.shortest]}

    def complaint(asked: Asked) -> str:
        if own.get(_question(asked)) != [asked.sample.question, asked.sample.gold]:
            return "another question or answer than with the context"
        return oracle_complaint(task, asked)

    told = every(first, task, complaint)
    for batch in rest if told[0] else ():
        if [prompt_sha256(a.messages) for a in batch] != [prompt_sha256(a.messages) for a in first]:
            return False, "the evidence changes with the length"
    return told


def closed_book_leaves_out_the_context(bench: Bench) -> Told:
    """The control without context says no more than the one with the evidence, and scores the same replies."""
    task = bench.fresh(shown="nothing")
    with_context = {_question(asked): len(asked.text) for asked in bench.batches[bench.shortest]}
    with_evidence = {_question(a): len(a.text) for a in bench.ask(bench.fresh(shown="evidence"), bench.shortest)}

    def complaint(asked: Asked) -> str:
        length, evidence = len(asked.text), with_evidence.get(_question(asked), 0)
        if length >= with_context.get(_question(asked), 0):
            return "as long as with the context"
        if length > evidence:
            return f"{length} characters, and with the evidence {evidence}"
        reply = Reply(text=task.ideal_reply(asked.sample.gold), finish_reason="stop")
        return "" if task.score(asked.sample, reply).correct else "the right answer is not right here"

    return every(bench.ask(task, bench.shortest), task, complaint)


def _question(asked: Asked) -> tuple[str, int]:
    return asked.sample.context_id, asked.sample.recipe.question
