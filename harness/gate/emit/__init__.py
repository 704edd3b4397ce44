"""One verdict, many renderings. None of them compares a number with a threshold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from harness.errors import ConfigError
from harness.gate.emit.clean import clean
from harness.gate.emit.github import to_github
from harness.gate.emit.json import to_json
from harness.gate.emit.junit import to_junit
from harness.gate.emit.markdown import to_markdown
from harness.gate.emit.text import to_text
from harness.gate.verdict import Verdict

FORMATS: Mapping[str, Callable[[Verdict], str]] = {
    "text": to_text,
    "json": to_json,
    "markdown": to_markdown,
    "junit": to_junit,
    "github": to_github,
}
SUFFIXES = {".txt": "text", ".json": "json", ".md": "markdown", ".xml": "junit"}


def emit(verdict: Verdict, form: str, *, explain: bool = False) -> str:
    """Render a verdict in one of `FORMATS`; `explain` makes the text show every row with the rule that decided it.

    JSON holds every string as it is; in the others what a terminal, a log or a page would act upon is escaped.
    """
    if form == "json":
        return to_json(verdict)
    cleaned = clean(verdict)
    return to_text(cleaned, explain=True) if explain and form == "text" else FORMATS[form](cleaned)


def form_of(file: Path) -> str:
    """Return the format that a file's suffix names.

    Raises:
        ConfigError: it names none.
    """
    if file.suffix not in SUFFIXES:
        raise ConfigError("this suffix names no format", where=f"--output {file}", allowed=", ".join(SUFFIXES))
    return SUFFIXES[file.suffix]
