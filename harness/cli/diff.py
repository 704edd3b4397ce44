"""`harness diff`: logged requests, asked of two models or more, without right answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import columns, json_option, print_json, results_option, say, set_option

if TYPE_CHECKING:
    from harness.diff.compare import Diff
    from harness.diff.config import DiffTable
    from harness.records import Result
    from harness.sweep import ModelTable

EVERY_S = 10.0


@click.command("diff")
@click.argument("log_file", metavar="REQUESTS.jsonl", type=click.Path(path_type=Path))
@click.argument("sweep_file", metavar="SWEEP.toml", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write an HTML page, too.")
@click.option(
    "--repeats", type=click.IntRange(min=2), default=2, show_default=True, help="Replies of each model to a request."
)
@click.option("--model", "names", multiple=True, help="Only this candidate; may be repeated.")
@click.option("--redact-sent", is_flag=True, help="Send the redacted requests, not the original ones.")
@click.option("--retry-errors", is_flag=True, help="Ask again wherever a call failed.")
@set_option
@results_option
@json_option
def command(
    log_file: Path,
    sweep_file: Path,
    output: Path | None,
    repeats: int,
    names: tuple[str, ...],
    redact_sent: bool,
    retry_errors: bool,
    sets: tuple[str, ...],
    results: Path,
    as_json: bool,
) -> int:
    """Ask logged requests of the baseline and of each candidate, several times over, and say what changed.

    There are no right answers, so nothing passes or fails: what is told is how much a candidate's replies differ beyond
    the baseline's own noise, where, and how. The same command continues an interrupted run.
    Exit code 4 when no request has all replies of both models.
    """
    from harness.diff.ask import ask, prepare
    from harness.diff.compare import diff_runs
    from harness.diff.config import load_diff
    from harness.diff.log import read_log
    from harness.diff.text import SCHEMA, plain
    from harness.engine.run_model import Options
    from harness.errors import ExitCode
    from harness.render.diff import render_diff
    from harness.sweep import chosen_models

    config = load_diff(sweep_file, sets)
    asking = prepare(config, read_log(log_file), redact_sent=redact_sent)
    chosen = [table.name for table in chosen_models(asking.sweep, names) if table.role != "baseline"]
    if not chosen:
        raise click.UsageError("--model names candidates: the baseline is always asked")
    for note in asking.notes:
        say(f"not asked: {note}")
    options = Options(results=results, start=_progress, say=say, retry_errors=retry_errors)
    runs = ask(asking, [config.baseline.name, *chosen], repeats, options)
    diffs = [
        diff_runs(runs[config.baseline.name], runs[name], asking.requests, repeats, config.table.label)
        for name in chosen
    ]
    if output:
        _write(render_diff(diffs, asking.notes, _redaction(config.table, redact_sent)), output)
    if as_json:
        print_json({"schema": SCHEMA, "not_asked": list(asking.notes), "diffs": [plain(each) for each in diffs]})
    else:
        click.echo("\n\n".join(map(_text, diffs)))
    return ExitCode.PASS if all(each.n for each in diffs) else ExitCode.INVALID


def _redaction(table: DiffTable, redact_sent: bool) -> str:
    """Say what was replaced, and in what."""
    names = ", ".join(sorted({"api_key", *table.redact, *table.patterns}))
    sent = "were sent redacted, too" if redact_sent else "were sent as they were logged"
    return f"Redacted before anything was stored: {names}. Requests {sent}."


def _write(page: str, output: Path) -> None:
    from harness.errors import StoreError
    from harness.store.run_dir import write_atomically

    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(output, page)
    except OSError as error:
        raise StoreError(f"the page cannot be written: {error.strerror}", where=str(output)) from None
    say(f"{output}: written")


def _text(diff: Diff) -> str:
    """Lay a diff out for a terminal. Control characters of replies, columns and ids are shown, never sent."""
    from harness.diff.text import SHOWN_PAIRS, heading, pair_lines, tables
    from harness.diff.wording import leads, notes, sentence
    from harness.gate.emit.clean import visible

    lines = [heading(diff), sentence(diff), *leads(diff.search), *(f"note: {note}" for note in notes(diff))]
    lines = list(map(visible, lines))
    for title, rows in tables(diff):
        cells = [list(map(visible, row)) for row in rows]
        lines += ["", visible(title), *([columns(cells, right=range(1, len(cells[0])))] if cells else [])]
    if diff.worst:
        shown = diff.worst[:SHOWN_PAIRS]
        lines += ["", f"Farthest apart ({len(shown)} of {len(diff.worst)} to read; the page and --json have the rest)"]
        lines += [visible(line) for pair in shown for line in pair_lines(pair)]
    return "\n".join(lines)


def _progress(table: ModelTable, total: int) -> Callable[[Result], None]:
    """Print a line on stderr now and then; there is no right or wrong to count."""
    done = failed = 0
    last = time.monotonic()

    def advance(result: Result) -> None:
        nonlocal done, failed, last
        done += 1
        failed += result.outcome == "invalid"
        if done == total or time.monotonic() - last >= EVERY_S:
            last = time.monotonic()
            say(
                f"{table.name}, pass {table.runs}: {done} of {total} replies" + (f", {failed} failed" if failed else "")
            )

    return advance
