"""What the failure modes of this family mean, for people who did not write it: what a reply of each does."""

from __future__ import annotations

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "fmt.followed_decoy_example": "has the form of the competing example",
    "fmt.stale_spec": "has the form as it was before it was changed",
    "fmt.prose_around": "has other text round the answer",
    "fmt.fenced": "has a code fence round it",
    "fmt.multiple_objects": "holds several JSON values where one is asked for",
    "fmt.invalid_json": "is no valid JSON",
    "fmt.invalid_yaml": "is no valid YAML",
    "fmt.invalid_xml": "is no valid XML",
    "fmt.duplicate_key": "has a key twice",
    "fmt.wrong_root_type": "has a list for an object, or the other way round",
    "fmt.wrong_count": "has too many or too few records",
    "fmt.wrong_order_fields": "has the fields in another order",
    "fmt.delimiter": "sets cells apart by another sign, or miscounts them",
    "fmt.tag_missing": "lacks a tag, a bullet or a sign",
    "fmt.tag_unclosed": "does not close a tag",
    "fmt.verbatim": "does not copy the notice letter for letter",
    "schema.missing_key": "lacks a key",
    "schema.extra_key": "has a key that nothing asks for",
    "schema.renamed_key": "misspells a key",
    "schema.wrong_type": "has a value of another type",
    "schema.wrong_enum": "has a value that is not among the allowed ones",
    "schema": "breaks a rule of the schema",
    "constraint": "breaks a rule that was stated",
    "content.stale": "gives a value that was corrected later",
    "content.other_record": "gives the values of another record",
    "content.missing_record": "lacks a record",
    "content.missing_value": "lacks a value",
    "content.wrong_order": "gives the records in another order",
    "content.wrong_value": "gives a value from nowhere",
}
