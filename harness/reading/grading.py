"""Grades an answer made of values against the right one, and names its failure by answers computed in advance.

For questions whose wrong answers can be foreseen: the task works out what each misconception would have answered, and a
wrong reply that gives just this is labelled with it, without a judge. The order of the labels is

    the generic modes         see `harness.reading.modes`
    false_absence             says that there is none, and there is one
    false_presence            gives a value, and there is none
    an alternative            the answer equals a foreseen wrong one
    the task's own rules
    partial_recall            gives some of the right values and no wrong one
    over_inclusion            gives all right values and others
    wrong_order               gives the right values in another order than asked
    fmt.none_found            holds no value and does not say that there is none
    unattributed              wrong, and no rule knows how
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.reading.modes import GENERIC, Reading, Rule, is_own_answer, matches
from harness.reading.value_modes import UNATTRIBUTED
from harness.records import Score

NEAR_SET = 0.9
"""F1 with an alternative from which an answer of several values counts as that alternative."""

NEARER_BY = 0.1
"""And how much more than its F1 with the right answer that must be."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A wrong answer that was foreseen.

    Attributes:
        mode: the failure mode that explains it.
        answer: its values, canonical; empty for "there is none".
        evidence: one sentence for people.
    """

    mode: str
    answer: tuple[str, ...]
    evidence: str


@dataclass(frozen=True)
class Answer:
    """A reply, read, beside the right answer.

    Attributes:
        reading: the reply, read.
        gold: the right values, canonical; empty where there is none.
        ordered: whether their order counts.
    """

    reading: Reading
    gold: tuple[str, ...]
    ordered: bool = False

    @cached_property
    def given(self) -> tuple[str, ...]:
        """The values that were read, canonical."""
        return self.reading.extraction.canonical

    @property
    def found(self) -> bool:
        """Whether there is an answer at all."""
        return self.reading.extraction.found

    def equals(self, values: Sequence[str]) -> bool:
        """Whether the answer is just these values."""
        if not self.found:
            return False
        return self.given == tuple(values) if self.ordered else set(self.given) == set(values)

    def f1(self, values: Sequence[str]) -> float:
        """Return the F1 of the answer with some values as sets; 1 for "none" where there are none."""
        given, other = set(self.given), set(values)
        if not given and not other:
            return float(self.found)
        return 2 * len(given & other) / (len(given) + len(other))


Alternatives = Sequence[Alternative] | Callable[[], Sequence[Alternative]]


def grade(
    reading: Reading,
    gold: Sequence[str],
    *,
    ordered: bool = False,
    alternatives: Alternatives = (),
    rules: Sequence[Rule[Answer]] = (),
    metrics: Mapping[str, float] | None = None,
) -> Score:
    """Give 1 for exactly the right values and 0 for anything else, and say how a wrong answer is wrong.

    Args:
        reading: the reply, read.
        gold: the right values, canonical; empty where "none" is right.
        ordered: whether their order counts.
        alternatives: wrong answers that were foreseen, the likeliest first, or what works them out: called only for a
            wrong answer.
        rules: the task's own, tried after the alternatives.
        metrics: auxiliary scores of the task, kept beside precision, recall, f1 and strict.
    """
    answer = Answer(reading, tuple(gold), ordered)
    modes = matches(GENERIC, reading)
    correct = answer.equals(answer.gold) and is_own_answer(reading, modes)
    if not correct:
        foreseen = alternatives() if callable(alternatives) else alternatives
        modes |= matches(_ABSENCE, answer) | _foreseen(answer, foreseen) | matches((*rules, *_SET_RULES), answer)
    mode = None if correct else next(iter(modes), UNATTRIBUTED)
    extraction = reading.extraction
    return Score(
        value=float(correct),
        correct=correct,
        mode=mode,
        flags=tuple(name for name in modes if name != mode),
        answer=tuple(value.raw for value in extraction.values) or (("NONE",) if extraction.none else ()),
        rung=extraction.rung,
        evidence=modes.get(mode, "no rule says why it is wrong") if mode else "",
        metrics={**_set_metrics(answer, correct), **(metrics or {})},
    )


def _foreseen(answer: Answer, alternatives: Sequence[Alternative]) -> dict[str, str]:
    """Return the modes of the alternatives that the answer equals, or of the nearest one that it resembles."""
    if not answer.found:
        return {}
    equal = {each.mode: each.evidence for each in reversed(alternatives) if answer.equals(each.answer)}
    if equal:
        return dict(reversed(equal.items()))
    if answer.ordered or len(answer.given) < 2:
        return {}
    nearest = max(alternatives, key=lambda each: answer.f1(each.answer), default=None)
    if nearest is None or answer.f1(nearest.answer) < max(NEAR_SET, answer.f1(answer.gold) + NEARER_BY):
        return {}
    return {nearest.mode: f"nearly: {nearest.evidence}"}


def _set_metrics(answer: Answer, correct: bool) -> dict[str, float]:
    given, gold = set(answer.given), set(answer.gold)
    hits = len(given & gold)
    precision = hits / len(given) if given else float(correct)
    recall = hits / len(gold) if gold else float(correct)
    return {
        "strict@1": float(correct and answer.reading.extraction.strict),
        "lenient@1": float(correct),
        "precision@1": precision,
        "recall@1": recall,
        "f1@1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
    }


def _false_absence(answer: Answer) -> str:
    return "it says that there is none" if answer.reading.extraction.none and not answer.given and answer.gold else ""


def _false_presence(answer: Answer) -> str:
    return f"there is none, and it gives {answer.given[0]}" if answer.given and not answer.gold else ""


def _partial_recall(answer: Answer) -> str:
    given, gold = set(answer.given), set(answer.gold)
    return f"it gives {len(given)} of {len(gold)} values" if given and given < gold else ""


def _over_inclusion(answer: Answer) -> str:
    given, gold = set(answer.given), set(answer.gold)
    return f"beside the right values it gives {len(given - gold)} others" if gold and gold < given else ""


def _wrong_order(answer: Answer) -> str:
    same = answer.ordered and set(answer.given) == set(answer.gold) and answer.given != answer.gold
    return "the values are right and not in the order asked for" if same else ""


def _none_found(answer: Answer) -> str:
    return "no answer of the kind asked for is in the reply" if answer.reading.folded and not answer.found else ""


_ABSENCE: tuple[Rule[Answer], ...] = (
    Rule("false_absence", _false_absence),
    Rule("false_presence", _false_presence),
)
_SET_RULES: tuple[Rule[Answer], ...] = (
    Rule("partial_recall", _partial_recall),
    Rule("over_inclusion", _over_inclusion),
    Rule("wrong_order", _wrong_order),
    Rule("fmt.none_found", _none_found),
)
