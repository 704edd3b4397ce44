"""Runs as baselines on file: which run may become one, and what a verdict must say of one."""

from __future__ import annotations

from datetime import datetime

from harness.errors import RunError, UsageError
from harness.gate.policy import Policy
from harness.store import Run, RunInfo

SECONDS_A_DAY = 86_400


def check_acceptable(run: Run, policy: Policy, *, promoted: bool) -> None:
    """Refuse a run that no verdict could rest on.

    Args:
        run: what is to become a baseline.
        policy: whose `max_invalid` counts.
        promoted: whether a run that is a candidate in its sweep may become the baseline.

    Raises:
        UsageError: it is a baseline's file, a positive control, or a candidate that is not promoted.
        RunError: replies are missing, or too many have no score.
    """
    info, where = run.info, str(run.info.path)
    if info.accepted:
        raise UsageError("this is the file of a baseline already", where=where, fix="name the run it was made from")
    if info.role == "positive-control":
        raise UsageError("a positive control is damaged on purpose and cannot be a baseline", where=where)
    if info.role != "baseline" and not promoted:
        raise UsageError(
            f"{info.name} is a {info.role} in its sweep",
            where=where,
            fix="name the run of the baseline, or give --promote to make this one the baseline from now on",
        )
    if run.table.measured.outcomes["ungraded"]:
        raise UsageError(
            "its replies have no right answers, so there are no scores to accept",
            where=where,
            fix="'harness diff' keeps and compares such runs",
        )
    if missing := info.planned - len(run.measured):
        raise RunError(
            f"incomplete: {missing} of {info.planned} planned replies are missing",
            where=where,
            fix="'harness run' with the same sweep asks what is missing",
        )
    if run.invalid > policy.defaults.max_invalid * info.planned:
        raise RunError(
            f"{run.invalid} of {info.planned} replies have no score (infrastructure)",
            where=where,
            allowed=f"{policy.defaults.max_invalid:.1%} (max_invalid of the {policy.name})",
            fix="'harness run --retry-errors' with the same sweep asks them again",
        )


def age_days(info: RunInfo, now: datetime) -> float:
    """Return how many days ago a baseline was accepted; 0 for a run that is none, or accepted later than `now`."""
    if info.accepted is None:
        return 0.0
    return max((now - datetime.fromisoformat(info.accepted.at)).total_seconds() / SECONDS_A_DAY, 0.0)


def acceptance_note(info: RunInfo, now: datetime) -> str:
    """Say how old a baseline is, and who accepted it; nothing of a run that is none."""
    accepted = info.accepted
    if accepted is None:
        return ""
    return (
        f"the baseline is the file {info.path.name}, accepted {age_days(info, now):.0f} days ago "
        f"({accepted.at[:10]}) by {accepted.by}: {accepted.reason}"
    )


def staleness(info: RunInfo, policy: Policy, now: datetime) -> str:
    """Say that a baseline is older than the policy allows; nothing where it is not."""
    limit = policy.defaults.max_baseline_age_days
    age = age_days(info, now)
    if limit is None or age <= limit:
        return ""
    return f"the baseline was accepted {age:.1f} days ago, and the policy allows {limit:g}: run it again and accept it"
