"""What a failure mode means, in words for people who did not write the task.

Modes of one task alone are explained by that task (`Task.modes`); what stands here is shared by many.
"""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "empty": "says nothing",
    "empty.reasoning_only": "reasons and gives no answer",
    "truncated.reasoning": "was cut off before an answer began",
    "truncated.answer": "was cut off before it chose an answer, or in the middle of one",
    "degenerate.loop": "repeats itself",
    "refusal.policy": "refuses",
    "refusal.capability": "says that the text is too long or cannot be read",
    "prompt_echo": "repeats the question",
    "context_parrot": "copies the text at length",
    "hedged_multi": "gives several answers where one is asked for",
    "placeholder": "leaves a blank to be filled in",
    "false_absence": "says that there is none, and there is one",
    "false_presence": "gives an answer, and there is none",
    "partial_recall": "gives some of the right answers and no wrong one",
    "over_inclusion": "gives all right answers and others besides",
    "distractor": "gives something else that stands in the text",
    "distractor.other_key": "gives what the text says of something else",
    "distractor.filler": "gives something from the surrounding text",
    "distractor.lookalike_key": "gives what the text says of a similar name",
    "distractor.other_attribute": "gives another detail of the right thing",
    "distractor.stale_value": "gives what used to be right",
    "distractor.negated": "gives what the text says it is not",
    "distractor.hypothetical": "gives what it would have been",
    "distractor.other_scope": "gives what holds elsewhere",
    "near_miss": "gives the right answer with a slip",
    "chimera": "joins parts of two things in the text",
    "wrong_order": "gives the right answers in another order",
    "hallucinated": "gives what stands nowhere in the text",
    "fmt.none_found": "holds no answer of the kind asked for",
    "unattributed": "is wrong in a way that no rule names",
}


def meaning_of(mode: str, own: Mapping[str, str]) -> str:
    """Return what a reply of a mode does; empty where nothing is known.

    Args:
        mode: its name; where that has no meaning, its first parts are looked up.
        own: meanings that a task gives to modes of its own.
    """
    while mode:
        if found := own.get(mode) or MEANINGS.get(mode):
            return found
        mode = mode.rpartition(".")[0]
    return ""
