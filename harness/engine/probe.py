"""One tiny call to a model: does it answer, and does a prompt arrive whole?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from harness.contexts import Needle, build_haystack, reference_counter
from harness.contracts import Cell, Model, Request, Task
from harness.engine.integrity import check_arrival
from harness.records import Message, Recipe, Reply, Sample, Score
from harness.sweep import ModelTable

LENGTH, BUDGET = 768, 48
FIRST, LAST = "Amber Quill", "Copper Wren"


class _ProbeTask(Task):
    """Names at both ends of a short text; only for asking whether the text arrives."""

    name, version, summary = "harness.probe", "1", "two names at the ends of a short text"

    def samples(self, cell: Cell, seed: int) -> Iterator[Sample]:
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
        question = "What are the first and the last watchword in this text? Answer in one short sentence."
        return [Message("user", f"{sample.data['text']}\n\n{question}")]

    def score(self, sample: Sample, reply: Reply) -> Score:
        seen = [name for name in sample.gold if name.casefold() in reply.text.casefold()]
        return Score(value=len(seen) / 2, correct=len(seen) == 2, answer=tuple(seen), mode=None)

    def oracle(self, prompt: Sequence[Message]) -> tuple[str, ...]:
        return (FIRST, LAST)

    def ideal_reply(self, gold: tuple[str, ...]) -> str:
        return " and ".join(gold)


async def probe(model: Model, table: ModelTable) -> dict[str, Any]:
    """Return what one call tells: whether it was answered, tokens sent and seen, the window, the tokenizer."""
    task = _ProbeTask()
    cell = Cell(length=LENGTH, contexts=range(1), questions=1, counter=reference_counter())
    sample = next(task.samples(cell, 0))
    messages = task.prompt(sample)
    counted = await model.count_tokens(messages)
    expected = counted or sample.prompt_tokens
    request = Request(messages=messages, answer_budget=BUDGET, reasoning_budget=table.reasoning_budget,
                      sampling=table.sampling, sample=sample, task=task)  # fmt: skip
    reply = check_arrival(await model.generate(request), expected, exact=counted is not None)
    error = reply.error
    return {
        "ok": error is None,
        "window": model.context_limit or "unknown",
        "tokens sent": f"{expected} ({'served tokenizer' if counted else 'reference estimate'})",
        "tokens seen": reply.usage.prompt_tokens or "not reported",
        "seconds": reply.latency_s,
        **({"error": f"{error.kind}: {error.message}"} if error else {"reply": reply.text[:80]}),
    }
