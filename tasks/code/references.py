"""`code.references`: list all functions that call a function, whatever name they call it by.

Below are files of a Python program. A question about them follows at the end.

# file: orvel/skanta.py
def kelmo(x):
    return x + 47

# file: brina/tarvo.py
from orvel.skanta import kelmo as dusk

def runto(x):
    return dusk(x) - 31

Question: Which functions call kelmo from orvel/skanta.py?
Name each as package.module.function.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from harness.contexts import Question
from harness.records import Message

from .base import QUESTION_TAG
from .draw import Draw
from .idioms import join, small_function
from .links import link
from .planted import Foreseen, PlantedParams, PlantedTask
from .program import File, Program, module_of, path_of, read_files, show
from .repository import Asked
from .resolve import definition, imported

NAMED_BY = "Name each as package.module.function."
ANSWER_WITH = 'Answer in one line: write "ANSWER: " and then the names with commas between them, nothing else.'
RENAMED = ("alias", "module_alias")
PLAIN = ("direct", "member", "twin")
_ASKED = re.compile(r"Which functions call (?P<name>[a-z]+) from (?P<path>[a-z/]+\.py)\?")


class ReferencesParams(PlantedParams):
    """Parameters of `code.references`."""

    answer_budget: int = Field(default=96, ge=1, description="tokens that the visible answer may take")
    plants: int = Field(default=4, ge=1, le=16, description="functions whose callers are asked for, one a question")
    callers: int = Field(default=3, ge=2, le=8, description="callers of each function, on average")


class References(PlantedTask):
    """List the callers of a function."""

    name = "code.references"
    version = "1"
    summary = "list all functions that call a function, under aliases too, and none that calls another of its name"
    many = True
    sliced_by = ("order", "callers")
    Params: ClassVar[type[PlantedParams]] = ReferencesParams

    def plant(self, draw: Draw, constants: Iterator[int]) -> Asked:
        """Plant a function, its callers, and a function of the same name with a caller of its own."""
        home, function = draw.module(), draw.word()
        count = draw.stream.between(self.params.callers - 1, self.params.callers + 1)
        kinds = [RENAMED[0], PLAIN[0], *(draw.stream.choice((*RENAMED[:1], *PLAIN[:2])) for _ in range(count - 2))]
        blocks, callers, renamed = [small_function(function, draw.number(), draw)], [], []
        files: list[File] = []
        for kind in draw.stream.shuffled(kinds):
            offered = link(kind, home, function, draw)
            file, name = _caller(draw, offered.line, offered.callee)
            blocks += offered.blocks
            files += [*offered.files, file]
            callers.append(name)
            renamed += [name] if kind in RENAMED else []
        other = draw.module(home.partition(".")[0])
        decoy = File(path_of(other), small_function(function, draw.number(), draw), "wrong_qualifier")
        stray, stray_name = _caller(draw, f"from {other} import {function}", function, "wrong_qualifier")
        target = File(path_of(home), join((), tuple(blocks)))
        gold = tuple(sorted(callers))
        foreseen: Foreseen = [
            ["code.alias_confusion", "only those that call it by its own name", *(n for n in gold if n not in renamed)],
            ["code.wrong_qualifier", "those and a caller of another function of the name", *gold, stray_name],
            ["code.wrong_definition", "the caller of another function of the name", stray_name],
        ]
        text = f"Which functions call {function} from {path_of(home)}?"
        question = Question(
            text=text,
            gold=gold,
            tail=f"{QUESTION_TAG}{text}\n{NAMED_BY}\n{ANSWER_WITH}",
            evidence="".join(map(show, draw.stream.shuffled([target, *(f for f in files if f.needed)]))).rstrip(),
            axes={"references": len(gold)},
            data={"foreseen": foreseen},
        )
        return Asked(question, (target, decoy, *files, stray))

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Follow the imports of every file that could call the function."""
        body, _, question = prompt[-1].content.rpartition(QUESTION_TAG)
        asked = _ASKED.match(question)
        if asked is None:
            raise ValueError("the prompt asks for no callers")
        home, last = module_of(asked["path"]), module_of(asked["path"]).rpartition(".")[2]
        near = {p: t for p, t in read_files(body).items() if last in t or asked["name"] in t or p == asked["path"]}
        program = Program(near)
        target = f"{home}.{asked['name']}"
        return tuple(sorted(name for module in program.sources for name in _calling(program, module, target)))


def _caller(draw: Draw, line: str, callee: str, misleads: str = "") -> tuple[File, str]:
    """Write a file with one function that calls another."""
    module, name = draw.module(), draw.word()
    text = f"{line}\n\ndef {name}(x):\n    return {callee}(x) {draw.sign()} {draw.number()}"
    return File(path_of(module), text, misleads), f"{module}.{name}"


def _calling(program: Program, module: str, target: str) -> list[str]:
    """Return the functions of a module that call the target by a name that was imported."""
    bound = {name for name, source in imported(program, module).items() if definition(program, source) == target}
    return [
        f"{module}.{node.name}"
        for node in program.tree(module).body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(each, ast.Call) and ast.unparse(each.func) in bound for each in ast.walk(node))
    ]
