"""Which rows are asked: all, or so many drawn with the sweep's seed."""

from __future__ import annotations

from collections.abc import Iterator

from harness.contexts import Stream

from .rows import Item, Rows


def drawn(rows: Rows, most: int | None, seed: int) -> Iterator[tuple[int, int, Item]]:
    """Yield rows with the index of their context and their own in it, in the order of the data.

    Where only some are wanted, contexts come before rows: one row of each context, in random order, then another of
    each. Independent contexts are what a verdict counts.
    """
    places = [(context, question) for context, items in enumerate(rows.contexts) for question in range(len(items))]
    if most is not None and most < len(places):
        places = sorted(_some(rows, most, seed))
    for context, question in places:
        yield context, question, rows.contexts[context][question]


def _some(rows: Rows, most: int, seed: int) -> list[tuple[int, int]]:
    stream = Stream(seed, "workload", "rows")
    order = stream.shuffled(range(len(rows.contexts)))
    within = {context: stream.shuffled(range(len(rows.contexts[context]))) for context in order}
    rounds = max(map(len, within.values()))
    turns = (
        (context, within[context][turn]) for turn in range(rounds) for context in order if turn < len(within[context])
    )
    return [place for place, _ in zip(turns, range(most), strict=False)]
