"""What the failure modes of this family mean, for people who did not write it: what a reply of each does."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "latent_surface": "goes by the question's word and not by its sense",
    "hop_long": "goes one step too far",
    "hop_short": "stops one step too early",
    "wrong_association": "names something unrelated",
    "missing_nonce": "copies the right piece without the prefix asked for",
    "blend": "mixes two pieces",
    "ordinal.off_by_one": "copies the piece before or behind",
    "ordinal.from_end": "counts from the other end",
    "ordinal": "copies another one of the pieces asked for",
    "wrong_topic": "copies a piece on another topic",
    "wrong_format": "copies a piece of another kind",
    "wrong_style": "copies a piece in another style",
    "extra_text": "holds the right piece and much else",
    "truncated_copy": "copies a part of the right piece",
    "inexact_copy": "changes the right piece",
}
