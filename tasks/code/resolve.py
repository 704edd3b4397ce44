"""`code.resolve`: say which definition an imported name refers to.

Below are files of a Python program. A question about them follows at the end.

# file: orvel/__init__.py
from orvel.skanta import kelmo

# file: brina/tarvo.py
from orvel import kelmo as dusk

def runto(x):
    return dusk(x) + 31

Question: In brina/tarvo.py, where is the function defined that dusk refers to?
Name it as package.module.function, by the module that holds its definition.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from harness.contexts import Question
from harness.reading import Alternative, fold
from harness.records import Message, Sample

from .base import ANSWER_TAG, QUESTION_TAG, Call, CodeParams, evidence_of
from .idioms import IDIOMS
from .misreadings import MODES, WRONG_HOP
from .naming import NamingTask
from .program import Program, module_of, path_of, read_files
from .repository import functions_of

NAMED_BY = "Name it as package.module.function, by the module that holds its definition."
ANSWER_WITH = 'Answer in one line: write "ANSWER: " and then the name, nothing else.'
LEGACY = "legacy"
_ASKED = re.compile(r"In (?P<path>[a-z/]+\.py), where is the function defined that (?P<name>[a-z.]+) refers to\?")


class ResolveParams(CodeParams):
    """Parameters of `code.resolve`."""

    hops: int = Field(default=2, ge=2, le=8, description="functions that call one another across files")


def imported(program: Program, module: str) -> dict[str, tuple[str, str]]:
    """Return what a module's imports bind, as it is written in a call: the module and the name that it stands for.

    `import a.b as c` binds `c.f` for every function f of `a.b`; so does `from a import b`, where `a.b` is a module.
    """
    found: dict[str, tuple[str, str]] = {}
    for node in program.tree(module).body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                found |= _members(program, alias.name, alias.asname or alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in program:
                    found |= _members(program, whole, alias.asname or alias.name)
                else:
                    found[alias.asname or alias.name] = (node.module, alias.name)
    return found


def _members(program: Program, module: str, name: str) -> dict[str, tuple[str, str]]:
    if module not in program:
        return {}
    functions = (each.rpartition(".")[2] for each in functions_of(program, module))
    return {f"{name}.{function}": (module, function) for function in functions}


def definition(program: Program, source: tuple[str, str]) -> str:
    """Return the dotted name of the definition that an imported name stands for, through re-exports."""
    module, name = source
    return f"{program.home(module, name)}.{name}"


class Resolve(NamingTask):
    """Say which definition a name refers to."""

    name = "code.resolve"
    version = "1"
    idioms = tuple(name for name in IDIOMS if name != "closure")
    summary = "say which definition an imported name refers to, through aliases and re-exports"
    Params: ClassVar[type[ResolveParams]] = ResolveParams

    def ask(self, call: Call) -> Question:
        """Ask about the name by which the first function of a chain calls the second."""
        program = Program.of(call.chain.files)
        runs = call.reading.right.calls
        module, name, source = next(_crossings(program, runs))
        gold = definition(program, source)
        text = f"In {path_of(module)}, where is the function defined that {name} refers to?"
        foreseen = [
            [mode, answer, why]
            for mode, answer, why in _taken_for(program, runs[0], name, source, gold)
            if fold(answer) != fold(gold)
        ]
        return Question(
            text=text,
            gold=(gold,),
            tail=f"{QUESTION_TAG}{text}\n{NAMED_BY}\n{ANSWER_WITH}",
            evidence=evidence_of(call.chain),
            axes={"link": call.chain.links[0]},
            data={"foreseen": foreseen},
        )

    def alternatives(self, sample: Sample) -> list[Alternative]:
        """Return the wrong definitions; one that two modes explain has the first."""
        found: dict[str, Alternative] = {}
        for mode, answer, why in sample.data["foreseen"]:
            if answer.count(".") > 0:
                found.setdefault(fold(answer), Alternative(mode, (fold(answer),), why))
        return list(found.values())

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Read the files from the prompt and follow the import."""
        body, _, question = prompt[-1].content.rpartition(QUESTION_TAG)
        asked = _ASKED.match(question)
        if asked is None:
            raise ValueError("the prompt asks about no name")
        program = Program(read_files(body))
        return (definition(program, imported(program, module_of(asked["path"]))[asked["name"]]),)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write the name down the way the prompt asks for it."""
        return ANSWER_TAG + gold[0]

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each definition that the name may be taken for."""
        made = {each.mode: ANSWER_TAG + each.answer[0] for each in self.alternatives(sample)}
        module, _, function = sample.gold[0].rpartition(".")
        made["code.hallucinated_symbol"] = f"{ANSWER_TAG}{module}.{function}_impl"
        return made


def _crossings(program: Program, runs: Sequence[str]) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """Yield module, name and source of each import by which one function that runs reaches another."""
    for module in dict.fromkeys(name for run in runs for name in _modules_of(program, run)):
        for name, source in imported(program, module).items():
            if definition(program, source) in runs:
                yield module, name, source


def _modules_of(program: Program, run: str) -> Iterator[str]:
    """Yield the module that a function or a method stands in."""
    parts = run.split(".")
    yield from (module for end in range(1, len(parts)) if (module := ".".join(parts[:end])) in program)


def _taken_for(
    program: Program, caller: str, name: str, source: tuple[str, str], gold: str
) -> Iterator[tuple[str, str, str]]:
    """Yield what a hasty reader takes the name for, the likelier first."""
    home, _, function = gold.rpartition(".")
    surface = name.rpartition(".")[2]
    yield MODES[WRONG_HOP], f"{source[0]}.{source[1]}", "where it is imported from, and not where it is defined"
    yield MODES["alias_confusion"], f"{home}.{surface}", "the name that it has where it is used"
    package = home.rpartition(".")[0]
    yield MODES["alias_confusion"], f"{package}.{name}", "the alias taken for a module"
    for module in sorted(program.sources):
        if f"{module}.{function}" in set(functions_of(program, module)) - {gold}:
            mode = "stale_definition" if module.startswith(LEGACY) else "wrong_qualifier"
            yield MODES[mode], f"{module}.{function}", "another function of the same name"
    yield "code.early_stop", caller, "the function that uses it"
