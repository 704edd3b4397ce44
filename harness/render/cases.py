"""Replies to read, with what a reader needs to judge them, and where on the page the first of a kind stands."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.records import Result
from harness.render.arms import Arm, Arms, Match
from harness.render.chosen import ON_THE_PAGE, Kind, Row, choose, room_of
from harness.render.excerpts import Excerpt
from harness.store import Run
from harness.store.columns import storable

Excerpts = Callable[[Run, Result], Excerpt | None]


@dataclass(frozen=True, slots=True)
class Case:
    """One reply to read.

    Attributes:
        result: the model's, and `other`, the baseline's to the same sample.
        depth: the fifth of the text that the answer stands in.
        command: shows the prompt, built again, and the whole reply.
        anchor: what links on the page lead to.
    """

    kind: Kind
    result: Result
    other: Result | None
    depth: str
    excerpt: Excerpt | None
    command: str
    anchor: str

    @property
    def mode(self) -> str:
        """What went wrong: in the model, or in the baseline where only that went wrong."""
        wrong = self.other if self.kind == "gained" else self.result
        if wrong is None or wrong.score is None:
            error = self.result.reply.error
            return error.kind if error else ""
        return wrong.score.mode or ""


@dataclass(frozen=True, slots=True)
class CaseList:
    """The cases of one model.

    Attributes:
        counts: for each kind how many are shown and how many there are.
        room: how many replies of a model may be shown.
    """

    arm: Arm
    baseline: Arm | None
    cases: tuple[Case, ...]
    counts: tuple[tuple[Kind, int, int], ...]
    room: int


@dataclass(frozen=True)
class Leads:
    """Finds the first reply shown of a model that a red place of the page speaks of."""

    lists: Sequence[CaseList]

    def to(self, arm: Arm, task: str = "", length: int | None = None, depth: str = "", mode: str = "") -> str:
        """Return the anchor of the first wrong reply of a model, a task, a length and so on; empty where none is shown.

        Lost answers are shown first, so that the first wrong reply is one of these where there are any.
        """
        for case in self._wrong(arm):
            recipe = case.result.recipe
            fits = task in ("", storable(case.result.task)) and length in (None, recipe.length)
            if fits and depth in ("", case.depth) and mode in ("", storable(case.mode)):
                return case.anchor
        return ""

    def _wrong(self, arm: Arm) -> Iterator[Case]:
        cases = (case for each in self.lists if each.arm is arm for case in each.cases)
        return (case for case in cases if case.kind in ("lost", "wrong"))


def show_command(run: str, result: Result, task_dirs: Sequence[str] = ()) -> str:
    """Return the command that shows a reply whole, with its prompt built again; `run` is a name or a directory."""
    parts = ["harness", "show", run, result.sample_id]
    parts += ["--replicate", str(result.replicate)] if result.replicate else []
    parts += [part for folder in task_dirs for part in ("--task-dir", folder)]
    return shlex.join(parts)


def make_cases(arms: Arms, excerpts: Excerpts, on_the_page: int = ON_THE_PAGE) -> tuple[CaseList, ...]:
    """Return the cases of every candidate, and of every run that is compared with none; so many on the whole page."""
    matches = [match for match in arms.matches if not match.problems]
    compared = [arm for match in matches for arm in (match.baseline, match.candidate)]
    alone = [arm for arm in arms.arms if arm not in compared and not arm.run.info.accepted]
    shown = [*((match.candidate, match) for match in matches), *((arm, None) for arm in alone)]
    once = _once(excerpts)
    room = room_of(len(shown), on_the_page)
    return tuple(_list(number, arm, match, room, once) for number, (arm, match) in enumerate(shown, start=1))


def _once(excerpts: Excerpts) -> Excerpts:
    """Build each prompt once: the models of a sweep are shown with the same samples, as far as they fail on them."""
    kept: dict[tuple[Path, str, str], Excerpt | None] = {}

    def found(run: Run, result: Result) -> Excerpt | None:
        key = (run.info.path.parent, result.sample_id, result.prompt_sha256)
        if key not in kept:
            kept[key] = excerpts(run, result)
        return kept[key]

    return found


def _list(number: int, arm: Arm, match: Match | None, room: int, excerpts: Excerpts) -> CaseList:
    chosen, found = choose(arm, match, room)
    shown = Counter(row.kind for row in chosen)
    return CaseList(
        arm=arm,
        baseline=match.baseline if match else None,
        cases=tuple(
            _case(row, arm, match, excerpts, f"reply-{number}-{place}") for place, row in enumerate(chosen, start=1)
        ),
        counts=tuple((kind, shown[kind], all_of) for kind, all_of in found.items()),
        room=room,
    )


def _case(row: Row, arm: Arm, match: Match | None, excerpts: Excerpts, anchor: str) -> Case:
    result = arm.run.measured[row.place]
    return Case(
        kind=row.kind,
        result=result,
        other=match.baseline.run.measured[row.other] if match and row.other >= 0 else None,
        depth=row.depth,
        excerpt=excerpts(arm.run, result),
        command=show_command(arm.name, result),
        anchor=anchor,
    )
