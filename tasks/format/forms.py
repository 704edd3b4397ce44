"""What a form is: it states its rules, writes records down, and reads a reply back, faults included."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.contexts import Stream

from .attributes import Value

Record = Mapping[str, Value]
"""Values by the name of the attribute; `name` is the person."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a reply departs from the form.

    Attributes:
        mode: its failure mode.
        evidence: a short sentence for people.
    """

    mode: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Read:
    """A reply, read under a form.

    Attributes:
        rung: the step of the reading ladder; empty if nothing was read.
        text: faults of the text.
        schema: faults of what was read.
        constraints: faults against single rules, and how many rules there are.
        records: what was read, as normal texts by the name of the attribute.
    """

    rung: str = ""
    text: tuple[Fault, ...] = ()
    schema: tuple[Fault, ...] = ()
    constraints: tuple[Fault, ...] = ()
    rules: int = 0
    records: tuple[Mapping[str, str], ...] = ()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults."""
        return (*self.text, *self.schema, *self.constraints)

    @property
    def found(self) -> bool:
        """Whether anything was read."""
        return bool(self.rung)

    @property
    def follows(self) -> bool:
        """Whether what was read has this form, however it is wrapped."""
        return self.found and bool(self.records) and not self.schema and not self.constraints


NOT_FOUND = Read(text=(Fault("fmt.none_found", "nothing in the form asked for is in the reply"),))


class Form(ABC):
    """A form that a reply must have."""

    @property
    @abstractmethod
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes that a reply gives, `name` first."""

    @abstractmethod
    def rules(self, *, split: bool) -> tuple[str, ...]:
        """State the form, a rule a paragraph; split, the last of them adds what the first leaves out."""

    @abstractmethod
    def write(self, records: Sequence[Record]) -> str:
        """Write records down in this form."""

    def arranged(self, records: Sequence[Record]) -> list[Record]:
        """Put records into the order that the form asks for: as asked, unless a rule says otherwise."""
        return list(records)

    @abstractmethod
    def read(self, text: str, asked: int | None) -> Read:
        """Read a visible reply.

        Args:
            text: the reply.
            asked: how many records it should hold; None for any number.
        """

    @abstractmethod
    def changed(self, stream: Stream) -> tuple[Form, str]:
        """Return the form after a change of one rule, and the sentence that orders it."""

    @abstractmethod
    def mistakes(self, records: Sequence[Record]) -> Iterator[tuple[str, str]]:
        """Yield replies that break this form alone, each with its failure mode."""


def first_faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return one fault a mode, the first."""
    found: dict[str, Fault] = {}
    for fault in faults:
        found.setdefault(fault.mode, fault)
    return tuple(found.values())
