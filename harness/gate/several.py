"""Several candidates against one baseline: a verdict for each, with one error rate for all of them.

The harm tests of all candidates are corrected together, so that the chance that any unchanged candidate is called
regressed stays at alpha however many are judged. A pass needs no such correction: it is each candidate's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from harness.errors import ConfigError, ExitCode
from harness.gate.early.rule import load_rule
from harness.gate.explore.groups import Groups, groups
from harness.gate.judge import CONTROL, Case, make_case
from harness.gate.policy import Policy
from harness.gate.verdict import Scope, Verdict
from harness.gate.wording import name_of
from harness.store import Run

Others = Mapping[Scope, Sequence[float]]
"""P-values of harm of other candidates, by scope."""

WORST_FIRST = (ExitCode.INVALID, ExitCode.REGRESSED, ExitCode.INCONCLUSIVE, ExitCode.PASS)
"""Which exit code stands for several: what cannot be compared first, for it may hide anything."""


STOPPED = (
    "some runs were stopped by looking at them: the p-values of the groups are of fixed sizes, and leads only there"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """Verdicts on several candidates.

    Attributes:
        verdicts: one a candidate, in the order given.
        groups: which of all runs, the baseline among them, cannot be told apart.
        notes: what concerns several candidates at once.
    """

    verdicts: tuple[Verdict, ...]
    groups: Groups
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> ExitCode:
        """The worst one of the verdicts' in the order of `WORST_FIRST`."""
        found = {verdict.exit_code for verdict in self.verdicts}
        return next(code for code in WORST_FIRST if code in found)


def judge_several(baseline: Run, candidates: Sequence[Run], policy: Policy | None, now: datetime) -> Several:
    """Return the verdicts on several candidates.

    Args:
        baseline: the run to be replaced.
        candidates: the runs that may replace it.
        policy: None takes the one that was locked for them, or the default one.
        now: the time, with its zone.

    Raises:
        ConfigError: the candidates were locked under different policies and none is given, or one is named twice.
    """
    cases = _cases(baseline, candidates, policy, now)
    verdicts = decide_together([case.verdict for case in cases])
    proper = [v for v, run in zip(verdicts, candidates, strict=True) if run.info.role != CONTROL]
    found = groups([baseline, *candidates], cases[0].terms.policy)
    stopped = [run.info.name for run in candidates if load_rule(run.info.path)]
    notes = [*shared_cells(proper), *([STOPPED] if stopped else [])]
    return Several(verdicts=tuple(verdicts), groups=found, notes=tuple(notes))


def judge_each(baseline: Run, candidates: Sequence[Run], policy: Policy | None, now: datetime) -> list[Verdict]:
    """Return the verdicts of `judge_several` alone: telling every run from every other takes longer than these."""
    return decide_together([case.verdict for case in _cases(baseline, candidates, policy, now)])


def _cases(baseline: Run, candidates: Sequence[Run], policy: Policy | None, now: datetime) -> list[Case]:
    _check_names(candidates)
    cases = [_counted(make_case(baseline, candidate, policy, now)) for candidate in candidates]
    _check_policies(cases)
    return cases


def _counted(case: Case) -> Case:
    """Let go of the axes of a case's pairs, which were counted: of twenty cases they take much memory.

    Of a run that may stop early they are counted later.
    """
    if load_rule(case.runs[1].info.path):
        return case
    pairs = case.counted.comparison.pairs
    axes = [name for name in map(str, pairs) if name.startswith("axis.")]
    comparison = replace(case.counted.comparison, pairs=pairs.drop(columns=axes), asked=None)
    return replace(case, counted=replace(case.counted, comparison=comparison))


def decide_together(decisions: Sequence[Callable[[Others | None], Verdict]]) -> list[Verdict]:
    """Decide on every candidate with the harm tests of all of them corrected together.

    Args:
        decisions: for each candidate what gives its verdict, given the p of harm of the others, by scope.
    """
    alone = [decision(None) for decision in decisions]
    if len(decisions) == 1:
        return alone
    return [decision(_others(alone, place)) for place, decision in enumerate(decisions)]


def _others(verdicts: Sequence[Verdict], own: int) -> Others:
    """Collect the p of harm of all candidates but one, by scope."""
    found: dict[Scope, list[float]] = {}
    for place, verdict in enumerate(verdicts):
        for row in verdict.rows if place != own else ():
            found.setdefault(row.scope, []).append(row.p_harm)
    return found


def shared_cells(verdicts: Sequence[Verdict]) -> list[str]:
    """Name the cells and slices in which several candidates are regressed: that may be the baseline's doing."""
    places = Counter(
        name_of(row)
        for verdict in verdicts
        for row in verdict.rows
        if row.state == "regressed" and row.scope in ("cell", "slice")
    )
    return [
        f"{name}: {count} of {len(verdicts)} candidates are regressed here; suspect the shared baseline or the "
        "configuration of the runs first"
        for name, count in places.items()
        if count > 1
    ]


def _check_names(candidates: Sequence[Run]) -> None:
    paths = [run.info.path.resolve() for run in candidates]
    for run, path in zip(candidates, paths, strict=True):
        if paths.count(path) > 1:
            raise ConfigError(f"the candidate {run.info.name} is given twice", where=str(run.info.path))


def _check_policies(cases: Sequence[Case]) -> None:
    policies = {case.terms.policy.sha256: case for case in cases}
    if len(policies) > 1:
        raise ConfigError(
            "the candidates were locked under different policies, and several are judged by one",
            found=", ".join(case.counted.comparison.candidate.name for case in policies.values()),
            fix="--policy gate.toml",
        )
