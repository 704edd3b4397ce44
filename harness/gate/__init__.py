"""From two paired runs to one verdict and its exit code."""

from harness.gate.decide import decide
from harness.gate.emit import FORMATS, emit
from harness.gate.judge import judge, terms_of
from harness.gate.policy import Policy, load_policy
from harness.gate.verdict import State, Verdict, VerdictRow

__all__ = ["FORMATS", "Policy", "State", "Verdict", "VerdictRow", "decide", "emit", "judge", "load_policy", "terms_of"]
