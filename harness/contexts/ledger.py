"""Record haystacks: register lines, each of which states one attribute of one entity, like a planted line would.

The filler's values are of the same kinds as planted ones, so that a planted line is just one more line; what tells it
apart is whose value it is. Every line of a context has the same layout.
"""

from __future__ import annotations

from harness.contexts.names import given_name, surname
from harness.contexts.streams import Stream
from harness.contexts.words import ADJECTIVES, MONTHS, THINGS

ATTRIBUTES = (
    "access code|account number|berth number|box number|carrier code|case number|claim number|clearance code|"
    "contract number|crate number|customs code|delivery code|depot code|desk number|entry code|file number|"
    "freight code|gate code|invoice number|key number|licence number|locker code|membership number|order number|"
    "parcel number|pass number|permit number|petition number|policy number|receipt number|registry number|"
    "route code|seal number|shelf mark|shipment number|stall number|storage code|ticket number|transit code|"
    "vault code|voucher number|warrant number"
).split("|")


def record_line(entity: str, attribute: str, value: str, stream: Stream) -> str:
    """Return one register line: a date and time, the entity, the attribute, the value, a remark of up to two words."""
    remark = " ".join([stream.choice(ADJECTIVES), stream.choice(THINGS)][: stream.below(3)]) or "-"
    return f"{_stamp(stream)} | {entity} | {attribute} | {value} | {remark}"


def short_line(stream: Stream) -> str:
    """Return a line without an entity, of about a dozen tokens, to fill what is left of a budget."""
    return f"{stream.between(1, 28):02d} {stream.choice(MONTHS)[:3]} | {stream.choice(THINGS)}"


def _stamp(stream: Stream) -> str:
    day, month = stream.between(1, 28), stream.choice(MONTHS)[:3]
    return f"{day:02d} {month} {stream.between(0, 23):02d}h{stream.between(0, 59):02d}"


def record_lines(stream: Stream, n: int) -> list[str]:
    """Return n lines about entities that nothing asks for."""
    lines = []
    for _ in range(n):
        entity = f"{given_name(stream)} {surname(stream)}"
        value = str(1_000_000 + stream.below(9_000_000))
        lines.append(record_line(entity, stream.choice(ATTRIBUTES), value, stream))
    return lines
