"""Plants errors on purpose and counts the labels that they get: one table a family, mode against label.

    python benchmarks/confusion.py [--samples 60] [--length 4k] [--write] [TASK ...]

Each task says which mistakes its samples allow (`Task.mistakes`); what can go wrong with any reply is planted on every
task from here. Each error is written down in several ways: as it is, after reasoning between `<think>` and `</think>`,
with a line break after it, and, where the answer stands in a tagged line, below a polite sentence and in upper case.
An error counts as labelled where each of its ways gets the label, and as confused with another mode where any of them
gets that; so n is errors, not replies. A sample has several errors; the Wilson 95 % intervals take them as independent.
`--write` puts the tables between the marks in docs/failure_modes.md. 60 samples a task take under a minute on one core.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.contexts import InfeasibleLength, reference_counter
from harness.contracts import Cell, Task
from harness.records import Reply, Sample
from harness.registry import task_classes
from harness.sizes import parse_size
from harness.stats import wilson

SEED = 20
PAGE = Path(__file__).parents[1] / "docs" / "failure_modes.md"
BEGIN, END = "<!-- confusion: begin -->", "<!-- confusion: end -->"
POLITE = "Thank you for the text. This is what it comes to:"
REFUSAL = "I'm sorry, but I can't help with that request."
INCAPABLE = "Unfortunately the text is too long for me to process."
THOUGHT = "Let me see. First I look for what is asked. ANSWER: not yet, I must check it once more."


ANY_TASK = "any task"


@dataclass(frozen=True, slots=True)
class Planted:
    """One error: its family, its mode, and the labels that its replies got."""

    family: str
    mode: str
    labels: frozenset[str]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--length", default="4k")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    families: dict[str, list[Planted]] = defaultdict(list)
    for name, cls in sorted(task_classes().items()):
        if not cls.given and (not args.tasks or name in args.tasks):
            for error in errors(cls(), parse_size(args.length), args.samples):
                families[error.family].append(error)
    text = "\n".join(section(family, families[family]) for family in sorted(families))
    print(text)
    if args.write:
        write(text)


def errors(task: Task, length: int, count: int) -> Iterator[Planted]:
    """Plant every mistake on the samples of a task."""
    cell = Cell(length=length, contexts=range(count), questions=1, counter=reference_counter())
    try:
        samples = list(task.samples(cell, SEED))
    except InfeasibleLength as error:
        print(f"{task.name} is left out: {error}", file=sys.stderr)
        return
    family = task.name.partition(".")[0]
    for sample in samples:
        for mode, text in task.mistakes(sample).items():
            yield planted(task, sample, family, mode, [done(way) for way in ways(task, sample, text)])
    for sample in samples[: count // 3]:
        for mode, replies in of_any_task(task, sample).items():
            yield planted(task, sample, ANY_TASK, mode, replies)


def planted(task: Task, sample: Sample, family: str, mode: str, replies: Sequence[Reply]) -> Planted:
    labels = frozenset(task.score(sample, reply).mode or "(right)" for reply in replies)
    return Planted(family, mode, labels)


def done(text: str) -> Reply:
    return Reply(text=text, finish_reason="stop")


def cut(text: str, reasoning: str = "") -> Reply:
    return Reply(text=text, reasoning=reasoning, finish_reason="length")


def ways(task: Task, sample: Sample, text: str) -> Iterator[str]:
    """Yield the ways in which a reply is written down that do not change what it says."""
    yield text
    yield f"<think>{THOUGHT}</think>\n{text}"
    yield f"{text}\n"
    if task.ideal_reply(sample.gold).startswith("ANSWER:"):
        yield f"{POLITE}\n{text}"
        yield text.upper()


def of_any_task(task: Task, sample: Sample) -> dict[str, list[Reply]]:
    """Return replies that go wrong whatever was asked, each in several ways."""
    prompt, right = task.prompt(sample)[-1].content, task.ideal_reply(sample.gold)
    return {
        "empty": [done(""), done(" \n")],
        "empty.reasoning_only": [
            done(f"<think>{right}</think>"),
            done(f"<think>{right}"),
            Reply(text="", reasoning=right, finish_reason="stop"),
        ],
        "truncated.reasoning": [cut(f"<think>{right}"), cut("", right), cut(f"{THOUGHT}</think>\n")],
        "degenerate.loop": [done("It is here and it is there. " * 40), done("la" * 600)],
        "refusal.policy": [done(REFUSAL), done(f"<think>{THOUGHT}</think>\n{REFUSAL}"), done(REFUSAL.upper())],
        "refusal.capability": [done(INCAPABLE), done(f"{POLITE}\n{INCAPABLE}")],
        "prompt_echo": [done(prompt), done(prompt[: len(prompt) // 2])],
    }


def section(family: str, found: Sequence[Planted]) -> str:
    """Return a family's table."""
    errors_of = Counter(error.mode for error in found)
    labelled = Counter(error.mode for error in found if error.labels == {error.mode})
    confused = Counter(label for error in found for label in error.labels if label != error.mode)
    lines = [
        f"### {family}",
        "",
        "| planted | n | so labelled | other errors so labelled |",
        "|---|---:|---:|---:|",
    ]
    for mode, n in sorted(errors_of.items()):
        others = len(found) - n
        lines.append(f"| `{mode}` | {n} | {share(labelled[mode], n)} | {share(confused[mode], others)} |")
    n, right = len(found), sum(labelled.values())
    lines.append(f"| all | {n} | {share(right, n)} | {share(n - right, n)} |")
    if strange := {label: times for label, times in confused.items() if label not in errors_of}:
        lines += ["", f"Given though planted nowhere: {listed(strange)}."]
    return "\n".join([*lines, ""])


def share(hits: int, n: int) -> str:
    """Write a share in percent with its interval."""
    if not n:
        return "n/a"
    low, high = wilson(hits, n, 0.95)
    return f"{100 * hits / n:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def listed(times: Mapping[str, int]) -> str:
    return ", ".join(f"`{label}` ({count})" for label, count in sorted(times.items()))


def write(text: str) -> None:
    """Put the tables between the marks of the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
