"""How a number or a table can be wrong where no misreading explains it.

The labels from `agg.undercount` on say how far an answer is off, not why.
"""

from __future__ import annotations

from harness.reading import Answer, Rule

SLIP = 1
"""Difference up to which a number is a slip in counting."""

NOT_NEAR = 0.05
"""Relative error above which a round number is a guess, and not a rounded result."""

DECADES = (10, 100, 1_000)


def error_of(answer: Answer) -> float | None:
    """Return the relative error of a number; None where the answer is not one number. Zero is off by all of itself."""
    if len(answer.given) != 1 or len(answer.gold) != 1:
        return None
    try:
        given, gold = float(answer.given[0]), float(answer.gold[0])
    except ValueError:
        return None
    return abs(given - gold) / max(abs(gold), 1.0)


def _number(answer: Answer) -> tuple[float, float] | None:
    return None if error_of(answer) is None else (float(answer.given[0]), float(answer.gold[0]))


def _magnitude(answer: Answer) -> str:
    numbers = _number(answer)
    if numbers is None or not numbers[0] or not numbers[1]:
        return ""
    given, gold = max(numbers), min(numbers)
    power = next((power for power in DECADES if given == gold * power), 0)
    return f"it is off by a factor of {power}" if power else ""


def _off_by_k(answer: Answer) -> str:
    numbers = _number(answer)
    off = abs(numbers[0] - numbers[1]) if numbers else 0.0
    return f"it is off by {off:g}" if 0 < off <= SLIP else ""


def _guess_round(answer: Answer) -> str:
    numbers, error = _number(answer), error_of(answer)
    if numbers is None or error is None or error <= NOT_NEAR:
        return ""
    step = 100 if numbers[1] >= 1_000 else 10
    return f"{answer.given[0]} is a round number and not near" if not numbers[0] % step else ""


def _undercount(answer: Answer) -> str:
    numbers = _number(answer)
    return f"it is {numbers[0] / numbers[1]:.0%} of what is right" if numbers and numbers[0] < numbers[1] else ""


def _overcount(answer: Answer) -> str:
    numbers = _number(answer)
    return (
        f"it is {numbers[0] / max(numbers[1], 1):.0%} of what is right" if numbers and numbers[0] > numbers[1] else ""
    )


NUMBER_RULES: tuple[Rule[Answer], ...] = (
    Rule("agg.magnitude", _magnitude),
    Rule("agg.off_by_k", _off_by_k),
    Rule("agg.guess_round", _guess_round),
    Rule("agg.undercount", _undercount),
    Rule("agg.overcount", _overcount),
)


def _cell_error(answer: Answer) -> str:
    given, gold = _cells(answer.given), _cells(answer.gold)
    if not given or given.keys() != gold.keys() or len(given) != len(answer.given):
        return ""
    wrong = sum(given[good] != gold[good] for good in gold)
    return f"the goods are right and {wrong} of {len(gold)} numbers are wrong" if wrong else ""


def _cells(values: tuple[str, ...]) -> dict[str, str]:
    return dict(value.split(": ", 1) for value in values if ": " in value)


TABLE_RULES: tuple[Rule[Answer], ...] = (Rule("agg.cell_error", _cell_error),)


def _wrong_goods(answer: Answer) -> str:
    wrong = [good for good in answer.given if good not in answer.gold]
    same_size = len(answer.given) == len(answer.gold)
    return f"{', '.join(wrong)} should not be in it" if wrong and same_size else ""


RANK_RULES: tuple[Rule[Answer], ...] = (Rule("agg.wrong_goods", _wrong_goods),)
