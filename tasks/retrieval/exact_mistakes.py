"""Replies to a question of `retrieval.exact` that each make one mistake on purpose, by the failure mode it should get.

A mistake is made from the facts, not by asking the rules that label it: a decoy's value is given, a digit of the right
value changed, two planted values joined. What happens to be another planted value or one of the filler is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from harness.contexts import Stream
from harness.reading import VALUE_TYPES
from harness.records import Sample

from .facts import draw_values

Write = Callable[[tuple[str, ...]], str]
"""Writes values down the way the prompt asks for it."""

NO_VALUE = "I have read all of it with care."
TRIES = 20
DIGITS = ("number7", "number10", "uuid4")


def planted_mistakes(sample: Sample, value_type: str, filler: Collection[str], write: Write) -> Mapping[str, str]:
    """Return a reply for each mistake that the sample allows.

    Args:
        sample: the question.
        value_type: name of the type of its values.
        filler: other values of the type in the prompt.
        write: writes values down the way the prompt asks for it.
    """
    gold = sample.gold
    decoys = {span.kind: span.value for span in sample.spans if span.role == "decoy"}
    found = {"fmt.none_found": NO_VALUE}
    if not gold:
        return {**found, "false_presence": write((next(iter(decoys.values())),))} if decoys else found
    found["false_absence"] = write(())
    wrong = dict(_wrong_values(sample, value_type, filler))
    found |= {mode: write((*gold[:-1], value)) for mode, value in wrong.items()}
    if len(gold) > 1:
        found["partial_recall"] = write(gold[:-1])
    if decoys:
        both = write((*gold, next(iter(decoys.values()))))
        found["over_inclusion" if len(gold) > 1 else "hedged_multi"] = both
    return found


def _wrong_values(sample: Sample, value_type: str, filler: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield a wrong value for each way to be wrong, with its mode."""
    kind = VALUE_TYPES[value_type]
    planted = {span.value for span in sample.spans} | set(sample.gold)
    taken = {kind.normal(value) for value in planted} | set(filler)
    right = sample.gold[-1]
    stream = Stream(sample.id, "mistakes")
    yield from ((f"distractor.{span.kind}", span.value) for span in sample.spans if span.role == "decoy")
    if unplanted := sorted(set(filler) - {kind.normal(value) for value in planted}):
        yield "distractor.filler", stream.choice(unplanted)
    for slip, value in _SLIPS[value_type](right, stream):
        if kind.normal(value) not in taken:
            yield f"near_miss.{slip}", value
    if value_type in DIGITS:
        if chimera := _chimera(sorted(planted), taken, sample.gold, stream):
            yield "chimera", chimera
        if invented := _invented(value_type, taken, stream):
            yield "hallucinated", invented


def _chimera(planted: Sequence[str], taken: Collection[str], gold: Sequence[str], stream: Stream) -> str:
    """Join the first half of a planted value to the second half of another; "" where none is far from what is right."""
    for first, second in zip(stream.shuffled(planted), stream.shuffled(planted), strict=True):
        half = len(first) // 2
        joined = first[:half] + second[half:]
        if joined.casefold() not in taken and all(_places_that_differ(joined, right) > half // 2 + 1 for right in gold):
            return joined
    return ""


def _places_that_differ(a: str, b: str) -> int:
    """Count the places in which two strings differ; one that is shifted against the other differs in most."""
    return sum(x != y for x, y in zip(a, b, strict=False)) + abs(len(a) - len(b))


def _invented(value_type: str, taken: Collection[str], stream: Stream) -> str:
    """Draw a value that begins as no other does, so that it is neither a slip nor joined from two."""
    begun = {value[:2] for value in taken}
    return next((v for v in draw_values(value_type, TRIES, stream, sorted(taken)) if v[:2] not in begun), "")


def _digit_slips(value: str, stream: Stream) -> Iterator[tuple[str, str]]:
    """Yield a number with two neighbours swapped, a digit changed, a digit left out, and a dash in it."""
    swaps = [i for i in range(len(value) - 1) if value[i] != value[i + 1] and value[i : i + 2].isdigit()]
    if swaps:
        i = stream.choice(swaps)
        yield "transposition", value[:i] + value[i + 1] + value[i] + value[i + 2 :]
    i = stream.choice([i for i, c in enumerate(value) if c.isdigit()])
    yield "digit_error", value[:i] + str((int(value[i]) + stream.between(1, 9)) % 10) + value[i + 1 :]
    yield "dropped_digit", value[:i] + value[i + 1 :]
    yield "separator", value.replace("-", "") if "-" in value else f"{value[:3]}-{value[3:]}"


def _word_slips(value: str, stream: Stream) -> Iterator[tuple[str, str]]:
    i = stream.between(1, value.index("-") - 2)
    yield "dropped_digit", value[:i] + value[i + 1 :]
    yield "digit_error", value[:i] + "zx"[value[i] == "z"] + value[i + 1 :]


def _date_slips(value: str, _: Stream) -> Iterator[tuple[str, str]]:
    yield "rounding", value.partition(" ")[2]


def _money_slips(value: str, _: Stream) -> Iterator[tuple[str, str]]:
    amount, _space, unit = value.partition(" ")
    yield "unit", f"{amount} {'euros' if unit != 'euros' else 'dollars'}"
    yield "rounding", f"{amount.partition('.')[0]} {unit}"


_SLIPS: Mapping[str, Callable[[str, Stream], Iterator[tuple[str, str]]]] = {
    "number7": _digit_slips,
    "number10": _digit_slips,
    "uuid4": _digit_slips,
    "adjective_noun": _word_slips,
    "date": _date_slips,
    "money": _money_slips,
}
