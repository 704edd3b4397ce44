"""What a program is here: files of Python text, shown under one header each, and parsed only where they are needed.

    File(path, text)           one file; `needed` tells the files that an answer rests on from those that mislead
    show(file), read_files     a file as it stands in a prompt, and all of them read back from one
    Program(sources)           the files by module, with the syntax tree of each, parsed when first asked for

Nothing here runs a program; `interpreter.Machine` does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

HEADER = "# file: "
_PACKAGE_FILE = "/__init__"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a program.

    Attributes:
        path: `orvel/skanta.py`.
        text: what it holds, without white space at either end.
        misleads: the misconception that this file is there for; empty where the right answer needs the file.
    """

    path: str
    text: str
    misleads: str = ""

    @property
    def needed(self) -> bool:
        """Whether the right answer rests on it."""
        return not self.misleads

    @property
    def module(self) -> str:
        """Its dotted name."""
        return module_of(self.path)


def module_of(path: str) -> str:
    """Return the dotted name of the module that a path holds."""
    return path.removesuffix(".py").removesuffix(_PACKAGE_FILE).replace("/", ".")


def path_of(module: str) -> str:
    """Return the path of a module that is no package."""
    return module.replace(".", "/") + ".py"


def show(file: File) -> str:
    """Return a file as it stands in a prompt, with the blank line behind it."""
    return f"{HEADER}{file.path}\n{file.text}\n\n"


def read_files(text: str) -> dict[str, str]:
    """Return the text of each file that a prompt shows, by path."""
    files = {}
    for block in f"\n{text}".split(f"\n{HEADER}")[1:]:
        path, _, source = block.partition("\n")
        files[path] = source.strip()
    return files


class Program:
    """The files of a program by module.

    Args:
        sources: text by path.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = {module_of(path): text for path, text in sources.items()}
        self._trees: dict[str, ast.Module] = {}

    @classmethod
    def of(cls, files: Iterable[File]) -> Program:
        """Return the program that some files make up."""
        return cls({file.path: file.text for file in files})

    def __contains__(self, module: str) -> bool:
        return module in self.sources

    def tree(self, module: str) -> ast.Module:
        """Return the syntax tree of a module.

        Raises:
            KeyError: there is no such module.
            SyntaxError: its text is no Python.
        """
        if module not in self._trees:
            self._trees[module] = ast.parse(self.sources[module])
        return self._trees[module]

    @cached_property
    def defined(self) -> dict[str, frozenset[str]]:
        """The names that each module defines itself, not counting imports."""
        return {module: frozenset(_defined(self.tree(module))) for module in sorted(self.sources)}

    def names(self, module: str) -> frozenset[str]:
        """The names that a module defines itself, not counting imports."""
        return frozenset(_defined(self.tree(module))) if module in self else frozenset()

    def home(self, module: str, name: str) -> str:
        """Return the module that defines what `module` offers under `name`, through its re-exports."""
        if module not in self or name in self.defined[module]:
            return module
        for node in self.tree(module).body:
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return self.home(node.module, alias.name)
        return module


def _defined(tree: ast.Module) -> Iterable[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
