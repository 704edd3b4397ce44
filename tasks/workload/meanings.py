"""What the failure modes of this family mean, for people who did not write it: what a reply of each does."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "fmt.prose_around": "holds the answer with text around it",
    "fmt.fenced": "has a code fence round it",
    "fmt.multiple_objects": "holds several JSON values",
    "fmt.invalid_json": "is no valid JSON",
    "fmt.no_prefix": "does not begin as asked",
    "schema_violation": "is JSON and not valid under the schema",
    "schema_violation.unresolved": "cannot be judged: the schema refers to what is not there",
    "missing_field": "lacks a field",
    "wrong_field": "has another value in a field",
    "extra_field": "has fields that nothing asks for",
    "wrong_value": "is another value",
    "wrong_value.other_answer": "gives what is right for other rows",
    "wrong_value.other_choice": "gives another letter",
    "wrong_value.other_label": "names another label",
    "wrong_value.sign": "has the wrong sign",
    "wrong_value.magnitude": "is 10, 100, 1,000 or more times off",
    "wrong_value.type": "is the right value as another type",
    "missing_items": "lacks items",
    "extra_items": "has further items",
    "wrong_items": "has other items",
    "repeated_items": "has an item too often",
    "partly_right": "has half of what is needed, or more",
    "unparsable_literal": "is no literal of Python",
    "distractor.other_text": "gives another text back",
    "near_miss.text": "gives the right text, not faithfully enough",
    "instruction": "does not follow an instruction",
}
