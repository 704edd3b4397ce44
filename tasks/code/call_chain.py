"""`code.call_chain`: list the functions and methods that run during a call, in the order in which they start.

Below are files of a Python program. A question about them follows at the end.

# file: alda/krudir.py
class Nunom:
    def krurdak(self, x):
        return x + 15

# file: kremel/draldel.py
from alda.krudir import Nunom

class Trambel(Nunom):
    def krurdak(self, x):
        return super().krurdak(x) + 75

def pirko(x):
    return Trambel().krurdak(x)

Question: Which functions and methods run when pirko(65) is called, with pirko from kremel/draldel.py?
Name each by the place of its definition, as package.module.function or package.module.Class.method, in the order …
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from harness.contexts import Question
from harness.reading import Alternative, fold
from harness.records import Message, Sample

from .base import ANSWER_TAG, QUESTION_TAG, Call, CodeParams, asked_call, evidence_of, named_call
from .foreseen import EARLY_STOP
from .idioms import IDIOMS
from .interpreter import Machine
from .misreadings import MODES, OPERATOR, WRONG_HOP
from .naming import NamingTask

NAMED_BY = (
    "Name each by the place of its definition, as package.module.function or package.module.Class.method, in the order "
    "in which they start. Leave out functions that are defined inside another function."
)
ANSWER_WITH = 'Answer in one line: write "ANSWER: " and then the names with commas between them, nothing else.'
SEVERAL = 2
"""A list is asked for, so several names are no hedge, even where only one is right."""

OF_VALUES = (MODES[OPERATOR], MODES[WRONG_HOP], EARLY_STOP)
"""Modes that are defined by a value; on a list of calls they are defined anew."""


class CallChainParams(CodeParams):
    """Parameters of `code.call_chain`."""

    answer_budget: int = Field(default=128, ge=1, description="tokens that the visible answer may take")


class CallChain(NamingTask):
    """List what runs during a call."""

    name = "code.call_chain"
    version = "1"
    summary = "list the functions that run during a call through several files of a program"
    idioms = tuple(name for name in IDIOMS if name != "closure")
    Params: ClassVar[type[CallChainParams]] = CallChainParams
    fewest = SEVERAL
    ordered = True

    def ask(self, call: Call) -> Question:
        """Ask what runs during a call."""
        text = f"Which functions and methods run when {named_call(call.chain, 'is called')}?"
        gold = tuple(call.reading.right.calls)
        foreseen = [
            [mode, why, *calls] for mode, why, calls in [*_misread(call), *_left_out(gold)] if calls and calls != gold
        ]
        return Question(
            text=text,
            gold=gold,
            tail=f"{QUESTION_TAG}{text}\n{NAMED_BY}\n{ANSWER_WITH}",
            evidence=evidence_of(call.chain),
            axes={"calls": len(gold)},
            data={"foreseen": foreseen},
        )

    def measures(self, given: Sequence[str], gold: Sequence[str]) -> Mapping[str, float]:
        """Return the share of the right names before the first wrong one."""
        same = next((i for i, pair in enumerate(zip(given, gold, strict=False)) if pair[0] != pair[1]), None)
        return {"prefix@1": (min(len(given), len(gold)) if same is None else same) / len(gold)}

    def alternatives(self, sample: Sample) -> list[Alternative]:
        """Return the wrong lists; of two modes with the same list the first, which is the more special one, counts."""
        found: dict[tuple[str, ...], Alternative] = {}
        for mode, why, *calls in sample.data["foreseen"]:
            answer = tuple(fold(name) for name in calls)
            found.setdefault(answer, Alternative(mode, answer, f"it is {why}"))
        return list(found.values())

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Read the files from the prompt and run the call."""
        program, _, entry, argument = asked_call(prompt[-1].content)
        return tuple(Machine(program).run(entry, argument).calls)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the names down the way the prompt asks for it."""
        return ANSWER_TAG + ", ".join(gold)

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each failure mode that some misreading of the code leads to."""
        made: dict[str, str] = {}
        for each in self.alternatives(sample):
            made.setdefault(each.mode, self.ideal_reply(each.answer))
        module, _, function = sample.gold[-1].rpartition(".")
        made["code.hallucinated_symbol"] = self.ideal_reply((*sample.gold, f"{module}.{function}_impl"))
        made["code.extra"] = self.ideal_reply((*sample.gold, self._other(sample)))
        if len(sample.gold) > 2:
            made["wrong_order"] = self.ideal_reply((*sample.gold[-2:], *sample.gold[:-2]))
        return made

    def _other(self, sample: Sample) -> str:
        """Return a function that has nothing to do with the call."""
        foreseen = {name for _, _, *calls in sample.data["foreseen"] for name in calls}
        return min(self.context(sample).functions.difference(foreseen, sample.gold))


def _misread(call: Call) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for each in call.reading.wrong:
        if each.mode not in OF_VALUES:
            yield each.mode, each.evidence, tuple(each.trace.calls)


def _left_out(gold: tuple[str, ...]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the lists that stop early, and those that leave out one call."""
    for end in range(len(gold) - 1, 0, -1):
        yield EARLY_STOP, f"the first {end} of {len(gold)} calls", gold[:end]
    for place in range(len(gold) - 1):
        yield MODES[WRONG_HOP], f"all calls but number {place + 1}", (*gold[:place], *gold[place + 1 :])
