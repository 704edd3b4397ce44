"""What each candidate saves against its baseline, for the first screen: read off the rows on cost."""

from __future__ import annotations

from dataclasses import dataclass

from harness.costs import money, per_correct
from harness.render.arms import Arms
from harness.render.formatting import UNKNOWN
from harness.render.money import CostRow, MoneyPage
from harness.render.money_figures import against


@dataclass(frozen=True, slots=True)
class Saving:
    """One candidate beside its baseline, at the prices that are stated of both.

    Attributes:
        row: its row on cost; `base` that of its baseline.
        thousand: by how much its tasks cost less or more; `correct` its right answers.
    """

    row: CostRow
    base: CostRow
    thousand: str
    correct: str

    @property
    def at_most(self) -> bool:
        """Whether one of the costs is an upper bound, because servers did not say what came from their cache."""
        return self.row.at_most or self.base.at_most


def make_savings(arms: Arms, page: MoneyPage) -> dict[str, Saving]:
    """Return what is saved by the name of the candidate; nothing where a price or the tokens of one are not known."""
    rows = {row.arm.name: row for row in page.rows}
    pairs = {match.candidate.name: (rows[match.candidate.name], rows[match.baseline.name]) for match in arms.matches}
    known = {name: pair for name, pair in pairs.items() if all(row.out["thousand"] != UNKNOWN for row in pair)}
    return {name: _saving(*pair) for name, pair in known.items()}


def _saving(row: CostRow, base: CostRow) -> Saving:
    costs, correct = [], []
    for each in (row, base):
        cost = money(each.measured.tokens, each.price) if each.price else None
        costs.append(cost)
        correct.append(per_correct(cost, each.measured.right.value))
    return Saving(row, base, against(*costs), against(*correct))
