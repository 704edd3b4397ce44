"""What an entry says of a person: the attributes, how a text states them, and their type in JSON.

Every attribute knows how its value is drawn, how an entry spells it, how that is read back, and which names a form may
give it. The names of one attribute are far apart, so that a misspelt name is never another form's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.contexts import Stream
from harness.reading import ADJECTIVES, NOUNS, fold

Value = Any
"""A plain JSON value."""

NONE = "none"
GRADES = ("junior", "regular", "senior", "chief")
GRADE_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "junior": ("trainee", "novice", "entry-level", "beginner"),
    "regular": ("ordinary", "standard", "normal", "middle"),
    "senior": ("experienced", "veteran", "advanced", "elder"),
    "chief": ("head", "lead", "principal", "boss"),
}
DEPUTIES = ("Arden", "Bellis", "Corvin", "Dessa", "Elmar", "Fenna", "Gerlo", "Hedda", "Ivo", "Jorun", "Kester", "Lavra")
TOWNS = ("Aldmere", "Birkham", "Colwick", "Dunstow", "Eastrey", "Farlow", "Garside", "Holmby")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that an entry states.

    Attributes:
        name: how a text calls it; unique.
        keys: names that a form may give it, in snake case.
        schema: its JSON Schema, without description.
        draw: draws a value.
        say: spells a value as an entry does.
        hear: reads that back.
        nested: whether its value has parts, so that it does not fit into one cell of a table.
    """

    name: str
    keys: tuple[str, ...]
    schema: Mapping[str, Any]
    draw: Callable[[Stream], Value]
    say: Callable[[Value], str]
    hear: Callable[[str], Value]
    nested: bool = False


def _draw_contact(stream: Stream) -> Value:
    if stream.below(2):
        return {"kind": "bell", "bell": stream.between(100, 999)}
    return {"kind": "post", "town": stream.choice(TOWNS)}


def _hear_contact(text: str) -> Value:
    kind, _, rest = text.partition(" ")
    return {"kind": kind, "bell": int(rest)} if kind == "bell" else {"kind": kind, "town": rest}


def _variant(kind: str, part: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"kind": {"const": kind}, part: dict(schema)},
        "required": ["kind", part],
        "additionalProperties": False,
    }


def _draw_note(stream: Stream) -> str:
    adjective, noun, other = stream.choice(ADJECTIVES), stream.choice(NOUNS), stream.choice(NOUNS)
    number = stream.between(11, 99)
    return stream.choice(
        (
            f'box {number}: "{adjective} {noun}", {other} & rope',
            f'"{adjective}" {noun}, row {number}: {other} | dry',
            f'{noun} & {other}, marked "{adjective}": {number}',
        )
    )


def _date(stream: Stream) -> str:
    return f"{stream.between(1801, 1899)}-{stream.between(1, 12):02d}-{stream.between(1, 28):02d}"


NAME = Attribute("name", ("full_name", "person", "called", "holder"), {"type": "string"}, lambda s: "", str, str)

ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute(
        "file number",
        ("file_number", "dossier", "case_ref", "archive_id"),
        {"type": "string", "pattern": "^[0-9]{6}$"},
        lambda s: f"00{s.between(1000, 9999)}",
        str,
        str,
    ),
    Attribute(
        "desk",
        ("desk_number", "seat", "workplace", "room_slot"),
        {"type": "integer", "minimum": 10, "maximum": 99},
        lambda s: s.between(10, 99),
        str,
        int,
    ),
    Attribute(
        "joining date",
        ("joined_on", "start_date", "entry_day", "member_since"),
        {"type": "string", "format": "date"},
        _date,
        str,
        str,
    ),
    Attribute(
        "grade",
        ("pay_grade", "standing", "rank_title", "job_level"),
        {"enum": list(GRADES)},
        lambda s: s.choice(GRADES),
        str,
        str,
    ),
    Attribute(
        "tools",
        ("tool_list", "equipment", "implements", "work_kit"),
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3, "uniqueItems": True},
        lambda s: s.sample(NOUNS, s.between(2, 3)),
        ", ".join,
        lambda text: text.split(", "),
    ),
    Attribute(
        "deputy",
        ("deputy_name", "backup", "substitute", "second_person"),
        {"type": ["string", "null"]},
        lambda s: s.choice(DEPUTIES) if s.below(2) else None,
        lambda value: value or NONE,
        lambda text: None if text == NONE else text,
    ),
    Attribute(
        "on leave",
        ("on_leave", "absent_now", "is_away", "off_duty"),
        {"type": "boolean"},
        lambda s: bool(s.below(2)),
        lambda value: "yes" if value else "no",
        lambda text: text == "yes",
    ),
    Attribute(
        "weekly fee",
        ("weekly_fee", "stipend", "amount_due", "wage_rate"),
        {"type": "number", "minimum": 0, "maximum": 100},
        lambda s: s.between(10, 98) + s.choice((0.25, 0.5, 0.75)),
        lambda value: f"{value:.2f}",
        float,
    ),
    Attribute(
        "contact",
        ("contact", "reached_by", "channel", "call_via"),
        {
            "oneOf": [
                _variant("bell", "bell", {"type": "integer"}),
                _variant("post", "town", {"type": "string"}),
            ]
        },
        _draw_contact,
        lambda value: f"{value['kind']} {value.get('bell', value.get('town'))}",
        _hear_contact,
        nested=True,
    ),
    Attribute("note", ("note", "remark", "comment_text", "observation"), {"type": "string"}, _draw_note, str, str),
)
BY_NAME: Mapping[str, Attribute] = {attribute.name: attribute for attribute in (NAME, *ATTRIBUTES)}

_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,6})?")


def normal(value: Value) -> str:
    """Return the one text that equal values share, whatever their type: 17, "17" and 17.0 are one, so are yes and true.

    Leading zeros of a text stay: "004" is not 4.
    """
    if value is None or value == "":
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{float(value):.2f}"
    if isinstance(value, list):
        return " + ".join(normal(item) for item in value[:50])
    if isinstance(value, dict):
        return " ".join(normal(value[key]) for key in list(value)[:50])
    return _normal_text(str(value))


def _normal_text(text: str) -> str:
    folded = " ".join(fold(text[:2000]).split())
    if _NUMBER.fullmatch(folded) and not re.match("-?0[0-9]", folded):
        return f"{float(folded):.2f}"
    return {"yes": "true", "no": "false", NONE: "null", "": "null"}.get(folded, folded)
