"""Replays recorded replies: to score them again, to gate replies that something else collected, and in tests.

The recording is a JSON Lines file with one reply a line, or the `samples.jsonl` of a run, whose lines hold the reply
under `reply`. What a recording says of its prompt is checked, so that it never answers another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import jsonlines
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from harness.adapters.controls import failed_reply
from harness.contracts import Model, Request, Settings
from harness.errors import ConfigError
from harness.hashing import prompt_sha256
from harness.records import FinishReason, Reply, ReplyError, Usage

SERVED = "control:replay"
SAMPLES_FILE = "samples.jsonl"


class ReplaySettings(Settings):
    """Keys of a `[[model]]` table with `adapter = "replay"`.

    Attributes:
        path: a JSON Lines file, or the directory of a run.
    """

    path: Path = Field(description="a JSON Lines file of replies, or the directory of a run")


class _Line(BaseModel):
    """What every line says. Other keys may stand beside these."""

    model_config = ConfigDict(extra="ignore")

    sample_id: str = Field(min_length=1)
    replicate: int = Field(default=0, ge=0)
    prompt_sha256: str = ""


class _FlatLine(_Line):
    """A line that has the reply's fields beside the sample's."""

    text: str
    reasoning: str = ""
    finish_reason: FinishReason = "stop"
    usage: Usage = Usage()


_REPLY = TypeAdapter(Reply)


class ReplayModel(Model):
    """Gives the reply that was recorded for a sample."""

    Settings = ReplaySettings
    kind = "control"

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self._replies: dict[tuple[str, int], tuple[str, Reply]] = {}
        self._identity: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        """Read the recording.

        Raises:
            ConfigError: it cannot be read, a line is no reply, or a sample has two.
        """
        file = _file(self.settings.path)
        self._replies = read_recording(file)
        digest = sha256(file.read_bytes()).hexdigest()
        self._identity = {"file": file.name, "sha256": digest, "replies": len(self._replies)}
        return self

    async def generate(self, request: Request) -> Reply:
        """Answer what was recorded: an error `not_found` if nothing was, `bad_request` if it was for another prompt."""
        key = (request.sample.id, request.replicate)
        if key not in self._replies:
            message = f"{self.settings.path} has no reply {request.replicate} to {request.sample.id}"
            return failed_reply(ReplyError(kind="not_found", message=message), SERVED)
        recorded, reply = self._replies[key]
        if recorded and recorded != prompt_sha256(request.messages):
            message = f"the reply that {self.settings.path} has to {request.sample.id} belongs to another prompt"
            return failed_reply(ReplyError(kind="bad_request", message=message), SERVED)
        return reply

    async def identity(self) -> dict[str, Any]:
        """Say which recording, by its hash."""
        return self._identity


def read_recording(path: Path) -> dict[tuple[str, int], tuple[str, Reply]]:
    """Read a recording: by sample and replicate the prompt's hash ("" where the line has none) and the reply.

    A later line may replace one whose reply is an error, as in a run that was continued.

    Raises:
        ConfigError: with file and line.
    """
    file = _file(path)
    replies: dict[tuple[str, int], tuple[str, Reply]] = {}
    for number, line in _lines(file):
        where = f"{file}:{number}"
        head, reply = _read_line(line, where)
        key = (head.sample_id, head.replicate)
        if key in replies and replies[key][1].error is None:
            raise ConfigError(
                f"a second reply {head.replicate} to {head.sample_id}", where=where, fix="delete one of the two lines"
            )
        replies[key] = (head.prompt_sha256, reply)
    return replies


def _file(path: Path) -> Path:
    return path / SAMPLES_FILE if path.is_dir() else path


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the lines with their numbers. A run's last line without a newline was torn by a crash and is left out."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        allowed = "a JSON Lines file of replies, or the directory of a run"
        raise ConfigError("no such recording", where=str(file), allowed=allowed) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(file)) from None
    lines = text.split("\n")
    if file.name == SAMPLES_FILE:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _json_object(line, f"{file}:{number}")


def _json_object(line: str, where: str) -> dict[str, Any]:
    with jsonlines.Reader([line]) as reader:
        try:
            return reader.read(type=dict)
        except (jsonlines.InvalidLineError, RecursionError) as error:
            found = str(error).split(" (line", maxsplit=1)[0]
            raise ConfigError("the line is not a JSON object", where=where, found=found) from None


def _read_line(line: dict[str, Any], where: str) -> tuple[_Line, Reply]:
    try:
        if "reply" in line:
            return _Line.model_validate(line), _REPLY.validate_python(line["reply"])
        flat = _FlatLine.model_validate(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise ConfigError(f"not a recorded reply: {key}: {first['msg']}", where=where) from None
    reply = Reply(
        text=flat.text,
        reasoning=flat.reasoning,
        finish_reason=flat.finish_reason,
        usage=flat.usage,
        served_model=SERVED,
    )
    return flat, reply
