"""Who stands against whom: the runs of a report, what each is called, and the pairs that are compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from harness.errors import ConfigError, UnknownName
from harness.gate.early.rule import load_rule
from harness.gate.verdict import Verdict
from harness.store import Run, pair
from harness.store.frame import results_frame

if TYPE_CHECKING:
    import pandas as pd

NO_ICC = 1.0
"""Where no policy says how much samples of a context have in common, a context counts as one sample."""

AXES = ("axis.depth",)
"""The axes of pairs that the report shows; those of all tasks, kept for twenty candidates, would take much memory."""

ORDER = {"baseline": 0, "positive-control": 2}


@dataclass(frozen=True, eq=False)
class Arm:
    """One run in the report.

    Attributes:
        label: the model's name; the whole name of the run where the report holds several sweeps.
    """

    run: Run
    label: str

    @cached_property
    def asked(self) -> pd.DataFrame:
        """One row a reply, with a score or not; those of controls apart."""
        return results_frame(self.run)

    @cached_property
    def scored(self) -> pd.DataFrame:
        """One row a reply that has a score."""
        found = self.asked["outcome"] == "scored"
        return self.asked if found.all() else self.asked[found].reset_index(drop=True)

    @property
    def name(self) -> str:
        """`SWEEP/MODEL`."""
        return self.run.info.name

    @property
    def kind(self) -> str:
        """`model`, `control` or `simulated`."""
        return self.run.info.kind

    @property
    def role(self) -> str:
        """`baseline`, `candidate` or `positive-control`."""
        return self.run.info.role

    @property
    def missing(self) -> int:
        """Number of planned replies that are not there in any state; of a run that may stop early none was promised."""
        return 0 if load_rule(self.run.info.path) else max(self.run.info.planned - len(self.asked), 0)


@dataclass(frozen=True, eq=False)
class Match:
    """A candidate beside its baseline.

    Attributes:
        verdict: what the gate said, None where no policy was applied.
        problems: why the two cannot be paired; then `pairs` is empty.
    """

    baseline: Arm
    candidate: Arm
    verdict: Verdict | None
    pairs: pd.DataFrame
    problems: tuple[str, ...]

    @property
    def icc(self) -> float:
        """The correlation within contexts that intervals of this pair are computed with."""
        return NO_ICC if self.verdict is None else self.verdict.icc


@dataclass(frozen=True)
class Arms:
    """All runs of a report and the pairs among them: baselines first, positive controls last, else as given."""

    arms: tuple[Arm, ...]
    matches: tuple[Match, ...]

    def icc_of(self, arm: Arm) -> float:
        """Return the correlation that the intervals of a run alone are computed with."""
        return next((match.icc for match in self.matches if arm in (match.baseline, match.candidate)), NO_ICC)

    def match_of(self, arm: Arm) -> Match | None:
        """Return the pair in which a run is the candidate, where it could be paired."""
        return next((match for match in self.matches if match.candidate is arm and not match.problems), None)

    @property
    def without_verdict(self) -> list[Arm]:
        """Runs that no verdict speaks of."""
        judged = [arm for match in self.matches if match.verdict for arm in (match.baseline, match.candidate)]
        return [arm for arm in self.arms if arm not in judged]


def make_arms(runs: Sequence[Run], verdicts: Sequence[Verdict]) -> Arms:
    """Name the runs and pair them: as the verdicts do; without verdicts, each with the sweep's baseline or the first.

    Raises:
        ConfigError: no run, or two runs of one name.
        UnknownName: a verdict speaks of a run that is not there.
    """
    if not runs:
        raise ConfigError("a report needs at least one run")
    names = [run.info.name for run in runs]
    if len(set(names)) < len(names):
        raise ConfigError("two runs of a report share a name", found=", ".join(names))
    one_sweep = len({run.info.sweep for run in runs}) == 1
    arms = {run.info.name: Arm(run, run.info.model if one_sweep else run.info.name) for run in runs}
    if verdicts:
        matches = [_judged(arms, verdict) for verdict in verdicts]
    else:
        matches = [_match(base, arm, None) for arm in arms.values() if (base := _baseline(arm, arms.values()))]
        matches = matches or _with_first(list(arms.values()))
    ordered = sorted(arms.values(), key=lambda arm: ORDER.get(arm.role, 1))
    return Arms(tuple(ordered), tuple(sorted(matches, key=lambda match: ORDER.get(match.candidate.role, 1))))


def _judged(arms: dict[str, Arm], verdict: Verdict) -> Match:
    for name in (verdict.baseline, verdict.candidate):
        if name not in arms:
            raise UnknownName(
                "a verdict speaks of a run that is not in the report", found=name, allowed=", ".join(arms)
            )
    return _match(arms[verdict.baseline], arms[verdict.candidate], verdict)


def _baseline(arm: Arm, arms: Iterable[Arm]) -> Arm | None:
    """Return the one baseline of a run's own sweep, unless it is the run itself."""
    found = [other for other in arms if other.role == "baseline" and other.run.info.sweep == arm.run.info.sweep]
    return found[0] if len(found) == 1 and found[0] is not arm else None


def _with_first(arms: Sequence[Arm]) -> list[Match]:
    """Pair runs that have no baseline with the first of them; of more than two, those that can be paired."""
    matches = [_match(arms[0], arm, None) for arm in arms[1:]]
    return [match for match in matches if len(arms) == 2 or not match.problems]


def _match(baseline: Arm, candidate: Arm, verdict: Verdict | None) -> Match:
    comparison = pair(baseline.run, candidate.run)
    unused = [name for name in map(str, comparison.pairs) if name.startswith("axis.") and name not in AXES]
    pairs = comparison.pairs.drop(columns=unused)
    return Match(baseline, candidate, verdict, pairs.iloc[:0] if comparison.problems else pairs, comparison.problems)
