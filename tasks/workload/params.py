"""The keys of a `[[task]]` table with `name = "workload"`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from harness.contracts import Params

from .presets import PRESETS, preset_named
from .scorers import SCORERS, options_of
from .template import TemplateError, parse_template

OverLength = Literal["error", "skip", "truncate"]


class WorkloadParams(Params):
    """Where the rows are, what is asked of each, and how a reply is scored."""

    answer_budget: int = Field(default=256, ge=1, description="tokens that the answer may take")
    preset: str = Field(
        default="",
        description="a published layout, which sets what stands below for its columns",
        json_schema_extra={"enum": ["", *PRESETS]},
    )
    data: str = Field(min_length=1, description="JSONL, CSV, Parquet, a saved data set, or hf:ORGANISATION/NAME")
    config: str | None = Field(default=None, description="configuration of a data set of the hub")
    split: str | None = Field(default=None, description="split of a data set")
    revision: str | None = Field(default=None, description="commit of a data set of the hub")
    json_columns: list[str] = Field(default_factory=list, description="columns whose text is JSON")
    files: list[str] = Field(default_factory=list, description="columns that name text files beside the data")
    prompt: str = Field(default="", description="template of the user's turn")
    system: str = Field(default="", description="template of a system message")
    messages: str = Field(default="", description="column with earlier turns, as OpenAI writes them")
    answer: str = Field(min_length=1, description="template of the right answer")
    score: str | dict[str, Any] = Field(description="a scorer's name, or a table with its name and options")
    context: str = Field(default="", description="template of what rows share; unset: the longest value of the prompt")
    id: str = Field(default="", description="template that names a row; unset: its number")
    axes: list[str] | None = Field(default=None, description="columns to slice by; unset: all that are fit for it")
    rows: int | None = Field(default=None, ge=1, description="at most this many rows, drawn with the sweep's seed")
    over_length: OverLength = Field(default="error", description="what becomes of rows longer than every length")
    shown: Literal["all", "nothing"] = Field(default="all", description="nothing: the prompt without its document")
    floor: float | None = Field(default=None, ge=0, lt=1, description="what guessing earns; unset: one answer to all")
    data_sha256: str = Field(default="", description="hash of the rows; others are refused")
    scorer_sha256: str = Field(default="", description="hash of the files that the scorer reads")

    @model_validator(mode="before")
    @classmethod
    def _take_preset(cls, given: Any) -> Any:
        """Put the keys of a preset under those of the table."""
        if isinstance(given, dict) and isinstance(given.get("preset"), str) and given["preset"]:
            return {**preset_named(given["preset"]).keys, **given}
        return given

    @model_validator(mode="after")
    def _asks_something(self) -> WorkloadParams:
        if not self.prompt and not self.messages:
            raise ValueError('prompt is missing: a template such as "{document}\\n\\n{question}"; or name messages')
        for key in ("prompt", "system", "answer", "context", "id"):
            try:
                template = parse_template(getattr(self, key))
            except TemplateError as error:
                raise ValueError(f"{key}: {error}") from None
            if key == "prompt" and self.prompt and not template.places and not self.messages:
                raise ValueError("prompt: it has no {column}, so every row would ask the same")
        if self.shown == "nothing" and self.messages:
            raise ValueError("shown: turns cannot be asked without their document")
        options_of(self.score)
        return self

    @property
    def scorer_name(self) -> str:
        """The name of the scorer."""
        return self.score if isinstance(self.score, str) else str(self.score["name"])


__all__ = ["SCORERS", "OverLength", "WorkloadParams"]
