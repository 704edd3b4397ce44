"""A report recomputed from the runs that it names, and what differs from it in words."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from harness.errors import ExitCode
from harness.gate.sources import WHOLE, file_hashes
from harness.render.manifest import NamedRun
from harness.render.tokens import NUMBER, Token
from harness.store.baseline import FOLDER
from harness.store.load import is_run

State = Literal["recomputed", "differs", "not recomputed"]
WORST_FIRST = (ExitCode.INVALID, ExitCode.REGRESSED, ExitCode.PASS)
MOST_ALIGNED = 4_000
"""Items that are aligned with one another; longer stretches are compared in order, section by section."""

STATES = re.compile(r"\b(?:pass|regressed|inconclusive|insensitive|invalid)\b")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be.

    Attributes:
        where: the section and row, or the file.
        printed: what stands there; empty where nothing does.
        expected: what should; empty where nothing should.
        told: what is the matter, where it is no difference of what is printed.
    """

    where: str
    printed: str = ""
    expected: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What became of one file.

    Attributes:
        file: its name.
        state: of the whole.
        computed: numbers printed that were recomputed, those in fixed sentences among them.
        quoted: numbers in quoted replies and data, compared with the runs.
        problems: what differs, in the order of the page.
        notes: what must be known besides.
    """

    file: str
    state: State
    computed: int = 0
    quoted: int = 0
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """0 recomputed, 1 differs, 4 the runs are missing or not those that the file names."""
        codes = {"recomputed": ExitCode.PASS, "differs": ExitCode.REGRESSED, "not recomputed": ExitCode.INVALID}
        return codes[self.state]


@dataclass(frozen=True, slots=True)
class Found:
    """Where a run was found, and what is wrong with it."""

    path: Path | None
    problems: tuple[Problem, ...]


def find_run(named: NamedRun, report: Path, results: Sequence[Path]) -> Found:
    """Look for a run: in the folders of results given, beside the report, in the working directory, in `results`.

    The first place where it lies unchanged is taken, else the first where anything lies.
    """
    on_file = WHOLE in named.files
    below = f"{FOLDER}/{named.name.replace('/', '--')}.json" if on_file else named.name
    places = [folder / below for folder in results]
    if named.path and not results:
        places += [report.parent / named.from_report, Path(named.path)]
    places.append(Path("results") / below)
    there = [path for path in places if is_run(path)]
    if not there:
        looked = ", ".join(dict.fromkeys(map(str, places)))
        return Found(None, (Problem(f"run {named.name}", told=f"is not there; looked in {looked}"),))
    checked = [Found(path, tuple(_changes(named, path))) for path in there]
    return next((found for found in checked if not found.problems), checked[0])


def _changes(named: NamedRun, path: Path) -> list[Problem]:
    """Say which files of a run are not those that a report was made from."""
    now = file_hashes(path, beside=named.beside)
    problems = []
    for name in sorted({*named.files, *now}):
        before, after = named.files.get(name), now.get(name)
        if before != after:
            where = f"run {named.name}: {os.path.normpath(path / name) if name else path}"
            problems.append(Problem(where, told=what_changed(before, after)))
    return problems


def what_changed(before: str | None, after: str | None) -> str:
    """Say that a file is not the one whose hash was kept; None stands for no file."""
    what = "changed" if before and after else "gone" if before else "new"
    return f"{what} since: sha256 {(before or 'none')[:12]} then, {(after or 'none')[:12]} now"


def differences(printed: Sequence[Token], expected: Sequence[Token]) -> list[Problem]:
    """Return what is printed and should not be, or should be otherwise, in the order of the page."""
    start = 0
    while start < min(len(printed), len(expected)) and printed[start] == expected[start]:
        start += 1
    end = 0
    while end < min(len(printed), len(expected)) - start and printed[-1 - end] == expected[-1 - end]:
        end += 1
    old, new = printed[start : len(printed) - end], expected[start : len(expected) - end]
    if max(len(old), len(new)) > MOST_ALIGNED:
        return _by_section(old, new)
    return _aligned(old, new)


def _aligned(old: Sequence[Token], new: Sequence[Token]) -> list[Problem]:
    problems = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            for place in range(max(b - a, d - c)):
                is_, should = old[a + place : b][:1], new[c + place : d][:1]
                where = (*is_, *should)[0].where
                problems.append(Problem(where, *(each[0].text if each else "" for each in (is_, should))))
    return problems


def _by_section(old: Sequence[Token], new: Sequence[Token]) -> list[Problem]:
    """Compare by what each section holds: alignment of so many items would take minutes."""
    problems = []
    more, fewer = Counter(old) - Counter(new), Counter(new) - Counter(old)
    for token in dict.fromkeys((*old, *new)):
        if more[token] or fewer[token]:
            problems.append(Problem(token.where, token.text if more[token] else "", token.text if fewer[token] else ""))
    return problems


def tells(problem: Problem) -> bool:
    """Tell whether a difference is one of numbers or of a state, and not of the wording of a sentence."""
    sides = problem.printed, problem.expected
    numbers = [NUMBER.findall(side) for side in sides]
    states = [STATES.findall(side.lower()) for side in sides]
    return numbers[0] != numbers[1] or states[0] != states[1]


def first_difference(printed: str, expected: str) -> Problem:
    """Return the line in which two files first differ, where they print the same."""
    old, new = printed.splitlines(keepends=True), expected.splitlines(keepends=True)
    place = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    sides = (repr(lines[place])[:200] if place < len(lines) else "" for lines in (old, new))
    return Problem(f"line {place + 1} (markup or white space)", *sides)
