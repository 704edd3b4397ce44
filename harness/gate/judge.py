"""From two runs on disk to their verdict, with everything around them that has a say: the locked plan, the controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from harness.gate.arrival import arrival_notes
from harness.gate.baselines import acceptance_note, staleness
from harness.gate.decide import Counted, count
from harness.gate.early.rule import load_rule
from harness.gate.early.verdict import decide_runs
from harness.gate.guards import length_note
from harness.gate.kinds import besides
from harness.gate.noise import Noise, canary, noise_notes, noise_of, repeats_of
from harness.gate.planning.lock import PlanLock, differing_terms, load_lock
from harness.gate.policy import Policy, load_policy
from harness.gate.sources import sources_of
from harness.gate.verdict import Scope, State, Verdict
from harness.store import Run, load_info, load_run, pair
from harness.store.run_dir import RUN_FILE

CONTROL = "positive-control"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a candidate is judged by.

    Attributes:
        policy: the one given, else that of the run's stopping rule, else the locked one, else the default.
        notes: what must be said about it.
        controls: the positive controls of the candidate's sweep, each with what the policy says of it.
    """

    policy: Policy
    notes: tuple[str, ...]
    controls: tuple[tuple[str, State], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A candidate with all that its verdict rests on."""

    runs: tuple[Run, Run]
    counted: Counted
    terms: Terms
    notes: tuple[str, ...]

    def verdict(self, others: Mapping[Scope, Sequence[float]] | None = None) -> Verdict:
        """Return the verdict; `others` is that of `conclude`."""
        verdict = decide_runs(self.runs, self.counted, self.terms.controls, self.notes, others)
        return replace(verdict, sources=sources_of(*self.runs))


def judge(baseline: Run, candidate: Run, policy: Policy | None, now: datetime) -> Verdict:
    """Return the verdict on a candidate; the arguments are those of `make_case`."""
    return make_case(baseline, candidate, policy, now).verdict()


def make_case(baseline: Run, candidate: Run, policy: Policy | None, now: datetime) -> Case:
    """Put together what the verdict on a candidate rests on.

    Args:
        baseline: the run to be replaced.
        candidate: the run that is to replace it.
        policy: None takes the one in the plan's lock beside the candidate, or the default one.
        now: the time, with its zone: a baseline's file has an age.
    """
    terms = terms_of(baseline, candidate, policy)
    comparison = pair(baseline, candidate)
    if stale := staleness(baseline.info, terms.policy, now):
        comparison = replace(comparison, problems=(*comparison.problems, stale))
    noises = noises_of(baseline, candidate, terms.policy)
    comparison = replace(comparison, problems=(*comparison.problems, *canary(noises)))
    noted = acceptance_note(baseline.info, now)
    early = load_rule(candidate.info.path)  # a test of a fixed size would mean nothing there
    shifted = [] if early else besides(comparison.pairs, terms.policy)
    grown = length_note(comparison.pairs, terms.policy, rows_shown=early is None)
    around = [*([noted] if noted else []), *arrival_notes(baseline, candidate)]
    notes = (*terms.notes, *around, *shifted, *grown, *noise_notes(noises, comparison))
    return Case((baseline, candidate), count(comparison, terms.policy), terms, notes)


def noises_of(baseline: Run, candidate: Run, policy: Policy) -> list[Noise]:
    """Compare a baseline with its repeats, which lie beside it or beside the candidate."""
    folders = (run.info.path.parent for run in (baseline, candidate))
    repeats = [path for path in repeats_of(baseline.info, folders) if path != candidate.info.path]
    return [noise_of(baseline, load_run(path), policy) for path in repeats]


def terms_of(baseline: Run, candidate: Run, policy: Policy | None = None) -> Terms:
    """Return what a candidate is judged by; the arguments are those of `judge`."""
    lock = load_lock(candidate.info.path.parent)
    rule = load_rule(candidate.info.path)
    used = policy or (rule.policy if rule else lock.policy if lock else load_policy(None))
    controls = () if candidate.info.role == CONTROL else _controls(baseline, candidate, lock, used)
    return Terms(used, _notes(lock, used), controls)


def _notes(lock: PlanLock | None, used: Policy) -> tuple[str, ...]:
    if lock is None:
        return ("no plan was locked before the replies were seen",)
    notes = [f"the plan was changed after replies of a candidate were seen: {change}" for change in lock.changes]
    if terms := differing_terms(lock.policy, used):
        notes.append(f"judged by another policy than the one locked on {lock.locked_at}: {'; '.join(terms)}")
    return tuple(notes)


def _controls(baseline: Run, candidate: Run, lock: PlanLock | None, policy: Policy) -> tuple[tuple[str, State], ...]:
    """Judge every positive control of the candidate's sweep; one that was planned and never run is invalid."""
    folder = candidate.info.path.parent
    found: dict[str, State] = dict.fromkeys(lock.positive_controls if lock else (), "invalid")
    for file in sorted(folder.glob(f"*/{RUN_FILE}")):
        info = load_info(file.parent)
        if info.role == CONTROL:
            control = load_run(file.parent)
            found[info.model] = decide_runs((baseline, control), count(pair(baseline, control), policy)).state
    return tuple(found.items())
