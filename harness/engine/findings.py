"""What a check of a model's server found: plain data, so that it prints as text and as JSON alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Arrived = Literal["whole", "cut", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one prompt.

    Attributes:
        length: its length as a sweep counts it.
        sent: tokens that should have arrived, `exact` if the model's own tokenizer says so.
        seen: tokens that the server counted, None if it does not say.
        arrived: `unknown` without a count, unless the reply names what stood at the very beginning.
        seconds: of the call.
        reply: the beginning of the answer.
    """

    length: int
    sent: int
    exact: bool
    seen: int | None
    arrived: Arrived
    seconds: float | None
    reply: str


@dataclass(slots=True)
class Findings:
    """What a check found; None is "could not be told".

    Attributes:
        model: name in the sweep, and `adapter`.
        kind: as of a model class: a control or a simulation is asked once, and nothing else is to be found.
        calls: how many requests for a reply were sent.
        identity: what the model says of itself.
        key: name of the variable whose key the server accepted; empty where the sweep names none.
        window: tokens that fit, as the server states them.
        arrivals: prompts from short to long.
        reasoning: where reasoning comes back.
        max_tokens_field: the field for the token budget that the server takes, None where there is no choice.
        budget_kept: whether a reply ended at its budget.
        system_role: the role under which a system prompt was taken, empty if under none.
        usage: which counts were reported.
        same_text: whether the same request twice gave the same text, at `temperature`.
        fixes: lines for the model's table without which the sweep fails.
        notes: what a person should know.
        error: why a call failed, empty if none did.
    """

    model: str
    adapter: str
    kind: str
    calls: int = 0
    identity: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    window: int | None = None
    arrivals: list[Arrival] = field(default_factory=list)
    reasoning: str = "none seen"
    max_tokens_field: str | None = None
    budget_kept: bool | None = None
    system_role: str | None = None
    usage: dict[str, bool] = field(default_factory=dict)
    same_text: bool | None = None
    temperature: float | None = None
    fixes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether the sweep can run as it stands."""
        whole = all(arrival.arrived in ("whole", "unknown") for arrival in self.arrivals)
        return not self.error and not self.fixes and whole and self.budget_kept is not False
