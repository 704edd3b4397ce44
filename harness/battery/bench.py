"""What the checks look at: samples of one task at several lengths, with their prompts. How a check tells its result."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.contexts import InfeasibleLength, reference_counter
from harness.contracts import Cell, Task
from harness.errors import ConfigError
from harness.hashing import canonical_json, content_sha256, prompt_sha256
from harness.records import Message, Sample
from harness.registry import make_task

LENGTHS = (1024, 4096, 32768)
SEED, OTHER_SEED = 20, 21
CONTEXTS = range(6)
MOST_QUESTIONS = 4

Told = tuple[bool, str]
"""What a check tells: whether it holds, and the numbers or the first sample that breaks it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of the battery on one task.

    Attributes:
        check: what was checked.
        passed: whether it holds.
        detail: the numbers, or the first sample that breaks it.
        seconds: wall time of the check.
    """

    check: str
    passed: bool
    detail: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A sample with its rendered prompt."""

    sample: Sample
    messages: Sequence[Message]

    @property
    def id(self) -> str:
        """The sample's id."""
        return self.sample.id

    @property
    def text(self) -> str:
        """The contents of all messages."""
        return "\n".join(message.content for message in self.messages)

    @property
    def facts(self) -> list[Any]:
        """What must stay the same at every length: the question, its answer and what is planted for it."""
        planted = sorted(span.value for span in self.sample.spans if span.role == "gold")
        return [self.sample.context_id, self.sample.question, list(self.sample.gold), planted]

    @property
    def bytes(self) -> str:
        """A hash of the sample and its prompt."""
        return content_sha256([canonical_json(asdict(self.sample)), prompt_sha256(self.messages)])


@dataclass(frozen=True, slots=True)
class Bench:
    """A task, what it was made from, and its samples.

    Attributes:
        task: the task.
        params: its parameters as plain JSON values, defaults included.
        task_dirs: where its family may be.
        questions: questions of each context.
        batches: samples by length, in rising order; never empty.
    """

    task: Task
    params: Mapping[str, Any]
    task_dirs: Sequence[Path]
    questions: int
    batches: Mapping[int, Sequence[Asked]]

    @property
    def everything(self) -> list[Asked]:
        """The samples of every length."""
        return [asked for batch in self.batches.values() for asked in batch]

    @property
    def shortest(self) -> int:
        """The shortest length."""
        return next(iter(self.batches))

    def fresh(self, **changes: Any) -> Task:
        """Make the task again, with some parameters changed."""
        return make_task(self.task.name, {**self.params, **changes}, task_dirs=self.task_dirs)

    def ask(self, task: Task, length: int, contexts: range = CONTEXTS, seed: int = SEED) -> list[Asked]:
        """Ask what the batches hold, or other contexts or another seed, of another object of the task."""
        return ask(task, length, self.questions, contexts, seed)


def ask(task: Task, length: int, questions: int, contexts: range = CONTEXTS, seed: int = SEED) -> list[Asked]:
    """Make samples and render their prompts."""
    cell = Cell(length=length, contexts=contexts, questions=questions, counter=reference_counter())
    return [Asked(sample, task.prompt(sample)) for sample in task.samples(cell, seed)]


def questions_of(task: Task, length: int) -> int:
    """Return how many questions to ask on a context: fewer where the parameters of the task make fewer.

    Raises:
        InfeasibleLength: what is planted does not fit.
        ConfigError: not even one question can be asked.
    """
    for questions in range(MOST_QUESTIONS, 1, -1):
        try:
            ask(task, length, questions, CONTEXTS[:1])
            return questions
        except InfeasibleLength:
            raise
        except ConfigError:
            continue
    ask(task, length, 1, CONTEXTS[:1])
    return 1


def digest(batch: Sequence[Asked]) -> str:
    """Return one hash over all samples and prompts of a batch."""
    return content_sha256([asked.bytes for asked in batch])


def every(asked: Sequence[Asked], task: Task, complaint: Callable[[Asked], str]) -> Told:
    """Hold when no sample has a complaint; else say how many have, and the first. What is raised is a complaint."""
    found = []
    for each in asked:
        try:
            text = complaint(each)
        except Exception as error:
            text = raised(error, type(task))
        if text:
            found.append(f"{each.id}: {text}")
    return (False, f"{len(found)} of {len(asked)}; {found[0]}") if found else (True, f"{len(asked)} samples")


def raised(error: Exception, task: type[Task]) -> str:
    """Say in one line what a task's code raised, and at which line of its own."""
    frames = traceback.extract_tb(error.__traceback__)
    family = Path(inspect.getfile(task)).parent
    own = [frame for frame in frames if family in Path(frame.filename).parents] or list(frames)
    what = " ".join(str(error).split())
    return f"{type(error).__name__}: {short(what)} ({own[-1].filename}:{own[-1].lineno})"


def short(text: str, most: int = 160) -> str:
    """Return a text in at most so many characters that a terminal shows as they are."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:most])
    return shown if len(text) <= most else f"{shown}…"
