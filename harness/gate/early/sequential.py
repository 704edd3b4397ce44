"""What a run that may stop early has decided so far: every hypothesis followed context by context.

Contexts count in the order of the stopping rule, each only when all before it are complete, so that no fast context can
push itself in front of a slow one: what was asked beyond the first gap is on disk and does not count yet. A task at a
length is no longer asked once nothing that needs it is open, and all of it ends with the first required row that fails
or the last that is proven.

    fails    e-value of harm >= rows of its family / (alpha * share of the family), the margin not proven, and, but for
             slices, the estimate beyond the margin
    proven   e-value of the margin >= 1 / alpha

The first holds its error rate over all rows by Bonferroni, the second over all required rows without correction (an
intersection-union test), both at every moment at once (Ville 1939).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.gate.early.evidence import Track, tracks_of
from harness.gate.early.hypotheses import Cell, Design, Hypothesis
from harness.gate.early.rule import StoppingRule
from harness.store import Comparison, Run


@dataclass(frozen=True)
class Standing:
    """What is decided.

    Attributes:
        tracks: by hypothesis.
        ends: by hypothesis, how many contexts of the order count for it.
        used: contexts that count and were asked something.
        open_cells: cells that are still asked.
        settled: whether the verdict can change no more by asking on in this run: a required row failed, or all that
            count are proven.
        counts: replies that count, and those of baseline and candidate among them without a score.
        thin: cells that lack more scored pairs than the policy allows.
    """

    design: Design
    tracks: Mapping[Hypothesis, Track]
    ends: Mapping[Hypothesis, int]
    used: int
    open_cells: frozenset[Cell]
    settled: bool
    counts: tuple[int, int, int]
    thin: Mapping[Cell, tuple[int, int]]

    def failed(self, hypothesis: Hypothesis) -> bool:
        """Whether a row is worse."""
        return _failed(hypothesis, self.tracks[hypothesis], self.ends[hypothesis], self.design.rule)

    def proven(self, hypothesis: Hypothesis) -> bool:
        """Whether a row is within its margin."""
        return _proven(self.tracks[hypothesis], self.ends[hypothesis], self.design.rule)

    @property
    def open_rows(self) -> list[Hypothesis]:
        """The rows that the verdict waits for."""
        return [each for each in self.design.counted if not (self.proven(each) or self.failed(each))]


def standing(design: Design, comparison: Comparison, candidate: Run) -> Standing:
    """Walk through the order as far as it is complete, or until the verdict is settled.

    Args:
        design: what was known before.
        comparison: the candidate paired with the baseline.
        candidate: its replies so far.
    """
    have = {(result.sample_id, result.replicate): result.outcome for result in candidate.measured}
    replies = _replies(design, have)
    complete = {key for key, counts in replies.items() if counts.complete}
    walk = _Walk(design, tracks_of(design, comparison.pairs, complete), replies)
    walk.go()
    return Standing(
        design, walk.tracks, walk.ends, walk.used, frozenset(walk.open_cells), walk.settled, walk.counts, walk.thin()
    )


@dataclass(frozen=True, slots=True)
class _Replies:
    """Replies of one cell on one context: planned, without a score in the baseline, in the candidate, in either."""

    planned: int
    base: int
    cand: int
    either: int
    complete: bool


def _replies(design: Design, have: Mapping[tuple[str, int], str]) -> dict[tuple[str, Cell], _Replies]:
    planned = design.planned
    outcome = [have.get(key) for key in zip(planned["sample_id"], planned["replicate"], strict=True)]
    frame = planned.assign(
        planned=1,
        base=(planned["outcome"] == "invalid").astype(int),
        cand=[int(each == "invalid") for each in outcome],
        missing=[int(each is None) for each in outcome],
    )
    frame["either"] = frame[["base", "cand"]].max(axis=1)
    sums = frame.groupby(["context_id", "task", "length"])[["planned", "base", "cand", "either", "missing"]].sum()
    counts = zip(sums.index, sums.to_numpy().tolist(), strict=True)
    return {
        (str(context), (str(task), int(length))): _Replies(n, base, cand, either, missing == 0)
        for (context, task, length), (n, base, cand, either, missing) in counts
    }


class _Walk:
    """Goes through the order; what is counted, closed and settled on the way."""

    def __init__(
        self, design: Design, tracks: dict[Hypothesis, Track], replies: Mapping[tuple[str, Cell], _Replies]
    ) -> None:
        self.design, self.tracks, self.replies = design, tracks, replies
        self.ends = dict.fromkeys(design.hypotheses, 0)
        self.used = 0
        self.counts = (0, 0, 0)
        self.settled = False
        self._by_cell: dict[Cell, list[int]] = {}
        self._spanning = True
        self.open_cells: set[Cell] = {cell for cell in design.holding if cell}
        self._close()

    def go(self) -> None:
        for position, context in enumerate(self.design.rule.order, start=1):
            cells = self.design.cells.get(context, frozenset()) & self.open_cells
            found = {cell: self.replies[context, cell] for cell in cells}
            if not all(each.complete for each in found.values()):
                return
            if not found:
                continue
            self.used += 1
            for cell, each in found.items():
                self._count(cell, each)
            for hypothesis in self.design.hypotheses:
                if self._spanning if hypothesis.cell is None else hypothesis.cell in self.open_cells:
                    self.ends[hypothesis] = position
            if self._is_settled():
                self.settled = True
                return
            self._close()

    def _count(self, cell: Cell, found: _Replies) -> None:
        planned, base, cand = self.counts
        self.counts = (planned + found.planned, base + found.base, cand + found.cand)
        tally = self._by_cell.setdefault(cell, [0, 0])
        tally[0] += found.planned
        tally[1] += found.either

    def thin(self) -> dict[Cell, tuple[int, int]]:
        """Return the cells with more replies without a scored pair than allowed: how many, of how many."""
        allowed = 2 * self.design.rule.policy.defaults.max_invalid
        return {cell: (bad, n) for cell, (n, bad) in self._by_cell.items() if bad > allowed * n}

    def _spoilt(self) -> bool:
        planned, base, cand = self.counts
        return max(base, cand) > self.design.rule.policy.defaults.max_invalid * planned

    def _is_settled(self) -> bool:
        if self._spoilt() or self.thin():
            return False
        failed = any(each.required and self._failed(each) for each in self.design.hypotheses)
        return failed or all(map(self._proven, self.design.counted))

    def _close(self) -> None:
        """Close the rows over all tasks together, so that they speak of whole rounds; then each cell by itself."""
        if self._spoilt():
            return
        self._spanning = self._spanning and self._is_open(None)
        needed = self.design.kept if self._spanning else frozenset()
        self.open_cells = {cell for cell in self.open_cells if cell in needed | set(self.thin()) or self._is_open(cell)}

    def _is_open(self, cell: Cell | None) -> bool:
        return not all(map(self._done, self.design.holding.get(cell, ())))

    def _done(self, hypothesis: Hypothesis) -> bool:
        return self._proven(hypothesis) or self._failed(hypothesis)

    def _proven(self, hypothesis: Hypothesis) -> bool:
        return _proven(self.tracks[hypothesis], self.ends[hypothesis], self.design.rule)

    def _failed(self, hypothesis: Hypothesis) -> bool:
        return _failed(hypothesis, self.tracks[hypothesis], self.ends[hypothesis], self.design.rule)


def _proven(track: Track, end: int, rule: StoppingRule) -> bool:
    return bool(track.proof[end] >= 1 / rule.policy.defaults.alpha)


def _failed(hypothesis: Hypothesis, track: Track, end: int, rule: StoppingRule) -> bool:
    if track.harm[end] < hypothesis.threshold or _proven(track, end, rule):
        return False
    return hypothesis.place.scope == "slice" or bool(track.mean[end] > hypothesis.margin)
