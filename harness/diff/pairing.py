"""The replies of two models to the same requests, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.diff.replies import Read, Reader
from harness.diff.task import Requests
from harness.records import Axis, Message
from harness.store import Run


@dataclass(frozen=True, slots=True)
class Item:
    """One request and the replies of both models, as many of each.

    Attributes:
        sample_id: names it in the runs.
        axes: its columns and its length.
    """

    sample_id: str
    context_id: str
    axes: Mapping[str, Axis]
    prompt: tuple[Message, ...]
    baseline: tuple[Read, ...]
    candidate: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class Paired:
    """All requests that both models have answered in full.

    Attributes:
        lacking: by model, requests without all of their replies, and `errors`, by model, the kinds of the failures.
    """

    items: tuple[Item, ...]
    asked: int
    lacking: tuple[int, int]
    errors: tuple[Mapping[str, int], Mapping[str, int]]

    @property
    def contexts(self) -> list[str]:
        """The context of each request."""
        return [item.context_id for item in self.items]


def pair_replies(runs: tuple[Run, Run], repeats: int, reader: Reader, requests: Requests) -> Paired:
    """Pair the replies of the baseline and of a candidate.

    Args:
        runs: the baseline's and the candidate's.
        repeats: replies that each must have to a request; more are left aside.
        reader: reads them.
        requests: what was asked.
    """
    found = [_replies(run, repeats, reader) for run in runs]
    whole = [{name for name, reads in each.items() if len(reads) == repeats} for each in found]
    prompts = requests.shown
    items = [
        Item(name, requests.contexts[name], requests.axes[name], shown, tuple(found[0][name]), tuple(found[1][name]))
        for name, shown in prompts.items()
        if name in whole[0] and name in whole[1]
    ]
    return Paired(
        items=tuple(items),
        asked=len(prompts),
        lacking=(len(prompts) - len(whole[0]), len(prompts) - len(whole[1])),
        errors=(_errors(runs[0]), _errors(runs[1])),
    )


def _replies(run: Run, repeats: int, reader: Reader) -> dict[str, list[Read]]:
    found: dict[str, list[Read]] = {}
    for result in sorted(run.results, key=lambda result: result.replicate):
        if result.outcome != "invalid" and result.replicate < repeats:
            found.setdefault(result.sample_id, []).append(reader.read(result.sample_id, result.reply))
    return found


def _errors(run: Run) -> dict[str, int]:
    kinds: dict[str, int] = {}
    for result in run.results:
        if result.reply.error:
            kinds[result.reply.error.kind] = kinds.get(result.reply.error.kind, 0) + 1
    return kinds
