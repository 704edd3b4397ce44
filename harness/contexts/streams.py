"""Random streams that are the same in every process and on every Python version.

The standard library promises the bits of `getrandbits` for a seed, but not the streams of `shuffle`, `sample` or
`choice`. Everything here is built on `getrandbits` alone. Each component of a sample (facts, decoys, filler, placement,
question) takes a stream of its own, so that a change of one never moves another.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Stream:
    """A random stream named by its key: `Stream(seed, "retrieval.exact", 17, "facts")`."""

    def __init__(self, *key: str | int) -> None:
        digest = blake2b("\x1f".join(map(str, key)).encode(), digest_size=16).digest()
        self.bits = Random(int.from_bytes(digest, "big")).getrandbits

    def below(self, n: int) -> int:
        """Draw an integer from 0 to n - 1. The bias of taking 64 bits modulo n is under n / 2**64."""
        return self.bits(64) % n

    def between(self, low: int, high: int) -> int:
        """Draw an integer from low to high, both included."""
        return low + self.below(high - low + 1)

    def fraction(self) -> float:
        """Draw a float from 0 (included) to 1 (excluded)."""
        return self.bits(53) / 2**53

    def choice(self, items: Sequence[T]) -> T:
        """Draw one item."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in random order (Fisher and Yates, from the end)."""
        out = list(items)
        for i in range(len(out) - 1, 0, -1):
            j = self.below(i + 1)
            out[i], out[j] = out[j], out[i]
        return out

    def sample(self, items: Sequence[T], k: int) -> list[T]:
        """Draw k different items."""
        return self.shuffled(items)[:k]
