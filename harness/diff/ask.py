"""Asks every model the logged requests, several times over, and reads the runs back.

The passes take turns: baseline, candidates, baseline again, candidates again. A server that drifts with time or load
then shows as noise of the baseline, and not as a change of the candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.contexts import counter_named
from harness.diff.config import DiffConfig
from harness.diff.log import Log
from harness.diff.redact import Redactor
from harness.diff.task import Requests, left_out_lines, pins
from harness.engine.run_model import Options, run_model
from harness.errors import ConfigError
from harness.plan import Plan
from harness.records import Result
from harness.store import Run, load_run
from harness.sweep import LoadedSweep


@dataclass(frozen=True)
class Asking:
    """Everything that is known before the first call.

    Attributes:
        notes: which requests are not asked, and why.
    """

    sweep: LoadedSweep
    plan: Plan
    requests: Requests
    redactor: Redactor
    notes: tuple[str, ...]

    def kept(self, result: Result) -> Result:
        """Return what is stored of a result."""
        return self.redactor.result(result, self.requests.shown[result.sample_id])


def prepare(config: DiffConfig, log: Log, *, redact_sent: bool = False) -> Asking:
    """Lay out what is asked.

    Raises:
        ConfigError: no request is left, or redaction makes two ids the same.
    """
    table = config.table
    redactor = Redactor(table.redact, table.patterns, log.text)
    requests = Requests(log.requests, table, redactor, counter_named("reference"), redact_sent=redact_sent)
    asked = len(log.requests) - requests.too_long
    if not asked:
        raise ConfigError("every request is longer than max_length", where=f"{config.file}: [diff] max_length")
    if len(requests.logged) < asked:
        raise ConfigError("redaction makes two ids the same", where=str(config.file), fix="leave ids out of the log")
    sweep = config.loaded(pins(log.text, table, redact_sent=redact_sent), requests.longest)
    notes = left_out_lines(log.left_out, requests.too_long, table.max_length)
    return Asking(sweep, requests.plan(sweep.resolved.sweep.seed), requests, redactor, notes)


def ask(asking: Asking, names: Sequence[str], repeats: int, options: Options) -> dict[str, Run]:
    """Ask these models so many times each, in turns, and return their runs by name.

    What is on disk is not asked again; a run of fewer repeats is added to.
    """
    options = replace(options, kept=asking.kept)
    paths: dict[str, Path] = {}
    for each in range(1, repeats + 1):
        for table in asking.sweep.resolved.model:
            if table.name in names:
                turn = replace(options, say=_quiet_unless_last(options.say, each == repeats))
                asked = table.model_copy(update={"runs": each})
                try:
                    paths[table.name] = run_model(asking.sweep, asked, asking.plan, turn)
                except ConfigError as error:
                    if "does not fit the window" in error.what:
                        error.fix = "max_length in [diff] leaves longer requests out; or serve a larger window"
                    raise
    return {name: load_run(path) for name, path in paths.items()}


def _quiet_unless_last(say: Callable[[str], None], last: bool) -> Callable[[str], None]:
    """Say of early passes only what went wrong: that a pass is complete is no news while others follow."""
    return say if last else lambda line: say(line) if "no score" in line else None
