"""What a plan can decide: for each row of the verdict to come, how likely an unchanged candidate passes it.

A plan that can hardly pass is found out before anything is paid for. Several replies to a sample help as far as flips
come from samples that are unsettled (see `harness.stats.flip_rate_of_means`). How failure modes, lengths and costs vary
is not known before a run: of their rows it is only said whether they could be proven at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.errors import ConfigError
from harness.gate.counting import Place
from harness.gate.decide import SHARES
from harness.gate.guards import guards, loss_scale
from harness.gate.planning.simulate import skeleton_of
from harness.gate.policy import Applied, Policy
from harness.gate.rows import cell_groups
from harness.gate.verdict import UNITS, Scope
from harness.gate.wording import GUARDED, amount, place
from harness.plan import CellPlan, Plan
from harness.stats import contexts_needed, drop_found, effective_n, flip_rate_of_means, pass_probability, upper_bound

HARDLY = 0.5
"""An unchanged candidate that passes a row less often than this makes a plan that can hardly pass."""

WANTED = 0.9
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Power:
    """What a row can decide.

    Attributes:
        contexts: independent contexts behind it, and `samples` on them.
        icc: correlation within a context that the verdict will assume.
        chance: probability that an unchanged candidate passes.
        contexts_wanted: how many contexts make that nine in ten; None where thousands do not.
        provable: whether the margin could be proven at all, without a single flip.
        finds: the smallest drop that is found eight times in ten; None where that cannot be said beforehand.
    """

    place: Place
    applied: Applied
    contexts: int
    samples: int
    icc: float
    chance: float
    contexts_wanted: int | None
    provable: bool
    finds: float | None

    @property
    def name(self) -> str:
        """How people call the row."""
        if self.place.scope in GUARDED:
            return GUARDED[self.place.scope].format(self.place.part)
        cell = place(self.place.task, self.place.length)
        return f"{cell}, {self.place.part}" if self.place.part else cell


def powers(plan: Plan, policy: Policy, flip_rate: float, runs: int = 1) -> list[Power]:
    """Return what each row of the verdict to come can decide; those that the policy leaves out are left out.

    Args:
        plan: what will be asked.
        policy: margins, correlation, error rate.
        flip_rate: share of answers that differ between equal models.
        runs: replies to each sample.

    Raises:
        ConfigError: a rule of the policy matches nothing that is planned, or nothing that is planned decides.
    """
    rows = list(_rows(plan, policy))
    policy.check_rules([(place.task, place.length or 0, place.part) for place, _, _ in rows if place.length])
    if not any(place.scope == "cell" and _applied(place, policy).level == "error" for place, _, _ in rows):
        raise ConfigError(
            "the policy decides nothing: no task at any length has the level error",
            where=policy.name,
            fix='leave level out of a [[rule]], or set it to "error"',
        )
    shares = _shares_of_alpha([(place.scope, _applied(place, policy).level) for place, _, _ in rows])
    rate = flip_rate_of_means(flip_rate, runs)
    return [_power(row, policy, rate, policy.defaults.alpha * shares.get(row[0].scope, 1.0)) for row in rows]


def check_power(rows: Sequence[Power], flip_rate: float, where: str) -> None:
    """Refuse a plan in which an unchanged candidate could hardly pass some required row.

    Raises:
        ConfigError: with the rows, and how many contexts they need.
    """
    weak = [row for row in rows if row.applied.level == "error" and row.chance < HARDLY]
    if not weak:
        return
    named = "; ".join(f"{row.name} ({100 * row.chance:.0f} %)" for row in weak[:MOST_NAMED])
    more = f"; and {len(weak) - MOST_NAMED} more" if len(weak) > MOST_NAMED else ""
    wanted = [row.contexts_wanted for row in weak]
    known = [count for count in wanted if count is not None]
    margins = ", ".join(sorted({amount(row.applied.margin, UNITS.get(row.place.scope, "points")) for row in weak}))
    enough = f"contexts = {max(known)}" if len(known) == len(wanted) else "a wider margin"
    raise ConfigError(
        f"an unchanged candidate could hardly pass: at a flip rate of {100 * flip_rate:g} % it passes {named}{more}",
        where=where,
        found=f"margins of {margins} with too few independent contexts",
        fix=f"{enough}, a policy that states an icc from a pilot, or --allow-underpowered",
    )


def _rows(plan: Plan, policy: Policy) -> Iterator[tuple[Place, int, int]]:
    """Yield each row with its contexts and samples."""
    cells = [cell for cell in plan.cells if not cell.control]
    for cell in cells:
        yield Place("cell", cell.label, cell.length), len(cell.wanted), cell.samples
    if policy.defaults.slices:
        pairs = skeleton_of(plan).pairs
        policy.check_slices([name.removeprefix("axis.") for name in map(str, pairs) if name.startswith("axis.")])
        for (task, length, part), rows in cell_groups(pairs, policy.defaults.slices):
            if part:
                yield Place("slice", task, length, part), rows["context_id"].nunique(), len(rows)
    contexts = sum({_texts(cell): len(cell.wanted) for cell in cells}.values())
    samples = sum(cell.samples for cell in cells)
    if len(cells) > 1:
        yield Place("overall"), contexts, samples
    for where in guards(policy):
        yield where, contexts, samples


def _shares_of_alpha(rows: Sequence[tuple[Scope, str]]) -> dict[Scope, float]:
    """Return what part of alpha a row of each scope is tested at, at worst: its family's, divided by the family."""
    sizes = Counter(scope for scope, level in rows if level != "off")
    weight = sum(SHARES[scope] for scope in sizes)
    return {scope: SHARES[scope] / weight / size for scope, size in sizes.items()}


def _texts(cell: CellPlan) -> tuple[str, int]:
    """Return which cells share their contexts: those of one task at all lengths, unless its contexts are given."""
    return (cell.label, cell.length) if cell.task.given else (cell.task.name, 0)


def _applied(where: Place, policy: Policy) -> Applied:
    if where.scope in GUARDED:
        return guards(policy)[where]
    if where.scope == "overall":
        return Applied(policy.defaults.overall_margin or policy.defaults.margin, "error", "defaults")
    return policy.applied(where.task, where.length or 0, where.part)


def _power(row: tuple[Place, int, int], policy: Policy, flip_rate: float, alpha_of_harm: float) -> Power:
    where, contexts, samples = row
    defaults = policy.defaults
    icc = 0.0 if defaults.population == "fixed" else 1.0 if defaults.icc is None else defaults.icc
    applied = _applied(where, policy)
    have = max(1, contexts)
    each = max(1, round(samples / have))
    guarded = where.scope in GUARDED

    def worth(count: int) -> float:
        return effective_n(count * each, count, icc)

    def provable(count: int) -> bool:
        if where.scope == "quantity":
            return 2.0**-count <= defaults.alpha
        bound = upper_bound(0.0, 0.0, worth(count), defaults.alpha)
        return bound * (loss_scale(policy) if where.scope == "severity" else 1.0) < applied.margin

    def chance(count: int) -> float:
        if guarded:
            return float(provable(count))
        return pass_probability(count, each, flip_rate=flip_rate, margin=applied.margin, icc=icc, alpha=defaults.alpha)

    beyond = 0.0 if where.scope == "slice" else applied.margin
    found = None if guarded else drop_found(round(worth(have)), flip_rate, alpha=alpha_of_harm, margin=beyond)
    return Power(
        place=where,
        applied=applied,
        contexts=contexts,
        samples=samples,
        icc=icc,
        chance=chance(have),
        contexts_wanted=contexts_needed(chance, have, WANTED),
        provable=provable(have),
        finds=found,
    )
