"""Free lines under a ladder of rules.

Reply with 2 lines alone, one for each entry: no other text and no code fence. Each line holds the full name and the
values of these fields, as the text has them, with words of your own between them or none: desk, joining date.
Rule 1: Every line begins with the word "copper".
Rule 2: Every line has from 12 to 16 words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from harness.contexts import Stream
from harness.reading import fold
from harness.reading.json_ladder import unfence

from .attributes import BY_NAME, GRADES, normal
from .forms import NOT_FOUND, Fault, Form, Read, Record
from .rules import PADDING, Rule, draw_ladder, find_rule

FIELDS = ("file number", "desk", "joining date", "grade")
"""Attributes whose values can be told in free text by their looks."""

MAX_LINES = 400
MAX_LINE_CHARS = 400
"""A longer line is no line about one person."""

BASE = (
    "Reply with {} lines alone, one for each entry: no other text and no code fence. The lines stand in the order of "
    "the request, unless a rule below says otherwise. Each holds the full name and the values of these fields, as the "
    "text has them, with words of your own between them or none: {}."
)
CHANGE = "Change of the form: in place of rule {} this one holds. {}"

_BASE = re.compile(re.escape(BASE).replace(r"\{\}", "([a-z0-9, ]+)"))
_RULE = re.compile(r"^Rule ([0-9]): (.+)$", re.MULTILINE)
_CHANGE = re.compile(r"Change of the form: in place of rule ([0-9]) this one holds\. ([^\n]+)")
_LOOKS = {
    "file number": re.compile(r"(?<![0-9-])[0-9]{6}(?![0-9-])"),
    "desk": re.compile(r"(?<![0-9-])[0-9]{2}(?![0-9-])"),
    "joining date": re.compile(r"(?<![0-9-])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9-])"),
    "grade": re.compile(rf"(?<![a-z])(?:{'|'.join(GRADES)})(?![a-z])"),
}


@dataclass(frozen=True)
class ConstraintsForm(Form):
    """Lines under rules.

    Attributes:
        fields: names of the attributes of a line, the name apart.
        asked: how many lines.
        ladder: the rules.
        people: everybody of whom the text speaks, by whom lines are known.
    """

    fields: tuple[str, ...]
    asked: int
    ladder: tuple[Rule, ...]
    people: tuple[str, ...] = ()

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes."""
        return ("name", *self.fields)

    def rules(self, *, split: bool) -> tuple[str, ...]:
        """State the form; its last rule may stand apart from the others."""
        stated = [f"Rule {number}: {rule.text}" for number, rule in enumerate(self.ladder, 1)]
        return (BASE.format(self.asked, ", ".join(self.fields)), *stated)

    def arranged(self, records: Sequence[Record]) -> list[Record]:
        """Put records into the order that the rules ask for."""
        order = next((rule for rule in self.ladder if rule.kind == "order"), None)
        if order is None:
            return list(records)
        return sorted(records, key=lambda record: fold(str(record["name"])), reverse=order.parts[0] == "z")

    def write(self, records: Sequence[Record]) -> str:
        """Write lines that keep every rule."""
        return "\n".join(self._line(record) for record in self.arranged(records))

    def _line(self, record: Record) -> str:
        parts = {rule.kind: rule.parts for rule in self.ladder}
        said = [str(record["name"]), *(BY_NAME[name].say(record[name]) for name in self.fields)]
        line = " ".join([*parts.get("opening", ()), *said, *parts.get("keyword", ())])
        end = "".join(parts.get("ending", ()))
        low = int(parts["length"][0]) if "length" in parts else 0
        missing = max(0, low - len(line.split()) - bool(end))
        line = " ".join(filter(None, [line, *[PADDING[i % len(PADDING)] for i in range(missing)], end]))
        wanted = "".join(parts.get("letter_case", ()))
        return line.upper() if wanted.startswith("a capital") else line.lower() if wanted else line

    def read(self, text: str, asked: int | None) -> Read:
        """Read a visible reply."""
        inside, outside = unfence(text)
        lines = [line.strip() for line in (inside or text).split("\n") if line.strip()][:MAX_LINES]
        known = {fold(name): name for name in self.people}
        found = [(line, self._names(fold(line), known)) for line in lines if len(line) <= MAX_LINE_CHARS]
        told = [(line, names) for line, names in found if names and self._has_value(fold(line))]
        if not told:
            return NOT_FOUND
        prose = len(told) < len(lines) or bool(inside and outside)
        wrappers = []
        if prose:
            wrappers.append(Fault("fmt.prose_around", "there are lines that give no entry"))
        if inside:
            wrappers.append(Fault("fmt.fenced", "the lines stand in a code fence"))
        several = next((line for line, names in told if len(names) > 1), "")
        schema = []
        if several or (asked is not None and len(told) != asked):
            schema.append(Fault("fmt.wrong_count", f"{len(told)} lines give an entry each, asked for are {asked}"))
        kept, people = [line for line, _ in told], [names[0] for _, names in told]
        broken = ((rule, rule.broken(kept, people)) for rule in self.ladder)
        return Read(
            rung="prose_around" if prose else "fenced" if inside else "as_asked",
            text=tuple(wrappers),
            schema=tuple(schema),
            constraints=tuple(Fault(rule.mode, how) for rule, how in broken if how),
            rules=len(self.ladder),
            records=tuple(self._cells(fold(line), names[0]) for line, names in told),
        )

    def _names(self, line: str, known: dict[str, str]) -> list[str]:
        """Return the people that a line names, in order."""
        return sorted((name for name in known if name in line), key=line.index)

    def _has_value(self, line: str) -> bool:
        """Tell whether a line gives a value at all: a name alone gives no entry."""
        return any(_LOOKS[field].search(line) for field in self.fields)

    def _cells(self, line: str, name: str) -> dict[str, str]:
        """Return what a line says of each field; two values where one is asked for are no value that is right."""
        cells = {"name": name}
        for field in self.fields:
            values = dict.fromkeys(_LOOKS[field].findall(line))
            if values:
                cells[field] = " or ".join(normal(value) for value in values)
        return cells

    def changed(self, stream: Stream) -> tuple[ConstraintsForm, str]:
        """Replace the first rule by another of its kind."""
        new = self.ladder[0].other(stream)
        return replace(self, ladder=(new, *self.ladder[1:])), CHANGE.format(1, new.text)

    def mistakes(self, records: Sequence[Record]) -> Iterator[tuple[str, str]]:
        """Yield replies that break one rule each."""
        right = self.write(records)
        yield "fmt.none_found", "There they are."
        yield "fmt.prose_around", f"{right}\nThat is all."
        yield "fmt.fenced", f"```\n{right}\n```"
        for rule in self.ladder:
            yield rule.mode, self._breaking(rule, right)
        if len(records) > 1:
            yield "fmt.wrong_count", right.replace("\n", " ")
        if len(self.fields) > 1:
            first, *others = self.arranged(records)
            value = BY_NAME[self.fields[0]].say(first[self.fields[0]])
            lines = [self._line(first), *map(self._line, others)]
            said = value if value in lines[0] else value.upper()
            yield "content.missing_value", "\n".join([lines[0].replace(said, self._styled("here"), 1), *lines[1:]])

    def _breaking(self, rule: Rule, right: str) -> str:
        """Break a rule and, as far as its kind allows, no other."""
        lines = right.split("\n")
        if rule.kind == "letter_case":
            return right.swapcase()
        if rule.kind == "order":
            return "\n".join(reversed(lines))
        first = lines[0].split()
        if rule.kind == "keyword":
            first = [word for word in first if fold(word) != rule.parts[0]] + [self._styled("here")]
        elif rule.kind == "opening":
            first[0] = self._styled("here")
        elif rule.kind == "ending":
            first[-1] = self._styled("here")
        elif rule.kind == "length":
            first[-1:-1] = [self._styled("here")] * 30
        elif rule.kind == "forbidden_word":
            first[-1:-1] = [self._styled(rule.parts[0])]
        else:
            first[-1:-1] = ["&"]
        return "\n".join([" ".join(first), *lines[1:]])

    def _styled(self, word: str) -> str:
        capital = any(rule.kind == "letter_case" and rule.parts[0].startswith("a capital") for rule in self.ladder)
        return word.upper() if capital else word


def draw_constraints_form(attributes: Sequence[str], level: int, asked: int, stream: Stream) -> ConstraintsForm:
    """Draw a form of so many rules."""
    return ConstraintsForm(tuple(attributes), asked, draw_ladder(level, stream, several=asked > 1))


def find_constraints_form(prompt: str) -> ConstraintsForm:
    """Read the form from a prompt, changes applied."""
    asked, fields = _BASE.findall(prompt)[-1]
    rules = {int(number): find_rule(text) for number, text in _RULE.findall(prompt)}
    for number, text in _CHANGE.findall(prompt):
        rules[int(number)] = find_rule(text)
    return ConstraintsForm(tuple(fields.split(", ")), int(asked), tuple(rules[number] for number in sorted(rules)))
