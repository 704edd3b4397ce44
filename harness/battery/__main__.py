"""Makes a task's samples in a process of its own and prints their hash: `python -m harness.battery ARGUMENT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from harness.battery.bench import ask, digest
from harness.registry import make_task


def main(argument: str) -> None:
    """Print the hash of the samples that a JSON list names: task, parameters, folders, length and questions."""
    name, params, task_dirs, length, questions = json.loads(argument)
    task = make_task(name, params, task_dirs=[Path(folder) for folder in task_dirs])
    print(digest(ask(task, length, questions)))


if __name__ == "__main__":
    main(sys.argv[1])
