"""What each misreading of a program would answer, worked out in advance by the interpreter.

`foresee(program, entry, argument)` gives every `Foreseen` wrong reading of one call: its failure mode and its trace.
`ambiguous` tells whether a chain must be drawn again: two failure modes explain one value, a misreading explains the
right one, or an idiom changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from .interpreter import EvaluationError, Machine, Trace
from .misreadings import MODES, OPERATOR, SWITCHES, WRONG_HOP, Misreading
from .program import Program

EARLY_STOP = "code.early_stop"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A wrong reading of a call.

    Attributes:
        mode: its failure mode.
        trace: what would have happened.
        evidence: one sentence for people.
    """

    mode: str
    trace: Trace
    evidence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A call, read rightly and in every wrong way that makes a difference.

    Attributes:
        right: what happens.
        wrong: what would happen.
    """

    right: Trace
    wrong: tuple[Foreseen, ...]

    @property
    def modes(self) -> frozenset[str]:
        """The failure modes that were foreseen."""
        return frozenset(each.mode for each in self.wrong)


def read_call(program: Program, entry: str, argument: int, names: Collection[str] = tuple(SWITCHES)) -> Reading:
    """Read a call of a function rightly, and wrongly in every way.

    Args:
        program: the files that the call needs or that may mislead.
        entry: dotted name of the function.
        argument: what it is called with.
        names: the switches to try; skipped hops, early stops and operators are tried anyway.
    """
    right = Machine(program).run(entry, argument)
    wrong = [
        *_switched(program, entry, argument, names),
        *_hops(program, entry, argument, right),
        *_operators(program, entry, argument, right),
    ]
    return Reading(right, tuple(each for each in wrong if each.trace != right))


def ambiguous(reading: Reading, expected: Collection[str]) -> bool:
    """Tell whether some value has two explanations, or an expected misreading changes nothing.

    Args:
        reading: the call, read.
        expected: the names of the misreadings that the chain is there for.
    """
    if reading.right.value in reading.right.hops:
        return True
    modes: dict[int, str] = {}
    for each in reading.wrong:
        value = each.trace.value
        if value == reading.right.value or modes.setdefault(value, each.mode) != each.mode:
            return True
    return not {MODES[name] for name in expected} <= set(modes.values())


def _switched(program: Program, entry: str, argument: int, names: Collection[str]) -> Iterator[Foreseen]:
    for name in names:
        for variant in range(SWITCHES[name]):
            everywhere = Machine(program, Misreading(name, variant))
            traces = [_traced(everywhere, entry, argument)]
            if everywhere.occasions > 1:
                once = (Misreading(name, variant, place) for place in range(everywhere.occasions))
                traces += [_traced(Machine(program, each), entry, argument) for each in once]
            for trace in traces:
                if trace:
                    yield Foreseen(MODES[name], trace, f"what comes out where {_WORDS[name][variant]}")


def _hops(program: Program, entry: str, argument: int, right: Trace) -> Iterator[Foreseen]:
    for place, value in enumerate(right.hops):
        trace = _traced(Machine(program, Misreading(WRONG_HOP, place=place)), entry, argument)
        if trace:
            yield Foreseen(MODES[WRONG_HOP], trace, f"what comes out without call {place + 1} into another file")
        yield Foreseen(EARLY_STOP, replace(right, value=value), f"what call {place + 1} into another file returns")


def _operators(program: Program, entry: str, argument: int, right: Trace) -> Iterator[Foreseen]:
    for site in right.operators:
        trace = _traced(Machine(program, Misreading(OPERATOR), site), entry, argument)
        if trace:
            yield Foreseen(
                MODES[OPERATOR], trace, f"what comes out with + and - swapped in line {site[1]} of {site[0]}"
            )


def _traced(machine: Machine, entry: str, argument: int) -> Trace | None:
    try:
        return machine.run(entry, argument)
    except EvaluationError:
        return None


_WORDS: dict[str, Sequence[str]] = {
    "stale_definition": ("the first of two definitions counts", "the copy in legacy counts"),
    "shadow_ignored": ("the global hides the local name",),
    "alias_confusion": ("an alias is taken for the thing of that name",),
    "override_ignored": ("the method of the base class runs",),
    "super_ignored": ("super() does nothing",),
    "decorator_ignored": ("a decorator does nothing",),
    "default_arg": ("a default is looked up at the call",),
    "off_by_one": ("loops run one time less", "loops run one time more"),
    "dispatch_wrong_key": ("the next entry of the table is taken", "the entry after the next is taken"),
    "decoy_constant": ("a constant comes from the wrong file",),
    "wrong_qualifier": ("a function comes from the wrong file",),
    "instance_attr_ignored": ("the attribute of the class counts",),
    "closure_ignored": ("the last closure's value counts",),
}
