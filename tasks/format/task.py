"""The tasks of the family."""

from __future__ import annotations

from .constraints_task import ConstraintsTask
from .json_task import JsonTask
from .records_task import RecordsTask
from .template_task import TemplateTask

TASKS = (JsonTask, RecordsTask, TemplateTask, ConstraintsTask)
