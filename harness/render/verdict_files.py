"""The check of what `harness gate -o` wrote: its runs are found by name and judged again.

A verdict's file names its runs as `SWEEP/MODEL` with the hashes of their files, and its policy by name and hash; it
holds neither paths nor the time.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.errors import ConfigError
from harness.gate.emit import emit
from harness.gate.emit.json import SCHEMA as VERDICT
from harness.gate.emit.markdown import BREAK
from harness.gate.emit.several import SCHEMA as VERDICTS
from harness.gate.emit.several import emit_several
from harness.gate.judge import judge
from harness.gate.policy import Policy
from harness.gate.several import judge_several
from harness.gate.sources import evidence_sha256, sources_of
from harness.render.manifest import Form
from harness.render.tokens import numbers_in, tokens_of
from harness.render.verify import Checked, Problem, differences, first_difference, what_changed
from harness.store import Run, load_run
from harness.store.load import is_run

HEAD = re.compile(r"^## \S+ \w+: \*\*(.+?)\*\* against \*\*(.+?)\*\*$", re.MULTILINE)
FOOT = re.compile(r"([0-9a-f]{8}); evidence ([0-9a-f]{8}); exit code \d</sub>")
ON_FILE = "the baseline is the file "


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a verdict's file says of its making.

    Attributes:
        form: `json` or `markdown`.
        policies: hashes of the policies, or their beginnings.
        evidence: of each verdict the hash of the files it was given from, or its beginning.
        sources: these files, each with its hash, where they are named.
    """

    form: str
    baseline: str
    candidates: tuple[str, ...]
    policies: tuple[str, ...]
    evidence: tuple[str, ...]
    sources: Mapping[str, str]


def verdict_named(text: str, where: str) -> Named | None:
    """Return what a verdict's file names; None for a file that is none.

    Raises:
        ConfigError: it was judged against a baseline's file, which it does not name.
    """
    named = _of_json(text) or _of_markdown(text)
    if named and ON_FILE in text:
        raise ConfigError(
            "the baseline was a file, and a verdict does not say which, nor when it was given",
            where=where,
            fix="'harness report' writes files that hold both",
        )
    return named


def _of_json(text: str) -> Named | None:
    try:
        plain: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    schema = plain.get("schema") if isinstance(plain, dict) else None
    if schema not in (VERDICT, VERDICTS):
        return None
    verdicts = [plain] if schema == VERDICT else plain["verdicts"]
    sources = [each.get("sources") for each in verdicts]
    if not all(sources):
        return None  # not of runs on disk
    return Named(
        form="json",
        baseline=verdicts[0]["baseline"],
        candidates=tuple(each["candidate"] for each in verdicts),
        policies=tuple(each["policy_sha256"] for each in verdicts),
        evidence=tuple(map(evidence_sha256, sources)),
        sources={name: sha for each in sources for name, sha in each},
    )


def _of_markdown(text: str) -> Named | None:
    heads = HEAD.findall(text)
    hashes = FOOT.findall(text)
    if not heads or len(hashes) != len(heads):
        return None
    return Named(
        form="markdown",
        baseline=_plain(heads[0][1]),
        candidates=tuple(_plain(head[0]) for head in heads),
        policies=tuple(policy for policy, _ in hashes),
        evidence=tuple(evidence for _, evidence in hashes),
        sources={},
    )


def _plain(name: str) -> str:
    """Undo what Markdown needs of a name."""
    return html.unescape(re.sub(r"\\(.)", r"\1", name.replace(BREAK, "")))


def check_verdict(file: Path, text: str, named: Named, results: Sequence[Path], policy: Policy | None) -> Checked:
    """Judge the runs again and compare.

    Args:
        file: its name.
        text: what it holds.
        named: what it was made from.
        results: folders that the runs live in.
        policy: None takes the one that was locked, or the default one.

    Raises:
        ConfigError: it was judged by another policy.
    """
    places = {name: [folder / name for folder in results] for name in (named.baseline, *named.candidates)}
    found = {name: next(filter(is_run, paths), None) for name, paths in places.items()}
    missing = [
        Problem(f"run {name}", told=f"is not there; looked in {', '.join(map(str, places[name]))}")
        for name, path in found.items()
        if path is None
    ]
    if missing:
        return Checked(file=str(file), state="not recomputed", problems=tuple(missing))
    runs = [load_run(path) for path in found.values() if path]
    if changed := _changed(runs, named):
        return Checked(file=str(file), state="not recomputed", problems=tuple(changed))
    expected = _again(runs, named, policy, str(file))
    form: Form = "json" if named.form == "json" else "md"
    printed = tokens_of(text, form)
    problems: list[Problem] = []
    if expected.rstrip("\n") != text.rstrip("\n"):
        problems = differences(printed, tokens_of(expected, form)) or [first_difference(text, expected)]
    return Checked(
        file=str(file),
        state="differs" if problems else "recomputed",
        computed=sum(numbers_in(printed)),
        problems=tuple(problems),
    )


def _changed(runs: Sequence[Run], named: Named) -> list[Problem]:
    """Say which files are not those that the verdicts were given from."""
    baseline, *candidates = runs
    now = [sources_of(baseline, candidate) for candidate in candidates]
    if all(
        evidence_sha256(sources).startswith(evidence) for sources, evidence in zip(now, named.evidence, strict=True)
    ):
        return []
    if not named.sources:
        return [Problem("the runs", told="changed since: the hash of their files is not the one in the verdict")]
    found = {name: sha for sources in now for name, sha in sources}
    return [
        Problem(name, told=what_changed(named.sources.get(name), found.get(name)))
        for name in sorted({*named.sources, *found})
        if named.sources.get(name) != found.get(name)
    ]


def _again(runs: Sequence[Run], named: Named, policy: Policy | None, where: str) -> str:
    """Judge the runs, the baseline first, and write the verdict in the format of the file."""
    baseline, *candidates = runs
    now = datetime.fromisoformat("2000-01-01T00:00:00Z")  # only a baseline's file has an age
    if len(candidates) == 1:
        verdict = judge(baseline, candidates[0], policy, now)
        _check_policies(named, [verdict.policy_sha256], where)
        return emit(verdict, named.form)
    several = judge_several(baseline, candidates, policy, now)
    _check_policies(named, [each.policy_sha256 for each in several.verdicts], where)
    return emit_several(several, named.form)


def _check_policies(named: Named, used: Sequence[str], where: str) -> None:
    for wanted, sha in zip(named.policies, used, strict=True):
        if not sha.startswith(wanted):
            raise ConfigError(
                "the verdict was given by another policy",
                where=where,
                found=f"sha256 {wanted[:12]}, and the one here has {sha[:12]}",
                fix="give it: --policy FILE",
            )
