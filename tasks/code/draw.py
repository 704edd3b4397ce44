"""What the writers of code draw from: identifiers, numbers, signs and places for new files."""

from __future__ import annotations

from collections.abc import Sequence

from harness.contexts import Stream

from .names import Names

LOWEST, HIGHEST = 12, 98
"""Constants have two digits: what is asked is what the code does, not whether a model can do long sums."""


class Draw:
    """A stream with the names that are taken, and the packages that modules go into.

    Args:
        stream: where everything is drawn from.
        packages: names of packages that exist already and take new modules.
        taken: names that are used already.
    """

    def __init__(self, stream: Stream, packages: Sequence[str], taken: Sequence[str] = ()) -> None:
        self.stream = stream
        self.packages = list(packages)
        self.names = Names(stream, [*taken, *packages])

    def word(self) -> str:
        """Draw a new identifier."""
        return self.names.word()

    def module(self, package: str = "") -> str:
        """Draw the dotted name of a new module, in one of the packages unless one is given."""
        return f"{package or self.stream.choice(self.packages)}.{self.word()}"

    def number(self) -> int:
        """Draw a constant."""
        return self.stream.between(LOWEST, HIGHEST)

    def numbers(self, count: int) -> list[int]:
        """Draw constants, no two alike."""
        found: list[int] = []
        while len(found) < count:
            number = self.number()
            if number not in found:
                found.append(number)
        return found

    def argument(self) -> int:
        """Draw what a function is called with: of three digits, so that no two calls are likely to return the same."""
        return self.stream.between(103, 987)

    def sign(self) -> str:
        """Draw `+` or `-`."""
        return "+-"[self.stream.below(2)]
