"""The tasks of this family."""

from __future__ import annotations

from .call_chain import CallChain
from .impact import Impact
from .output import CodeOutput
from .resolve import Resolve

TASKS = (CodeOutput, CallChain, Resolve, Impact)
