"""Long contexts by seeded grammars, and what counts their tokens."""

from harness.contexts.context_task import Context, ContextParams, ContextTask, Place, Question, Shown, depth_bin
from harness.contexts.haystack import Haystack, InfeasibleLength, Kind, Needle, build_haystack
from harness.contexts.ledger import ATTRIBUTES, record_line
from harness.contexts.names import names
from harness.contexts.planted import planted_context
from harness.contexts.streams import Stream
from harness.contexts.tokens import counter_named, reference_counter, tokenizer_file_counter

__all__ = [
    "ATTRIBUTES",
    "Context",
    "ContextParams",
    "ContextTask",
    "Haystack",
    "InfeasibleLength",
    "Kind",
    "Needle",
    "Place",
    "Question",
    "Shown",
    "Stream",
    "build_haystack",
    "counter_named",
    "depth_bin",
    "names",
    "planted_context",
    "record_line",
    "reference_counter",
    "tokenizer_file_counter",
]
