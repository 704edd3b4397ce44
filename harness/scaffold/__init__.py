"""Writes a new task family, which passes the battery: `harness tasks new`. Its templates are the files beside this."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template

from harness.errors import ConfigError
from harness.registry import task_classes

TEMPLATES = Path(__file__).parent
_NAME = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")


def family_files(name: str) -> dict[str, str]:
    """Return the files of a family with one task of that name, by their path inside the family's folder.

    Raises:
        ConfigError: it is not a name that a new task can have.
    """
    match = _NAME.fullmatch(name)
    if not match or any(keyword.iskeyword(part) for part in match.groups()):
        raise ConfigError(
            f"cannot call a task {name!r}",
            allowed="family.task, each of lower-case letters, digits and _, and no Python keyword",
            fix="such as tickets.priority",
        )
    if name in task_classes():
        raise ConfigError(f"there is a task {name} already", fix="choose another name")
    family, task = match.groups()
    words = {
        "name": name,
        "family": family,
        "task": task,
        "thing": task.replace("_", " ").strip(),
        "class_name": "".join(word.capitalize() for word in f"{family}_{task}".split("_")),
    }
    names = {"task.py": "task.py.txt", "README.md": "README.md.txt", f"test_{family}.py": "test.py.txt"}
    return {
        path: Template((TEMPLATES / template).read_text("utf-8")).substitute(words) for path, template in names.items()
    }


def write_family(name: str, folder: Path) -> list[Path]:
    """Write the files of a new family into a folder of its own inside `folder`, and return their paths.

    Raises:
        ConfigError: it is not a name that a new task can have, or one of the files is there already.
    """
    files = {folder / name.partition(".")[0] / path: text for path, text in family_files(name).items()}
    for path in files:
        if path.exists():
            raise ConfigError(
                "the file is there already, and nothing was written",
                where=str(path),
                fix="choose another family or --dir, or add a class to the TASKS of this one",
            )
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        except OSError as error:
            raise ConfigError(f"cannot write: {error.strerror}", where=str(path)) from None
    return list(files)
