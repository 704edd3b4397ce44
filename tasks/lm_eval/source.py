"""One task of lm-evaluation-harness, loaded: its documents as prompts, and what its settings ask of a model.

It is loaded as lm-evaluation-harness loads it for a chat model: the same documents in the same order, examples drawn
with the same seed. What cannot be run here is refused by name before anything is asked.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import ConfigError, HarnessError
from harness.records import Message

from .params import LmEvalParams

if TYPE_CHECKING:
    from collections.abc import Iterator

FEWSHOT_SEED = 1234
"""The seed that lm-evaluation-harness draws examples with unless told otherwise."""

MAX_GEN_TOKS = 256
"""What its backends generate at most where a task does not say."""

MOST_STOPS = 4
"""OpenAI's interface takes no more; lm-evaluation-harness sends as many."""

INSTALL = 'pip install "longcontext-harness[lm-eval]"'


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a task, rendered.

    Attributes:
        number: its index in the task.
        values: its columns.
        messages: what is sent.
        gold: the target that the task states, as text.
    """

    number: int
    values: Mapping[str, Any]
    messages: tuple[Message, ...]
    gold: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A task of lm-evaluation-harness.

    Attributes:
        task: its object there.
        name: its name there.
        version: version of the task, by its own metadata.
        documents: what is asked.
        until: strings that end a reply.
        budget: tokens that a reply may take.
        sampling: temperature and the like that the task asks for.
    """

    task: Any
    name: str
    version: str
    documents: tuple[Document, ...]
    until: tuple[str, ...]
    budget: int
    sampling: Mapping[str, Any]


def installed() -> str:
    """Return the version of lm-evaluation-harness. Raises `ConfigError` where it is not installed."""
    try:
        return version("lm_eval")
    except PackageNotFoundError:
        raise ConfigError("tasks of lm-eval need the package lm_eval", fix=INSTALL) from None


def load_source(params: LmEvalParams, folders: Sequence[Path]) -> Source:
    """Load a task with its documents; one that was loaded before is kept.

    Raises:
        ConfigError: there is no such task, its data cannot be had, or it cannot be run here.
    """
    installed()
    return _load(params.model_dump_json(exclude={"docs_sha256", "lm_eval_version"}), tuple(folders))


@lru_cache(maxsize=8)
def _load(asked: str, folders: tuple[Path, ...]) -> Source:
    params = LmEvalParams.model_validate_json(asked)
    with quiet(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        task = _task_of(params, folders)
        _check(task, params.task)
        if params.num_fewshot is not None:
            task.set_config(key="num_fewshot", value=params.num_fewshot)
        task.set_fewshot_seed(seed=FEWSHOT_SEED)
        try:
            documents = tuple(_documents(task, params))
        except Exception as error:
            raise _failed("its documents cannot be made into prompts", params.task, error) from error
    settings = dict(task.config.generation_kwargs or {})
    until = settings.pop("until", None) or ()
    budget = settings.pop("max_gen_toks", settings.pop("max_tokens", MAX_GEN_TOKS))
    if not settings.pop("do_sample", False):
        settings.setdefault("temperature", 0.0)
    return Source(
        task=task,
        name=params.task,
        version=str((task.config.metadata or {}).get("version", task.VERSION)),
        documents=documents,
        until=(until,) if isinstance(until, str) else tuple(until),
        budget=params.answer_budget or int(budget),
        sampling=settings,
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the warnings and the log of foreign code away from ours."""
    logger = logging.getLogger("lm_eval")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def _task_of(params: LmEvalParams, folders: Sequence[Path]) -> Any:
    from datasets import disable_progress_bars
    from lm_eval.tasks import TaskManager

    disable_progress_bars()
    own = str(_folder(params.include_path, folders)) if params.include_path else None
    metadata = dict(params.metadata)
    manager = TaskManager(include_path=own, include_defaults=False, metadata=metadata) if own else None
    if manager is None or params.task not in manager.all_tasks:
        manager = TaskManager(include_path=own, metadata=metadata)
    if params.task not in manager.all_tasks:
        from difflib import get_close_matches

        near = get_close_matches(params.task, manager.all_tasks, n=3)
        raise ConfigError(
            f"lm-eval has no task {params.task!r}" + (f" (did you mean {near[0]!r}?)" if near else ""),
            where=own or "",
            allowed=", ".join(near),
            fix="'lm_eval ls tasks' lists its own; include_path names a folder of yours",
        )
    try:
        tasks = manager.load(params.task)["tasks"]
    except Exception as error:  # a data set that is not there fails in as many ways as there are loaders
        raise _failed("it cannot be loaded", params.task, error) from error
    if list(tasks) != [params.task]:
        raise ConfigError(
            f"{params.task!r} is a group of lm-eval", found=", ".join(sorted(tasks)), fix="name one [[task]] for each"
        )
    return tasks[params.task]


def _folder(name: str, folders: Sequence[Path]) -> Path:
    for folder in folders:
        if (folder / name).is_dir():
            return (folder / name).resolve()
    raise ConfigError("there is no such folder", where="include_path", found=name)


def _check(task: Any, name: str) -> None:
    """Refuse what needs more than text in and text out."""
    reasons = {
        f"it asks for {task.OUTPUT_TYPE}, which takes log-probabilities of given text": task.OUTPUT_TYPE
        != "generate_until",
        "it runs the code that a model writes": bool(getattr(task.config, "unsafe_code", False)),
        "its documents hold images or sound": bool(task.config.doc_to_image or task.config.doc_to_audio),
        f"it scores {task.config.repeats} replies to a document together": (task.config.repeats or 1) > 1,
    }
    for reason, holds in reasons.items():
        if holds:
            raise ConfigError(
                f"lm-eval's task {name!r} cannot be run here: {reason}", fix="take a task of the kind generate_until"
            )


def _documents(task: Any, params: LmEvalParams) -> Iterator[Document]:
    shots = task.config.num_fewshot or 0
    for number, values in task.doc_iterator(rank=0, limit=params.rows, world_size=1):
        context = task.fewshot_context(
            values,
            num_fewshot=shots,
            apply_chat_template=True,
            fewshot_as_multiturn=params.multiturn,
            chat_template=_as_json,
            gen_prefix=task.doc_to_prefix(values),
        )
        messages = tuple(Message(turn["role"], turn["content"]) for turn in json.loads(context))
        yield Document(number, values, messages, _golds(task.doc_to_target(values)))


def _as_json(messages: list[dict[str, str]], **_: object) -> str:
    """Stand in for a chat template: the server has its own."""
    return json.dumps(messages)


def _golds(target: Any) -> tuple[str, ...]:
    return tuple(map(str, target)) if isinstance(target, list | tuple) else (str(target),)


def _failed(what: str, name: str, error: Exception) -> HarnessError:
    told = f"{type(error).__name__}: {error}".splitlines()[0][:300] if str(error) else type(error).__name__
    fix = f"'lm_eval run --tasks {name} --limit 1 --model dummy' shows the same error with its traceback"
    if isinstance(error, ImportError) and error.name:
        fix = f'pip install {error.name}; some tasks have an extra of lm_eval, such as "lm_eval[ifeval]"'
    return ConfigError(f"lm-eval's task {name!r}: {what}", found=told, fix=fix)
