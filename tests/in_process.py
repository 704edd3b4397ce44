"""The command line in this very process: as a user calls it, without the start of an interpreter."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from harness.cli.main import _exit_code


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def harness(*args: str | Path, cwd: Path, **environment: str) -> Done:
    """Call the command line; what it does to the environment does not outlive it."""
    out, err = io.StringIO(), io.StringIO()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "HARNESS_CACHE", "TMPDIR") if name in os.environ}
    with (
        mock.patch.dict(os.environ, {**kept, **environment}, clear=True),
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["harness", *map(str, args)]),
    ):
        code = int(_exit_code() or 0)
    return Done(code, out.getvalue(), err.getvalue())
