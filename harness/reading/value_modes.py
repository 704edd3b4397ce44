"""How an answer made of values can be wrong: the second part of the ladder of failure modes.

Every value that the task planted is known with its role, and every other value of the same type in the prompt with its
place; so a wrong value can be traced to where it came from, without a judge.

    false_absence     says that there is none, and there is one
    false_presence    gives a value, and there is none
    partial_recall    gives some of the right values and no wrong one
    over_inclusion    gives all right values and others from the prompt
    distractor.KIND   gives a value planted to mislead: `lookalike_key`, `other_attribute`, `stale_value`, `negated`,
                      `hypothetical`, `other_scope`; or another key's right value: `other_key`
    distractor.filler gives a value that stands in the prompt unplanted
    near_miss.SLIP    gives the right value with a slip: `transposition`, `digit_error`, `dropped_digit`, `separator`,
                      `unit`, `rounding`
    chimera           joins the start of one planted value to the end of another
    wrong_order       gives the right values in another order than asked
    hallucinated      gives a value that stands nowhere in the prompt
    fmt.none_found    holds no value and does not say that there is none
    unattributed      wrong, and no rule knows how
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from math import ceil

from harness.reading.modes import GENERIC, Reading, Rule, matches
from harness.reading.values import ValueType, near_miss
from harness.records import Span

DECOYS: tuple[str, ...] = (
    "lookalike_key",
    "other_attribute",
    "stale_value",
    "negated",
    "hypothetical",
    "other_scope",
    "other_key",
)
SLIPS: tuple[str, ...] = ("transposition", "digit_error", "dropped_digit", "separator", "unit", "rounding")
UNATTRIBUTED = "unattributed"

CHIMERA_SHARE = 0.4
"""Each half of a chimera is at least this share of the value: less is an edit, not a half."""

MAX_TRACED = 100
"""Wrong values of one reply that are traced to their sources; a longer list says no more about how it went wrong."""


@dataclass(frozen=True)
class ValueAnswer:
    """An answer made of values, and what it is held against.

    Attributes:
        reading: the reply, read.
        kind: the type of the values.
        gold: the right values, canonical; empty where there is none.
        ordered: whether the question gives the values an order.
        planted: planted spans by canonical value, the right ones included.
        positions: gives the values of this type in the prompt with the offset of each; called only when needed.
    """

    reading: Reading
    kind: ValueType
    gold: tuple[str, ...]
    ordered: bool
    planted: Callable[[], Mapping[str, Span]]
    positions: Callable[[], Mapping[str, int]]

    @cached_property
    def spans(self) -> Mapping[str, Span]:
        """What `planted` gives."""
        return self.planted()

    @property
    def given(self) -> tuple[str, ...]:
        """The values that were read, canonical."""
        return self.reading.extraction.canonical

    @cached_property
    def matches_gold(self) -> bool:
        """Whether exactly the right values were given, or "none" where there is none."""
        extraction = self.reading.extraction
        return extraction.found and set(self.given) == set(self.gold)

    @cached_property
    def wrong(self) -> tuple[str, ...]:
        """The values that were given and are not right; where too few were, a slip of a right one counts as given."""
        wrong = tuple(value for value in self.given if value not in self.gold)
        return wrong + self._slips if 0 < len(self.given) < len(self.gold) else wrong

    @property
    def _slips(self) -> tuple[str, ...]:
        """What resembles a value, beside those that were read, and is a right one with a slip."""
        rest = self.kind.exact.sub(" ", self.reading.extraction.chunk)
        loose = (value.canonical for value in self.kind.find_loose(rest))
        return tuple(value for value in loose if any(near_miss(value, right, self.kind) for right in self.gold))

    @cached_property
    def sources(self) -> dict[str, str]:
        """For each wrong value, up to `MAX_TRACED`, the mode that explains it."""
        return {value: self._source(value) for value in self.wrong[:MAX_TRACED]}

    def _source(self, value: str) -> str:
        span = self.spans.get(value)
        if span is not None:
            return f"distractor.{span.kind}"
        if value in self.positions():
            return "distractor.filler"
        slips = (near_miss(value, right, self.kind) for right in self.gold)
        if slip := next(filter(None, slips), ""):
            return f"near_miss.{slip}"
        return "chimera" if self._is_chimera(value) else "hallucinated"

    def _is_chimera(self, value: str) -> bool:
        shortest = ceil(CHIMERA_SHARE * len(value))
        others = [other for other in self.spans if len(other) == len(value)]
        for cut in range(shortest, len(value) - shortest + 1):
            starts = any(other.startswith(value[:cut]) for other in others)
            if starts and any(other.endswith(value[cut:]) for other in others):
                return True
        return False


def _false_absence(answer: ValueAnswer) -> str:
    says_none = answer.reading.extraction.none and not answer.given
    return "it says that there is none" if says_none and answer.gold else ""


def _false_presence(answer: ValueAnswer) -> str:
    return f"there is none, and it gives {answer.given[0]}" if answer.given and not answer.gold else ""


def _partial_recall(answer: ValueAnswer) -> str:
    right = len(answer.given)
    partly = right and not answer.wrong and right < len(answer.gold)
    return f"it gives {right} of {len(answer.gold)} values" if partly else ""


def _over_inclusion(answer: ValueAnswer) -> str:
    if not answer.gold or not answer.wrong or not set(answer.gold) <= set(answer.given):
        return ""
    stray = any(not source.startswith("distractor.") for source in answer.sources.values())
    return "" if stray else f"beside the right values it gives {len(answer.wrong)} others from the prompt"


def _from(source: str, answer: ValueAnswer) -> str:
    value = next((value for value, found in answer.sources.items() if found == source), "")
    if not value:
        return ""
    if span := answer.spans.get(value):
        return f"{value} is planted at character {span.start} of the message as {span.kind}"
    if source == "distractor.filler":
        return f"{value} stands in the filler at character {answer.positions()[value]} of the message"
    if source == "hallucinated":
        return f"{value} stands nowhere in the prompt"
    return f"{value} is not in the prompt; right is {', '.join(answer.gold)}"


def _wrong_order(answer: ValueAnswer) -> str:
    swapped = answer.ordered and answer.matches_gold and answer.given != answer.gold
    return "the values are right and not in the order asked for" if swapped else ""


def _none_found(answer: ValueAnswer) -> str:
    missing = answer.reading.folded and not answer.reading.extraction.found
    return f"no {answer.kind.name} is in the reply" if missing else ""


VALUE_RULES: tuple[Rule[ValueAnswer], ...] = (
    Rule("false_absence", _false_absence),
    Rule("false_presence", _false_presence),
    Rule("partial_recall", _partial_recall),
    Rule("over_inclusion", _over_inclusion),
    *(Rule(f"distractor.{kind}", partial(_from, f"distractor.{kind}")) for kind in (*DECOYS, "filler")),
    *(Rule(f"near_miss.{slip}", partial(_from, f"near_miss.{slip}")) for slip in SLIPS),
    Rule("chimera", partial(_from, "chimera")),
    Rule("wrong_order", _wrong_order),
    Rule("hallucinated", partial(_from, "hallucinated")),
    Rule("fmt.none_found", _none_found),
)

MODES: tuple[str, ...] = (
    *(rule.mode for rule in GENERIC),
    *(rule.mode for rule in VALUE_RULES),
    UNATTRIBUTED,
)
"""Every failure mode of a value answer, in the order in which they are tried."""


def classify(answer: ValueAnswer) -> dict[str, str]:
    """Return every mode that holds, the generic ones first, each with its evidence."""
    return {**matches(GENERIC, answer.reading), **matches(VALUE_RULES, answer)}
