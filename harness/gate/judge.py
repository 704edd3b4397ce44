"""From two runs on disk to their verdict, with everything around them that has a say: the locked plan, the controls."""

from __future__ import annotations

from dataclasses import dataclass

from harness.gate.decide import decide
from harness.gate.lock import PlanLock, differing_terms, load_lock
from harness.gate.policy import Policy, load_policy
from harness.gate.verdict import State, Verdict
from harness.store import Run, load_info, load_run, pair
from harness.store.run_dir import RUN_FILE

CONTROL = "positive-control"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a candidate is judged by.

    Attributes:
        policy: the one given, else the locked one, else the default.
        notes: what must be said about it.
        controls: the positive controls of the candidate's sweep, each with what the policy says of it.
    """

    policy: Policy
    notes: tuple[str, ...]
    controls: tuple[tuple[str, State], ...]


def judge(baseline: Run, candidate: Run, policy: Policy | None = None) -> Verdict:
    """Return the verdict on a candidate.

    Args:
        baseline: the run to be replaced.
        candidate: the run that is to replace it.
        policy: None takes the one in the plan's lock beside the candidate, or the default one.
    """
    terms = terms_of(baseline, candidate, policy)
    return decide(pair(baseline, candidate), terms.policy, terms.controls, terms.notes)


def terms_of(baseline: Run, candidate: Run, policy: Policy | None = None) -> Terms:
    """Return what a candidate is judged by; the arguments are those of `judge`."""
    lock = load_lock(candidate.info.path.parent)
    used = policy or (lock.policy if lock else load_policy(None))
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
            found[info.model] = decide(pair(baseline, load_run(file.parent)), policy).state
    return tuple(found.items())
