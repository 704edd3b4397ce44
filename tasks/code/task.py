"""The tasks of this family."""

from __future__ import annotations

from .call_chain import CallChain
from .output import CodeOutput

TASKS = (CodeOutput, CallChain)
