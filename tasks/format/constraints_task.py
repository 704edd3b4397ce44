"""`format.constraints`: entries of a text in free lines that keep a ladder of rules.

Read the text below. Among other things it holds entries about people. A request follows at the end. …

… Entry for Niara Mumick: desk 17; joining date 1834-05-12. …

Form of the reply:
Reply with 2 lines alone, one for each entry: no other text and no code fence. …
Rule 1: Every line begins with the word "copper".
Rule 2: Every letter of the reply is a small letter.
End of the form.

Request: give the entries of Niara Mumick and Drasis Fiamwen. Reply in the form that is set here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from harness.contexts import Stream

from .base import SHARED_AXES, FormatTask
from .constraints_form import FIELDS, ConstraintsForm, draw_constraints_form, find_constraints_form
from .context import Plan
from .forms import Form
from .json_form import draw_json_form
from .params import FormatParams
from .records_form import draw_records_form


class ConstraintsParams(FormatParams):
    """Parameters of `format.constraints`."""

    fields: int = Field(default=2, ge=1, le=4, description="values of an entry, beside the name")
    level: int = Field(default=3, ge=1, le=5, description="rules beside the base; a level adds one to the level before")


class ConstraintsTask(FormatTask):
    """Give entries in lines under rules."""

    name = "format.constraints"
    version = "1"
    summary = "give stated records in free lines that keep one to five rules at once"
    allowed = FIELDS
    ordered = False
    sliced_by = (*SHARED_AXES, "level")
    Params: ClassVar[type[ConstraintsParams]] = ConstraintsParams

    def draw_form(self, attributes: Sequence[str], stream: Stream) -> Form:
        """Draw the rules."""
        return draw_constraints_form(attributes, self.params.level, self.params.asked, stream)

    def draw_decoy(self, attributes: Sequence[str], stream: Stream) -> Form:
        """Draw a form with names for its fields."""
        syntax = stream.choice(("json", "yaml", "xml", "markdown"))
        if syntax == "json":
            return draw_json_form(attributes, 1, self.params.asked, stream)
        return draw_records_form(syntax, attributes, self.params.asked, stream)

    def find_form(self, prompt: str) -> Form:
        """Read the rules from a prompt."""
        return find_constraints_form(prompt)

    def plan(self, key: tuple[str | int, ...]) -> Plan:
        """Say what a context holds; lines are known by the people whom they name."""
        plan = super().plan(key)
        people = tuple(entry.name for entry in plan.entries)
        return replace(plan, stated=_with(plan.stated, people), form=_with(plan.form, people))


def _with(form: Form, people: tuple[str, ...]) -> Form:
    assert isinstance(form, ConstraintsForm)
    return replace(form, people=people)
