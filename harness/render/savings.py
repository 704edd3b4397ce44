"""What each candidate saves against its baseline, for the first screen: read off the rows on cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.costs import capacity, hosted_cost, money, per_correct
from harness.render.arms import Arms, Match
from harness.render.formatting import UNKNOWN
from harness.render.money import CostRow, MoneyPage
from harness.render.money_figures import against
from harness.render.money_hosting import Host


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


@dataclass(frozen=True, slots=True)
class Machines:
    """What a candidate costs on machines of one's own, beside its baseline.

    Attributes:
        host: the candidate's machines.
        against: by how much a task costs less or more.
        basis: `both` on machines, at the stated utilisation of each; `volume`, at the stated tasks a month, or
            `utilisation`, at the stated one, against the baseline's prices.
    """

    host: Host
    against: str
    basis: Literal["both", "volume", "utilisation"]


def machines_of(match: Match, hosts: Sequence[Host]) -> Machines | None:
    """Return what is known of a candidate on machines; None where too little is stated or measured."""
    by_arm = {id(host.row.arm): host for host in hosts}
    host, base = by_arm.get(id(match.candidate)), by_arm.get(id(match.baseline))
    if host is None:
        return None
    rival = next((row for row in host.rivals if row.arm is match.baseline), None)
    price = money(rival.measured.tokens, rival.price) if rival and rival.price else None
    if base is not None:
        found = Machines(host, against(_at_utilisation(host), _at_utilisation(base)), "both")
    elif host.volume is not None:
        full = capacity(host.tokens_per_second, host.hosted.utilisation, host.row.measured.output.value)
        enough = full is not None and host.volume <= full
        found = Machines(host, against(hosted_cost(host.hosted, host.volume) if enough else None, price), "volume")
    else:
        found = Machines(host, against(_at_utilisation(host), price), "utilisation")
    return found if found.against != UNKNOWN else None


def _at_utilisation(host: Host) -> float | None:
    tasks = capacity(host.tokens_per_second, host.hosted.utilisation, host.row.measured.output.value)
    return hosted_cost(host.hosted, tasks)


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
