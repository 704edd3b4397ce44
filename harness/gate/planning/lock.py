"""`plan.lock`: what was to be decided, written down before the first reply of a candidate was seen.

A margin that is chosen after the results are known proves nothing. The lock keeps the policy, the slices, the seeds and
the sizes of a sweep with their hash. A plan may be changed; once a candidate has replies, each change is kept in the
lock and printed with every verdict.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import StoreError
from harness.gate.policy import Policy, PolicyFile, load_policy
from harness.hashing import content_sha256
from harness.store.run_dir import RUN_FILE, differences, has_replies, load_info, write_atomically
from harness.sweep import LoadedSweep, SweepTable

FORMAT = "longcontext-harness/plan@1"
LOCK_FILE = "plan.lock"
UNLOCKED = {"name", "policy", "controls", "repeats"}
"""Keys of `[sweep]` that may change: they change no reply, or are locked by their content."""


@dataclass(frozen=True, slots=True)
class PlanLock:
    """A plan as locked.

    Attributes:
        policy: of the verdicts.
        positive_controls: models that the sweep holds to be damaged.
        locked_at: when, as ISO 8601 in UTC.
        changes: what was changed after a candidate had replies, as sentences.
    """

    policy: Policy
    positive_controls: tuple[str, ...]
    locked_at: str
    sha256: str
    changes: tuple[str, ...]


def lock_plan(sweep: LoadedSweep, results: Path, now: str) -> str:
    """Write or check the lock of a sweep, before it is run.

    Args:
        sweep: what will be asked, and the policy that it names.
        results: the folder that runs live in.
        now: the time, as ISO 8601 in UTC.

    Returns:
        What a person must be told: the plan was changed when replies of a candidate were there already. Else nothing.

    Raises:
        ConfigError: the policy cannot be read.
        StoreError: the lock cannot be read or written, or was changed by hand.
    """
    folder = results / sweep.resolved.sweep.name
    plain = _content(sweep)
    judged = [file.parent for file in _runs(folder) if load_info(file.parent).role not in ("baseline", "repeat")]
    seen = any(map(has_replies, judged))
    path = folder / LOCK_FILE
    before = _read(path) if path.exists() else None
    changes: list[str] = list(before["changes"]) if before else []
    changed = differences(_completed(before["content"], path), plain) if before else []
    if before and not changed:
        return ""
    told = ""
    if seen:
        told = "; ".join(changed) if before else "it was locked for the first time then"
        changes.append(f"{now}: {told}")
    lock = {"format": FORMAT, "sha256": content_sha256(plain), "locked_at": now, "changes": changes, "content": plain}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise StoreError(f"cannot be written: {error.strerror}", where=str(path)) from None
    return f"the plan was changed after replies of a candidate were seen: {told}" if told else ""


def load_lock(folder: Path) -> PlanLock | None:
    """Read the lock of a sweep; None where there is none.

    Raises:
        StoreError: it cannot be read, or was changed by hand.
    """
    path = folder / LOCK_FILE
    if not path.exists():
        return None
    raw = _read(path)
    content = raw["content"]
    try:
        policy = Policy(str(content["policy_name"]), PolicyFile.model_validate(content["policy"]))
    except (KeyError, ValidationError):
        raise _damaged(path, "it holds no policy of this version") from None
    return PlanLock(policy, tuple(content["positive_controls"]), raw["locked_at"], raw["sha256"], tuple(raw["changes"]))


def differing_terms(locked: Policy, used: Policy) -> Sequence[str]:
    """Say where a policy differs from the one that was locked."""
    return differences(json.loads(locked.file.model_dump_json()), json.loads(used.file.model_dump_json()))


def _content(sweep: LoadedSweep) -> dict[str, Any]:
    table = sweep.resolved.sweep
    policy = load_policy(sweep.folder / table.policy if table.policy else None)
    content = {
        "policy_name": policy.name,
        "policy": policy.file.model_dump(mode="json"),
        "sweep": table.model_dump(mode="json", exclude=UNLOCKED),
        "tasks": [task.model_dump(mode="json", exclude_none=True) for task in sweep.resolved.task],
        "positive_controls": [model.name for model in sweep.resolved.model if model.role == "positive-control"],
    }
    plain: dict[str, Any] = json.loads(json.dumps(content))
    return plain


def _completed(content: dict[str, Any], path: Path) -> dict[str, Any]:
    """Add the defaults of keys that there were not yet when a plan was locked: a newer harness changes no plan."""
    try:
        policy = PolicyFile.model_validate(content["policy"]).model_dump(mode="json")
        sweep = SweepTable.model_validate({"name": "any", **content["sweep"]}).model_dump(mode="json", exclude=UNLOCKED)
    except (KeyError, ValidationError):
        raise _damaged(path, "it holds no plan of this version") from None
    return {**content, "policy": policy, "sweep": sweep}


def _runs(folder: Path) -> list[Path]:
    """Return the run files under a sweep's folder, of models that the sweep names no longer too."""
    return sorted(folder.glob(f"*/{RUN_FILE}"))


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT or not isinstance(raw.get("changes"), list):
        raise _damaged(path, f"not a lock of the format {FORMAT}")
    if content_sha256(raw.get("content")) != raw.get("sha256"):
        raise _damaged(path, "its content does not have the hash that it states")
    return raw


def _damaged(path: Path, found: str) -> StoreError:
    return StoreError(
        "the plan's lock was changed or damaged after it was written",
        where=str(path),
        found=found,
        fix="restore it from a copy; or delete it, and the verdict has no plan that was fixed beforehand",
    )
