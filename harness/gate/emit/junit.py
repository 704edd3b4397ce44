"""A verdict as JUnit XML: the verdict as a case of its own, then a suite a task, a case a row.

A CI server that looks at this file alone must come to the gate's exit code: there is a failure or an error in it
exactly when the code is not 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.errors import ExitCode
from harness.gate.emit.order import counts
from harness.gate.verdict import State, Verdict, VerdictRow
from harness.gate.wording import name_of

Case = tuple[str, str, str]
"""A name, what is said of it, and the element that says so."""

GUARDED = {"mode": "failure modes", "quantity": "lengths of replies", "severity": "expected cost"}


def to_junit(verdict: Verdict) -> str:
    """Return the verdict for a CI server: a regressed row is a failure, an undecided one an error."""
    fails = verdict.exit_code != ExitCode.PASS
    suites: list[tuple[str, list[Case]]] = [
        ("verdict", [("verdict", f"{verdict.state}: {verdict.sentence}", _tag(verdict.state, fails=fails))])
    ]
    ordered = sorted(verdict.rows, key=lambda row: (row.task == "", row.task, row.scope))
    for suite, rows in groupby(ordered, key=_suite):
        suites.append((suite, [(name_of(row), row.reason, _row_tag(row, fails=fails)) for row in rows]))
    everything = [case for _, cases in suites for case in cases]
    name = f"{verdict.candidate} against {verdict.baseline}"
    root = Element("testsuites", {"name": name, **_totals(everything)})
    for suite, cases in suites:
        element = SubElement(root, "testsuite", {"name": suite, **_totals(cases)})
        for name, text, tag in cases:
            case = SubElement(element, "testcase", classname=suite, name=name)
            if tag == "system-out":
                SubElement(case, tag).text = text
            else:
                SubElement(case, tag, message=text)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(row: VerdictRow) -> str:
    return row.task or GUARDED.get(row.scope, "overall")


def _row_tag(row: VerdictRow, *, fails: bool) -> str:
    return _tag(row.state, fails=fails) if counts(row) else "system-out"


def _tag(state: State, *, fails: bool) -> str:
    """Return the element for a state: what the policy lets through is skipped, and nothing fails in a passed gate."""
    if state == "pass":
        return "system-out"
    return "skipped" if not fails else "failure" if state == "regressed" else "error"


def _totals(cases: Sequence[Case]) -> dict[str, str]:
    tags = [tag for _, _, tag in cases]
    counted = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(cases)), **{name: str(tags.count(tag)) for name, tag in counted.items()}}
