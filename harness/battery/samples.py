"""Checks of samples and prompts alone: nothing is scored here."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from math import ceil

from harness.battery.bench import Asked, Bench, Told, every, short
from harness.contexts import reference_counter
from harness.hashing import canonical_json, prompt_sha256
from harness.records import Axis

FULL = 0.97
"""Share of the length that a prompt and its answer must take: a shorter prompt is another length's question."""

COUNTED = 0.01
"""Share by which a sample's own count of its tokens may differ from the count of the whole prompt."""

OPTIONAL_AXES = frozenset({"depth", "depth_bin"})
"""Axes that a sample need not have: where nothing is planted there is no depth."""


def ids_are_unique(bench: Bench) -> Told:
    """No two samples have one id, at whatever length."""
    return _unique(bench, [asked.id for asked in bench.everything])


def prompts_are_unique(bench: Bench) -> Told:
    """No two samples ask the same: they would count as two answers and be one."""
    return _unique(bench, [prompt_sha256(asked.messages) for asked in bench.everything])


def lengths_are_kept(bench: Bench) -> Told:
    """A prompt and its answer take at most the length, and at least 97 % of it."""
    return every(bench.everything, bench.task, _length_complaint)


def spans_are_true(bench: Bench) -> Told:
    """What is planted stands where the spans say."""
    told = every(bench.everything, bench.task, _span_complaint)
    return (told[0], f"{sum(len(a.sample.spans) for a in bench.everything)} spans") if told[0] else told


def axes_are_plain(bench: Bench) -> Told:
    """Axes are single values, of the same names in every sample."""
    names = {name for asked in bench.everything for name in asked.sample.axes} | {"length_tokens"}

    def complaint(asked: Asked) -> str:
        axes = asked.sample.axes
        if missing := sorted(names - OPTIONAL_AXES - set(axes)):
            return f"no axis {missing[0]!r}, which others have"
        if odd := [name for name, value in axes.items() if not isinstance(value, Axis)]:
            return f"the axis {odd[0]!r} is a {type(axes[odd[0]]).__name__}, not a string, number or bool"
        length = asked.sample.recipe.length
        return "" if axes["length_tokens"] == length else f"length_tokens is {axes['length_tokens']}, not {length}"

    told = every(bench.everything, bench.task, complaint)
    return (True, short(", ".join(sorted(names)), 100)) if told[0] else told


def answers_fit(bench: Bench) -> Told:
    """The answer budget holds the right answer as the prompt asks for it."""
    task, most = bench.task, max(asked.sample.answer_budget for asked in bench.everything)

    def complaint(asked: Asked) -> str:
        needed = reference_counter().count(task.ideal_reply(asked.sample.gold))
        budget = asked.sample.answer_budget
        return f"the right answer takes {needed} tokens of {budget}" if needed > budget else ""

    told = every(bench.everything, task, complaint)
    return (True, f"a budget of {most} tokens") if told[0] else told


def samples_are_plain(bench: Bench) -> Told:
    """A sample holds plain JSON values only, and its answer is a tuple of strings."""
    return every(bench.everything, bench.task, _plain_complaint)


def _unique(bench: Bench, keys: list[str]) -> Told:
    times = Counter(keys)
    twins = [asked.id for asked, key in zip(bench.everything, keys, strict=True) if times[key] > 1]
    return (False, f"{len(twins)} of {len(keys)}; {', '.join(twins[:2])}") if twins else (True, f"{len(keys)} samples")


def _length_complaint(asked: Asked) -> str:
    sample, length = asked.sample, asked.sample.recipe.length
    counted = sum(reference_counter().count(message.content) for message in asked.messages)
    total = counted + sample.answer_budget
    if total > length:
        return f"{total} tokens of {length}"
    if total < FULL * length:
        return f"only {total} tokens of {length}"
    if abs(sample.prompt_tokens - counted) > ceil(COUNTED * counted):
        return f"prompt_tokens is {sample.prompt_tokens}, and the prompt has {counted}"
    return ""


def _span_complaint(asked: Asked) -> str:
    for span in asked.sample.spans:
        if not 0 <= span.message < len(asked.messages):
            return f"'{short(span.value)}' is in message {span.message} of {len(asked.messages)}"
        if not span.value or span.value not in asked.messages[span.message].content[span.start : span.end]:
            return f"'{short(span.value)}' is not at {span.start}-{span.end}"
    return ""


def _plain_complaint(asked: Asked) -> str:
    gold = asked.sample.gold
    if not isinstance(gold, tuple) or not all(isinstance(value, str) for value in gold):
        return f"the answer {short(repr(gold))} is no tuple of strings"
    try:
        canonical_json(asdict(asked.sample))
    except (TypeError, ValueError) as error:
        return str(error)
    return ""
