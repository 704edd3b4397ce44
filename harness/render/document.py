"""What a report says, as plain records: what its JSON holds, and what Markdown and the terminal are written from.

Nothing is computed here: every number is taken from the verdicts and view models that the page is written from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.declared import Price
from harness.gate.verdict import State, Verdict
from harness.load_curve import LoadPoint
from harness.records import Estimate

SCHEMA = "longcontext-harness/report@1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A run that the report speaks of.

    Attributes:
        name: `SWEEP/MODEL`, and `label`, what the report calls it.
        kind: `model`, `control` or `simulated`: numbers of the last two say nothing about a language model.
        role: `baseline`, `candidate`, `positive-control` or `repeat`.
        planned: replies that a complete run has, and `replies` those that are there.
        missing: planned replies that are not there.
        without_score: number of replies without a score, by what went wrong.
        facts: how it was asked, and what answered.
    """

    name: str
    label: str
    kind: str
    role: str
    planned: int
    replies: int
    missing: int
    without_score: Mapping[str, int]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One row of two runs side by side without a verdict.

    Attributes:
        task: of the row; empty over all, where `length` is null.
        right_baseline: share of right answers, likewise `right`.
        drop: baseline minus candidate; positive is worse.
        losses: samples that the candidate does worse, likewise `gains`.
    """

    baseline: str
    candidate: str
    task: str
    length: int | None
    right_baseline: Estimate
    right: Estimate
    drop: Estimate
    losses: int
    gains: int
    contexts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaired:
    """Two runs that cannot be compared, and why."""

    baseline: str
    candidate: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Share right of a model at a task and length; only of runs that no verdict speaks of."""

    model: str
    task: str
    length: int
    right: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthShare:
    """Share right at one length, in tokens."""

    length: int
    right: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricMean:
    """Mean of a metric that a task notes beside right and wrong, in its own unit; it decides nothing."""

    model: str
    task: str
    length: int
    metric: str
    mean: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveContext:
    """Up to which length a model holds, by its effective context length: see docs/report.md.

    Attributes:
        task: whose curve it is; empty for all tasks that were asked at the same lengths.
        threshold: share right that every length up to it reaches.
        length: the effective length in tokens; null below the shortest one tested. `low` and `high` are its interval.
        words: the same as the page writes it, and `interval_words` its interval.
        proven: the longest length at which the verdict proves that no more is lost than is allowed; null for none.
        curve: the shares right that it is read off.
    """

    model: str
    task: str
    threshold: float
    length: int | None
    low: int | None
    high: int | None
    words: str
    interval_words: str
    proven: int | None
    curve: tuple[LengthShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthPart:
    """Share right in one fifth of the text, all lengths together; `drop` from the baseline, null without one."""

    model: str
    baseline: str | None
    task: str
    depth: str
    right: Estimate
    drop: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthCell:
    """A cell of a map of length by depth: a lead, not a verdict.

    Attributes:
        baseline: what a drop is measured from; null where the share right is given.
        right: share right; null in a map of drops.
        drop: from the baseline; null in a map of shares.
    """

    model: str
    baseline: str | None
    task: str
    length: int
    depth: str
    right: Estimate | None
    drop: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeLoss:
    """What a failure mode costs a model: a share of all its questions.

    Attributes:
        mode: its name; empty for all wrong answers together.
        lost_baseline: the same of the baseline; null where there is none.
        rise: from the baseline; positive is worse.
    """

    model: str
    baseline: str | None
    mode: str
    lost: Estimate
    lost_baseline: Estimate | None
    rise: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Why points are lost at a length; null where a control was not asked.

    Attributes:
        known: share right without the text.
        reasoning: lost with nothing but the evidence; `finding`, on top of that; `length_loss`, on top at this length.
    """

    model: str
    task: str
    length: int
    right: Estimate
    known: Estimate | None
    reasoning: Estimate | None
    finding: Estimate | None
    length_loss: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What tasks cost a model, at one length or, where `length` is null, over all.

    Attributes:
        prompt_tokens: mean of a task, likewise the others.
        per_1000: money for 1,000 tasks, with its interval over contexts.
        price: declared, for a million tokens.
        at_most: whether the cost is an upper bound.
        computed: what follows from measured tokens and declared prices, as the page writes it.
    """

    model: str
    length: int | None
    prompt_tokens: Estimate
    cached_tokens: Estimate
    output_tokens: Estimate
    right: Estimate
    per_1000: Estimate
    price: Price | None
    at_most: bool
    computed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a candidate saves against its baseline at stated prices, as the page writes it.

    Attributes:
        tasks: by how much its tasks cost less or more; `correct_tasks` its right answers.
        at_most: whether one of the two costs is an upper bound.
    """

    model: str
    baseline: str
    tasks: str
    correct_tasks: str
    at_most: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """Machines of one's own for a model: what is computed of them, as the page writes it."""

    model: str
    computed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """Seconds of replies as seen in the sweep, which is no load test; `p95` is null with few of them."""

    model: str
    length: int
    n: int
    p50: float
    p95: float | None
    concurrency: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition under which machines of one's own are the lower risk, with its evidence and mark."""

    model: str
    name: str
    holds_if: str
    state: str
    mark: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What others claim of a model, beside what was measured; empty where nothing was."""

    model: str
    what: str
    claimed: str
    found: str
    mark: str
    rests_on: str
    source: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReply:
    """A reply to read, chosen by the rule that docs/report.md states. Its texts are as the page shows them, cut.

    Attributes:
        kind: `lost`, `gained`, `wrong` or `no score`.
        expected: the right answer as values; empty where there is none.
        read: what was read from the reply.
        command: shows the prompt, built again, and the whole reply.
    """

    model: str
    kind: str
    sample_id: str
    replicate: int
    task: str
    length: int
    depth: str
    mode: str
    question: str
    expected: tuple[str, ...]
    read: tuple[str, ...]
    evidence: str
    reply: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """How many replies of a kind are shown of those that there are."""

    model: str
    kind: str
    shown: int
    all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts that some models share: what was asked, by which terms, or where it ran."""

    about: str
    models: tuple[str, ...]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """All that a report says, in its order.

    Attributes:
        sweeps: that the runs are from.
        decided: whether verdicts are given; false says that no policy was applied.
        tally: number of candidates, positive controls left out, by state.
        side_by_side: pairs that no verdict speaks of, and `unpaired` those that cannot be compared.
        limits: what the report does not show, as sentences.
        tasks: what each task asks.
        meanings: what a reply of a failure mode does, by the mode.
        again: commands that ask the models and make the report once more.
    """

    sweeps: tuple[str, ...]
    decided: bool
    tally: Mapping[State, int]
    verdicts: tuple[Verdict, ...]
    models: tuple[Model, ...]
    side_by_side: tuple[Pair, ...]
    unpaired: tuple[Unpaired, ...]
    shares: tuple[Share, ...]
    metrics: tuple[MetricMean, ...]
    effective: tuple[EffectiveContext, ...]
    positions: tuple[DepthPart, ...]
    depths: tuple[DepthCell, ...]
    modes: tuple[ModeLoss, ...]
    meanings: Mapping[str, str]
    tasks: Mapping[str, str]
    losses: tuple[Loss, ...]
    costs: tuple[Cost, ...]
    savings: tuple[Saved, ...]
    machines: tuple[Machines, ...]
    seconds: tuple[Seconds, ...]
    load_curve: tuple[LoadPoint, ...]
    decision: tuple[Condition, ...]
    claims: tuple[Claimed, ...]
    replies: tuple[ShownReply, ...]
    replies_shown: tuple[Chosen, ...]
    limits: tuple[str, ...]
    facts: tuple[Facts, ...]
    again: tuple[str, ...]
