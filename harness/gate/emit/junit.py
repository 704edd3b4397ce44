"""A verdict as JUnit XML: a suite a task, a case a row."""

from __future__ import annotations

from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.gate.verdict import Verdict, VerdictRow
from harness.gate.wording import name_of


def to_junit(verdict: Verdict) -> str:
    """Return the verdict for a CI server. A regressed row is a failure, an undecided one an error."""
    root = Element("testsuites", name=f"{verdict.candidate} against {verdict.baseline}")
    if verdict.state == "invalid":
        suite = SubElement(root, "testsuite", name="verdict", tests="1", errors="1")
        case = SubElement(suite, "testcase", classname="verdict", name="comparison")
        SubElement(case, "error", message=verdict.sentence)
    ordered = sorted(verdict.rows, key=lambda row: (row.task == "", row.task, row.scope))
    for task, group in groupby(ordered, key=_suite):
        rows = list(group)
        states = [row.state for row in rows if _counts(row)]
        failures, errors = str(states.count("regressed")), str(states.count("inconclusive"))
        suite = SubElement(root, "testsuite", name=task, tests=str(len(rows)), failures=failures, errors=errors)
        for row in rows:
            _case(suite, row)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _suite(row: VerdictRow) -> str:
    return row.task or ("failure modes" if row.scope == "mode" else "overall")


def _counts(row: VerdictRow) -> bool:
    return row.required and (row.assessable or row.state == "regressed")


def _case(suite: Element, row: VerdictRow) -> None:
    case = SubElement(suite, "testcase", classname=_suite(row), name=name_of(row))
    tags = {"regressed": "failure", "inconclusive": "error"}
    if row.state in tags and _counts(row):
        SubElement(case, tags[row.state], message=row.reason)
    else:
        SubElement(case, "system-out").text = row.reason
