"""What can go wrong, and the exit code it ends with.

    HarnessError
    ├── UsageError                    exit 2: the command or a file it names must change
    │   ├── ConfigError               a sweep, a policy, a parameter
    │   ├── UnknownName               a task, model or run that does not exist
    │   └── WrongRun                  the run directory belongs to another sweep
    └── RunError                      exit 4: no verdict can be given
        ├── ServerError               cannot reach it, it refuses us, it does not know the model
        ├── StoreError                disk full, a damaged line, a second writer
        └── ComparisonError           two runs that cannot be paired

An error about input says where (file and key), what was found, what is allowed and how to mend it. A model's failed
call is none of these: it is a `ReplyError` in a row of the run, and the run goes on. `Ctrl-C` ends with 130.
Nothing here prints: `harness.cli` does.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a shell sees. `gate` alone gives 1 and 3."""

    PASS = 0
    REGRESSED = 1
    USAGE = 2
    INCONCLUSIVE = 3
    INVALID = 4
    INTERRUPTED = 130


class HarnessError(Exception):
    """A failure that a person can act on.

    Args:
        what: one sentence that says what is wrong.
        where: file, line and key, as far as they are known.
        found: what stood there.
        allowed: what may stand there.
        fix: what to do about it.
    """

    exit_code = ExitCode.INVALID

    def __init__(self, what: str, *, where: str = "", found: str = "", allowed: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.found, self.allowed, self.fix = what, where, found, allowed, fix

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        details = (("found", self.found), ("allowed", self.allowed), ("fix", self.fix))
        return "\n".join([head, *(f"  {name}: {text}" for name, text in details if text)])


class UsageError(HarnessError):
    """The command, or a file that it names, must change before anything can run."""

    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """A sweep, a policy or a task parameter is not what it may be."""


class UnknownName(UsageError):
    """A task, model, adapter or run of that name does not exist."""


class WrongRun(UsageError):
    """The run directory holds the replies of another sweep; nothing was written to it."""


class RunError(HarnessError):
    """The run is incomplete or the comparison is invalid: no verdict can be given."""


class ServerError(RunError):
    """The model's server cannot be reached, refuses the key or does not have the model."""


class StoreError(RunError):
    """The run on disk cannot be written or read; what was complete is still there."""


class ComparisonError(RunError):
    """Two runs cannot be paired sample by sample."""
