"""`tracing.variables`: follow assignments that are scattered over a long text.

Read the text below. It holds numbered notes about counters. …

… Note 3: the counter Velmar is set to 57. …
… Note 8: the counter Tarnby takes the number of Velmar plus 7. …

Question: Which number does the counter Tarnby hold after the last note?
Answer in one line: write "ANSWER: " and then the number, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from typing import ClassVar, Literal

from pydantic import Field

from harness.contexts import Stream
from harness.reading import Answer, Rule, ValueType

from .puzzle import (
    HIGHEST,
    INTEGER,
    LOWEST,
    Ask,
    Puzzle,
    TracingParams,
    TracingTask,
    Wrong,
    folded,
    invented,
    names_kind,
    numbers,
)

SET = "Note {number}: the counter {name} is set to {value}."
TAKE = "Note {number}: the counter {name} takes the number of {source}."
ADD = "Note {number}: the counter {name} takes the number of {source} plus {value}."
VALUE = "Which number does the counter {name} hold after the last note?"
HOLDERS = "Which counters hold the number {value} after the last note?"
_NOTE = re.compile(
    r"Note ([0-9]+): the counter (\w+) (?:is set to ([0-9]+)|takes the number of (\w+)(?: plus ([0-9]+))?)\."
)

Values = dict[str, int]


class VariablesParams(TracingParams):
    """Parameters of `tracing.variables`."""

    chains: int = Field(default=4, ge=2, le=16, description="chains of counters, each asked about once")
    hops: int = Field(default=3, ge=1, le=16, description="how often a chain hands its number on")
    early: int = Field(default=1, ge=0, le=8, description="settings replaced before they are used")
    late: int = Field(default=1, ge=0, le=8, description="settings made after the number was handed on")
    order: Literal["ordered", "shuffled"] = Field(
        default="ordered", description="whether the notes stand in the order of their numbers"
    )


@dataclass(frozen=True, slots=True)
class Note:
    """One assignment: to a value, or to another counter's number plus a value.

    Attributes:
        chain: index of the chain that it belongs to.
        number: when it takes effect.
    """

    chain: int
    name: str
    source: str
    value: int
    number: int = 0


def run(notes: Sequence[Note], *, first_only: bool = False, add: bool = True) -> Values:
    """Carry out notes in the order given.

    Args:
        notes: what to carry out; a counter that nothing was assigned to holds 0.
        first_only: as if a counter that has a number kept it.
        add: whether what is to be added is added.
    """
    held: Values = {}
    for note in notes:
        if first_only and note.name in held:
            continue
        before = held.get(note.source, 0) if note.source else 0
        held[note.name] = before + (note.value if add or not note.source else 0)
    return held


def late_binding(notes: Sequence[Note]) -> Values:
    """Work out numbers as if a counter followed every later change of its source, as in a spreadsheet."""
    last = {note.name: note for note in notes}

    def number(name: str, depth: int = 0) -> int:
        note = last[name]
        return note.value + (number(note.source, depth + 1) if note.source and depth < len(last) else 0)

    return {name: number(name) for name in last}


class Variables(TracingTask):
    """Follow assignments."""

    name = "tracing.variables"
    version = "1"
    summary = "follow chains of assignments with settings that were replaced, and others that look alike"
    head = (
        "Read the text below. It holds numbered notes about counters. The notes take effect in the order of their "
        "numbers. A counter that takes the number of another holds what that one held at that moment, and does not "
        "follow its later changes. A question follows at the end."
    )
    Params: ClassVar[type[TracingParams]] = VariablesParams
    sliced_by = ("chains", "hops", "early", "late", "order")

    def draw(self, stream: Stream) -> Puzzle:
        """Draw chains, mix their notes, and ask about each chain: the last number, or who holds one."""
        params: VariablesParams = self.params
        names = invented(stream, params.chains * (params.hops + 1))
        chains = [names[at :: params.chains] for at in range(params.chains)]
        values = cycle(numbers(stream, HIGHEST - LOWEST + 1))
        notes = _mixed([self._chain(at, chain, values, stream) for at, chain in enumerate(chains)], stream)
        standing = stream.shuffled(notes) if params.order == "shuffled" else notes
        asks = tuple(self._ask(at, chain, notes, standing, chains) for at, chain in enumerate(chains))
        return Puzzle(tuple(map(_sentence, standing)), tuple(names), asks)

    def kind(self, puzzle: Puzzle, ask: Ask) -> ValueType:
        """Return whether numbers or names are asked for."""
        return names_kind(puzzle.names) if ask.axes["asked"] == "holders" else INTEGER

    def rules(self, puzzle: Puzzle, ask: Ask) -> Sequence[Rule[Answer]]:
        """Return what is tried on an answer that no foreseen mistake explains."""
        known = set(folded(puzzle.names)) | {word for text in puzzle.statements for word in re.findall("[0-9]+", text)}

        def planted(answer: Answer) -> str:
            wrong = [value for value in answer.given if value not in answer.gold]
            return f"{wrong[0]} stands in a note" if wrong and wrong[0] in known else ""

        def invented_node(answer: Answer) -> str:
            wrong = [value for value in answer.given if value not in known]
            return f"{wrong[0]} stands in no note" if wrong else ""

        return (Rule("trace.other_note", planted), Rule("trace.invented_node", invented_node))

    def solve(self, text: str, question: str) -> tuple[str, ...]:
        """Carry out the notes of a text in the order of their numbers."""
        held: Values = {}
        for _, name, value, source, plus in sorted(_NOTE.findall(text), key=lambda match: int(match[0])):
            held[name] = int(value) if value else held[source] + int(plus or 0)
        asked = re.findall(r"[0-9]+|[A-Z]\w+", question)[-1]
        if asked.isdigit():
            return tuple(sorted(name.casefold() for name, number in held.items() if number == int(asked)))
        return (str(held[asked]),)

    def _chain(self, at: int, names: Sequence[str], values: Iterator[int], stream: Stream) -> list[Note]:
        """Set the first counter, hand its number on, and change counters when it is too late to matter."""
        params: VariablesParams = self.params
        notes = [Note(at, names[0], "", next(values)) for _ in range(params.early + 1)]
        for source, name in pairwise(names):
            notes.append(Note(at, name, source, stream.between(3, 9) if at % 2 == 0 else 0))
        for _ in range(params.late):
            notes.append(Note(at, stream.choice(names[:-1]), "", next(values)))
        return notes

    def _ask(
        self,
        at: int,
        chain: Sequence[str],
        notes: Sequence[Note],
        standing: Sequence[Note],
        chains: Sequence[list[str]],
    ) -> Ask:
        held = run(notes)
        own = [note for note in notes if note.chain == at]
        evidence = tuple(place for place, note in enumerate(standing) if note.chain == at)
        others = {
            "trace.stale_binding": (run(notes, first_only=True), "the number before it was replaced"),
            "trace.late_binding": (late_binding(notes), "as if later changes were followed"),
            "trace.arithmetic_ignored": (run(notes, add=False), "without what is added"),
            "trace.order_ignored": (run(standing), "in the order in which the notes stand"),
        }
        last = chain[-1]
        axes = {"asked": "holders" if at % 2 else "value", "notes": len(own)}
        wrong: list[Wrong]
        if at % 2 == 0:
            wrong = [(mode, (str(values[last]),), text) for mode, (values, text) in others.items()]
            wrong += [
                ("trace.broken_at_hop", (str(held[name]),), f"the number of {name}, {len(chain) - 1 - hop} hops short")
                for hop, name in enumerate(chain[1:-1], start=1)
            ]
            wrong += [
                ("trace.decoy_chain", (str(held[other[-1]]),), f"the number of {other[-1]}, of another chain")
                for other in chains
                if other is not chain
            ]
            return Ask(VALUE.format(name=last), "the number", (str(held[last]),), tuple(wrong), evidence, axes=axes)
        value = held[last]
        holding = _holding(held, value)
        gold = holding if set(holding) <= set(folded(chain)) else ()  # by chance also held elsewhere: drawn again
        wrong = [(mode, _holding(values, value), text) for mode, (values, text) in others.items()]
        ranked = [name for name in chain if name.casefold() in gold]
        wrong += [
            ("trace.missing_tail", folded(ranked[:kept]), f"the first {kept} of {len(ranked)}")
            for kept in range(1, len(ranked))
        ]
        wrong.append(("trace.extra_nodes", folded(chain), "every counter of the chain"))
        wrong += [
            ("trace.decoy_chain", folded(other), "the counters of another chain")
            for other in chains
            if other is not chain
        ]
        how = "the names of the counters with commas between them"
        return Ask(HOLDERS.format(value=value), how, gold, tuple(wrong), evidence, axes=axes)


def _holding(held: Mapping[str, int], value: int) -> tuple[str, ...]:
    return tuple(sorted(name.casefold() for name, number in held.items() if number == value))


def _mixed(chains: Sequence[list[Note]], stream: Stream) -> list[Note]:
    """Mix the notes of chains, each chain's own order kept, and number them."""
    turns = stream.shuffled([at for at, chain in enumerate(chains) for _ in chain])
    queues = [iter(chain) for chain in chains]
    drawn = [next(queues[at]) for at in turns]
    return [Note(note.chain, note.name, note.source, note.value, number) for number, note in enumerate(drawn, start=1)]


def _sentence(note: Note) -> str:
    frame = SET if not note.source else ADD if note.value else TAKE
    return frame.format(number=note.number, name=note.name, source=note.source, value=note.value)
