"""Controls: models whose answers follow a rule, to show what a task measures before a language model is asked.

`oracle` solves the rendered prompt and must be right everywhere; `null` gives one fixed reply and must earn no more
than the floor; `echo` repeats the prompt and must earn no more either. `docs/controls.md` says what each proves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from harness.contexts.tokens import reference_counter
from harness.contracts import Model, Request, Settings
from harness.records import FinishReason, Reply, ReplyError, Usage


def written(request: Request, values: Sequence[str]) -> str:
    """Write values down as the task would a right answer; where the task's answers have another shape, in one line."""
    try:
        return request.task.ideal_reply(tuple(values))
    except (LookupError, TypeError, ValueError):
        return f"ANSWER: {', '.join(values) or 'NONE'}"


def local_reply(request: Request, text: str, served_model: str, finish_reason: FinishReason = "stop") -> Reply:
    """Return a reply made in this process, with the tokens of prompt and answer by the reference counter.

    Args:
        request: what was asked.
        text: the answer.
        served_model: which adapter made it, such as `control:oracle`.
        finish_reason: as a server would have given it.
    """
    count = reference_counter().count
    prompt_tokens = sum(count(message.content) for message in request.messages)
    usage = Usage(prompt_tokens=prompt_tokens, completion_tokens=count(text))
    return Reply(text=text, finish_reason=finish_reason, usage=usage, served_model=served_model)


def failed_reply(error: ReplyError, served_model: str) -> Reply:
    """Return a reply without an answer."""
    return Reply(error=error, finish_reason="error", served_model=served_model)


class OracleModel(Model):
    """Solves the rendered prompt with the task's own oracle, without a look at the gold answer."""

    kind = "control"

    async def generate(self, request: Request) -> Reply:
        """Answer what the oracle finds; an oracle that fails is an error `bad_reply`."""
        served = "control:oracle"
        try:
            text = request.task.ideal_reply(request.task.oracle(request.messages))
        except Exception as error:  # a plugin's code may raise anything, and one sample must not end the run
            message = f"the oracle of {request.task.name} failed: {type(error).__name__}: {error}"
            return failed_reply(ReplyError(kind="bad_reply", message=message[:500]), served)
        return local_reply(request, text, served)


class NullSettings(Settings):
    """Keys of a `[[model]]` table with `adapter = "null"`.

    Attributes:
        reply: the text of every reply.
    """

    reply: str = Field(default="", description="the text of every reply")


class NullModel(Model):
    """Gives the same reply to everything."""

    Settings = NullSettings
    kind = "control"

    async def generate(self, request: Request) -> Reply:
        """Answer the fixed reply."""
        return local_reply(request, self.settings.reply, "control:null")

    async def identity(self) -> dict[str, Any]:
        """Say what the reply is."""
        return {"reply": self.settings.reply}


class EchoModel(Model):
    """Repeats the whole prompt: context, question and instructions."""

    kind = "control"

    async def generate(self, request: Request) -> Reply:
        """Answer the contents of all messages."""
        text = "\n\n".join(message.content for message in request.messages)
        return local_reply(request, text, "control:echo")
