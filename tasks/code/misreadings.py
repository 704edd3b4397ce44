"""The ways in which a reader of code goes wrong that the interpreter can be told to go wrong in.

    skipped_hop           a call into another file is taken for its argument
    sign_or_operator      one + is taken for -, or the other way round
    stale_definition      the first of two definitions counts, or the copy in `legacy`
    shadow_ignored        a local name is taken for the global one of the same name
    alias_confusion       `import f as g` is taken for the g that stands there too
    override_ignored      the method of the base class runs, not the one that overrides it
    super_ignored         `super().f(x)` is taken for x
    decorator_ignored     a decorator does nothing
    default_arg           a default is looked up at the call, not at the definition
    off_by_one            a loop runs once too often, or once too rarely
    dispatch_wrong_key    another entry of a table is taken
    decoy_constant        a constant comes from another module that has one of the same name
    wrong_qualifier       a function comes from another module that has one of the same name
    instance_attr_ignored an attribute that was set on an object is taken from its class
    closure_ignored       functions of one factory share the value of the last one that was made

Each of the others than the first two can hold for a whole program, or on one of several occasions.
"""

from __future__ import annotations

from dataclasses import dataclass

WRONG_HOP, OPERATOR = "skipped_hop", "sign_or_operator"

SWITCHES: dict[str, int] = {
    "stale_definition": 2,
    "shadow_ignored": 1,
    "alias_confusion": 1,
    "override_ignored": 1,
    "super_ignored": 1,
    "decorator_ignored": 1,
    "default_arg": 1,
    "off_by_one": 2,
    "dispatch_wrong_key": 2,
    "decoy_constant": 1,
    "wrong_qualifier": 1,
    "instance_attr_ignored": 1,
    "closure_ignored": 1,
}
"""Those that can hold for a whole program, each with the number of its variants."""

MODES: dict[str, str] = {
    WRONG_HOP: "code.wrong_hop",
    "decoy_constant": "code.constant_from_decoy_module",
    **{name: f"code.{name}" for name in (OPERATOR, *SWITCHES) if name != "decoy_constant"},
}
"""The failure mode of each."""


@dataclass(frozen=True, slots=True)
class Misreading:
    """One way to go wrong.

    Attributes:
        name: which; empty for none.
        variant: which way of several.
        place: the number of the hop, or of the occasion; -1 for all occasions.
    """

    name: str = ""
    variant: int = 0
    place: int = -1


RIGHT = Misreading()
"""To read a program as Python does."""
