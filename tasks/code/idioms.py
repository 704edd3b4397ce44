"""The idioms that a function of a chain can be written in. Each can be misread in a way of its own.

    redefinition   defined twice in its module
    legacy         copied, with other constants, to `legacy/`
    shadow         a local name hides a global one
    override       a method that overrides that of a base class in another file, and calls it with super()
    decorator      a decorator from another file changes the result
    default        a default argument, and a global that changes after the definition
    loop           adds something in each turn
    dispatch       picks the function to call from a table
    config         adds a constant from another file, and a third file has one of the same name
    instance       an attribute of an object hides that of its class
    closure        made by a factory, together with another function

A writer takes a `Hop` (what the function is called, where it stands, how it calls the next one) and gives a `Written`:
what goes into its module, and the files beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .draw import Draw
from .program import File, path_of


@dataclass(frozen=True, slots=True)
class Hop:
    """A function that is to be written.

    Attributes:
        module: dotted name of its module.
        function: its name.
        imports: the lines that import what it calls.
        callee: how it names the function that it calls; empty for the last of a chain.
    """

    module: str
    function: str
    imports: tuple[str, ...]
    callee: str

    def call(self, argument: str) -> str:
        """Write the call of the next function, or the argument itself where there is none."""
        return f"{self.callee}({argument})" if self.callee else argument


@dataclass(frozen=True, slots=True)
class Written:
    """A function, written.

    Attributes:
        blocks: what goes into its module, in order, below the imports.
        imports: lines of imports beside those of the hop.
        files: other files, those that come first in the order of imports first.
        bare: whether the module does without the imports of the hop.
    """

    blocks: tuple[str, ...]
    imports: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    bare: bool = False


def join(imports: tuple[str, ...], blocks: tuple[str, ...]) -> str:
    """Return the text of a module."""
    return "\n\n".join(["\n".join(imports), *blocks] if imports else blocks)


def _plain(hop: Hop, number: int, draw: Draw, name: str = "") -> str:
    """Write the function with one constant, added or taken away before the call or behind it."""
    sign = draw.sign()
    inside = hop.callee and draw.stream.below(2)
    body = hop.call(f"x {sign} {number}") if inside else f"{hop.call('x')} {sign} {number}"
    return f"def {name or hop.function}(x):\n    return {body}"


def small_function(name: str, number: int, draw: Draw) -> str:
    """Write a function that calls nothing."""
    return f"def {name}(x):\n    return x {draw.sign()} {number}"


def _redefinition(hop: Hop, draw: Draw) -> Written:
    first, last = draw.numbers(2)
    return Written((_plain(hop, first, draw), _plain(hop, last, draw)))


def _legacy(hop: Hop, draw: Draw) -> Written:
    own, old = draw.numbers(2)
    copy = join(hop.imports, (_plain(hop, old, draw),))
    path = path_of(f"legacy.{hop.module.rpartition('.')[2]}")
    return Written((_plain(hop, own, draw),), files=(File(path, copy, "stale_definition"),))


def _shadow(hop: Hop, draw: Draw) -> Written:
    outer, inner = draw.numbers(2)
    name = draw.stream.choice(("rate", "margin", "offset", "weight"))
    body = f"    {name} = {inner}\n    return {hop.call('x')} {draw.sign()} {name}"
    return Written((f"{name} = {outer}", f"def {hop.function}(x):\n{body}"))


def _override(hop: Hop, draw: Draw) -> Written:
    below, above = draw.numbers(2)
    base, cls, method = draw.word().capitalize(), draw.word().capitalize(), draw.word()
    module = draw.module()
    based = f"class {base}:\n    def {method}(self, x):\n        return {hop.call('x')} {draw.sign()} {below}"
    derived = (
        f"class {cls}({base}):\n    def {method}(self, x):\n        return super().{method}(x) {draw.sign()} {above}"
    )
    return Written(
        (derived, f"def {hop.function}(x):\n    return {cls}().{method}(x)"),
        (f"from {module} import {base}",),
        (File(path_of(module), join(hop.imports, (based,))),),
        bare=True,
    )


def _decorator(hop: Hop, draw: Draw) -> Written:
    own, added = draw.numbers(2)
    module, name = draw.module(), draw.word()
    text = f"def {name}(inner):\n    def wrapped(x):\n        return inner(x) {draw.sign()} {added}\n    return wrapped"
    return Written(
        (f"@{name}\n{_plain(hop, own, draw)}",), (f"from {module} import {name}",), (File(path_of(module), text),)
    )


def _default(hop: Hop, draw: Draw) -> Written:
    early, late = draw.numbers(2)
    name = draw.stream.choice(("step", "limit", "base"))
    function = f"def {hop.function}(x, extra={name}):\n    return {hop.call('x')} {draw.sign()} extra"
    return Written((f"{name} = {early}", function, f"{name} = {late}"))


def _loop(hop: Hop, draw: Draw) -> Written:
    number, turns = draw.number(), draw.stream.between(3, 6)
    start = draw.stream.below(2)
    bounds = f"1, {turns + 1}" if start else f"{turns}"
    body = (
        f"    total = {hop.call('x')}\n    for turn in range({bounds}):\n"
        f"        total {draw.sign()}= {number}\n    return total"
    )
    return Written((f"def {hop.function}(x):\n{body}",))


def _dispatch(hop: Hop, draw: Draw) -> Written:
    numbers = draw.numbers(4)
    keys = draw.stream.sample(("amber", "cedar", "maple", "olive", "slate", "topaz"), 3)
    local = [draw.word() for _ in range(2 if hop.callee else 3)]
    targets = [*local, hop.callee] if hop.callee else local
    targets = draw.stream.shuffled(targets)
    key = keys[targets.index(hop.callee)] if hop.callee else draw.stream.choice(keys)
    table = ", ".join(f'"{each}": {target}' for each, target in zip(keys, targets, strict=True))
    blocks = [small_function(name, number, draw) for name, number in zip(local, numbers, strict=False)]
    body = f'    return table["{key}"](x) {draw.sign()} {numbers[-1]}'
    return Written((*blocks, f"table = {{{table}}}", f"def {hop.function}(x):\n{body}"))


def _config(hop: Hop, draw: Draw) -> Written:
    right, wrong = draw.numbers(2)
    name = draw.word().upper()
    home, other = draw.module(), draw.module()
    files = (File(path_of(home), f"{name} = {right}"), File(path_of(other), f"{name} = {wrong}", "decoy_constant"))
    body = f"    return {hop.call('x')} {draw.sign()} {name}"
    return Written((f"def {hop.function}(x):\n{body}",), (f"from {home} import {name}",), files)


def _instance(hop: Hop, draw: Draw) -> Written:
    shared, own = draw.numbers(2)
    cls, method, thing = draw.word().capitalize(), draw.word(), draw.word()
    name = draw.stream.choice(("rate", "margin", "offset", "weight"))
    defined = (
        f"class {cls}:\n    {name} = {shared}\n\n    def {method}(self, x):\n"
        f"        return {hop.call('x')} {draw.sign()} self.{name}"
    )
    made = f"{thing} = {cls}()\n{thing}.{name} = {own}"
    return Written((defined, made, f"def {hop.function}(x):\n    return {thing}.{method}(x)"))


def _closure(hop: Hop, draw: Draw) -> Written:
    own, other = draw.numbers(2)
    factory = draw.word()
    defined = f"def {factory}(n):\n    def inner(x):\n        return {hop.call('x')} {draw.sign()} n\n    return inner"
    return Written((defined, f"{hop.function} = {factory}({own})\n{draw.word()} = {factory}({other})"))


IDIOMS: dict[str, Callable[[Hop, Draw], Written]] = {
    "redefinition": _redefinition,
    "legacy": _legacy,
    "shadow": _shadow,
    "override": _override,
    "decorator": _decorator,
    "default": _default,
    "loop": _loop,
    "dispatch": _dispatch,
    "config": _config,
    "instance": _instance,
    "closure": _closure,
}

PLANTS: dict[str, tuple[str, ...]] = {
    "redefinition": ("stale_definition",),
    "legacy": ("stale_definition",),
    "shadow": ("shadow_ignored",),
    "override": ("override_ignored", "super_ignored"),
    "decorator": ("decorator_ignored",),
    "default": ("default_arg",),
    "loop": ("off_by_one",),
    "dispatch": ("dispatch_wrong_key",),
    "config": ("decoy_constant",),
    "instance": ("instance_attr_ignored",),
    "closure": ("closure_ignored",),
    "alias": ("alias_confusion",),
    "module_alias": ("alias_confusion",),
    "reexport": ("wrong_qualifier",),
    "twin": ("wrong_qualifier",),
}
"""The misreadings that an idiom or a link is there for."""
