"""Everything that is said of one candidate: a pure function of two runs and the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.diff.changes import Change, Place, changes_of, places_of
from harness.diff.fields import FieldAgreement, fields_of
from harness.diff.pairing import Item, Paired, pair_replies
from harness.diff.replies import Level, Reader
from harness.diff.shifts import RateShift, RatioShift, rates_of, ratios_of
from harness.diff.task import Requests
from harness.diff.worst import Pair, worst_of
from harness.store import Run, RunInfo

HEADLINE: Level = "normalised"
"""The level of sameness that the first sentence speaks of, fixed before anything is looked at."""

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Diff:
    """What a candidate does otherwise than the baseline.

    Attributes:
        asked: requests of the log, `n` of them answered in full by both.
        lacking: requests without all of their replies, of the baseline and of the candidate.
        errors: kinds of failed calls, of both.
        changes: how much differs, from the strictest level of sameness on; empty where nothing can be compared.
        places: classes of requests, those that changed most unlike the rest first.
    """

    baseline: RunInfo
    candidate: RunInfo
    repeats: int
    asked: int
    n: int
    contexts: int
    lacking: tuple[int, int]
    errors: tuple[Mapping[str, int], Mapping[str, int]]
    changes: tuple[Change, ...]
    places: tuple[Place, ...]
    rates: tuple[RateShift, ...]
    ratios: tuple[RatioShift, ...]
    fields: tuple[FieldAgreement, ...]
    worst: tuple[Pair, ...]

    @property
    def headline(self) -> Change | None:
        """The change that the first sentence speaks of."""
        return next((change for change in self.changes if change.level == HEADLINE), None)


def diff_runs(baseline: Run, candidate: Run, requests: Requests, repeats: int, label: str, seed: int = 0) -> Diff:
    """Compare the replies of two models.

    Args:
        baseline: its run.
        candidate: likewise.
        requests: what was asked.
        repeats: replies of each to a request.
        label: the expression of a label.
        seed: of the permutations.
    """
    schemas = {name: logged.schema for name, logged in requests.logged.items() if logged.schema is not None}
    reader = Reader(label, schemas, requests.shown)
    paired = pair_replies((baseline, candidate), repeats, reader, requests)
    return _diff(paired, (baseline.info, candidate.info), requests, repeats, seed)


def _diff(paired: Paired, infos: tuple[RunInfo, RunInfo], requests: Requests, repeats: int, seed: int) -> Diff:
    items = paired.items
    return Diff(
        baseline=infos[0],
        candidate=infos[1],
        repeats=repeats,
        asked=paired.asked,
        n=len(items),
        contexts=len({item.context_id for item in items}),
        lacking=paired.lacking,
        errors=paired.errors,
        changes=changes_of(items),
        places=places_of(items, seed),
        rates=_rates(items, requests) if items else (),
        ratios=ratios_of(items) if items else (),
        fields=fields_of(items),
        worst=worst_of(items),
    )


def _rates(items: tuple[Item, ...], requests: Requests) -> tuple[RateShift, ...]:
    asked = {name for name, logged in requests.logged.items() if logged.wants_json}
    given = {item.sample_id for item in items if all(read.is_json for read in item.baseline)}
    schemas = {name for name, logged in requests.logged.items() if logged.schema is not None}
    return rates_of(items, wants_json=frozenset(asked | given), has_schema=frozenset(schemas))
