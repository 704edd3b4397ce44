"""`code.locate`: say which function an issue is about.

Below are files of a Python program. A question about them follows at the end.

… three files, in which runto calls dusk and dusk calls kelmo …

Question: An issue says: "Since the last change some results are wrong. dusk(315) is 301, and should be 306. kelmo(315)
is 240, as it should be. runto(315) is 496, and should be 501." One constant in one function is wrong. Which function …
Name it as package.module.function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from harness.contexts import Question, Stream
from harness.reading import Alternative, fold
from harness.records import Message, Sample

from .base import ANSWER_TAG, QUESTION_TAG, Call, CodeParams, evidence_of
from .interpreter import Machine
from .naming import NamingTask
from .program import Program, read_files

NAMED_BY = "Name it as package.module.function."
ANSWER_WITH = 'Answer in one line: write "ANSWER: " and then the name, nothing else.'
MOST_OFF = 9
_WRONG = re.compile(r"([a-z]+)\(([0-9]+)\) is -?[0-9]+, and should be")
_RIGHT = re.compile(r"([a-z]+)\([0-9]+\) is -?[0-9]+, as it should be")
_DEFINED = re.compile(r"^def ([a-z]+)\(", re.MULTILINE)


class LocateParams(CodeParams):
    """Parameters of `code.locate`."""

    hops: int = Field(default=4, ge=3, le=8, description="functions that call one another across files")


class Locate(NamingTask):
    """Say which function an issue is about."""

    name = "code.locate"
    version = "1"
    summary = "locate the function at fault from an issue that says which results are wrong"
    idioms = ("config", "redefinition", "shadow", "loop")
    Params: ClassVar[type[LocateParams]] = LocateParams
    floor = 0.34

    def ask(self, call: Call) -> Question:
        """Put the fault into one of the functions of a chain, and tell the results of all of them."""
        chain = call.chain
        program = Program.of(chain.files)
        path = list(dict.fromkeys(call.reading.right.calls))
        stream = Stream(chain.entry, chain.argument, "fault")
        at, off = 1 + stream.below(len(path) - 1) if len(path) > 2 else 0, stream.between(1, MOST_OFF)
        at = min(at, len(path) - 2)
        told = []
        for place, name in enumerate(path):
            value = Machine(program).run(name, chain.argument).value
            shown = f"{name.rpartition('.')[2]}({chain.argument}) is {value}"
            told.append(f"{shown}, and should be {value + off}" if place <= at else f"{shown}, as it should be")
        issue = ". ".join(sorted(told))
        text = (
            f'An issue says: "Since the last change some results are wrong. {issue}." One constant in one function is '
            "wrong. Which function is it?"
        )
        foreseen = [[mode, why, name] for mode, why, name in _taken_for(path, at) if name != path[at]]
        return Question(
            text=text,
            gold=(path[at],),
            tail=f"{QUESTION_TAG}{text}\n{NAMED_BY}\n{ANSWER_WITH}",
            evidence=evidence_of(chain),
            axes={"fault_at": at + 1},
            data={"foreseen": foreseen},
        )

    def alternatives(self, sample: Sample) -> list[Alternative]:
        """Return the functions that may be taken for the right one."""
        found: dict[str, Alternative] = {}
        for mode, why, name in sample.data["foreseen"]:
            found.setdefault(fold(name), Alternative(mode, (fold(name),), f"it is {why}"))
        return list(found.values())

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Find the wrong result all of whose own calls are right: the fault is in that function."""
        body, _, question = prompt[-1].content.rpartition(QUESTION_TAG)
        wrong, right = dict(_WRONG.findall(question)), set(_RIGHT.findall(question))
        named = {*wrong, *right}
        program = Program(read_files(body))
        homes = [
            f"{module}.{name}"
            for module, source in program.sources.items()
            for name in _DEFINED.findall(source)
            if name in named
        ]
        for home in sorted(set(homes)):
            name = home.rpartition(".")[2]
            calls = [call.rpartition(".")[2] for call in Machine(program).run(home, int(wrong.get(name, 100))).calls]
            if name in wrong and calls[0] == name and len(calls) > 1 and calls[1] in right and _on_path(calls, named):
                return (home,)
        return ()

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the name down the way the prompt asks for it."""
        return ANSWER_TAG + gold[0]

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each function that may be taken for the one at fault."""
        made = {each.mode: ANSWER_TAG + each.answer[0] for each in reversed(self.alternatives(sample))}
        module, _, function = sample.gold[0].rpartition(".")
        return {**made, "code.hallucinated_symbol": f"{ANSWER_TAG}{module}.{function}_impl"}


def _on_path(calls: Sequence[str], named: set[str]) -> bool:
    return set(calls) <= named


def _taken_for(path: Sequence[str], at: int) -> Iterator[tuple[str, str, str]]:
    """Yield which other function of the path a reader names."""
    yield "code.symptom", "where the wrong result is seen first, at the top", path[0]
    yield "code.early_stop", "one call short of the fault", path[max(at - 1, 0)]
    yield "code.too_deep", "the function below, whose result is right", path[at + 1]
