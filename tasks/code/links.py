"""The ways in which one file names a function of another.

    direct         from a.b import f
    member         from a import b, then b.f(x)
    twin           from a.b import f, and another module of the package has an f too
    alias          from a.b import f as g, and a.b has a g too
    module_alias   import a.b as c, then c.f(x), and there is a module a.c with an f too
    reexport       from a import f, which `a/__init__.py` has from a.b, and a.c has an f too

The first two cannot be misread; the others are there for what they can be taken for.
"""

from __future__ import annotations

from dataclasses import dataclass

from .draw import Draw
from .idioms import small_function
from .program import File, path_of

LINKS = ("twin", "alias", "module_alias", "reexport", "direct", "member")


@dataclass(frozen=True, slots=True)
class Link:
    """How a function is offered to its caller.

    Attributes:
        line: the import in the caller's file.
        callee: what the caller calls.
        blocks: what stands in the function's module beside it.
        files: other files.
    """

    line: str
    callee: str
    blocks: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


def home_of(kind: str, draw: Draw) -> str:
    """Draw the module of a function that is linked to: a package of its own where that re-exports it."""
    return draw.module(draw.word()) if kind == "reexport" else draw.module()


def link(kind: str, module: str, function: str, draw: Draw) -> Link:
    """Offer a function of a module to a caller."""
    package, _, own = module.rpartition(".")

    def decoy(name: str, misreading: str) -> File:
        text = small_function(function, draw.number(), draw)
        return File(path_of(f"{package}.{name}"), text, misreading)

    match kind:
        case "member":
            return Link(f"from {package} import {own}", f"{own}.{function}")
        case "twin":
            return Link(f"from {module} import {function}", function, files=(decoy(draw.word(), "wrong_qualifier"),))
        case "alias":
            name = draw.word()
            block = small_function(name, draw.number(), draw)
            return Link(f"from {module} import {function} as {name}", name, blocks=(block,))
        case "module_alias":
            name = draw.word()
            return Link(f"import {module} as {name}", f"{name}.{function}", files=(decoy(name, "alias_confusion"),))
        case "reexport":
            init = File(f"{package}/__init__.py", f"from {module} import {function}")
            return Link(
                f"from {package} import {function}", function, files=(init, decoy(draw.word(), "wrong_qualifier"))
            )
        case _:
            return Link(f"from {module} import {function}", function)
