"""A log of another harness as a run of ours.

What a log does not say is unknown here too: no finish reason, no tokens, no times, no depth. Prompts are not kept, only
their hash, as in every run; a prompt's length is counted by the reference counter and is an estimate. What must agree
for two logs to be compared stands in the run's configuration under `imported.fields`, and pairing names the field.
"""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.contexts import counter_named
from harness.engine.integrity import ESTIMATED_SHARE
from harness.errors import ConfigError
from harness.interop.foreign import column, file_sha256, is_number, plain, shown, text_of
from harness.reading import UNATTRIBUTED, general_modes
from harness.records import Axis, Outcome, Recipe, Reply, Result, Score
from harness.sizes import UNKNOWN_SIZE
from harness.store.run_dir import RunInfo

COUNTER = "reference"
SHORTEST = 1024
LONGEST_VALUE = 80
SURELY = 1.2
"""By how much the reference counter must exceed a window: it is an estimate."""

THE_LOG = "the log says so"
NO_RULE = "no rule says why it is wrong"
ANY_RIGHT = 1.0
"""Value from which a reply is right where nobody says otherwise."""

RESERVED_AXES = ("length_tokens", "control")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One scored reply of a log.

    Attributes:
        task: as the log names it, and its `version`.
        name: of the sample in its task, never its position; with `replicate` it is unique.
        asked_sha256: hash of what was asked, by which two logs are paired.
        gold: the right answer as the log has it.
        question: what people read of the prompt.
        prompt: what was sent, as text; None where the log does not keep it.
        reply: as far as the log says.
        replied: whether the log has the reply's text.
        value: what it earned, 0 to 1; None where the log has no score.
        right: False where a value may not count as right, whatever it is.
        mode: how it is wrong, where the log says so.
        metrics: the log's other scores, each named `metric@version`.
        columns: what it may be clustered and sliced by, nested.
        length: tokens of the task's length, where the log states them.
        context: the context, where the log is our own export.
        kept: what an export needs to give the log's own fields back.
        ours: the score that a run of ours had, where the log is our own export.
    """

    task: str
    version: str
    name: str
    asked_sha256: str
    gold: tuple[str, ...]
    question: str
    prompt: str | None
    reply: Reply
    value: float | None
    replicate: int = 0
    replied: bool = True
    right: bool = True
    mode: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    length: int | None = None
    context: str = ""
    kept: Mapping[str, Any] = field(default_factory=dict)
    ours: Score | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log, read.

    Attributes:
        harness: who wrote it: `lm-eval`, `inspect`, `nemo-evaluator`.
        model: as the log names it.
        kind: `model`; `control` or `simulated` where no language model is behind it.
        fields: what must agree for two logs to be compared, by name; a missing one is unknown.
        taken: for each task, what was taken as the score.
        planned: replies that a complete log has.
        floors: what guessing earns, by task.
        identity: what the log says about who answered.
        notes: what a person must know about it.
        window: tokens of the longest prompt that was sent whole, where the log says so.
        files: what was read.
    """

    harness: str
    model: str
    entries: tuple[Entry, ...]
    fields: Mapping[str, Any]
    taken: Mapping[str, str]
    files: tuple[Path, ...]
    planned: int
    kind: str = "model"
    floors: Mapping[str, float] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    window: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person chose about an import.

    Attributes:
        metric: the score to take; empty for the first that is one. Likewise `filter`, of lm-eval.
        correct_at: value from which a reply is right.
        cluster_by: column whose equal values are one context; empty for every question by itself.
        slices: columns that become axes.
    """

    metric: str = ""
    filter: str = ""
    correct_at: float = ANY_RIGHT
    cluster_by: str = ""
    slices: tuple[str, ...] = ()


def names_of(log: Log) -> tuple[str, str]:
    """Return what the sweep and the model of an imported log are called, where nobody says."""
    tasks = sorted({entry.task for entry in log.entries})
    return name_of(tasks[0] if len(tasks) == 1 else log.harness), name_of(log.model)


def name_of(text: str) -> str:
    """Return a text as a name that a folder may have."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", text).lstrip("._-")[:80]
    return name or "unnamed"


def info_of(log: Log, choices: Choices, name: tuple[str, str], role: str, environment: Mapping[str, Any]) -> RunInfo:
    """Return what `run.json` says of an imported log; its path is left for the caller.

    Args:
        log: what was read, with all notes.
        choices: what a person chose.
        name: of the sweep and the model.
        role: `baseline` or `candidate`.
        environment: where it was imported.
    """
    imported = {
        "from": log.harness,
        "files_sha256": file_sha256(log.files),
        "cluster_by": choices.cluster_by,
        "correct_at": choices.correct_at,
        "taken": plain(log.taken),
        "fields": plain(log.fields),
    }
    return RunInfo(
        sweep=name[0],
        model=name[1],
        kind=log.kind,
        role=role,
        path=Path(),
        config={
            "sweep": {"name": name[0], "tokenizer": COUNTER},
            "model": {"name": name[1], "role": role},
            "imported": imported,
        },
        planned=max(log.planned, len(log.entries)),
        identity=plain({**log.identity, "model": log.model, "notes": log.notes}),
        environment=environment,
        floors=plain(log.floors),
    )


def notes_of(log: Log, results: Sequence[Result]) -> tuple[str, ...]:
    """Return what a person must know of an imported log, the prompts that were surely cut among it."""
    notes, window = list(log.notes), log.window or 0
    cut = sum(result.expected_tokens > window * SURELY for result in results) if window else 0
    if cut:
        told = f"prompts longer than the max_length of {window} tokens, of which the model did not see the start"
        notes.append(f"{told}: {cut}")
    short = sum(
        (result.reply.usage.prompt_tokens or result.expected_tokens) < ESTIMATED_SHARE * result.expected_tokens
        for result in results
    )
    if short:
        notes.append(f"prompts that the server may have cut, for it counted far fewer tokens than they have: {short}")
    return tuple(notes)


def results_of(log: Log, choices: Choices) -> list[Result]:
    """Return the results of an imported log, in the order of their names.

    Raises:
        ConfigError: two replies share a name, or a column cannot be used.
    """
    _check_names(log)
    _check_slices(log, choices.slices)
    contexts: dict[str, tuple[int, dict[str, int]]] = {}
    counter = counter_named(COUNTER)
    results = []
    for entry in sorted(log.entries, key=lambda each: (each.task, each.name, each.replicate)):
        name = sample_id(entry)
        context = _context(entry, name, choices.cluster_by)
        place, asked = contexts.setdefault(context, (len(contexts), {}))
        question = asked.setdefault(name, len(asked))
        tokens = None if entry.prompt is None else counter.count(entry.prompt)
        length = entry.length or (UNKNOWN_SIZE if tokens is None else bucket(tokens))
        score = _score(entry, choices.correct_at)
        outcome: Outcome = "invalid" if score is None else "scored"
        results.append(
            Result(
                sample_id=name,
                task=str(plain(entry.task)),
                version=str(plain(entry.version)),
                context_id=context,
                replicate=entry.replicate,
                axes=_axes(entry, length, choices.slices),
                recipe=Recipe(
                    task=entry.task,
                    seed=0,
                    params={"question": entry.question, **plain(entry.kept)},
                    length=length,
                    counter=COUNTER,
                    context=place,
                    question=question,
                    questions=1,
                ),
                gold=entry.gold,
                prompt_sha256=entry.asked_sha256,
                expected_tokens=tokens or 0,
                expected_by=COUNTER if tokens is not None else "",
                outcome=outcome,
                reply=entry.reply,
                score=score,
            )
        )
    return results


def sample_id(entry: Entry) -> str:
    """Return the name of a sample in a run: `task/name`."""
    name = entry.name if entry.name.startswith(f"{entry.task}/") else f"{entry.task}/{entry.name}"
    return str(plain(name))


def bucket(tokens: int) -> int:
    """Return the smallest of 1k, 2k, 4k … that holds so many tokens."""
    return max(SHORTEST, 1 << max(tokens - 1, 0).bit_length())


def question_of(result: Result) -> str:
    """Return what people read of the prompt of an imported result."""
    return str(result.recipe.params.get("question", ""))


def _check_names(log: Log) -> None:
    names = Tally((entry.task, entry.name, entry.replicate) for entry in log.entries)
    twice = [key for key, count in names.items() if count > 1]
    if twice:
        raise ConfigError(
            f"the log has {shown('/'.join(map(str, twice[0])))} more than once"
            + (f", and {len(twice) - 1} others" if len(twice) > 1 else ""),
            where=", ".join(map(str, log.files[:3])),
            fix="import the log of one run; two runs of one model are two imports with names of their own",
        )


def _check_slices(log: Log, slices: Sequence[str]) -> None:
    for path in slices:
        if path.rpartition(".")[2] in RESERVED_AXES:
            raise ConfigError(f"{path.rpartition('.')[2]!r} cannot be the name of a slice", found=path)
        if all(column(entry.columns, path) is None for entry in log.entries):
            known = ", ".join(_paths(log.entries[0].columns))
            raise ConfigError(f"no sample has the column {path!r}", where="--slices", allowed=known)


def _context(entry: Entry, name: str, cluster_by: str) -> str:
    if not cluster_by:
        return str(plain(entry.context)) or name
    value = column(entry.columns, cluster_by)
    if value is None:
        known = ", ".join(sorted(_paths(entry.columns)))
        raise ConfigError(f"{shown(name)} has no column {cluster_by!r}", where="--cluster-by", allowed=known)
    return str(plain(f"{entry.task}/{cluster_by}={text_of(value)}"))


def _axes(entry: Entry, length: int, slices: Sequence[str]) -> dict[str, Axis]:
    axes: dict[str, Axis] = {} if length == UNKNOWN_SIZE else {"length_tokens": length}
    for path in slices:
        name, value = path.rpartition(".")[2], column(entry.columns, path)
        if value is None:
            continue
        if not (isinstance(value, str | bool) or is_number(value)) or len(str(value)) > LONGEST_VALUE:
            raise ConfigError(
                f"the column {path!r} cannot be a slice",
                found=shown(value),
                allowed=f"numbers, true or false, and texts of up to {LONGEST_VALUE} characters",
            )
        axes[name] = plain(value)
    return axes


def _paths(columns: Mapping[str, Any], before: str = "") -> list[str]:
    found = []
    for key, value in columns.items():
        found += _paths(value, f"{before}{key}.") if isinstance(value, Mapping) else [f"{before}{key}"]
    return found[:40]


def _score(entry: Entry, correct_at: float) -> Score | None:
    if entry.value is None or entry.reply.error:
        return None
    if entry.ours and entry.ours.value == entry.value and correct_at == ANY_RIGHT:
        return entry.ours
    correct = entry.right and entry.value >= correct_at - 1e-9
    modes = general_modes(entry.reply, entry.question, entry.prompt or "") if entry.replied else {}
    mode = None if correct else entry.mode or next(iter(modes), UNATTRIBUTED)
    return Score(
        value=entry.value,
        correct=correct,
        mode=mode,
        flags=tuple(flag for flag in modes if flag != mode),
        evidence="" if mode is None else THE_LOG if entry.mode else modes.get(mode, NO_RULE),
        answer=tuple(str(each) for each in entry.kept.get("answer", ())),
        rung="log" if entry.kept.get("answer") else "",
        metrics=dict(entry.metrics),
    )
