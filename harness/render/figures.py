"""Figures in a Markdown file that name the command which printed them, and the check that it prints them still."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import ConfigError
from harness.render.verify import Problem

MARK = re.compile(r"^[ \t]*<!-- harness verify: (.*?) -->[ \t]*$")
FENCE = re.compile(r"^[ \t]*(```+|~~~+)")
LEFT_OUT = ("…", "...")
COMMANDS = ("compare", "gate", "report", "noise", "runs")
"""Commands that read runs and write nothing."""

WRITING = ("-o", "--output")


@dataclass(frozen=True, slots=True)
class Figure:
    """A block of a Markdown file.

    Attributes:
        line: number of its first line in the file.
        command: name and arguments.
        lines: what is printed there.
    """

    line: int
    command: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def name(self) -> str:
        """The command as it is given."""
        return shlex.join(self.command)


def figures_of(text: str, where: str) -> list[Figure]:
    """Return the marked blocks of a Markdown file.

    Raises:
        ConfigError: a mark names no command of `COMMANDS`, or no fenced block follows it.
    """
    lines = text.splitlines()
    figures: list[Figure] = []
    fence = ""
    for place, line in enumerate(lines):
        if fence:
            fence = "" if _closes(line, fence) else fence
        elif opened := FENCE.match(line):
            fence = opened[1]
        elif mark := MARK.match(line):
            figures.append(_figure(lines, place, mark[1], where))
    return figures


def _closes(line: str, fence: str) -> bool:
    """Tell whether a line ends a block that `fence` opened."""
    return line.strip().startswith(fence) and not line.strip().strip(fence[0])


def _figure(lines: Sequence[str], mark: int, command: str, where: str) -> Figure:
    here = f"{where}:{mark + 1}"
    try:
        parts = tuple(shlex.split(command))
    except ValueError as error:
        raise ConfigError(f"the mark cannot be read: {error}", where=here, found=command) from None
    if not parts or parts[0] not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise ConfigError("a mark names no command that reads runs", where=here, found=command, allowed=known)
    if written := [part for part in parts if part.startswith(WRITING)]:
        raise ConfigError("a marked command must not write files", where=here, found=written[0])
    if parts[0] == "report" and "--format" not in parts:
        raise ConfigError("a marked report must be printed", where=here, found=command, fix="add --format text")
    start = next((place for place in range(mark + 1, len(lines)) if lines[place].strip()), len(lines))
    fence = FENCE.match(lines[start]) if start < len(lines) else None
    if fence is None:
        raise ConfigError("no fenced block follows the mark", where=here)
    ends = (place for place in range(start + 1, len(lines)) if _closes(lines[place], fence[1]))
    end = next(ends, None)
    if end is None:
        raise ConfigError("the block after the mark does not end", where=here)
    return Figure(start + 2, parts, tuple(lines[start + 1 : end]))


def check_figure(figure: Figure, printed: str) -> list[Problem]:
    """Compare a block with what its command prints now.

    Lines that begin with `$ ` are not compared; a line of `…` stands for any number of lines left out.
    """
    now = printed.splitlines()
    parts: list[list[tuple[int, str]]] = [[]]
    for number, line in enumerate(figure.lines, start=figure.line):
        if line.strip() in LEFT_OUT:
            parts.append([])
        elif not line.startswith("$ "):
            parts[-1].append((number, line))
    place = 0
    for which, part in enumerate(parts):
        free = which > 0
        found = _place(now, [line for _, line in part], place, free=free)
        if found is None:
            return _unlike(figure, part, now[place:], free=free)
        place = found + len(part)
    if parts[-1] and place < len(now):
        number = parts[-1][-1][0] + 1
        return [Problem(f"line {number} ({figure.name})", "", now[place])]
    return []


def _place(now: Sequence[str], lines: Sequence[str], start: int, *, free: bool) -> int | None:
    """Return where some lines stand among those printed now: at the start, or anywhere after it."""
    places = range(start, len(now) - len(lines) + 1) if free else [start]
    return next((place for place in places if list(now[place : place + len(lines)]) == list(lines)), None)


def _unlike(figure: Figure, part: Sequence[tuple[int, str]], now: Sequence[str], *, free: bool) -> list[Problem]:
    """Say which lines are not printed any more: beside which they should be, where that is known."""
    if free:
        gone = [Problem(f"line {n} ({figure.name})", line, _nearest(line, now)) for n, line in part if line not in now]
        return gone or [Problem(f"line {part[0][0]} ({figure.name})", told="these lines are not printed in this order")]
    beside = [(number, line, now[place] if place < len(now) else "") for place, (number, line) in enumerate(part)]
    return [Problem(f"line {number} ({figure.name})", line, new) for number, line, new in beside if line != new]


def _nearest(line: str, now: Sequence[str]) -> str:
    """Return the line printed now that starts as this one does."""
    words = line.split()[:2]
    return next((each for each in now if each.split()[:2] == words), "")
