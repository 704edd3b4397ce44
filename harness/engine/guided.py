"""Asking in a given order until enough is known: the engine's side of early stopping.

What is enough is decided above, by whoever implements `Guide`; here contexts are only put in order and left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from harness.engine.execute import Job
from harness.records import Result
from harness.store import Run


class Guide(Protocol):
    """Decides, while a run goes on, what is asked next and when it is enough."""

    def begin(self, run: Run) -> None:
        """Take note of the replies that are there before the first question; may refuse the run."""

    def saw(self, result: Result) -> None:
        """Take note of a reply."""

    def position(self, task: str, context: int) -> int:
        """Return where a context stands in the order."""

    def wants(self, task: str, length: int) -> bool:
        """Tell whether a task at a length is still to be asked."""

    def asked(self, task: str, context: int) -> bool:
        """Tell whether anything was asked on a context."""

    @property
    def settled(self) -> bool:
        """Whether nothing more has to be asked."""


def guided(jobs: Sequence[Job], guide: Guide) -> Iterator[Job]:
    """Yield jobs in the guide's order while it wants them, each decided on only when a worker is free for it.

    Controls are asked last, on the contexts that were asked.
    """
    for job in sorted((job for job in jobs if not job.cell.control), key=lambda job: _place(job, guide)):
        if guide.settled:
            break
        if guide.wants(job.cell.label, job.cell.length):
            yield job
    yield from (job for job in jobs if job.cell.control and guide.asked(job.cell.label, job.context))


def _place(job: Job, guide: Guide) -> int:
    return guide.position(job.cell.label, job.context)
