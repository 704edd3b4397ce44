"""The verdict: derived once, rendered many times. No renderer compares a number with a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from harness.errors import ExitCode
from harness.records import Estimate

State = Literal["pass", "regressed", "inconclusive", "insensitive", "invalid"]
"""`insensitive`: everything is proven, by a plan that did not find the positive control worse either."""

Scope = Literal["cell", "slice", "overall", "mode", "quantity", "severity"]

Unit = Literal["points", "relative", "loss"]
"""What drops and margins count: shares of 0 to 1, growth as a share of the baseline, cost per 1,000 tasks."""

Measure = Literal["right", "score"]
"""What is compared: the share of right answers, or the mean score of 0 to 1."""

UNITS: Mapping[Scope, Unit] = {"quantity": "relative", "severity": "loss"}
"""Units of the scopes that do not count points."""

EXIT_CODES: dict[State, ExitCode] = {
    "pass": ExitCode.PASS,
    "regressed": ExitCode.REGRESSED,
    "inconclusive": ExitCode.INCONCLUSIVE,
    "insensitive": ExitCode.INCONCLUSIVE,
    "invalid": ExitCode.INVALID,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """One hypothesis: a task at a length, a slice of it, all of it together, or something guarded besides.

    Attributes:
        scope: `cell` (task x length), `slice` of a cell, `overall`, `mode` (share of failure modes), `quantity` (length
            of replies) or `severity` (expected cost).
        task: name of the task, empty where the row speaks of all.
        length: target length in tokens, None where the row speaks of all.
        part: the slice as `axis=value`, the pattern of failure modes, or the quantity; else empty.
        unit: what `drop` and `margin` count: `points` (shares of 0 to 1), `relative` (growth as a share of the
            baseline) or `loss` (cost per 1,000 tasks).
        baseline: share of right answers of the baseline, likewise `candidate`; of a mode the share of replies with it,
            of a quantity its mean, of severity the cost per 1,000 tasks.
        drop: baseline minus candidate, of what is guarded besides candidate minus baseline; positive is worse. Its
            interval is two-sided at 1 - 2 alpha, so that it agrees with the one-sided test against the margin.
        losses: samples that the candidate does worse than the baseline; `gains` those that it does better.
        contexts: number of independent contexts (clusters) behind the n of the estimates.
        effective_n: n after the design effect of shared contexts.
        margin: largest acceptable drop.
        p_harm: one-sided p of "no harm" before, and `p_harm_adjusted` after correction for the number of rows.
        state: of this row.
        reason: one plain sentence: which rule decided, with its numbers.
        more_contexts: how many more contexts would probably settle an inconclusive row, where that can be said.
        rule: which rule of the policy gave the margin.
        required: whether the row decides; a row of level `warn` is only shown.
        assessable: whether the baseline is far enough above chance to lose what is allowed; a row that is not can
            show harm and cannot be proven, and does not keep the others from a pass.
    """

    scope: Scope
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
    part: str = ""
    unit: Unit = "points"
    required: bool = True
    assessable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be done about one candidate, and everything that says why.

    Attributes:
        state: of the whole; `exit_code` follows from it and from the policy's `on_inconclusive`.
        exit_code: what the command ends with.
        baseline: `SWEEP/MODEL` of the run to be replaced, likewise `candidate`.
        sentence: the verdict as one sentence with a limit in it.
        rows: one a hypothesis; the verdict follows from those that are required.
        estimand: what the intervals speak of: new contexts of the same kind, unless the policy says these exact ones.
        notes: what a reader must know besides: invalid samples, worse within margin, truncation, control models.
        alpha: one-sided error rate of a false regressed and of a false pass.
        icc: correlation of the paired differences within a context, as used; `icc_source` says where it is from.
        policy: name of the policy; `policy_sha256` is the hash of its content, whatever its layout.
        pairs: replies that both runs have scored.
        invalid_baseline: planned replies of the baseline without a score, likewise `invalid_candidate`.
        missing: planned replies that one of the runs does not have at all.
        measure: what rows of points count: `right` answers, or the mean `score`.
        controls: for each positive control that was judged by the same plan, its name and whether it was found worse.
        sources: the files that all this was derived from, each with its SHA-256: `SWEEP/MODEL/samples.jsonl` and so on.
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
    measure: Measure = "right"
    controls: tuple[tuple[str, State], ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
