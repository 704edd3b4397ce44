"""Haystacks: seeded filler cut to a budget of tokens, with needles planted at given depths.

The filler is a list of chunks, each a sentence or a line with the white space behind it, so that a needle can go
between any two and never into one. A chunk that holds an unwanted string is left out. The fit is monotone and bounded:
whole documents are taken while they fit, then sentences of the next one; the finished text is counted once, and if a
counter is not additive, sentences are dropped from the end.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from harness.contexts.ledger import record_lines, short_line
from harness.contexts.prose import prose_documents, short_sentence
from harness.contexts.streams import Stream
from harness.contracts import Counter
from harness.errors import ConfigError
from harness.records import Span

Kind = Literal["prose", "records"]
EMPTY_DOCUMENTS = 20
TRIMS = 8
SHORT_PIECES = 8


class InfeasibleLength(ConfigError):
    """The planted spans alone need more tokens than the length allows.

    Attributes:
        needed: the fewest tokens that would do.
    """

    def __init__(self, needed: int, budget: int) -> None:
        super().__init__(
            f"what is planted needs {needed} tokens of context and the length leaves {max(budget, 0)}",
            fix="raise the length, or plant fewer keys and decoys",
        )
        self.needed = needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """A sentence (prose) or a line (records) to plant.

    Attributes:
        text: as it will stand in the context, without white space round it.
        value: what it states.
        depth: where it should stand, from 0 (start) to 1 (end).
    """

    text: str
    value: str
    depth: float
    role: Literal["gold", "decoy", "evidence"] = "gold"
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Haystack:
    """A context.

    Attributes:
        text: filler and needles.
        spans: one for each needle, in the order given, with offsets into `text`.
        tokens: of `text`, by the counter that fitted it; never over the budget.
        fill_ratio: tokens divided by the budget.
    """

    text: str
    spans: tuple[Span, ...]
    tokens: int
    fill_ratio: float


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A piece of filler. A needle may stand before it only where `open` says so: not between a heading and its text."""

    text: str
    open: bool = True


def build_haystack(
    kind: Kind,
    needles: Sequence[Needle],
    budget: int,
    counter: Counter,
    key: tuple[str | int, ...],
    avoid: Collection[str] = (),
) -> Haystack:
    """Build a context of at most `budget` tokens.

    Args:
        kind: `prose` or `records`.
        needles: what to plant.
        budget: tokens of the whole context.
        counter: what counts them.
        key: names the random stream of the filler.
        avoid: strings that the filler must not hold, in any case of letters; the needles' values are avoided anyway.

    Raises:
        InfeasibleLength: the needles alone do not fit.
        ConfigError: `avoid` leaves nothing to fill with.
    """
    joint = "\n" if kind == "records" else " "
    planted = counter.count("".join(needle.text + joint for needle in needles))
    if planted > budget or budget < 1:
        raise InfeasibleLength(max(planted, 1), budget)
    unwanted = {text.casefold() for text in [*avoid, *(needle.value for needle in needles)] if text}
    chunks = _filler(kind, budget - planted, counter, Stream(*key), unwanted)
    return _fit(chunks, needles, joint, budget, counter)


def _filler(kind: Kind, budget: int, counter: Counter, stream: Stream, unwanted: Collection[str]) -> list[_Chunk]:
    """Draw documents while they fit whole, then what fits of one more, then short pieces. No heading comes last."""
    chunks: list[_Chunk] = []
    left = budget
    empty = 0
    for drawn in _documents(kind, stream):
        document = _without(drawn, unwanted)
        empty = 0 if document else empty + 1
        if empty == EMPTY_DOCUMENTS:
            raise ConfigError(
                "every document of the filler holds a string that it must not hold",
                found=", ".join(sorted(unwanted, key=lambda text: (len(text), text))[:5]),
                fix="avoid longer strings",
            )
        cost = counter.count(_text(document))
        if cost > left:
            break
        chunks += document
        left -= cost
    chunks += _fitting([*document, *_without(_short_pieces(kind, stream), unwanted)], left, counter)
    while chunks and not chunks[-1].open:
        chunks.pop()
    return chunks


def _text(chunks: Sequence[_Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks)


def _without(chunks: list[_Chunk], unwanted: Collection[str]) -> list[_Chunk]:
    """Leave out the chunks that hold an unwanted string; where it spans two of them, leave out all."""
    text = _text(chunks).casefold()
    hits = [string for string in unwanted if string in text]
    if not hits:
        return chunks
    kept = [chunk for chunk in chunks if not any(string in chunk.text.casefold() for string in hits)]
    text = _text(kept).casefold()
    return [] if any(string in text for string in hits) else kept


def _fitting(pieces: Sequence[_Chunk], left: int, counter: Counter) -> list[_Chunk]:
    """Return the pieces that fit into what is left, passing over those that do not."""
    chunks: list[_Chunk] = []
    text = ""
    for piece in pieces:
        if counter.count(text + piece.text) <= left:
            chunks.append(piece)
            text += piece.text
    return chunks


def _short_pieces(kind: Kind, stream: Stream) -> list[_Chunk]:
    if kind == "records":
        return [_Chunk(f"{short_line(stream)}\n") for _ in range(SHORT_PIECES)]
    return [_Chunk(f"{short_sentence(stream)} ") for _ in range(SHORT_PIECES)]


def _documents(kind: Kind, stream: Stream) -> Iterator[list[_Chunk]]:
    number = 0
    while True:
        number += 1
        if kind == "records":
            yield [_Chunk(f"{line}\n") for line in record_lines(stream, 40)]
            continue
        heading, *paragraphs = prose_documents(stream, number)
        chunks = [_Chunk(f"# {heading[0]}\n\n", open=False)]
        for paragraph in paragraphs:
            chunks += [_Chunk(f"{sentence} ") for sentence in paragraph[:-1]]
            chunks.append(_Chunk(f"{paragraph[-1]}\n\n"))
        yield chunks


def _fit(chunks: list[_Chunk], needles: Sequence[Needle], joint: str, budget: int, counter: Counter) -> Haystack:
    """Plant, count the whole, and while it is over the budget drop filler from the end."""
    for _ in range(TRIMS):
        text, spans = _plant(chunks, needles, joint)
        tokens = counter.count(text)
        if tokens <= budget:
            return Haystack(text, spans, tokens, tokens / budget)
        if not chunks:
            break
        over = tokens - budget
        while chunks and (over > 0 or not chunks[-1].open):
            over -= max(1, counter.count(chunks.pop().text))
    raise InfeasibleLength(tokens, budget)


def _plant(chunks: Sequence[_Chunk], needles: Sequence[Needle], joint: str) -> tuple[str, tuple[Span, ...]]:
    """Put each needle before the open chunk from where it stands nearest to its depth in the whole text."""
    starts = [0, *accumulate(len(chunk.text) for chunk in chunks)]
    total = starts[-1] + sum(len(needle.text + joint) for needle in needles)
    slots: dict[int, list[int]] = {}
    slot = before = 0
    for index in sorted(range(len(needles)), key=lambda i: needles[i].depth):
        slot = max(slot, _slot(chunks, starts, needles[index].depth * total - before))
        slots.setdefault(slot, []).append(index)
        before += len(needles[index].text + joint)
    parts: list[str] = []
    spans: dict[int, Span] = {}
    at = 0
    for position in range(len(chunks) + 1):
        for index in slots.get(position, ()):
            needle = needles[index]
            end = at + len(needle.text)
            spans[index] = Span(role=needle.role, kind=needle.kind, value=needle.value, start=at, end=end)
            parts.append(needle.text + joint)
            at = end + len(joint)
        if position < len(chunks):
            parts.append(chunks[position].text)
            at += len(chunks[position].text)
    return "".join(parts).rstrip(), tuple(spans[index] for index in range(len(needles)))


def _slot(chunks: Sequence[_Chunk], starts: Sequence[int], offset: float) -> int:
    """Return the index of the open chunk that starts nearest to `offset`, or one past the last for the end."""
    index = min(bisect_left(starts, offset), len(chunks))
    if index and offset - starts[index - 1] < starts[index] - offset:
        index -= 1
    while index < len(chunks) and not chunks[index].open:
        index += 1
    return index
