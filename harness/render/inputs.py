"""All that a report is made from, as text and paths, so that it can be written down in it and made again.

A report whose inputs are the same has the same bytes. What is not among the inputs does not enter it: the time does
only where a baseline's file is among the runs, because such a file has an age.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from harness.declared import Declared, merged, parse_declared
from harness.errors import ConfigError
from harness.gate.policy import Policy, parse_policy
from harness.gate.several import judge_each
from harness.gate.verdict import Verdict
from harness.load_curve import parse_load_curve
from harness.records import Result
from harness.render.cases import CaseList, Excerpts, show_command
from harness.render.chosen import ON_THE_PAGE
from harness.render.redact import REMOVED, make_redaction
from harness.render.report import Content, make_content
from harness.store import Run


@dataclass(frozen=True, slots=True)
class Given:
    """A file that was given, by its name and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a report is made from besides its runs.

    Attributes:
        policy: the policy; None takes the locked one, or the default one.
        sweeps: files of sweeps with what they declare.
        curves: measured load curves.
        task_dirs: folders with further tasks: they build the passages behind replies again.
        caveats: further sentences on what the report does not show.
        decided: whether verdicts are given.
        redacted: whether text of users is left out.
        slices_kept: whether the values of slices stay in a redacted report.
        replies: how many replies are shown at most, of all models together.
        now: the time, with its zone.
    """

    policy: Given | None = None
    sweeps: tuple[Given, ...] = ()
    curves: tuple[Given, ...] = ()
    task_dirs: tuple[Path, ...] = ()
    caveats: tuple[str, ...] = ()
    decided: bool = True
    redacted: bool = False
    slices_kept: bool = False
    replies: int = ON_THE_PAGE
    now: datetime


@dataclass(frozen=True, slots=True)
class Places:
    """Where runs lie, for whoever types a command in the working directory that a report was made in.

    Attributes:
        runs: names and the directories they stand for.
        task_dirs: folders with further tasks.
    """

    runs: tuple[tuple[str, str], ...]
    task_dirs: tuple[str, ...]

    def command_of(self, name: str, result: Result) -> str:
        """Return what shows a reply of a run whole: by the run's name where it lies where runs do by default."""
        place = dict(self.runs).get(name, name)
        return show_command(name if Path(place) == Path("results", name) else place, result, self.task_dirs)

    def commands(self, inputs: Inputs) -> tuple[str, ...]:
        """Return what asks the models, where the sweeps' files were given, and what makes the report again.

        Files are named without their folders: that is how a report holds them.
        """
        given = [("--sweep", each) for each in inputs.sweeps] + [("--load-curve", each) for each in inputs.curves]
        given += [("--policy", inputs.policy)] if inputs.policy else []
        parts = ["harness", "report", *(path for _, path in self.runs)]
        parts += [part for option, each in given for part in (option, Path(each.name).name)]
        parts += [part for folder in self.task_dirs for part in ("--task-dir", folder)]
        parts += [] if inputs.decided else ["--no-verdict"]
        parts += [] if inputs.replies == ON_THE_PAGE else ["--replies", str(inputs.replies)]
        asked = (shlex.join(["harness", "run", Path(each.name).name]) for each in inputs.sweeps)
        return *asked, shlex.join(parts)


def places_of(runs: Sequence[Run], task_dirs: Sequence[Path]) -> Places:
    """Return where runs and folders lie from the working directory."""
    return Places(
        tuple((run.info.name, os.path.relpath(run.info.path)) for run in runs), tuple(map(os.path.relpath, task_dirs))
    )


def read_given(file: Path) -> Given:
    """Read a file whole.

    Raises:
        ConfigError: it cannot be read, or is not UTF-8.
    """
    try:
        return Given(str(file), file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(file)) from None


def content_of(runs: Sequence[Run], inputs: Inputs, excerpts: Excerpts, places: Places | None = None) -> Content:
    """Judge the runs and return all that a report says of them.

    Args:
        runs: every run that the report speaks of.
        inputs: what it is made from besides.
        excerpts: as for `make_content`.
        places: where a reader finds the runs; None where they are now.

    Raises:
        ConfigError: an input is not what it may be, or speaks of what is not in the report.
    """
    policy = parse_policy(inputs.policy.text, Path(inputs.policy.name)) if inputs.policy else None
    verdicts = verdicts_of(runs, policy, inputs.now) if inputs.decided else []
    declared = declared_of(inputs)
    if inputs.redacted:
        return _redacted(runs, verdicts, declared, inputs)
    content = make_content(
        runs, verdicts, excerpts=excerpts, caveats=inputs.caveats, declared=declared, replies=inputs.replies
    )
    where = places or places_of(runs, inputs.task_dirs)
    return _with_commands(content, where.command_of) | {"again": where.commands(inputs)}


def _redacted(runs: Sequence[Run], verdicts: Sequence[Verdict], declared: Declared, inputs: Inputs) -> Content:
    redaction = make_redaction(runs, slices_kept=inputs.slices_kept)
    content = make_content(
        [redaction.run(run) for run in runs],
        [redaction.verdict(verdict) for verdict in verdicts],
        excerpts=lambda run, result: None,
        caveats=(*inputs.caveats, redaction.note),
        declared=redaction.declared(declared),
        replies=inputs.replies,
    )
    # a command would name a sample that no run has
    return _with_commands(content, lambda name, result: REMOVED)


def _with_commands(content: Content, command_of: Callable[[str, Result], str]) -> Content:
    def told(each: CaseList) -> CaseList:
        cases = (replace(case, command=command_of(each.arm.name, case.result)) for case in each.cases)
        return replace(each, cases=tuple(cases))

    return content | {"case_lists": tuple(map(told, content["case_lists"]))}


def verdicts_of(runs: Sequence[Run], policy: Policy | None, now: datetime) -> list[Verdict]:
    """Decide on every run of a sweep against the sweep's baseline; without a policy, by the locked one.

    Candidates of a sweep are corrected together, as `harness gate` does; a positive control is judged by itself.
    """
    verdicts: list[Verdict] = []
    for baseline in (run for run in runs if run.info.role == "baseline"):
        others = [run for run in runs if run.info.sweep == baseline.info.sweep and run is not baseline]
        proper = [run for run in others if run.info.role == "candidate"]
        controls = [[run] for run in others if run.info.role == "positive-control"]
        for group in [proper, *controls]:
            if group:
                verdicts += judge_each(baseline, group, policy, now)
    return verdicts


def declared_of(inputs: Inputs) -> Declared:
    """Return what the sweeps' files and the load curves state."""
    declared = [parse_declared(given.text, given.name) for given in inputs.sweeps]
    points = [point for given in inputs.curves for point in parse_load_curve(given.text, Path(given.name))]
    return replace(merged(declared), curve=tuple(points))
