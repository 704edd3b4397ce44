"""What work costs: money from tokens and prices, machines of one's own against them, memory for weights and cache.

Plain arithmetic without statistics. The report's script has the same formulas under the same names. Unknown is None
and stays None: what was not said is never taken for zero, with the one exception that `money` names.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from harness.declared import Price, SelfHosted

TASKS = 1000
"""Costs are of this many tasks."""

HOURS_PER_MONTH = 730.0
"""365 days of 24 hours over 12 months."""

SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of a task, mostly means.

    Attributes:
        prompt: all of a prompt; None is unknown, as below.
        cached: of these, what came from the server's cache.
        output: all of a reply, reasoning among it.
    """

    prompt: float | None
    cached: float | None
    output: float | None


def money(tokens: Tokens, price: Price) -> float | None:
    """Return what a task costs.

    Where the server did not say what came from its cache, everything is taken at the full price of input, which is the
    most that it can be: a caller says so.

    Returns:
        Money; None where prompt or output are unknown.
    """
    if tokens.prompt is None or tokens.output is None:
        return None
    cached = tokens.cached or 0.0
    cached_price = price.input if price.cached_input is None else price.cached_input
    return ((tokens.prompt - cached) * price.input + cached * cached_price + tokens.output * price.output) / 1e6


def per_correct(cost: float | None, right: float | None) -> float | None:
    """Return what a right answer costs where a share `right` of the tasks is right; None where none is, or unknown."""
    return cost / right if cost is not None and right else None


def monthly(host: SelfHosted) -> float:
    """Return what machines cost a month, used or not: GPUs x price of an hour x 730 + fixed costs."""
    return host.gpus * host.gpu_hour * HOURS_PER_MONTH + host.fixed_per_month


def capacity(tokens_per_second: float | None, utilisation: float | None, output: float | None) -> float | None:
    """Return how many tasks a month machines do: tokens a second x seconds of a month x utilisation / tokens of a task.

    Args:
        tokens_per_second: output tokens of all machines together.
        utilisation: share of that which is used.
        output: output tokens of a task.
    """
    if tokens_per_second is None or utilisation is None or not output:
        return None
    return tokens_per_second * SECONDS_PER_MONTH * utilisation / output


def reading(tasks: float | None, prompt: float | None) -> float | None:
    """Return the prompt tokens a second that so many tasks a month take: a check on what `capacity` rests on."""
    return None if tasks is None or prompt is None else tasks * prompt / SECONDS_PER_MONTH


def hosted_cost(host: SelfHosted, tasks: float | None) -> float | None:
    """Return what a task costs on machines that do so many tasks a month."""
    return monthly(host) / tasks if tasks else None


def break_even(host: SelfHosted, api_cost: float | None) -> float | None:
    """Return the tasks a month from which the machines cost no more than an API at `api_cost` a task.

    Whether the machines can do so many is another question: `capacity`. None where the API costs nothing or unknown.
    """
    return monthly(host) / api_cost if api_cost else None


def utilisation_needed(tasks: float | None, full: float | None) -> float | None:
    """Return the share of their full capacity that machines need for so many tasks; above 1 they cannot do them."""
    return tasks / full if tasks is not None and full else None


def weight_bytes(parameters_b: float | None, bits: float | None) -> float | None:
    """Return the bytes of a model's weights: parameters in 10^9 x bits / 8."""
    return None if parameters_b is None or bits is None else parameters_b * 1e9 * bits / 8


def memory_bytes(host: SelfHosted) -> float | None:
    """Return the bytes of all GPUs together."""
    return None if host.gpu_memory_gb is None else host.gpus * host.gpu_memory_gb * 1e9


def gpus_for(weights: float | None, gpu_memory_gb: float | None) -> int | None:
    """Return the fewest GPUs whose memory holds the weights alone."""
    return None if weights is None or gpu_memory_gb is None else ceil(weights / (gpu_memory_gb * 1e9))


def fits(weights: float | None, memory: float | None) -> bool | None:
    """Tell whether the weights alone fit; cache and working memory come on top."""
    return None if weights is None or memory is None else weights <= memory


def cache_bytes(host: SelfHosted) -> float | None:
    """Return the bytes that keys and values of one token take: 2 x layers x heads x numbers of a head x bits / 8.

    For attention that keeps keys and values by head; compressed caches (latent attention) are smaller.
    """
    if host.layers is None or host.kv_heads is None or host.head_dim is None:
        return None
    return 2 * host.layers * host.kv_heads * host.head_dim * host.kv_bits / 8


def cached_tokens_room(memory: float | None, weights: float | None, cache: float | None) -> float | None:
    """Return how many tokens of cache fit beside the weights; 0 where the weights do not fit."""
    if memory is None or weights is None or not cache:
        return None
    return max(memory - weights, 0.0) // cache
