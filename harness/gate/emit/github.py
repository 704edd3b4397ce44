"""A verdict as annotations of a GitHub Actions job.

GitHub shows ten errors and ten warnings of a step and drops the rest without a word, so rows are cut here, by the rule
that Markdown has, and counted. A value of a workflow command must not hold `%`, CR or LF, a property of it neither
`:` nor `,`: each is written as its percent code, as GitHub's own toolkit does.
"""

from __future__ import annotations

from harness.errors import ExitCode
from harness.gate.emit.clean import shortened
from harness.gate.emit.order import counts, worst_first
from harness.gate.verdict import Verdict
from harness.gate.wording import name_of

MOST = 9
"""Rows of each kind: with the verdict itself they make ten."""

LONGEST = 2_000
VALUE = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
PROPERTY = (*VALUE, (":", "%3A"), (",", "%2C"))


def to_github(verdict: Verdict) -> str:
    """Return a line for the verdict and one for each row that is not a pass, worst first, at most `MOST` of a kind.

    A regressed verdict is an error, and so is one that ends with another code than 0; an undecided one that the policy
    lets through is a warning.
    """
    kind = "error" if verdict.exit_code != ExitCode.PASS else "notice" if verdict.state == "pass" else "warning"
    lines = [_line(kind, verdict.state, verdict.sentence)]
    rows: dict[str, list[str]] = {"error": [], "warning": []}
    for row in worst_first(verdict.rows):
        if row.state != "pass":
            level = "error" if row.state == "regressed" and counts(row) else "warning"
            rows[level].append(_line(level, row.state, f"{name_of(row)}: {row.reason}"))
    for level, found in rows.items():
        lines += found[:MOST]
        if len(found) > MOST:
            lines.append(_line("notice", "rows left out", f"{len(found) - MOST} more rows would be {level}s"))
    return "\n".join(lines)


def _line(kind: str, title: str, text: str) -> str:
    return f"::{kind} title={_escaped(title, PROPERTY)}::{_escaped(text, VALUE)}"


def _escaped(text: str, codes: tuple[tuple[str, str], ...]) -> str:
    """Write what would end a workflow command or its property as percent codes; the percent sign goes first."""
    text = shortened(text, LONGEST)
    for char, code in codes:
        text = text.replace(char, code)
    return text
