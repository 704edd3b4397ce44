"""A diff for a terminal, and as plain values for `--json`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from harness.diff.changes import Place
from harness.diff.compare import Diff
from harness.diff.fields import FieldAgreement
from harness.diff.search import FoundClass
from harness.diff.shifts import RateShift, RatioShift
from harness.diff.wording import LEVEL_NAMES, class_name, leads, notes, search_sentence, sentence, where_sentence
from harness.diff.worst import Pair
from harness.gate.wording import points, probability
from harness.records import Estimate

SCHEMA = "longcontext-harness/diff@1"
SHOWN_FIELDS, SHOWN_PLACES, SHOWN_PAIRS = 12, 12, 3
SHOWN_CHARS = 160

Rows = list[tuple[str, ...]]


def tables(diff: Diff) -> list[tuple[str, Rows]]:
    """Return the tables of a diff, each with what stands above it; the first row is the head, of an empty one none."""
    found = [("How much differs", _changes(diff))] if diff.changes else []
    if diff.places:
        found.append((where_sentence(diff.places) + _cut(diff.places, SHOWN_PLACES), _places(diff.places)))
    found += [(search_sentence(diff.search), _found(diff.search.found))] if diff.search.classes else []
    found += [("Form", _rates(diff.rates))] if diff.rates else []
    found += [("Length and time", _ratios(diff.ratios))] if diff.ratios else []
    if diff.fields:
        found.append((f"Fields of JSON replies.{_cut(diff.fields, SHOWN_FIELDS)}".rstrip("."), _fields(diff.fields)))
    return found


def _cut(rows: Sequence[object], shown: int) -> str:
    return f" The first {shown} of {len(rows)}; --json has all." if len(rows) > shown else ""


def _changes(diff: Diff) -> Rows:
    head = ("the same means", "n (contexts)", "between, %", "within baseline", "within candidate", "excess, %", "p")
    rows = [
        (
            LEVEL_NAMES[each.level],
            f"{each.n} ({each.contexts})",
            points(each.between),
            points(each.within_baseline),
            points(each.within_candidate),
            ends(each.excess),
            probability(each.p),
        )
        for each in diff.changes
    ]
    return [head, *rows]


def _places(places: Sequence[Place]) -> Rows:
    head = ("requests with", "n (contexts)", "excess, %", "elsewhere", "p, corrected")
    shown = places[:SHOWN_PLACES]
    return [
        head,
        *(
            (
                f"{each.column} = {each.value}",
                f"{each.n} ({each.contexts})",
                ends(each.excess),
                points(each.elsewhere),
                probability(each.p_adjusted),
            )
            for each in shown
        ),
    ]


def _found(found: Sequence[FoundClass]) -> Rows:
    head = ("class found", "n (contexts)", "excess, % (not corrected)", "elsewhere", "p, corrected")
    rows: Rows = [
        (
            "; the same requests: ".join(map(class_name, (each.conditions, *each.same))),
            f"{each.n} ({each.contexts})",
            ends(each.excess),
            ends(each.elsewhere),
            probability(each.p),
        )
        for each in found
    ]
    return [head, *rows] if rows else []


def _rates(rates: Sequence[RateShift]) -> Rows:
    head = ("share of replies, %", "n", "baseline", "candidate", "shift, points", "p, corrected")
    return [
        head,
        *(
            (
                each.name,
                str(each.n),
                ends(each.baseline),
                ends(each.candidate),
                ends(each.shift),
                probability(each.p_adjusted),
            )
            for each in rates
        ),
    ]


def _ratios(ratios: Sequence[RatioShift]) -> Rows:
    head = ("", "n", "baseline", "candidate", "candidate / baseline", "baseline again / baseline")
    return [
        head,
        *(
            (
                each.name,
                str(each.ratio.n),
                f"{each.baseline:.4g}{each.unit and ' ' + each.unit}",
                f"{each.candidate:.4g}{each.unit and ' ' + each.unit}",
                _times(each.ratio),
                _times(each.noise),
            )
            for each in ratios
        ),
    ]


def _fields(fields: Sequence[FieldAgreement]) -> Rows:
    head = ("field", "n", "agree, %", "baseline with itself", "lost beyond noise", "missing", "extra", "type", "value")
    return [
        head,
        *(
            (
                each.path,
                str(each.n),
                points(each.between),
                points(each.within_baseline),
                ends(each.loss),
                points(each.missing),
                points(each.extra),
                points(each.retyped),
                points(each.changed),
            )
            for each in fields[:SHOWN_FIELDS]
        ),
    ]


def ends(estimate: Estimate) -> str:
    """Write a share in points with its interval: `11.3 [7.9, 15.6]`."""
    interval = "" if estimate.low is None else f" [{points(estimate.low)}, {points(estimate.high)}]"
    return points(estimate.value) + interval


def _times(estimate: Estimate) -> str:
    interval = "" if estimate.low is None else f" [{estimate.low:.3f}, {estimate.high:.3f}]"
    return f"{estimate.value:.3f}{interval}"


def heading(diff: Diff) -> str:
    """Name what is compared."""
    asked = f"{diff.n} of {diff.asked} requests, {diff.contexts} contexts, {diff.repeats} replies of each model to each"
    return f"{diff.candidate.name} beside {diff.baseline.name}: {asked}"


def first_lines(text: str) -> str:
    """Return a reply in one line, cut."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARS else f"{line[:SHOWN_CHARS]}…"


def pair_lines(pair: Pair) -> list[str]:
    """Show one pair of replies in a few lines."""
    sure = "the baseline is sure" if pair.stable else "the baseline differs from itself"
    return [
        f"{pair.item.sample_id}  distance {pair.distance:.2f}, {sure}",
        f"  baseline   {first_lines(pair.item.baseline[0].text)}",
        f"  candidate  {first_lines(pair.item.candidate[0].text)}",
    ]


def plain(diff: Diff) -> dict[str, Any]:
    """Return a diff as plain values; replies are in it, redacted as they are stored."""
    return {
        "baseline": diff.baseline.name,
        "candidate": diff.candidate.name,
        "kinds": [diff.baseline.kind, diff.candidate.kind],
        "level": diff.level,
        "sentence": sentence(diff),
        "repeats": diff.repeats,
        "asked": diff.asked,
        "n": diff.n,
        "contexts": diff.contexts,
        "lacking": list(diff.lacking),
        "errors": [dict(each) for each in diff.errors],
        "leads": leads(diff.search),
        "notes": notes(diff),
        **{name: [asdict(each) for each in getattr(diff, name)] for name in ("changes", "places", "rates", "ratios")},
        "search": asdict(diff.search),
        "fields": [asdict(each) for each in diff.fields],
        "worst": [
            {
                "sample_id": pair.item.sample_id,
                "distance": pair.distance,
                "noise": pair.noise,
                "stable": pair.stable,
                "baseline": [read.text for read in pair.item.baseline],
                "candidate": [read.text for read in pair.item.candidate],
            }
            for pair in diff.worst
        ],
    }
