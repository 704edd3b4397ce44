"""The user's own rows: see `README.md`."""

from .workload import WorkloadTask

TASKS = (WorkloadTask,)
