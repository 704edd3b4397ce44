"""Finds tasks and models by name. The built-in ones take the same road as a plugin's.

A task family is a folder with a `task.py` that has `TASKS`, a tuple of `Task` classes. Families are read from the
folder `tasks/` of a checkout or its copy inside the wheel, from every `--task-dir`, and from packages that offer a
module under the entry point group `longcontext_harness.tasks`. Models are classes named `module:Class`; packages offer
theirs under `longcontext_harness.models`.
"""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from harness.contracts import Model, Task
from harness.errors import ConfigError, UnknownName
from harness.hashing import content_sha256

TASK_GROUP, MODEL_GROUP = "longcontext_harness.tasks", "longcontext_harness.models"

ADAPTERS: Mapping[str, str] = {
    "openai": "harness.adapters.openai:OpenAIModel",
    "anthropic": "harness.adapters.anthropic:AnthropicModel",
    "llama_cpp": "harness.adapters.llama_cpp:LlamaCppModel",
    "lm_eval": "harness.adapters.lm_eval:LmEvalModel",
    "oracle": "harness.adapters.controls:OracleModel",
    "null": "harness.adapters.controls:NullModel",
    "echo": "harness.adapters.controls:EchoModel",
    "lexical": "harness.adapters.lexical:LexicalModel",
    "simulated": "harness.adapters.simulated:SimulatedModel",
    "replay": "harness.adapters.replay:ReplayModel",
}


def built_in_tasks_dir() -> Path:
    """Return the folder of the built-in families: inside the wheel, else beside the package in a checkout."""
    package = Path(__file__).parent
    inside = package / "_tasks"
    return inside if inside.is_dir() else package.parent / "tasks"


def task_classes(task_dirs: Iterable[Path] = ()) -> dict[str, type[Task]]:
    """Return every task class by name. A user's task of a built-in name is an error, not an override."""
    found: dict[str, type[Task]] = {}
    for origin, classes in _families(tuple(task_dirs)):
        for cls in classes:
            if found.get(cls.name, cls) is not cls:
                raise ConfigError(f"two tasks are called {cls.name}", where=origin, fix="rename one of them")
            found[cls.name] = cls
    return found


def make_task(
    name: str,
    params: Mapping[str, Any],
    *,
    task_dirs: Iterable[Path] = (),
    folders: Sequence[Path] = (),
    where: str = "",
) -> Task:
    """Build a task from its name and parameters.

    Args:
        name: the registered task; one that `selects` may be called NAME:WHICH.
        params: keys of its table.
        task_dirs: folders with further task families.
        folders: where files that the parameters name are looked for; unset, the working directory.
        where: for messages.

    Raises:
        UnknownName: no task of that name.
        ConfigError: a parameter is unknown or not allowed.
    """
    classes = task_classes(task_dirs)
    before, colon, selected = name.partition(":")
    if colon and before in classes and classes[before].selects:
        name, params = before, {**params, classes[before].selects: selected}
    if name not in classes:
        raise UnknownName(
            f"unknown task {name!r}{did_you_mean(name, classes)}",
            where=where,
            allowed=_listed(classes),
            fix="a task of your own is found with --task-dir FOLDER",
        )
    try:
        task = classes[name](params)
    except ValidationError as error:
        raise from_validation(error, classes[name].Params.model_fields, where=f"{where or name}") from None
    if folders:
        task.find_files(folders)
    return task


def adapter_names() -> list[str]:
    """Return the name of every adapter, built in or offered by a package."""
    return sorted(_targets())


def model_class(adapter: str, *, where: str = "") -> type[Model]:
    """Return the class behind an adapter's name.

    Raises:
        UnknownName: no adapter of that name.
    """
    targets = _targets()
    adapter = adapter if adapter in targets else adapter.replace("-", "_")
    if adapter not in targets:
        raise UnknownName(
            f"unknown adapter {adapter!r}{did_you_mean(adapter, targets)}", where=where, allowed=_listed(targets)
        )
    module, _, attribute = targets[adapter].partition(":")
    cls: type[Model] = getattr(importlib.import_module(module), attribute)
    return cls


def _targets() -> dict[str, str]:
    return {**{entry.name: entry.value for entry in entry_points(group=MODEL_GROUP)}, **ADAPTERS}


def from_validation(error: ValidationError, fields: Iterable[str], *, where: str) -> ConfigError:
    """Turn pydantic's first complaint into ours: key, what was found, what is allowed. Values are not echoed."""
    first = first_complaint(error)
    key = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        last = str(first["loc"][-1])
        return ConfigError(f"unknown key {last!r}{did_you_mean(last, fields)}", where=where, allowed=_listed(fields))
    if first["type"] == "missing":
        return ConfigError(f"{key!r} is missing", where=where)
    place = f"{where}: {key}" if key else where
    return ConfigError(first["msg"].removeprefix("Value error, "), where=place)


def first_complaint(error: ValidationError) -> ErrorDetails:
    """Return what to say first: an unknown key before the missing one that it was meant to be."""
    complaints = error.errors(include_input=False, include_url=False)
    return next((each for each in complaints if each["type"] == "extra_forbidden"), complaints[0])


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _families(task_dirs: tuple[Path, ...]) -> Iterator[tuple[str, tuple[type[Task], ...]]]:
    for folder in (built_in_tasks_dir(), *task_dirs):
        if not folder.is_dir():
            raise ConfigError("no such folder of tasks", where=str(folder))
        families = [folder] if (folder / "task.py").is_file() else sorted(folder.iterdir())
        for family in families:
            if (family / "task.py").is_file():
                yield str(family / "task.py"), _tasks_of(_load_family(family.resolve()), str(family / "task.py"))
    for entry in entry_points(group=TASK_GROUP):
        yield entry.value, _tasks_of(importlib.import_module(entry.module), entry.value)


def _tasks_of(module: ModuleType, origin: str) -> tuple[type[Task], ...]:
    tasks = getattr(module, "TASKS", None)
    if not isinstance(tasks, tuple) or not all(isinstance(t, type) and issubclass(t, Task) for t in tasks):
        raise ConfigError(
            "a family's task.py needs TASKS, a tuple of Task classes", where=origin, fix="TASKS = (MyTask,)"
        )
    for cls in tasks:
        missing = [name for name in ("name", "version", "summary") if not isinstance(getattr(cls, name, None), str)]
        missing += sorted(getattr(cls, "__abstractmethods__", ()))
        if missing:
            raise ConfigError(f"{cls.__name__} lacks {', '.join(missing)}", where=origin)
    return tasks


@cache
def _load_family(folder: Path) -> ModuleType:
    """Import `folder/task.py` as a module of a package of its own, so that its relative imports work."""
    package = ModuleType(f"harness_tasks_{folder.name}_{content_sha256(str(folder))[:8]}")
    package.__path__ = [str(folder)]
    sys.modules[package.__name__] = package
    try:
        return importlib.import_module(f"{package.__name__}.task")
    except Exception as error:
        raise ConfigError(
            f"the task family cannot be imported: {type(error).__name__}: {error}", where=_place_of(error, folder)
        ) from error


def _place_of(error: Exception, folder: Path) -> str:
    """Return the file and line of a family where an error comes from."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    own = [frame for frame in extract_tb(error.__traceback__) if folder in Path(frame.filename).parents]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else str(folder / "task.py")
