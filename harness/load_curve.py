"""A measured load curve: what a server gave at each number of requests at the same time, as a file says.

The sweep itself is no load test: it waits for each answer, asks many questions on one text and so finds its prompts in
the cache. Throughput comes from a tool made for it, and only its figures are read here.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import ConfigError
from harness.registry import from_validation


class LoadPoint(BaseModel):
    """One line of a load curve.

    Attributes:
        model: the model of the sweep that was served.
        concurrency: requests at the same time.
        requests_per_s: requests answered in a second.
        output_tokens_per_s: tokens of all replies in a second.
        p50_s: median seconds of a request; `p95_s` the 95th percentile.
        source: what measured it, where and when.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)

    model: str
    concurrency: int = Field(ge=1)
    requests_per_s: float | None = Field(default=None, gt=0)
    output_tokens_per_s: float | None = Field(default=None, gt=0)
    p50_s: float | None = Field(default=None, ge=0)
    p95_s: float | None = Field(default=None, ge=0)
    source: str = Field(min_length=1)


def read_load_curve(file: Path) -> list[LoadPoint]:
    """Read a JSON list of objects, or a CSV table with a header; an empty field is unknown.

    Raises:
        ConfigError: the file cannot be read, or a line is not what it may be.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(file)) from None
    return parse_load_curve(text, file)


def parse_load_curve(text: str, file: Path) -> list[LoadPoint]:
    """Read the text of a load curve's file, whose suffix tells JSON from CSV. Raises like `read_load_curve`."""
    try:
        rows: Any = json.loads(text) if file.suffix == ".json" else list(csv.DictReader(text.splitlines()))
    except csv.Error as error:
        raise ConfigError(f"cannot be read: {error}", where=str(file)) from None
    except ValueError as error:
        raise ConfigError(f"not JSON: {error}", where=str(file)) from None
    if not isinstance(rows, list) or not rows:
        raise ConfigError(
            "holds no line of a load curve",
            where=str(file),
            allowed=f"a JSON list of objects, or CSV, with {', '.join(LoadPoint.model_fields)}",
        )
    return [_point(row, f"{file}: line {number} of the curve") for number, row in enumerate(rows, start=1)]


def _point(row: Any, where: str) -> LoadPoint:
    told = {key: value for key, value in row.items() if value not in ("", None)} if isinstance(row, dict) else row
    try:
        return LoadPoint.model_validate(told)
    except ValidationError as error:
        raise from_validation(error, LoadPoint.model_fields, where=where) from None
