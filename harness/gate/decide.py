"""From rows to one verdict.

    invalid       the runs cannot be paired, are incomplete, or lack too many scores
    regressed     some required row is worse: harm shown (Holm inside its family), the margin not proven all the same,
                  and, but for slices, the estimate beyond the margin
    pass          every required row that can be assessed is proven within its margin (an intersection-union test: no
                  correction)
    insensitive   a pass by a plan that did not find a positive control worse either
    inconclusive  anything else

FAIL and PASS need different error control, because one asks for any row and the other for all of them. The harm tests
of slices, cells, the overall row, failure modes, quantities and severity are families of their own that share alpha;
slices, which are many, get a double share. Turning a loss into a tie never worsens a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite

from harness.errors import ExitCode
from harness.gate.bounds import FEWEST_CONTEXTS
from harness.gate.counting import Row, Terms
from harness.gate.policy import Policy
from harness.gate.rows import cell_groups, cells_of, drop_without_cut, make_rows
from harness.gate.verdict import EXIT_CODES, UNITS, Scope, State, Verdict, VerdictRow
from harness.gate.wording import notes_of, place, reason_of, sentence_of, truncation_note
from harness.stats import contexts_needed, holm, upper_bound
from harness.store import Comparison

WORST: Mapping[State, int] = {"pass": 0, "inconclusive": 1, "regressed": 2}
SHARES: Mapping[Scope, int] = {"slice": 2, "cell": 1, "overall": 1, "mode": 1, "quantity": 1, "severity": 1}
"""How families of harm tests share alpha, as weights among those that there are."""

BY_RIGHT_ANSWERS = ("cell", "slice", "overall")
"""Rows that count right answers, and so cannot be assessed where the baseline is near chance."""

MOST_CONTEXTS = 4096
THIN_SLICE = 0.2
"""Share of a slice's replies that may lack a score: slices are small, so one or two failures must not void a run."""

TOGETHER = "its tests of harm are corrected (Holm) together with those of the other candidates"


@dataclass(frozen=True, slots=True)
class Counted:
    """A comparison with everything that is counted from its samples: what costs time, and no candidate beside it moves.

    Attributes:
        complaints: why there can be no verdict.
        rows: one a hypothesis.
        cut: what is to be said of truncated replies.
    """

    comparison: Comparison
    policy: Policy
    complaints: Sequence[str]
    rows: Sequence[Row]
    cut: Sequence[str]


def decide(
    comparison: Comparison,
    policy: Policy,
    controls: Sequence[tuple[str, State]] = (),
    notes: Sequence[str] = (),
) -> Verdict:
    """Return the verdict on a comparison of two paired runs; the arguments are those of `count` and `conclude`."""
    return conclude(count(comparison, policy), controls, notes)


def count(comparison: Comparison, policy: Policy) -> Counted:
    """Count two paired runs into rows.

    Args:
        comparison: two paired runs.
        policy: margins, levels and error rates.

    Raises:
        ConfigError: a rule of the policy matches nothing.
    """
    complaints = _complaints(comparison, policy)
    if comparison.pairs.empty:
        return Counted(comparison, policy, complaints, (), ())
    slices = policy.defaults.slices
    if not complaints:  # of an incomplete run a rule may find nothing that is there
        policy.check_slices([n.removeprefix("axis.") for n in map(str, comparison.pairs) if n.startswith("axis.")])
        policy.check_rules(cells_of(comparison.pairs, slices))
    runs = int(comparison.pairs["replicate"].max()) + 1
    terms = Terms(policy, _icc(policy)[0], comparison.baseline.floors, runs)
    cut = truncation_note(comparison, drop_without_cut(comparison.pairs, terms))
    return Counted(comparison, policy, complaints, make_rows(comparison.pairs, terms), cut)


def conclude(
    counted: Counted,
    controls: Sequence[tuple[str, State]] = (),
    notes: Sequence[str] = (),
    others: Mapping[Scope, Sequence[float]] | None = None,
) -> Verdict:
    """Return the verdict on what was counted.

    Args:
        counted: a comparison in rows.
        controls: positive controls with the state that the same policy gives them against the same baseline: where
            one is not `regressed`, the plan cannot see damage, and there is no pass.
        notes: what is to be said besides.
        others: p of harm of other candidates that are judged at the same time, by scope: they are corrected together.
    """
    comparison, policy, complaints = counted.comparison, counted.policy, counted.complaints
    icc, source = _icc(policy)
    rows = _decided(counted.rows, policy.defaults.alpha, others or {})
    state = _state(rows) if not complaints else "invalid"
    if state == "pass" and any(found != "regressed" for _, found in controls):
        state = "insensitive"
    exit_code = EXIT_CODES[state]
    if state == "inconclusive" and policy.defaults.on_inconclusive == "warn":
        exit_code = ExitCode.PASS
    return Verdict(
        state=state,
        exit_code=exit_code,
        baseline=comparison.baseline.name,
        candidate=comparison.candidate.name,
        sentence=sentence_of(state, comparison, rows, complaints or blind(controls), policy.defaults.measure),
        rows=rows,
        notes=(*complaints, *notes, *([TOGETHER] if others else []), *notes_of(comparison, rows, policy), *counted.cut),
        alpha=policy.defaults.alpha,
        icc=icc,
        icc_source=source,
        estimand="these very samples" if policy.defaults.population == "fixed" else "new contexts of the same kind",
        measure=policy.defaults.measure,
        policy=policy.name,
        policy_sha256=policy.sha256,
        pairs=len(comparison.pairs),
        invalid_baseline=comparison.invalid_baseline,
        invalid_candidate=comparison.invalid_candidate,
        missing=comparison.missing,
        controls=tuple(controls),
    )


def blind(controls: Sequence[tuple[str, State]]) -> list[str]:
    """Say of each positive control that was not found worse why it shows nothing."""
    return [
        f"the positive control {name} was not run, or cannot be judged"
        if found == "invalid"
        else f"this plan did not find the positive control {name} worse either"
        for name, found in controls
        if found != "regressed"
    ]


def _icc(policy: Policy) -> tuple[float, str]:
    if policy.defaults.population == "fixed":
        return 0.0, "not used: the population is these very samples"
    if policy.defaults.icc is None:
        return 1.0, "not given, so a context counts as one sample"
    return policy.defaults.icc, "policy"


def _complaints(comparison: Comparison, policy: Policy) -> list[str]:
    """Return why there can be no verdict, as sentences."""
    found = list(comparison.problems)
    if comparison.missing:
        found.append(f"incomplete: {comparison.missing} of {comparison.planned} planned replies are missing")
    allowed = policy.defaults.max_invalid
    for name, count in (("baseline", comparison.invalid_baseline), ("candidate", comparison.invalid_candidate)):
        if count > allowed * comparison.planned:
            found.append(
                f"{count} of {comparison.planned} replies of the {name} have no score (infrastructure), "
                f"more than the {allowed:.1%} allowed"
            )
    found += _thin_cells(comparison, policy) + _thin_slices(comparison, policy)
    if comparison.pairs.empty and not found:
        found.append("no sample of the two runs could be paired")
    return found


def _thin_cells(comparison: Comparison, policy: Policy) -> list[str]:
    """Name each task and length that lacks more pairs than allowed: losses there are not at random."""
    have = comparison.pairs.groupby(["task", "length"]).size().to_dict() if comparison.cells else {}
    allowed = policy.defaults.max_invalid
    cells = {cell: asked for cell, asked in comparison.cells.items() if policy.applied(*cell).level != "off"}
    lacking = {cell: asked - have.get(cell, 0) for cell, asked in cells.items()}
    return [
        f"{place(*cell)}: {count} of {cells[cell]} replies have no scored pair, more than the {allowed:.1%} allowed"
        for cell, count in lacking.items()
        if count > 2 * allowed * cells[cell]
    ]


def _thin_slices(comparison: Comparison, policy: Policy) -> list[str]:
    """Name each slice of which so much lacks a score that it is not judged: what failed there is not at random."""
    slices = policy.defaults.slices
    if comparison.asked is None or not slices:
        return []
    have = {key: len(rows) for key, rows in cell_groups(comparison.pairs, slices)}
    asked = {key: len(rows) for key, rows in cell_groups(comparison.asked, slices) if key[2]}
    lacking = {key: count - have.get(key, 0) for key, count in asked.items() if policy.applied(*key).level == "error"}
    return [
        f"{place(*key[:2])}, {key[2]}: {count} of {asked[key]} replies have no scored pair, too many to judge it"
        for key, count in lacking.items()
        if count > THIN_SLICE * asked[key]
    ]


def _decided(rows: Sequence[Row], alpha: float, others: Mapping[Scope, Sequence[float]]) -> tuple[VerdictRow, ...]:
    """Adjust the harm tests inside their families, other candidates' among them, and give each row its state."""
    families = [(scope, [row for row in rows if row.place.scope == scope]) for scope in SHARES]
    weight = sum(SHARES[scope] for scope, family in families if family or others.get(scope))
    decided: dict[int, VerdictRow] = {}
    for scope, family in families:
        adjusted = holm([*(row.p_harm for row in family), *others.get(scope, ())])
        for row, p in zip(family, adjusted[: len(family)], strict=True):
            decided[id(row)] = _decide_row(row, p, (alpha * SHARES[scope] / weight, len(adjusted)), alpha)
    return tuple(decided[id(row)] for row in rows)


def _decide_row(row: Row, p_adjusted: float, family: tuple[float, int], alpha: float) -> VerdictRow:
    """Give a row its state; `family` is its family's share of alpha and how many rows it has."""
    share, rows = family
    few = rows * 2.0**-row.contexts > share  # not even losing in every context would be beyond chance
    drop, margin = row.estimate, row.applied.margin
    proven = row.upper < margin
    harmed = p_adjusted <= share and not proven and (drop > margin or row.place.scope == "slice")
    by_right = row.place.scope in BY_RIGHT_ANSWERS
    assessable = not by_right or (row.baseline.value or 0.0) - row.chance > margin
    state: State = "regressed" if harmed else "pass" if proven and assessable else "inconclusive"
    return VerdictRow(
        scope=row.place.scope,
        task=row.place.task,
        length=row.place.length,
        part=row.place.part,
        unit=UNITS.get(row.place.scope, "points"),
        baseline=row.baseline,
        candidate=row.candidate,
        drop=row.drop,
        losses=row.losses,
        gains=row.gains,
        contexts=row.contexts,
        effective_n=row.effective_n,
        margin=margin,
        p_harm=row.p_harm,
        p_harm_adjusted=p_adjusted,
        state=state,
        required=row.applied.level == "error",
        reason=reason_of(row, p_adjusted, state, assessable=assessable, few=few),
        more_contexts=_more_contexts(row, alpha) if state == "inconclusive" and assessable else None,
        rule=row.applied.rule,
        assessable=assessable,
    )


def _more_contexts(row: Row, alpha: float) -> int | None:
    """Return how many more contexts prove the margin if the rates stay as observed; None if no number would."""
    drop, margin = row.estimate, row.applied.margin
    if drop >= margin or row.unknown:
        return None
    total = _contexts_by_rates(row, alpha) if row.whole else _contexts_by_width(row)
    return None if total is None or total > MOST_CONTEXTS else max(total - row.contexts, 1)


def _contexts_by_rates(row: Row, alpha: float) -> int | None:
    """Count losses and gains on: half of each is added, so that none of them is not taken for none ever."""
    per_context = row.effective_n / row.contexts
    n = row.drop.n
    loss_rate, gain_rate = (row.losses + 0.5) / (n + 1), (row.gains + 0.5) / (n + 1)

    def settled(contexts: int) -> float:
        worth = contexts * per_context
        return float(upper_bound(loss_rate * worth, gain_rate * worth, worth, alpha) < row.applied.margin)

    return contexts_needed(settled, row.contexts, most=MOST_CONTEXTS)


def _contexts_by_width(row: Row) -> int | None:
    """Shrink the distance from estimate to bound as the square root of the contexts does."""
    drop = row.drop.value or 0.0
    if not isfinite(row.upper) or row.contexts < FEWEST_CONTEXTS:
        return None
    return ceil(row.contexts * ((row.upper - drop) / (row.applied.margin - drop)) ** 2)


def _state(rows: Sequence[VerdictRow]) -> State:
    """Combine the required rows: the worst one decides. Rows of level `warn` are shown and do not count.

    A row that cannot be assessed can still show harm; only where no other row is left does it keep the verdict open.
    """
    required = [row for row in rows if row.required]
    counted = [row for row in required if row.assessable or row.state == "regressed"]
    if not any(row.assessable and row.scope == "cell" for row in counted):
        counted = required
    return max((row.state for row in counted), key=WORST.__getitem__, default="invalid")
