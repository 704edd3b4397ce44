"""What answered, as the replies themselves say: the server's name for it, what was sent again, what was counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

from harness.records import Usage
from harness.render.arms import Arm

MOST_NAMES = 5
"""Names that are listed; a server that gives more of them is a router."""


def answered_facts(arm: Arm) -> list[tuple[str, str]]:
    """Return names and texts; nothing of runs that keep no replies."""
    replies = arm.scored
    if replies.empty or arm.run.info.accepted:
        return []
    names = Counter(name or "no name" for name in replies["served_model"])
    listed = [f"{name} ({count:,})" for name, count in sorted(names.items(), key=lambda each: (-each[1], each[0]))]
    if len(listed) > MOST_NAMES:
        listed[MOST_NAMES:] = [f"and {len(listed) - MOST_NAMES} other names"]
    again = int((replies["attempts"] > 1).sum())
    told = [f"{field.name} {int(replies[field.name].notna().sum()):,}" for field in fields(Usage)]
    return [
        ("answered under the name (replies)", ", ".join(listed)),
        ("replies after more than one try", f"{again:,} of {len(replies):,}"),
        ("replies that state their tokens", f"{', '.join(told)}; of {len(replies):,}"),
    ]
