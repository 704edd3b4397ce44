"""A model whose errors are drawn from declared rates: for tests of the statistics and for power studies.

A reply is right exactly when a number drawn for the sample is below the accuracy that is declared for it. The number is
a function of the seed, the sample and the replicate, so two simulated models with one seed are coupled: where the first
is declared no worse than the second, it is right wherever the second is. `docs/controls.md` has the model in formulas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from harness.adapters.controls import local_reply, written
from harness.contexts.streams import Stream
from harness.contracts import Model, Request, Settings
from harness.records import Axis, Reply, Sample
from harness.sizes import parse_size

SERVED = "simulated"
REFUSAL = "I'm sorry, but I can't help with that."
CUT_SHORT = "Let us go through the text from its beginning. It opens with"

ERRORS = ("other_value", "hallucinated", "refusal", "empty", "truncated", "false_absence", "mistake")
Share = Annotated[float, Field(ge=0, le=1)]


def _error_name(name: str) -> str:
    if name not in ERRORS and "." not in name:
        raise ValueError(f"{name!r} is none of {', '.join(ERRORS)}, nor a failure mode such as 'code.off_by_one'")
    return name


ErrorName = Annotated[str, AfterValidator(_error_name)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DepthAccuracy(_Entry):
    """The accuracy of samples whose axis `depth` is at least `from` and below `to`; 1 belongs to the last stretch."""

    low: float = Field(alias="from", ge=0, le=1)
    high: float = Field(alias="to", ge=0, le=1)
    accuracy: Share

    @model_validator(mode="after")
    def _is_a_stretch(self) -> DepthAccuracy:
        if self.low >= self.high:
            raise ValueError(f"from = {self.low} is not below to = {self.high}")
        return self

    def covers(self, depth: Axis | None) -> bool:
        """Whether a sample at this depth is in the stretch; one without a depth never is."""
        if not isinstance(depth, int | float):
            return False
        return self.low <= depth < self.high or depth == self.high == 1


class SliceAccuracy(_Entry):
    """The accuracy of samples that have `value` on `axis`."""

    axis: str
    value: str | int | float | bool
    accuracy: Share


class SimulatedSettings(Settings):
    """Keys of a `[[model]]` table with `adapter = "simulated"`.

    Of the accuracies that apply to a sample the last one counts, in the order `accuracy`, `by_length`, `by_depth`,
    `by_slice`, and within a list the later entry.

    Attributes:
        accuracy: of every sample that nothing below applies to.
        by_length: from this length on: `{ "32k" = 0.9, "128k" = 0.5 }` says 0.9 at 64k.
        by_depth: by stretches of the axis `depth`.
        by_slice: by the value of an axis.
        errors: how wrong replies go wrong: weights, which need not add up to 1. A kind that cannot happen to a sample
            (no other value is planted, absence is the right answer) leaves its weight to the others. `mistake` is any
            of those that the task plants on the sample; the name of a failure mode, that one: a misconception.
        seed: couples models: with one seed they draw the same numbers.
        icc: correlation of the outcomes of two samples of one context with the same accuracy.
        noise: share of the samples that draw again on their own, as if the model were not deterministic.
        noise_seed: models with noise of their own need different ones.
    """

    accuracy: Share = Field(default=1.0, description="share of right replies")
    by_length: dict[Annotated[int, BeforeValidator(parse_size)], Share] = Field(
        default_factory=dict, description="share of right replies from a length on"
    )
    by_depth: tuple[DepthAccuracy, ...] = Field(default=(), description="share of right replies by depth")
    by_slice: tuple[SliceAccuracy, ...] = Field(default=(), description="share of right replies by axis and value")
    errors: dict[ErrorName, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        default={"other_value": 1.0}, description="weights of the kinds of wrong replies"
    )
    seed: int = Field(default=0, description="couples models that share it")
    icc: Share = Field(default=0.0, description="correlation of outcomes within a context")
    noise: Share = Field(default=0.0, description="share of samples drawn again independently")
    noise_seed: int = Field(default=0, description="of the second draws")

    @model_validator(mode="after")
    def _has_an_error(self) -> SimulatedSettings:
        if not any(self.errors.values()):
            raise ValueError("errors needs a kind with a weight above 0")
        return self

    def accuracy_of(self, sample: Sample) -> float:
        """Return the declared probability of a right reply."""
        accuracy = self.accuracy
        reached = [length for length in self.by_length if length <= sample.recipe.length]
        if reached:
            accuracy = self.by_length[max(reached)]
        for stretch in self.by_depth:
            if stretch.covers(sample.axes.get("depth")):
                accuracy = stretch.accuracy
        for part in self.by_slice:
            if sample.axes.get(part.axis) == part.value:
                accuracy = part.accuracy
        return accuracy


def draw(settings: SimulatedSettings, sample: Sample, replicate: int) -> float:
    """Return the number, uniform on [0, 1), that decides whether a reply is right.

    With probability `noise` it is the sample's second draw. Else, with probability sqrt(`icc`), it is the one that the
    samples of the context share, and else the sample's own. Two samples of a context both take the shared one with
    probability `icc`; so that is the correlation of their outcomes where their accuracies are equal and `noise` is 0.
    """
    own = ("simulated", settings.seed, sample.id, replicate)
    again = Stream(*own, "noise", settings.noise_seed)
    if again.fraction() < settings.noise:
        return again.fraction()
    if Stream(*own, "shared").fraction() < settings.icc**0.5:
        return Stream("simulated", settings.seed, sample.context_id, replicate, "context").fraction()
    return Stream(*own, "outcome").fraction()


class SimulatedModel(Model):
    """Gives right and wrong replies at declared rates."""

    Settings = SimulatedSettings
    kind = "simulated"

    async def generate(self, request: Request) -> Reply:
        """Answer rightly or wrongly, as drawn."""
        settings: SimulatedSettings = self.settings
        sample, replicate = request.sample, request.replicate
        if draw(settings, sample, replicate) < settings.accuracy_of(sample):
            return local_reply(request, request.task.ideal_reply(sample.gold), SERVED)
        stream = Stream("simulated", settings.seed, sample.id, replicate, "error")
        return _wrong_reply(request, settings.errors, stream)

    async def identity(self) -> dict[str, Any]:
        """Say what was declared."""
        declared: dict[str, Any] = self.settings.model_dump(mode="json", by_alias=True)
        return declared


def _wrong_reply(request: Request, weights: Mapping[ErrorName, float], stream: Stream) -> Reply:
    sample = request.sample
    others = list(dict.fromkeys(s.value for s in sample.spans if s.value not in sample.gold))
    planted = request.task.mistakes(sample)
    possible = {"hallucinated", "refusal", "empty", "truncated", *planted}
    possible |= {name for name, can in _CONDITIONS.items() if can(sample, others, planted)}
    error = _drawn_error([(name, weights[name]) for name in weights if name in possible], stream.fraction())
    if error == "truncated":
        return local_reply(request, CUT_SHORT, SERVED, finish_reason="length")
    fixed = {"refusal": REFUSAL, "empty": "", **planted}
    if error == "mistake":
        error = stream.choice(sorted(planted))
    if error in fixed:
        return local_reply(request, fixed[error], SERVED)
    if error == "false_absence":
        return local_reply(request, written(request, ()), SERVED)
    wrong = stream.choice(others) if error == "other_value" else _invented(request, stream)
    return local_reply(request, written(request, (*sample.gold[:-1], wrong)), SERVED)


_CONDITIONS: Mapping[str, Callable[[Sample, Sequence[str], Mapping[str, str]], bool]] = {
    "other_value": lambda _sample, others, _planted: bool(others),
    "mistake": lambda _sample, _others, planted: bool(planted),
    "false_absence": lambda sample, _others, _planted: bool(sample.gold),
}
"""When a kind of error can happen to a sample."""


def _drawn_error(possible: Sequence[tuple[str, float]], u: float) -> str:
    """Choose among the kinds that can happen to a sample, by weight; `hallucinated` where none of them can."""
    left = u * sum(weight for _, weight in possible)
    for error, weight in possible:
        left -= weight
        if left < 0:
            return error
    return next((error for error, weight in reversed(possible) if weight), "hallucinated")


def _invented(request: Request, stream: Stream) -> str:
    """Return a value like the right one that the prompt does not have: its digits drawn anew, or else its letters."""
    sample = request.sample
    model = next((value for value in (*sample.gold, *(s.value for s in sample.spans)) if value), "1000000")
    pattern, letters = (r"\d", "123456789") if re.search(r"\d", model) else (r"\w", "abcdefghijklmnopqrstuvwxyz")
    for _ in range(100):
        value = re.sub(pattern, lambda _: stream.choice(letters), model)
        if value not in sample.gold and not any(value in message.content for message in request.messages):
            return value
    return f"{model}{model}"
