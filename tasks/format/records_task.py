"""`format.records`: entries of a text as rows in a syntax.

Read the text below. Among other things it holds entries about people. A request follows at the end. …

… Entry for Niara Mumick: file number 004731; desk 17; joining date 1834-05-12. …

Form of the reply:
Reply with CSV alone, 2 rows below a header line: no other text and no code fence. …
Fields, in this order: "person": name (text); "seat": desk (whole number); "joined_on": joining date (YYYY-MM-DD).
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
from .json_form import draw_json_form
from .params import FormatParams
from .records_form import draw_records_form, find_records_form
from .syntaxes import SYNTAXES, Syntax


class RecordsParams(FormatParams):
    """Parameters of `format.records`."""

    fields: int = Field(default=5, ge=2, le=9, description="values of an entry, beside the name")
    syntax: Syntax = Field(default="csv", description="what the rows are written in")


class RecordsTask(FormatTask):
    """Give entries as rows."""

    name = "format.records"
    version = "1"
    summary = "give stated records as JSON Lines, CSV, TSV, YAML, XML or a Markdown table"
    sliced_by = (*SHARED_AXES, "syntax")
    Params: ClassVar[type[RecordsParams]] = RecordsParams

    def draw_form(self, attributes: Sequence[str], stream: Stream) -> Form:
        """Draw the fields."""
        return draw_records_form(self.params.syntax, attributes, self.params.asked, stream)

    def draw_decoy(self, attributes: Sequence[str], stream: Stream) -> Form:
        """Draw rows in another syntax, or JSON."""
        syntax = stream.choice(SYNTAXES)
        if syntax == self.params.syntax:
            return draw_json_form(attributes, 1, self.params.asked, stream)
        return draw_records_form(syntax, attributes, self.params.asked, stream)

    def find_form(self, prompt: str) -> Form:
        """Read the form from a prompt."""
        return find_records_form(prompt)
