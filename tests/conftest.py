"""What many tests need: a tiny task, a run on disk, a sweep file."""

from __future__ import annotations

from pathlib import Path

import pytest

SWEEP = """
[sweep]
name = "s"
seed = 3
lengths = ["1k"]
contexts = 4
questions_per_context = 2

[[model]]
name = "oracle"
role = "baseline"
adapter = "oracle"

[[model]]
name = "lexical"
adapter = "lexical"

[[task]]
name = "retrieval.exact"
keys = 4
decoys = 2
"""


@pytest.fixture
def sweep_text() -> str:
    """A small sweep of two control models, as TOML."""
    return SWEEP


@pytest.fixture
def sweep_file(tmp_path: Path, sweep_text: str) -> Path:
    """The small sweep as a file."""
    file = tmp_path / "sweep.toml"
    file.write_text(sweep_text)
    return file
