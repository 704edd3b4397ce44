r"""`workload`: the user's own rows as a task.

    [[task]]
    name = "workload"
    label = "tickets"
    data = "tickets.jsonl"
    prompt = "{document}\n\n{question}"
    answer = "{expected}"
    score = "json_schema"

Nothing is generated: a row is a sample, and rows that share their document are samples of one context. Each row is
asked at the shortest length of the sweep that holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import Any

from harness.contexts import counter_named
from harness.contracts import Cell, Counter, Layout, Task
from harness.errors import ConfigError
from harness.reading import fold, split_reasoning
from harness.records import Message, Recipe, Reply, Sample, Score
from harness.sizes import format_size

from .loading import Table, adapted, load_table
from .meanings import MEANINGS
from .params import WorkloadParams
from .presets import preset_named
from .prompts import Rendered, cut_to
from .rows import Item, Rows, rows_of
from .scorers import Asked, Scorer, judge, make_scorer
from .sources import Source
from .subset import drawn

QUESTION_CHARS = 400
"""Characters of a prompt without its document that are shown to people as the question."""


class WorkloadTask(Task):
    """Asks the rows of a file."""

    modes = MEANINGS
    name = "workload"
    version = "2"
    summary = "your own rows, from JSONL, CSV, Parquet or a Hugging Face data set"
    given = True
    Params = WorkloadParams

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(params)
        self._folders: tuple[Path, ...] = (Path(),)
        self._right: dict[str, tuple[str, ...]] = {}
        self._counted: dict[tuple[str, int], int] = {}
        self._counters: dict[str, Counter] = {}
        self._made: dict[tuple[int, int, str, int, int], Sample] = {}

    def find_files(self, folders: Sequence[Path]) -> None:
        """Look for the data, and for what the scorer reads, in these folders."""
        self._folders = tuple(folders)

    def pins(self) -> Mapping[str, Any]:
        """Return the hashes of the rows and of the scorer's files."""
        pins = {"data_sha256": self._table.sha256, "scorer_sha256": self._scorer_sha256}
        return {key: value for key, value in pins.items() if value}

    def layout(self, lengths: Sequence[int], counter: Counter, seed: int) -> Layout:
        """Put each row at the shortest length that holds it.

        Raises:
            ConfigError: rows are longer than every length, and the sweep does not say what becomes of them.
        """
        longest = max(lengths)
        cells: dict[int, dict[int, dict[int, int]]] = {length: {} for length in sorted(lengths)}
        over: list[tuple[Item, int]] = []
        rows = list(drawn(self._rows, self.params.rows, seed))
        for index, question, item in rows:
            tokens, budget = self._tokens(item, counter), self.params.answer_budget
            full = (
                tokens
                if self.params.shown == "all"
                else _counted(self._rows.prompting.render(item.row.values), counter)
            )
            if full + budget > longest:  # a control without the document leaves out the same rows
                over.append((item, full + budget))
                if self.params.over_length != "truncate":
                    continue
            length = next((each for each in cells if tokens + budget <= each), longest)
            if tokens + budget > longest:
                tokens = _counted(self._fitted(item, longest, counter), counter)
            cells[length].setdefault(index, {})[question] = tokens
        if over and self.params.over_length == "error":
            raise self._too_long(over, len(rows), longest)
        notes = self._notes(len(over), len(rows), longest)
        return Layout(cells={at: held for at, held in cells.items() if held}, notes=notes)

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        """Yield the rows of these contexts that the length holds; longer ones too where they may be truncated."""
        self._counters[cell.counter.name] = cell.counter
        for index in cell.contexts:
            for question, item in enumerate(self._rows.contexts[index] if index < len(self._rows.contexts) else ()):
                fits = self._tokens(item, cell.counter) + self.params.answer_budget <= cell.length
                if fits or self.params.over_length == "truncate":
                    key = (cell.length, seed, cell.counter.name, index, question)
                    if key not in self._made:  # one row of many is built again by going through those before it
                        self._made[key] = self._sample(item, cell, seed, (index, question))
                    yield self._made[key]

    def prompt(self, sample: Sample) -> list[Message]:
        """Render a row."""
        messages = list(self._rendered(sample).messages)
        self._right[_key(messages)] = sample.gold
        return messages

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Score a reply with the scorer that the sweep names."""
        item = self._item(sample)
        asked = Asked(
            gold=sample.gold,
            answer=item.answer,
            row=item.row.values,
            known=self._known,
            prompt=(str(sample.data["head"]), str(sample.data["tail"])),
            context=lambda: " ".join(fold(self._rendered(sample).document).split()),
        )
        score = judge(self._scorer, asked, reply)
        if not self.params.preset:
            return score
        own = preset_named(self.params.preset).measure(item.row.values, split_reasoning(reply).visible)
        return replace(score, metrics={**score.metrics, **own})

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Look up the row of a prompt: own data cannot be solved by rule. Raises `LookupError` for another prompt."""
        return self._right[_key(prompt)]

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Write a right answer as the scorer reads it."""
        return self._scorer.ideal_reply(gold)

    def mistakes(self, sample: Sample) -> Mapping[str, str]:
        """Return the right answer of another row, by the mode that it gets; nothing where all rows have one answer."""
        golds = list(self._rows.golds)
        other = golds[(golds.index(sample.gold) + 1) % len(golds)]
        try:
            text = self.ideal_reply(other)
        except LookupError:  # what matches a pattern cannot always be known
            return {}
        mode = self.score(sample, Reply(text=text, finish_reason="stop")).mode
        return {mode: text} if mode else {}

    @cached_property
    def _table(self) -> Table:
        params = self.params
        source = Source(
            data=params.data,
            config=params.config,
            split=params.split,
            revision=params.revision,
            json_columns=tuple(params.json_columns),
            folders=self._folders,
            files=tuple(params.files),
        )
        table = load_table(source)
        if params.data_sha256 and table.sha256 != params.data_sha256:
            raise ConfigError(
                "the data have changed",
                where=params.data,
                found=f"{len(table.rows)} rows with the SHA-256 {table.sha256}",
                allowed=params.data_sha256,
                fix="put the rows back that the run was made with, or give the sweep another name",
            )
        return adapted(table, preset_named(params.preset).adapt) if params.preset else table

    @cached_property
    def _scorer(self) -> Scorer:
        return make_scorer(self.params.score, self._folders)

    @cached_property
    def _known(self) -> frozenset[str]:
        return self._scorer.known(self._rows.golds)

    @cached_property
    def _scorer_sha256(self) -> str:
        files = self._scorer.files()
        content = b"".join(sha256(files[name]).digest() for name in sorted(files))
        return sha256(content).hexdigest() if files else ""

    def _floor_of(self, rows: Rows) -> float:
        guess = preset_named(self.params.preset).guess if self.params.preset else None
        return fmean(guess(row.values) for row in rows.table.rows) if guess else rows.floor

    @cached_property
    def _rows(self) -> Rows:
        rows = rows_of(self._table, self.params, self._scorer)
        self.floor = self._floor_of(rows) if self.params.floor is None else self.params.floor
        if self._scorer_sha256:
            self.version = f"{type(self).version}-{self._scorer_sha256[:12]}"  # type: ignore[misc]
        return rows

    def _item(self, sample: Sample) -> Item:
        return self._rows.contexts[sample.recipe.context][sample.recipe.question]

    def _rendered(self, sample: Sample) -> Rendered:
        name = sample.recipe.counter
        counter = self._counters.get(name) or counter_named(name)
        return self._fitted(self._item(sample), sample.recipe.length, counter)

    def _whole(self, item: Item) -> Rendered:
        """Render a row with all of its document, or none of it."""
        if self.params.shown == "all":
            return self._rows.prompting.render(item.row.values)
        bare = self._rows.prompting.render(item.row.values, lambda _: "")
        messages = (Message(message.role, message.content.strip()) for message in bare.messages)
        return replace(bare, messages=tuple(message for message in messages if message.content))

    def _tokens(self, item: Item, counter: Counter) -> int:
        """Tokens of the whole prompt of a row, counted once."""
        key = (counter.name, item.row.number)
        if key not in self._counted:
            self._counted[key] = _counted(self._whole(item), counter)
        return self._counted[key]

    def _fitted(self, item: Item, length: int, counter: Counter) -> Rendered:
        """Render a row, its document cut in the middle where the length does not hold it."""
        most = length - self.params.answer_budget
        whole = self._whole(item)
        if self.params.over_length != "truncate" or self._tokens(item, counter) <= most:
            return whole

        def at(chars: int) -> Rendered:
            return self._rows.prompting.render(item.row.values, lambda text: cut_to(text, chars))

        low, high = 0, len(whole.document)
        if _counted(at(0), counter) > most:
            raise ConfigError(
                f"without its document a row is longer than {format_size(length)}",
                where=item.row.where,
                fix="a larger length in [sweep] lengths, a smaller answer_budget, or a shorter template",
            )
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _counted(at(middle), counter) <= most else (low, middle)
        return at(low)

    def _sample(self, item: Item, cell: Cell, seed: int, place: tuple[int, int]) -> Sample:
        context, question = place
        rendered = self._fitted(item, cell.length, cell.counter)
        over = self._tokens(item, cell.counter) + self.params.answer_budget > cell.length
        cut = {"truncated": over} if self.params.over_length == "truncate" else {}
        size = format_size(cell.length) + ("" if self.params.shown == "all" else f"-{self.params.shown}")
        return Sample(
            id=f"{self.name}/{size}/{item.name}",
            task=self.name,
            version=self.version,
            context_id=f"{self.name}/{_digest(item.shared)[:12]}",
            gold=item.gold,
            question=_short(f"{rendered.head.strip()} … {rendered.tail.strip()}".strip(" …")),
            spans=(),
            axes={"length_tokens": cell.length, **item.axes, **cut},
            recipe=Recipe(
                task=self.name,
                seed=seed,
                params={**self.params.model_dump(mode="json", exclude_defaults=True, by_alias=True), **self.pins()},
                length=cell.length,
                counter=cell.counter.name,
                context=context,
                question=question,
                questions=cell.questions,
            ),
            prompt_tokens=_counted(rendered, cell.counter),
            answer_budget=self.params.answer_budget,
            data={"head": rendered.head, "tail": rendered.tail, "row": item.row.where},
        )

    def _too_long(self, over: Sequence[tuple[Item, int]], rows: int, longest: int) -> ConfigError:
        item, total = max(over, key=lambda each: each[1])
        return ConfigError(
            f"{len(over)} of {rows} rows are longer than the largest length, {format_size(longest)}",
            where=item.row.where,
            found=f"{total:,} tokens with its answer budget of {self.params.answer_budget}; no row is longer",
            fix=f'put a length of at least {total} into [sweep] lengths, or say over_length = "skip" or "truncate"',
        )

    def _notes(self, over: int, rows: int, longest: int) -> tuple[str, ...]:
        total = len(self._rows.items)
        notes = [f"{rows} of {total} rows, drawn with the seed"] if rows < total else []
        if over:
            done = "left out" if self.params.over_length == "skip" else "cut in the middle"
            notes.append(f"{over} of {rows} rows are longer than {format_size(longest)} and are {done}")
        return tuple(f"{self.params.data}: {note}" for note in notes)


def _counted(rendered: Rendered, counter: Counter) -> int:
    return sum(counter.count(message.content) for message in rendered.messages)


def _key(messages: Sequence[Message]) -> str:
    return _digest("\0".join(message.content for message in messages))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _short(text: str) -> str:
    return text if len(text) <= QUESTION_CHARS else f"{text[: QUESTION_CHARS // 2]} … {text[-QUESTION_CHARS // 2 :]}"
