"""Which piece of a conversation a reply copies, and how a wrong one is wrong.

    missing_nonce         copies the right piece and does not begin with the prefix that was asked for
    blend                 mixes two pieces: resembles each by at least 0.3
    ordinal.off_by_one    copies the piece before or behind the right one of those asked for in the same words
    ordinal.from_end      counts from the other end
    ordinal.first         copies the first of them
    ordinal.last          copies the last of them
    ordinal.other         copies another of them
    wrong_topic           copies a piece about something else
    wrong_format          copies a piece of another format about the same
    wrong_style           copies a piece of another style, of the same format about the same
    extra_text            copies the right piece among other text
    truncated_copy        copies a part of the right piece
    inexact_copy          resembles the right piece, and is no copy
    context_parrot        copies three pieces or more
    hallucinated          resembles no piece

The piece that a reply resembles is the one with the highest Jaccard similarity of word trigrams, all assistant turns
considered; a copy is a similarity of 0.9.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from harness.reading import GENERIC, Reading, Rule

from .conversation import Exchange, grams, plain, similarity

COPIED = 0.9
"""Similarity from which a reply is a copy, and share of a piece that makes it part of a reply."""

RESEMBLES = 0.3
"""Similarity from which a reply has something of a piece: any two pieces have less than that in common."""

MARGIN = 0.1
"""How much nearer the piece that a reply resembles is than the next one: nearer ones are a blend."""

PROBES, PROBE_WORDS = 12, 5
"""Runs of words of a reply that are looked for in the rest of the conversation."""

FEWEST_GRAMS = 5
"""Trigrams of a reply below which it is too short to tell what it copies."""

NOT_FOR_COPIES = frozenset({"context_parrot", "hedged_multi"})
OTHER_PIECE = (
    "ordinal.off_by_one",
    "ordinal.from_end",
    "ordinal.first",
    "ordinal.last",
    "ordinal.other",
    "wrong_topic",
    "wrong_format",
    "wrong_style",
)
"""What it can be called to copy another piece than the right one, in the order in which the names are tried."""

GENERIC_COPY: tuple[Rule[Reading], ...] = tuple(rule for rule in GENERIC if rule.mode not in NOT_FOR_COPIES)
"""The generic rules without those that a copy which was asked for would fall under."""


@dataclass(frozen=True)
class Conversation:
    """The pieces of a context, to find the one that a text copies.

    Attributes:
        exchanges: all of them, in order.
    """

    exchanges: tuple[Exchange, ...]

    @cached_property
    def planted(self) -> tuple[int, ...]:
        """Indices of the exchanges that are no filler: those asked for several times, and what resembles them."""
        target = next(each.order for each in self.exchanges if each.place >= 0)
        return tuple(i for i, each in enumerate(self.exchanges) if _respects(each, target) >= 2)

    @cached_property
    def last(self) -> int:
        """The place of the last exchange of those asked for several times."""
        return max(each.place for each in self.exchanges)

    def index_of(self, place: int) -> int:
        """Return the index of the exchange that is number `place`, from 0, of those asked for several times."""
        return next(i for i, each in enumerate(self.exchanges) if each.place == place)

    def grams_of(self, index: int) -> frozenset[str]:
        """Return the trigrams of a piece."""
        if index not in self._grams:
            self._grams[index] = grams(self.exchanges[index].piece)
        return self._grams[index]

    @cached_property
    def _grams(self) -> dict[int, frozenset[str]]:
        return {}

    @cached_property
    def _joined(self) -> tuple[str, list[int]]:
        """All pieces as plain words, and where each starts."""
        texts = [f"{' '.join(plain(each.piece))} | " for each in self.exchanges]
        starts = [0]
        for text in texts:
            starts.append(starts[-1] + len(text))
        return "".join(texts), starts

    def candidates(self, text: str, own: frozenset[str]) -> dict[int, float]:
        """Return the similarity of each piece that a text has something of, by index of its exchange."""
        found = {index: value for index in self.planted if (value := similarity(own, self.grams_of(index)))}
        if not any(len(own & self.grams_of(index)) >= COPIED * len(own) for index in found):
            more = set(self._probed(plain(text))).difference(found)
            found |= {index: similarity(own, self.grams_of(index)) for index in more}
        return found

    def _probed(self, words: Sequence[str]) -> Iterator[int]:
        """Yield the exchanges that hold some run of words of a text."""
        joined, starts = self._joined
        runs = len(words) - PROBE_WORDS + 1
        for i in range(min(runs, PROBES)):
            start = i * runs // min(runs, PROBES)
            at = joined.find(" ".join(words[start : start + PROBE_WORDS]))
            if at >= 0:
                yield bisect_right(starts, at) - 1


def _respects(exchange: Exchange, target: object) -> int:
    """Return in how many of style, format and topic an exchange is what the target is."""
    own = exchange.order
    if own is None or target is None:
        return 0
    return sum(getattr(own, name) == getattr(target, name) for name in ("style", "form", "topic"))


@dataclass(frozen=True)
class Copy:
    """What a reply copies.

    Attributes:
        text: the visible reply without the prefix.
        prefixed: whether it begins with the prefix that was asked for.
        conversation: the pieces.
        target: index of the right exchange.
    """

    text: str
    prefixed: bool
    conversation: Conversation
    target: int

    @cached_property
    def grams(self) -> frozenset[str]:
        """The trigrams of the reply."""
        return grams(self.text)

    @cached_property
    def to_target(self) -> float:
        """Similarity to the right piece."""
        return similarity(self.grams, self.conversation.grams_of(self.target))

    @property
    def correct(self) -> bool:
        """Whether it is a copy of the right piece behind the prefix, and only one."""
        if not self.prefixed or self.to_target < COPIED:
            return False
        words = len(plain(self.conversation.exchanges[self.target].piece))
        return len(plain(self.text)) * COPIED <= words

    @cached_property
    def candidates(self) -> dict[int, float]:
        """Similarity of each piece that the reply has something of."""
        return self.conversation.candidates(self.text, self.grams)

    def covered(self, index: int) -> float:
        """Return the share of a piece that stands in the reply."""
        piece = self.conversation.grams_of(index)
        return len(piece & self.grams) / max(1, len(piece))

    def taken(self, index: int) -> float:
        """Return the share of the reply that stands in a piece."""
        return len(self.conversation.grams_of(index) & self.grams) / max(1, len(self.grams))

    @cached_property
    def best(self) -> int:
        """Index of the exchange whose piece the reply resembles most, or -1 where it resembles none."""
        index = max(self.candidates, key=lambda i: (self.candidates[i], -i), default=-1)
        if index < 0 or len(self.grams) < FEWEST_GRAMS:
            return -1
        known = self.candidates[index] >= RESEMBLES or max(self.taken(index), self.covered(index)) >= COPIED
        return index if known else -1


def _parrot(copy: Copy) -> str:
    whole = [index for index in copy.candidates if copy.covered(index) >= COPIED]
    return f"it holds {len(whole)} whole pieces" if len(whole) > 2 else ""


def _missing_nonce(copy: Copy) -> str:
    right = copy.to_target >= COPIED and not copy.prefixed
    return "the piece is right and the reply does not begin with the prefix" if right else ""


def _blend(copy: Copy) -> str:
    best, *others = sorted(copy.candidates.values(), reverse=True) or [0.0]
    second = max(others, default=0.0)
    if second >= RESEMBLES and (best < COPIED or best - second < MARGIN):
        return f"it resembles two pieces, by {best:.2f} and {second:.2f}"
    return ""


def other_piece_modes(conversation: Conversation, found: int, target: int) -> list[str]:
    """Return what it can be called to copy the piece of one exchange instead of that of another, best name first."""
    copied, right = conversation.exchanges[found], conversation.exchanges[target]
    if copied.order is None or right.order is None:
        return ["wrong_topic"]
    if copied.place < 0:
        names = {"topic": "wrong_topic", "form": "wrong_format", "style": "wrong_style"}
        return [mode for name, mode in names.items() if getattr(copied.order, name) != getattr(right.order, name)]
    last = conversation.last
    holds = {
        "off_by_one": abs(copied.place - right.place) == 1,
        "from_end": copied.place == last - right.place,
        "first": copied.place == 0,
        "last": copied.place == last,
    }
    return [f"ordinal.{name}" for name, true in holds.items() if true] or ["ordinal.other"]


def _other_piece(mode: str, copy: Copy) -> str:
    if copy.best in (-1, copy.target) or mode not in other_piece_modes(copy.conversation, copy.best, copy.target):
        return ""
    found = copy.conversation.exchanges[copy.best]
    if found.place >= 0:
        right = copy.conversation.exchanges[copy.target].place
        return f"it copies number {found.place + 1} from the start, and number {right + 1} is right"
    return f"it copies a {found.order.noun}" if found.order else "it copies small talk"


def _extra_text(copy: Copy) -> str:
    return "all of the right piece stands in it, among other text" if _whole(copy) else ""


def _whole(copy: Copy) -> bool:
    return copy.best == copy.target and copy.covered(copy.target) >= COPIED


def _truncated(copy: Copy) -> str:
    part = copy.best == copy.target and not _whole(copy) and copy.taken(copy.target) >= COPIED
    return f"it holds {copy.covered(copy.target):.0%} of the right piece and nothing else" if part else ""


def _inexact(copy: Copy) -> str:
    return f"it resembles the right piece by {copy.to_target:.2f}" if copy.best == copy.target else ""


def _hallucinated(copy: Copy) -> str:
    return "it resembles no piece of the conversation" if copy.text and copy.best < 0 else ""


COPY_RULES: tuple[Rule[Copy], ...] = (
    Rule("context_parrot", _parrot),
    Rule("missing_nonce", _missing_nonce),
    Rule("blend", _blend),
    *(Rule(mode, partial(_other_piece, mode)) for mode in OTHER_PIECE),
    Rule("extra_text", _extra_text),
    Rule("truncated_copy", _truncated),
    Rule("inexact_copy", _inexact),
    Rule("hallucinated", _hallucinated),
)
"""Every way a copy can be wrong, in the order in which they are tried."""
