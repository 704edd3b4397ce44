"""The sweep: one TOML file that says which models answer which tasks at which lengths.

Values may hold `${VARIABLE}`. What is kept on disk are the placeholders, never what they stand for, and a key is only
ever named by its variable.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from harness.declared import CONCURRENCY, Claim, Decision, Price, SelfHosted, Size, check_claims
from harness.errors import ConfigError, HarnessError, UnknownName
from harness.records import Control
from harness.registry import did_you_mean, first_complaint, from_validation, make_task, model_class

Role = Literal["baseline", "candidate", "positive-control", "repeat"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SweepTable(_Table):
    """`[sweep]`: what all models share.

    Attributes:
        name: names the folder under `results/`.
        seed: of everything that is generated.
        lengths: rendered prompt plus answer budget, in tokens.
        contexts: independent contexts per task and length: the sample size of the statistics.
        questions_per_context: questions that share a context, and its prefill.
        tokenizer: `reference`, or the path of a `tokenizer.json` to fit the lengths with.
        policy: the gate's policy file; none means the default policy.
        controls: what each task is also asked, to tell why points are lost: without the context (`closed_book`), with
            nothing but the evidence in it (`oracle_context`), with a context as short as it gets (`short_base`). They
            enter no verdict, and may be added to a run later.
        repeats: how many more times the baseline is asked the same, as models of the role `repeat`: the noise floor.
    """

    name: Name
    seed: int = 0
    lengths: list[Size] = Field(min_length=1)
    contexts: int = Field(default=20, ge=1)
    questions_per_context: int = Field(default=4, ge=1)
    tokenizer: str = "reference"
    policy: str | None = None
    controls: list[Control] = Field(default_factory=list)
    repeats: int = Field(default=0, ge=0, le=9)


class ModelTable(_Table):
    """`[[model]]`: the keys every adapter shares. What is left over belongs to the adapter's own `Settings`.

    Attributes:
        name: names the run: `SWEEP/MODEL`.
        role: a positive control is damaged on purpose: a plan that passes it passes nothing. A
            repeat is the baseline asked again, perhaps elsewhere: it measures noise and gets no verdict.
        adapter: what asks the model: `harness models list` names them.
        reasoning_budget: tokens for reasoning on top of the task's answer budget.
        sampling: sent with each request; temperature 0 unless given.
        runs: replies per sample.
        concurrency: contexts asked at the same time; the questions of one context go out one after another, so that
            a server's prefix cache serves them.
        attempts: how often a request is sent before its error counts.
        price: money per million tokens.
        self_hosted: the machines that would serve it, for the report's comparison with prices.
    """

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    name: Name
    role: Role = "candidate"
    adapter: str = "openai"
    reasoning_budget: int = Field(default=0, ge=0)
    sampling: dict[str, Any] = Field(default_factory=lambda: {"temperature": 0})
    runs: int = Field(default=1, ge=1)
    concurrency: int = Field(default=CONCURRENCY, ge=1)
    attempts: int = Field(default=5, ge=1)
    price: Price | None = None
    self_hosted: SelfHosted | None = None


class TaskTable(_Table):
    """`[[task]]`: a task's name; the other keys are the task's own parameters.

    Attributes:
        name: the registered task.
        label: what results and policies call it; unset, its name. A task that is asked twice, with other parameters,
            needs one.
    """

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    name: str
    label: Name | None = None

    @property
    def called(self) -> str:
        """What results call the task."""
        return self.label or self.name


class Sweep(_Table):
    """A whole sweep, checked: every task and adapter exists and takes the keys it is given.

    Attributes:
        diff: read by `harness diff` alone.
    """

    sweep: SweepTable
    model: list[ModelTable] = Field(min_length=1)
    task: list[TaskTable] = Field(min_length=1)
    decision: Decision = Decision()
    claim: list[Claim] = Field(default_factory=list)
    diff: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [model.name for model in self.model]
        if len(set(names)) < len(names):
            raise ValueError(f"two models share a name: {', '.join(names)}")
        if sum(model.role == "baseline" for model in self.model) > 1:
            raise ValueError("two models have the role baseline")
        if len(set(self.sweep.lengths)) < len(self.sweep.lengths):
            raise ValueError("a length is named twice")
        tasks = [task.called for task in self.task]
        if len(set(tasks)) < len(tasks):
            raise ValueError(f"a task is named twice: {', '.join(tasks)}; give each a label of its own")
        return self


class LoadedSweep:
    """A sweep as read: `resolved` to run with, `raw` (placeholders intact) to keep on disk.

    Attributes:
        file: where it came from, for messages; `folder`, what its relative paths are relative to.
    """

    def __init__(self, resolved: Sweep, raw: Mapping[str, Any], file: Path, task_dirs: Sequence[Path] = ()) -> None:
        self.resolved, self.raw, self.file = resolved, raw, file
        self.folder = file.parent
        self.task_dirs = tuple(task_dirs)

    @property
    def runs(self) -> int:
        """Replies to each sample: the fewest that a model gives, since runs that differ in it cannot be compared."""
        return min(table.runs for table in self.resolved.model)

    def config_of(self, model: str) -> dict[str, Any]:
        """Return what a run of `model` must match to be continued: the sweep with this model alone.

        What cannot change a reply is left out, so that it may change: concurrency, attempts, money, the policy.
        """
        free = ("concurrency", "attempts", "price", "self_hosted")
        index = next(i for i, table in enumerate(self.resolved.model) if table.name == model)
        shared = self.resolved.sweep.model_dump(exclude={"policy", "name", "controls", "repeats"})
        defaults = self.resolved.model[index].model_dump(exclude={"name", "role", *free})
        raw = self.raw["model"][index]
        return {
            "sweep": shared,
            "model": {key: raw.get(key, value) for key, value in defaults.items()},
            "task": [task.model_dump(exclude_none=True) for task in self.resolved.task],
        }


def load_sweep(file: Path, *, sets: Iterable[str] = (), task_dirs: Sequence[Path] = ()) -> LoadedSweep:
    """Read and check a sweep.

    Args:
        file: the TOML file.
        sets: changes as `sweep.seed=3`, `model.sampling.temperature=1`, `model[NAME].base_url="…"`.
        task_dirs: folders with further task families.

    Raises:
        ConfigError: with the line, the key, what is allowed.
    """
    return make_sweep(_read(file), file, sets=sets, task_dirs=task_dirs)


def make_sweep(text: str, file: Path, *, sets: Iterable[str] = (), task_dirs: Sequence[Path] = ()) -> LoadedSweep:
    """Check the text of a sweep; `file` says where it came from, the rest is as of `load_sweep`."""
    raw = parse_sweep(text, file, sets)
    _add_repeats(raw)
    sweep = check_sweep(raw, file, text)
    _check_tasks(sweep, file, text, task_dirs)
    return LoadedSweep(_pinned(sweep, file.parent, task_dirs), raw, file, task_dirs)


def parse_sweep(text: str, file: Path, sets: Iterable[str] = ()) -> dict[str, Any]:
    """Return the tables of a sweep as written, with the changes of `sets`; nothing is checked but that it is TOML."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", where=str(file)) from None
    for change in sets:
        _apply(raw, change)
    return raw


def check_sweep(raw: Mapping[str, Any], file: Path, text: str) -> Sweep:
    """Check the tables of a sweep and its models' settings; its tasks are left to who makes them."""
    try:
        sweep = Sweep.model_validate(_resolve(raw, str(file)))
    except ValidationError as error:
        raise _complaint(error, file, text) from None
    check_claims(sweep.claim, [model.name for model in sweep.model], str(file))
    for index, model in enumerate(sweep.model):
        try:
            settings_of(model)
        except HarnessError as error:
            raise _located(error, file, text, ("model", index), f"[[model]] {model.name}") from None
    return sweep


def _add_repeats(raw: dict[str, Any]) -> None:
    """Put the baseline's repeats behind it. What is not as it should be is left to the checks that follow."""
    table, models = raw.get("sweep"), raw.get("model")
    repeats = table.get("repeats") if isinstance(table, dict) else None
    if not isinstance(repeats, int) or not isinstance(models, list):
        return
    base = next((model for model in models if isinstance(model, dict) and model.get("role") == "baseline"), None)
    if base is None and repeats:
        raise ConfigError("repeats asks the baseline again, and no model has that role", where="[sweep] repeats")
    if base is not None:
        models += [{**base, "name": f"{base.get('name')}.repeat{k}", "role": "repeat"} for k in range(1, repeats + 1)]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            "no such file", where=str(file), fix="'harness quickstart --print' shows a sweep to start from"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(file)) from None


def _resolve(value: Any, where: str) -> Any:
    """Replace `${VARIABLE}` in every string."""
    if isinstance(value, dict):
        return {key: _resolve(inner, f"{where}: {key}") for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolve(inner, where) for inner in value]
    if isinstance(value, date | datetime | time) or (isinstance(value, float) and not isfinite(value)):
        raise ConfigError(f"{value} is no plain value", where=where, fix="write a date as a string, a number as finite")
    if not isinstance(value, str):
        return value

    def variable(match: re.Match[str]) -> str:
        name = match[1]
        if name not in os.environ:
            raise ConfigError(
                f"the environment variable {name} is not set", where=where, fix=f"export {name}=… or put it into .env"
            )
        return os.environ[name]

    return re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", variable, value)


def _complaint(error: ValidationError, file: Path, text: str) -> ConfigError:
    """Turn pydantic's first complaint into one with a line and a suggestion."""
    first = first_complaint(error)
    path = first["loc"]
    table = str(path[0]) if path else ""
    tables: dict[str, type[BaseModel]] = {
        "sweep": SweepTable, "model": ModelTable, "task": TaskTable, "decision": Decision, "claim": Claim
    }  # fmt: skip
    fields = tables.get(table, Sweep).model_fields
    where = f"{file}{_line_of(text, path)}"
    shown = f"[{table}]" if table in ("sweep", "decision") else f"[[{table}]]"
    if first["type"] == "extra_forbidden":
        key = str(path[-1])
        inside = f" in {shown}" if len(path) > 1 else ""
        return ConfigError(
            f"unknown key {key!r}{inside}{did_you_mean(key, fields)}", where=where, allowed=", ".join(fields)
        )
    if first["type"] == "missing":
        missing = f"{path[-1]!r} in {shown}" if len(path) > 1 else f"the table {shown}"
        return ConfigError(f"{missing} is missing", where=where)
    key = ".".join(str(part) for part in path[1:] if not isinstance(part, int))
    return ConfigError(first["msg"].removeprefix("Value error, "), where=f"{where}: {key or table}".rstrip(": "))


def _line_of(text: str, path: Sequence[str | int]) -> str:
    """Find the line of a key by its path, `('model', 1, 'role')`, as `:14`; tomllib keeps no positions."""
    if not path:
        return ""
    table = str(path[0])
    wanted = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    keys = [part for part in path[1:] if isinstance(part, str)]
    lines = text.splitlines()
    header = re.compile(rf"\s*\[\[?\s*{re.escape(table)}\s*\]\]?|\s*{re.escape(table)}\s*=")
    headers = [number for number, line in enumerate(lines, start=1) if header.match(line)]
    if len(headers) <= wanted:
        return ""
    start = headers[wanted]
    for number, line in enumerate(lines[start:], start=start + 1):
        if re.match(r"\s*\[\[?\s*[A-Za-z]", line):
            break
        if keys and re.match(rf"\s*[\"']?{re.escape(keys[0])}[\"']?\s*[.=]", line):
            return f":{number}"
    return f":{start}"


def _check_tasks(sweep: Sweep, file: Path, text: str, task_dirs: Sequence[Path]) -> None:
    """Build each task once, so that a wrong key is found before any call."""
    for index, task in enumerate(sweep.task):
        try:
            make_task(task.name, task.model_extra or {}, task_dirs=task_dirs)
        except HarnessError as error:
            raise _located(error, file, text, ("task", index), f"[[task]] {task.name}") from None


def _pinned(sweep: Sweep, folder: Path, task_dirs: Sequence[Path]) -> Sweep:
    """Add to each task's parameters what pins the files that they name: a run of other rows is another run."""
    tasks = []
    for task in sweep.task:
        params = task.model_extra or {}
        made = make_task(task.name, params, task_dirs=task_dirs, folders=(folder,))
        tasks.append(TaskTable.model_validate({**task.model_dump(), **made.pins()}))
    return sweep.model_copy(update={"task": tasks})


def _located(error: HarnessError, file: Path, text: str, place: tuple[str | int, ...], name: str) -> HarnessError:
    named = re.search(r"'([^']+)'", error.what)
    key = named[1] if named else error.where.rpartition(": ")[2]
    key = "" if name.endswith(f" {key}") else key
    error.where = f"{file}{_line_of(text, (*place, key))}: {name}" + (f": {key}" if not named and key else "")
    return error


def settings_of(model: ModelTable) -> BaseModel:
    """Validate a model's own keys with its adapter's `Settings`.

    Raises:
        UnknownName: no such adapter.
        ConfigError: a key is unknown, missing or not allowed.
    """
    cls = model_class(model.adapter)
    known = [*ModelTable.model_fields, *cls.Settings.model_fields]
    try:
        return cls.Settings.model_validate(model.model_extra or {})
    except ValidationError as error:
        raise from_validation(error, known, where="") from None


def _apply(raw: dict[str, Any], change: str) -> None:
    """Apply one `--set`."""
    match = re.fullmatch(r"(sweep|model|task)(?:\[([^\]]+)\])?\.([A-Za-z0-9_.-]+)=(.*)", change)
    if not match:
        raise ConfigError(
            f"cannot read --set {change!r}",
            allowed="sweep.KEY=VALUE, model.KEY=VALUE, model[NAME].KEY=VALUE, task[NAME].KEY=VALUE",
        )
    table, name, dotted, text = match.groups()
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    tables = raw.get(table, {})
    listed = tables if isinstance(tables, list) else [tables]
    known = [each for each in listed if isinstance(each, dict)]
    targets = known if table == "sweep" else [each for each in known if name in (None, each.get("name"))]
    if not targets:
        raise ConfigError(f"--set {change!r} names no {table} of the sweep", found=name or "")
    *outer, last = dotted.split(".")
    for target in targets:
        inner = target
        for key in outer:
            inner = inner.setdefault(key, {})
            if not isinstance(inner, dict):
                raise ConfigError(f"--set {change!r}: {key} is not a table")
        inner[last] = value


def chosen_models(sweep: LoadedSweep, names: Sequence[str]) -> list[ModelTable]:
    """Return the models of those names in the sweep's order; all of them when no name is given.

    Raises:
        UnknownName: a name is not in the sweep.
    """
    known = {table.name: table for table in sweep.resolved.model}
    for name in names:
        if name not in known:
            raise UnknownName(
                f"the sweep has no model {name!r}{did_you_mean(name, known)}",
                where=str(sweep.file),
                allowed=", ".join(known),
            )
    return [table for table in sweep.resolved.model if not names or table.name in names]
