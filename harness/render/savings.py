"""What each candidate saves against its baseline, for the first screen: read off the rows on cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.costs import cache_bytes, capacity, hosted_cost, money, per_correct
from harness.render.arms import Arms, Match
from harness.render.formatting import UNKNOWN
from harness.render.money import CostRow, MoneyPage
from harness.render.money_figures import against, memory
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
        host: the candidate's machines; `base` the baseline's, None where it has prices instead.
        against: by how much a task costs less or more.
        basis: of `against`: `volume`, at the stated tasks a month, which the machines can do; `utilisation`, at the
            stated one of each.
        time: with machines for both, how much less or more of their time a task takes.
    """

    host: Host
    base: Host | None
    against: str
    basis: Literal["volume", "utilisation"]
    time: str

    @property
    def cache(self) -> str:
        """How much less or more memory a token of text takes than with the baseline; n/a where too little is stated."""
        base = cache_bytes(self.base.hosted) if self.base else None
        return against(cache_bytes(self.host.hosted), base)

    def memory_at(self, length: int) -> tuple[str, str]:
        """Return the memory of a text of so many tokens, with the candidate and with the baseline."""
        hosts = (self.host, self.base) if self.base else (self.host,)
        found = [cache_bytes(host.hosted) for host in hosts]
        own, base = (memory(None if each is None else each * length) for each in (*found, None)[:2])
        return own, base


def machines_of(match: Match, hosts: Sequence[Host]) -> Machines | None:
    """Return what is known of a candidate on machines; None where too little is stated or measured."""
    by_arm = {id(host.row.arm): host for host in hosts}
    host, base = by_arm.get(id(match.candidate)), by_arm.get(id(match.baseline))
    if host is None:
        return None
    rival = next((row for row in host.rivals if row.arm is match.baseline), None)
    price = money(rival.measured.tokens, rival.price) if rival and rival.price else None
    time = against(_seconds(host), _seconds(base)) if base else ""
    if host.volume and base and _can(host) and _can(base):
        months = hosted_cost(host.hosted, host.volume), hosted_cost(base.hosted, host.volume)
        found = Machines(host, base, against(*months), "volume", time)
    elif host.volume and not base:
        cost = hosted_cost(host.hosted, host.volume) if _can(host) else None
        found = Machines(host, None, against(cost, price), "volume", time)
    else:
        rate = _at_utilisation(base) if base else price
        found = Machines(host, base, against(_at_utilisation(host), rate), "utilisation", time)
    return found if found.against != UNKNOWN else None


def _capacity(host: Host) -> float | None:
    return capacity(host.tokens_per_second, host.hosted.utilisation, host.row.measured.output.value)


def _can(host: Host) -> bool:
    """Tell whether machines do the stated volume at their stated utilisation."""
    full = _capacity(host)
    return full is not None and host.volume is not None and host.volume <= full


def _seconds(host: Host) -> float | None:
    """Return the time of all machines that a task takes, in full use."""
    output = host.row.measured.output.value
    return output / host.tokens_per_second if output and host.tokens_per_second else None


def _at_utilisation(host: Host) -> float | None:
    return hosted_cost(host.hosted, _capacity(host))


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
