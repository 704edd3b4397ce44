"""A plan that was locked by an older harness is the same plan: keys that came later are at their defaults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_store import make_result, write

from harness.errors import StoreError
from harness.gate.planning.lock import load_lock, lock_plan
from harness.hashing import content_sha256
from harness.sweep import load_sweep


@pytest.fixture
def locked(sweep_file: Path) -> Path:
    """The lock of a sweep of which a candidate has replies."""
    results = sweep_file.parent / "results"
    write(results / "s/lexical", make_result(0))
    lock_plan(load_sweep(sweep_file), results, "2026-01-01T00:00:00+00:00")
    return results / "s/plan.lock"


def rewrite(lock: Path, change: Any) -> None:
    plain = json.loads(lock.read_text())
    change(plain["content"])
    lock.write_text(json.dumps(plain | {"sha256": content_sha256(plain["content"])}))


def test_a_lock_without_newer_keys_is_no_changed_plan(locked: Path, sweep_file: Path) -> None:
    def older(content: dict[str, Any]) -> None:
        for key in ("quantity", "severity", "mode"):
            del content["policy"][key]
        del content["policy"]["defaults"]["max_baseline_age_days"]
        del content["policy"]["defaults"]["slice_margin"]
        del content["sweep"]["tokenizer"]

    rewrite(locked, older)
    before = locked.read_text()
    assert lock_plan(load_sweep(sweep_file), locked.parents[1], "2026-01-02T00:00:00+00:00") == ""
    assert locked.read_text() == before


def test_a_changed_plan_is_told_and_kept(locked: Path, sweep_file: Path) -> None:
    rewrite(locked, lambda content: content["policy"]["defaults"].update(margin=0.4))
    told = lock_plan(load_sweep(sweep_file), locked.parents[1], "2026-01-02T00:00:00+00:00")
    assert told.endswith("after replies of a candidate were seen: policy.defaults.margin: 0.4 -> 0.05")
    kept = load_lock(locked.parent)
    assert kept
    assert kept.changes[-1] == "2026-01-02T00:00:00+00:00: policy.defaults.margin: 0.4 -> 0.05"


def test_a_lock_of_keys_that_nobody_knows_is_named(locked: Path, sweep_file: Path) -> None:
    rewrite(locked, lambda content: content["policy"].update(later=1))
    with pytest.raises(StoreError, match="changed or damaged"):
        lock_plan(load_sweep(sweep_file), locked.parents[1], "2026-01-02T00:00:00+00:00")
