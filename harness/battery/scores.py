"""Checks of scores: what is right earns everything, what knows nothing earns no more than the floor."""

from __future__ import annotations

import signal
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from math import sqrt
from time import perf_counter

from harness.battery.bench import Asked, Bench, Told, every, raised, short
from harness.battery.replies import KNOWING_NOTHING, Batch, Ignorance, context_of, hostile
from harness.contracts import Task
from harness.hashing import canonical_json
from harness.records import Reply, Score
from harness.sizes import format_size

NOISE = 3.0
"""Standard errors by which lucky guesses may pass a floor above 0. At a floor of 0 nothing may be earned at all."""

SLOW_S = 5.0
"""Seconds after which scoring one reply is a fault: reading must be linear in the length of a reply."""

HOSTILE_SAMPLES = 2


def oracle_scores_one(bench: Bench) -> Told:
    """The question has the answer it claims, and that answer is right."""
    return every(bench.everything, bench.task, lambda asked: oracle_complaint(bench.task, asked))


def oracle_complaint(task: Task, asked: Asked) -> str:
    """Say what is wrong with the answer that the oracle finds in a prompt."""
    gold = task.oracle(asked.messages)
    if sorted(gold) != sorted(asked.sample.gold):
        return f"the oracle finds {short(str(gold))}, the sample claims {short(str(asked.sample.gold))}"
    score = task.score(asked.sample, Reply(text=task.ideal_reply(gold), finish_reason="stop"))
    right = score.correct and score.value == 1 and score.mode is None
    return "" if right else f"'{short(task.ideal_reply(gold))}' scores {score.value}, {score.mode}"


class _Faulty(Exception):
    """A score that is none: raised with what is wrong, to end the check."""


def earns_no_more_than_the_floor(ignorance: Ignorance, luck: float = 0.0) -> Callable[[Bench], Told]:
    """Make the check that such replies earn at most the floor on average, at every length, however they are made.

    Args:
        ignorance: makes the replies.
        luck: rate at which they may be right by chance whatever the floor; it widens what is taken for noise.
    """

    def check(bench: Bench) -> Told:
        floor, highest = bench.task.floor, 0.0
        variance = max(floor, luck) * (1 - max(floor, luck))
        for length, asked in bench.batches.items():
            try:
                earned = _earned(Batch(bench.task, asked), ignorance)
            except _Faulty as fault:
                return False, str(fault)
            for way, replies in earned.items():
                mean = sum(credit for _, credit in replies) / len(replies)
                if mean > floor + NOISE * sqrt(variance / len(replies)) + 1e-9:
                    first = next(text for text, credit in replies if credit)
                    told = f"{mean:.3f} against a floor of {floor:.3f} at {format_size(length)}"
                    return False, f"{told}{f' ({way})' if way else ''}; {first}"
                highest = max(highest, mean)
        return True, f"{highest:.3f} against a floor of {floor:.3f}"

    return check


def _earned(batch: Batch, ignorance: Ignorance) -> dict[str, list[tuple[str, float]]]:
    """Return, for each way in which a reply is made, which reply earned what."""
    earned: dict[str, list[tuple[str, float]]] = {}
    for index, asked in enumerate(batch.asked):
        for way, text in ignorance(batch, index).items():
            score, fault = scored(batch.task, asked, Reply(text=text, finish_reason="stop"))
            told = f"{asked.id}: {fault or 'credit'}, for '{short(text, 60)}'"
            if fault or not score:
                raise _Faulty(told)
            earned.setdefault(way, []).append((told, score.value))
    return earned


def scored(task: Task, asked: Asked, reply: Reply) -> tuple[Score | None, str]:
    """Score a reply, and say what is wrong with the score, whatever the reply is."""
    try:
        score = task.score(asked.sample, reply)
        if score.correct != (score.mode is None):
            return score, f"correct is {score.correct} and the mode {score.mode}"
        if not 0 <= score.value <= 1:
            return score, f"the value {score.value} is not in 0 to 1"
        canonical_json(asdict(score))
    except Exception as error:
        return None, raised(error, type(task))
    return score, ""


def survives_hostile_replies(bench: Bench) -> Told:
    """No text raises, earns credit or takes long, and each has one failure mode iff it is wrong."""
    batches = (bench.batches[bench.shortest], bench.batches[max(bench.batches)])
    picked = {asked.id: asked for batch in batches for asked in _with_gold(batch)[:HOSTILE_SAMPLES]}
    replies = list(hostile())
    slowest = 0.0
    for asked in picked.values():
        for reply in replies:
            begun = perf_counter()
            with _limit(SLOW_S):
                score, complaint = scored(bench.task, asked, reply)
            took = perf_counter() - begun
            slowest = max(slowest, took)
            if not complaint and score and score.value > bench.task.floor:
                complaint = f"earns {score.value}"
            if took > SLOW_S:
                complaint = f"no score after {SLOW_S:.0f} s"
            if complaint:
                return False, f"{asked.id}: {complaint}, for '{short(reply.text, 60)}' ({len(reply.text)} characters)"
    return True, f"{len(replies)} replies on {len(picked)} samples, the slowest {slowest:.2f} s"


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Raise a TimeoutError in what takes longer; a regular expression that runs away is stopped too."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _with_gold(batch: Sequence[Asked]) -> list[Asked]:
    """Samples that have an answer: where there is none, a reply without one may be right."""
    return [asked for asked in batch if asked.sample.gold]


def reasoning_is_no_answer(bench: Bench) -> Told:
    """Reasoning before a right answer changes nothing, and an answer in reasoning that was cut off is none."""
    task = bench.task

    def complaint(asked: Asked) -> str:
        right = task.ideal_reply(asked.sample.gold)
        for reply, correct in (
            (Reply(text=f"<think>\nLet me see.\n</think>\n\n{right}", finish_reason="stop"), True),
            (Reply(text=right, reasoning="Let me see.", finish_reason="stop"), True),
            (Reply(text=f"<think>\n{right}\n", finish_reason="length"), False),
            (Reply(text="", reasoning=right, finish_reason="length"), False),
        ):
            score, wrong = scored(task, asked, reply)
            if wrong or not score or score.correct != correct:
                told = wrong or ("it is right" if not correct else "it is wrong")
                return f"{told}, for '{short(reply.text, 60)}' with finish reason {reply.finish_reason}"
        return ""

    return every(bench.batches[bench.shortest], task, complaint)


def mistakes_are_named(bench: Bench) -> Told:
    """Each mistake that a task plants gets its own failure mode and no credit."""
    task = bench.task
    modes: set[str] = set()

    def complaint(asked: Asked) -> str:
        for mode, text in task.mistakes(asked.sample).items():
            modes.add(mode)
            score, wrong = scored(task, asked, Reply(text=text, finish_reason="stop"))
            if wrong or not score:
                return f"{wrong}, for '{short(text, 60)}'"
            if score.mode != mode:
                return f"'{short(text, 60)}' is {mode} and is called {score.mode or 'right'}"
            if score.value > task.floor:
                return f"'{short(text, 60)}' is {mode} and earns {score.value}"
        return ""

    told = every(bench.everything, task, complaint)
    return (True, _named(modes)) if told[0] else told


def _named(modes: Collection[str]) -> str:
    return f"{len(modes)} modes: {short(', '.join(sorted(modes)), 100)}" if modes else "the task plants none"


def scores_depend_on_nothing_else(bench: Bench) -> Told:
    """A reply scores the same when it is scored again, in another order, and by a task made from the recipe."""
    batch = Batch(bench.task, bench.batches[bench.shortest])
    pairs = [(asked, text) for index, asked in enumerate(batch.asked) for text in _typical(batch, index)]
    first = [_line(bench.task, asked, text) for asked, text in pairs]
    again = [_line(bench.task, asked, text) for asked, text in reversed(pairs)][::-1]
    fresh = bench.fresh()
    anew = [_line(fresh, asked, text) for asked, text in reversed(pairs)][::-1]
    for pair, one, *others in zip(pairs, first, again, anew, strict=True):
        if any(other != one for other in others):
            return False, f"{pair[0].id}: two scores for '{short(pair[1], 60)}'"
    return True, f"{len(pairs)} replies, each scored three times"


def _typical(batch: Batch, index: int) -> list[str]:
    asked = batch.asked[index]
    right = batch.task.ideal_reply(asked.sample.gold)
    others = KNOWING_NOTHING["another sample's answer"](batch, index).values()
    mistakes = batch.task.mistakes(asked.sample).values()
    return [right, f"It may be so.\n\n{right}", "", context_of(asked), *others, *mistakes]


def _line(task: Task, asked: Asked, text: str) -> str:
    return canonical_json(asdict(task.score(asked.sample, Reply(text=text, finish_reason="stop"))))
