"""The check of a report: its runs are found, it is made again with the same inputs, and the two are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from harness import __version__
from harness.errors import ConfigError
from harness.render.cases import Excerpts
from harness.render.formats import WRITERS
from harness.render.inputs import Given, Inputs, Places, content_of
from harness.render.manifest import Manifest, NamedText, checksum_of, code_sha256, embedded, inputs_of, places_in
from harness.render.report import Content
from harness.render.tokens import numbers_in, tokens_of
from harness.render.verify import Checked, Problem, differences, find_run, first_difference, tells
from harness.store import load_run


@dataclass(frozen=True, slots=True)
class Means:
    """What a check is made with.

    Attributes:
        results: folders in which runs are looked for; none looks where the report says.
        texts: by hash, the text of files given for what a redacted report does not hold.
        task_dirs: folders with further tasks: their code is run, so a report alone does not name them.
        excerpts: gives what builds passages again, from such folders.
        made: what was made so far: the formats of one report have the same content.
    """

    results: Sequence[Path]
    texts: Mapping[str, str]
    task_dirs: Sequence[Path]
    excerpts: Callable[[Sequence[Path]], Excerpts]
    made: dict[object, Content] = field(default_factory=dict)


def texts_of(files: Sequence[Given]) -> dict[str, str]:
    """Return texts by their hash."""
    return {sha256(given.text.encode()).hexdigest(): given.text for given in files}


def check_report(file: Path, text: str, manifest: Manifest, means: Means) -> Checked:
    """Make a report again and say what differs.

    Raises:
        ConfigError: the report does not hold the text of a file that it was made with, and it was not given.
        HarnessError: the runs are those that it names, and no report can be made of them.
    """
    problems = [] if checksum_of(text) == manifest.file_sha256 else [_altered(text, manifest)]
    _check_texts(manifest, means.texts)
    if manifest.task_dirs and not means.task_dirs:
        raise ConfigError(
            "the report was made with tasks of a folder, whose code would be run",
            where=str(file),
            found=", ".join(manifest.task_dirs),
            fix="give it again if you trust it: --task-dir FOLDER",
        )
    found = [find_run(named, file, means.results) for named in manifest.runs]
    missing = [problem for each in found for problem in each.problems]
    if missing:
        return Checked(file=str(file), state="not recomputed", problems=(*problems, *missing))
    inputs = inputs_of(manifest, means.texts, means.task_dirs)
    content = _content([each.path for each in found if each.path], inputs, places_in(manifest), means)
    expected = embedded(WRITERS[manifest.form](content), manifest)
    computed, quoted = numbers_in(tokens_of(text, manifest.form))
    notes: list[str] = []
    if expected != text:
        told, notes = _compared(text, expected, manifest)
        problems += told
    return Checked(
        file=str(file),
        state="differs" if problems else "recomputed",
        computed=computed,
        quoted=quoted,
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _content(paths: Sequence[Path], inputs: Inputs, places: Places, means: Means) -> Content:
    """Return what a report on runs says; their files were found to be those of the manifest."""
    key = (tuple(path.resolve() for path in paths), inputs, places)
    if key not in means.made:
        means.made.clear()
        runs = [load_run(path) for path in paths]
        means.made[key] = content_of(runs, inputs, means.excerpts(inputs.task_dirs), places)
    return means.made[key]


def _compared(text: str, expected: str, manifest: Manifest) -> tuple[list[Problem], list[str]]:
    """Return what differs, and what must be known of it: another harness may word and lay out a page otherwise."""
    found = differences(tokens_of(text, manifest.form), tokens_of(expected, manifest.form))
    if manifest.code == code_sha256() and manifest.harness == __version__:
        return found or [first_difference(text, expected)], []
    note = (
        f"written by harness {manifest.harness} (source {manifest.code[:12]}), checked by {__version__} "
        f"({code_sha256()[:12]}): not reproduced byte for byte; numbers and states were compared one by one"
    )
    told = [problem for problem in found if tells(problem) and "(markup" not in problem.where]
    worded = f"{len(found) - len(told)} sentences, labels or marks are written otherwise"
    return told, [note, worded] if len(found) > len(told) else [note]


def _altered(text: str, manifest: Manifest) -> Problem:
    told = f"altered after it was written: its checksum is {checksum_of(text)[:12]}, not {manifest.file_sha256[:12]}"
    return Problem("the whole file", told=told)


def _check_texts(manifest: Manifest, texts: Mapping[str, str]) -> None:
    named: tuple[NamedText | None, ...] = (manifest.policy, *manifest.sweeps, *manifest.curves)
    for each in named:
        if each and each.text is None and each.sha256 not in texts:
            raise ConfigError(
                f"the report was redacted and does not hold {each.name}",
                found=f"no file given with sha256 {each.sha256}",
                fix="give it again: --policy, --sweep or --load-curve FILE",
            )
