"""`code.find`: find the function that does what is described.

Below are files of a Python program. A question about them follows at the end.

# file: orvel/skanta.py
def kelmo(x):
    total = 0 - 37
    for turn in range(4):
        total += x
    return total

Question: Which function returns four times its argument less 37?
Name it as package.module.function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.contexts import Question
from harness.records import Message

from .base import QUESTION_TAG
from .draw import Draw
from .interpreter import EvaluationError, Machine
from .planted import Foreseen, PlantedTask
from .program import File, Program, path_of, read_files, show
from .repository import Asked, functions_of

NAMED_BY = "Name it as package.module.function."
ANSWER_WITH = 'Answer in one line: write "ANSWER: " and then the name, nothing else.'
TIMES = {3: "three", 4: "four", 5: "five", 6: "six"}
ARGUMENTS = (11, 205, 730)
_ASKED = re.compile(
    r"Which function returns (?P<times>[a-z]+) times its argument (?P<sign>less|plus) (?P<number>[0-9]+)\?"
)
_REPEATS = re.compile(r"x \+ x|\+= x")


class Find(PlantedTask):
    """Find a function by what it does."""

    name = "code.find"
    version = "1"
    summary = "find the function that does what is described, among others that nearly do"

    def plant(self, draw: Draw, constants: Iterator[int]) -> Asked:
        """Plant the function, and three that miss it by one thing each."""
        times, number, other, sign = draw.stream.choice(tuple(TIMES)), next(constants), next(constants), draw.sign()
        opposite = "+" if sign == "-" else "-"
        files, foreseen = [], Foreseen()
        right, gold = _function(draw, times, sign, number, "")
        nearly = (
            ("code.off_by_one", "once too few", times - 1, sign, number),
            ("code.sign_or_operator", "the other sign", times, opposite, number),
            ("code.other_constant", "another number", times, sign, other),
        )
        for mode, why, count, its_sign, its_number in nearly:
            file, name = _function(draw, count, its_sign, its_number, mode.partition(".")[2])
            files.append(file)
            foreseen.append([mode, f"a function with {why}", name])
        text = f"Which function returns {TIMES[times]} times its argument {'less' if sign == '-' else 'plus'} {number}?"
        question = Question(
            text=text,
            gold=(gold,),
            tail=f"{QUESTION_TAG}{text}\n{NAMED_BY}\n{ANSWER_WITH}",
            evidence="".join(map(show, draw.stream.shuffled([right, *files]))).rstrip(),
            data={"foreseen": foreseen},
        )
        return Asked(question, (right, *files))

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Run every function of the prompt that could do what is asked for."""
        body, _, question = prompt[-1].content.rpartition(QUESTION_TAG)
        asked = _ASKED.match(question)
        if asked is None:
            raise ValueError("the prompt asks for no function")
        times = next(count for count, word in TIMES.items() if word == asked["times"])
        shift = int(asked["number"]) * (-1 if asked["sign"] == "less" else 1)
        sources = {path: text for path, text in read_files(body).items() if _REPEATS.search(text)}
        program = Program(sources)
        names = [name for module in program.sources for name in functions_of(program, module)]
        return tuple(name for name in names if all(_value(program, name, x) == times * x + shift for x in ARGUMENTS))


def _value(program: Program, name: str, argument: int) -> int | None:
    try:
        return Machine(program).run(name, argument).value
    except EvaluationError:
        return None


def _function(draw: Draw, times: int, sign: str, number: int, misleads: str) -> tuple[File, str]:
    """Write a function that returns so many times its argument and a number, as a sum or as a loop."""
    module, name = draw.module(), draw.word()
    if draw.stream.below(2):
        body = f"    return {' + '.join(['x'] * times)} {sign} {number}"
    else:
        body = f"    total = 0 {sign} {number}\n    for turn in range({times}):\n        total += x\n    return total"
    return File(path_of(module), f"def {name}(x):\n{body}", misleads), f"{module}.{name}"
