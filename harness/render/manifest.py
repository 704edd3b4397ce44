"""The manifest: what a report says of its own making, so that `harness verify` can make it again.

It names the runs with the hashes of their files, holds the text of the policy and of what was declared, and a checksum
of the whole file, in which the checksum itself is taken as zeros. In HTML it is a block of data that no script reads,
in Markdown a comment, in JSON the key `manifest`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

import harness
from harness.errors import ConfigError
from harness.gate.sources import file_hashes, sha256_of
from harness.render.inputs import Given, Inputs, Places, places_of
from harness.store import Run

FORMAT: Final = "longcontext-harness/manifest@1"
Form = Literal["html", "md", "json"]
ZEROS = "0" * 64
ROOM_MARKDOWN = 5_000
"""Characters of given files that a manifest in Markdown holds; of longer ones it has the hashes alone."""

HTML = re.compile(r'<script type="application/json" id="manifest">(.*?)</script>', re.DOTALL)
MARKDOWN = re.compile(r"<!-- harness report manifest (.*?) -->", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRun:
    """A run that a report was made from.

    Attributes:
        name: `SWEEP/MODEL`.
        path: from the working directory that the report was made in; empty in a redacted report.
        from_report: from the folder of the report; empty in a redacted report.
        files: SHA-256 by file, from the run's directory.
        beside: whether these include the files beside it that have a say in the verdicts: once a folder is enough.
    """

    name: str
    planned: int
    path: str
    from_report: str
    files: Mapping[str, str]
    beside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedText:
    """A file that was given; its text is left out of a redacted report, where only the hash tells it."""

    name: str
    sha256: str
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All it takes to make a report again.

    Attributes:
        file_sha256: of the report, with this very hash taken as zeros.
        harness: version of the harness, and `code`, the hash of its source.
        form: of the report.
        now: the time of the verdicts, ISO 8601; None where nothing depends on it.
        policy: the policy given; likewise the others, as in `Inputs`.
    """

    format: Literal["longcontext-harness/manifest@1"] = FORMAT
    file_sha256: str = ZEROS
    harness: str
    code: str
    form: Form
    now: str | None
    runs: tuple[NamedRun, ...]
    policy: NamedText | None
    sweeps: tuple[NamedText, ...]
    curves: tuple[NamedText, ...]
    task_dirs: tuple[str, ...]
    caveats: tuple[str, ...]
    decided: bool
    redacted: bool
    slices_kept: bool
    replies: int


_ADAPTER = TypeAdapter(Manifest)


def manifest_of(runs: Sequence[Run], inputs: Inputs, form: Form, output: Path) -> Manifest:
    """Describe how a report is made.

    Args:
        runs: in the order in which they were given.
        inputs: everything else.
        form: of the report.
        output: where the report will be.
    """
    shown = not inputs.redacted
    given = (*([inputs.policy] if inputs.policy else []), *inputs.sweeps, *inputs.curves)
    texts = shown and (form != "md" or sum(len(each.text) for each in given) < ROOM_MARKDOWN)
    folders = [run.info.path.parent for run in runs]
    aged = any(run.info.accepted for run in runs)
    return Manifest(
        harness=harness.__version__,
        code=code_sha256(),
        form=form,
        now=inputs.now.isoformat() if aged else None,
        runs=tuple(
            _named(run, output.parent, shown, beside=folder not in folders[:place])
            for place, (run, folder) in enumerate(zip(runs, folders, strict=True))
        ),
        policy=_text(inputs.policy, texts) if inputs.policy else None,
        sweeps=tuple(_text(each, texts) for each in inputs.sweeps),
        curves=tuple(_text(each, texts) for each in inputs.curves),
        task_dirs=places_of((), inputs.task_dirs).task_dirs if shown else (),
        caveats=inputs.caveats,
        decided=inputs.decided,
        redacted=inputs.redacted,
        slices_kept=inputs.slices_kept,
        replies=inputs.replies,
    )


def _named(run: Run, folder: Path, shown: bool, *, beside: bool) -> NamedRun:
    path = run.info.path
    return NamedRun(
        name=run.info.name,
        planned=run.info.planned,
        path=os.path.relpath(path) if shown else "",
        from_report=os.path.relpath(path, folder) if shown else "",
        files=file_hashes(path, beside=beside),
        beside=beside,
    )


def _text(given: Given, shown: bool) -> NamedText:
    hashed = sha256(given.text.encode()).hexdigest()
    return NamedText(name=Path(given.name).name, sha256=hashed, text=given.text if shown else None)


@cache
def code_sha256() -> str:
    """Return a hash of the source of this harness: its modules, templates, styles and scripts."""
    root = Path(str(files("harness")))
    sources = sorted(file for file in root.rglob("*") if file.suffix in (".py", ".html", ".css", ".js"))
    found = sha256()
    for file in sources:
        found.update(f"{file.relative_to(root)}\0{sha256_of(file)}\n".encode())
    return found.hexdigest()


def embedded(text: str, manifest: Manifest) -> str:
    """Return a report, given without a manifest, with it; its checksum is filled in."""
    plain = json.dumps(asdict(replace(manifest, file_sha256=ZEROS)), ensure_ascii=True, separators=(",", ":"))
    if manifest.form == "html":
        block = plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
        head, end, tail = text.rpartition("</body>")
        text = f'{head}<script type="application/json" id="manifest">{block}</script>\n{end}{tail}'
    elif manifest.form == "md":
        block = plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("--", "\\u002d\\u002d")
        text = f"{text}\n<!-- harness report manifest {block} -->\n"
    else:
        head, end, tail = text.rstrip().rpartition("}")
        text = f'{head.rstrip()},\n  "manifest": {plain}\n{end}{tail}\n'
    return text.replace(_checksum(ZEROS), _checksum(checksum_of(text)), 1)


def _checksum(value: str) -> str:
    return f'"file_sha256":"{value}"'


def checksum_of(text: str) -> str:
    """Return the checksum of a report with its manifest."""
    zeroed = re.sub(r'"file_sha256":"[0-9a-f]{64}"', _checksum(ZEROS), text)
    return sha256(zeroed.encode("utf-8", "surrogatepass")).hexdigest()


def extracted(text: str, where: str) -> Manifest | None:
    """Return the manifest of a report; None where the text has none.

    Raises:
        ConfigError: it is not one that this version can read.
    """
    found = HTML.findall(text) or MARKDOWN.findall(text)
    try:
        plain = json.loads(found[-1]) if found else _of_json(text)
        if plain is None:
            return None
        return _ADAPTER.validate_python(plain)
    except (ValueError, ValidationError, RecursionError):
        raise ConfigError("the manifest is damaged or of another version", where=where, allowed=FORMAT) from None


def _of_json(text: str) -> Any:
    if not text.lstrip().startswith("{"):
        return None
    plain = json.loads(text)
    return plain.get("manifest") if isinstance(plain, dict) else None


def places_in(manifest: Manifest) -> Places:
    """Return where a manifest says that runs and further tasks lie."""
    return Places(tuple((run.name, run.path) for run in manifest.runs), manifest.task_dirs)


def inputs_of(manifest: Manifest, texts: Mapping[str, str], task_dirs: Sequence[Path] = ()) -> Inputs:
    """Return the inputs that a manifest names.

    Args:
        manifest: of the report.
        texts: by hash, the texts that it does not hold.
        task_dirs: folders with further tasks.
    """

    def given(named: NamedText) -> Given:
        return Given(named.name, texts[named.sha256] if named.text is None else named.text)

    return Inputs(
        policy=given(manifest.policy) if manifest.policy else None,
        sweeps=tuple(map(given, manifest.sweeps)),
        curves=tuple(map(given, manifest.curves)),
        task_dirs=tuple(task_dirs),
        caveats=manifest.caveats,
        decided=manifest.decided,
        redacted=manifest.redacted,
        slices_kept=manifest.slices_kept,
        replies=manifest.replies,
        now=datetime.fromisoformat(manifest.now) if manifest.now else datetime.fromisoformat("2000-01-01T00:00:00Z"),
    )
