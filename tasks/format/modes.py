"""Every failure mode of the family, in the order in which they name a wrong reply.

A reply that follows another form as a whole (the competing example, the form before it was changed) is labelled with
that before anything that looks at the form asked for: against this one it would show a heap of missing and extra keys,
and the one cause explains them all. Next come faults of the text, then of what was read from it, then of the content.
"""

from __future__ import annotations

from harness.reading import UNATTRIBUTED

EARLY = (
    "empty",
    "empty.reasoning_only",
    "truncated.reasoning",
    "degenerate.loop",
    "truncated.answer",
    "refusal.policy",
    "refusal.capability",
    "prompt_echo",
    "context_parrot",
    "placeholder",
)
"""What can go wrong whatever was asked; see `harness.reading.modes`."""

OTHER_FORM = ("fmt.followed_decoy_example", "fmt.stale_spec")

TEXT = (
    "fmt.none_found",
    "fmt.prose_around",
    "fmt.fenced",
    "fmt.multiple_objects",
    "fmt.invalid_json.single_quotes",
    "fmt.invalid_json.trailing_comma",
    "fmt.invalid_json.comments",
    "fmt.invalid_json.python_literals",
    "fmt.invalid_json.unescaped_newline",
    "fmt.invalid_json.unbalanced",
    "fmt.invalid_json.nan",
    "fmt.invalid_json.other",
    "fmt.invalid_yaml",
    "fmt.invalid_xml",
    "fmt.duplicate_key",
)
"""Faults of the text: with these a value may still be read, after a repair."""

SCHEMA = (
    "fmt.wrong_root_type",
    "schema.missing_key",
    "schema.extra_key",
    "schema.renamed_key",
    "schema.wrong_type.num_as_string",
    "schema.wrong_type.string_as_num",
    "schema.wrong_type.scalar_as_list",
    "schema.wrong_type.list_as_scalar",
    "schema.wrong_type.null",
    "schema.wrong_type.other",
    "schema.wrong_enum.case_variant",
    "schema.wrong_enum.synonym",
    "schema.wrong_enum.out_of_set",
    "schema.pattern",
    "schema.format",
    "schema.range",
    "schema.min_items",
    "schema.max_items",
    "schema.unique",
    "fmt.wrong_count",
    "fmt.wrong_order_fields",
    "fmt.delimiter",
    "fmt.tag_missing",
    "fmt.tag_unclosed",
    "fmt.verbatim",
)
"""Faults of what was read, held against the form asked for."""

CONSTRAINTS = (
    "constraint.letter_case",
    "constraint.keyword",
    "constraint.forbidden_word",
    "constraint.opening",
    "constraint.ending",
    "constraint.order",
    "constraint.length",
    "constraint.charset",
)
"""Rules of a ladder that a reply breaks."""

CONTENT = (
    "content.stale",
    "content.other_record",
    "content.missing_record",
    "content.missing_value",
    "content.wrong_order",
    "content.wrong_value",
)

MODES: tuple[str, ...] = (*EARLY, *OTHER_FORM, *TEXT, *SCHEMA, *CONSTRAINTS, *CONTENT, UNATTRIBUTED)
RANK = {mode: rank for rank, mode in enumerate(MODES)}
