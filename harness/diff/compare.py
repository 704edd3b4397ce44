"""Everything that is said of one candidate: a pure function of two runs and the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.diff.changes import Change, Place, applies, changes_of, headline_level, places_of
from harness.diff.fields import FieldAgreement, fields_of
from harness.diff.pairing import Item, Paired, pair_replies
from harness.diff.replies import Level, Reader
from harness.diff.search import Search, search
from harness.diff.shifts import RateShift, RatioShift, rates_of, ratios_of
from harness.diff.task import Requests
from harness.diff.worst import Pair, worst_of
from harness.store import Run, RunInfo

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Diff:
    """What a candidate does otherwise than the baseline.

    Attributes:
        asked: requests of the log, `n` of them answered in full by both.
        templated: requests whose opening was taken for a template, not for a text in common.
        lacking: requests without all of their replies, of the baseline and of the candidate.
        errors: kinds of failed calls, of both.
        level: the level of sameness that the first sentence and the classes of requests are about.
        changes: how much differs, from the strictest level of sameness on; empty where nothing can be compared.
        places: classes of requests by one column, those that changed most unlike the rest first; `search`, those by
            up to three columns in which more changed than elsewhere.
    """

    baseline: RunInfo
    candidate: RunInfo
    repeats: int
    asked: int
    n: int
    contexts: int
    templated: int
    lacking: tuple[int, int]
    errors: tuple[Mapping[str, int], Mapping[str, int]]
    level: Level
    changes: tuple[Change, ...]
    places: tuple[Place, ...]
    search: Search
    rates: tuple[RateShift, ...]
    ratios: tuple[RatioShift, ...]
    fields: tuple[FieldAgreement, ...]
    worst: tuple[Pair, ...]

    @property
    def headline(self) -> Change | None:
        """The change that the first sentence speaks of."""
        return next((change for change in self.changes if change.level == self.level), None)


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
    changes = changes_of(items)
    level = headline_level(changes, len(items))
    placed = [item for item in items if applies(item, level)]
    return Diff(
        baseline=infos[0],
        candidate=infos[1],
        repeats=repeats,
        asked=paired.asked,
        n=len(items),
        contexts=len({item.context_id for item in items}),
        templated=requests.templated,
        lacking=paired.lacking,
        errors=paired.errors,
        level=level,
        changes=changes,
        places=places_of(placed, seed, level),
        search=search(placed, seed, level),
        rates=_rates(items, requests) if items else (),
        ratios=ratios_of(items) if items else (),
        fields=fields_of(items),
        worst=worst_of(items, level),
    )


def _rates(items: tuple[Item, ...], requests: Requests) -> tuple[RateShift, ...]:
    asked = {name for name, logged in requests.logged.items() if logged.wants_json}
    given = {item.sample_id for item in items if all(read.is_json for read in item.baseline)}
    schemas = {name for name, logged in requests.logged.items() if logged.schema is not None}
    return rates_of(items, wants_json=frozenset(asked | given), has_schema=frozenset(schemas))
