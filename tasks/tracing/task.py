"""The tasks of this family."""

from __future__ import annotations

from .graph import GraphWalk
from .lists import Lists
from .variables import Variables

TASKS = (Variables, Lists, GraphWalk)
