"""The samples of a sweep for another harness to ask: rendered as here, and scored as here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harness.errors import UnknownName
from harness.hashing import prompt_sha256
from harness.plan import CellPlan, Plan, make_plan, samples_of
from harness.records import Message, Reply, Sample, Score
from harness.sizes import format_size
from harness.sweep import load_sweep


@dataclass(frozen=True, slots=True)
class Asked:
    """One sample as another harness asks it.

    Attributes:
        sample: what is asked.
        messages: what is sent.
        prompt_sha256: hash of the messages, the one that a run of ours keeps.
    """

    sample: Sample
    messages: tuple[Message, ...]
    prompt_sha256: str


class SweepSamples:
    """All samples of a sweep but those of controls, by their names."""

    def __init__(self, file: Path) -> None:
        self._plan: Plan = make_plan(load_sweep(file))
        self.cells: tuple[CellPlan, ...] = tuple(cell for cell in self._plan.cells if not cell.control)
        self._known: dict[str, tuple[CellPlan, Sample]] = {}

    def of(self, cell: CellPlan) -> Iterator[Asked]:
        """Yield the samples of a cell, context by context."""
        for context in cell.wanted:
            for sample in samples_of(cell, context, self._plan):
                self._known[sample.id] = cell, sample
                messages = tuple(cell.task.prompt(sample))
                yield Asked(sample, messages, prompt_sha256(messages))

    def chosen(self, task: str = "", length: int | None = None) -> list[CellPlan]:
        """Return the cells of one task, of one length, or all.

        Raises:
            UnknownName: the sweep has none such.
        """
        found = [cell for cell in self.cells if task in ("", cell.label) and length in (None, cell.length)]
        if not found:
            known = dict.fromkeys(f"{cell.label} at {format_size(cell.length)}" for cell in self.cells)
            raise UnknownName(f"the sweep asks no {task or 'task'} there", allowed=", ".join(known))
        return found

    def score(self, sample_id: str, reply: Reply) -> Score:
        """Score a reply to a sample that was asked. Raises `UnknownName` for another one."""
        if sample_id not in self._known:
            raise UnknownName(f"the sweep asks no sample {sample_id!r}", fix="export or load the sweep again")
        cell, sample = self._known[sample_id]
        return cell.task.score(sample, reply)


@lru_cache(maxsize=4)
def samples_of_sweep(file: Path) -> SweepSamples:
    """Return the samples of a sweep's file, laid out once."""
    return SweepSamples(file)
