"""What answers of this family look like: an integer, or dotted names of functions."""

from __future__ import annotations

import re

from harness.reading import ValueType

_DIGITS = r"(?:[0-9]{1,3}(?:[,_' ][0-9]{3}){1,3}|[0-9]{1,12})"
_PART = "[a-z_][a-z0-9_]{1,39}"
_WORDS = (
    "the|a|an|and|or|of|in|is|it|its|at|to|by|be|as|on|no|not|this|that|these|those|which|what|where|with|from|for|are|was"
    "|has|have|does|do|will|can|cannot|there|here|called|calls|call|named|name|names|defined|definition|defines|function"
    "|functions|method|methods|module|modules|package|packages|class|classes|file|files|program|python|returns|return"
    "|answer|question|following|correct|none|holds|held|inside|another|other|same|only|one|two|three|four|five|six|times|plus|less|argument|def|import|all|any"
)
"""Words of a sentence, which are no names of functions."""


def _canonical_integer(text: str) -> str:
    whole = text.partition(".")[0]
    digits = re.sub("[^0-9]", "", whole).lstrip("0") or "0"
    return f"-{digits}" if whole.startswith("-") and digits != "0" else digits


INTEGER = ValueType(
    name="integer",
    exact=re.compile(
        rf"(?:(?<![0-9a-z_)\].,])[-+](?=[0-9])|(?<![0-9a-z_.,])){_DIGITS}(?:\.0{{1,3}})?(?![0-9a-z_])(?![.,][0-9])"
    ),
    loose=re.compile(r"(?<![0-9a-z_])[-+]?[0-9][0-9.,_]{0,30}(?![0-9a-z_])"),
    canonical=_canonical_integer,
    near=1,
)

DOTTED = ValueType(
    name="dotted",
    exact=re.compile(
        rf"(?<![0-9a-z_./]){_PART}(?:\.(?!py(?![0-9a-z_])){_PART}){{1,5}}(?![0-9a-z_/])(?!\.[a-z])", re.IGNORECASE
    ),
    loose=re.compile(
        rf"(?<![0-9a-z_./])(?:{_PART}(?:[./]{_PART}){{1,6}}|(?!(?:{_WORDS})(?![0-9a-z_])){_PART})(?![0-9a-z_/])",
        re.IGNORECASE,
    ),
    canonical=str,
    near=2,
)
