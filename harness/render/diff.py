"""The page of a diff: one offline HTML file in the style of the report, and as careful with text of others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.diff.compare import ALPHA, Diff
from harness.diff.text import Rows, heading, tables
from harness.diff.wording import LEVEL_NAMES, leads, notes, sentence
from harness.diff.worst import COMPARED_CHARS, MOST, Pair
from harness.render.report import CSP
from harness.render.text import HEAD, TAIL, finalize, shortened

PROMPT_HEAD, PROMPT_TAIL = 400, 800
"""Characters shown of a prompt's start, and of its end, where the question stands."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a reply; `changed` where the other reply has something else."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair of replies to read: the turns of the prompt in one text, and what each model said, with marks."""

    pair: Pair
    prompt: str
    baseline: tuple[Part, ...]
    candidate: tuple[Part, ...]

    @property
    def others(self) -> tuple[tuple[str, str], ...]:
        """The further replies that say something else than the model's first."""
        item = self.pair.item
        return tuple(
            (f"{whose}, reply {number}", read.text)
            for whose, reads in (("Baseline", item.baseline), ("Candidate", item.candidate))
            for number, read in enumerate(reads[1:], start=2)
            if read.text != reads[0].text
        )


@dataclass(frozen=True, slots=True)
class Section:
    """Everything on one candidate."""

    diff: Diff
    heading: str
    sentence: str
    leads: Sequence[str]
    level: str
    changed: bool
    notes: Sequence[str]
    tables: Sequence[tuple[str, Rows]]
    shown: Sequence[Shown]


def render_diff(diffs: Sequence[Diff], not_asked: Sequence[str], redaction: str) -> str:
    """Return the page, to be written as UTF-8.

    Args:
        diffs: one a candidate, all with the same baseline.
        not_asked: which requests of the log were left out.
        redaction: what was replaced before anything was stored.
    """
    environment = Environment(
        loader=PackageLoader("harness.render"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["shortened"] = shortened
    return environment.get_template("diff.html").render(
        csp=CSP,
        sections=[_section(diff) for diff in diffs],
        baseline=diffs[0].baseline,
        not_asked=not_asked,
        redaction=redaction,
        limits={"most": MOST, "head": HEAD, "tail": TAIL, "compared": COMPARED_CHARS},
    )


def _section(diff: Diff) -> Section:
    found = diff.headline
    return Section(
        diff=diff,
        heading=heading(diff),
        sentence=sentence(diff),
        leads=leads(diff.search),
        level=LEVEL_NAMES[diff.level],
        changed=found is not None and found.p <= ALPHA,
        notes=notes(diff),
        tables=tables(diff),
        shown=[_shown(pair) for pair in diff.worst],
    )


def _shown(pair: Pair) -> Shown:
    item = pair.item
    prompt = "\n\n".join(f"[{turn.role}]\n{turn.content}" for turn in item.prompt)
    before, after = _marked(shortened(item.baseline[0].text), shortened(item.candidate[0].text))
    return Shown(pair, shortened(prompt, PROMPT_HEAD, PROMPT_TAIL), before, after)


def _marked(before: str, after: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Split two texts into stretches that are in both and stretches that are not, word by word."""
    a, b = _words(before), _words(after)
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return (
        tuple(Part("".join(a[i:j]), kind != "equal") for kind, i, j, _, _ in codes if j > i),
        tuple(Part("".join(b[i:j]), kind != "equal") for kind, _, _, i, j in codes if j > i),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|[^\W_]+|[\W_]", text)
