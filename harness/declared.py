"""What people state of money, volume and data, and what others claim: keys of a sweep that change no reply.

A run does not keep them, so that they may change after it: a report reads them from the sweep's file anew. They are
inputs of the report and marked there as declared; nothing is measured here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator

from harness.errors import ConfigError
from harness.load_curve import LoadPoint
from harness.registry import did_you_mean, from_validation
from harness.sizes import PATTERN, parse_size

Size = Annotated[
    int,
    BeforeValidator(parse_size),
    WithJsonSchema({"type": ["string", "integer"], "pattern": f"^\\s*{PATTERN}\\s*$", "minimum": 1}),
]

CONCURRENCY = 4
"""Contexts asked side by side where a sweep does not say how many."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


class Price(_Table):
    """Money per million tokens.

    Attributes:
        input: of a prompt's tokens.
        output: of a reply's tokens, reasoning among them.
        cached_input: of prompt tokens that came from the server's cache; unset, the same as `input`.
    """

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: float | None = Field(default=None, ge=0)


class SelfHosted(_Table):
    """`self_hosted` of a model: the machines that would serve it, paid around the clock whether used or not.

    Attributes:
        gpus: how many are paid for.
        gpu_memory_gb: memory of one, in 10^9 bytes.
        gpu_hour: money for one of them for an hour.
        utilisation: share of what they could do in a month that is used, 0 to 1.
        fixed_per_month: money for all else, a month: people, network, storage.
        tokens_per_second: output tokens that all of them together give, with prompts as long as the work's.
        parameters_b: parameters of the model in 10^9.
        bits: of one weight.
        layers: that keep keys and values; with `kv_heads` and `head_dim` it gives the cache's size.
        kv_heads: heads of keys and values in a layer.
        head_dim: numbers of one head.
        kv_bits: of one number in the cache.
    """

    gpus: int = Field(ge=1)
    gpu_memory_gb: float | None = Field(default=None, gt=0)
    gpu_hour: float = Field(ge=0)
    utilisation: float | None = Field(default=None, gt=0, le=1)
    fixed_per_month: float = Field(default=0.0, ge=0)
    tokens_per_second: float | None = Field(default=None, gt=0)
    parameters_b: float | None = Field(default=None, gt=0)
    bits: float | None = Field(default=None, gt=0, le=64)
    layers: int | None = Field(default=None, ge=1)
    kv_heads: int | None = Field(default=None, ge=1)
    head_dim: int | None = Field(default=None, ge=1)
    kv_bits: float = Field(default=16.0, gt=0, le=64)


class Decision(_Table):
    """`[decision]`: what is to be decided, in the words and numbers of who decides.

    Attributes:
        work: what the models are asked to do, and which variants they are, for the first lines of the report.
        data_sensitivity: what the data are and who may see them.
        data_may_leave: whether they may be sent to somebody else's machines.
        tasks_per_month: how many tasks are expected.
        concurrency: requests at the same time that will be run.
        currency: of all money in the sweep.
        effective_at: share right, 0 to 1, that a length must reach to count into the effective length; unset, 0.85 of
            what the baseline reaches at its shortest length.
    """

    work: str = ""
    data_sensitivity: str = ""
    data_may_leave: bool | None = None
    tasks_per_month: float | None = Field(default=None, gt=0)
    concurrency: int | None = Field(default=None, ge=1)
    currency: str = ""
    effective_at: float | None = Field(default=None, gt=0, le=1)


class Claim(_Table):
    """`[[claim]]`: what a vendor or a press page says, to stand beside what was measured.

    Attributes:
        model: a model of the sweep.
        about: `tokens_per_second` (output), `cost_per_million` (tokens of prompt and reply together), `quality`
            (points of 100), `p50_seconds` or `p95_seconds` (of a whole request).
        value: the number claimed.
        says: the claim in its own words.
        source: where it stands.
        date: when it was read or published, as text.
        task: for `quality`, the task of the sweep that asks the same; unset, nothing here does.
        length: for `quality`, the length in tokens; unset, all that were asked.
    """

    model: str
    about: Literal["tokens_per_second", "cost_per_million", "quality", "p50_seconds", "p95_seconds"]
    value: float
    source: str = Field(min_length=1)
    date: str = Field(min_length=1)
    says: str = ""
    task: str | None = None
    length: Size | None = None

    @model_validator(mode="after")
    def _place_belongs_to_quality(self) -> Self:
        if self.about != "quality" and (self.task is not None or self.length is not None):
            raise ValueError("task and length belong to a claim about quality")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is declared of one model.

    Attributes:
        concurrency: contexts asked side by side; None without a file.
    """

    price: Price | None = None
    self_hosted: SelfHosted | None = None
    concurrency: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """All that a sweep's file declares; empty where there is none.

    Attributes:
        sweep: name of the sweep, `SWEEP` in `SWEEP/MODEL`; empty where several files were put together.
        terms: by the model's name; of several files by `SWEEP/MODEL`, and claims name their models so, too.
        curve: what a load test measured, from a file of its own.
    """

    sweep: str = ""
    terms: Mapping[str, Terms] = field(default_factory=dict)
    decision: Decision = field(default_factory=Decision)
    claims: tuple[Claim, ...] = ()
    curve: tuple[LoadPoint, ...] = ()


class _Model(BaseModel):
    """The keys of a `[[model]]` that are read here; the others are for running it."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)

    name: str
    price: Price | None = None
    self_hosted: SelfHosted | None = None
    concurrency: int = Field(default=CONCURRENCY, ge=1)


class _Name(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    name: str


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    sweep: _Name
    model: list[_Model]
    decision: Decision = Decision()
    claim: list[Claim] = Field(default_factory=list)


def load_declared(file: Path) -> Declared:
    """Read what a sweep declares. No variable is looked up and no model or task is made.

    Raises:
        ConfigError: the file cannot be read, or a key read here is not what it may be.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(file)) from None
    return parse_declared(text, str(file))


def parse_declared(text: str, where: str) -> Declared:
    """Read what the text of a sweep's file declares; `where` names the file in errors. Raises like `load_declared`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", where=where) from None
    try:
        read = _File.model_validate(raw)
    except ValidationError as error:
        known = [*Price.model_fields, *SelfHosted.model_fields, *Decision.model_fields, *Claim.model_fields]
        raise from_validation(error, known, where=where) from None
    check_claims(read.claim, [model.name for model in read.model], where)
    return Declared(
        sweep=read.sweep.name,
        terms={
            model.name: Terms(price=model.price, self_hosted=model.self_hosted, concurrency=model.concurrency)
            for model in read.model
        },
        decision=read.decision,
        claims=tuple(read.claim),
    )


def merged(declared: Sequence[Declared]) -> Declared:
    """Put together what several sweeps' files declare.

    Raises:
        ConfigError: two of them are of one sweep, or state a key of `[decision]` differently.
    """
    if len(declared) == 1:
        return declared[0]
    sweeps = [each.sweep for each in declared]
    if twice := [sweep for sweep in sweeps if sweeps.count(sweep) > 1]:
        raise ConfigError("two files declare the same sweep", where="--sweep", found=twice[0])
    stated: dict[str, tuple[str, Any]] = {}
    for each in declared:
        for key in sorted(each.decision.model_fields_set):
            value = getattr(each.decision, key)
            first, before = stated.setdefault(key, (each.sweep, value))
            if before != value:
                raise ConfigError(
                    f"the sweeps {first} and {each.sweep} state {key!r} differently",
                    where="[decision]",
                    found=f"{before!r} and {value!r}",
                )
    return Declared(
        terms={f"{each.sweep}/{name}": terms for each in declared for name, terms in each.terms.items()},
        decision=Decision(**{key: value for key, (_, value) in stated.items()}),
        claims=tuple(
            claim.model_copy(update={"model": f"{each.sweep}/{claim.model}"})
            for each in declared
            for claim in each.claims
        ),
    )


def check_claims(claims: list[Claim], models: list[str], where: str) -> None:
    """Raise `ConfigError` where a claim speaks of a model that the sweep does not have."""
    for claim in claims:
        if claim.model not in models:
            raise ConfigError(
                f"a claim speaks of {claim.model!r}, which is no model of the sweep{did_you_mean(claim.model, models)}",
                where=f"{where}: [[claim]] model",
                allowed=", ".join(models),
            )
