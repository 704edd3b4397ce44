"""A verdict as JUnit XML: a suite a task, a case a row."""

from __future__ import annotations

from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.gate.verdict import Verdict, VerdictRow
from harness.gate.wording import place


def to_junit(verdict: Verdict) -> str:
    """Return the verdict for a CI server. A regressed row is a failure, an undecided one an error."""
    root = Element("testsuites", name=f"{verdict.candidate} against {verdict.baseline}")
    if verdict.state == "invalid":
        suite = SubElement(root, "testsuite", name="verdict", tests="1", errors="1")
        case = SubElement(suite, "testcase", classname="verdict", name="comparison")
        SubElement(case, "error", message=verdict.sentence)
    for task, group in groupby(verdict.rows, key=lambda row: row.task or "overall"):
        rows = list(group)
        states = [row.state for row in rows if row.required]
        failures, errors = str(states.count("regressed")), str(states.count("inconclusive"))
        suite = SubElement(root, "testsuite", name=task, tests=str(len(rows)), failures=failures, errors=errors)
        for row in rows:
            _case(suite, row)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _case(suite: Element, row: VerdictRow) -> None:
    case = SubElement(suite, "testcase", classname=row.task or "overall", name=place(row.task, row.length))
    tags = {"regressed": "failure", "inconclusive": "error"}
    if row.state in tags and row.required:
        SubElement(case, tags[row.state], message=row.reason)
    else:
        SubElement(case, "system-out").text = row.reason
