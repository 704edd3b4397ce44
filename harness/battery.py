"""What every task must pass before its numbers mean anything: `harness tasks check`.

The oracle, which sees only the rendered prompt, must score 1: the question has the answer it claims. Replies that know
nothing (empty, a refusal, an echo, another sample's answer) must earn no more than the floor: the score cannot be had
for free. And the facts must not move with length, process or order, or two runs would not be asked the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.contexts import InfeasibleLength, reference_counter
from harness.contracts import Cell, Task
from harness.hashing import canonical_json, content_sha256, prompt_sha256
from harness.records import Message, Reply, Sample
from harness.registry import make_task
from harness.sizes import format_size

LENGTHS = (1024, 4096, 32768)
CONTEXTS, QUESTIONS = 6, 4
SEED = 20
FULL = 0.97
REFUSAL = "I'm sorry, but I can't help with that request."


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of the battery on one task.

    Attributes:
        check: what was checked.
        passed: whether it holds.
        detail: the numbers, or the first sample that breaks it.
    """

    check: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A sample with its rendered prompt."""

    sample: Sample
    messages: Sequence[Message]


def check_task(
    name: str, params: Mapping[str, Any], task_dirs: Sequence[Path] = (), lengths: Sequence[int] = LENGTHS
) -> list[Finding]:
    """Run the battery on a task with these parameters, at each length that its facts fit into."""
    task = make_task(name, params, task_dirs=task_dirs)
    findings, asked = [], {}
    for length in lengths:
        try:
            asked[length] = _ask(task, length)
        except InfeasibleLength as error:
            findings.append(Finding(f"length {format_size(length)}", True, f"not feasible: {error.what}"))
    for length, batch in asked.items():
        at = f" at {format_size(length)}"
        findings += [Finding(f.check + at, f.passed, f.detail) for f in _checks(task, batch, length)]
    if not asked:
        return [*findings, Finding("some length is feasible", False, "none of the lengths holds what is planted")]
    shortest = min(asked)
    findings.append(_same_facts(asked))
    findings.append(_same_in_new_process(name, params, task_dirs, shortest, digest(asked[shortest])))
    return findings


def digest(batch: Sequence[_Asked]) -> str:
    """Return one hash over all samples and prompts of a batch."""
    return content_sha256([[canonical_json(asdict(a.sample)), prompt_sha256(a.messages)] for a in batch])


def _ask(task: Task, length: int) -> list[_Asked]:
    cell = Cell(length=length, contexts=range(CONTEXTS), questions=QUESTIONS, counter=reference_counter())
    return [_Asked(sample, task.prompt(sample)) for sample in task.samples(cell, SEED)]


def _checks(task: Task, batch: Sequence[_Asked], length: int) -> Iterator[Finding]:
    yield _all("the oracle scores 1", batch, lambda a: _oracle_complaint(task, a))
    for label, replies in _knowing_nothing(task, batch).items():
        yield _earns_nothing(task, batch, label, replies)
    yield _all("never longer than asked", batch, lambda a: _length_complaint(a, length))
    yield _all("planted values stand where the spans say", batch, _span_complaint)
    yield _all("a sample survives JSON", batch, _json_complaint)


def _earns_nothing(task: Task, batch: Sequence[_Asked], label: str, replies: Sequence[str]) -> Finding:
    """Hold when the replies earn at most the floor on average, and each that is wrong has one failure mode."""
    check = f"{label} earns no more than the floor"
    pairs = zip(batch, replies, strict=True)
    scores = [task.score(asked.sample, Reply(text=text, finish_reason="stop")) for asked, text in pairs]
    for asked, score in zip(batch, scores, strict=True):
        if score.correct != (score.mode is None):
            return Finding(check, False, f"{asked.sample.id}: correct={score.correct} with mode {score.mode}")
    earned = sum(score.value for score in scores) / len(scores)
    return Finding(check, earned <= task.floor + 1e-9, f"{earned:.3f} against {task.floor:.3f}")


def _all(check: str, batch: Sequence[_Asked], complaint: Callable[[_Asked], str]) -> Finding:
    """Hold when no sample has a complaint; else show the first."""
    found = [(a.sample.id, text) for a in batch if (text := complaint(a))]
    detail = f"{len(batch)} samples" if not found else f"{len(found)} of {len(batch)}; {found[0][0]}: {found[0][1]}"
    return Finding(check, not found, detail)


def _oracle_complaint(task: Task, asked: _Asked) -> str:
    gold = task.oracle(asked.messages)
    if sorted(gold) != sorted(asked.sample.gold):
        return f"the oracle finds {gold}, the sample claims {asked.sample.gold}"
    score = task.score(asked.sample, Reply(text=task.ideal_reply(gold), finish_reason="stop"))
    return "" if score.correct and score.value == 1 and score.mode is None else f"scored {score.value}, {score.mode}"


def _knowing_nothing(task: Task, batch: Sequence[_Asked]) -> dict[str, list[str]]:
    """Replies that no knowledge of the answer went into, one a sample."""
    others = [_other_gold(task, batch, i) for i in range(len(batch))]
    return {
        "an empty reply": [""] * len(batch),
        "a refusal": [REFUSAL] * len(batch),
        "an echo of the prompt": ["\n".join(m.content for m in a.messages) for a in batch],
        "an echo of the question": [a.sample.question for a in batch],
        "another sample's answer": others,
    }


def _other_gold(task: Task, batch: Sequence[_Asked], index: int) -> str:
    own = batch[index].sample.gold
    for step in range(1, len(batch)):
        other = batch[(index + step) % len(batch)].sample.gold
        if sorted(other) != sorted(own):
            return task.ideal_reply(other)
    return ""


def _length_complaint(asked: _Asked, length: int) -> str:
    counted = sum(reference_counter().count(message.content) for message in asked.messages)
    total = counted + asked.sample.answer_budget
    if total > length:
        return f"{total} tokens of {length}"
    return f"only {total} tokens of {length}" if total < FULL * length else ""


def _span_complaint(asked: _Asked) -> str:
    for span in asked.sample.spans:
        if span.value not in asked.messages[span.message].content[span.start : span.end]:
            return f"{span.value!r} is not at {span.start}-{span.end}"
    return ""


def _json_complaint(asked: _Asked) -> str:
    try:
        canonical_json(asdict(asked.sample))
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def _same_facts(asked: Mapping[int, Sequence[_Asked]]) -> Finding:
    facts = {length: [(a.sample.question, a.sample.gold) for a in batch] for length, batch in asked.items()}
    same = len({content_sha256(value) for value in facts.values()}) == 1
    return Finding("facts and questions are the same at every length", same, ", ".join(map(format_size, facts)))


def _same_in_new_process(
    name: str, params: Mapping[str, Any], task_dirs: Sequence[Path], length: int, expected: str
) -> Finding:
    """Build the samples again in a fresh interpreter with another hash seed."""
    argument = canonical_json([name, dict(params), [str(path) for path in task_dirs], length])
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    command = [sys.executable, "-m", "harness.battery", argument]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    found = done.stdout.strip()
    detail = f"sha256 {expected[:12]}" if found == expected else (found[:12] or done.stderr.strip()[-200:])
    return Finding("the same bytes in a new process", found == expected, detail)


def _main(argument: str) -> None:
    name, params, task_dirs, length = json.loads(argument)
    print(digest(_ask(make_task(name, params, task_dirs=[Path(folder) for folder in task_dirs]), length)))


if __name__ == "__main__":
    _main(sys.argv[1])
