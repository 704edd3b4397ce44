"""One verdict, many renderings. None of them compares a number with a threshold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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


def emit(verdict: Verdict, form: str, *, explain: bool = False) -> str:
    """Render a verdict in one of `FORMATS`; `explain` makes the text show every row with the rule that decided it."""
    return to_text(verdict, explain=True) if explain and form == "text" else FORMATS[form](verdict)
