"""Runs without text of users: what is left out of a report that may be shown to people who may not see the data.

Runs are redacted before anything is written, so that no format and no section can show what was removed. Verdicts are
given on the runs as they are, for rules of a policy speak of slices by their values; what their sentences say of
slices, tasks and samples is replaced afterwards. The names of samples are replaced by hashes of their name, prompt and
right answer: a name alone cannot be tried out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, overload

from harness.declared import Claim, Declared
from harness.gate.verdict import Verdict, VerdictRow
from harness.gate.wording import name_of
from harness.records import Recipe, Reply, Result, Score
from harness.store import Run, RunInfo

REMOVED = "[removed]"
NOTE = (
    "Redacted: questions, right answers, replies, reasoning, passages, error messages, names of samples, "
    "settings that are text, paths and addresses are removed{slices}. Left are the names of sweeps, models, tasks' "
    "families, axes and failure modes, lengths, depths, counts, times, tokens and money."
)
KEPT_AXES = {"length_tokens", "depth", "control", "control_of"}
KEPT_TABLES = {"sweep", "model", "sampling", "price", "self_hosted", "packages"}
KEPT_TEXTS = {"name", "adapter", "role", "kind", "harness", "python", "platform", "cpu", "git", "measure", "from"}
PATH_LIKE = re.compile(r"^[./~]|://|\\|/.*/|\.(gguf|safetensors|bin|jsonl?|csv|parquet|toml)$")
MODE = re.compile(r"^[a-z][a-z_]*(\.[a-z0-9_]+)*$")
SHORTEST = 3
"""Characters of a private text that is looked for in sentences: shorter ones stand in any sentence."""

EDGE = 24
"""Characters of a long private text by whose start it is found where a sentence quotes only a part of it."""


def removed(text: str) -> str:
    """Return what stands for a text: its length; nothing for nothing."""
    return f"{REMOVED} ({len(text):,} characters)" if text else ""


@dataclass(frozen=True, eq=False)
class Redaction:
    """What is replaced by what, the same in all runs of a report.

    Attributes:
        tasks: labels that are not the task's own name.
        slices: values of axes, by axis and value; empty where they stay.
        private: texts that no sentence may hold.
        slices_kept: whether values of slices stay.
    """

    tasks: Mapping[str, str]
    slices: Mapping[tuple[str, str], str]
    private: frozenset[str]
    slices_kept: bool

    @property
    def note(self) -> str:
        """What was removed and what is left, as a sentence for the report."""
        return NOTE.format(slices="" if self.slices_kept else ", and so are the values of slices")

    def run(self, run: Run) -> Run:
        """Return a run without text of users."""
        asked = {(_name(run, each), each.replicate): run.pair_sha256(each) for each in run.results}
        return Run(self._info(run.info), Redacted(run, self), asked)

    def result(self, run: Run, result: Result) -> Result:
        """Return a result without text of users."""
        error = result.reply.error
        return replace(
            result,
            sample_id=_name(run, result),
            task=self.task(result.task),
            context_id=f"context-{_hashed(result.context_id)}",
            axes={name: self._axis(name, value) for name, value in result.axes.items()},
            recipe=_recipe(result.recipe),
            expected_by=_counter(result.expected_by),
            gold=tuple(map(removed, result.gold)),
            prompt_sha256="",
            reply=replace(
                _reply(result.reply), error=replace(error, message=removed(error.message)) if error else None
            ),
            score=_score(result.score) if result.score else None,
        )

    def task(self, name: str) -> str:
        """Return what a task is called."""
        return self.tasks.get(name, name)

    def verdict(self, verdict: Verdict) -> Verdict:
        """Return a verdict that names no slice and no sample."""
        rows = [self._row(row) for row in verdict.rows]
        names = {name_of(old): name_of(new) for old, new in zip(verdict.rows, rows, strict=True)}
        names |= {f"{axis}={value}": f"{axis}={new}" for (axis, value), new in self.slices.items()}
        names |= self.tasks
        swapped = sorted(((old, new) for old, new in names.items() if old != new), key=lambda each: -len(each[0]))

        def clean(text: str) -> str:
            for old, new in swapped:
                text = text.replace(old, new)
            return self._checked(text)

        return replace(
            verdict,
            sentence=clean(verdict.sentence),
            notes=tuple(map(clean, verdict.notes)),
            icc_source=clean(verdict.icc_source),
            rows=tuple(replace(row, reason=clean(row.reason), rule=row.rule.partition(" (task")[0]) for row in rows),
        )

    def declared(self, declared: Declared) -> Declared:
        """Return what is declared, its numbers alone."""
        decision = declared.decision
        words = {"work": removed(decision.work), "data_sensitivity": removed(decision.data_sensitivity)}
        return replace(
            declared,
            decision=decision.model_copy(update=words),
            claims=tuple(map(self._claim, declared.claims)),
            curve=tuple(point.model_copy(update={"source": removed(point.source)}) for point in declared.curve),
        )

    def _claim(self, claim: Claim) -> Claim:
        task = None if claim.task is None else self.task(claim.task)
        return claim.model_copy(update={"says": removed(claim.says), "source": removed(claim.source), "task": task})

    def _axis(self, name: str, value: Any) -> Any:
        return self.slices.get((name, str(value)), value)

    def _row(self, row: VerdictRow) -> VerdictRow:
        axis, equals, value = row.part.partition("=")
        part = f"{axis}={self.slices.get((axis, value), value)}" if equals and row.scope == "slice" else row.part
        return replace(row, task=self.task(row.task), part=part)

    def _checked(self, text: str) -> str:
        """Return a sentence, or what stands for it where it quotes a private text."""
        return removed(text) if any(each in text for each in self.private) else text

    def _info(self, info: RunInfo) -> RunInfo:
        accepted = info.accepted
        return replace(
            info,
            config=_settings(info.config),
            identity=_settings(info.identity),
            environment=_settings(info.environment),
            floors={self.task(name): value for name, value in info.floors.items()},
            accepted=replace(accepted, reason=removed(accepted.reason), by=removed(accepted.by)) if accepted else None,
        )


class Redacted(Sequence[Result]):
    """The results of a run without text of users, made when they are asked for."""

    def __init__(self, run: Run, redaction: Redaction) -> None:
        self._run, self._redaction = run, redaction

    def __len__(self) -> int:
        return len(self._run.results)

    @overload
    def __getitem__(self, place: int) -> Result: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Result, ...]: ...
    def __getitem__(self, place: int | slice) -> Result | tuple[Result, ...]:
        if isinstance(place, slice):
            return tuple(self[i] for i in range(*place.indices(len(self))))
        return self._redaction.result(self._run, self._run.results[place])

    def __iter__(self) -> Iterator[Result]:
        return (self._redaction.result(self._run, result) for result in self._run.results)


def make_redaction(runs: Sequence[Run], *, slices_kept: bool) -> Redaction:
    """Look through all runs of a report for what must not be shown."""
    labels: dict[str, str] = {}
    values: dict[str, set[str]] = {}
    private: set[str] = set()
    for run in runs:
        private |= set(_texts(run.info.config)) | set(_texts(run.info.identity))
        if run.info.accepted:
            private |= {run.info.accepted.reason, run.info.accepted.by}
        for result in run.results:
            labels[result.task] = result.recipe.task
            for axis, value in result.axes.items():
                if axis not in KEPT_AXES and not isinstance(value, bool):
                    values.setdefault(axis, set()).add(str(value))
            private |= {result.sample_id, result.context_id, *result.gold}
            private |= {result.reply.served_model, result.expected_by, result.recipe.counter} - {"reference"}
            if result.reply.error:
                private.add(result.reply.error.message)
    slices = (
        {} if slices_kept else {(axis, each): new for axis, found in values.items() for each, new in _numbered(found)}
    )
    own = sorted(label for label, name in labels.items() if label != name)
    tasks = {label: f"{labels[label]} no. {number}" for number, label in enumerate(own, start=1)}
    if not slices_kept:
        private |= {value for found in values.values() for value in found if not value.replace(".", "").isdigit()}
    kept = {*labels.values(), *(run.info.model for run in runs), *(run.info.sweep for run in runs)}
    needles = {needle for text in private - kept for needle in _needles(text)}
    return Redaction(tasks, slices, frozenset(needles), slices_kept)


def _numbered(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Number the values of an axis in an order that tells nothing about them."""
    for number, value in enumerate(sorted(values, key=_hashed), start=1):
        yield value, f"value {number}"


def _needles(text: str) -> Iterator[str]:
    """Yield what a text is found by in a sentence, also where that quotes its start alone, or as JSON."""
    if len(text) >= SHORTEST and not text.isdigit():
        yield text[:EDGE]
        yield json.dumps(text)[1:-1][:EDGE]


def _texts(settings: Any) -> Iterator[str]:
    """Yield the texts of settings that are removed."""
    if isinstance(settings, Mapping):
        for key, value in settings.items():
            if not (isinstance(value, str) and _kept(str(key), value)):
                yield from _texts(value)
    elif isinstance(settings, list | tuple):
        for value in settings:
            yield from _texts(value)
    elif isinstance(settings, str):
        yield settings


def _settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without their texts: numbers stay, and names that say nothing of the data."""
    return {str(key): _setting(str(key), value) for key, value in settings.items() if key != "imported"}


def _setting(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        if key in KEPT_TABLES:
            return _settings(value)
        return f"{REMOVED} ({len(value)} keys)" if value else {}
    if isinstance(value, list | tuple):
        if key == "task":
            return [_task(task) for task in value]
        return (
            list(value) if all(isinstance(each, int | float) for each in value) else f"{REMOVED} ({len(value)} values)"
        )
    if isinstance(value, str):
        return value if _kept(key, value) else removed(value)
    return value


def _task(task: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in task.items() if key != "label"}
    return {
        str(key): _setting(str(key), value) if not isinstance(value, Mapping) else REMOVED
        for key, value in kept.items()
    }


def _kept(key: str, value: str) -> bool:
    """Tell whether a text of settings stays: a version, a name from a list, or a model's public name."""
    if key == "model":
        return not PATH_LIKE.search(value)
    return key in KEPT_TEXTS or bool(re.fullmatch(r"\d+(\.\w+)*", value))


def _name(run: Run, result: Result) -> str:
    return f"sample-{_hashed(result.sample_id + run.pair_sha256(result))}"


def _hashed(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _recipe(recipe: Recipe) -> Recipe:
    return replace(recipe, params={}, counter=_counter(recipe.counter))


def _counter(name: str) -> str:
    """Return the name of a token counter: all but the reference one name a tokenizer's file or a server."""
    return name if name == "reference" else removed(name)


def _reply(reply: Reply) -> Reply:
    return replace(
        reply, text=removed(reply.text), reasoning=removed(reply.reasoning), served_model=removed(reply.served_model)
    )


def _score(score: Score) -> Score:
    return replace(
        score,
        mode=score.mode if score.mode is None or MODE.match(score.mode) else REMOVED,
        flags=(),
        answer=tuple(map(removed, score.answer)),
        evidence=removed(score.evidence),
        metrics={},
    )
