"""The questions that a check asks: names at both ends of a text, and a list that does not fit its budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.contexts import Needle, build_haystack
from harness.contracts import Cell, Counter, Model, Request, Task
from harness.records import Message, Recipe, Reply, Sample, Score

SHORT, BUDGET, TIGHT = 768, 48, 16
FIRST, LAST = "Amber Quill", "Copper Wren"


class ProbeTask(Task):
    """Names at both ends of a text; only for asking whether the text arrives."""

    name, version, summary = "harness.probe", "1", "two names at the ends of a text"

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
        """Yield the one sample of a length."""
        needles = [
            Needle(text=f"The first watchword is {FIRST}.", value=FIRST, depth=0),
            Needle(text=f"The last watchword is {LAST}.", value=LAST, depth=1),
        ]
        text = build_haystack("prose", needles, cell.length - BUDGET - 64, cell.counter, (seed, "probe"))
        recipe = Recipe(task=self.name, seed=seed, params={}, length=cell.length, counter=cell.counter.name,
                        context=0, question=0, questions=1)  # fmt: skip
        yield Sample(id="probe", task=self.name, version=self.version, context_id="probe", gold=(FIRST, LAST),
                     question="", spans=(), axes={}, recipe=recipe, prompt_tokens=text.tokens, answer_budget=BUDGET,
                     data={"text": text.text})  # fmt: skip

    def prompt(self, sample: Sample) -> list[Message]:
        """Ask for both names."""
        question = "What are the first and the last watchword in this text? Answer in one short sentence."
        return [Message("user", f"{sample.data['text']}\n\n{question}")]

    def score(self, sample: Sample, reply: Reply) -> Score:
        """Count the names."""
        seen = [name for name in sample.gold if name.casefold() in reply.text.casefold()]
        return Score(value=len(seen) / 2, correct=len(seen) == 2, answer=tuple(seen), mode=None)

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        """Return both names."""
        return (FIRST, LAST)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        """Name both."""
        return " and ".join(gold)


def probe_sample(length: int, counter: Counter) -> Sample:
    """Build the text of a length, by the counter of the sweep."""
    cell = Cell(length=length, contexts=range(1), questions=1, counter=counter)
    return next(ProbeTask().samples(cell, 0))


async def expected_tokens(model: Model, messages: Sequence[Message], sample: Sample) -> tuple[int, bool]:
    """Return how many tokens should arrive, and whether the model's own tokenizer says so."""
    counted = await model.count_tokens(messages)
    return (sample.prompt_tokens, False) if counted is None else (counted, True)


def long_list(sample: Sample, reasoning_budget: int) -> Request:
    """Ask, with a system prompt, for more than the budget holds."""
    messages = [
        Message("system", "You write what you are asked for, without comment."),
        Message("user", "Write the numbers from one to two hundred in words, separated by commas."),
    ]
    return Request(messages=messages, answer_budget=TIGHT, reasoning_budget=reasoning_budget, sample=sample,
                   task=ProbeTask())  # fmt: skip
