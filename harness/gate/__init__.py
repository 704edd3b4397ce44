"""From two paired runs to one verdict and its exit code."""

from harness.gate.decide import decide
from harness.gate.emit import FORMATS, emit
from harness.gate.explore.groups import Groups, groups
from harness.gate.explore.scan import Scan, scan
from harness.gate.judge import judge, terms_of
from harness.gate.policy import Policy, load_policy
from harness.gate.several import Several, judge_each, judge_several
from harness.gate.verdict import State, Verdict, VerdictRow

__all__ = [
    "FORMATS",
    "Groups",
    "Policy",
    "Scan",
    "Several",
    "State",
    "Verdict",
    "VerdictRow",
    "decide",
    "emit",
    "groups",
    "judge",
    "judge_each",
    "judge_several",
    "load_policy",
    "scan",
    "terms_of",
]
