"""What `harness diff` takes from a sweep: its name and seed, its models, and the table `[diff]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from harness.declared import Size
from harness.diff.redact import DEFAULT, RULES
from harness.errors import ConfigError
from harness.registry import from_validation
from harness.sweep import LoadedSweep, ModelTable, Sweep, check_sweep, parse_sweep

ANSWER_LINE = r"(?im)^\W{0,4}(?:final )?answer\W{0,4}[:=][ \t]*(\S.*)$"
"""A label where nobody says how one looks: what stands behind the last `Answer:`."""


def _expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return pattern


class DiffTable(BaseModel):
    """`[diff]`: how logged requests are asked and read.

    Attributes:
        max_tokens: tokens for the answer to a request that does not say.
        max_length: longer requests (prompt and answer, in tokens) are left out; unset, none are.
        sampling: `logged` sends each request's own temperature, seed and so on, which go before the model's;
            `sweep` sends the model's, and of the request only what asks for a form.
        redact: which personal data are replaced before anything is stored. Keys and tokens always are.
        patterns: further regular expressions to replace, by the name of their placeholder.
        label: a regular expression whose first group, or whole match, is the label of a reply; the last match counts.
        columns: columns of the log to look at; unset, all that hold short values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    max_tokens: int = Field(default=512, ge=1)
    max_length: Size | None = None
    sampling: Literal["logged", "sweep"] = "logged"
    redact: list[Literal["email", "phone", "iban", "credit_card", "ip", "api_key"]] = Field(
        default_factory=lambda: list(DEFAULT)  # type: ignore[arg-type]
    )
    patterns: dict[str, Annotated[str, AfterValidator(_expression)]] = Field(default_factory=dict)
    label: Annotated[str, AfterValidator(_expression)] = ANSWER_LINE
    columns: list[str] | None = None


@dataclass(frozen=True, slots=True)
class DiffConfig:
    """A sweep as diff reads it.

    Attributes:
        sweep: as checked, without tasks of its own.
        raw: the same with its placeholders.
    """

    sweep: Sweep
    raw: Mapping[str, Any]
    table: DiffTable
    file: Path

    @property
    def baseline(self) -> ModelTable:
        """The model of the role baseline."""
        return next(model for model in self.sweep.model if model.role == "baseline")

    @property
    def candidates(self) -> tuple[ModelTable, ...]:
        """The other models."""
        return tuple(model for model in self.sweep.model if model.role != "baseline")

    def loaded(self, pins: Mapping[str, Any], longest: int) -> LoadedSweep:
        """Return the sweep whose only task are these requests, so that a run of other requests is another run."""
        task = {"name": "requests", **pins}
        sweep = {"name": self.sweep.sweep.name, "seed": self.sweep.sweep.seed, "lengths": [longest]}
        models = [{**model.model_dump(), "runs": 1} for model in self.sweep.model]
        resolved = Sweep.model_validate({"sweep": sweep, "model": models, "task": [task]})
        raw = {"sweep": sweep, "model": [{**model, "runs": 1} for model in self.raw["model"]], "task": [task]}
        return LoadedSweep(resolved, raw, self.file)


def load_diff(file: Path, sets: Iterable[str] = ()) -> DiffConfig:
    """Read a sweep for `harness diff`: `[sweep]` needs a name, and tasks, lengths and contexts are not looked at.

    Raises:
        ConfigError: with the key and what is allowed; also without a baseline or a candidate.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError("no such file", where=str(file)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(file)) from None
    written = parse_sweep(text, file, sets)
    table = _table(written.get("diff", {}), f"{file}: [diff]")
    shared = written.get("sweep")
    if not isinstance(shared, dict) or not isinstance(written.get("model"), list):
        raise ConfigError("the table [sweep] with a name, and a [[model]] for each model, are needed", where=str(file))
    wanted = {key: shared[key] for key in ("name", "seed") if key in shared}
    raw = {"sweep": {"lengths": [1], **wanted}, "model": written["model"], "task": [{"name": "requests"}]}
    config = DiffConfig(check_sweep(raw, file, text), raw, table, file)
    _check_roles(config)
    return config


def _table(written: Any, where: str) -> DiffTable:
    try:
        return DiffTable.model_validate(written)
    except ValidationError as error:
        raise from_validation(error, [*DiffTable.model_fields, *RULES], where=where) from None


def _check_roles(config: DiffConfig) -> None:
    roles = [model.role for model in config.sweep.model]
    if "baseline" not in roles or len(roles) < 2:
        lacking = "another model beside the baseline" if "baseline" in roles else 'a model with role = "baseline"'
        raise ConfigError(
            f"diff compares models with a baseline, and the sweep lacks {lacking}", where=str(config.file)
        )
