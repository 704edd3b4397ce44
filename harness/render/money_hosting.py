"""Machines of one's own against prices of an API: what they cost, do, hold, and from which volume on they are cheaper.

Like the rows on cost, outputs are made by one function from inputs that stand on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.costs import (
    TASKS,
    break_even,
    cache_bytes,
    cached_tokens_room,
    capacity,
    fits,
    gpus_for,
    hosted_cost,
    memory_bytes,
    money,
    monthly,
    per_correct,
    reading,
    utilisation_needed,
    weight_bytes,
)
from harness.declared import Declared, SelfHosted
from harness.load_curve import LoadPoint
from harness.render.formatting import UNKNOWN
from harness.render.money import CostRow, Outputs, correct_interval, terms_of
from harness.render.money_figures import against, figure, memory, share_of, whole

UTILISATIONS = (("40", 0.4), ("80", 0.8))
"""Shown side by side: what machines are often used for, and what they are sold as."""

PRECISIONS = (16, 8, 4)
"""Bits of a weight whose memory is shown beside the stated one."""

Volume = Literal["holds", "does not hold", "open", "not stated"]


@dataclass(frozen=True, slots=True)
class Host:
    """One model on machines of one's own.

    Attributes:
        row: what its tasks take, over all that was asked.
        hosted: what is stated of the machines.
        assumed: names of what is not stated and yet has a value.
        tokens_per_second: output tokens of all of them.
        measured: the point of a load curve that this comes from; None where it is declared, or unknown.
        rivals: rows with prices to compare it with, and `rival` the one that the decision record takes.
        volume: tasks a month that are expected.
        out: what is computed, by name, as text.
    """

    row: CostRow
    hosted: SelfHosted
    assumed: frozenset[str]
    tokens_per_second: float | None
    measured: LoadPoint | None
    rivals: tuple[CostRow, ...]
    rival: CostRow | None
    volume: float | None
    out: Outputs


def make_hosts(rows: Sequence[CostRow], declared: Declared) -> tuple[Host, ...]:
    """Return the models for which machines are stated."""
    rivals = tuple(row for row in rows if row.price)
    hosts = []
    for row in rows:
        hosted = terms_of(row.arm, declared).self_hosted
        if hosted is None:
            continue
        point = point_at(declared, row.arm.run.info.model)
        speed = point.output_tokens_per_s if point else hosted.tokens_per_second
        own = [row] if row.price else []
        base = [rival for rival in rivals if rival.arm.role == "baseline"]
        rival = next(iter([*own, *base, *rivals]), None)
        volume = declared.decision.tasks_per_month
        out = host_outputs(row, hosted, speed, rivals) | {
            "volume": volume_state(row, hosted, speed, rival, volume),
            "thousand.volume": _at_volume(row, hosted, speed, volume),
        }
        known = {*hosted.model_fields_set, *(["tokens_per_second"] if point else [])}
        assumed = frozenset(SelfHosted.model_fields) - known
        hosts.append(Host(row, hosted, assumed, speed, point, rivals, rival, volume, out))
    return tuple(hosts)


def point_at(declared: Declared, model: str) -> LoadPoint | None:
    """Return what was measured of a model at the very concurrency that will be run; nothing is interpolated."""
    wanted = declared.decision.concurrency
    found = [point for point in declared.curve if point.model == model and point.concurrency == wanted]
    return next((point for point in found if point.output_tokens_per_s), None)


def _at_volume(row: CostRow, host: SelfHosted, speed: float | None, volume: float | None) -> str:
    """Write what 1,000 tasks cost at the stated number of them; unknown where the machines cannot do so many."""
    full = capacity(speed, host.utilisation, row.measured.output.value)
    cost = hosted_cost(host, volume) if full is not None and volume is not None and volume <= full else None
    return figure(None if cost is None else TASKS * cost)


def host_outputs(row: CostRow, host: SelfHosted, speed: float | None, rivals: Sequence[CostRow]) -> Outputs:
    """Return what is computed of machines: `hostOutputs` in the script.

    Args:
        row: what a task of the model takes, and how many answers are right.
        host: the machines.
        speed: output tokens a second of all of them.
        rivals: rows with prices.
    """
    output, right = row.measured.output.value, row.measured.right
    full = capacity(speed, 1.0, output)
    reads = reading(full, row.measured.prompt.value)
    out = {"month": figure(monthly(host)), "full": whole(full), "reads": whole(reads)}
    for name, used in (*UTILISATIONS, ("own", host.utilisation)):
        tasks = capacity(speed, used, output)
        cost = hosted_cost(host, tasks)
        thousand = None if cost is None else TASKS * cost
        out |= {
            f"tasks.{name}": whole(tasks),
            f"thousand.{name}": figure(thousand),
            f"correct.{name}": figure(per_correct(thousand, right.value)),
            f"correct_interval.{name}": correct_interval(thousand, right),
            f"million.{name}": figure(None if cost is None or not output else 1e6 * cost / output),
        }
    for rival in rivals:
        even = break_even(host, _api_cost(rival))
        out[f"even.{rival.number}"] = whole(even)
        out[f"needs.{rival.number}"] = share_of(utilisation_needed(even, full))
        for name, used in (*UTILISATIONS, ("own", host.utilisation)):
            tasks = capacity(speed, used, output)
            out[f"reached.{name}.{rival.number}"] = _reached(even, tasks)
            out[f"against.{name}.{rival.number}"] = against(hosted_cost(host, tasks), _api_cost(rival))
    return out | _memory_outputs(host)


def _memory_outputs(host: SelfHosted) -> Outputs:
    """Return what the memory holds: `memoryOutputs` in the script."""
    held = memory_bytes(host)
    out = {"memory": memory(held)}
    for name, bits in (("own", host.bits), *((str(bits), bits) for bits in PRECISIONS)):
        weights = weight_bytes(host.parameters_b, bits)
        fit = fits(weights, held)
        out |= {
            f"weights.{name}": memory(weights),
            f"cards.{name}": whole(gpus_for(weights, host.gpu_memory_gb)),
            f"fits.{name}": UNKNOWN if fit is None else "yes" if fit else "no",
            f"room.{name}": whole(cached_tokens_room(held, weights, cache_bytes(host))),
        }
    return out | {"cache": memory(cache_bytes(host))}


def _api_cost(rival: CostRow | None) -> float | None:
    return None if rival is None or rival.price is None else money(rival.measured.tokens, rival.price)


def _reached(even: float | None, tasks: float | None) -> str:
    return UNKNOWN if even is None or tasks is None else "yes" if even <= tasks else "no"


def volume_state(
    row: CostRow, host: SelfHosted, speed: float | None, rival: CostRow | None, volume: float | None
) -> Volume:
    """Say whether the stated volume makes the machines the cheaper way: `volumeState` in the script.

    Open where the break-even or the capacity cannot be computed, or the machines do not hold the weights or cannot do
    so many tasks at the stated utilisation: more of them cost more.
    """
    if volume is None:
        return "not stated"
    even = break_even(host, _api_cost(rival))
    tasks = capacity(speed, host.utilisation, row.measured.output.value)
    if even is None:
        return "open"
    if volume < even:
        return "does not hold"
    if fits(weight_bytes(host.parameters_b, host.bits), memory_bytes(host)) is False:
        return "open"
    return "holds" if tasks is not None and volume <= tasks else "open"
