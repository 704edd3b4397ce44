"""The decision record: three conditions under which machines of one's own are the lower risk, each with its evidence.

Two of them are for people to state; the third is read off the verdict. Nothing is weighed against anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.declared import Declared
from harness.gate.verdict import State
from harness.render.arms import Arms
from harness.render.money_hosting import Host

QUALITY: dict[State, str] = {
    "pass": "holds",
    "regressed": "does not hold",
    "inconclusive": "open",
    "insensitive": "open",
    "invalid": "open",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    Attributes:
        name: what it is about, and `holds_if` what must be so.
        state: `holds`, `does not hold`, `open` or `not stated`.
        mark: `measured`, `computed` or `declared by you`.
        evidence: in words; empty where the template writes it from what is computed.
    """

    name: str
    holds_if: str
    state: str
    mark: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Record:
    """The conditions for one model on machines of one's own: data, volume, quality, in this order."""

    host: Host
    conditions: tuple[Condition, ...]


def make_records(arms: Arms, hosts: Sequence[Host], declared: Declared) -> tuple[Record, ...]:
    """Return a record for each model with machines."""
    return tuple(Record(host, (_data(declared), _volume(host), _quality(arms, host))) for host in hosts)


def _data(declared: Declared) -> Condition:
    decision = declared.decision
    may_leave = decision.data_may_leave
    state = "not stated" if may_leave is None else "does not hold" if may_leave else "holds"
    told = decision.data_sensitivity or "nothing is stated about the data"
    if may_leave is not None:
        told += "; they may be sent to others" if may_leave else "; they may not be sent to others"
    return Condition("Sensitivity of the data", "the data may not leave your machines", state, "declared by you", told)


def _volume(host: Host) -> Condition:
    holds_if = "the volume is at least the break-even, and these machines can do it"
    return Condition("Volume", holds_if, host.out["volume"], "computed", "")


def _quality(arms: Arms, host: Host) -> Condition:
    name, holds_if = "The model on this work", "the verdict says that it may replace what it is compared with"
    arm = host.row.arm
    match = next((match for match in arms.matches if match.candidate is arm), None)
    if match and match.verdict:
        evidence = f"{match.verdict.state}: {match.verdict.sentence}"
        return Condition(name, holds_if, QUALITY[match.verdict.state], "measured", evidence)
    if arm.role == "baseline" and any(each.baseline is arm for each in arms.matches):
        told = "it is the baseline itself: the verdicts speak of the others"
    else:
        told = "no verdict speaks of this model"
    return Condition(name, holds_if, "open", "measured", told)
