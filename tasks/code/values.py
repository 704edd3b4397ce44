"""What expressions of the programs evaluate to, beside integers, strings and dictionaries."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

Value = Any
"""An int, a str, a dict of values, or one of the classes below."""


@dataclass(eq=False, slots=True)
class Space:
    """A module: its dotted name and what it binds."""

    name: str
    names: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Scope:
    """The names of one call, inside those of the calls that it is nested in.

    Attributes:
        names: what is bound here.
        space: the module that the code stands in.
        outer: the scope of the call that the function was defined in, if any.
        function: what runs here; None for the body of a class.
    """

    names: dict[str, Value]
    space: Space
    outer: Scope | None = None
    function: Function | None = None


@dataclass(eq=False, slots=True)
class Function:
    """A function or a method.

    Attributes:
        node: its definition.
        space: the module that it stands in.
        defaults: values of its last parameters.
        outer: the scope that it was defined in, for a nested one.
        owner: the class that it is a method of.
    """

    node: ast.FunctionDef
    space: Space
    defaults: list[Value]
    outer: Scope | None = None
    owner: Class | None = None

    @property
    def name(self) -> str:
        """Its dotted name: module, class and function."""
        owner = f"{self.owner.name}." if self.owner else ""
        return f"{self.space.name}.{owner}{self.node.name}"


@dataclass(eq=False, slots=True)
class Class:
    """A class with at most one base."""

    name: str
    base: Class | None
    names: dict[str, Value] = field(default_factory=dict)

    @property
    def line(self) -> list[Class]:
        """The class, its base, the base of that, and so on."""
        return [self, *(self.base.line if self.base else ())]


@dataclass(eq=False, slots=True)
class Instance:
    """An object, and the attributes that were set on it."""

    cls: Class
    names: dict[str, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Bound:
    """A method together with the object that it is called on."""

    function: Function
    instance: Instance


@dataclass(eq=False, slots=True)
class Builtin:
    """One of the few built-in names that the programs use."""

    name: str
