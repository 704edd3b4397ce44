"""`code.output`: say what a call returns that runs through several files.

Below are files of a Python program. A question about them follows at the end.

# file: alda/krudir.py
from bremi.kreso import girto as paska

def pirko(x):
    total = paska(x)
    for turn in range(4):
        total += 31
    return total

# file: bremi/kreso.py
rate = 17

def girto(x):
    rate = 62
    return x - rate

def paska(x):
    return x - 26

Question: What does pirko(65) return, with pirko from alda/krudir.py?
Answer in one line: write "ANSWER: " and then the integer, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from harness.contexts import Question
from harness.reading import Alternative, Answer, Rule, grade, near_miss, read_reply
from harness.records import Message, Reply, Sample, Score

from .base import ANSWER_TAG, QUESTION_TAG, Call, CallTask, asked_call, evidence_of, named_call
from .interpreter import Machine
from .kinds import INTEGER

ARGUMENT = "code.argument_returned"
ARITHMETIC = "code.arithmetic"
ANSWER_WITH = 'Answer in one line: write "ANSWER: " and then the integer, nothing else.'


class CodeOutput(CallTask):
    """Say what a call returns."""

    name = "code.output"
    version = "1"
    summary = "say what a call returns that runs through several files of a program"

    def ask(self, call: Call) -> Question:
        """Ask what a call returns."""
        text = f"What does {named_call(call.chain, 'return')}?"
        foreseen: dict[str, list[str]] = {}
        for each in call.reading.wrong:
            if each.trace.value != call.reading.right.value:
                foreseen.setdefault(str(each.trace.value), [each.mode, each.evidence])
        return Question(
            text=text,
            gold=(str(call.reading.right.value),),
            tail=f"{QUESTION_TAG}{text}\n{ANSWER_WITH}",
            evidence=evidence_of(call.chain),
            data={"foreseen": foreseen},
        )

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Give 1 for the right integer and 0 for anything else."""
        reading = read_reply(
            reply,
            INTEGER,
            expected=1,
            asked=(sample.data["head"], sample.data["tail"]),
            context=lambda: self.context(sample).folded,
        )
        return grade(reading, sample.gold, alternatives=lambda: _alternatives(sample), rules=_RULES)

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Read the files from the prompt and run the call."""
        program, _, entry, argument = asked_call(prompt[-1].content)
        return (str(Machine(program).run(entry, argument).value),)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the integer down the way the prompt asks for it."""
        return ANSWER_TAG + gold[0]

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each failure mode that some misreading of the code leads to."""
        foreseen = sample.data["foreseen"]
        nearly = (str(int(sample.gold[0]) + step) for step in (10, -10, 1, -1, 100, -100))
        slip = next(value for value in nearly if value not in foreseen and value != _argument(sample))
        found = {mode: ANSWER_TAG + value for value, (mode, _) in foreseen.items()} | {ARITHMETIC: ANSWER_TAG + slip}
        return found | ({ARGUMENT: ANSWER_TAG + argument} if (argument := _argument(sample)) else {})


def _alternatives(sample: Sample) -> list[Alternative]:
    foreseen = [Alternative(mode, (value,), why) for value, (mode, why) in sample.data["foreseen"].items()]
    argument = _argument(sample)
    return [*foreseen, Alternative(ARGUMENT, (argument,), "the argument of the call")] if argument else foreseen


def _argument(sample: Sample) -> str:
    """Return the argument of the call, where it is neither right nor what a misreading gives."""
    found = re.search(r"\(([0-9]+)\)", sample.question)
    known = (*sample.gold, *sample.data["foreseen"])
    return found[1] if found and found[1] not in known else ""


def _arithmetic(answer: Answer) -> str:
    """Hold where a wrong integer is one digit, or a ten or a hundred, off."""
    if len(answer.given) != 1 or not answer.given[0].lstrip("-").isdigit():
        return ""
    given, right = answer.given[0], answer.gold[0]
    slip = near_miss(given, right, INTEGER) if len(right.lstrip("-")) > 2 else ""
    if slip or abs(int(given) - int(right)) in (1, 2, 10, 20, 100):
        return f"{given} is nearly {right}"
    return "the sign is wrong" if int(given) == -int(right) else ""


_RULES = (Rule(ARITHMETIC, _arithmetic),)
