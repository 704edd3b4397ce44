"""The tasks of this family."""

from __future__ import annotations

from .call_chain import CallChain
from .find import Find
from .impact import Impact
from .locate import Locate
from .output import CodeOutput
from .references import References
from .resolve import Resolve

TASKS = (CodeOutput, CallChain, Resolve, References, Find, Impact, Locate)
