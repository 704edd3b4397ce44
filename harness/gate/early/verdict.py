"""The verdict on a run that may stop early: the same object as of a fixed run, its numbers valid at any moment.

Intervals are confidence sequences over the means of contexts, p-values the inverse of e-values. Worked out again from
the replies on disk each time, by the stopping rule that lies beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from harness.errors import ExitCode
from harness.gate.counting import LEVEL
from harness.gate.decide import MOST_CONTEXTS, Counted, blind, conclude
from harness.gate.early.evidence import Track, observed
from harness.gate.early.hypotheses import Hypothesis, design_of
from harness.gate.early.rule import StoppingRule, load_rule, outcomes_sha256
from harness.gate.early.sequential import Standing, standing
from harness.gate.planning.lock import differing_terms
from harness.gate.policy import Policy
from harness.gate.verdict import EXIT_CODES, UNITS, Scope, State, Verdict, VerdictRow
from harness.gate.wording import amount, counted_in, notes_of, place, sentence_of, truncation_note
from harness.records import Estimate
from harness.stats import anytime_bounds, margin_process
from harness.store import Comparison, Run

METHOD = "confidence sequence over context means"


ALONE = "sequential: its error rate holds for this candidate by itself, without a correction for the others"


def decide_runs(
    runs: tuple[Run, Run],
    counted: Counted,
    controls: Sequence[tuple[str, State]] = (),
    notes: Sequence[str] = (),
    others: Mapping[Scope, Sequence[float]] | None = None,
) -> Verdict:
    """Return the verdict on a run of either kind: by its stopping rule where it has one, else as of a fixed size.

    Args:
        runs: baseline and candidate.
        counted: the two paired and counted.
        controls: see `harness.gate.decide.conclude`.
        notes: what is to be said besides.
        others: see `harness.gate.decide.conclude`; they cannot move the thresholds of a run that was stopped by them.
    """
    rule = load_rule(runs[1].info.path)
    if rule is None or not runs[0].measured:  # without a baseline there is nothing to follow, and conclude() says so
        return conclude(counted, controls, notes, others)
    told = [*notes, *([ALONE] if others else [])]
    return decide_early(counted.comparison, runs, rule, controls, told, counted.policy)


def decide_early(
    comparison: Comparison,
    runs: tuple[Run, Run],
    rule: StoppingRule,
    controls: Sequence[tuple[str, State]] = (),
    notes: Sequence[str] = (),
    policy: Policy | None = None,
) -> Verdict:
    """Return the verdict on a run that may stop early.

    Args:
        comparison: the two runs paired.
        runs: baseline and candidate.
        rule: the stopping rule of the candidate's run.
        controls: see `harness.gate.decide.conclude`.
        notes: what is to be said besides.
        policy: what the caller wants to judge by; another one than the rule's makes the verdict invalid, because the
            run was stopped by the rule's.
    """
    baseline, candidate = runs
    found = standing(design_of(baseline, rule), comparison, candidate)
    used = _counted_pairs(comparison, found)
    complaints = [*comparison.problems, *_incomplete(baseline), *_other_terms(rule, policy), *_lacking(found)]
    rows = tuple(_row(each, found) for each in found.design.hypotheses)
    state: State = "invalid" if complaints else _state(found)
    if state == "pass" and any(each != "regressed" for _, each in controls):
        state = "insensitive"
    defaults = rule.policy.defaults
    warned = state == "inconclusive" and defaults.on_inconclusive == "warn"
    told = [*_told(found, len(candidate.measured)), *_another_baseline(rule, baseline)]
    cut = truncation_note(used, None) if len(used.pairs) else []  # an interval of a fixed size would mean nothing
    return Verdict(
        state=state,
        exit_code=ExitCode.PASS if warned else EXIT_CODES[state],
        baseline=comparison.baseline.name,
        candidate=comparison.candidate.name,
        sentence=sentence_of(state, used, rows, complaints or blind(controls)),
        rows=rows,
        notes=(*complaints, *told, *notes, *notes_of(used, rows, rule.policy), *cut),
        alpha=defaults.alpha,
        icc=1.0 if defaults.icc is None else defaults.icc,
        icc_source="not used: each context counts as one mean",
        estimand="new contexts of the same kind",
        policy=rule.policy.name,
        policy_sha256=rule.policy.sha256,
        pairs=len(used.pairs),
        invalid_baseline=found.counts[1],
        invalid_candidate=found.counts[2],
        missing=len(found.design.planned) - len(candidate.measured),
        controls=tuple(controls),
    )


def _incomplete(baseline: Run) -> list[str]:
    """The rows are laid out from what the baseline was asked, so it must have been asked everything."""
    lacking = baseline.info.planned - len(baseline.measured)
    if lacking <= 0:
        return []
    return [f"the baseline is incomplete: {lacking} of {baseline.info.planned} replies are missing"]


def _counted_pairs(comparison: Comparison, found: Standing) -> Comparison:
    """Leave out what was asked beyond the contexts that count."""
    counts = {each: found.ends[each] for each in found.design.hypotheses if each.place.scope == "cell"}
    seen = {(str(name), each.cell) for each, end in counts.items() for name in _contexts(found.tracks[each], end)}
    pairs = comparison.pairs
    cells = zip(pairs["task"], pairs["length"], strict=True)
    kept = [key in seen for key in zip(pairs["context_id"], cells, strict=True)]
    _, base, cand = found.counts
    return replace(comparison, pairs=pairs[np.array(kept, bool)], invalid_baseline=base, invalid_candidate=cand)


def _contexts(track: Track, end: int) -> list[str]:
    return list(track.samples.loc[track.samples["position"] <= end, "context_id"].unique())


def _other_terms(rule: StoppingRule, policy: Policy | None) -> list[str]:
    terms = differing_terms(rule.policy, policy) if policy else []
    if not terms:
        return []
    return [
        f"the run was stopped by the policy recorded with it, {rule.policy.name} {rule.policy.sha256[:8]}, and cannot "
        f"be judged by another: {'; '.join(terms)}; leave the policy out"
    ]


def _another_baseline(rule: StoppingRule, baseline: Run) -> list[str]:
    if rule.baseline_sha256 == outcomes_sha256(baseline):
        return []
    return [f"the run was stopped by a comparison with other outcomes of {rule.baseline} than those of this baseline"]


def _lacking(found: Standing) -> list[str]:
    """Say where too many replies have no score."""
    planned, base, cand = found.counts
    allowed = found.design.rule.policy.defaults.max_invalid
    complaints = [
        f"{count} of {planned} replies of the {name} have no score (infrastructure), "
        f"more than the {allowed:.1%} allowed"
        for name, count in (("baseline", base), ("candidate", cand))
        if count > allowed * planned
    ]
    return complaints + [
        f"{place(*cell)}: {bad} of {n} replies have no scored pair, more than the {allowed:.1%} allowed"
        for cell, (bad, n) in sorted(found.thin.items())
    ]


def _state(found: Standing) -> State:
    required = [each for each in found.design.hypotheses if each.required]
    if any(map(found.failed, required)):
        return "regressed"
    counted = found.design.counted
    return "pass" if counted and all(map(found.proven, counted)) else "inconclusive"


def saved(found: Standing, asked: int) -> str:
    """Say how far a run has come, and what it saved.

    Args:
        found: what is decided.
        asked: replies that are there, counted or not.
    """
    planned, total = len(found.design.planned), len(found.design.rule.order)
    beyond = asked - found.counts[0]
    if found.settled:
        text = f"stopped after {found.used} of {total} contexts: {planned - asked:,} of {planned:,} replies not asked"
        return text + (f", {beyond:,} asked beyond and not counted" if beyond else "")
    if found.used < total and found.open_cells and asked < planned:
        return f"{found.used} of {total} contexts count so far, {asked:,} of {planned:,} replies are there"
    return f"all contexts were asked and do not decide: {planned - asked:,} of {planned:,} replies not asked"


def _told(found: Standing, asked: int) -> list[str]:
    """Name the method, and say what was saved or is still to be asked."""
    method = (
        "sequential: e-values over the means of contexts in an order drawn beforehand "
        f"(seed {found.design.rule.seed}); valid whenever it is looked at and wherever it is stopped"
    )
    text = saved(found, asked)
    if not found.settled and asked < len(found.design.planned):
        text += "; the same command with --until-decided continues, without any correction"
    return [method, text]


def _row(hypothesis: Hypothesis, found: Standing) -> VerdictRow:
    track, end = found.tracks[hypothesis], found.ends[hypothesis]
    failed, proven = found.failed(hypothesis), found.proven(hypothesis)
    state: State = "regressed" if failed else "pass" if proven and hypothesis.assessable else "inconclusive"
    defaults = found.design.rule.policy.defaults
    samples = track.samples[track.samples["position"] <= end]
    drops = track.drops[track.positions <= end]
    contexts = int(samples["context_id"].nunique())
    scale = hypothesis.scale
    low, high = anytime_bounds(drops, defaults.alpha, track.weights) if len(drops) else (-1.0, 1.0)
    drop = Estimate(
        value=float(samples["drop"].mean()) * scale if contexts else None,
        low=low * scale,
        high=high * scale,
        n=len(samples),
        level=1 - 2 * defaults.alpha,
        method=METHOD,
    )
    harm = float(track.harm[end])
    return VerdictRow(
        scope=hypothesis.place.scope,
        task=hypothesis.place.task,
        length=hypothesis.place.length,
        part=hypothesis.place.part,
        unit=UNITS.get(hypothesis.place.scope, "points"),
        baseline=_level(hypothesis, found, "base"),
        candidate=_level(hypothesis, found, "cand"),
        drop=drop,
        losses=int((samples["drop"] > 0).sum()),
        gains=int((samples["drop"] < 0).sum()),
        contexts=contexts,
        effective_n=float(contexts),
        margin=hypothesis.applied.margin,
        p_harm=1 / harm,
        p_harm_adjusted=min(1.0, hypothesis.family / harm),
        state=state,
        required=hypothesis.required,
        reason=_reason(hypothesis, found, drop, state),
        more_contexts=_more_contexts(hypothesis, track, end, defaults.alpha) if state == "inconclusive" else None,
        rule=hypothesis.applied.rule,
        assessable=hypothesis.assessable,
    )


def _level(hypothesis: Hypothesis, found: Standing, side: str) -> Estimate:
    """Estimate what one of the two models reaches; its interval, too, may be looked at whenever one likes."""
    track, end = found.tracks[hypothesis], found.ends[hypothesis]
    samples = track.samples[track.samples["position"] <= end]
    scale = hypothesis.scale
    if samples.empty:
        return Estimate(value=None, low=None, high=None, n=0, level=LEVEL, method=METHOD)
    positions, means, weights = observed(hypothesis, samples, side, found.design)
    low, high = anytime_bounds(2 * means - 1, (1 - LEVEL) / 2, weights) if len(positions) else (-1.0, 1.0)
    return Estimate(
        value=float(samples[side].mean()) * scale,
        low=(low + 1) / 2 * scale,
        high=(high + 1) / 2 * scale,
        n=len(samples),
        level=LEVEL,
        method=METHOD,
    )


def _reason(hypothesis: Hypothesis, found: Standing, drop: Estimate, state: State) -> str:
    """Say which rule decided a row, with its e-value and the threshold."""
    track, end = found.tracks[hypothesis], found.ends[hypothesis]
    unit = UNITS.get(hypothesis.place.scope, "points")
    margin, value, high = (amount(each, unit) for each in (hypothesis.applied.margin, drop.value, drop.high))
    what = "drop" if unit == "points" and hypothesis.place.scope != "mode" else "rise"
    harm, proof = e_value(track.harm[end]), e_value(track.proof[end])
    least = e_value(1 / found.design.rule.policy.defaults.alpha)
    if drop.value is None:
        return "not asked yet"
    if state == "regressed":
        beyond = drop.value > hypothesis.applied.margin
        allowed = f"more than the {margin} allowed" if beyond else f"and not proven to be within the {margin} allowed"
        return (
            f"worse by {value} {counted_in(unit)}, {allowed}: the e-value of harm is {harm}, "
            f"from {e_value(hypothesis.threshold)} on it decides"
        )
    if state == "pass":
        return (
            f"the {what} is below {high} {counted_in(unit)}, within the {margin} allowed: the e-value for that is "
            f"{proof}, from {least} on it decides"
        )
    if not hypothesis.assessable:
        return "not assessable: the baseline is so near chance that a larger drop than the allowed one could not show"
    return (
        f"the {what} may be as large as {high} {counted_in(unit)}; {margin} are allowed: the e-value for a pass is "
        f"{proof} of {least}, that of harm {harm} of {e_value(hypothesis.threshold)}"
    )


def e_value(value: float) -> str:
    """Write an e-value: two significant digits below 10, whole numbers above, a bound for what is beyond a million."""
    if value > 1e6:
        return "over 1,000,000"
    return f"{value:.2g}" if value < 9.95 else f"{value:,.0f}"


def _more_contexts(hypothesis: Hypothesis, track: Track, end: int, alpha: float) -> int | None:
    """Return how many more contexts prove the margin if they are like those seen; None if no number would."""
    drops = track.drops[track.positions <= end]
    if not len(drops) or not hypothesis.assessable:
        return None
    alike = np.resize(drops, (MOST_CONTEXTS, drops.shape[1]))
    proven = np.flatnonzero(margin_process(alike, hypothesis.margin, track.weights) >= 1 / alpha)
    return max(int(proven[0]) + 1 - len(drops), 1) * drops.shape[1] if len(proven) else None
