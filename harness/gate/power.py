"""What a plan can decide: for each row of the verdict to come, how likely an unchanged candidate passes it.

A plan that can hardly pass is found out before anything is paid for. Several replies to a sample are not counted in the
plan's favour: they narrow the bound by an amount that is known only after a pilot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.errors import ConfigError
from harness.gate.policy import Applied, Policy
from harness.gate.rows import Place, cell_groups
from harness.gate.simulate import skeleton_of
from harness.gate.wording import place, points
from harness.plan import Plan
from harness.stats import contexts_needed, effective_n, pass_probability, upper_bound

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
    """

    place: Place
    applied: Applied
    contexts: int
    samples: int
    icc: float
    chance: float
    contexts_wanted: int | None
    provable: bool

    @property
    def name(self) -> str:
        """How people call the row."""
        if self.place.scope == "mode":
            return f"replies {self.place.part}"
        cell = place(self.place.task, self.place.length)
        return f"{cell}, {self.place.part}" if self.place.part else cell


def powers(plan: Plan, policy: Policy, flip_rate: float) -> list[Power]:
    """Return what each row of the verdict to come can decide; those that the policy leaves out are left out.

    Args:
        plan: what will be asked.
        policy: margins, correlation, error rate.
        flip_rate: share of answers that differ between equal models.

    Raises:
        ConfigError: a rule of the policy matches nothing that is planned.
    """
    rows = list(_rows(plan, policy))
    policy.check_rules([(place.task, place.length or 0, place.part) for place, _, _ in rows if place.length])
    return [_power(*row, policy, flip_rate) for row in rows]


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
    margins = ", ".join(sorted({points(row.applied.margin) for row in weak}))
    enough = f"contexts = {max(known)}" if len(known) == len(wanted) else "a wider margin"
    raise ConfigError(
        f"an unchanged candidate could hardly pass: at a flip rate of {100 * flip_rate:g} % it passes {named}{more}",
        where=where,
        found=f"margins of {margins} points with too few independent contexts",
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
    contexts = sum({cell.task.name: len(cell.wanted) for cell in cells}.values())
    samples = sum(cell.samples for cell in cells)
    if len(cells) > 1:
        yield Place("overall"), contexts, samples
    for mode in policy.file.mode:
        yield Place("mode", part=mode.mode), contexts, samples


def _applied(where: Place, policy: Policy) -> Applied:
    if where.scope == "mode":
        mode = next(mode for mode in policy.file.mode if mode.mode == where.part)
        return Applied(mode.margin, mode.level, f"mode {mode.mode}")
    if where.scope == "overall":
        return Applied(policy.defaults.overall_margin or policy.defaults.margin, "error", "defaults")
    return policy.applied(where.task, where.length or 0, where.part)


def _power(where: Place, contexts: int, samples: int, policy: Policy, flip_rate: float) -> Power:
    defaults = policy.defaults
    fixed = defaults.population == "fixed"
    icc = 0.0 if fixed else 1.0 if defaults.icc is None else defaults.icc
    applied = _applied(where, policy)
    each = max(1, round(samples / max(1, contexts)))

    def chance(count: int) -> float:
        return pass_probability(count, each, flip_rate=flip_rate, margin=applied.margin, icc=icc, alpha=defaults.alpha)

    worth = effective_n(samples, max(1, contexts), icc)
    provable = upper_bound(0.0, 0.0, worth, defaults.alpha) < applied.margin
    likely = chance(max(1, contexts)) if where.scope != "mode" else float(provable)  # how modes flip is not known
    return Power(
        place=where,
        applied=applied,
        contexts=contexts,
        samples=samples,
        icc=icc,
        chance=likely,
        contexts_wanted=contexts if likely >= WANTED else contexts_needed(chance, max(1, contexts), WANTED),
        provable=provable,
    )
