"""The verdict: derived once, rendered many times. No renderer compares a number with a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.errors import ExitCode
from harness.records import Estimate

State = Literal["pass", "regressed", "inconclusive", "invalid"]

EXIT_CODES: dict[State, ExitCode] = {
    "pass": ExitCode.PASS,
    "regressed": ExitCode.REGRESSED,
    "inconclusive": ExitCode.INCONCLUSIVE,
    "invalid": ExitCode.INVALID,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """One hypothesis: a task at a length, or all of it together.

    Attributes:
        scope: `cell` (task x length) or `overall`.
        task: name of the task, empty for `overall`.
        length: target length in tokens, None for `overall`.
        baseline: share of right answers of the baseline, likewise `candidate`.
        drop: baseline minus candidate in points of 0 to 1; positive is worse. Its interval is two-sided at
            1 - 2 alpha, so that it agrees with the one-sided test against the margin.
        losses: samples that the baseline got right and the candidate wrong; `gains` the other way round.
        contexts: number of independent contexts (clusters) behind the n of the estimates.
        effective_n: n after the design effect of shared contexts.
        margin: largest acceptable drop.
        p_harm: one-sided p of "no harm" before, and `p_harm_adjusted` after correction for the number of rows.
        state: of this row.
        reason: one plain sentence: which rule decided, with its numbers.
        more_contexts: how many more contexts would probably settle an inconclusive row, where that can be said.
        rule: which rule of the policy gave the margin.
        required: whether the row decides; a row of level `warn` is only shown.
    """

    scope: Literal["cell", "overall"]
    task: str
    length: int | None
    baseline: Estimate
    candidate: Estimate
    drop: Estimate
    losses: int
    gains: int
    contexts: int
    effective_n: float
    margin: float
    p_harm: float
    p_harm_adjusted: float
    state: State
    reason: str
    more_contexts: int | None = None
    rule: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be done about one candidate, and everything that says why.

    Attributes:
        state: of the whole; `exit_code` follows from it and from the policy's `on_inconclusive`.
        sentence: the verdict as one sentence with a limit in it.
        estimand: what the intervals speak of: new contexts of the same kind, unless the policy says these exact ones.
        notes: what a reader must know besides: invalid samples, worse within margin, truncation, control models.
        policy: name and hash of the policy, with its alpha and icc as used.
    """

    state: State
    exit_code: ExitCode
    baseline: str
    candidate: str
    sentence: str
    rows: tuple[VerdictRow, ...]
    notes: tuple[str, ...]
    alpha: float
    icc: float
    icc_source: str
    estimand: str
    policy: str
    policy_sha256: str
    pairs: int
    invalid_baseline: int
    invalid_candidate: int
    missing: int
