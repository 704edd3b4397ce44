"""From a reply to an answer, and from a wrong answer to the way in which it is wrong."""

from harness.reading.extract import NONE, Extraction, extract
from harness.reading.general import general_modes
from harness.reading.grading import Alternative, Answer, grade
from harness.reading.modes import GENERIC, PARROT_MIN_CHARS, Reading, Rule, is_own_answer, matches, read_reply
from harness.reading.reasoning import Split, split_reasoning
from harness.reading.text import cap, fold
from harness.reading.value_modes import DECOYS, MODES, UNATTRIBUTED, ValueAnswer, classify
from harness.reading.values import VALUE_TYPES, Found, ValueType, near_miss
from harness.reading.words import ADJECTIVES, NOUNS

__all__ = [
    "ADJECTIVES",
    "DECOYS",
    "GENERIC",
    "MODES",
    "NONE",
    "NOUNS",
    "PARROT_MIN_CHARS",
    "UNATTRIBUTED",
    "VALUE_TYPES",
    "Alternative",
    "Answer",
    "Extraction",
    "Found",
    "Reading",
    "Rule",
    "Split",
    "ValueAnswer",
    "ValueType",
    "cap",
    "classify",
    "extract",
    "fold",
    "general_modes",
    "grade",
    "is_own_answer",
    "matches",
    "near_miss",
    "read_reply",
    "split_reasoning",
]
