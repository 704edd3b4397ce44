"""A headless Chromium for tests and scripts: where it and its packages are, and what it says of pages.

Chromium and Node come from the system. The two packages from npm are kept in a folder of the cache; `install` puts them
there, which `HARNESS_REQUIRE_BROWSER=1` allows the tests to do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

PACKAGES = ("playwright-core@1.65.1", "axe-core@4.14.1")
CHECK = Path(__file__).with_name("check.cjs")


def modules() -> Path:
    """Return the folder of the npm packages, whether they are there or not."""
    root = os.environ.get("HARNESS_CACHE") or user_cache_path("longcontext-harness")
    return Path(root) / "browser" / "-".join(name.replace("@", "_") for name in PACKAGES) / "node_modules"


def chromium() -> str | None:
    """Return the browser's path."""
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


def missing() -> str:
    """Say what is not here; nothing where all of it is."""
    lacking = [name for name in ("node", "npm") if shutil.which(name) is None]
    lacking += [] if chromium() else ["chromium"]
    lacking += [] if (modules() / "axe-core").is_dir() else [f"the npm packages {' and '.join(PACKAGES)}"]
    return ", ".join(lacking)


def install() -> None:
    """Put the npm packages into the cache, without their scripts."""
    modules().parent.mkdir(parents=True, exist_ok=True)
    command = [
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--no-save",
        "--prefix",
        modules().parent,
    ]
    subprocess.run([*command, *PACKAGES], check=True, capture_output=True, timeout=120)


def look_at(pages: Sequence[Mapping[str, Any]], timeout: int = 120) -> dict[str, Any]:
    """Look at pages, each as `check.cjs` says, in one browser; return what was found, by the pages' names."""
    job = {"modules": str(modules()), "chromium": chromium(), "pages": pages}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(job, file)
        file.flush()
        done = subprocess.run(["node", CHECK, file.name], capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout))
