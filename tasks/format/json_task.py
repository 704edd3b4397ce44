"""`format.json`: entries of a text as JSON by a generated schema.

Read the text below. Among other things it holds entries about people. A request follows at the end. …

… Entry for Niara Mumick: file number 004731; desk 17; joining date 1834-05-12. …

Form of the reply:
Reply with JSON alone: no other text and no code fence.
The JSON must satisfy this JSON Schema (draft 2020-12): {"type": "array", …}
End of the form.

Request: give the entries of Niara Mumick and Drasis Fiamwen, in this order. Reply in the form that is set here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field, model_validator

from harness.contexts import Stream

from .attributes import ATTRIBUTES
from .base import SHARED_AXES, FormatTask
from .forms import Form
from .json_form import draw_json_form, find_json_form
from .params import FormatParams
from .records_form import draw_records_form
from .syntaxes import SYNTAXES


class JsonParams(FormatParams):
    """Parameters of `format.json`."""

    depth: int = Field(default=2, ge=1, le=5, description="levels of objects in a record")

    @model_validator(mode="after")
    def _enough_fields(self) -> JsonParams:
        if self.fields < self.depth:
            raise ValueError(f"fields = {self.fields} do not fill depth = {self.depth} levels")
        return self


class JsonTask(FormatTask):
    """Give entries as JSON."""

    name = "format.json"
    version = "1"
    summary = "give stated records as JSON by a schema, the form set anywhere, changed, or contested by an example"
    allowed = tuple(attribute.name for attribute in ATTRIBUTES)
    sliced_by = (*SHARED_AXES, "depth")
    Params: ClassVar[type[JsonParams]] = JsonParams

    def draw_form(self, attributes: Sequence[str], stream: Stream) -> Form:
        """Draw a schema."""
        return draw_json_form(attributes, self.params.depth, self.params.asked, stream)

    def draw_decoy(self, attributes: Sequence[str], stream: Stream) -> Form:
        """Draw another schema, or rows in another syntax."""
        if stream.below(2):
            return draw_json_form(attributes, self.params.depth, self.params.asked, stream)
        return draw_records_form(stream.choice(SYNTAXES[1:]), attributes, self.params.asked, stream)

    def find_form(self, prompt: str) -> Form:
        """Read the schema from a prompt."""
        return find_json_form(prompt)
