"""Runs that were imported from another harness: what must agree before two of them are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.store.run_dir import Run, RunInfo

HASHES = ("prompt_hash", "target_hash")
"""Hashes that an imported result keeps beside the one that pairs it, to say what differs."""

SHOWN_CHARS = 80
MOST = 8


def source_of(info: RunInfo) -> str:
    """Return the harness that a run was imported from; empty where it was run here."""
    return str(_imported(info).get("from", ""))


def import_problems(baseline: Run, candidate: Run) -> list[str]:
    """Name what must agree between two runs, one of them imported at least, and does not."""
    sources = [source_of(run.info) for run in (baseline, candidate)]
    if not any(sources):
        return []
    if sources[0] != sources[1]:
        told = [
            f"{run.info.name} {f'is a log of {source}' if source else 'was run here'}"
            for run, source in zip((baseline, candidate), sources, strict=True)
        ]
        return [f"{' and '.join(told)}: prompts and scores of two harnesses are not the same thing"]
    before, after = (_imported(run.info) for run in (baseline, candidate))
    return [
        *_tasks(mapping(before, "taken"), mapping(after, "taken")),
        *_fields(mapping(before, "fields"), mapping(after, "fields"), {*before["taken"], *after["taken"]}),
        *(_differs(key, before, after) for key in ("cluster_by", "correct_at") if before.get(key) != after.get(key)),
        *_hashes(baseline, candidate),
    ]


def mapping(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the mapping under a key, an empty one where there is none."""
    found = values.get(key)
    return found if isinstance(found, Mapping) else {}


def _imported(info: RunInfo) -> Mapping[str, Any]:
    return mapping(info.config, "imported")


def _tasks(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    if before.keys() == after.keys():
        return []
    alone = [", ".join(sorted(a.keys() - b.keys())) or "none" for a, b in ((before, after), (after, before))]
    return [f"the tasks differ: only in the baseline {alone[0]}; only in the candidate {alone[1]}"]


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], tasks: set[str]) -> list[str]:
    """Name the fields that differ, of tasks that both have, and those that only one of the logs holds."""
    both = [key for key in sorted({*before, *after}) if _in_both(key, before, after, tasks)]
    unlike = [key for key in both if key in before and key in after and before[key] != after[key]]
    found = [_differs(key, before, after) for key in unlike[:MOST]]
    found += [f"and {len(unlike) - MOST} more fields differ"] if len(unlike) > MOST else []
    for here, there, side in ((before, after, ("candidate", "baseline")), (after, before, ("baseline", "candidate"))):
        unknown = [key for key in both if key in here and key not in there]
        found += [f"unknown in the {side[0]} and not in the {side[1]}: {', '.join(unknown)}"] if unknown else []
    return found


def _in_both(key: str, before: Mapping[str, Any], after: Mapping[str, Any], tasks: set[str]) -> bool:
    task = next((name for name in tasks if key.startswith(f"{name}: ")), "")
    return not task or all(any(each.startswith(f"{task}: ") for each in side) for side in (before, after))


def _differs(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    return f"{key} differs: {_short(before[key])} in the baseline, {_short(after[key])} in the candidate"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"


def _hashes(baseline: Run, candidate: Run) -> Sequence[str]:
    """Say which hashes differ between samples of one name."""
    before = {(each.sample_id, each.replicate): each.recipe.params for each in baseline.measured}
    pairs = [
        (each.sample_id, before[key], each.recipe.params)
        for each in candidate.measured
        if (key := (each.sample_id, each.replicate)) in before
    ]
    found = []
    for name in HASHES:
        unlike = [sample for sample, a, b in pairs if name in a and name in b and a[name] != b[name]]
        if unlike:
            found.append(f"{name} differs for {len(unlike)} of {len(pairs)} samples; the first is {unlike[0]}")
    return found
