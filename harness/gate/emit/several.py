"""Verdicts on several candidates: each as it is alone, and a summary of all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from harness.gate.emit.clean import clean, visible
from harness.gate.emit.github import to_github
from harness.gate.emit.groups import aligned, groups_text, reading_of
from harness.gate.emit.json import plain
from harness.gate.emit.junit import to_junit
from harness.gate.emit.markdown import escaped, to_markdown
from harness.gate.emit.order import worst_first
from harness.gate.emit.table import SHAPES, change
from harness.gate.emit.text import to_text
from harness.gate.several import WORST_FIRST, Several
from harness.gate.verdict import Verdict
from harness.gate.wording import amount, name_of, points

SCHEMA = "longcontext-harness/verdicts@1"
LONGEST_MARKDOWN = 60_000
MOST_ANNOTATIONS = 10
"""GitHub shows so many errors and so many warnings of a step and drops the rest without a word."""


HEADER = ("", "candidate", "state", "worst row", "drop", "margin", "exit code")


def emit_several(several: Several, form: str, *, explain: bool = False) -> str:
    """Render several verdicts in one of the formats of one; see `emit` for what is escaped."""
    return _text(several, explain=explain) if form == "text" else RENDERED[form](several)


def _text(several: Several, *, explain: bool) -> str:
    parts = [to_text(clean(verdict), explain=explain) for verdict in several.verdicts]
    summary = [f"{len(several.verdicts)} candidates, their tests of harm corrected together"]
    summary.append(aligned([HEADER, *map(_summary, several.verdicts)]))
    summary += [f"note: {visible(note)}" for note in several.notes]
    return "\n\n".join([*parts, "\n".join(summary), groups_text(several.groups), _exit_line(several)])


def _summary(verdict: Verdict) -> tuple[str, ...]:
    """Return a candidate with its state and the row that speaks most against it."""
    worst = next(iter(worst_first(verdict.rows)), None)
    row = (visible(name_of(worst)), change(worst), amount(worst.margin, worst.unit)) if worst else ("", "", "")
    return SHAPES[verdict.state], visible(verdict.candidate), verdict.state, *row, str(int(verdict.exit_code))


def _exit_line(several: Several) -> str:
    order = ", ".join(str(int(code)) for code in WORST_FIRST)
    return f"exit code {int(several.exit_code)}: the worst one, in the order {order}"


def _json(several: Several) -> str:
    value = {
        "schema": SCHEMA,
        "exit_code": int(several.exit_code),
        "verdicts": [plain(verdict) for verdict in several.verdicts],
        "notes": list(several.notes),
        "groups": asdict(several.groups),
    }
    return json.dumps(value, indent=2, allow_nan=False)


def _markdown(several: Several) -> str:
    """Put the summary first; a candidate that does not fit in a comment is named and left out."""
    text = f"## {len(several.verdicts)} candidates, exit code {int(several.exit_code)}\n\n"
    text += f"| {' | '.join(HEADER)} |\n{'| --- ' * len(HEADER)}|\n"
    text += "".join(f"| {' | '.join(map(escaped, _summary(verdict)))} |\n" for verdict in several.verdicts)
    text += "\n" + "".join(f"- {escaped(visible(note))}\n" for note in several.notes)
    text += "\n| run | right | n | group |\n| --- | --- | --- | --- |\n"
    for each in several.groups.standings:
        text += f"| {escaped(visible(each.name))} | {points(each.right.value)} "
        text += f"[{points(each.right.low)}, {points(each.right.high)}] | {each.right.n} | {each.letters} |\n"
    text += f"\n<sub>{escaped(reading_of(several.groups))}</sub>\n"
    for verdict in several.verdicts:
        part = "\n" + to_markdown(clean(verdict))
        fits = len((text + part).encode()) <= LONGEST_MARKDOWN
        text += part if fits else f"\n{escaped(visible(verdict.candidate))} does not fit in here.\n"
    return text


def _junit(several: Several) -> str:
    """Make one suite of each candidate's suites."""
    root = Element("testsuites", name=f"{len(several.verdicts)} candidates")
    for verdict in several.verdicts:
        whole = ElementTree.fromstring(to_junit(clean(verdict)))
        suite = SubElement(root, "testsuite", whole.attrib)
        suite.extend(whole.iter("testcase"))
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _github(several: Several) -> str:
    """Give the verdicts first and their rows after them, as far as GitHub shows them."""
    alone = [to_github(clean(verdict)).splitlines() for verdict in several.verdicts]
    notes = [f"::warning title=several candidates::{_value(visible(note))}" for note in several.notes]
    lines = [lines[0] for lines in alone] + notes + [line for lines in alone for line in lines[1:]]
    return "\n".join(_shown(lines))


def _shown(lines: Sequence[str]) -> Iterator[str]:
    left = {"error": MOST_ANNOTATIONS, "warning": MOST_ANNOTATIONS}
    for line in lines:
        kind = line[2:].split(" ", 1)[0]
        if kind in left:
            left[kind] -= 1
        if left.get(kind, 0) >= 0:
            yield line
    for kind, count in left.items():
        if count < 0:
            yield f"::notice title=annotations left out::{-count} more {kind}s do not fit"


def _value(text: str) -> str:
    return text.replace("%", "%25")


RENDERED: Mapping[str, Callable[[Several], str]] = {
    "json": _json,
    "markdown": _markdown,
    "junit": _junit,
    "github": _github,
}
