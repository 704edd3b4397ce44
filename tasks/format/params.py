"""Parameters that every task of the family has."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from harness.contexts import ContextParams

SpecAt = Literal["start", "middle", "end", "split"]


class FormatParams(ContextParams):
    """Parameters of every task of the family."""

    answer_budget: int = Field(default=256, ge=1, description="tokens that the visible answer may take")
    entries: int = Field(default=6, ge=1, le=300, description="people of whom the text holds an entry")
    asked: int = Field(default=2, ge=1, le=200, description="entries asked for in one question")
    fields: int = Field(default=5, ge=2, le=10, description="values of an entry, beside the name")
    corrections: int = Field(default=0, ge=0, le=300, description="entries of which one value is corrected later")
    spec_at: SpecAt = Field(default="end", description="where the form is set: before, in or behind the text, or both")
    amended: bool = Field(default=False, description="whether a later sentence changes one rule of the form")
    competing_example: bool = Field(default=False, description="whether the text shows a reply in another form")

    @model_validator(mode="after")
    def _enough_entries(self) -> FormatParams:
        if self.asked > self.entries:
            raise ValueError(f"asked = {self.asked} entries are more than there are: entries = {self.entries}")
        return self
