"""Tasks of lm-evaluation-harness: see `README.md`."""

from .hosted import LmEvalTask

TASKS = (LmEvalTask,)
