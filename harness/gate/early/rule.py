"""The stopping rule of a run: written beside it before its first reply, and binding for whoever judges it.

A run that may stop early is judged by e-values over the means of contexts, read in an order that was drawn before
anything was asked. Order, policy and baseline are kept here, so that the verdict can be worked out again from the
replies on disk alone, whoever looks and however often.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import ConfigError, RunError, StoreError, WrongRun
from harness.gate.policy import Policy, PolicyFile
from harness.hashing import content_sha256
from harness.store import Run
from harness.store.run_dir import differences, has_replies, write_atomically

FORMAT = "longcontext-harness/stopping@1"
RULE_FILE = "stopping.json"
METHOD = "e-values over context means; bets spread as Beta(1, 1/3)"


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """When a run stops, and by what it is judged.

    Attributes:
        policy: margins and error rates.
        seed: of the order, derived from the sweep's.
        rounds: contexts in the order in which they count. A round holds one context of each task; a context that the
            lengths of a task share is one.
        baseline: name of the recorded run that the candidate is compared with.
        baseline_sha256: hash of that run's outcomes.
    """

    policy: Policy
    seed: int
    rounds: tuple[tuple[str, ...], ...]
    baseline: str
    baseline_sha256: str

    @property
    def order(self) -> tuple[str, ...]:
        """All contexts, in order."""
        return tuple(context for contexts in self.rounds for context in contexts)

    def plain(self) -> dict[str, Any]:
        """Return what is written down."""
        return {
            "method": METHOD,
            "alpha": self.policy.defaults.alpha,
            "baseline": self.baseline,
            "baseline_sha256": self.baseline_sha256,
            "policy_name": self.policy.name,
            "policy_sha256": self.policy.sha256,
            "policy": self.policy.file.model_dump(mode="json"),
            "order_seed": self.seed,
            "rounds": [list(contexts) for contexts in self.rounds],
        }


def make_rule(baseline: Run, policy: Policy, seed: int) -> StoppingRule:
    """Draw the order of contexts and put the rule together.

    Args:
        baseline: a complete run.
        policy: what decides.
        seed: of the sweep.

    Raises:
        RunError: the baseline is not complete.
        ConfigError: the policy asks for what cannot be decided early.
    """
    missing = baseline.info.planned - len(baseline.measured)
    if missing > 0:
        raise RunError(
            f"the baseline is not complete: {missing} of {baseline.info.planned} replies are missing",
            where=str(baseline.info.path),
            fix="run the baseline first; 'harness run --until-decided' does so when it is a model of the sweep",
        )
    check_policy(policy)
    order_seed = int(content_sha256(["order of contexts", seed])[:12], 16)
    return StoppingRule(
        policy, order_seed, _rounds(baseline, order_seed), baseline.info.name, outcomes_sha256(baseline)
    )


def check_policy(policy: Policy) -> None:
    """Raise a `ConfigError` where a policy asks for what cannot be decided early."""
    where = f"{policy.name}: "
    if policy.defaults.population == "fixed":
        raise ConfigError(
            "a run that may stop early speaks of new contexts, not of these very samples",
            where=f"{where}[defaults] population",
            fix="leave population out, or run without --until-decided",
        )
    if policy.defaults.measure != "right":
        raise ConfigError(
            "a run that may stop early is judged by right answers, not by mean scores",
            where=f"{where}[defaults] measure",
            fix="leave measure out, or run without --until-decided",
        )
    for quantity in policy.file.quantity:
        if quantity.level == "error":
            raise ConfigError(
                f"the growth of {quantity.quantity} has no bound, so that no early decision on it is valid",
                where=f"{where}[[quantity]]",
                fix='set level = "off" or "warn" there, or run without --until-decided',
            )


def outcomes_sha256(run: Run) -> str:
    """Return a hash of a run's outcomes: which reply was right, wrong in which way, or has no score."""
    plain = [
        [result.sample_id, result.replicate, result.score.correct if result.score else None, _mode(result.score)]
        for result in run.measured
    ]
    return content_sha256(sorted(plain, key=lambda row: (row[0], row[1])))


def _mode(score: Any) -> str | None:
    return score.mode if score else None


def _rounds(baseline: Run, seed: int) -> tuple[tuple[str, ...], ...]:
    """Shuffle the contexts of each group of tasks by hash, and deal one of each group to a round."""
    tasks: dict[str, set[str]] = defaultdict(set)
    for result in baseline.measured:
        tasks[result.context_id].add(result.task)
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for context, names in tasks.items():
        groups[tuple(sorted(names))].append(context)
    shuffled = [sorted(groups[names], key=lambda context: _drawn(seed, context)) for names in sorted(groups)]
    dealt = [[context for context in each if context is not None] for each in zip_longest(*shuffled)]
    return tuple(tuple(sorted(contexts, key=lambda context: _drawn(seed, context))) for contexts in dealt)


def _drawn(seed: int, context: str) -> str:
    return content_sha256([seed, context])


def record_rule(folder: Path, rule: StoppingRule) -> None:
    """Write a rule beside a run, before its first reply; once there are replies, check that it is the same.

    Raises:
        WrongRun: replies were asked by another rule, or by none.
        StoreError: the rule cannot be written, or the one on disk was changed by hand.
    """
    before = _read(folder / RULE_FILE) if (folder / RULE_FILE).exists() else None
    if has_replies(folder):
        _check_same(folder, before, rule)
        return
    plain = rule.plain()
    text = json.dumps({"format": FORMAT, "sha256": content_sha256(plain), **plain}, indent=2, ensure_ascii=False)
    try:
        write_atomically(folder / RULE_FILE, text + "\n")
    except OSError as error:
        raise StoreError(f"cannot be written: {error.strerror}", where=str(folder / RULE_FILE)) from None


def check_fixed(folder: Path) -> None:
    """Raise `WrongRun` where a run that may stop early is to be continued as one that does not.

    A rule without replies is taken back.
    """
    rule = folder / RULE_FILE
    if not rule.exists():
        return
    if has_replies(folder):
        raise WrongRun(
            "this run may stop early, and is judged as such",
            where=str(rule),
            fix="add --until-decided, which asks everything if it must; or give the sweep another name",
        )
    rule.unlink()


def load_rule(folder: Path) -> StoppingRule | None:
    """Read the stopping rule of a run; None where it has none.

    Raises:
        StoreError: it cannot be read, or was changed by hand.
    """
    file = folder / RULE_FILE
    try:
        if not file.is_file():
            return None
    except (OSError, ValueError):  # a run that is on no disk may have a name that no file could have
        return None
    raw = _read(file)
    try:
        policy = Policy(str(raw["policy_name"]), PolicyFile.model_validate(raw["policy"]))
        rounds = tuple(tuple(map(str, contexts)) for contexts in raw["rounds"])
        return StoppingRule(policy, raw["order_seed"], rounds, raw["baseline"], raw["baseline_sha256"])
    except (KeyError, TypeError, ValidationError):
        raise _damaged(file, "it holds no rule of this version") from None


def _check_same(folder: Path, before: Mapping[str, Any] | None, rule: StoppingRule) -> None:
    if before is None:
        raise WrongRun(
            "this run was begun as one of a fixed size; to stop it early now would be to have looked first",
            where=str(folder),
            fix="give the same command without --until-decided, or give the sweep another name",
        )
    now = json.loads(json.dumps(rule.plain()))
    changes = differences({key: before.get(key) for key in now}, now)
    if changes:
        raise WrongRun(
            "this run was begun by another stopping rule",
            where=str(folder / RULE_FILE),
            found="; ".join(changes[:5])[:600],
            fix="restore the policy and the baseline of then, or give the sweep another name",
        )


def _read(file: Path) -> dict[str, Any]:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(file, str(error)) from None
    if not isinstance(raw, dict) or raw.pop("format", None) != FORMAT:
        raise _damaged(file, f"not a rule of the format {FORMAT}")
    if raw.pop("sha256", None) != content_sha256(raw):
        raise _damaged(file, "its content does not have the hash that it states")
    return raw


def _damaged(file: Path, found: str) -> StoreError:
    return StoreError(
        "the stopping rule was changed or damaged after it was written",
        where=str(file),
        found=found,
        fix="restore it from a copy; without it the run has no verdict",
    )
