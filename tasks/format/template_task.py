"""`format.template`: entries of a text as plain text with fixed parts.

Read the text below. Among other things it holds entries about people. A request follows at the end. …

… Entry for Niara Mumick: file number 004731; desk 17; joining date 1834-05-12. …

Form of the reply:
Reply with 2 filled-in copies of a template alone: no other text and no code fence. Each copy begins with the line …
End of the form.

Request: give the entries of Niara Mumick and Drasis Fiamwen, in this order. Reply in the form that is set here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from harness.contexts import Stream

from .base import SHARED_AXES, FormatTask
from .forms import Form
from .params import FormatParams
from .records_form import draw_records_form, find_records_form
from .syntaxes import KINDS, Kind


class TemplateParams(FormatParams):
    """Parameters of `format.template`."""

    fields: int = Field(default=5, ge=2, le=9, description="values of an entry, beside the name")
    kind: Kind = Field(
        default="template",
        description="a template to fill in, a line protocol, exactly so many bullets, or lines below a copied notice",
    )


class TemplateTask(FormatTask):
    """Give entries as text with fixed parts."""

    name = "format.template"
    version = "1"
    summary = "give stated records in a template, a line protocol, as bullets, or below a notice to be copied"
    sliced_by = (*SHARED_AXES, "kind")
    Params: ClassVar[type[TemplateParams]] = TemplateParams

    def draw_form(self, attributes: Sequence[str], stream: Stream) -> Form:
        """Draw the fixed parts."""
        return draw_records_form(self.params.kind, attributes, self.params.asked, stream)

    def draw_decoy(self, attributes: Sequence[str], stream: Stream) -> Form:
        """Draw text with other fixed parts, or CSV."""
        return draw_records_form(stream.choice((*KINDS, "csv")), attributes, self.params.asked, stream)

    def find_form(self, prompt: str) -> Form:
        """Read the form from a prompt."""
        return find_records_form(prompt)
