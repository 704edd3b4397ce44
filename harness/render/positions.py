"""The position profile: share right by how deep in the text the answer stands, all lengths together.

The profile of "lost in the middle" (Liu and others 2024, TACL 12:157), with the drop from the baseline on the same
questions beside it: a task may be harder in the middle for every model, and only the drop says what a variant adds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.records import Estimate
from harness.render.arms import Arm, Arms
from harness.render.estimates import rise, share
from harness.render.maps import DEPTHS, USED, depth_labels

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Part:
    """One fifth of the text; `drop` is None for a run without a baseline."""

    depth: str
    right: Estimate
    drop: Estimate | None


@dataclass(frozen=True, slots=True)
class Profile:
    """One model in one task."""

    arm: Arm
    baseline: Arm | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class TaskProfiles:
    """The profiles of one task whose answers stand in one place of the text."""

    task: str
    profiles: tuple[Profile, ...]

    @property
    def compared(self) -> bool:
        """Whether any drop is known."""
        return any(part.drop is not None and part.drop.n for profile in self.profiles for part in profile.parts)


def make_positions(arms: Arms) -> tuple[TaskProfiles, ...]:
    """Return the profiles of every task that has a place of its answers."""
    found: dict[str, list[Profile]] = {}
    for arm in arms.arms:
        for task, profile in _profiles(arms, arm):
            found.setdefault(task, []).append(profile)
    return tuple(TaskProfiles(task, tuple(profiles)) for task, profiles in sorted(found.items()))


def _profiles(arms: Arms, arm: Arm) -> Iterator[tuple[str, Profile]]:
    match, icc = arms.match_of(arm), arms.icc_of(arm)
    pairs = _cells(match.pairs) if match else {}
    cells = _cells(arm.scored)
    for task in dict.fromkeys(task for task, depth in cells if depth in DEPTHS):
        parts = []
        for depth in DEPTHS:
            both = pairs.get((task, depth), match.pairs.iloc[:0] if match else None)
            drop = None if both is None else rise(both, both["cand_correct"], both["base_correct"], icc)
            parts.append(Part(depth, share(cells.get((task, depth), arm.scored.iloc[:0]), "correct", icc), drop))
        yield task, Profile(arm, match.baseline if match else None, tuple(parts))


def _cells(rows: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    used = rows[[name for name in ("task", *USED) if name in rows]]
    grouped = used.assign(depth=depth_labels(rows)).groupby(["task", "depth"])
    return {(str(task), str(depth)): cell for (task, depth), cell in grouped}
