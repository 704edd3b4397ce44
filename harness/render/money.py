"""What tasks cost by recorded usage and stated prices, model by model and length by length.

The outputs of a row are made by one function from the row's inputs; the page's script has the same function, so that
a reader can change an input and see what follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from harness.costs import TASKS, Tokens, money, per_correct
from harness.declared import Declared, Price, Terms
from harness.records import Estimate
from harness.render.arms import Arm, Arms
from harness.render.estimates import LEVEL, share
from harness.render.formatting import UNKNOWN
from harness.render.money_figures import against, figure
from harness.stats import cluster_t

if TYPE_CHECKING:
    import pandas as pd

Outputs = dict[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """Tokens of a task, and how many answers are right.

    Attributes:
        prompt: mean tokens of a prompt, likewise the others; `cached` of the prompt, `reasoning` and `answer` of the
            output.
        uncached_unknown: replies that say how long the prompt was and not what of it came from the cache.
        unknown: replies with a score that do not say how long prompt and output were.
        right: share of right answers.
    """

    prompt: Estimate
    cached: Estimate
    output: Estimate
    reasoning: Estimate
    answer: Estimate
    uncached_unknown: int
    unknown: int
    right: Estimate

    @property
    def tokens(self) -> Tokens:
        """The means."""
        return Tokens(self.prompt.value, self.cached.value, self.output.value)


@dataclass(frozen=True, slots=True)
class Base:
    """What a cost is held against.

    Attributes:
        key: names its row on the page.
    """

    key: str
    tokens: Tokens
    price: Price


@dataclass(frozen=True, slots=True)
class CostRow:
    """One model, at one length or over all of the sweep.

    Attributes:
        number: of the model on the page.
        length: in tokens; None over all.
        base: the baseline's price and tokens of the same questions; None where it has no price, or is this very model.
        spread: the interval of what 1,000 tasks cost, over contexts.
        out: what is computed, by name, as text.
    """

    arm: Arm
    number: int
    length: int | None
    measured: Measured
    price: Price | None
    base: Base | None
    spread: Estimate
    out: Outputs

    @property
    def key(self) -> str:
        """What names the row on the page."""
        return str(self.number) if self.length is None else f"{self.number}.{self.length}"

    @property
    def at_most(self) -> bool:
        """Whether the cost is an upper bound: what came from the cache is cheaper, and was not always said."""
        price = self.price
        cheaper = price is not None and price.cached_input is not None and price.cached_input < price.input
        return cheaper and self.measured.uncached_unknown > 0


@dataclass(frozen=True, slots=True)
class MoneyPage:
    """All rows on cost.

    Attributes:
        rows: a model each, over all that it was asked.
        by_length: the same at each length, where a sweep has several.
        priced: whether any price is stated.
        used: whether any run says how long its prompts and replies were.
    """

    rows: tuple[CostRow, ...]
    by_length: tuple[CostRow, ...]
    priced: bool
    used: bool


def terms_of(arm: Arm, declared: Declared) -> Terms:
    """Return what is declared of a model; nothing for a model of another sweep than the files'."""
    own = arm.run.info.sweep == declared.sweep
    return declared.terms.get(arm.run.info.model if own else arm.name, Terms())


def make_money(arms: Arms, declared: Declared) -> MoneyPage:
    """Return what tasks cost each model, and what that rests on."""
    rows: list[CostRow] = []
    by_length: list[CostRow] = []
    bases: dict[int | None, Base] = {}
    for number, arm in enumerate(arms.arms):
        price = terms_of(arm, declared).price
        for length in (None, *_lengths(arm)):
            row = _row(arms, number, length, price, bases.get(length))
            (rows if length is None else by_length).append(row)
            if arm.role == "baseline" and price and length not in bases:
                bases[length] = Base(row.key, row.measured.tokens, price)
    return MoneyPage(
        tuple(rows),
        tuple(by_length),
        any(row.price for row in rows),
        any(row.measured.prompt.n for row in rows),
    )


def _lengths(arm: Arm) -> list[int]:
    """Return the lengths of an arm, where it has several."""
    found = sorted(map(int, arm.scored["length"].unique()))
    return found if len(found) > 1 else []


def _row(arms: Arms, number: int, length: int | None, price: Price | None, base: Base | None) -> CostRow:
    arm = arms.arms[number]
    scored = arm.scored if length is None else arm.scored[arm.scored["length"] == length]
    measured = measure(scored, share(scored, "correct", arms.icc_of(arm)))
    spread = _spread(_told(scored), price, measured.uncached_unknown == 0)
    out = cost_outputs(measured.tokens, price, measured.right, base)
    return CostRow(arm, number, length, measured, price, base, spread, out)


def _spread(told: pd.DataFrame, price: Price | None, cached: bool) -> Estimate:
    """Return the mean cost of 1,000 tasks with its interval over contexts."""
    if price is None:
        return _mean(told, [None] * len(told))
    columns = [_known(told, name) for name in ("prompt_tokens", "cached_tokens", "completion_tokens")]
    tokens = (Tokens(prompt, kept if cached else None, output) for prompt, kept, output in zip(*columns, strict=True))
    return _mean(told, [_thousand(each, price) for each in tokens])


def cost_outputs(tokens: Tokens, price: Price | None, right: Estimate, base: Base | None) -> Outputs:
    """Return what is computed of a row: `costOutputs` in the script.

    Args:
        tokens: of a task.
        price: what they cost; None gives `n/a` everywhere.
        right: share of right answers and its interval.
        base: what the cost is held against.
    """
    thousand = None if price is None else _thousand(tokens, price)
    uncached = None if price is None else _thousand(Tokens(tokens.prompt, 0.0, tokens.output), price)
    return {
        "thousand": figure(thousand),
        "uncached": figure(uncached),
        "against": against(thousand, None if base is None else _thousand(base.tokens, base.price)),
        "correct": figure(per_correct(thousand, right.value)),
        "correct_interval": correct_interval(thousand, right),
    }


def correct_interval(cost: float | None, right: Estimate) -> str:
    """Write what right answers cost from the most to the fewest that are plausible: only the share right varies."""
    least = per_correct(cost, right.high)
    if least is None:
        return UNKNOWN
    most = per_correct(cost, right.low)
    return f"{figure(least)} or more" if most is None else f"{figure(least)} to {figure(most)}"


def measure(scored: pd.DataFrame, right: Estimate) -> Measured:
    """Return the mean tokens of replies that have a score, each with an interval over contexts."""
    told = _told(scored)
    return Measured(
        prompt=_mean(told, _known(told, "prompt_tokens")),
        cached=_mean(told, _known(told, "cached_tokens")),
        output=_mean(told, _known(told, "completion_tokens")),
        reasoning=_mean(told, _known(told, "reasoning_tokens")),
        answer=_mean(told, _known(told, "answer_tokens")),
        uncached_unknown=int(told["cached_tokens"].isna().sum()),
        unknown=len(scored) - len(told),
        right=right,
    )


def _told(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the replies that say how long prompt and output were."""
    return scored[scored["prompt_tokens"].notna() & scored["completion_tokens"].notna()]


def _known(told: pd.DataFrame, name: str) -> list[float | None]:
    return [None if isnan(value) else value for value in told[name].astype(float).tolist()]


def _thousand(tokens: Tokens, price: Price) -> float | None:
    cost = money(tokens, price)
    return None if cost is None else TASKS * cost


def _mean(told: pd.DataFrame, values: Sequence[float | None]) -> Estimate:
    """Return the mean over the replies that say it, with a t interval over contexts; None where one does not.

    A mean over some replies and not others would be of other tasks.
    """
    found = [value for value in values if value is not None]
    if not found or len(found) < len(values):
        return Estimate(value=None, low=None, high=None, n=len(found), level=LEVEL, method="none")
    mean = cluster_t(found, told["context_id"].factorize()[0])
    low, high = mean.interval(LEVEL) or (None, None)
    low = None if low is None else max(low, 0.0)
    return Estimate(value=mean.mean, low=low, high=high, n=len(found), level=LEVEL, method="cluster-t")
