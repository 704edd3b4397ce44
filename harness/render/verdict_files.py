"""The check of what `harness gate -o` wrote: its runs are found by name and judged again.

A verdict's file names its runs as `SWEEP/MODEL` and its policy by name and hash; it holds neither paths nor the time.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
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
from harness.render.manifest import Form
from harness.render.tokens import numbers_in, tokens_of
from harness.render.verify import Checked, Problem, differences, first_difference
from harness.store import load_run
from harness.store.load import is_run

HEAD = re.compile(r"^## \S+ \w+: \*\*(.+?)\*\* against \*\*(.+?)\*\*$", re.MULTILINE)
ON_FILE = "the baseline is the file "


@dataclass(frozen=True, slots=True)
class Named:
    """What a verdict's file says of its making.

    Attributes:
        form: `json` or `markdown`.
        policies: hashes of the policies, or their beginnings.
    """

    form: str
    baseline: str
    candidates: tuple[str, ...]
    policies: tuple[str, ...]


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
    candidates = tuple(each["candidate"] for each in verdicts)
    return Named("json", verdicts[0]["baseline"], candidates, tuple(each["policy_sha256"] for each in verdicts))


def _of_markdown(text: str) -> Named | None:
    heads = HEAD.findall(text)
    hashes = re.findall(r"([0-9a-f]{8}); exit code \d</sub>", text)
    if not heads or len(hashes) != len(heads):
        return None
    return Named("markdown", _plain(heads[0][1]), tuple(_plain(head[0]) for head in heads), tuple(hashes))


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
    expected = _again([path for path in found.values() if path], named, policy, str(file))
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
        notes=("the verdict does not hold the hashes of its runs: that they are the same ones cannot be said",),
    )


def _again(paths: Sequence[Path], named: Named, policy: Policy | None, where: str) -> str:
    """Judge the runs, the baseline first, and write the verdict in the format of the file."""
    baseline, *candidates = map(load_run, paths)
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
