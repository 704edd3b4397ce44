"""Every sentence of a verdict, derived from its numbers; how numbers are written is fixed here too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from math import inf, isfinite
from typing import TYPE_CHECKING

from harness.gate.policy import Policy
from harness.gate.reach import reach_of
from harness.gate.verdict import UNITS, Measure, Scope, State, Unit, VerdictRow
from harness.reading import MODES as GENERAL
from harness.records import Estimate
from harness.sizes import format_size

if TYPE_CHECKING:
    from harness.gate.counting import Row
    from harness.store import Comparison

GAIN_NOTED = 0.05
MOST_NAMED = 8
GUARDED: Mapping[Scope, str] = {"mode": "replies {}", "quantity": "{}", "severity": "expected loss per 1,000 tasks"}


def points(share: float | None) -> str:
    """Write a share as points with one decimal; unknown is `n/a`."""
    return "n/a" if share is None else f"{round(100 * share, 1) + 0.0:.1f}"


def amount(value: float | None, unit: Unit) -> str:
    """Write a drop or a margin without its unit: points or percent with one decimal, a loss as it is."""
    return points(value) if unit != "loss" else "n/a" if value is None else f"{value + 0.0:.1f}"


def counted_in(unit: Unit) -> str:
    """Name a unit after an amount."""
    return {"points": "points", "relative": "%", "loss": "per 1,000 tasks"}[unit]


def probability(p: float) -> str:
    """Write a p-value: three decimals, and a bound below them."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def place(task: str, length: int | None) -> str:
    """Name a row: `retrieval.exact at 32k`, or `overall`."""
    return "overall" if length is None else f"{task} at {format_size(length)}"


def name_of(row: VerdictRow) -> str:
    """Name a row of a verdict: `retrieval.exact at 32k, language=de`, `overall`, `replies truncated.*`, a quantity."""
    if row.scope in GUARDED:
        return GUARDED[row.scope].format(row.part)
    return f"{place(row.task, row.length)}, {row.part}" if row.part else place(row.task, row.length)


def reason_of(row: Row, p_adjusted: float, state: State, *, assessable: bool, few: bool) -> str:
    """Say which rule decided a row."""
    unit = UNITS.get(row.place.scope, "points")
    margin, upper = _told_apart(row.applied.margin, row.upper, unit)
    what = "drop" if unit == "points" and row.place.scope != "mode" else "rise"
    if row.unknown:
        asked = row.drop.n + row.unknown
        return f"{row.unknown} of {asked} samples do not say their {row.place.part}: the server did not tell"
    if state == "regressed":
        beyond = row.estimate > row.applied.margin
        allowed = f"{margin} are allowed" if beyond else f"not proven to be within the {margin} allowed"
        by = f"by {amount(row.estimate, unit)} {counted_in(unit)}" if isfinite(row.estimate) else "from none at all"
        return f"worse beyond chance (p {probability(p_adjusted)} after correction), {by}; {allowed}"
    if state == "pass":
        level = 50 * (1 + row.drop.level)
        return (
            f"the {what} is below {upper} {counted_in(unit)} ({level:.0f} % one-sided bound), "
            f"within the {margin} allowed"
        )
    if not assessable:
        return "not assessable: the baseline is so near chance that a larger drop than the allowed one could not show"
    if row.upper == inf:
        return f"too few contexts ({row.contexts}) to bound the {what}; {margin} {counted_in(unit)} are allowed"
    text = f"the {what} may be as large as {upper} {counted_in(unit)}; {margin} are allowed"
    if few:
        text += f"; with only {row.contexts} independent contexts harm cannot be shown either"
    return text


def _told_apart(margin: float, bound: float, unit: Unit) -> tuple[str, str]:
    """Write a margin and a bound with as many decimals as it takes to see which is larger."""
    scale = 1.0 if unit == "loss" else 100.0
    texts = [(f"{scale * margin:.{decimals}f}", f"{scale * bound + 0.0:.{decimals}f}") for decimals in range(1, 6)]
    return next((pair for pair in texts if pair[0] != pair[1]), texts[0])


def sentence_of(
    state: State,
    comparison: Comparison,
    rows: Sequence[VerdictRow],
    complaints: Sequence[str],
    measure: Measure = "right",
) -> str:
    """Say the verdict in one sentence with a limit in it.

    Args:
        state: of the verdict.
        comparison: names the models.
        rows: of the verdict.
        measure: what is compared.
        complaints: what makes it invalid, or why positive controls show nothing.
    """
    candidate, baseline = comparison.candidate.model, comparison.baseline.model
    required = [row for row in rows if row.required]
    if state == "insensitive":
        return (
            f"Undecided on {candidate}: everywhere the drop is below what is allowed, but {'; '.join(complaints)}, so "
            "nothing shows that it can see damage."
        )
    if state == "invalid":
        return f"No verdict on {candidate}: {complaints[0] if complaints else 'nothing could be assessed'}."
    if state == "regressed":
        names = _blamed(comparison), baseline
        return _regressed(names, required, measure)
    if state == "pass":
        return _pass(candidate, baseline, [row for row in required if row.assessable])
    open_rows = [row for row in required if row.state == "inconclusive" and row.assessable] or required
    first = max(open_rows, key=lambda row: (row.scope not in GUARDED, row.drop.high or 0.0))
    if first.scope in GUARDED:
        return f"Undecided on {candidate}: {name_of(first)}: {first.reason}; {_remedy(open_rows)}."
    return (
        f"Undecided on {candidate}{_above(required)}: {_where(first)} the drop lies between {points(first.drop.low)} "
        f"and {points(first.drop.high)} points, and {points(first.margin)} are allowed; {_remedy(open_rows)}."
    )


def _blamed(comparison: Comparison) -> str:
    """Name the candidate with what follows; nobody would ship a positive control, so nobody is told not to."""
    model = comparison.candidate.model
    return f"{model}, damaged on purpose, is found worse" if _is_control(comparison) else f"Do not ship {model}"


def _is_control(comparison: Comparison) -> bool:
    return comparison.candidate.role == "positive-control"


def _regressed(names: tuple[str, str], required: Sequence[VerdictRow], measure: Measure) -> str:
    blamed, baseline = names
    found = [row for row in required if row.state == "regressed"]
    worst = max(found, key=lambda row: (row.unit == "points", row.drop.value or 0.0))
    if worst.scope in GUARDED:
        return (
            f"{blamed}: {_guarded(worst, baseline)} ({_level(worst)} % interval {_interval(worst)}); "
            f"the allowed rise is {amount(worst.margin, worst.unit)}."
        )
    beyond = (worst.drop.value or 0.0) > worst.margin
    allowed = f"the allowed drop is {points(worst.margin)}"
    proof = (
        allowed if beyond else f"that is beyond chance, and not proven to be within the {points(worst.margin)} allowed"
    )
    drop = points(worst.drop.value)
    fewer = f"answers {drop} points fewer questions correctly" if measure == "right" else f"scores {drop} points less"
    return (
        f"{blamed}{_above(required)}: {_where(worst)} it {fewer} than {baseline} "
        f"({_level(worst)} % interval {_interval(worst)}); {proof}."
    )


def _above(required: Sequence[VerdictRow]) -> str:
    """Say from where on, where every row up to a length passes and nothing else that is guarded stands open."""
    reach = reach_of(required)
    if not reach.limited or any(row.scope in GUARDED and row.state != "pass" for row in required):
        return ""
    return f" above {format_size(reach.proven)} tokens" if reach.proven else ""


def _pass(candidate: str, baseline: str, required: Sequence[VerdictRow]) -> str:
    rows = [row for row in required if row.scope in ("cell", "overall")]
    slices = [row for row in required if row.scope == "slice"]
    margins = sorted({row.margin for row in rows})
    named = f"the allowed {points(margins[0])} points" if len(margins) == 1 else "what is allowed there"
    where = "in every task at every length" if slices else "everywhere"
    within = f", and in every slice below {points(max(row.margin for row in slices))}" if slices else ""
    guarded = any(row.scope in GUARDED for row in required)
    besides = "; nothing else that is guarded rises by more than it may" if guarded else ""
    return (
        f"{candidate} may replace {baseline} for this work up to {_longest(rows)}: {where} the drop is "
        f"below {named} (largest bound {_largest_bound(rows)}){within}{besides}."
    )


def _guarded(row: VerdictRow, baseline: str) -> str:
    """Say in words by how much something that is guarded besides right answers rose."""
    rise = amount(row.drop.value, row.unit)
    if row.scope == "mode":
        return f"{rise} points more of its replies are {row.part} than of {baseline}'s"
    if row.scope == "severity":
        return f"its mistakes cost {rise} more per 1,000 tasks than {baseline}'s"
    what = row.part.replace("_", " ")
    if row.drop.value is None:
        return f"it has {what} where {baseline} has none"
    return f"its {what} are {rise} % more than {baseline}'s"


def notes_of(comparison: Comparison, rows: Sequence[VerdictRow], policy: Policy) -> list[str]:
    """Say what a reader must know besides the verdict."""
    notes = [
        f"{info.name} is a {info.kind} model: its numbers say nothing about a language model"
        for info in (comparison.baseline, comparison.candidate)
        if info.kind != "model"
    ]
    if _is_control(comparison):
        notes.append("the candidate is a positive control: damaged on purpose, to show that this plan can see damage")
    invalid = comparison.invalid_baseline + comparison.invalid_candidate
    if invalid:
        notes.append(f"{invalid} replies have no score (infrastructure); they count neither as wrong nor as right")
    notes += [
        f"{name_of(row)}: worse within the margin (p {probability(row.p_harm_adjusted)})"
        for row in rows
        if row.state == "pass" and row.p_harm_adjusted <= policy.defaults.alpha
    ]
    notes += [
        f"{name_of(row)}: better by {points(-(row.drop.value or 0.0))} points; check that both ran alike"
        for row in rows
        if row.scope not in GUARDED and (row.drop.high or 0.0) < -GAIN_NOTED
    ]
    notes += [
        f"no reply has a failure mode like {pattern!r}, nor is one of the general modes like it: check its spelling"
        for pattern in _patterns(policy)
        if not any(fnmatchcase(name, pattern) for name in (*GENERAL, *_seen(comparison)))
    ]
    aside = [name_of(row) for row in rows if row.state == "regressed" and not row.required]
    if aside:
        notes.append(f"regressed, but not required by the policy: {_listed(aside)}")
    rescored = ["rescored" in info.environment for info in (comparison.baseline, comparison.candidate)]
    if rescored[0] != rescored[1]:
        notes.append(
            "one of the two runs was scored again after it was made, the other was not: score both with one version"
        )
    blind = [name_of(row) for row in rows if not row.assessable and row.required and row.state != "regressed"]
    if blind:
        notes.append(f"not assessed, because the baseline itself is near chance: {_listed(blind)}")
    return notes


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"


def _patterns(policy: Policy) -> list[str]:
    """Return every pattern of failure modes that a policy names."""
    return [mode.mode for mode in policy.file.mode] + list(policy.file.severity.costs if policy.file.severity else ())


def _seen(comparison: Comparison) -> set[str]:
    return {str(mode) for side in ("base_mode", "cand_mode") for mode in comparison.pairs[side].dropna().unique()}


def truncation_note(comparison: Comparison, without: Estimate | None) -> list[str]:
    """Say how many replies were cut by the budget, and what the drop is over the pairs in which none was."""
    cut = {
        side: int(comparison.pairs[f"{side}_mode"].fillna("").astype(str).str.startswith("truncated").sum())
        for side in ("base", "cand")
    }
    if not any(cut.values()):
        return []
    text = f"truncated replies: {cut['base']} in the baseline, {cut['cand']} in the candidate"
    if without is not None:
        text += (
            f"; over the {without.n} samples without one the drop is {points(without.value)} points "
            f"({100 * without.level:.0f} % interval {points(without.low)} to {points(without.high)})"
        )
    return [text]


def _where(row: VerdictRow) -> str:
    return "overall" if row.scope == "overall" else f"on {name_of(row)}"


def _level(row: VerdictRow) -> str:
    return f"{100 * row.drop.level:.0f}"


def _interval(row: VerdictRow) -> str:
    return f"{amount(row.drop.low, row.unit)} to {amount(row.drop.high, row.unit)}"


def _longest(rows: Sequence[VerdictRow]) -> str:
    return f"{format_size(max(row.length for row in rows if row.length is not None))} tokens"


def _largest_bound(rows: Sequence[VerdictRow]) -> str:
    return points(max(row.drop.high or 0.0 for row in rows))


def _remedy(rows: Sequence[VerdictRow]) -> str:
    if any((row.drop.value or 0.0) > row.margin for row in rows):
        return "more contexts would probably show it worse"
    needed = [row.more_contexts for row in rows]
    known = [count for count in needed if count is not None]
    if len(known) < len(needed) or not known:
        return "no number of further contexts would settle it at the rates seen"
    return f"about {max(known)} more contexts would settle it at the rates seen"
