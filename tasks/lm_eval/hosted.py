"""`lm-eval:TASK`: a task of lm-evaluation-harness asked by this engine, and scored by its own code.

    [[task]]
    name = "lm-eval:ifeval"

    [[task]]
    name = "lm-eval:tickets"
    include_path = "my_tasks"

Nothing is generated: a document is a sample, a context of its own, asked at the shortest length of the sweep that holds
it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from harness.contracts import Cell, Counter, Layout, Task
from harness.errors import ConfigError
from harness.records import Axis, Message, Recipe, Reply, Sample, Score
from harness.sizes import format_size

from .params import LmEvalParams
from .scoring import headline, score_reply
from .source import MOST_STOPS, Document, Source, installed, load_source

QUESTION_CHARS = 400
MOST_VALUES = 20
"""A column is an axis where it has few short values: `domain`, `difficulty` …"""


class LmEvalTask(Task):
    """Asks the documents of a task of lm-evaluation-harness."""

    name = "lm-eval"
    version = "1"
    summary = "any task of lm-evaluation-harness that generates text: name it lm-eval:TASK"
    selects = "task"
    given = True
    Params = LmEvalParams

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(params)
        self._folders: tuple[Path, ...] = (Path(),)
        self._counted: dict[tuple[str, int], int] = {}
        self._right: dict[str, tuple[str, ...]] = {}

    def find_files(self, folders: Sequence[Path]) -> None:
        """Look for `include_path` in these folders."""
        self._folders = tuple(folders)

    def pins(self) -> Mapping[str, Any]:
        """Return the answer budget, the hash of documents and settings, and the version of lm-evaluation-harness."""
        pinned = {"docs_sha256": self._sha256, "lm_eval_version": installed()}
        return {"answer_budget": self._source.budget, **pinned}

    def layout(self, lengths: Sequence[int], counter: Counter, seed: int) -> Layout:
        """Put each document at the shortest length that holds it. Raises `ConfigError` where one is too long."""
        cells: dict[int, dict[int, dict[int, int]]] = {length: {} for length in sorted(lengths)}
        over: list[tuple[int, Document]] = []
        for index, document in enumerate(self._source.documents):
            tokens = self._tokens(index, counter)
            needed = tokens + self._source.budget
            length = next((each for each in cells if needed <= each), None)
            if length is None:
                over.append((needed, document))
            else:
                cells[length][index] = {0: tokens}
        if over and self.params.over_length == "error":
            needed, document = max(over, key=lambda each: each[0])
            raise ConfigError(
                f"{len(over)} of {len(self._source.documents)} documents are longer than {format_size(max(lengths))}",
                where=f"lm-eval:{self.params.task}, document {document.number}",
                found=f"{needed:,} tokens with its answer budget of {self._source.budget}; no document is longer",
                fix=f'put a length of at least {needed} into [sweep] lengths, or say over_length = "skip"',
            )
        return Layout(cells={at: held for at, held in cells.items() if held}, notes=self._notes(len(over)))

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        """Yield the documents of these contexts that the length holds."""
        for index in cell.contexts:
            fits = index < len(self._source.documents)
            if fits and self._tokens(index, cell.counter) + self._source.budget <= cell.length:
                yield self._sample(index, cell, seed)

    def prompt(self, sample: Sample) -> list[Message]:
        """Return the messages as lm-evaluation-harness makes them for a chat model."""
        messages = list(self._document(sample).messages)
        self._right[_digest([message.content for message in messages])] = sample.gold
        return messages

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Score a reply by the task's own filters and metrics."""
        return score_reply(self._source, self._document(sample), reply, self._headline)

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Look up the document of a prompt: it cannot be solved by rule. Raises `LookupError` for another prompt."""
        return self._right[_digest([message.content for message in prompt])]

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Return the target. Raises `LookupError` where a scorer of the task's own may want something else."""
        if self._source.task.config.process_results is not None or not gold:
            raise LookupError(f"the scorer of lm-eval's {self.params.task} does not say what a right reply looks like")
        return gold[0]

    @cached_property
    def _source(self) -> Source:
        stated = self.params.lm_eval_version
        if stated and stated != installed():
            raise ConfigError(
                "the run was made with another version of lm-evaluation-harness",
                found=installed(),
                allowed=stated,
                fix=f"pip install lm-eval=={stated}, or give the sweep another name",
            )
        source = load_source(self.params, self._folders)
        self.version = source.version  # type: ignore[misc]
        return source

    @cached_property
    def _headline(self) -> tuple[str, str]:
        return headline(self._source, self._source.documents[0], self.params.metric, self.params.filter)

    @cached_property
    def _sha256(self) -> str:
        source = self._source
        asked = [[[turn.role, turn.content] for turn in document.messages] for document in source.documents]
        golds = [list(document.gold) for document in source.documents]
        found = _digest([asked, golds, list(source.until), source.budget, dict(source.sampling), self._headline])
        if self.params.docs_sha256 not in ("", found):
            raise ConfigError(
                "the documents of the task, or what it asks, have changed",
                where=f"lm-eval:{self.params.task}",
                found=found,
                allowed=self.params.docs_sha256,
                fix="put back what the run was made with, or give the sweep another name",
            )
        return found

    @cached_property
    def _axes(self) -> tuple[str, ...]:
        """Return the columns that documents can be sliced by: few values, all short, all there."""
        documents = self._source.documents
        found = []
        for name in documents[0].values:
            values = [document.values.get(name) for document in documents]
            if all(isinstance(value, str | bool | int) and len(str(value)) <= QUESTION_CHARS // 10 for value in values):
                different = len(set(values))
                if 1 < different <= min(MOST_VALUES, len(documents) // 2) and name != "length_tokens":
                    found.append(name)
        return tuple(found)

    def _document(self, sample: Sample) -> Document:
        return self._source.documents[sample.recipe.context]

    def _tokens(self, index: int, counter: Counter) -> int:
        key = (counter.name, index)
        if key not in self._counted:
            turns = self._source.documents[index].messages
            self._counted[key] = sum(counter.count(turn.content) for turn in turns)
        return self._counted[key]

    def _sample(self, index: int, cell: Cell, seed: int) -> Sample:
        source, document = self._source, self._source.documents[index]
        question = document.messages[-1].content
        axes: dict[str, Axis] = {name: document.values[name] for name in self._axes}
        return Sample(
            id=f"{self.name}/{format_size(cell.length)}/d{document.number:05d}",
            task=self.name,
            version=source.version,
            context_id=f"{self.name}/{_digest([turn.content for turn in document.messages])[:12]}",
            gold=document.gold,
            question=question if len(question) <= QUESTION_CHARS else f"… {question[-QUESTION_CHARS:]}",
            spans=(),
            axes={**axes, "length_tokens": cell.length},
            recipe=Recipe(
                task=self.name,
                seed=seed,
                params={**self.params.model_dump(mode="json", exclude_defaults=True), **self.pins()},
                length=cell.length,
                counter=cell.counter.name,
                context=index,
                question=0,
                questions=cell.questions,
            ),
            prompt_tokens=self._tokens(index, cell.counter),
            answer_budget=source.budget,
            data={"document": document.number, "sampling": self._sampling()},
        )

    def _sampling(self) -> dict[str, Any]:
        asked = dict(self._source.sampling) if self.params.sampling == "task" else {}
        stops = list(self._source.until)[:MOST_STOPS]
        return {**asked, **({"stop": stops} if stops else {})}

    def _notes(self, over: int) -> tuple[str, ...]:
        source, (metric, by) = self._source, self._headline
        called = f"lm-eval:{self.params.task}"
        notes = [f"{called}: {len(source.documents)} documents; the score is {metric} of the filter {by}, right is 1"]
        means = source.task.aggregation()
        other = [name for name, how in means.items() if getattr(how, "__name__", "") != "mean"]
        if other:
            notes.append(f"{called}: lm-eval does not average {', '.join(other)} over documents; here every metric is")
        if over:
            notes.append(f"{called}: {over} documents are too long and are left out")
        return tuple(notes)


def _digest(value: Any) -> str:
    text = json.dumps(value, default=str, sort_keys=True)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
