"""How a reply is wrong where nothing is known of the values asked for: the general part of the ladder, and no more."""

from __future__ import annotations

from harness.reading.extract import Extraction
from harness.reading.modes import GENERIC, Reading, matches
from harness.reading.reasoning import split_reasoning
from harness.reading.text import cap, fold
from harness.reading.values import ADJECTIVE_NOUN
from harness.records import Reply

CUT = "truncated.answer"
_RULES = tuple(rule for rule in GENERIC if rule.mode not in ("hedged_multi", CUT))


def general_modes(reply: Reply, question: str, prompt: str = "") -> dict[str, str]:
    """Return the modes that a wrong reply has whatever was asked, each with its evidence, the one that names it first.

    Args:
        reply: as it came back.
        question: the end of the prompt, which is where a question stands.
        prompt: the whole of it; empty where it is not kept.
    """
    split = split_reasoning(reply)
    folded = fold(cap(split.visible))
    reading = Reading(
        reply=reply,
        split=split,
        folded=folded,
        kind=ADJECTIVE_NOUN,
        extraction=Extraction(chunk=folded[:200]),
        expected=0,
        asked=(question,),
        context=lambda: " ".join(fold(prompt).split()),
    )
    found = dict(matches(_RULES, reading))
    if reply.finish_reason == "length" and folded and not split.unclosed:
        found[CUT] = "the budget ran out in the middle of the answer"
    return found
