"""Replies to read: the flips and failures of each model, chosen by a rule that the report states.

The rule: lost answers first (the baseline right, the candidate wrong), then gained ones, then answers wrong in both or
in a model without a baseline, then replies without a score. Within a kind the task x length cells take turns, the one
that lost most first; within a cell the order is that of a hash of the sample's name, so that no depth, context or
question is favoured. `MOST` a model are shown.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, zip_longest
from typing import Literal

from harness.records import Result
from harness.render.arms import Arm, Arms, Match
from harness.render.estimates import by_cell
from harness.render.excerpts import Excerpt
from harness.render.maps import depth_label
from harness.store import Run

MOST = 40

Kind = Literal["lost", "wrong", "gained", "no score"]
KINDS: tuple[Kind, ...] = ("lost", "gained", "wrong", "no score")
Excerpts = Callable[[Run, Result], Excerpt | None]
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Case:
    """One reply to read.

    Attributes:
        result: the model's, and `other`, the baseline's to the same sample.
        depth: the fifth of the text that the answer stands in.
        command: shows the prompt, built again, and the whole reply.
    """

    kind: Kind
    result: Result
    other: Result | None
    depth: str
    excerpt: Excerpt | None
    command: str

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
    """

    arm: Arm
    baseline: Arm | None
    cases: tuple[Case, ...]
    counts: tuple[tuple[Kind, int, int], ...]


def make_cases(arms: Arms, excerpts: Excerpts) -> tuple[CaseList, ...]:
    """Return the cases of every candidate, and of every run that is compared with none."""
    matches = [match for match in arms.matches if not match.problems]
    compared = [arm for match in matches for arm in (match.baseline, match.candidate)]
    alone = [arm for arm in arms.arms if arm not in compared and not arm.run.info.accepted]
    return (
        *(_list(match.candidate, match, excerpts) for match in matches),
        *(_list(arm, None, excerpts) for arm in alone),
    )


def _list(arm: Arm, match: Match | None, excerpts: Excerpts) -> CaseList:
    others = {_key(result): result for result in match.baseline.run.measured} if match else {}
    found: dict[Kind, list[Result]] = {kind: [] for kind in KINDS}
    for result in arm.run.measured:
        kind = _kind(result, others.get(_key(result)))
        if kind:
            found[kind].append(result)
    losses = _losses(arm, match)
    chosen = list(islice(((kind, result) for kind in KINDS for result in _in_turn(found[kind], losses)), MOST))
    shown = [kind for kind, _ in chosen]
    return CaseList(
        arm=arm,
        baseline=match.baseline if match else None,
        cases=tuple(_case(kind, result, others.get(_key(result)), arm, excerpts) for kind, result in chosen),
        counts=tuple((kind, shown.count(kind), len(found[kind])) for kind in KINDS if found[kind]),
    )


def _kind(result: Result, other: Result | None) -> Kind | None:
    if result.score is None:
        return "no score"
    before = other.score.correct if other is not None and other.score is not None else None
    if result.score.correct:
        return "gained" if before is False else None
    return "lost" if before else "wrong"


def _losses(arm: Arm, match: Match | None) -> dict[Place, float]:
    """Return what each cell lost: the drop from the baseline, or without one the share of wrong replies."""
    if match is None:
        rows = arm.scored.assign(loss=1.0 - arm.scored["correct"].astype(float))
    else:
        right = match.pairs[["base_correct", "cand_correct"]].astype(float)
        rows = match.pairs.assign(loss=right["base_correct"] - right["cand_correct"])
    return {place: float(cell["loss"].mean()) for place, cell in by_cell(rows).items()}


def _in_turn(results: Sequence[Result], losses: dict[Place, float]) -> Iterator[Result]:
    """Yield one result of each cell in turn, the cell that lost most first."""
    cells: dict[Place, list[Result]] = {}
    for result in sorted(results, key=_drawn):
        cells.setdefault((result.task, result.recipe.length), []).append(result)
    queues: Iterable[list[Result]] = (
        cells[place] for place in sorted(cells, key=lambda at: (-losses.get(at, 0.0), at))
    )
    return (result for turn in zip_longest(*queues) for result in turn if result is not None)


def _drawn(result: Result) -> tuple[str, int]:
    return sha256(result.sample_id.encode("utf-8", "surrogatepass")).hexdigest(), result.replicate


def _key(result: Result) -> tuple[str, int]:
    return result.sample_id, result.replicate


def _case(kind: Kind, result: Result, other: Result | None, arm: Arm, excerpts: Excerpts) -> Case:
    parts = ["harness", "show", arm.name, result.sample_id]
    parts += ["--replicate", str(result.replicate)] if result.replicate else []
    return Case(
        kind=kind,
        result=result,
        other=other,
        depth=depth_label(result.axes.get("depth")),
        excerpt=excerpts(arm.run, result),
        command=shlex.join(parts),
    )
