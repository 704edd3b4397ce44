"""What stands round the planted answer of a sample: the evidence that a report shows, never a whole prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.engine.rebuild import rebuild_prompt
from harness.errors import HarnessError
from harness.records import Result
from harness.store import Run

AROUND = 300


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The text before, in and after the first planted right answer, and the question that was asked."""

    before: str
    needle: str
    after: str
    question: str


def excerpt_of(run: Run, result: Result, task_dirs: Sequence[Path] = ()) -> Excerpt | None:
    """Return the excerpt of a result, or None where its prompt cannot be built again."""
    try:
        sample, messages = rebuild_prompt(run, result, task_dirs)
    except HarnessError:
        return None
    span = next((span for span in sample.spans if span.role == "gold"), None)
    if span is None:
        return Excerpt("", "", "", sample.question)
    text = messages[span.message].content
    before, after = text[max(0, span.start - AROUND) : span.start], text[span.end : span.end + AROUND]
    return Excerpt(before, text[span.start : span.end], after, sample.question)
