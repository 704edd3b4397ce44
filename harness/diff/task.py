"""Logged requests as a task without right answers, so that the engine asks them and runs hold the replies.

Requests that are not independent of each other are samples of one context.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from harness.contracts import Cell, Counter, Task
from harness.diff.config import DiffTable
from harness.diff.contexts import Contexts, contexts_of
from harness.diff.log import Logged
from harness.diff.redact import Redactor
from harness.hashing import content_sha256
from harness.plan import CellPlan, Plan
from harness.records import Axis, Message, Recipe, Reply, Sample, Score

NAME = "requests"
FORMS = ("response_format", "stop")
"""Fields of a request that say what an answer is, not how it is drawn."""


class RequestsTask(Task):
    """Asks the requests of a log."""

    name = NAME
    version = "1"
    summary = "logged requests, without right answers"
    given = True
    graded = False

    def __init__(self, groups: Sequence[Sequence[tuple[Sample, tuple[Message, ...]]]], answer_budget: int) -> None:
        super().__init__({"answer_budget": answer_budget})
        self._groups = groups
        self._messages = {sample.id: messages for group in groups for sample, messages in group}

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        """Yield the requests of these contexts."""
        for index in cell.contexts:
            yield from (sample for sample, _ in self._groups[index])

    def prompt(self, sample: Sample) -> list[Message]:
        """Return the turns as they are sent."""
        return list(self._messages[sample.id])

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Never called: the task is not graded."""
        raise NotImplementedError

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Find nothing: nobody knows the right answer."""
        return ()

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write values down in one line."""
        return ", ".join(gold) or "none"


class Requests:
    """The requests of a log, ready to be asked and shown.

    Attributes:
        shown: by sample, the redacted turns; `logged`, the request itself, for its schema.
        axes: by sample, its columns, redacted, and its `length`.
        contexts: by sample, its context.
        too_long: how many were left out for their length.
        templated: how many begin with what so many share that it was not taken for a context.
    """

    def __init__(
        self, requests: Sequence[Logged], table: DiffTable, redactor: Redactor, counter: Counter, *, redact_sent: bool
    ) -> None:
        self._table, self._redactor, self._counter = table, redactor, counter
        self.shown = {each.id: tuple(map(redactor.message, each.messages)) for each in requests}
        sizes = {each.id: self._size(each) for each in requests}
        kept = [each for each in requests if table.max_length is None or sum(sizes[each.id]) <= table.max_length]
        self.too_long = len(requests) - len(kept)
        self.longest = max((sum(sizes[each.id]) for each in kept), default=1)
        self._found = contexts_of(kept)
        groups = _grouped(kept, self._found)
        names = {each.id: f"{NAME}/{redactor.redact(each.id)}" for each in kept}
        most = max(map(len, groups), default=1)
        self._groups = [
            [
                (self._sample(each, names[each.id], (index, at, most), sizes[each.id]), self._sent(each, redact_sent))
                for at, each in enumerate(group)
            ]
            for index, group in enumerate(groups)
        ]
        self.shown = {names[each.id]: self.shown[each.id] for each in kept}
        self.logged = {names[each.id]: each for each in kept}
        samples = [sample for group in self._groups for sample, _ in group]
        self.axes: Mapping[str, Mapping[str, Axis]] = {sample.id: sample.axes for sample in samples}
        self.contexts = {sample.id: sample.context_id for sample in samples}

        self.templated = self._found.templated

    def plan(self, seed: int) -> Plan:
        """Return the plan that asks them all once for each of a model's runs."""
        task = RequestsTask(self._groups, max((s.answer_budget for group in self._groups for s, _ in group), default=1))
        tokens = {at: {q: s.prompt_tokens for q, (s, _) in enumerate(group)} for at, group in enumerate(self._groups)}
        wanted = {at: tuple(range(len(group))) for at, group in enumerate(self._groups)}
        n = len(self.logged)
        cell = CellPlan(task, self.longest, max(map(len, self._groups)), wanted, NAME, n, tokens=tokens)
        return Plan((cell,), self._counter, seed, planned=n, planned_controls=0, limited=False)

    def _size(self, request: Logged) -> tuple[int, int]:
        tokens = sum(self._counter.count(message.content) for message in request.messages)
        return tokens, request.max_tokens or self._table.max_tokens

    def _sent(self, request: Logged, redacted: bool) -> tuple[Message, ...]:
        return self.shown[request.id] if redacted else request.messages

    def _sample(self, request: Logged, name: str, place: tuple[int, int, int], size: tuple[int, int]) -> Sample:
        context, question, questions = place
        own = request.sampling
        sampling = own if self._table.sampling == "logged" else {key: own[key] for key in FORMS if key in own}
        wanted = self._table.columns
        columns = {
            self._redactor.redact(key): self._redactor.axis(value)
            for key, value in request.columns.items()
            if wanted is None or key in wanted
        }
        return Sample(
            id=name,
            task=NAME,
            version=RequestsTask.version,
            context_id=f"{NAME}/{_digest(self._found.keys[request.id])}",
            gold=(),
            question="",
            spans=(),
            axes={**columns, "length_tokens": _bucket(sum(size))},
            recipe=Recipe(
                task=NAME,
                seed=0,
                params={},
                length=self.longest,
                counter=self._counter.name,
                context=context,
                question=question,
                questions=questions,
            ),
            prompt_tokens=size[0],
            answer_budget=size[1],
            data={"sampling": dict(sampling)} if sampling else {},
        )


def pins(log_text: str, table: DiffTable, *, redact_sent: bool) -> dict[str, object]:
    """Return what a run of these requests must match to be continued; neither requests nor patterns are in it."""
    return {
        "log_sha256": sha256(log_text.encode("utf-8", "surrogatepass")).hexdigest(),
        "diff_sha256": content_sha256(table.model_dump(exclude={"label", "columns"})),
        "redact": sorted({*table.redact, *table.patterns}),
        "redact_sent": redact_sent,
    }


def _grouped(requests: Sequence[Logged], contexts: Contexts) -> list[list[Logged]]:
    groups: dict[str, list[Logged]] = {}
    for each in requests:
        groups.setdefault(contexts.keys[each.id], []).append(each)
    return list(groups.values())


def _bucket(tokens: int) -> int:
    """Return the power of two that holds so many tokens."""
    return 1 << max(tokens - 1, 0).bit_length()


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def left_out_lines(reasons: Mapping[str, tuple[int, int]], too_long: int, longest: int | None) -> tuple[str, ...]:
    """Say which requests are not asked, and why."""
    found = [f"{count} {reason} (the first on line {first})" for reason, (count, first) in reasons.items()]
    found += [f"{too_long} longer than max_length = {longest}"] if too_long else []
    return tuple(found)
