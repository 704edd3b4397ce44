"""Invented identifiers: short, pronounceable, each used once in a repository whatever the case of its letters."""

from __future__ import annotations

from collections.abc import Collection

from harness.contexts import Stream

_ONSETS = "b br d dr f g gr k kr l m n p pl r s st t tr v z".split()
_VOWELS = "a e i o u".split()
_MIDDLES = "l m n r s t v k d lb ld lv mb nd nt rd rk rn rt sk st".split()
_ENDS = "a ak el en et ir o om".split()
_UNWANTED = (
    "semen kunt fart turd tard bomb porn tit dik kok pus fuk kil lust rape dum bust nud sod moron satan mort mord "
    "demon mental metal moment total token tables random legacy"
).split()
"""Parts that begin what nobody wants to read, and words that mean something already."""

PATIENCE = 3
"""Draws of a short name that may be taken before a longer one is drawn."""


class Names:
    """Draws names, none twice.

    Args:
        stream: where they are drawn from.
        taken: names that are used already.
    """

    def __init__(self, stream: Stream, taken: Collection[str] = ()) -> None:
        self.stream = stream
        self.taken = set(taken)

    def word(self) -> str:
        """Draw a name in lower case."""
        draws = 0
        while True:
            word = self._draw(2 if draws < PATIENCE else 3)
            draws += 1
            if word not in self.taken and not any(part in word for part in _UNWANTED):
                self.taken.add(word)
                return word

    def _draw(self, syllables: int) -> str:
        """Build a name from 64 bits."""
        bits = self.stream.bits(64)
        word = ""
        for _ in range(syllables - 1):
            bits, onset = divmod(bits, len(_ONSETS))
            bits, vowel = divmod(bits, len(_VOWELS))
            word += _ONSETS[onset] + _VOWELS[vowel]
        bits, middle = divmod(bits, len(_MIDDLES))
        return word + _MIDDLES[middle] + _ENDS[bits % len(_ENDS)]
