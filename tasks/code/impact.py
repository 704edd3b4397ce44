"""`code.impact`: say which functions return something else when a constant is changed.

Below are files of a Python program. A question about them follows at the end.

# file: orvel/skanta.py
TARIN = 47

# file: brina/tarvo.py
from orvel.skanta import TARIN

def runto(x):
    return x + TARIN

Question: TARIN in orvel/skanta.py is raised by 1. Which functions and methods then return another number for at least
one argument?
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from harness.contexts import Question
from harness.reading import Alternative, fold
from harness.records import Message, Sample

from .base import ANSWER_TAG, QUESTION_TAG, Call, CodeParams, evidence_of
from .interpreter import EvaluationError, Machine
from .naming import NamingTask
from .program import File, Program, module_of, read_files
from .repository import functions_of

NAMED_BY = "Name each function as package.module.function. Leave out methods, and functions inside other functions."
ANSWER_WITH = 'Answer in one line: write "ANSWER: " and then the names with commas between them, nothing else.'
ARGUMENTS = (12, 305, 777)
SEVERAL = 2
_CONSTANT = re.compile(r"^(?P<name>[A-Z]+) = (?P<value>[0-9]+)$", re.MULTILINE)
_ASKED = re.compile(r"(?P<name>[A-Z]+) in (?P<path>[a-z/]+\.py) is raised by 1\.")
DECOY = "decoy_constant"


class Impact(NamingTask):
    """Say what a change of a constant changes."""

    name = "code.impact"
    version = "1"
    summary = "say which functions return something else when a constant in a distant file is raised"
    idioms = ("config",)
    Params: ClassVar[type[CodeParams]] = CodeParams
    fewest = SEVERAL

    def ask(self, call: Call) -> Question:
        """Ask about the constant of one of the functions of a chain."""
        files = call.chain.files
        constants = [file for file in files if _CONSTANT.fullmatch(file.text) and not file.misleads]
        home = constants[call.chain.argument % len(constants)]
        gold = changed(Program.of(files), Program.of(_raised(files, home.path)))
        name = _CONSTANT.fullmatch(home.text)
        assert name is not None
        text = (
            f"{name['name']} in {home.path} is raised by 1. Which functions then return another number for at least "
            "one argument?"
        )
        foreseen = [[mode, why, *names] for mode, why, names in _misjudged(files, home, gold) if names]
        return Question(
            text=text,
            gold=gold,
            tail=f"{QUESTION_TAG}{text}\n{NAMED_BY}\n{ANSWER_WITH}",
            evidence=evidence_of(call.chain),
            axes={"changed": len(gold)},
            data={"foreseen": foreseen},
        )

    def alternatives(self, sample: Sample) -> list[Alternative]:
        """Return the wrong sets; one that two modes explain has the first."""
        gold = frozenset(map(fold, sample.gold))
        found: dict[frozenset[str], Alternative] = {}
        for mode, why, *names in sample.data["foreseen"]:
            answer = tuple(map(fold, names))
            if frozenset(answer) != gold:
                found.setdefault(frozenset(answer), Alternative(mode, answer, f"it is {why}"))
        return list(found.values())

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Read the files from the prompt, raise the constant, and compare what every function returns."""
        body, _, question = prompt[-1].content.rpartition(QUESTION_TAG)
        asked = _ASKED.match(question)
        if asked is None:
            raise ValueError("the prompt asks about no constant")
        sources = read_files(body)
        files = _reachable([File(path, text) for path, text in sources.items()], asked["path"])
        return changed(Program.of(files), Program.of(_raised(files, asked["path"])))

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the names down the way the prompt asks for it."""
        return ANSWER_TAG + ", ".join(gold)

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each misjudgement that has an answer of its own."""
        made = {each.mode: self.ideal_reply(each.answer) for each in reversed(self.alternatives(sample))}
        module, _, function = sample.gold[-1].rpartition(".")
        made["code.hallucinated_symbol"] = self.ideal_reply((*sample.gold, f"{module}.{function}_impl"))
        return made


def changed(before: Program, after: Program) -> tuple[str, ...]:
    """Return the functions of a program that return something else in another one, sorted."""
    functions = [
        name for module in before.sources for name in functions_of(before, module) if name.rpartition(".")[0] == module
    ]
    return tuple(sorted(name for name in functions if _returns(before, name) != _returns(after, name)))


def _returns(program: Program, name: str) -> list[int | None]:
    found: list[int | None] = []
    for argument in ARGUMENTS:
        try:
            found.append(Machine(program).run(name, argument).value)
        except EvaluationError:
            found.append(None)
    return found


def _raised(files: Sequence[File], path: str) -> list[File]:
    """Return the files with the constant of one of them raised by 1."""

    def one_more(match: re.Match[str]) -> str:
        return f"{match['name']} = {int(match['value']) + 1}"

    return [replace(file, text=_CONSTANT.sub(one_more, file.text)) if file.path == path else file for file in files]


def _reachable(files: Sequence[File], path: str) -> list[File]:
    """Return the files that import from one file, from those that do, and so on, and all that these import from.

    The others cannot matter, and there may be thousands of them.
    """
    uses = {file.module: set(re.findall(r"^(?:from|import) ([a-z._]+)", file.text, re.MULTILINE)) for file in files}
    for file in files:
        whole = re.findall(r"^from ([a-z._]+) import ([a-z]+)", file.text, re.MULTILINE)
        uses[file.module] |= {f"{package}.{name}" for package, name in whole}
    users: dict[str, set[str]] = {}
    for module, used in uses.items():
        for each in used:
            users.setdefault(each, set()).add(module)
    found = _closure(_closure({module_of(path)}, users), uses)
    return [file for file in files if file.module in found]


def _closure(start: set[str], leads: Mapping[str, set[str]]) -> set[str]:
    found, waiting = set(start), list(start)
    while waiting:
        for each in leads.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found


def _misjudged(files: Sequence[File], home: File, gold: tuple[str, ...]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield what a reader answers who stops early, goes too far, or takes another constant for the one asked about."""
    uses = f"from {home.module} import "
    direct = {file.module for file in files if uses in file.text}
    own = tuple(name for name in gold if name.rpartition(".")[0] in direct)
    program = Program.of(files)
    everything = tuple(
        sorted(name for module in program.sources for name in functions_of(program, module) if module + "." in name)
    )
    yield "code.early_stop", "only the function that uses the constant itself", own
    yield "code.wrong_hop", "only those that use it through another function", tuple(n for n in gold if n not in own)
    yield "code.extra", "every function of the chain", everything
    others = [file for file in files if file is not home and _CONSTANT.fullmatch(file.text) and not file.misleads]
    for other in others:
        yield (
            "code.other_constant",
            f"what a change of the constant in {other.path} would change",
            changed(program, Program.of(_raised(files, other.path))),
        )
