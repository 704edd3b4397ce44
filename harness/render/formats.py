"""One content, written in several formats; all but the terminal's with the manifest that lets it be verified."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from harness.errors import ConfigError
from harness.render.as_json import to_json
from harness.render.as_text import to_text
from harness.render.inputs import Inputs
from harness.render.manifest import Form, embedded, manifest_of
from harness.render.markdown import to_markdown
from harness.render.report import Content, render_content
from harness.store import Run

WRITERS: Mapping[Form, Callable[[Content], str]] = {"html": render_content, "md": to_markdown, "json": to_json}
SUFFIXES: Mapping[str, Form | Literal["text"]] = {
    ".html": "html", ".htm": "html", ".md": "md", ".json": "json", ".txt": "text"
}  # fmt: skip


def form_of(file: Path) -> Form | Literal["text"]:
    """Return the format that a file's suffix names.

    Raises:
        ConfigError: it names none.
    """
    if file.suffix not in SUFFIXES:
        raise ConfigError("this suffix names no format", where=f"--output {file}", allowed=", ".join(SUFFIXES))
    return SUFFIXES[file.suffix]


def written(content: Content, form: Form | Literal["text"], runs: Sequence[Run], inputs: Inputs, output: Path) -> str:
    """Return a report in a format.

    Args:
        content: what it says.
        form: the format.
        runs: what it was made from.
        inputs: and with what.
        output: where it will be.
    """
    if form == "text":
        return to_text(content) + "\n"
    return embedded(WRITERS[form](content), manifest_of(runs, inputs, form, output))
