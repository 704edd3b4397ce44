"""Writes a first sweep and a first policy, which an unchanged candidate passes at least eight times in ten."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from harness.errors import ConfigError
from harness.registry import make_task
from harness.scaffold import TEMPLATES
from harness.sizes import parse_size

SWEEP_FILE, GATE_FILE = "sweep.toml", "gate.toml"
TASKS = ("retrieval.exact", "retrieval.latent", "code.call_chain")
LENGTHS = ("32k", "128k")


@dataclass(frozen=True, slots=True)
class Start:
    """What a first sweep asks of whom.

    Attributes:
        urls: of the baseline and of the candidate; empty leaves a variable to be set.
        models: the names they are served by; empty likewise.
        key_env: name of the variable that holds the key; empty for servers that want none.
    """

    name: str = "first"
    urls: tuple[str, str] = ("", "")
    models: tuple[str, str] = ("", "")
    key_env: str = ""
    lengths: Sequence[str] = LENGTHS
    tasks: Sequence[str] = TASKS
    contexts: int = 100
    questions: int = 4
    margin: float = 0.05


def start_files(start: Start) -> dict[str, str]:
    """Return the two files by name.

    Raises:
        ConfigError: a length is none, or a task does not exist.
    """
    for length in start.lengths:
        try:
            parse_size(length)
        except ValueError as error:
            raise ConfigError(str(error), where="lengths", found=length, allowed="4096, 32k, 1M") from None
    for task in start.tasks:
        make_task(task, {})
    words = {
        "name": start.name,
        "lengths": ", ".join(map(json.dumps, start.lengths)),
        "contexts": str(start.contexts),
        "questions": str(start.questions),
        "margin": f"{start.margin:g}",
        "sweep_file": SWEEP_FILE,
        "gate_file": GATE_FILE,
        "baseline": _model("BASELINE", start, 0),
        "candidate": _model("CANDIDATE", start, 1),
        "tasks": "\n\n".join(f"[[task]]\nname = {json.dumps(task)}" for task in start.tasks),
    }
    templates = {SWEEP_FILE: "sweep.toml.txt", GATE_FILE: "gate.toml.txt"}
    return {
        name: Template((TEMPLATES / template).read_text("utf-8")).substitute(words)
        for name, template in templates.items()
    }


def write_files(files: Mapping[str, str], folder: Path) -> list[Path]:
    """Write files into a folder and return their paths.

    Raises:
        ConfigError: one is there already, and nothing was written, or the folder cannot be written to.
    """
    paths = [folder / name for name in files]
    for path in paths:
        if path.exists():
            raise ConfigError(
                "the file is there already, and nothing was written", where=str(path), fix="choose another --dir"
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, files.values(), strict=True):
            path.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write: {error.strerror}", where=str(folder)) from None
    return paths


def _model(role: str, start: Start, index: int) -> str:
    """Return the keys of a model behind an OpenAI-compatible server."""
    url = start.urls[index] or f"${{{role}_URL}}"
    model = start.models[index] or f"${{{role}_MODEL}}"
    lines = [
        'adapter = "openai"            # any OpenAI-compatible server: vLLM, SGLang, llama.cpp, Ollama, hosted APIs',
        f"base_url = {json.dumps(url)}",
        f"model = {json.dumps(model)}",
    ]
    if start.key_env:
        lines.append(f"api_key_env = {json.dumps(start.key_env)}      # the variable's name, never the key")
    return "\n".join(lines)
