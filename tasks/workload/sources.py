"""Where rows and documents are looked for, and how their files are opened."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import ConfigError

HUB = "hf:"
"""How a data set of the hub is written: `hf:ORGANISATION/NAME`."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from; the attributes are the parameters of the task.

    Attributes:
        folders: where a relative path is looked for, first to last.
        files: columns that name text files, relative to the data; the text takes the place of the name.
    """

    data: str
    config: str | None
    split: str | None
    revision: str | None
    json_columns: tuple[str, ...]
    folders: tuple[Path, ...]
    files: tuple[str, ...] = ()


def find_file(name: str, folders: Sequence[Path]) -> Path:
    """Return the first file or folder of that name.

    Raises:
        ConfigError: there is none; with where it was looked for.
    """
    tried = [folder / Path(name).expanduser() for folder in folders]
    for path in tried:
        if path.exists():
            return path
    raise ConfigError(
        "no such file",
        where=name,
        found=f"looked in {', '.join(dict.fromkeys(str(path.parent) for path in tried))}",
        fix="a path is relative to the sweep; for a run on disk, give the command in the folder of the sweep",
    )


class TextFiles:
    """Reads the files that rows name, each once. They must lie beside the data or below.

    Rows may come from elsewhere, and what they name is sent to a model: so no row can name any other file.
    """

    def __init__(self, source: Source) -> None:
        self.columns = source.files
        self._texts: dict[str, str] = {}
        if self.columns and source.data.startswith(HUB):
            raise ConfigError("data of the hub have no files beside them", where=source.data, fix="leave files out")
        path = find_file(source.data, source.folders).resolve() if self.columns else Path()
        self._folder = path if path.is_dir() else path.parent

    def read(self, name: Any) -> str:
        """Return the text of a file. Raises `ValueError`."""
        if not isinstance(name, str):
            raise ValueError("it names no file")
        if name not in self._texts:
            path = (self._folder / name).resolve()
            if not path.is_relative_to(self._folder):
                raise ValueError(f"{name!r} is not in the folder of the data")
            try:
                self._texts[name] = path.read_text("utf-8-sig")
            except OSError as error:
                raise ValueError(f"{name!r} cannot be read: {error.strerror}") from None
            except UnicodeDecodeError:
                raise ValueError(f"{name!r} is not UTF-8") from None
        return self._texts[name]


def open_text(path: Path, name: str) -> Any:
    """Open a text file for reading. Raises `ConfigError`."""
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=name) from None


def optional(module: str, what: str, where: str) -> Any:
    """Import a module of the extra `data`. Raises `ConfigError` where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ConfigError(what, where=where, fix='pip install "longcontext-harness[data]"') from None
