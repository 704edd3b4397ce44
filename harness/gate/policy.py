"""The policy: which drops are acceptable where, and what happens when that cannot be decided."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from harness.errors import ConfigError
from harness.gate.verdict import Measure
from harness.hashing import content_sha256
from harness.registry import did_you_mean, first_complaint
from harness.sizes import PATTERN, parse_size

TASKS = 1000
"""How many tasks an expected loss speaks of."""

Margin = Annotated[float, Field(gt=0, lt=1)]
Cost = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Level = Literal["off", "warn", "error"]
CellKey = tuple[str, int, str]
"""A task, a length, and a slice as `axis=value`: empty for the whole cell."""

Length = Annotated[
    int | None,
    BeforeValidator(lambda text: None if text in (None, "*") else parse_size(text)),
    WithJsonSchema({"type": ["string", "integer"], "pattern": rf"^\*$|^\s*{PATTERN}\s*$", "minimum": 1}),
]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Defaults(_Table):
    """`[defaults]`: what holds where no rule says otherwise.

    Attributes:
        alpha: one-sided error rate of a false FAIL and of a false PASS.
        margin: largest acceptable drop of a task at a length, as a share (0.05 is 5 points).
        overall_margin: largest acceptable drop over everything; unset, the same as `margin`.
        slices: axes; each value of each of them is a slice of every task at every length, judged on its own.
        slice_margin: largest acceptable drop of a slice: slices are small, so it is wide.
        icc: correlation of the paired differences within a context, from a pilot or an A/A run. Unset, contexts count
            as one sample each, which is safe and costly.
        max_invalid: largest share of samples without a score.
        on_inconclusive: whether an inconclusive verdict fails the gate (exit 3) or warns (exit 0).
        measure: `right` compares shares of right answers, `score` mean scores, for tasks that give partial credit.
        population: `contexts` speaks of new contexts of the same kind, `fixed` of these very samples.
        max_baseline_age_days: how old a baseline's file may be before there is no verdict; unset, as old as it likes.
    """

    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    margin: Margin = 0.05
    overall_margin: Margin | None = None
    slices: tuple[str, ...] = ()
    slice_margin: Margin = 0.3
    icc: float | None = Field(default=None, ge=0, le=1)
    max_invalid: float = Field(default=0.01, ge=0, le=1)
    on_inconclusive: Literal["fail", "warn"] = "fail"
    measure: Measure = "right"
    population: Literal["contexts", "fixed"] = "contexts"
    max_baseline_age_days: float | None = Field(default=None, gt=0)


class Rule(_Table):
    """`[[rule]]`: the last rule that matches a task, a length and a slice gives the margin and the level.

    Attributes:
        task: a pattern such as `retrieval.*`.
        length: a length, or `*`.
        slice: a pattern such as `language=de` or `depth_bin=*`; a rule without one speaks of tasks at lengths, not of
            their slices.
        margin: largest acceptable drop here; unset, the default.
        level: `error` decides the verdict, `warn` is only noted, `off` is left out.
    """

    task: str = "*"
    length: Length = None
    slice: str = ""
    margin: Margin | None = None
    level: Level = "error"

    def matches(self, cell: CellKey) -> bool:
        """Tell whether the rule speaks of a task at a length, or of a slice of it."""
        task, length, part = cell
        return fnmatchcase(task, self.task) and self.length in (None, length) and fnmatchcase(part, self.slice or "")


class Mode(_Table):
    """`[[mode]]`: failure modes whose share may rise by no more than a margin of their own, whatever the accuracy.

    Attributes:
        mode: a pattern such as `truncated.*`; all modes that match it count together.
        margin: largest acceptable rise of their share among all replies.
    """

    mode: str
    margin: Margin
    level: Level = "error"


class Quantity(_Table):
    """`[[quantity]]`: a length of replies that may grow by no more than a margin of its own, whatever the accuracy.

    Attributes:
        quantity: what is counted, as the provider does; `answer_tokens` are completion less reasoning.
        margin: largest acceptable growth of its mean, as a share of the baseline's (0.1 is 10 %).
    """

    quantity: Literal["completion_tokens", "reasoning_tokens", "answer_tokens"]
    margin: float = Field(gt=0)
    level: Level = "error"


class Severity(_Table):
    """`[severity]`: what a wrong reply costs, by its failure mode; a right one costs nothing.

    Attributes:
        margin: largest acceptable rise of the expected loss per 1,000 tasks, in the unit of the costs.
        default: cost of a wrong reply whose mode has no price.
        costs: price by pattern of failure modes; the last pattern that matches counts.
    """

    margin: float = Field(gt=0)
    default: Cost = 1.0
    costs: dict[str, Cost] = {}
    level: Level = "error"

    @model_validator(mode="after")
    def _something_costs(self) -> Self:
        if not self.dearest:
            raise ValueError("nothing costs anything: give default or one of costs a price above 0")
        if self.margin >= TASKS * self.dearest:
            most = TASKS * self.dearest
            raise ValueError(f"a margin of {self.margin:g} guards nothing: 1,000 tasks cost {most:g} at most")
        return self

    def cost(self, mode: str) -> float:
        """Return what a reply of a failure mode costs; without a mode it is right."""
        if not mode:
            return 0.0
        return next((self.costs[name] for name in reversed(self.costs) if fnmatchcase(mode, name)), self.default)

    @property
    def dearest(self) -> float:
        """The highest cost that a reply can have."""
        return max(self.default, *self.costs.values(), 0.0)


class PolicyFile(_Table):
    """A policy as written."""

    version: Literal[1]
    defaults: Defaults = Defaults()
    rule: list[Rule] = []
    mode: list[Mode] = []
    quantity: list[Quantity] = []
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What the policy says of one row."""

    margin: float
    level: str
    rule: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A checked policy, and where it came from."""

    name: str
    file: PolicyFile

    @property
    def sha256(self) -> str:
        """Hash of the content, whatever its layout."""
        return content_sha256(self.file.model_dump())

    @property
    def defaults(self) -> Defaults:
        """What holds where no rule says otherwise."""
        return self.file.defaults

    def applied(self, task: str, length: int, part: str = "") -> Applied:
        """Return margin and level of a task at a length, or of a slice of it."""
        default = self.defaults.slice_margin if part else self.defaults.margin
        for index in reversed(range(len(self.file.rule))):
            rule = self.file.rule[index]
            if rule.matches((task, length, part)):
                margin = default if rule.margin is None else rule.margin
                return Applied(margin, rule.level, f"rule {index + 1} (task {rule.task})")
        return Applied(default, "error", "defaults")

    def check_rules(self, cells: Sequence[CellKey]) -> None:
        """Raise a `ConfigError` for a rule that matches none of the cells and slices: it would guard nothing."""
        for index, rule in enumerate(self.file.rule):
            if not any(map(rule.matches, cells)):
                of = f", slice {rule.slice!r}" if rule.slice else ""
                raise ConfigError(
                    f"rule {index + 1} matches nothing",
                    where=f"{self.name}: [[rule]]",
                    found=f"task {rule.task!r}, length {rule.length or '*'}{of}",
                    allowed=", ".join(" ".join([f"{task} at {n}", part]).rstrip() for task, n, part in cells[:8]),
                )

    def check_slices(self, axes: Sequence[str]) -> None:
        """Raise a `ConfigError` for a slice by an axis that no sample has."""
        for axis in self.defaults.slices:
            if axis not in axes:
                raise ConfigError(
                    f"no sample has the axis {axis!r}{did_you_mean(axis, axes)}",
                    where=f"{self.name}: [defaults] slices",
                    allowed=", ".join(axes),
                )


def load_policy(file: Path | None) -> Policy:
    """Read a policy; None is the default one.

    Raises:
        ConfigError: the file is missing, not TOML, or holds a key or value that it may not.
    """
    if file is None:
        return Policy("default policy", PolicyFile(version=1))
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"the policy cannot be read: {error.strerror}",
            where=str(file),
            fix="'harness quickstart --print-policy > gate.toml' writes one to start from",
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"not TOML: {error}", where=str(file)) from None
    return parse_policy(text, file)


def parse_policy(text: str, file: Path) -> Policy:
    """Read the text of a policy's file. Raises like `load_policy`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", where=str(file)) from None
    try:
        return Policy(file.name, PolicyFile.model_validate(raw))
    except ValidationError as error:
        raise _complaint(error, file) from None


def _complaint(error: ValidationError, file: Path) -> ConfigError:
    first = first_complaint(error)
    path = first["loc"]
    table = str(path[0]) if len(path) > 1 else ""
    tables: dict[str, type[BaseModel]] = {
        "defaults": Defaults,
        "rule": Rule,
        "mode": Mode,
        "quantity": Quantity,
        "severity": Severity,
    }
    fields = tables.get(table, PolicyFile).model_fields
    where = f"{file}: {'.'.join(str(part) for part in path[:-1]) or 'top level'}"
    key = str(path[-1]) if path else ""
    if first["type"] == "extra_forbidden":
        return ConfigError(f"unknown key {key!r}{did_you_mean(key, fields)}", where=where, allowed=", ".join(fields))
    if first["type"] == "missing":
        return ConfigError(f"{key!r} is missing", where=where, fix="version = 1" if key == "version" else "")
    return ConfigError(f"{key}: {first['msg'].removeprefix('Value error, ')}", where=where)
