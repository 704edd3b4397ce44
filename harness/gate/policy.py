"""The policy: which drops are acceptable where, and what happens when that cannot be decided."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from harness.errors import ConfigError
from harness.hashing import content_sha256
from harness.registry import did_you_mean, first_complaint
from harness.sizes import parse_size

Margin = Annotated[float, Field(gt=0, lt=1)]
Length = Annotated[int | None, BeforeValidator(lambda text: None if text == "*" else parse_size(text))]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Defaults(_Table):
    """`[defaults]`: what holds where no rule says otherwise.

    Attributes:
        alpha: one-sided error rate of a false FAIL and of a false PASS.
        margin: largest acceptable drop of a task at a length, as a share (0.05 is 5 points).
        overall_margin: largest acceptable drop over everything; unset, the same as `margin`.
        icc: correlation of the paired differences within a context, from a pilot or an A/A run. Unset, contexts count
            as one sample each, which is safe and costly.
        max_invalid: largest share of samples without a score.
        on_inconclusive: whether an inconclusive verdict fails the gate (exit 3) or warns (exit 0).
        population: `contexts` speaks of new contexts of the same kind, `fixed` of these very samples.
    """

    alpha: float = Field(default=0.05, gt=0, lt=0.5)
    margin: Margin = 0.05
    overall_margin: Margin | None = None
    icc: float | None = Field(default=None, ge=0, le=1)
    max_invalid: float = Field(default=0.01, ge=0, le=1)
    on_inconclusive: Literal["fail", "warn"] = "fail"
    population: Literal["contexts", "fixed"] = "contexts"


class Rule(_Table):
    """`[[rule]]`: the last rule that matches a task and a length gives the margin and the level.

    Attributes:
        task: a pattern such as `retrieval.*`.
        length: a length, or `*`.
        margin: largest acceptable drop here; unset, the default.
        level: `error` decides the verdict, `warn` is only noted, `off` is left out.
    """

    task: str = "*"
    length: Length = None
    margin: Margin | None = None
    level: Literal["off", "warn", "error"] = "error"

    def matches(self, task: str, length: int) -> bool:
        """Tell whether the rule speaks of a task at a length."""
        return fnmatchcase(task, self.task) and self.length in (None, length)


class PolicyFile(_Table):
    """A policy as written."""

    version: Literal[1]
    defaults: Defaults = Defaults()
    rule: list[Rule] = []


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

    def applied(self, task: str, length: int) -> Applied:
        """Return margin and level of a task at a length."""
        for index in reversed(range(len(self.file.rule))):
            rule = self.file.rule[index]
            if rule.matches(task, length):
                margin = self.defaults.margin if rule.margin is None else rule.margin
                return Applied(margin, rule.level, f"rule {index + 1} (task {rule.task})")
        return Applied(self.defaults.margin, "error", "defaults")

    def check_rules(self, cells: Sequence[tuple[str, int]]) -> None:
        """Raise a `ConfigError` for a rule that matches none of the cells: it would guard nothing."""
        for index, rule in enumerate(self.file.rule):
            if not any(rule.matches(task, length) for task, length in cells):
                raise ConfigError(
                    f"rule {index + 1} matches nothing",
                    where=f"{self.name}: [[rule]]",
                    found=f"task {rule.task!r}, length {rule.length or '*'}",
                    allowed=", ".join(f"{task} at {length}" for task, length in cells[:8]),
                )


def load_policy(file: Path | None) -> Policy:
    """Read a policy; None is the default one.

    Raises:
        ConfigError: the file is missing, not TOML, or holds a key or value that it may not.
    """
    if file is None:
        return Policy("default policy", PolicyFile(version=1))
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"the policy cannot be read: {error.strerror}",
            where=str(file),
            fix="'harness quickstart --print-policy > gate.toml' writes one to start from",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"not TOML: {error}", where=str(file)) from None
    try:
        return Policy(file.name, PolicyFile.model_validate(raw))
    except ValidationError as error:
        raise _complaint(error, file) from None


def _complaint(error: ValidationError, file: Path) -> ConfigError:
    first = first_complaint(error)
    path = first["loc"]
    table = str(path[0]) if len(path) > 1 else ""
    tables: dict[str, type[BaseModel]] = {"defaults": Defaults, "rule": Rule}
    fields = tables.get(table, PolicyFile).model_fields
    where = f"{file}: {'.'.join(str(part) for part in path[:-1]) or 'top level'}"
    key = str(path[-1]) if path else ""
    if first["type"] == "extra_forbidden":
        return ConfigError(f"unknown key {key!r}{did_you_mean(key, fields)}", where=where, allowed=", ".join(fields))
    if first["type"] == "missing":
        return ConfigError(f"{key!r} is missing", where=where, fix="version = 1" if key == "version" else "")
    return ConfigError(f"{key}: {first['msg'].removeprefix('Value error, ')}", where=where)
