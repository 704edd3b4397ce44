"""What was run, and what it does not show: read off the runs and verdicts, never assumed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from harness.gate.verdict import Verdict
from harness.registry import task_classes
from harness.render.answered import answered_facts
from harness.render.arms import Arm, Arms
from harness.sizes import format_size
from harness.store.imported import source_of

Fact = tuple[str, str]

LONGEST_FACT = 300
"""Characters of one entry of an identity block: a server may hand over a whole chat template."""


@dataclass(frozen=True, slots=True)
class Block:
    """Facts that some runs share."""

    arms: tuple[Arm, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class PolicyBlock:
    """The terms of a verdict, and the candidates that were judged by them."""

    candidates: tuple[str, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Unscored:
    """Replies of a run that are planned and have no score.

    Attributes:
        errors: number of results without a score by what went wrong.
        missing: number of replies that are not there at all.
    """

    arm: Arm
    errors: tuple[tuple[str, int], ...]
    missing: int


def blocks(arms: Sequence[Arm], facts: Iterable[Sequence[Fact]]) -> tuple[Block, ...]:
    """Put runs with the same facts together."""
    shared: dict[tuple[Fact, ...], list[Arm]] = {}
    for arm, found in zip(arms, facts, strict=True):
        shared.setdefault(tuple(found), []).append(arm)
    return tuple(Block(tuple(members), found) for found, members in shared.items())


def flattened(value: Mapping[str, Any], path: str = "") -> list[Fact]:
    """Return the leaves of a nested mapping as `key.key`, text; unknown is `n/a`."""
    facts: list[Fact] = []
    for key, inner in value.items():
        name = f"{path}.{key}" if path else str(key)
        if isinstance(inner, Mapping) and inner:
            facts += flattened(inner, name)
        else:
            facts.append((name, _leaf(inner)))
    return facts


def _leaf(value: Any) -> str:
    if value is None or value == {}:
        return "n/a"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_FACT else f"{text[:LONGEST_FACT]}… ({len(text):,} characters)"


def model_facts(arm: Arm) -> list[Fact]:
    """Return how a model was asked, what it says of itself, and who made it the baseline where it is one on file."""
    config = {key: value for key, value in arm.run.info.config.get("model", {}).items() if value is not None}
    accepted = arm.run.info.accepted
    kept = flattened(asdict(accepted), "accepted") if accepted else []
    return [*flattened(config), *flattened(arm.run.info.identity, "answered"), *answered_facts(arm), *kept]


def sweep_facts(arm: Arm) -> list[Fact]:
    """Return what was asked: seed, lengths, contexts, tasks with their parameters."""
    config = arm.run.info.config
    sweep = dict(config.get("sweep", {}))
    lengths = sweep.pop("lengths", None)
    facts = [("sweep", arm.run.info.sweep)]
    if lengths:
        facts.append(("lengths in tokens", ", ".join(format_size(length) for length in lengths)))
    facts += flattened(sweep)
    imported = config.get("imported", {})
    if imported:
        facts.append(("imported from", str(imported["from"])))
        facts += [(f"score of {task}", str(told)) for task, told in imported["taken"].items()]
    for task in config.get("task", ()):
        label, name = task.get("label"), task.get("name", "")
        params = "; ".join(f"{key} {text}" for key, text in flattened(task) if key not in ("name", "label"))
        facts.append((f"task {label} ({name})" if label else f"task {name}", params or "default parameters"))
    return facts


def task_summaries(arms: Arms) -> dict[str, str]:
    """Return what each task asks, in its own words, by the name that the report has for it."""
    kinds = task_classes()
    tasks = [task for arm in arms.arms for task in arm.run.info.config.get("task", ())]
    names = {str(task.get("label") or task.get("name", "")): str(task.get("name", "")) for task in tasks}
    return {label: kinds[name].summary for label, name in sorted(names.items()) if name in kinds}


def environment_facts(arm: Arm) -> list[Fact]:
    """Return where a run happened."""
    facts = flattened(arm.run.info.environment)
    return [(key, _committed(text) if key == "git" else text) for key, text in facts]


def _committed(commit: str) -> str:
    return f"{commit[:-1]}, with changes that were not committed" if commit.endswith("+") else commit


def policy_blocks(verdicts: Sequence[Verdict]) -> tuple[PolicyBlock, ...]:
    """Return the terms of the verdicts, those of the same terms together."""
    shared: dict[tuple[Fact, ...], list[str]] = {}
    for verdict in verdicts:
        facts = (
            ("policy", verdict.policy),
            ("sha256", verdict.policy_sha256),
            ("alpha, one-sided", f"{verdict.alpha:g}"),
            ("speaks of", verdict.estimand),
            ("correlation within a context (icc)", f"{verdict.icc:g} ({verdict.icc_source})"),
        )
        shared.setdefault(facts, []).append(verdict.candidate)
    return tuple(PolicyBlock(tuple(names), facts) for facts, names in shared.items())


def unscored(arms: Arms) -> tuple[Unscored, ...]:
    """Return the runs in which planned replies have no score."""
    found = []
    for arm in arms.arms:
        invalid = arm.asked[arm.asked["outcome"] == "invalid"]
        kinds = [kind if isinstance(kind, str) else "unknown" for kind in invalid["error"]]
        if kinds or arm.missing:
            errors = tuple((kind, kinds.count(kind)) for kind in sorted(set(kinds)))
            found.append(Unscored(arm, errors, arm.missing))
    return tuple(found)


def _reaches(arms: Arms) -> list[str]:
    """Say of each group of models that were asked the same up to which length, and at which work, anything is shown."""
    groups: dict[tuple[int, str], list[str]] = {}
    for arm in arms.arms:
        if len(arm.asked):
            tasks = ", ".join(sorted(map(str, arm.asked["task"].unique())))
            groups.setdefault((int(arm.asked["length"].max()), tasks), []).append(arm.label)
    return [
        f"Of {', '.join(names)} nothing is shown beyond {format_size(longest)} tokens, nor for other work than {tasks}."
        for (longest, tasks), names in groups.items()
    ]


def limits(arms: Arms, verdicts: Sequence[Verdict]) -> list[str]:
    """Return what the report does not show, as far as the runs themselves say it."""
    asked = [arm.asked for arm in arms.arms if len(arm.asked)]
    made_up = [f"{arm.label} ({arm.kind})" for arm in arms.arms if arm.kind != "model"]
    found = []
    if made_up:
        found.append(
            f"{', '.join(made_up)}: replies made by a rule or drawn at random. Their numbers show that the measurement "
            "works and say nothing about a language model."
        )
    if asked:
        found += _reaches(arms)
        if not any(frame["replicate"].any() for frame in asked):
            found.append(
                "Each question was asked once: how much a model's answers vary from one try to the next is not shown."
            )
        if all((frame["counter"] == "reference").all() for frame in asked):
            imported = all(source_of(arm.run.info) for arm in arms.arms)
            how = "Lengths are estimates by" if imported else "Lengths were fitted with"
            found.append(f"{how} a reference count of tokens; a model's own tokenizer counts otherwise.")
    if any(verdict.estimand == "these very samples" for verdict in verdicts):
        found.append("The verdict speaks of these very samples and not of new texts of the same kind.")
    found.append("What answered is what the servers said of themselves.")
    found.append(
        "Maps and failure modes show many slices at once without correction for that: they are leads, not verdicts."
    )
    return found
