"""The tasks of this family."""

from __future__ import annotations

from .exact import ExactRetrieval

TASKS = (ExactRetrieval,)
