"""What the tasks of the family share: they draw a form, and leave entries, prompt, score and oracle to this class."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from harness.contexts import ContextTask, Place, Stream
from harness.records import Message, Reply, Sample, Score

from .attributes import ATTRIBUTES, BY_NAME
from .content import TELLING_NOTHING
from .context import FormContext, Plan, build_context, windows
from .entries import Entry, draw_attributes, draw_entries, draw_people, find_records
from .forms import Form, Record
from .judge import STALE, Asked, followed, judge
from .meanings import MEANINGS
from .modes import OTHER_FORM
from .params import FormatParams

SHARED_AXES = ("spec_at", "amended", "competing_example", "asked", "fields", "corrections")
DRAWS = 200
"""Tries for an example whose form cannot be mistaken for the one asked for."""


class FormatTask(ContextTask[FormContext]):
    """Give entries of a text in the form that the prompt sets.

    Attributes:
        allowed: names of the attributes that the form can hold.
        ordered: whether a request names the order of the entries.
    """

    modes = MEANINGS
    allowed: ClassVar[tuple[str, ...]] = tuple(attribute.name for attribute in ATTRIBUTES if not attribute.nested)
    ordered: ClassVar[bool] = True
    sliced_by: ClassVar[tuple[str, ...]] = SHARED_AXES
    Params: ClassVar[type[FormatParams]] = FormatParams

    @abstractmethod
    def draw_form(self, attributes: Sequence[str], stream: Stream) -> Form:
        """Draw the form of a context."""

    @abstractmethod
    def draw_decoy(self, attributes: Sequence[str], stream: Stream) -> Form:
        """Draw another form, for an example that competes."""

    @abstractmethod
    def find_form(self, prompt: str) -> Form:
        """Read the form from a prompt, changes applied."""

    def build(self, place: Place) -> FormContext:
        """Build one context."""
        return build_context(self.plan(place.key), self.params, place)

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Give 1 for the right content in just the form asked for, and 0 for anything else."""
        return judge(self._asked(sample), reply)

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Find form and entries in the prompt, and write the reply."""
        text = prompt[-1].content
        return (self.find_form(text).write(find_records(text)),)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Return the right reply, which is the gold."""
        return gold[0]

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return a reply for each mistake that this sample allows."""
        asked = self._asked(sample)
        records = [entry.record for entry in asked.people]
        made = dict(asked.form.mistakes(records))
        for mode, form in asked.others:
            made[mode] = form.write(records)
        for mode, wrong in self._wrong_content(sample, asked).items():
            made[mode] = asked.form.write(wrong)
        return {mode: text for mode, text in made.items() if text != sample.gold[0] and _is_plain(mode, text, asked)}

    def plan(self, key: tuple[str | int, ...]) -> Plan:
        """Say what a context holds, whatever its length."""
        params: FormatParams = self.params
        attributes = draw_attributes(params.fields, Stream(*key, "attributes"), self.allowed)
        people = draw_people(params.entries + 1, Stream(*key, "names"))
        facts = Stream(*key, "facts")
        entries = draw_entries(attributes, people[:-1], facts, params.corrections)
        names = [attribute.name for attribute in attributes]
        stated = self.draw_form(names, Stream(*key, "form"))
        form, change = stated.changed(Stream(*key, "change")) if params.amended else (stated, "")
        example, decoy = "", None
        if params.competing_example:
            stranger = draw_entries(attributes, people[-1:], Stream(*key, "example"), 0)[0]
            decoy = self._decoy(names, (stated, form), stranger, entries, Stream(*key, "decoy"))
            example = decoy.write([stranger.record])
        return Plan(
            stated=stated,
            form=form,
            change=change,
            example=example,
            decoy=decoy,
            entries=tuple(entries),
            windows=windows(params.entries, params.asked),
            example_name=people[-1],
            ordered=self.ordered,
        )

    def _decoy(
        self, names: Sequence[str], forms: Sequence[Form], stranger: Entry, entries: Sequence[Entry], stream: Stream
    ) -> Form:
        """Draw a form that no reply can have together with one of the forms asked for."""
        records = [entry.record for entry in (stranger, *entries[: self.params.asked])]
        for _ in range(DRAWS):
            decoy = self.draw_decoy(names, stream)
            if all(_apart(decoy, form, records) for form in forms):
                return decoy
        raise RuntimeError(f"{self.name}: no form for a competing example in {DRAWS} draws")

    def _asked(self, sample: Sample) -> Asked:
        context = self.context(sample)
        plan, window = context.plan, context.plan.windows[sample.recipe.question]
        others = [("fmt.followed_decoy_example", plan.decoy)] if plan.decoy else []
        if plan.change:
            others.append((STALE, plan.stated))
        return Asked(
            form=plan.form,
            others=[(mode, form) for mode, form in others if form],
            people=_arranged(plan.form, [plan.entries[index] for index in window]),
            rest=[entry for index, entry in enumerate(plan.entries) if index not in window],
            prompt=(sample.data["head"], sample.data["tail"]),
            context=lambda: context.folded,
        )

    def _wrong_content(self, sample: Sample, asked: Asked) -> dict[str, list[Record]]:
        """Return records that are wrong in one way each."""
        first, *others = [dict(entry.record) for entry in asked.people]
        made: dict[str, list[Record]] = {}
        stranger = next((entry for entry in asked.rest if _tells(entry, asked.people[0])), None)
        if stranger:
            made["content.other_record"] = [{**stranger.record, "name": first["name"]}, *others]
        if others:
            made["content.missing_record"] = [first, *others[:-1], first]
            made["content.wrong_order"] = [*others, first]
        if asked.people[0].former:
            made["content.stale"] = [{**first, **asked.people[0].former}, *others]
        telling = [name for name in asked.people[0].values if name not in TELLING_NOTHING]
        if telling:
            value = self._unused(telling[0], asked, Stream(sample.id, "mistakes"))
            made["content.wrong_value"] = [{**first, telling[0]: value}, *others]
        return made

    def _unused(self, name: str, asked: Asked, stream: Stream) -> Any:
        """Draw a value that no entry has or had."""
        known = [values.get(name) for e in (*asked.people, *asked.rest) for values in (e.values, e.former)]
        return next(value for _ in range(1000) if (value := BY_NAME[name].draw(stream)) not in known)


def _tells(other: Entry, entry: Entry) -> bool:
    """Tell whether the values of another entry cannot be taken for this one's, of now or before a correction."""
    differs = any(other.values[name] != entry.values[name] for name in entry.values if name not in TELLING_NOTHING)
    return differs and all(other.values[name] != value for name, value in entry.former.items())


def _is_plain(mode: str, text: str, asked: Asked) -> bool:
    """Tell whether a mistake is not at the same time what another form asks for, as with a rule and its opposite."""
    return mode in OTHER_FORM or not followed(asked, text, asked.form.read(text, len(asked.people)))


def _arranged(form: Form, people: Sequence[Entry]) -> list[Entry]:
    """Put entries into the order in which the form wants them."""
    by_name = {entry.name: entry for entry in people}
    return [by_name[str(record["name"])] for record in form.arranged([entry.record for entry in people])]


def _apart(one: Form, other: Form, records: Sequence[Record]) -> bool:
    return not one.read(other.write(records), None).follows and not other.read(one.write(records), None).follows
