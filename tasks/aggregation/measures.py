"""What a question works out of records, and what each misreading of the text would have worked out instead.

A misreading is a choice of other records, or of another operation on the right ones. Two that give the same answer
cannot be told apart, and one that gives the right answer cannot be seen: `distinguishable` leaves them out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from harness.reading import Alternative

from .records import Ask, Facts, Operation, Record

SHARES = (25, 50, 75)
"""Percent of the context that a reader who stops early, or starts late, has read."""

OTHER_MEASURE: dict[Operation, Operation] = {
    "count": "sum",
    "distinct": "count",
    "sum": "count",
    "argmax": "top",
    "count_by": "sum_by",
    "sum_by": "count_by",
}

Answer = tuple[str, ...]


def right_answer(facts: Facts, ask: Ask) -> Answer:
    """Return the right answer; empty where a tie leaves none."""
    return measure(ask, _once(each.record for each in facts.told(ask)))


def measure(ask: Ask, records: Sequence[Record]) -> Answer:
    """Work out what is asked; empty where the records leave it open."""
    if not records:
        return ()
    if ask.operation in ("top", "argmax"):
        return _ranked(ask, records)
    if ask.operation in ("count_by", "sum_by"):
        totals = _by_good(records, crates=ask.operation == "sum_by")
        return tuple(f"{good}: {totals[good]}" for good in sorted(totals))
    return (str(_number(ask, records)),)


def _number(ask: Ask, records: Sequence[Record]) -> int:
    if ask.operation == "count":
        return len(records)
    if ask.operation == "distinct":
        return len({record.good for record in records})
    if ask.operation == "sum":
        return sum(record.crates for record in records)
    if ask.operation == "median":
        return sorted(record.crates for record in records)[(len(records) - 1) // 2]
    return percent(sum(record.good == ask.good for record in records), len(records))


def percent(part: int, whole: int) -> int:
    """Return a whole percentage, a half rounded up."""
    return (200 * part + whole) // (2 * whole)


def _ranked(ask: Ask, records: Sequence[Record]) -> Answer:
    totals = _by_good(records, crates=ask.operation == "argmax")
    wanted = ask.top if ask.operation == "top" else 1
    order = _in_order(totals)
    decisive = [totals[good] for good in order[: wanted + 1]]
    return tuple(order[:wanted]) if wanted <= len(order) and len(set(decisive)) == len(decisive) else ()


def _in_order(totals: Mapping[str, int]) -> list[str]:
    return sorted(totals, key=lambda good: (-totals[good], good))


def _by_good(records: Sequence[Record], *, crates: bool) -> Counter[str]:
    totals: Counter[str] = Counter()
    for record in records:
        totals[record.good] += record.crates if crates else 1
    return totals


def _once(records: Iterator[Record]) -> list[Record]:
    return list(dict.fromkeys(records))


def misreadings(facts: Facts, ask: Ask) -> Iterator[Alternative]:
    """Yield what each misreading answers, the likeliest first."""
    told = [each.record for each in facts.statements]
    own = [record for record in told if record.place == ask.place]
    right = _once(record for record in own if record.arrived)
    arrived = _once(record for record in told if record.arrived)

    def wrong(mode: str, records: Sequence[Record], evidence: str) -> Alternative:
        return Alternative(mode, measure(ask, records), evidence)

    yield wrong("agg.dedup_error", [r for r in own if r.arrived], "it is right if deliveries told twice count twice")
    yield wrong("agg.decoy_included", _once(iter(own)), "it is right if deliveries that were called off count")
    yield wrong("agg.mentions", own, "it is right if every mention counts: told twice or called off")
    yield wrong("agg.filter_ignored", arrived, "it is right for the deliveries to all places together")
    for place in dict.fromkeys(record.place for record in told):
        if place != ask.place:
            theirs = [record for record in arrived if record.place == place]
            yield wrong("agg.other_group", theirs, f"it is right for {place}")
    yield Alternative("agg.other_measure", _other_measure(ask, right), "it is another measure of the right deliveries")
    for share in SHARES:
        first = [each.record for each in facts.told(ask) if each.depth < share / 100]
        yield wrong(f"agg.prefix_only.{share}", _once(iter(first)), f"it is right for the first {share} % of the text")
    for share in SHARES:
        last = [each.record for each in facts.told(ask) if each.depth >= 1 - share / 100]
        yield wrong(f"agg.suffix_only.{share}", _once(iter(last)), f"it is right for the last {share} % of the text")


def _other_measure(ask: Ask, records: Sequence[Record]) -> Answer:
    if ask.operation == "median":
        mean = sum(record.crates for record in records) / len(records)
        return (str(int(mean + 0.5)),)
    if ask.operation == "percent":
        return (str(sum(record.good == ask.good for record in records)),)
    if ask.operation == "top":
        totals = _by_good(records, crates=True)
        return tuple(_in_order(totals)[: ask.top])
    return measure(Ask(OTHER_MEASURE[ask.operation], ask.place, top=1), records)


def swaps(ask: Ask, gold: Answer, facts: Facts) -> Iterator[Alternative]:
    """Yield the right ranking with two neighbours swapped, the last of it and the first left out included."""
    if ask.operation not in ("top", "argmax"):
        return
    right = _once(each.record for each in facts.told(ask))
    totals = _by_good(right, crates=ask.operation == "argmax")
    order = _in_order(totals)
    for i in range(min(len(gold), len(order) - 1)):
        swapped = [*order[:i], order[i + 1], order[i], *order[i + 2 :]]
        answer = tuple(swapped[: len(gold)])
        yield Alternative("agg.top_k_swap", answer, f"ranks {i + 1} and {i + 2} are swapped")


def distinguishable(facts: Facts, ask: Ask) -> tuple[list[Alternative], int]:
    """Return the wrong answers that point to one misreading, and how many misreadings cannot be told apart.

    A ranking with two neighbours swapped explains nothing that a misreading explains better, so it gives way.
    """
    gold = right_answer(facts, ask)
    found = list(misreadings(facts, ask))
    modes: dict[Answer, set[str]] = {}
    for each in found:
        modes.setdefault(each.answer, set()).add(each.mode)
    kept = [e for e in found if e.answer and e.answer != gold and len(modes[e.answer]) == 1]
    taken = set(modes) | {gold}
    kept += [each for each in swaps(ask, gold, facts) if each.answer not in taken]
    lost = sum(not each.answer or each.answer == gold or len(modes[each.answer]) > 1 for each in found)
    return kept, lost
