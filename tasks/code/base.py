"""What the tasks about a call have in common: chains are drawn and planted, one for each question.

    CallTask            a subclass says how to `ask` about a `Call`, how to score and how to answer
    Call                a planted `Chain` (its files, entry, argument) with its `Reading` (right and wrong traces)
    CallTask.plan(key)  the calls of a context, and the `Draw` whose names the filler must not use
    asked_call(prompt)  the other way round: program, question, function and argument read from a rendered prompt

A task of the family that plants something else makes a `repository.Plan` of its own files and questions and hands it to
`repository.build_repository`, which fills, orders and places them.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from harness.contexts import ContextParams, ContextTask, Place, Question, Stream
from harness.errors import ConfigError

from .chains import Chain, draw_chain
from .draw import Draw
from .foreseen import Reading, ambiguous, read_call
from .idioms import IDIOMS
from .links import LINKS
from .meanings import MEANINGS
from .program import Program, path_of, read_files, show
from .repository import Asked, CodeContext, Order, Plan, build_repository

ANSWER_TAG = "ANSWER: "
QUESTION_TAG = "Question: "
HEAD = "Below are files of a Python program. A question about them follows at the end.\n\n"
PACKAGES = 3
REDRAWS = 400
_CALL = re.compile(r"(?P<function>[a-z]+)\((?P<argument>[0-9]+)\) [a-z ]+, with [a-z]+ from (?P<path>[a-z/]+)\.py")


class CodeParams(ContextParams):
    """Parameters of the tasks about a call.

    Attributes:
        hops: functions of a chain, each in a file of its own.
        chains: chains that are planted: the most questions that a context can be asked.
        beside: unrelated definitions that each file may hold beside what a chain needs.
        order: the order of the files.
    """

    answer_budget: int = Field(default=64, ge=1, description="tokens that the visible answer may take")
    hops: int = Field(default=3, ge=1, le=8, description="functions that call one another across files")
    chains: int = Field(default=4, ge=1, le=32, description="chains that are planted, one for each question")
    beside: int = Field(default=0, ge=0, le=20, description="unrelated definitions that each file may hold besides")
    order: Order = Field(default="shuffled", description="order of the files; topological: imported ones first")


@dataclass(frozen=True, slots=True)
class Call:
    """A planted chain, and what its call does."""

    chain: Chain
    reading: Reading


class CallTask(ContextTask[CodeContext]):
    """A task about what the call of a planted chain does. A subclass asks, scores and answers.

    Attributes:
        idioms: how functions may be written.
    """

    modes = MEANINGS
    idioms: ClassVar[tuple[str, ...]] = tuple(IDIOMS)
    sliced_by: ClassVar[tuple[str, ...]] = ("hops", "order", "beside")
    Params: ClassVar[type[CodeParams]] = CodeParams

    @abstractmethod
    def ask(self, call: Call) -> Question:
        """Ask about a call, without spans."""

    def build(self, place: Place) -> CodeContext:
        """Build one context."""
        draw, calls = self.plan(place.key)
        asked = tuple(Asked(self.ask(call), call.chain.files) for call in calls)
        self._check_budget(asked, place)
        plan = Plan(
            head=HEAD,
            groups=tuple(call.chain.files for call in calls),
            asked=asked,
            names=draw.names.taken,
            packages=tuple(draw.packages),
            beside=self.params.beside,
        )
        return build_repository(plan, place, self.params.order, self.params.answer_budget)

    def plan(self, key: tuple[str | int, ...]) -> tuple[Draw, list[Call]]:
        """Draw the chains of a context; idioms and links are dealt out, so that each context has most of them."""
        params: CodeParams = self.params
        stream = Stream(*key, "facts")
        draw = Draw(stream, ())
        draw.packages += [draw.word() for _ in range(PACKAGES)]
        idioms, links = stream.shuffled(self.idioms), stream.shuffled(LINKS)
        calls = []
        for index in range(params.chains):
            own = _dealt(idioms, index * params.hops, params.hops)
            joints = _dealt(links, index * (params.hops - 1), params.hops - 1)
            calls.append(_clear_call(own, joints, draw, params.beside))
        return draw, calls

    def _check_budget(self, asked: Sequence[Asked], place: Place) -> None:
        budget = self.params.answer_budget
        needed = max(place.counter.count(self.ideal_reply(each.question.gold)) for each in asked)
        if needed > budget:
            raise ConfigError(
                f"the right answer alone takes {needed} tokens",
                where="answer_budget",
                found=str(budget),
                fix=f"set answer_budget = {2 * needed}, or lower hops",
            )


def _dealt(deck: Sequence[str], start: int, count: int) -> list[str]:
    return [deck[index % len(deck)] for index in range(start, start + count)]


def _clear_call(idioms: Sequence[str], links: Sequence[str], draw: Draw, beside: int) -> Call:
    """Draw a chain until each wrong answer to it has one explanation."""
    for _ in range(REDRAWS):
        chain = draw_chain(idioms, links, draw, beside)
        reading = read_call(Program.of(chain.files), chain.entry, chain.argument)
        if not ambiguous(reading, chain.misreadings):
            return Call(chain, reading)
    raise RuntimeError(f"no chain of {', '.join(idioms)} without two explanations for one answer in {REDRAWS} draws")


def named_call(chain: Chain, verb: str) -> str:
    """Name the call of a chain for a question: `kelmo(47) return, with kelmo from orvel/skanta.py`."""
    module, _, function = chain.entry.rpartition(".")
    return f"{function}({chain.argument}) {verb}, with {function} from {path_of(module)}"


def evidence_of(chain: Chain) -> str:
    """Return the files that the answer rests on."""
    return "".join(show(file) for file in chain.files if file.needed).rstrip()


def asked_call(prompt: str) -> tuple[Program, str, str, int]:
    """Read a rendered prompt: the program, the last question, the function that it calls, and the argument."""
    body, _, question = prompt.rpartition(QUESTION_TAG)
    match = _CALL.search(question)
    if match is None:
        raise ValueError("the prompt asks about no call")
    module = match["path"].replace("/", ".")
    return Program(read_files(body)), question, f"{module}.{match['function']}", int(match["argument"])
